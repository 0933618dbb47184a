//! Replayed policies: whatever the order in which signed files are served, none below the newest is accepted.

use super::person::{Person, Receiver, receiver_and_person};
use super::policy::{NOW, ask, file, plain, sign, source, status};
use super::registry::REGISTRY;
use scruple::encode::Format;
#[cfg(unix)]
use scruple::files::FileError;
use scruple::identity::SystemRandom;
use scruple::policy::{OffVersions, OffWhere, Payload, PolicyRefused};
use scruple::privacy::Declarations;
use scruple::registry::Endpoint;
use scruple::spool::Limits;
use scruple::upload::asked::{PolicyFetcher, PolicyOutcome, PolicyState};
use scruple::upload::run::{FetchPolicy, NetworkConfig, RunEnd, UploadConfig};
use scruple_fixtures::{
    http::{Answer, Server, answer},
    source::FixedClock,
    trials,
};
use std::fs;
use std::path::Path;
use std::sync::Arc;

trials! {
    no_order_of_policies_restores_an_older_one,
    no_order_of_policies_sends_by_an_older_one,
    a_policy_that_turns_everything_off_is_stored_too,
    two_policies_of_one_serial_are_not_both_accepted,
    an_unreadable_policy_state_sends_nothing,
    // Of modes.
    #[cfg(unix)] a_full_or_read_only_folder_sends_nothing,
    two_judgements_at_once_keep_the_newest,
    ; "needs minutes":
    every_order_of_six_policies_by_whole_runs,
}

fn no_order_of_policies_sends_by_an_older_one() {
    whole_runs(3);
}

fn every_order_of_six_policies_by_whole_runs() {
    whole_runs(6);
}

/// A policy with its switch.
struct Served {
    serial: u64,
    file: Vec<u8>,
    /// Whether it lets the program send.
    is_on: bool,
}

/// Six policies: four serials, two files that share one, and a switch of each kind. All are signed, in force, and for this program.
fn six() -> [Served; 6] {
    let on = |payload: Payload| Served { serial: payload.serial, file: sign(&payload), is_on: true };
    let off = |payload: Payload| Served { is_on: false, ..on(payload) };
    let all = OffVersions { from: vec![], to: vec![] };
    let some = OffWhere { key: "asked.kind".to_owned(), members: vec!["two".to_owned()] };
    [
        on(Payload { serial: 4, ..plain() }),
        off(Payload { serial: 5, rollout_basis_points: Some(0), ..plain() }),
        on(Payload { serial: 6, ..plain() }),
        on(Payload { serial: 6, off_where: vec![some], ..plain() }),
        off(Payload { serial: 7, off_versions: vec![all], ..plain() }),
        on(Payload { serial: 8, disabled_signals: vec!["asked.run".to_owned()], ..plain() }),
    ]
}

/// What is right: the newest serial, and which of the files has it.
type Newest = Option<(u64, usize)>;

/// Whether the file may be accepted after others, and the newest after it.
fn right(newest: Newest, served: &Served, index: usize) -> (bool, Newest) {
    let this = (served.serial, index);
    let holds = newest.is_none_or(|newest| served.serial > newest.0 || newest == this);
    (holds, if holds { Some(this) } else { newest })
}

/// Judges a file over an app's folder for state.
fn judge(state: &Path, file: &[u8]) -> Result<(), RunEnd> {
    let asked = PolicyFetcher::new(source("https://127.0.0.1/asked.policy".to_owned())).unwrap();
    let registries = [&REGISTRY];
    let job = UploadConfig {
        state,
        terms: Declarations::all(&registries, &[], "1.0.0"),
        endpoint: &Endpoint::parse("http://127.0.0.1:9").unwrap(),
        ask: Arc::new(|| true),
        clock: &FixedClock::at(NOW * 1_000_000_000),
        random: &SystemRandom::new().unwrap(),
        limits: Limits::new(),
        format: Format::Json,
        gzip: false,
        network: NetworkConfig::default(),
        open: None,
        progress: &|_| {},
        policy: None,
    };
    asked.judge(Some(file), &job).map(|_| ())
}

/// Every order of the files that are left, each served after what was remembered of those before: one that two orders
/// begin with is served once. `serve` says whether anything may be sent, or is.
fn orders(
    state: &Path,
    files: &[Served],
    left: &[usize],
    newest: Newest,
    serve: &mut dyn FnMut(usize) -> bool,
) -> usize {
    let remembered = fs::read(state.join("policy")).ok();
    let ended = left.iter().map(|&index| {
        match &remembered {
            Some(bytes) => fs::write(state.join("policy"), bytes).unwrap(),
            None => drop(fs::remove_file(state.join("policy"))),
        }
        let served = &files[index];
        let (holds, next) = right(newest, served, index);
        assert_eq!(serve(index), holds && served.is_on, "{} after {newest:?}", served.serial);
        let rest: Vec<_> = left.iter().copied().filter(|other| *other != index).collect();
        orders(state, files, &rest, next, serve)
    });
    ended.sum::<usize>().max(1)
}

/// A folder in memory where there is one: a judgement waits for the disk twice.
fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn no_order_of_policies_restores_an_older_one() {
    let (folder, six) = (quick_folder(), six());
    let state = folder.path();
    let ended = orders(state, &six, &[0, 1, 2, 3, 4, 5], None, &mut |index| judge(state, &six[index].file).is_ok());
    assert_eq!(ended, 720);
}

/// Every order of the first of them, served to one person's program.
fn whole_runs(count: usize) {
    let six = six();
    let server = |served: &Served| Server::start(Answer::Bytes(answer("200 OK", "", &served.file)));
    let servers: Vec<_> = six[..count].iter().map(server).collect();
    let (receiver, person) = receiver_and_person();
    let left: Vec<_> = (0..count).collect();
    let ended = orders(&person.state(), &six, &left, None, &mut |index| {
        let _ = fs::remove_dir_all(person.state().join("queue"));
        person.run("fresh record=1");
        ask(&person, &servers[index]);
        person.upload();
        !receiver.0.take().is_empty()
    });
    assert_eq!(ended, (1..=count).product::<usize>());
}

fn a_policy_that_turns_everything_off_is_stored_too() {
    let all = OffVersions { from: vec![], to: vec![] };
    for off in [
        Payload { serial: 6, rollout_basis_points: Some(0), ..plain() },
        Payload { serial: 6, off_versions: vec![all], ..plain() },
    ] {
        let receiver = Receiver::new();
        let (newer, older) = (file(&off), file(&plain()));
        let person = Person::new(&receiver.0.url);
        ask(&person, &newer);
        person.run("fresh record=1");
        person.upload();
        assert!(status(&person).contains("newest serial 6"), "{}", status(&person));
        ask(&person, &older);
        for also in ["fresh record=1", "reset", "no", "yes", "fresh record=1"] {
            person.run(also);
            person.upload();
            assert_eq!(receiver.requests(), Vec::<String>::new(), "{also}");
        }
        assert!(status(&person).contains(&PolicyRefused::Replayed.to_string()), "{}", status(&person));
    }
}

fn two_policies_of_one_serial_are_not_both_accepted() {
    let receiver = Receiver::new();
    let one = file(&plain());
    let other = file(&Payload { disabled_signals: vec!["asked.run".to_owned()], ..plain() });
    let person = Person::new(&receiver.0.url);
    for (served, sent) in [(&one, 1), (&other, 0), (&one, 2)] {
        ask(&person, served);
        person.run("fresh record=1");
        person.upload();
        assert_eq!(receiver.0.take().len(), sent);
        let refused = status(&person).contains(&PolicyRefused::Contradicted.to_string());
        assert_eq!(refused, sent == 0, "{}", status(&person));
    }
}

/// What takes the place of the memory.
type Spoil = fn(&Path);

fn an_unreadable_policy_state_sends_nothing() {
    let spoils: &[(&str, Spoil)] = &[
        ("empty", |path| fs::write(path, "").unwrap()),
        ("cut", |path| {
            let text = fs::read(path).unwrap();
            fs::write(path, &text[..text.len() / 2]).unwrap();
        }),
        ("no UTF-8", |path| fs::write(path, b"\xff\xfe").unwrap()),
        ("a serial that is no number", |path| {
            let text = fs::read_to_string(path).unwrap();
            fs::write(path, text.replace("newest 9", "newest nine")).unwrap();
        }),
        ("a line more", |path| {
            let text = fs::read_to_string(path).unwrap();
            fs::write(path, text + "more 1\n").unwrap();
        }),
        ("too large", |path| fs::write(path, vec![b'a'; 2 << 20]).unwrap()),
        #[cfg(unix)]
        ("a dangling link", |path| {
            fs::remove_file(path).unwrap();
            std::os::unix::fs::symlink("nowhere", path).unwrap();
        }),
        ("a folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        #[cfg(unix)]
        ("others write it", |path| {
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        }),
    ];
    for (what, spoil) in spoils {
        let receiver = Receiver::new();
        let (newer, older) = (file(&Payload { serial: 9, ..plain() }), file(&plain()));
        let person = Person::new(&receiver.0.url);
        ask(&person, &newer);
        person.run("fresh record=1");
        person.upload();
        assert_eq!(receiver.0.take().len(), 1, "{what}");
        let path = person.state().join("policy");
        spoil(&path);
        let left = fs::symlink_metadata(&path).unwrap().len();
        for served in [&older, &newer] {
            ask(&person, served);
            person.run("fresh record=1");
            person.upload();
            assert_eq!(receiver.0.take().len(), 0, "{what}");
            let said = status(&person);
            assert!(said.contains("  no ") && said.contains("nothing is sent"), "{what}: {said}");
            assert!(person.run("status").contains("; nothing is sent, by the policy"), "{what}");
        }
        assert_eq!(fs::symlink_metadata(&path).unwrap().len(), left, "{what}: it is left as it is");
        assert!(PolicyState::read(&person.state()).is_err(), "{what}");
    }
}

#[cfg(unix)]
fn a_full_or_read_only_folder_sends_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let [one, ..] = six();
    let mode = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    let is_root = fs::write(folder.path().join("probe"), "").is_ok();
    let judged = judge(folder.path(), &one.file);
    mode(0o700);
    if !is_root {
        assert_eq!(judged, Err(RunEnd::Disk(FileError::Denied)));
    }
    assert_eq!(judge(&folder.path().join("gone"), &one.file), Err(RunEnd::Policy));
}

fn two_judgements_at_once_keep_the_newest() {
    for _ in 0..20 {
        let folder = quick_folder();
        let state = folder.path();
        let files: Vec<_> = (4..12).map(|serial| sign(&Payload { serial, ..plain() })).collect();
        std::thread::scope(|scope| {
            for file in &files {
                scope.spawn(move || judge(state, file));
            }
        });
        for (serial, file) in (4..12).zip(&files) {
            assert_eq!(judge(state, file).is_ok(), serial == 11, "{serial}");
        }
        let memory = PolicyState::read(state).unwrap();
        assert_eq!(memory.map(|memory| memory.found), Some(PolicyOutcome::Holds));
    }
}
