//! The real thing around a program: systemd with its units, and a container whose file system is read-only.

use super::first::inside;
use super::person::{Person, distinct, receiver_and_person};
use super::program::ROLE;
use scruple_fixtures::{trials, until};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

trials! {
    ; "needs root":
    a_container_with_a_read_only_file_system_delivers_or_says_why_not,
    ; "needs root and systemd: apt-get install systemd":
    a_unit_delivers_before_its_end_or_from_its_next_start,
}

/// Everything is read-only, but what `then` mounts.
fn read_only(then: &str) -> String {
    format!(
        "mount -o remount,bind,ro / && mount --bind \"$HOME\" \"$HOME\" && mount -o remount,bind,ro \"$HOME\" && {then} \
         ! touch \"$HOME/file\" 2>/dev/null && exec \"$0\""
    )
}

/// A volume in memory for the state, or none; and what is decided for a program and for a library.
const CONTAINERS: &[(&str, [&str; 2])] = &[
    ("mount -t tmpfs -o mode=700 state \"$HOME/.local/state\" &&", ["On SaidYes\n"; 2]),
    ("", ["Off Identity(File(ReadOnly))\n", "Off Spool(ReadOnly)\n"]),
];

fn a_container_with_a_read_only_file_system_delivers_or_says_why_not() {
    for (volume, decided) in CONTAINERS {
        for (is_library, decided) in [false, true].into_iter().zip(decided) {
            let (receiver, person) = receiver_and_person();
            if is_library {
                fs::write(person.home().join("library"), "").unwrap();
            }
            // The container's image holds the answer, and no state.
            fs::remove_dir_all(person.state()).unwrap();
            let script = read_only(volume);
            let container = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "/bin/sh", "-c", &script];
            let run = |variable: &str| {
                let output = inside(&person, "record=2 decide", &container).env(variable, "1").output().unwrap();
                let [printed, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
                assert_eq!((output.status.code(), &*errors), (Some(0), ""), "{volume}: {printed}");
                printed
            };
            assert_eq!(run("DO_NOT_TRACK"), "Off DoNotTrack\n");
            let printed = run("OTHER");
            assert_eq!(printed, *decided, "{is_library}, {volume}");
            let arrived = distinct(&receiver.records());
            assert_eq!(arrived, if decided.starts_with("On") { 2 } else { 0 }, "{is_library}, {volume}: {printed}");
        }
    }
}

/// systemd as the first process of namespaces of its own, below a control group of its own.
struct Manager {
    /// `unshare`, the parent of systemd.
    unshare: Child,
    groups: [(&'static str, PathBuf); 2],
}

/// Enters a control group of its own, and the namespaces.
const ENTER: &str = "
mount -t cgroup2 none \"$GROUPS_HERE\" && mkdir \"$GROUPS_HERE$GROUP\" &&
echo $$ >\"$GROUPS_HERE$GROUP/cgroup.procs\" &&
exec unshare --pid --fork --kill-child --mount --mount-proc --cgroup --uts --ipc /bin/sh -c \"$MANAGE\"";

const MANAGE: &str = "
umount --lazy \"$GROUPS_HERE\" /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup && mount -t tmpfs run /run &&
exec env -i container=other SYSTEMD_UNIT_PATH=\"$UNITS\" /lib/systemd/systemd --system --unit=units.target \
  --log-target=console --log-level=err --show-status=no";

const LEAVE: &str = "
mount -t cgroup2 none \"$GROUPS_HERE\" && find \"$GROUPS_HERE$GROUP\" -depth -type d -exec rmdir {} +";

impl Manager {
    /// With units that are already in the folder.
    fn start(person: &Person) -> Self {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap();
        let own = own.lines().find_map(|line| line.strip_prefix("0::")).expect("control groups of the second version");
        let group = format!("{}/scruple-{}", own.trim_end_matches('/'), std::process::id());
        let groups = [("GROUP", PathBuf::from(group)), ("GROUPS_HERE", person.home().join("groups"))];
        fs::create_dir(&groups[1].1).unwrap();
        fs::write(person.home().join("units/units.target"), "[Unit]\nDefaultDependencies=no\n").unwrap();
        let mut enter = Command::new("unshare");
        enter.args(["--mount", "/bin/sh", "-c", ENTER]).envs(groups.clone()).env("MANAGE", MANAGE);
        let unshare = enter.env("UNITS", person.home().join("units")).stdin(Stdio::null()).spawn().unwrap();
        let manager = Self { unshare, groups };
        until("systemd runs", || manager.control(&["is-active", "units.target"]).status.success());
        manager
    }

    /// `systemctl` in its namespaces.
    fn control(&self, arguments: &[&str]) -> Output {
        let id = self.unshare.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let systemd = children.split_whitespace().next().unwrap_or("0");
        let mut command = Command::new("nsenter");
        command.args(["--target", systemd, "--all", "systemctl", "--no-pager"]).args(arguments).output().unwrap()
    }

    /// Starts a unit for one run, waits until it has ended, and gives what is kept of a failure.
    fn run(&self, unit: &str) -> String {
        self.control(&["start", unit]);
        let shown = self.control(&["show", unit, "--property=ActiveState,Result,ExecMainCode,ExecMainStatus"]);
        String::from_utf8(shown.stdout).unwrap().replace('\n', " ")
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        self.unshare.kill().unwrap();
        self.unshare.wait().unwrap();
        let mut leave = Command::new("unshare");
        leave.args(["--mount", "/bin/sh", "-c", LEAVE]).envs(self.groups.clone()).stderr(Stdio::null());
        // All of its processes have been killed, and end now.
        until("its control groups are removed", || leave.status().unwrap().success());
    }
}

/// A unit that starts the program as systemd's own child.
fn unit(person: &Person, name: &str, kind: &str, role: &str, more: &str) {
    let folder = person.home().join("units");
    fs::create_dir_all(&folder).unwrap();
    let (program, home) = (std::env::current_exe().unwrap(), person.home().display().to_string());
    let text = format!(
        "[Unit]\nDefaultDependencies=no\n[Service]\nType={kind}\nWorkingDirectory={home}\nEnvironment=HOME={home}\n\
         Environment=\"{ROLE}={role}\"\n{more}ExecStart={}\n",
        program.display()
    );
    fs::write(folder.join(name), text).unwrap();
}

fn a_unit_delivers_before_its_end_or_from_its_next_start() {
    let (receiver, person) = receiver_and_person();
    unit(&person, "without.service", "oneshot", "record=2 exit", "Environment=DO_NOT_TRACK=1\n");
    unit(&person, "fails.service", "oneshot", "record=2 exit", "");
    unit(&person, "once.service", "oneshot", "number=1 record=2", "");
    let deep = person.home().join("deep.sh");
    fs::write(&deep, format!("/bin/sh -c '{}; true'; true", std::env::current_exe().unwrap().display())).unwrap();
    unit(&person, "deep.service", "oneshot", "number=3 record=2", "");
    let path = person.home().join("units/deep.service");
    let text = fs::read_to_string(&path).unwrap();
    let (head, _) = text.split_once("ExecStart=").unwrap();
    fs::write(&path, format!("{head}ExecStart=/bin/sh {}\n", deep.display())).unwrap();
    unit(&person, "daemon.service", "simple", "number=2 fresh record=3 wait", "");
    let manager = Manager::start(&person);
    // The same as without telemetry.
    let without = manager.run("without.service");
    assert_eq!(without, "Result=exit-code ExecMainCode=1 ExecMainStatus=3 ActiveState=failed ");
    assert_eq!(manager.run("fails.service"), without);
    let runs = |unit: &str, what: &str, count: usize| {
        until(what, || {
            // One budget of an end may be too short on a loaded machine.
            person.later();
            assert!(manager.control(&["start", unit]).status.success());
            distinct(&receiver.records()) >= count
        });
    };
    runs("once.service", "at the end, or from the next start", 4);
    runs("deep.service", "what a script of a script has recorded", 6);
    assert_eq!(person.waiting(), 0);
    manager.control(&["start", "daemon.service"]);
    until("the daemon has recorded", || person.waiting() == 1);
    // It is ended by `SIGTERM`, which it does not handle.
    assert!(manager.control(&["stop", "daemon.service"]).status.success());
    runs("once.service", "what the daemon has left", 9);
}
