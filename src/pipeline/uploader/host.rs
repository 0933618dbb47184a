//! The processes of an upload: the host, the starter that it waits for, and the uploader.
//!
//! ```text
//! host ──starts──> starter ──starts──> uploader
//!   └──waits for──────┘ (ends at once)
//! ```
//!
//! All three are the same executable. An uploader outlives its host by a minute where the receiver does not answer, so it
//! must not be the host's child: `wait()` would return it, or wait for it. Nor may it hold what the host was given, such
//! as a shell's lock or pipe: descriptors that are not close-on-exec are inherited, and the host can't change that flag,
//! since its other children may want them. So the starter's first act in `start` is to close them, to begin a session, to
//! start the uploader, and to exit. The host has waited for it until then; `wait()` has nothing left to return. A host that
//! handles `SIGCHLD` gets that signal once, for a child that is gone.
//!
//! Two hosts may be given the starter by `wait()` all the same. The uploader starts in spite of that:
//!
//! - a host whose handler of `SIGCHLD` calls `waitpid(-1)`;
//! - a host whose telemetry ends while another of its threads is in `wait()`. Whether other threads are there is asked
//!   only while the program runs, and a thread uploads then. At the end there is no time for a thread to upload, so that a
//!   program that always has other threads at its end would never upload.
//!
//! A host whose next child would be in another namespace of ids starts nothing: that child would be its first process.
//!
//! A host that has forbidden itself system calls (`seccomp(2)`) since it built the pipeline starts nothing: the filter may
//! kill it for that. Its records wait for the next program. The system calls of our threads, sockets and further threads
//! among them, can't be avoided like this: such a host has to allow them.
//!
//! Neither gets anything of the environment but [`HANDED_DOWN`]. The uploader runs in `/`, without arguments, terminal,
//! descriptors of the host or core dumps, which would hold records. Signals that the host ignores are ignored by it too.
//!
//! Linux: `proc(5)`, `execve(2)`, `setsid(2)`, `prctl(2)`, `seccomp(2)`.

mod mark;

use crate::pipeline::streams;
use mark::{Mark, Stage, UPLOADER};
use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, child_subreaper, getpid, getrlimit, setrlimit, setsid, umask};
use std::fs::{File, metadata, read_link};
use std::io::{BufRead as _, BufReader};
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// What an uploader is told of the environment: where the person's files are, and how to reach the network.
const HANDED_DOWN: [&str; 10] = [
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
];

/// How long a host waits for its starter, which is ended then. It takes as long as the program takes to get to `main`.
const LONGEST: Duration = Duration::from_secs(1);

/// How often it looks.
const PAUSE: Duration = Duration::from_micros(50);

/// Whether this is the main thread and no other is there.
pub(in crate::pipeline) fn is_alone() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").map(|entries| entries.take(2).count());
    rustix::thread::gettid() == getpid() && threads.is_ok_and(|threads| threads == 1)
}

/// Whether this process is the parent of processes whose own parent has ended, as the first process of a container is: it
/// would get the uploader back.
pub(super) fn adopts() -> bool {
    getpid().is_init() || child_subreaper().is_ok_and(|adopts| adopts.is_some())
}

/// The file that this process was started from.
pub(super) struct Executable {
    path: PathBuf,
    /// The filters of system calls that there were when the pipeline was built.
    filters: Vec<String>,
}

impl Executable {
    /// `None` if this code is not in it, but in another file: the dynamic loader was started with the program's name, or
    /// an interpreter has loaded a library.
    pub(super) fn of_this_code() -> Option<Self> {
        let path = read_link("/proc/self/exe").ok()?;
        (*mapped_here()? == *path.as_os_str().as_bytes()).then(|| Self { path, filters: filters() })
    }

    /// Whether it still has its name: another file has it after an update.
    fn is_there(&self) -> bool {
        let file = |path: &Path| metadata(path).ok().map(|found| (found.dev(), found.ino()));
        let running = file(Path::new("/proc/self/exe"));
        running.is_some() && file(&self.path) == running
    }

    /// Whether no filter was added since: it may kill a process for executing a file, and can't be asked whether it would.
    /// And whether a child would be in this process's namespace of ids.
    pub(super) fn may_start(&self) -> bool {
        self.filters == filters() && has_children_here()
    }

    /// Starts an uploader that is no child of this process. It fails silently: the next process starts another.
    pub(super) fn start(&self, app_id: &str) {
        if let Some(starter) = self.spawn(app_id, Stage::Starter, |command| command) {
            reap(starter);
        }
    }

    /// This program once more, for a part of an upload.
    fn spawn(&self, app_id: &str, stage: Stage, with: impl FnOnce(&mut Command) -> &mut Command) -> Option<Child> {
        let mark = Mark::of_child(app_id, stage).filter(|_| self.is_there())?;
        // The host may have closed them since.
        streams::occupy();
        let file = mark.file()?;
        let mut command = Command::new(&self.path);
        // Programs of several names look at it.
        command.arg0(std::env::args_os().next().unwrap_or_default());
        command.env_clear().env(UPLOADER, mark.to_string()).current_dir("/");
        command.envs(HANDED_DOWN.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.stdin(file.try_clone().ok()?).stdout(Stdio::null()).stderr(Stdio::null());
        let child = with(&mut command).spawn().ok()?;
        mark.note(&file, child.id());
        Some(child)
    }
}

/// Whether and how many filters of system calls (`seccomp(2)`) hold for this thread.
fn filters() -> Vec<String> {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("Seccomp")).map(str::to_owned).collect()
}

/// Whether a child of this process has the same namespace of ids. The link leads nowhere as long as a new one is empty;
/// before Linux 4.12 there is none.
fn has_children_here() -> bool {
    let (own, of_children) = ("/proc/self/ns/pid", "/proc/self/ns/pid_for_children");
    match read_link(of_children) {
        Ok(found) => read_link(own).is_ok_and(|own| own == found),
        Err(_) => std::fs::symlink_metadata(of_children).is_err(),
    }
}

/// The path of the file that this very function is in.
fn mapped_here() -> Option<Vec<u8>> {
    let here = mapped_here as fn() -> Option<Vec<u8>> as usize;
    let mut maps = BufReader::new(File::open("/proc/self/maps").ok()?);
    let mut line = Vec::new();
    while maps.read_until(b'\n', &mut line).ok()? > 0 {
        // `from-to` in hexadecimal; the path is the last field, and begins with the only slash before it.
        let mut ends = str::from_utf8(line.split(|&byte| byte == b' ').next()?).ok()?.split('-');
        let mut end = || usize::from_str_radix(ends.next()?, 16).ok();
        if (end()?..end()?).contains(&here) {
            let path = line.iter().position(|&byte| byte == b'/')?;
            return line.strip_suffix(b"\n")?.get(path..).map(<[u8]>::to_vec);
        }
        line.clear();
    }
    None
}

/// What this process was started for, if it was.
fn started_for() -> Option<&'static (Mark, Executable)> {
    static STARTED: OnceLock<Option<(Mark, Executable)>> = OnceLock::new();
    STARTED.get_or_init(|| Mark::read().zip(Executable::of_this_code())).as_ref()
}

/// Whose uploader this process is.
pub(in crate::pipeline) fn uploader_of() -> Option<&'static str> {
    started_for().filter(|(mark, _)| mark.stage == Stage::Uploader).map(|(mark, _)| mark.app_id.as_str())
}

/// What a process does first that was started for an upload. A starter ends here.
pub(in crate::pipeline) fn begin() {
    let Some((mark, executable)) = started_for() else { return };
    // Files of ours have the mode that they are to have, whatever the host's mask is.
    umask(Mode::RWXG | Mode::RWXO);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let maximum = getrlimit(Resource::Fsize).maximum;
    let _ = setrlimit(Resource::Fsize, Rlimit { current: maximum, maximum });
    let _ = rustix::thread::set_name(c"scruple-upload");
    if mark.stage == Stage::Uploader {
        return Mark::close();
    }
    // A session without a terminal; and a group of its own, for signals that are for none but the uploader.
    if close_inherited().is_some() && setsid().is_ok() {
        let _ = executable.spawn(&mark.app_id, Stage::Uploader, |uploader| uploader.process_group(0));
    }
    std::process::exit(0);
}

/// Closes every descriptor but the standard streams. To mark them close-on-exec would not be enough: a parent goes on as
/// soon as its child has begun to execute a file, and that is before the child's copies are closed.
fn close_inherited() -> Option<()> {
    let open = std::fs::read_dir("/proc/self/fd").ok()?;
    let numbers: Vec<RawFd> = open.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    // One was of the folder that was read, and is closed.
    for number in numbers.into_iter().filter(|number| *number > 2) {
        let _ = nix::unistd::close(number);
    }
    Some(())
}

/// Waits for a starter, so that it is nothing that a host's `wait()` could return.
fn reap(mut starter: Child) {
    if !ends(&mut starter) {
        let _ = starter.kill();
        // Again not for long: a process that hangs in a file system can't be killed.
        let _ = ends(&mut starter);
    }
}

fn ends(starter: &mut Child) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < LONGEST {
        match starter.try_wait() {
            Ok(None) => thread::sleep(PAUSE),
            // There is an error where the host ignores `SIGCHLD`, or has waited for it meanwhile: it has ended.
            Ok(Some(_)) | Err(_) => return true,
        }
    }
    false
}
