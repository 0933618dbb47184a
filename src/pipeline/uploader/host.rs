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
//! A host whose next child would be in another PID namespace starts nothing: that child would be its first process.
//!
//! A host that has restricted its system calls (`seccomp(2)`) since it built the pipeline starts nothing: the filter
//! may kill it for the attempt. The next program uploads its records. The system calls of our threads, including those
//! for sockets and further threads, can't be avoided this way: such a host must allow them.
//!
//! Starter and uploader inherit only [`HANDED_DOWN`] of the environment, and of the arguments the program's name, and the
//! first if it can be the name of a program: by these a program that is several in one finds the way to `start`. The
//! uploader runs in `/`, without terminal, descriptors of the host or core dumps, which would contain records. It ignores
//! the signals that the host ignores. Its name in `ps` is `scruple-upload`.
//!
//! Linux: `proc(5)`, `execve(2)`, `setsid(2)`, `prctl(2)`, `seccomp(2)`.

mod mark;

use crate::pipeline::streams;
use mark::{Mark, Stage, UPLOADER};
use rustix::fs::Mode;
use rustix::process::{Pid, Resource, Rlimit, child_subreaper, getpid, getppid, getrlimit, setrlimit, setsid, umask};
use std::ffi::OsStr;
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

/// The environment of an uploader: the variables of the person's folders and of the network.
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

/// The longest wait of a host for its starter, which is killed then. The starter takes as long as the program needs to
/// get to `main`.
const LONGEST: Duration = Duration::from_secs(1);

/// The longest name of a program in a file that is several in one, in bytes.
const MAX_PROGRAM_NAME: usize = 32;

/// The interval of checks during that wait.
const PAUSE: Duration = Duration::from_micros(50);

/// Whether this is the main thread and the only one.
pub(in crate::pipeline) fn is_alone() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").map(|entries| entries.take(2).count());
    rustix::thread::gettid() == getpid() && threads.is_ok_and(|threads| threads == 1)
}

/// Whether an uploader outlives this process, and is not its child. Not where this process [`adopts`] orphans; nor
/// where the system ends all processes of a container with its first one, or of a unit of systemd with its main one, if
/// that has started this process. Asked at the start: the first process is also the parent of a program whose own
/// parent has ended.
pub(super) fn may_leave_processes() -> bool {
    let is_first = getppid().is_some_and(Pid::is_init) || is_of_unit();
    !adopts() && !is_first
}

/// Whether this process adopts orphans, as the first process of a container does: it would become an uploader's parent.
pub(super) fn adopts() -> bool {
    getpid().is_init() || child_subreaper().is_ok_and(|adopts| adopts.is_some())
}

/// Whether this process or its parent is the one that systemd has started for a unit (`systemd.exec(5)`), or any process
/// of a service of the system. Not any of a person's session: a terminal is a unit too, and outlives what runs in it.
fn is_of_unit() -> bool {
    static STARTED: OnceLock<Option<i32>> = OnceLock::new();
    let read = || std::env::var_os("SYSTEMD_EXEC_PID")?.to_str()?.parse().ok();
    let started = STARTED.get_or_init(read);
    let started = started.and_then(Pid::from_raw);
    started.is_some_and(|unit| {
        let groups = || std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        [Some(getpid()), getppid()].contains(&Some(unit)) || is_in_service(&groups())
    })
}

/// Whether these control groups (`cgroups(7)`) are those of a service of the system.
fn is_in_service(groups: &str) -> bool {
    let mut paths = groups.lines().filter_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        ["", "name=systemd"].contains(&controllers).then_some(path)
    });
    paths.any(|path| path.ends_with(".service") && !path.starts_with("/user.slice/"))
}

/// The executable of this process.
pub(super) struct Executable {
    path: PathBuf,
    /// The system call filters at the time when the pipeline was built.
    filters: Vec<String>,
}

impl Executable {
    /// `None` if this code is in another file: the dynamic loader was started with the program's name, or an
    /// interpreter has loaded a library. The file may have been removed or replaced since it was started: a process of
    /// an upload must know itself then too.
    fn of_this_code() -> Option<Self> {
        let path = read_link("/proc/self/exe").ok()?;
        let is_here = *mapped_here()? == *path.as_os_str().as_bytes();
        is_here.then(|| Self { path, filters: filters() })
    }

    /// The executable to start again, if it is that of this code and still there.
    pub(super) fn to_start() -> Option<Self> {
        Self::of_this_code().filter(Self::is_there)
    }

    /// Whether the path still leads to this file: an update puts another file there.
    fn is_there(&self) -> bool {
        let file = |path: &Path| metadata(path).ok().map(|found| (found.dev(), found.ino()));
        let running = file(Path::new("/proc/self/exe"));
        running.is_some() && file(&self.path) == running
    }

    /// Whether no system call filter was added since: it may kill a process that executes a file, and can't be queried.
    /// Also whether a child would be in this process's PID namespace.
    pub(super) fn may_start(&self) -> bool {
        self.filters == filters() && has_children_here()
    }

    /// Starts an uploader that is not a child of this process. Errors are ignored: the next process starts another.
    pub(super) fn start(&self, app_id: &str) {
        if let Some(starter) = self.spawn(app_id, Stage::Starter, |command| command) {
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
        // Programs that are several in one choose by their name or by the first argument.
        let mut arguments = std::env::args_os();
        command.arg0(arguments.next().unwrap_or_default()).args(arguments.next().filter(|first| is_of_program(first)));
        command.env_clear().env(UPLOADER, mark.to_string()).current_dir("/");
        command.envs(HANDED_DOWN.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.stdin(file.try_clone().ok()?).stdout(Stdio::null()).stderr(Stdio::null());
        let child = with(&mut command).spawn().ok()?;
        mark.note(&file, child.id());
        Some(child)
    }
}

/// Whether an argument can be the name of a program in a file that is several in one. Every user can read the arguments
/// of an uploader, which outlives its host: no option, no path and no text of a person is handed down.
fn is_of_program(argument: &OsStr) -> bool {
    let bytes = argument.as_bytes();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MAX_PROGRAM_NAME).contains(&bytes.len()) && !bytes.starts_with(b"-") && bytes.iter().all(is_name)
}

/// The system call filters (`seccomp(2)`) of this thread: the mode and the number.
fn filters() -> Vec<String> {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("Seccomp")).map(str::to_owned).collect()
}

/// Whether a child of this process has the same PID namespace. The link has no target while a new namespace is empty;
/// before Linux 4.12 there is no link.
fn has_children_here() -> bool {
    let (own, of_children) = ("/proc/self/ns/pid", "/proc/self/ns/pid_for_children");
    match read_link(of_children) {
        Ok(found) => read_link(own).is_ok_and(|own| own == found),
        Err(_) => std::fs::symlink_metadata(of_children).is_err(),
    }
}

/// The path of the file that contains this function.
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

/// The stage that this process was started for, if there is one.
fn started_for() -> Option<&'static (Mark, Executable)> {
    static STARTED: OnceLock<Option<(Mark, Executable)>> = OnceLock::new();
    STARTED.get_or_init(|| Mark::read().zip(Executable::of_this_code())).as_ref()
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
    let _ = rustix::thread::set_name(c"scruple-upload");
    if mark.stage == Stage::Uploader {
        return Mark::close();
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
    let open = std::fs::read_dir("/proc/self/fd").ok()?;
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
    use super::{MAX_PROGRAM_NAME, is_in_service, is_of_program};
    use std::ffi::OsStr;

    #[test]
    fn a_service_of_the_system_is_not_a_persons() {
        for groups in
            ["0::/system.slice/words.service\n", "2:cpu:/\n1:name=systemd:/system.slice/words.service\n0::/\n"]
        {
            assert!(is_in_service(groups), "{groups}");
        }
        for groups in [
            "",
            "0::/\n",
            "2:cpu:/system.slice/words.service\n0::/\n",
            "0::/user.slice/user-1000.slice/session-2.scope\n",
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-terminal-7.service\n",
        ] {
            assert!(!is_in_service(groups), "{groups}");
        }
    }

    #[test]
    fn only_the_name_of_a_program_is_handed_down() {
        for name in ["words", "sha256sum", "git-lfs", "x_y", &"a".repeat(MAX_PROGRAM_NAME)] {
            assert!(is_of_program(OsStr::new(name)), "{name}");
        }
        for other in [
            "",
            "-",
            "--token=secret",
            "/home/jane/letter.txt",
            "letter.txt",
            "a b",
            "é",
            &"a".repeat(MAX_PROGRAM_NAME + 1),
        ] {
            assert!(!is_of_program(OsStr::new(other)), "{other}");
        }
    }
}
