//! What only Linux has, of the processes of an upload.
//!
//! A host whose next child would be in another PID namespace starts nothing: that child would be its first process.
//!
//! A host that has restricted its system calls (`seccomp(2)`) since it built the pipeline starts nothing: the filter
//! may kill it for the attempt. The next program uploads its records. The system calls of our threads, including those
//! for sockets and further threads, can't be avoided this way: such a host must allow them.
//!
//! The name of an uploader in `ps` is `scruple-upload`.
//!
//! Linux: `proc(5)`, `prctl(2)`, `seccomp(2)`, `pid_namespaces(7)`.

use rustix::process::{Pid, child_subreaper, getpid, getppid};
use rustix::thread::SecureComputingMode;
use std::fs::{File, read_link};
use std::io::{BufRead as _, BufReader};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder with an entry for each open descriptor.
pub(super) const DESCRIPTORS: &str = "/proc/self/fd";

/// Whether the program is at its beginning: this is the main thread, and the only one.
pub(in crate::pipeline) fn is_first_line() -> bool {
    is_alone()
}

/// Whether this is the main thread and the only one.
pub(in super::super) fn is_alone() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").map(|entries| entries.take(2).count());
    rustix::thread::gettid() == getpid() && threads.is_ok_and(|threads| threads == 1)
}

/// Whether this process adopts orphans, as the first process of a container does: it would become an uploader's parent.
pub(in super::super) fn adopts() -> bool {
    getpid().is_init() || child_subreaper().is_ok_and(|adopts| adopts.is_some())
}

/// Whether this process or its parent is the one that systemd has started for a unit (`systemd.exec(5)`), or any process
/// of a service of the system. Not any of a person's session: a terminal is a unit too, and outlives what runs in it.
pub(super) fn is_of_unit() -> bool {
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

/// The path of this process's executable, if this code is in it.
pub(super) fn executable() -> Option<PathBuf> {
    let path = read_link("/proc/self/exe").ok()?;
    (*mapped_here()? == *path.as_os_str().as_bytes()).then_some(path)
}

/// A path that leads to the running file, also after another was put in its place.
pub(super) fn running(_: &Path) -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

/// Names an uploader.
pub(super) fn name_process() {
    let _ = rustix::thread::set_name(c"scruple-upload");
}

/// The system call filters (`seccomp(2)`) of this thread: the mode and the number. A filter that was added since the
/// pipeline was built may kill a process that executes a file, and can't be queried. The mode of a thread without filters
/// costs one call, the number takes a file of 1.5 kB.
pub(super) fn restrictions() -> Vec<String> {
    if rustix::thread::secure_computing_mode().is_ok_and(|mode| mode == SecureComputingMode::Disabled) {
        return Vec::new();
    }
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("Seccomp")).map(str::to_owned).collect()
}

/// Whether a child of this process has the same PID namespace. The link has no target while a new namespace is empty;
/// before Linux 4.12 there is no link.
pub(super) fn has_children_here() -> bool {
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

#[cfg(test)]
mod tests {
    use super::is_in_service;

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
}
