//! The processes of an upload on Windows: the host, and the uploader that it starts.
//!
//! Both are the same executable. No process waits for any child there, so that no starter is needed. The uploader has no
//! console, is a process group of its own, and is outside of the host's job. A job that does not allow that may have somebody
//! who waits for all its processes: no uploader is started then, and a later run sends the records. It runs in the folder of Windows. While it runs, its file can be renamed, and not be replaced.
//!
//! A child inherits all handles that its parent may hand down, and the standard library can't name fewer. An inherited
//! pipe has a reader who would wait for the uploader. So an uploader is started only if each standard stream of the host
//! is a console, or is not there; in all other cases the uploader is a thread of the process. Other handles can't be found:
//! C libraries make files and sockets that are inherited, and such a one stays open for as long as the uploader, a minute
//! at most. A program that has them says `in_thread()`.
//!
//! Windows API: `CreateProcessW`, "Process creation flags".

#[path = "host/handed_down.rs"]
mod handed_down;
#[path = "host/mark.rs"]
mod mark;

use crate::consent::PurposeSet;
use crate::files::Inode;
use mark::{Mark, Stage, UPLOADER};
use std::io::{stderr, stdin, stdout};
use std::os::windows::io::AsRawHandle as _;
use std::os::windows::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use winapi_util::file::typ;
use winapi_util::{Handle, HandleRef};

/// The variables that sockets and folders need, and the libraries that a host loads: a missing one is a window of the system.
const SYSTEM: [&str; 7] = ["PATH", "SystemRoot", "SystemDrive", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP"];

const DETACHED_PROCESS: u32 = 0x0000_0008;
const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
const CREATE_BREAKAWAY_FROM_JOB: u32 = 0x0100_0000;

/// The executable of this process.
pub(super) struct Executable {
    path: PathBuf,
    /// It can be renamed and deleted while it is open here. It is looked at only when it is to be started.
    file: Handle,
    streams: Streams,
}

impl Executable {
    /// The executable to start again, by a program that [`is_first_line`] was true for.
    pub(super) fn to_start() -> Option<Self> {
        Self::of_file(std::env::current_exe().ok()?)
    }

    fn of_file(path: PathBuf) -> Option<Self> {
        let file = Handle::from_path_any(&path).ok()?;
        Some(Self { path, file, streams: streams() })
    }

    /// Whether the path still leads to this file: an update renames it, and puts another there.
    fn is_there(&self) -> bool {
        let found = Inode::of_open(&self.file);
        found.is_some() && found == Inode::of(&self.path)
    }

    /// Whether the host has the standard streams that it had at the start. Their kind is not looked up again: that waits
    /// while another thread reads one of them.
    pub(super) fn may_start(&self) -> bool {
        self.streams == streams()
    }

    /// Starts an uploader. Errors are ignored: the next process starts another.
    pub(super) fn start(&self, app_id: &str, only: Option<&str>) {
        let _ = self.spawn(app_id, only, DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP | CREATE_BREAKAWAY_FROM_JOB);
    }

    fn spawn(&self, app_id: &str, only: Option<&str>, flags: u32) -> Option<()> {
        let mark = Mark::of_child(app_id, Stage::Uploader).filter(|_| self.is_there())?;
        let file = mark.file()?;
        let mut command = Command::new(&self.path);
        command.args(handed_down::argument()).creation_flags(flags);
        command.env_clear().env(UPLOADER, mark.to_string()).envs(handed_down::variables(&SYSTEM));
        command.envs(only.map(|only| (PurposeSet::VARIABLE, only)));
        let windows = std::env::var_os("SystemRoot").map(PathBuf::from).filter(|path| path.is_dir());
        command.current_dir(windows.as_deref().unwrap_or(Path::new("\\")));
        command.stdin(file.try_clone().ok()?).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().ok()?;
        mark.note(&file, child.id());
        Some(())
    }
}

/// The values of the handles of the standard streams.
type Streams = [usize; 3];

fn streams() -> Streams {
    [stdin().as_raw_handle(), stdout().as_raw_handle(), stderr().as_raw_handle()].map(|handle| handle as usize)
}

/// Whether each standard stream is a console, or the device that takes everything, or is not there.
fn streams_are_consoles() -> bool {
    let streams = [HandleRef::stdin(), HandleRef::stdout(), HandleRef::stderr()];
    streams.iter().all(|stream| typ(stream).is_ok_and(|found| found.is_char() || found.is_unknown()))
}

/// Whether the program is at its beginning, as far as that is known: this is the main thread of a Rust program. Windows
/// itself starts threads before that. And whether nothing of the host's is handed down: asked only here, where no other
/// thread reads from a pipe, which would make this one wait.
pub(in crate::pipeline) fn is_first_line() -> bool {
    thread::current().name() == Some("main") && streams_are_consoles()
}

/// Whether this is the only thread: unknown.
pub(super) fn is_alone() -> bool {
    false
}

pub(super) fn may_leave_processes() -> bool {
    true
}

/// No process adopts others there.
pub(super) fn adopts() -> bool {
    false
}

fn started_for() -> Option<&'static Mark> {
    static STARTED: OnceLock<Option<Mark>> = OnceLock::new();
    STARTED.get_or_init(Mark::read).as_ref()
}

/// The app whose uploader this process is.
pub(in crate::pipeline) fn uploader_of() -> Option<&'static str> {
    started_for().filter(|mark| mark.stage == Stage::Uploader).map(|mark| mark.app_id.as_str())
}

/// The first action of a process that was started for an upload.
pub(in crate::pipeline) fn begin() {
    if started_for().is_some() {
        mark::close();
    }
}

#[cfg(test)]
mod tests {
    use super::Executable;
    use std::fs;

    #[test]
    fn an_executable_that_was_replaced_or_removed_is_not_started() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("words.exe");
        fs::write(&path, "of this version").unwrap();
        let executable = Executable::of_file(path.clone()).unwrap();
        assert!(executable.is_there() && executable.may_start());
        fs::rename(&path, place.path().join("words.old.exe")).unwrap();
        assert!(!executable.is_there());
        fs::write(&path, "of the next version").unwrap();
        assert!(!executable.is_there());
        assert!(executable.spawn("com.example.words", None, 0).is_none());
    }
}
