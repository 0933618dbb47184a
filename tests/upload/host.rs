//! Hosts in odd states: open locks and pipes, closed standard streams, a strange umask, low limits, ignored signals, a
//! deleted working folder, a `wait()` loop. Their uploads change nothing for them, although the receiver never answers.

use super::person::{Person, receiver_and_person};
use super::program::ROLE;
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::process::{Resource, Rlimit, WaitOptions, getrlimit, setrlimit};
use scruple::Telemetry;
use scruple_fixtures::{
    http::{Answer, Server},
    trials, until,
};
use std::cell::RefCell;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::fd::{AsFd, FromRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

trials! {
    twenty_hosts_in_odd_states_are_undisturbed,
    an_uploader_inherits_no_resource_of_its_host,
    a_thread_that_may_write_no_file_kills_no_host,
    a_hosts_output_to_closed_streams_reaches_no_file,
    a_umask_hides_no_file_from_the_next_process,
    ; "needs minutes":
    a_thousand_hosts_in_odd_states_are_undisturbed,
}

fn twenty_hosts_in_odd_states_are_undisturbed() {
    rounds(20);
}

fn a_thousand_hosts_in_odd_states_are_undisturbed() {
    rounds(1_000);
}

/// What the launcher does to itself before it becomes the host.
pub const LAUNCH: &str = "HOST_LAUNCH";

/// Splitmix64: the same states for the same number.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[usize::try_from(self.roll(among.len() as u64)).unwrap()]
    }
}

/// The state of one host.
#[derive(Debug)]
struct State {
    /// What the program does.
    role: String,
    /// What the launcher does, a word each.
    launch: String,
    /// Signals that are ignored.
    ignored: String,
    /// Whether it can record and open what an upload takes.
    uploads: bool,
    /// The secret is made by this very process.
    is_new: bool,
}

impl State {
    fn draw(dice: &mut Dice) -> Self {
        // A file that gets full has an upload started in the middle of the run, with children of the host around.
        let role = format!("{} host {}", dice.pick(&["record=3", "record=600"]), dice.pick(&["early", "late"]));
        let file_size = dice.pick(&["", "", "fsize=0", "fsize=1000", "fsize=100000000"]);
        let files = dice.pick(&["", "", "nofile=6", "nofile=64"]);
        let folder = dice.pick(&["", "", "", "gone"]);
        let reaper = dice.pick(&["", "", "", "reaper"]);
        let mut launch = vec![
            dice.pick(&["", "umask=0", "umask=777", "umask=27"]),
            file_size,
            files,
            dice.pick(&["", "core=0", "core=1000000"]),
            dice.pick(&["", "", "mask"]),
            folder,
            reaper,
            dice.pick(&["", "arg0=-program", "arg0=", "arg0=a/strange:name"]),
        ];
        if rustix::process::geteuid().is_root() {
            launch.push(dice.pick(&["", "nproc=1"]));
        }
        for closed in ["close=0", "close=1", "close=2"] {
            launch.push(dice.pick(&["", "", closed]));
        }
        Self {
            role,
            launch: launch.join(" "),
            ignored: dice.pick(&["", "", "HUP", "CHLD", "HUP INT QUIT TERM CHLD ALRM XFSZ"]).to_owned(),
            // Where nothing can be written or opened, or no project's no can be looked for, nothing is sent; a host that
            // adopts orphans starts no process that would be one, and its thread may end before it begins.
            uploads: !["fsize=0", "fsize=1000"].contains(&file_size)
                && files != "nofile=6"
                && folder != "gone"
                && reaper.is_empty(),
            is_new: dice.roll(4) == 0,
        }
    }

    /// Runs the host to its end. A lock and the writing end of a pipe are inherited by it, and by nothing else.
    fn run(&self, person: &Person, is_off: bool) -> Outcome {
        let lock = person.home().join("lock");
        let held = File::create(&lock).unwrap();
        held.lock().unwrap();
        let (mut pipe, writer) = std::io::pipe().unwrap();
        fcntl_setfd(&held, FdFlags::empty()).unwrap();
        fcntl_setfd(&writer, FdFlags::empty()).unwrap();
        let mut command = Command::new("/bin/sh");
        let trap = if self.ignored.is_empty() { String::new() } else { format!("trap '' {}; ", self.ignored) };
        command.args(["-c", &format!("{trap}exec \"$0\"")]).arg(std::env::current_exe().unwrap());
        command.env_clear().env("HOME", person.home()).env(ROLE, &self.role).env(LAUNCH, &self.launch);
        if is_off {
            command.env("DO_NOT_TRACK", "1");
        }
        let folder = person.home().join("folder");
        fs::create_dir_all(&folder).unwrap();
        command.current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut host = command.spawn().unwrap();
        drop((held, writer));
        let code = end(&mut host);
        // As soon as the host has ended.
        let is_free = File::open(&lock).unwrap().try_lock().is_ok();
        let (read, is_at_end) = rest(&mut pipe);
        let (stdout, no_more_output) = rest(host.stdout.as_mut().unwrap());
        let (stderr, no_more_errors) = rest(host.stderr.as_mut().unwrap());
        Outcome {
            code,
            printed: format!("{read}{stdout}{stderr}"),
            held: [is_free, is_at_end, no_more_output, no_more_errors],
        }
    }
}

/// What a shell that runs the host sees of it.
#[derive(Debug, PartialEq)]
struct Outcome {
    code: Option<i32>,
    printed: String,
    /// The lock is free, the pipe and both streams are at their end.
    held: [bool; 4],
}

/// The host's exit code; `None` if it was killed, by a signal or because it did not end.
fn end(host: &mut Child) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = host.try_wait().unwrap() {
            return status.code();
        }
        if start.elapsed() > scruple_fixtures::LONG {
            host.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What a pipe still holds, and whether nobody can write to it any more.
fn rest(mut pipe: impl AsFd + std::io::Read) -> (String, bool) {
    rustix::fs::fcntl_setfl(pipe.as_fd(), OFlags::NONBLOCK).unwrap();
    let mut read = Vec::new();
    let is_at_end = pipe.read_to_end(&mut read).is_ok();
    (String::from_utf8(read).unwrap(), is_at_end)
}

fn rounds(count: u64) {
    for number in 0..count {
        let state = State::draw(&mut Dice(number));
        // The system takes connections in; nothing ever reads from them.
        let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
        let person = Person::new(&format!("http://{}", deaf.local_addr().unwrap()));
        if state.is_new {
            fs::remove_dir_all(person.state()).unwrap();
        }
        let without = state.run(&person, true);
        assert_eq!(without.held, [true; 4], "{number} {state:?}");
        let with = state.run(&person, false);
        assert_eq!(with, without, "{number} {state:?}");
        if state.uploads {
            // Its uploader came, and waits for an answer.
            deaf.set_nonblocking(true).unwrap();
            until(&format!("an uploader connects: {number} {state:?}"), || deaf.accept().is_ok());
        }
    }
}

fn an_uploader_inherits_no_resource_of_its_host() {
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let person = Person::new(&format!("http://{}", deaf.local_addr().unwrap()));
    let state = State {
        role: "record=3 host early".to_owned(),
        launch: "umask=0 core=1000000 arg0=a/strange:name".to_owned(),
        ignored: String::new(),
        uploads: true,
        is_new: false,
    };
    state.run(&person, false);
    // While it waits for an answer.
    let (_held, _) = deaf.accept().unwrap();
    let home = format!("HOME={}\0", person.home().display());
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let uploader = processes.filter(|process| {
        fs::read(process.join("environ")).is_ok_and(|environ| String::from_utf8_lossy(&environ).contains(&home))
    });
    let uploader: Vec<_> = uploader.collect();
    let [process] = uploader.as_slice() else { panic!("not one uploader: {uploader:?}") };
    let read = |name: &str| String::from_utf8(fs::read(process.join(name)).unwrap()).unwrap();
    let link = |name: &str| fs::read_link(process.join(name)).unwrap();
    let files = fs::read_dir(process.join("fd")).unwrap().map(|entry| entry.unwrap().file_name());
    // It asks for consent now and then, and closes what it has read meanwhile.
    let files = files.filter_map(|file| Some((fs::read_link(process.join("fd").join(&file)).ok()?, file)));
    for (file, number) in files {
        let (file, home) = (file.to_str().unwrap(), person.home());
        let is_in = |folder: &str| Path::new(file).starts_with(home.join(folder).join("scruple/com.example.asked"));
        let is_its_own =
            file == "/dev/null" || file.starts_with("socket:") || is_in(".local/state") || is_in(".config");
        assert!(is_its_own, "{number:?} is {file}");
    }
    assert_eq!(link("cwd"), Path::new("/"));
    assert_eq!(read("comm"), "scruple-upload\n");
    assert_eq!(read("cmdline"), "a/strange:name\0");
    assert!(read("status").contains("\nUmask:\t0077\n") && read("status").contains("\nSigBlk:\t0000000000000000\n"));
    let limits = read("limits");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>(), ["0", "0", "bytes"]);
    // State, parent, group, session, terminal: it is in the session of a process that is gone, and leads its group.
    let stat = read("stat");
    let stat: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let own = process.file_name().unwrap();
    assert_eq!((stat[2], stat[4]), (own.to_str().unwrap(), "0"), "{stat:?}");
    assert_ne!(stat[1], std::process::id().to_string());
    assert!(stat[3] != own && !Path::new("/proc").join(stat[3]).exists(), "{stat:?}");
}

fn a_thread_that_may_write_no_file_kills_no_host() {
    let (receiver, person) = receiver_and_person();
    person.run("fresh record=3");
    person.later();
    let host = RefCell::new(person.command("thread wait").env(LAUNCH, "fsize=0").spawn().unwrap());
    let has_ended = || host.borrow_mut().try_wait().unwrap().is_some();
    until("the records arrive", || receiver.records().len() == 3);
    until("they wait no more, or the host has ended", || person.waiting() == 0 || has_ended());
    assert!(!has_ended());
    host.borrow_mut().kill().unwrap();
    host.borrow_mut().wait().unwrap();
}

const OWN: &[u8] = b"the host's own output\n";

/// Closes the standard streams, as a host in another language may have: Rust's `main` has opened them.
pub fn close_streams() {
    for stream in 0..=2 {
        // SAFETY: nothing here uses a standard stream any more but by its number, and all of it expects an error.
        drop(unsafe { OwnedFd::from_raw_fd(stream) });
    }
}

/// Writes to the standard streams while records are made and uploaded, until there is a file; and says whether each write
/// was refused.
pub fn write_to_streams(telemetry: &Telemetry, enough: &Path) -> ExitCode {
    let (input, output, errors) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let mut is_refused = telemetry.is_on();
    let mut is_enough = false;
    while !is_enough {
        is_enough = enough.exists();
        tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "one");
        for stream in [input.as_fd(), output.as_fd(), errors.as_fd()] {
            is_refused &= rustix::io::write(stream, OWN) == Err(Errno::BADF);
            is_refused &= rustix::io::read(stream, &mut [0; 1]) == Err(Errno::BADF);
        }
    }
    if is_refused { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn a_hosts_output_to_closed_streams_reaches_no_file() {
    // It never answers, so that the thread's connection is open all the time.
    let receiver = Server::start(Answer::Silence);
    let person = Person::new(&receiver.url);
    person.run("fresh record=3");
    for role in ["fresh record=1 bare", "thread record=1 bare"] {
        person.later();
        let mut host = person.start(role);
        if role.starts_with("thread") {
            until("the thread's request arrives", || !receiver.arrivals.lock().unwrap().is_empty());
        }
        fs::write(person.home().join("enough"), "").unwrap();
        let status = host.wait().unwrap();
        fs::remove_file(person.home().join("enough")).unwrap();
        let files = fs::read_dir(person.queue()).unwrap();
        let own = files.map(|file| fs::read(file.unwrap().path()).unwrap()).filter(|file| contains(file, OWN)).count();
        assert!(status.success() && own == 0, "{role}: {status}, {own} files hold it");
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The launcher: takes on a state, and becomes the host.
pub fn launch() -> ExitCode {
    let words = std::env::var(LAUNCH).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env_remove(LAUNCH);
    for word in words.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let limit = |resource| {
            let current = Some(value.parse().unwrap());
            setrlimit(resource, Rlimit { current, maximum: getrlimit(resource).maximum }).unwrap();
        };
        match name {
            "umask" => drop(rustix::process::umask(Mode::from_raw_mode(
                rustix::fs::RawMode::from_str_radix(value, 8).unwrap(),
            ))),
            "fsize" => limit(Resource::Fsize),
            "nofile" => limit(Resource::Nofile),
            "core" => limit(Resource::Core),
            "nproc" => limit(Resource::Nproc),
            #[cfg(target_os = "linux")]
            "reaper" => rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap(),
            "mask" => nix::sys::signal::SigSet::all().thread_block().unwrap(),
            "gone" => fs::remove_dir(std::env::current_dir().unwrap()).unwrap(),
            "arg0" => drop(command.arg0(value)),
            "close" => match value {
                "0" => fcntl_setfd(std::io::stdin(), FdFlags::CLOEXEC).unwrap(),
                "1" => fcntl_setfd(std::io::stdout(), FdFlags::CLOEXEC).unwrap(),
                _ => fcntl_setfd(std::io::stderr(), FdFlags::CLOEXEC).unwrap(),
            },
            other => panic!("no state {other}"),
        }
    }
    panic!("{}", command.exec());
}

/// The host's own work: two children, and a wait for every child that there is.
pub fn work(telemetry: Telemetry, is_early: bool) -> ExitCode {
    // A shell has something to say where its folder is gone.
    let child = || Command::new("/bin/sh").args(["-c", "exit 3"]).stderr(Stdio::null()).spawn().expect("a child").id();
    let own = [child(), child()];
    let reap = || {
        let mut reaped = [0, 0];
        loop {
            match rustix::process::wait(WaitOptions::empty()) {
                Ok(Some((pid, _))) => {
                    reaped[usize::from(!own.contains(&pid.as_raw_nonzero().get().unsigned_abs()))] += 1;
                }
                Ok(None) | Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        println!("{} children of its own, {} of others", reaped[0], reaped[1]);
    };
    if !is_early {
        reap();
    }
    drop(telemetry);
    reap();
    ExitCode::from(7)
}

/// Whether the state is to be taken on first.
pub fn is_launcher() -> bool {
    std::env::var_os(LAUNCH).is_some()
}

/// The umask takes the owner's rights from new files and folders: the next process could not open them.
fn a_umask_hides_no_file_from_the_next_process() {
    let (receiver, person) = receiver_and_person();
    for umask in ["0777", "0277", "0400"] {
        person.later();
        let program = person.command("record=1");
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("umask {umask}; exec \"$0\"")]).arg(program.get_program()).env_clear();
        shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(person.home());
        assert!(shell.status().unwrap().success(), "{umask}");
        let mut folders = vec![person.state()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                // An uploader may delete what was sent meanwhile.
                let path = entry.unwrap().path();
                let Ok(found) = path.symlink_metadata() else { continue };
                let mode = std::os::unix::fs::MetadataExt::mode(&found) & 0o777;
                assert_eq!(mode, if found.is_dir() { 0o700 } else { 0o600 }, "{umask}: {}", path.display());
                folders.extend(found.is_dir().then_some(path));
            }
        }
        person.drain();
        // An uploader that ends may write its report meanwhile.
        until("the state is removed", || std::fs::remove_dir_all(person.state()).is_ok());
    }
    until("all have arrived", || receiver.records().len() == 3);
}
