//! The spool and processes with limits, closed descriptors, a full disk, or a folder that can only be read.

use super::killed::{Player, SMALL, role, say, stem};
use super::kit::{self, NUMBERS, Process, drain, files, kit, new_state, receiver};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use scruple::LossReason;
use scruple::privacy::Sink as _;
use scruple::registry::SignalKind::{Event, Span};
use scruple::spool::{Limits, Queue, Spool};
use scruple::testing::Rehearsal;
use scruple_fixtures::trials;
use std::fs;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

trials! {
    the_systems_limit_of_a_file_kills_no_process,
    a_limit_that_is_lowered_while_a_file_is_open_kills_no_process,
    a_host_that_closes_every_descriptor_gets_nothing_in_its_own_files,
    a_queues_descriptor_is_never_a_standard_stream,
    an_uploader_that_may_write_no_file_lives_and_loses_nothing,
    ; "needs root":
    a_full_disk_loses_records_and_nothing_else,
    a_folder_that_can_only_be_read_loses_records_and_nothing_else,
}

/// Plays a role, for the tests that run it in a process of its own.
pub fn play(role: &str, state: &Path, number: u64) {
    match role {
        "limited" => limited(state, number),
        "lowered" => lowered(state, number),
        "daemon" => daemon(state, number),
        "streams" => streams(state),
        "keep" => keep(state),
        "full" => full(state),
        "denied" => denied(state),
        other => panic!("no role {other}"),
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
