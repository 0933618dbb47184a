//! The spool and real processes: killed at any moment, fifty at once, forgotten while they write, on a disk that is full.

use super::kit::{self, NUMBERS, Process, drain, files, kit, new_state, number, queue_folder, receiver};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use scruple::LossReason;
use scruple::privacy::Sink as _;
use scruple::registry::SignalKind::{self, Event, Span};
use scruple::spool::{Limits, Queue, Spool, forget};
use scruple::testing::Rehearsal;
use scruple_fixtures::trials;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

trials! {
    a_kill_loses_only_what_was_not_yet_written,
    fifty_processes_and_three_uploaders_lose_nothing_and_send_nothing_twice,
    an_uploader_that_is_killed_loses_nothing,
    no_file_has_a_record_after_a_deletion_and_one_more_write,
    the_systems_limit_of_a_file_kills_no_process,
    a_limit_that_is_lowered_while_a_file_is_open_kills_no_process,
    a_host_that_closes_every_descriptor_gets_nothing_in_its_own_files,
    a_queues_descriptor_is_never_a_standard_stream,
    an_uploader_that_may_write_no_file_lives_and_loses_nothing,
    ; "needs root":
    a_full_disk_loses_records_and_nothing_else,
    a_folder_that_can_only_be_read_loses_records_and_nothing_else,
}

/// Which role a process plays.
pub const ROLE: &str = "KILLED_ROLE";

/// What a second process is to do.
fn role(role: &str, state: &Path, number: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env_clear().env("HOME", std::env::var_os("HOME").unwrap());
    command.env(ROLE, role).env("STATE", state).env("NUMBER", number.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

struct Player {
    child: Child,
    told: BufReader<ChildStdout>,
}

impl Player {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        Self { child, told }
    }

    /// The next thing it says; `None` when it has ended.
    fn hear(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            // A process that is killed may leave half a line, which was not said.
            if self.told.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
                return None;
            }
            if let Some((_, said)) = line.trim_end().split_once("says: ") {
                return Some(said.to_owned());
            }
        }
    }

    fn say(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"go on\n").unwrap();
    }

    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.rest()
    }

    /// What it still says, to its end.
    fn end(mut self) -> Vec<String> {
        drop(self.child.stdin.take());
        let rest = self.rest();
        assert!(self.child.wait().unwrap().success());
        rest
    }

    fn rest(&mut self) -> Vec<String> {
        let rest = std::iter::from_fn(|| self.hear()).collect();
        self.child.wait().unwrap();
        rest
    }
}

/// Plays a role, for the tests that run it in a process of its own.
pub fn play(role: &str) -> ExitCode {
    let state = std::env::var_os("STATE").unwrap();
    let state = Path::new(&state);
    let number: u64 = std::env::var("NUMBER").unwrap().parse().unwrap();
    match role {
        "append" => append(state, number),
        "some" => some(state, number),
        "upload" => upload(state, number),
        "write" => write_until_told(state),
        "late" => late(state),
        "limited" => limited(state, number),
        "lowered" => lowered(state, number),
        "daemon" => daemon(state, number),
        "streams" => streams(state),
        "keep" => keep(state),
        "full" => full(state),
        "denied" => denied(state),
        other => panic!("no role {other}"),
    }
    ExitCode::SUCCESS
}

fn say(what: impl std::fmt::Display) {
    println!("says: {what}");
}

fn wait() {
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// A name that no other process has.
fn stem() -> u64 {
    u64::from(std::process::id()) << 32
}

/// Small files, so that many are made.
const SMALL: Limits = Limits::new().file_bytes(1_500).records(u64::MAX);

/// Appends for ever, and says each number after its write returned.
fn append(state: &Path, first: u64) {
    let process = Process::named(state, stem(), SMALL, |spool| spool);
    for number in first.. {
        process.append(Span, [number % NUMBERS]);
        say(number);
    }
}

fn a_kill_loses_only_what_was_not_yet_written() {
    let state = new_state("kill");
    let mut first = 0;
    for round in 0..25 {
        let mut player = Player::start(&mut role("append", &state, first));
        let mut said: u64 = 0;
        for _ in 0..=(round * round) % 41 {
            said = player.hear().expect("a number").parse().unwrap();
        }
        if let Some(last) = player.kill().last() {
            said = last.parse().unwrap();
        }
        let found: Vec<_> = drain(&state).into_iter().map(|(_, number)| number).collect();
        // All that it said, and at most one whose write returned before it could say so. On a busy machine a process
        // writes more records before it is killed than there are numbers.
        let upto = |last: u64| {
            let mut numbers: Vec<_> = (first..=last).map(|number| number % NUMBERS).collect();
            numbers.sort_unstable();
            numbers
        };
        let (expected, more) = (upto(said), upto(said + 1));
        assert!(found == expected || found == more, "{found:?}, but {first} to {said}");
        // What is left was not in its place yet, and nothing was in it.
        let left = files(&queue_folder(&state));
        assert!(left.iter().all(|(path, bytes)| path.to_str().unwrap().starts_with('.') && bytes.is_empty()));
        first = said + 2;
    }
    fs::remove_dir_all(state).unwrap();
}

/// Sixty numbers for each process.
const SOME: u64 = NUMBERS / 50;

fn some(state: &Path, index: u64) {
    let process = Process::named(state, stem(), SMALL, |spool| spool);
    for number in index * SOME..(index + 1) * SOME {
        process.append(Span, [number]);
        process.append(Event, [number]);
    }
    say("done");
    match index % 3 {
        0 => process.end(),
        1 => std::process::exit(0),
        _ => wait(),
    }
}

fn fifty_processes_and_three_uploaders_lose_nothing_and_send_nothing_twice() {
    let state = new_state("fifty");
    let mut players: Vec<_> = (0..50).map(|index| Player::start(&mut role("some", &state, index))).collect();
    let uploaders: Vec<_> = (0..3).map(|_| Player::start(&mut role("upload", &state, 0))).collect();
    for player in &mut players {
        assert_eq!(player.hear().as_deref(), Some("done"));
    }
    for (index, player) in players.into_iter().enumerate() {
        if index % 3 == 2 {
            player.kill()
        } else {
            player.end()
        };
    }
    let mut sent: Vec<_> = uploaders.into_iter().flat_map(Player::end).collect();
    sent.extend(drain(&state).into_iter().map(|(kind, number)| format!("{kind:?} {number}")));
    sent.sort();
    let mut all: Vec<_> =
        (0..NUMBERS).flat_map(|number| [Span, Event].map(|kind| format!("{kind:?} {number}"))).collect();
    all.sort();
    assert!(sent == all, "{} of {}", sent.len(), all.len());
    assert_eq!(files(&state).len(), 0);
    fs::remove_dir_all(state).unwrap();
}

/// Takes what there is again and again, and says each number before it is noted as delivered. It reads so many lines of
/// a file before it leaves the rest, or all for 0. It ends when it is told to and nothing is left.
fn upload(state: &Path, lines: u64) {
    static END: AtomicBool = AtomicBool::new(false);
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        END.store(true, Ordering::Relaxed);
    });
    loop {
        let is_last = END.load(Ordering::Relaxed);
        let Some(queue) = Queue::open(state, &receiver()).unwrap() else { continue };
        let mut is_empty = true;
        for mut taken in queue.finished().unwrap() {
            is_empty = false;
            let kind = taken.kind();
            let mut given = 0;
            while let Some(line) = taken.next_line().unwrap() {
                say(format_args!("{kind:?} {}", number(kind, line)));
                given += 1;
                if given == lines {
                    break;
                }
            }
            taken.deliver();
            if given == lines { taken.keep().unwrap() } else { taken.finish().unwrap() }
        }
        if is_last && is_empty {
            return;
        }
    }
}

fn an_uploader_that_is_killed_loses_nothing() {
    let state = new_state("killed-uploader");
    let process = Process::with(&state, Limits::new().file_bytes(6_000), |spool| spool);
    process.append(Span, 0..200);
    process.end();
    drop(process);
    let all: BTreeSet<_> = (0..200).collect();
    let mut sent = BTreeSet::new();
    let parse = |said: &str| said.split_once(' ').unwrap().1.parse::<u64>().unwrap();
    for round in 0..40_u64 {
        let mut player = Player::start(&mut role("upload", &state, 1 + round % 3));
        for _ in 0..=round % 5 {
            sent.extend(player.hear().as_deref().map(parse));
        }
        sent.extend(player.kill().iter().map(|said| parse(said)));
        let left =
            files(&queue_folder(&state)).into_iter().filter(|(path, _)| !path.to_str().unwrap().starts_with('.'));
        let bytes: Vec<u8> = left.flat_map(|(_, bytes)| bytes).collect();
        let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        let left: BTreeSet<_> = lines.map(|line| number(Span, line)).collect();
        assert_eq!(sent.union(&left).copied().collect::<BTreeSet<_>>(), all, "round {round}");
    }
    sent.extend(Player::start(&mut role("upload", &state, 3)).end().iter().map(|said| parse(said)));
    assert_eq!(sent, all);
    fs::remove_dir_all(state).unwrap();
}

/// Writes with two threads until it is told to stop, then once more with each.
fn write_until_told(state: &Path) {
    let (_telemetry, switch) = kit::switch(|builder| builder.preset(scruple::Preset::OperatorConsent));
    let spool = Spool::open(state, &receiver(), kit().encoder(), &switch, stem(), SMALL).unwrap();
    let stop = AtomicBool::new(false);
    let write = |kind: SignalKind| {
        for number in (0..NUMBERS).cycle() {
            spool.accept(kit().record(kind, number));
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        spool.accept(kit().record(kind, 0));
    };
    std::thread::scope(|scope| {
        scope.spawn(|| write(Span));
        scope.spawn(|| write(Event));
        say("on");
        wait();
        stop.store(true, Ordering::Relaxed);
    });
    say("stopped");
    wait();
    std::process::exit(0);
}

/// Decides, and opens its spool only when it is told to.
fn late(state: &Path) {
    let (_telemetry, switch) = kit::switch(|builder| builder.preset(scruple::Preset::OperatorConsent));
    say("on");
    wait();
    let spool = Spool::open(state, &receiver(), kit().encoder(), &switch, stem(), SMALL).unwrap();
    spool.accept(kit().record(Span, 0));
    spool.accept(kit().record(Event, 0));
    say("stopped");
    wait();
    std::process::exit(0);
}

fn no_file_has_a_record_after_a_deletion_and_one_more_write() {
    for _ in 0..5 {
        let state = new_state("forget");
        let home = new_state("home");
        fs::create_dir_all(&home).unwrap();
        let roles = ["write", "write", "write", "write", "late"];
        let mut players = roles.map(|name| Player::start(role(name, &state, 0).env("HOME", &home)));
        for player in &mut players {
            assert_eq!(player.hear().as_deref(), Some("on"));
        }
        assert!(!files(&state).is_empty() || Queue::open(&state, &receiver()).unwrap().is_some(), "they write");
        // A no that every process finds when it asks: an answer that is not understood.
        let answers = home.join(".config/scruple/com.example.spool");
        fs::create_dir_all(&answers).unwrap();
        fs::write(answers.join("telemetry.toml"), "no").unwrap();
        forget(&state).unwrap();
        for player in &mut players {
            player.say();
            assert_eq!(player.hear().as_deref(), Some("stopped"));
        }
        let left = files(&state);
        assert!(left.is_empty(), "{:?}", left.keys());
        for mut player in players {
            player.say();
            player.end();
        }
        assert!(files(&state).is_empty());
        fs::remove_dir_all(state).unwrap();
        fs::remove_dir_all(home).unwrap();
    }
}

fn limit(bytes: u64) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: Some(bytes), maximum }).unwrap();
}

fn lift() {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: maximum, maximum }).unwrap();
}

fn line() -> u64 {
    kit().line(Span, 0).len() as u64 + 1
}

fn say_counts(spool: &Spool) {
    let recorded = spool.recorded();
    say(format_args!("{} written, {} lost", recorded.written(), recorded.lost(LossReason::Disk)));
}

/// Files of so many bytes are the largest that may be written; the system kills whoever writes more.
fn limited(state: &Path, bytes: u64) {
    let process = Process::start(state);
    limit(bytes);
    process.append(Span, 0..10);
    lift();
    say_counts(&process.spool);
    process.append(Span, 10..20);
    say_counts(&process.spool);
}

fn the_systems_limit_of_a_file_kills_no_process() {
    for (bytes, said, found) in [
        (3 * line(), ["10 written, 0 lost", "20 written, 0 lost"], 20),
        (3 * line() - 1, ["10 written, 0 lost", "20 written, 0 lost"], 20),
        (line() - 1, ["0 written, 10 lost", "0 written, 20 lost"], 0),
        (0, ["0 written, 10 lost", "0 written, 20 lost"], 0),
    ] {
        let state = new_state("limited");
        assert_eq!(Player::start(&mut role("limited", &state, bytes)).end(), said, "{bytes}");
        assert_eq!(drain(&state), (0..found).map(|number| (Span, number)).collect::<Vec<_>>(), "{bytes}");
        fs::remove_dir_all(state).unwrap();
    }
}

/// The same, where the limit is lowered when the file is open.
fn lowered(state: &Path, bytes: u64) {
    let process = Process::start(state);
    process.append(Span, 0..2);
    limit(bytes);
    process.append(Span, 2..10);
    lift();
    say_counts(&process.spool);
}

fn a_limit_that_is_lowered_while_a_file_is_open_kills_no_process() {
    for (bytes, said, found) in [
        (3 * line(), "10 written, 0 lost", 10),
        (2 * line(), "10 written, 0 lost", 10),
        (line(), "10 written, 0 lost", 10),
        (line() - 1, "2 written, 8 lost", 2),
        (0, "2 written, 8 lost", 2),
    ] {
        let state = new_state("lowered");
        assert_eq!(Player::start(&mut role("lowered", &state, bytes)).end(), [said], "{bytes}");
        assert_eq!(drain(&state), (0..found).map(|number| (Span, number)).collect::<Vec<_>>(), "{bytes}");
        fs::remove_dir_all(state).unwrap();
    }
}

/// Closes every descriptor but the standard streams, as a daemon does when it begins.
fn close_all() {
    for number in 3..64 {
        // SAFETY: what is closed belongs to code that has to cope with it; that is what is tested.
        let _ = unsafe { libc::close(number) };
    }
}

/// Records, closes every descriptor, and opens as many files or folders of its own.
fn daemon(state: &Path, what: u64) {
    const OWN: std::ops::Range<i32> = 3..20;
    let (is_folders, is_forked) = (what & 1 == 1, what & 2 == 2);
    let process = Process::start(state);
    process.append(Span, 0..2);
    process.append(Event, 0..2);
    if is_forked {
        // SAFETY: the thread that this test runs on is all that the child needs.
        let child = unsafe { libc::fork() };
        if child != 0 {
            // SAFETY: a child of ours, and no status is asked for.
            let _ = unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
            std::process::exit(0);
        }
    }
    close_all();
    let own = state.with_extension("own");
    fs::create_dir_all(&own).unwrap();
    let path = |number: i32| if is_folders { own.clone() } else { own.join(number.to_string()) };
    for number in OWN {
        let mut options = fs::OpenOptions::new();
        let options = if is_folders { options.read(true) } else { options.read(true).write(true).create(true) };
        std::mem::forget(options.open(path(number)).unwrap());
    }
    process.append(Span, 2..4);
    process.append(Event, 2..4);
    let recorded = process.spool.recorded();
    process.end();
    drop(process);
    // SAFETY: it only looks at a number.
    let open = OWN.filter(|&number| unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0).count();
    let inside = fs::read_dir(&own).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    let bytes: usize = inside.map(|bytes| bytes.len() + usize::from(is_folders)).sum();
    let lost: Vec<_> = recorded.iter().map(|(why, count)| format!("{count} {why}")).collect();
    say(format_args!("{} of {} open, {bytes} bytes, {}", open, OWN.len(), lost.join(", ")));
    std::process::exit(0);
}

fn a_host_that_closes_every_descriptor_gets_nothing_in_its_own_files() {
    for what in 0..4 {
        let state = new_state("daemon");
        let said = Player::start(&mut role("daemon", &state, what)).end();
        assert_eq!(said, ["17 of 17 open, 0 bytes, 4 the program has closed the queue's descriptors"], "{what}");
        let found = [(Span, 0), (Span, 1), (Event, 0), (Event, 1)];
        assert_eq!(drain(&state), found, "{what}");
        fs::remove_dir_all(state.with_extension("own")).unwrap();
        fs::remove_dir_all(state).unwrap();
    }
}

/// Closes the standard streams, opens a queue and records.
fn streams(state: &Path) {
    let output = rustix::io::fcntl_dupfd_cloexec(std::io::stdout(), 3).unwrap();
    let (_telemetry, switch) = kit::switch(|builder| builder.rehearsal(Rehearsal::new()));
    for number in 0..3 {
        // SAFETY: nothing here uses a standard stream until there is one again.
        let _ = unsafe { libc::close(number) };
    }
    let spool = Spool::open(state, &receiver(), kit().encoder(), &switch, stem(), SMALL).unwrap();
    spool.accept(kit().record(Span, 0));
    spool.accept(kit().record(Event, 0));
    // SAFETY: it only looks at a number.
    let open: Vec<_> = (0..3).filter(|&number| unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0).collect();
    // They have to be there at the end of a Rust program.
    (0..3).for_each(|_| std::mem::forget(fs::File::options().read(true).write(true).open("/dev/null").unwrap()));
    // SAFETY: both are open.
    assert_eq!(unsafe { libc::dup2(output.as_raw_fd(), 1) }, 1);
    say(format_args!("open: {open:?}"));
}

fn a_queues_descriptor_is_never_a_standard_stream() {
    let state = new_state("streams");
    assert_eq!(Player::start(&mut role("streams", &state, 0)).end(), ["open: []"]);
    assert_eq!(drain(&state), [(Span, 0), (Event, 0)]);
    fs::remove_dir_all(state).unwrap();
}

/// Delivers one record of a file, and keeps the rest where no byte may be written.
fn keep(state: &Path) {
    let queue = Queue::open(state, &receiver()).unwrap().unwrap();
    let mut taken = queue.finished().unwrap().next().unwrap();
    assert!(taken.next_line().unwrap().is_some());
    taken.deliver();
    limit(0);
    let is_kept = taken.keep().is_ok();
    lift();
    say(format_args!("kept: {is_kept}"));
}

fn an_uploader_that_may_write_no_file_lives_and_loses_nothing() {
    let state = new_state("keep");
    let process = Process::start(&state);
    process.append(Span, 0..10);
    process.end();
    drop(process);
    assert_eq!(Player::start(&mut role("keep", &state, 0)).end(), ["kept: false"]);
    assert_eq!(drain(&state), (0..10).map(|number| (Span, number)).collect::<Vec<_>>());
    fs::remove_dir_all(state).unwrap();
}

/// Writes until the disk is full, and on when there is room again.
fn full(state: &Path) {
    let process = Process::with(state, Limits::new().records(u64::MAX), |spool| spool);
    let lost = || process.spool.recorded().lost(LossReason::Disk);
    let full = (0..NUMBERS).find(|&number| {
        process.append(Span, [number]);
        lost() > 0
    });
    let full = full.expect("it gets full");
    process.append(Span, full + 1..full + 3);
    assert_eq!(lost(), 3);
    fs::remove_file(state.join("filler")).unwrap();
    process.append(Span, full + 3..full + 6);
    assert_eq!(lost(), 3);
    say(full);
}

fn a_full_disk_loses_records_and_nothing_else() {
    let state = new_state("full");
    fs::create_dir_all(&state).unwrap();
    let run = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?}");
    run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k,mode=700", "scruple"]).arg(&state));
    fs::write(state.join("filler"), vec![0; 100_000]).unwrap();
    let said = Player::start(&mut role("full", &state, 0)).end();
    let full: u64 = said[0].parse().unwrap();
    let expected: Vec<_> = (0..full).chain(full + 3..full + 6).map(|number| (Span, number)).collect();
    let queue = Queue::open(&state, &receiver()).unwrap().unwrap();
    let mut taken = queue.finished().unwrap().next().expect("a finished file");
    let found: Vec<_> = kit::numbers(&mut taken).into_iter().map(|number| (Span, number)).collect();
    let dropped = taken.dropped();
    drop(taken);
    drop(queue);
    run(Command::new("umount").arg(&state));
    assert_eq!(found, expected);
    assert_eq!((dropped.nul, dropped.incomplete), (1, 0), "the part of one line that the disk took spoils no other");
    fs::remove_dir_all(state).unwrap();
}

/// Records into a folder that can only be read.
fn denied(state: &Path) {
    match rehearsed(state) {
        Ok(spool) => {
            (0..20).for_each(|number| spool.accept(kit().record(Span, number)));
            spool.close(std::time::Duration::ZERO);
            say_counts(&spool);
        }
        Err(trouble) => say(trouble),
    }
}

fn rehearsed(state: &Path) -> Result<Spool, scruple::files::FileError> {
    let (telemetry, switch) = kit::switch(|builder| builder.rehearsal(Rehearsal::new()));
    std::mem::forget(telemetry);
    Spool::open(state, &receiver(), kit().encoder(), &switch, stem(), Limits::new())
}

fn a_folder_that_can_only_be_read_loses_records_and_nothing_else() {
    let own = format!("queue/{}", receiver());
    for (folder, said) in
        [("", "permission is denied"), ("queue", "permission is denied"), (&own, "0 written, 20 lost")]
    {
        let state = new_state("denied");
        // All that leads to what can only be read is there.
        fs::create_dir_all(state.join(folder)).unwrap();
        let mut inside = state.join(folder);
        loop {
            let mode = if inside == state.join(folder) { 0o500 } else { 0o700 };
            fs::set_permissions(&inside, fs::Permissions::from_mode(mode)).unwrap();
            chown(&inside, Some(65_534), None).unwrap();
            if inside == state {
                break;
            }
            inside.pop();
        }
        assert_eq!(Player::start(role("denied", &state, 0).uid(65_534)).end(), [said], "{folder}");
        // Where the folder above can be written, the losses are counted in it.
        let left: Vec<_> = files(&state).into_keys().collect();
        let losses = if folder == own { vec![std::path::PathBuf::from("lost")] } else { Vec::new() };
        assert_eq!(left, losses, "{folder}");
        fs::remove_dir_all(state).unwrap();
    }
}
