//! The processes of an upload: the host, the starter, and the uploader.
//!
//! ```text
//! host ──starts──> starter ──starts──> uploader
//!   └──waits for──────┘ (ends at once)
//! ```
//!
//! All three are the same executable. An uploader outlives its host by a minute if the receiver does not answer, so it
//! must not be the host's child: `wait()` would return it, or wait for it. Nor may it hold the host's inherited
//! resources, such as a shell's lock or pipe: descriptors that are not close-on-exec are inherited, and the host can't
//! change that flag, since its other children may need them. So the starter, first in `start`, closes them, begins a
//! session, starts the uploader, and exits. The host waits for the starter; `wait()` has nothing left to return. A host
//! that handles `SIGCHLD` gets that signal once, for a child that is gone.
//!
//! In two cases `wait()` may still return the starter. The uploader starts nevertheless:
//!
//! - a host whose handler of `SIGCHLD` calls `waitpid(-1)`;
//! - a host whose telemetry ends while another of its threads is in `wait()`. Other threads are checked for only while
//!   the program runs, and a thread uploads then. At the end there is no time for a thread to upload, so a program that
//!   always has other threads at its end would never upload.
//!
//! Starter and uploader inherit only a few variables of the environment, and of the arguments the program's name, and the
//! first if it can be the name of a program: by these a program that is several in one finds the way to `start`. The
//! uploader runs in `/`, without terminal, descriptors of the host or core dumps, which would contain records. It ignores
//! the signals that the host ignores.
//!
//! `system` has what differs between systems: `host/linux.rs`, and `host/unix.rs` for the others.
//!
//! POSIX.1-2017: `execve`, `setsid`, `setrlimit`.

mod handed_down;
mod mark;
#[cfg_attr(target_os = "linux", path = "host/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "host/unix.rs")]
mod system;
#[cfg(all(test, target_os = "linux"))]
#[path = "host/unix.rs"]
mod system_of_others;

pub(in crate::pipeline) use system::is_first_line;
pub(super) use system::{adopts, is_alone};

use crate::consent::PurposeSet;
use crate::pipeline::streams;
use mark::{Mark, Stage, UPLOADER};
use rustix::fs::Mode;
use rustix::process::{Pid, Resource, Rlimit, getppid, getrlimit, setrlimit, setsid, umask};
use std::fs::metadata;
use std::os::fd::RawFd;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// The variables of the person's folders.
const FOLDERS: [&str; 4] = ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", PurposeSet::VARIABLE];

/// The longest wait of a host for its starter, which is killed then. The starter takes as long as the program needs to
/// get to `main`.
const LONGEST: Duration = Duration::from_secs(1);

/// The interval of checks during that wait.
const PAUSE: Duration = Duration::from_micros(50);

/// Whether an uploader outlives this process, and is not its child. Not where this process [`adopts`] orphans; nor
/// where the system ends all processes of a container with its first one, or of a unit of systemd with its main one, if
/// that has started this process. Asked at the start: the first process is also the parent of a program whose own
/// parent has ended.
pub(super) fn may_leave_processes() -> bool {
    let is_first = getppid().is_some_and(Pid::is_init) || system::is_of_unit();
    !adopts() && !is_first
}

/// The executable of this process.
pub(super) struct Executable {
    path: PathBuf,
    /// The file, if it was still there: device and inode.
    file: Option<(u64, u64)>,
    /// The restrictions at the time when the pipeline was built.
    restrictions: Vec<String>,
}

impl Executable {
    /// `None` if this code is in another file: the dynamic loader was started with the program's name, or an
    /// interpreter has loaded a library. The file may have been removed or replaced since it was started: a process of
    /// an upload must know itself then too.
    fn of_this_code() -> Option<Self> {
        let path = system::executable()?;
        let file = file(&system::running(&path));
        Some(Self { path, file, restrictions: system::restrictions() })
    }

    /// The executable to start again, if it is that of this code and still there.
    pub(super) fn to_start() -> Option<Self> {
        Self::of_this_code().filter(Self::is_there)
    }

    /// Whether the path still leads to this file: an update puts another file there.
    fn is_there(&self) -> bool {
        self.file.is_some() && file(&self.path) == self.file
    }

    /// Whether this process may start another as it could when the pipeline was built, and has it as a child.
    pub(super) fn may_start(&self) -> bool {
        self.restrictions == system::restrictions() && system::has_children_here()
    }

    /// Starts an uploader that is not a child of this process. Errors are ignored: the next process starts another.
    pub(super) fn start(&self, app_id: &str, only: Option<&str>) {
        let only = only.map(|only| (PurposeSet::VARIABLE, only));
        let starter = self.spawn(app_id, Stage::Starter, |command| command.env_remove(PurposeSet::VARIABLE).envs(only));
        if let Some(starter) = starter {
            reap(starter);
        }
    }

    /// Starts this program again, for a stage of an upload.
    fn spawn(&self, app_id: &str, stage: Stage, with: impl FnOnce(&mut Command) -> &mut Command) -> Option<Child> {
        let mark = Mark::of_child(app_id, stage).filter(|_| self.is_there())?;
        // The host may have closed them since.
        streams::occupy();
        let file = mark.file()?;
        let mut command = Command::new(&self.path);
        command.arg0(std::env::args_os().next().unwrap_or_default()).args(handed_down::argument());
        command.env_clear().env(UPLOADER, mark.to_string()).current_dir("/");
        command.envs(handed_down::variables(&FOLDERS));
        command.stdin(file.try_clone().ok()?).stdout(Stdio::null()).stderr(Stdio::null());
        let child = with(&mut command).spawn().ok()?;
        mark.note(&file, child.id());
        Some(child)
    }
}

fn file(path: &Path) -> Option<(u64, u64)> {
    metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// The stage that this process was started for, if there is one.
fn started_for() -> Option<&'static (Mark, Executable)> {
    static STARTED: OnceLock<Option<(Mark, Executable)>> = OnceLock::new();
    STARTED.get_or_init(|| Mark::read().and_then(|mark| Some((mark, Executable::of_this_code()?)))).as_ref()
}

/// The app whose uploader this process is.
pub(in crate::pipeline) fn uploader_of() -> Option<&'static str> {
    started_for().filter(|(mark, _)| mark.stage == Stage::Uploader).map(|(mark, _)| mark.app_id.as_str())
}

/// The first action of a process that was started for an upload. A starter exits here.
pub(in crate::pipeline) fn begin() {
    let Some((mark, executable)) = started_for() else { return };
    // Our files get their exact mode, whatever the host's mask is.
    umask(Mode::RWXG | Mode::RWXO);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let maximum = getrlimit(Resource::Fsize).maximum;
    let _ = setrlimit(Resource::Fsize, Rlimit { current: maximum, maximum });
    system::name_process();
    if mark.stage == Stage::Uploader {
        return mark::close();
    }
    // A session without a terminal; and a process group for signals to the uploader alone.
    if close_inherited().is_some() && setsid().is_ok() {
        let _ = executable.spawn(&mark.app_id, Stage::Uploader, |uploader| uploader.process_group(0));
    }
    std::process::exit(0);
}

/// Closes every descriptor but the standard streams. Close-on-exec would not be enough: a parent continues as soon as
/// its child has begun to execute a file, which is before the child's copies are closed.
fn close_inherited() -> Option<()> {
    let open = std::fs::read_dir(system::DESCRIPTORS).ok()?;
    let numbers: Vec<RawFd> = open.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    // One belonged to the folder that was read, and is closed.
    for number in numbers.into_iter().filter(|number| *number > 2) {
        let _ = nix::unistd::close(number);
    }
    Some(())
}

/// Waits for a starter, so that a host's `wait()` can't return it.
fn reap(mut starter: Child) {
    if !ends(&mut starter) {
        let _ = starter.kill();
        // Limited again: a process that hangs in a file system can't be killed.
        let _ = ends(&mut starter);
    }
}

fn ends(starter: &mut Child) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < LONGEST {
        match starter.try_wait() {
            Ok(None) => thread::sleep(PAUSE),
            // An error means that the host ignores `SIGCHLD`, or has waited for it meanwhile: it has ended.
            Ok(Some(_)) | Err(_) => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #[cfg(not(target_os = "linux"))]
    use super::system as system_of_others;
    #[cfg(target_os = "linux")]
    use super::system_of_others;

    #[test]
    fn a_system_that_tells_less_starts_processes_too() {
        // Tests run on threads of their own, which are not the first line of `main`.
        assert!(!system_of_others::is_first_line());
        assert_eq!(system_of_others::executable(), None);
        let path = std::env::current_exe().unwrap();
        assert_eq!(system_of_others::running(&path), path);
        assert!(std::fs::read_dir(system_of_others::DESCRIPTORS).unwrap().count() > 2);
        assert!(system_of_others::restrictions().is_empty() && system_of_others::has_children_here());
        assert!(!system_of_others::is_alone() && !system_of_others::adopts() && !system_of_others::is_of_unit());
        system_of_others::name_process();
    }
}
