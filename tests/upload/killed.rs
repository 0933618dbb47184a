//! The spool and real processes: killed at any moment, fifty at once, forgotten while they write.

use super::kit::{self, NUMBERS, Process, drain, files, kit, new_state, number, queue_folder, receiver};
use scruple::privacy::Sink as _;
use scruple::registry::SignalKind::{self, Event, Span};
use scruple::spool::{Limits, Queue, Spool, forget};
use scruple_fixtures::{person, trials};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

trials! {
    a_kill_loses_only_what_was_not_yet_written,
    fifty_processes_and_three_uploaders_lose_nothing_and_send_nothing_twice,
    an_uploader_that_is_killed_loses_nothing,
    no_file_has_a_record_after_a_deletion_and_one_more_write,
}

/// The app whose records these are.
const APP: &str = "com.example.spool";

/// Which role a process plays.
pub const ROLE: &str = "KILLED_ROLE";

/// What a second process is to do.
pub fn role(role: &str, state: &Path, number: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env_clear().envs(person::environment(&std::env::home_dir().unwrap()));
    command.env(ROLE, role).env("STATE", state).env("NUMBER", number.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

pub struct Player {
    child: Child,
    told: BufReader<ChildStdout>,
}

impl Player {
    pub fn start(command: &mut Command) -> Self {
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
    pub fn end(mut self) -> Vec<String> {
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
        #[cfg(unix)]
        other => super::limited::play(other, state, number),
        #[cfg(windows)]
        other => panic!("no role {other}"),
    }
    ExitCode::SUCCESS
}

pub fn say(what: impl std::fmt::Display) {
    println!("says: {what}");
}

fn wait() {
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// A name that no other process has.
pub fn stem() -> u64 {
    u64::from(std::process::id()) << 32
}

/// Small files, so that many are made.
pub const SMALL: Limits = Limits::new().file_bytes(1_500).records(u64::MAX);

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
    // Unlike Windows, Wine lets another process open a deleted file while a third still has it open. The lock of an upload
    // keeps uploaders apart.
    if cfg!(windows) {
        sent.dedup();
    }
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
        let _turn = person::Turn::take(APP);
        let roles = ["write", "write", "write", "write", "late"];
        let mut players = roles.map(|name| Player::start(role(name, &state, 0).envs(person::environment(&home))));
        for player in &mut players {
            assert_eq!(player.hear().as_deref(), Some("on"));
        }
        assert!(!files(&state).is_empty() || Queue::open(&state, &receiver()).unwrap().is_some(), "they write");
        // A no that every process finds when it asks: an answer that is not understood.
        let answers = person::settings(&home, APP);
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
