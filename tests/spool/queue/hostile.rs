//! What others may have put into the folders: nothing of it is followed, read, waited for or removed, but by forgetting.

use super::kit::{Process, drain, kit, name, new_state, put, queue_folder, receiver};
#[cfg(unix)]
use nix::{sys::stat::Mode, unistd::mkfifo};
use scruple::privacy::Sink as _;
use scruple::registry::SignalKind::{Event, Span};
use scruple::spool::{Limits, Queue, Spool, forget};
use std::fs;
#[cfg(unix)]
use std::os::unix::{
    fs::{PermissionsExt as _, chown, symlink},
    net::UnixListener,
};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

#[cfg(unix)]
pub fn pipe(path: &Path) {
    mkfifo(path, Mode::S_IRWXU).unwrap();
}

/// A file outside that would be deleted, read or written if anything were followed.
struct Outside {
    folder: PathBuf,
    file: PathBuf,
}

impl Outside {
    fn new() -> Self {
        let folder = new_state("outside");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name(1, Span));
        fs::write(&file, b"private\n").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        Self { folder, file }
    }

    #[track_caller]
    fn stays_untouched(self) {
        let entries = fs::read_dir(&self.folder).unwrap().count();
        assert_eq!((entries, fs::read(&self.file).unwrap()), (1, b"private\n".to_vec()));
        fs::remove_dir_all(self.folder).unwrap();
    }
}

/// The kind and mode of an entry; on Windows, its attributes.
fn kind(found: &fs::Metadata) -> u32 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::mode(found);
    #[cfg(windows)]
    return std::os::windows::fs::MetadataExt::file_attributes(found);
}

/// Every entry of a folder, with its kind, size and time.
fn entries(folder: &Path) -> Vec<(PathBuf, u32, u64, SystemTime)> {
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let found = fs::symlink_metadata(&path).unwrap();
            (path, kind(&found), found.len(), found.modified().unwrap())
        })
        .collect();
    all.sort();
    all
}

/// Forgets what is in the state folder, and nothing outside.
#[track_caller]
fn forgets_all(state: &Path, outside: Outside, what: &str) {
    forget(state).unwrap();
    assert_eq!(fs::read_dir(state).unwrap().count(), 0, "{what}");
    outside.stays_untouched();
    fs::remove_dir_all(state).unwrap();
}

/// Puts one thing into the queue beside a good file: it is neither taken nor touched, and the good one is.
#[track_caller]
fn check(what: &str, put_it: impl FnOnce(&Path, &Outside)) {
    let state = new_state("hostile");
    let outside = Outside::new();
    drop(Process::start(&state));
    let folder = queue_folder(&state);
    put_it(&folder, &outside);
    let before = entries(&folder);
    assert!(!before.is_empty(), "{what}");
    put(&state, &name(0xaa, Span), &[kit().line(Span, 1), b"\n"].concat());
    let queue = Queue::open(&state, &receiver()).unwrap().unwrap();
    assert_eq!((queue.waiting().unwrap().files, queue.waiting().unwrap().records), (1, Some(1)), "{what}");
    // In 15 days, with no room for anything else: whatever may be removed is.
    let later = SystemTime::now() + Duration::from_secs(15 * 24 * 60 * 60);
    assert_eq!(drain(&state), [(Span, 1)], "{what}");
    queue.clean(&Limits::new().files(0).bytes(0), later).unwrap();
    assert_eq!(entries(&folder), before, "{what}");
    // A process whose file would have that very name.
    let process = Process::named(&state, 1, Limits::new(), |spool| spool);
    process.append(Span, [2]);
    process.append(Event, [2]);
    drop(process);
    assert_eq!(drain(&state), [(Span, 2), (Event, 2)], "{what}");
    assert_eq!(entries(&folder), before, "{what}");
    forgets_all(&state, outside, what);
}

// Windows makes no symbolic link without a right of its own, and has no modes; Wine stores no name that is not text.
#[cfg(unix)]
fn check_what_windows_has_not(good: &str) {
    check("a link to a file outside", |folder, outside| symlink(&outside.file, folder.join(good)).unwrap());
    check("a link to a folder outside", |folder, outside| symlink(&outside.folder, folder.join(good)).unwrap());
    check("a link to nothing", |folder, _| symlink("nothing", folder.join(good)).unwrap());
    check("a link to itself", |folder, _| symlink(good, folder.join(good)).unwrap());
    check("a pipe", |folder, _| pipe(&folder.join(good)));
    check("a socket", |folder, _| {
        // A socket's address is short.
        let socket = std::env::temp_dir().join(format!("scruple-{}", std::process::id()));
        drop(UnixListener::bind(&socket).unwrap());
        fs::rename(&socket, folder.join(good)).or_else(|_| fs::remove_file(&socket)).unwrap();
        pipe(&folder.join("a socket, if it is the same disk"));
    });
    check("a temporary name that is a link", |folder, outside| {
        symlink(&outside.file, folder.join(format!(".{good}"))).unwrap();
    });
    check("others may write", |folder, _| {
        fs::write(folder.join(good), "theirs\n").unwrap();
        fs::set_permissions(folder.join(good), fs::Permissions::from_mode(0o620)).unwrap();
    });
    check("a name that is not text", |folder, _| {
        use std::os::unix::ffi::OsStrExt as _;
        fs::write(folder.join(std::ffi::OsStr::from_bytes(b"\xff\xfe.traces.jsonl")), "garbage\n").unwrap();
    });
}

#[test]
fn a_foreign_file_is_left_unchanged() {
    let good = name(1, Span);
    #[cfg(unix)]
    check_what_windows_has_not(&good);
    check("another name of a file outside", |folder, outside| {
        fs::hard_link(&outside.file, folder.join(&good)).unwrap();
    });
    check("a folder", |folder, _| {
        fs::create_dir(folder.join(&good)).unwrap();
        fs::write(folder.join(&good).join(name(2, Span)), "inside\n").unwrap();
    });
    check("a temporary name that is a folder", |folder, _| fs::create_dir(folder.join(format!(".{good}"))).unwrap());
    for other in
        ["garbage", "00000000000000001.traces.jsonl", "0000000000000001.TRACES.jsonl", "..traces.jsonl", ".lock"]
    {
        check(other, |folder, _| fs::write(folder.join(other), "garbage\n").unwrap());
    }
}

/// A folder of the queue that is not as we make it: nothing is recorded and nothing taken.
#[track_caller]
fn check_refused(what: &str, spoil: impl FnOnce(&Path, &Outside)) {
    let state = new_state("hostile");
    let outside = Outside::new();
    drop(Process::start(&state));
    spoil(&state, &outside);
    let (_telemetry, switch) = super::kit::switch(|builder| builder.rehearsal(scruple::testing::Rehearsal::new()));
    let opened = Spool::open(&state, &receiver(), kit().encoder(), &switch, 1, Limits::new());
    if let Ok(spool) = &opened {
        spool.accept(kit().record(Span, 1));
    }
    assert!(opened.is_err(), "{what}");
    assert!(Queue::open(&state, &receiver()).is_err(), "{what}");
    outside.stays_untouched();
    let _ = fs::remove_dir_all(state);
}

#[cfg(unix)]
fn replace(path: &Path, link_to: &Path) {
    fs::remove_dir_all(path).unwrap();
    symlink(link_to, path).unwrap();
}

#[test]
fn a_folder_with_another_mode_or_kind_is_not_used() {
    #[cfg(unix)]
    {
        let open_to_all = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        check_refused("the state folder is open to all", |state, _| open_to_all(state));
        check_refused("the queue is open to all", |state, _| open_to_all(&state.join("queue")));
        check_refused("the version is open to all", |state, _| open_to_all(&queue_folder(state)));
        check_refused("the queue is a link", |state, outside| replace(&state.join("queue"), &outside.folder));
        check_refused("the version is a link", |state, outside| replace(&queue_folder(state), &outside.folder));
        check_refused("the version is a pipe", |state, _| {
            fs::remove_dir(queue_folder(state)).unwrap();
            pipe(&queue_folder(state));
        });
    }
    check_refused("the queue is a file", |state, _| {
        fs::remove_dir_all(state.join("queue")).unwrap();
        fs::write(state.join("queue"), "").unwrap();
    });
    check_refused("the version is a file", |state, _| {
        fs::remove_dir(queue_folder(state)).unwrap();
        fs::write(queue_folder(state), "").unwrap();
    });
}

// Of owners.
#[cfg(unix)]
#[test]
#[ignore = "needs root: gives files to another user"]
fn another_users_file_is_left_unchanged() {
    check("a file of another user", |folder, _| {
        fs::write(folder.join(name(1, Span)), "theirs\n").unwrap();
        fs::set_permissions(folder.join(name(1, Span)), fs::Permissions::from_mode(0o600)).unwrap();
        chown(folder.join(name(1, Span)), Some(65_534), None).unwrap();
    });
    let give_away = |path: &Path| chown(path, Some(65_534), None).unwrap();
    check_refused("a state folder of another user", |state, _| give_away(state));
    check_refused("a queue of another user", |state, _| give_away(&state.join("queue")));
    check_refused("a version of another user", |state, _| give_away(&queue_folder(state)));
}

fn make_read_only(folder: &Path) {
    #[cfg(unix)]
    fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
    #[cfg(windows)]
    scruple_fixtures::files::make_read_only(folder);
}

/// Makes something at the path of the queue; the other path is that of a folder outside.
type QueueSpoil = fn(&Path, &Path);

#[test]
fn a_deletion_deletes_links_and_not_their_targets() {
    let spoils: &[(&str, QueueSpoil)] = &[
        #[cfg(unix)]
        ("the queue is a link", |path, outside| symlink(outside, path).unwrap()),
        ("the queue is a file", |path, _| fs::write(path, "").unwrap()),
        #[cfg(unix)]
        ("the queue is a pipe", |path, _| pipe(path)),
        ("the queue can only be read", |path, outside| {
            fs::create_dir_all(path.join("1/a/b")).unwrap();
            fs::write(path.join("1/a/b/c"), "").unwrap();
            #[cfg(unix)]
            symlink(outside, path.join("1/a/b/d")).unwrap();
            fs::hard_link(outside.join(name(1, Span)), path.join("1/a/b/e")).unwrap();
            for inside in ["1/a/b/c", "1/a/b", "1/a", "1", ""] {
                make_read_only(&path.join(inside));
            }
        }),
    ];
    for (what, spoil) in spoils {
        let state = new_state("hostile");
        let outside = Outside::new();
        fs::create_dir_all(&state).unwrap();
        spoil(&state.join("queue"), &outside.folder);
        forgets_all(&state, outside, what);
    }
}

#[test]
fn a_deletion_finds_the_remains_of_a_killed_one() {
    let state = new_state("hostile");
    forget(&state).unwrap();
    assert!(!state.exists(), "nothing is made");
    let outside = Outside::new();
    drop(Process::start(&state));
    // On Windows, files are renamed and no folders.
    let gone = |random: &str| state.join(if cfg!(windows) { ".gone." } else { "gone-" }.to_owned() + random);
    fs::write(gone("fedcba9876543210"), "left\n").unwrap();
    #[cfg(unix)]
    {
        fs::create_dir_all(gone("0123456789abcdef").join("1")).unwrap();
        fs::write(gone("0123456789abcdef").join("1").join(name(1, Span)), "left\n").unwrap();
        symlink(&outside.folder, gone("0000000000000000")).unwrap();
    }
    // Deeper than there are file descriptors; on Windows, where none is held, a longer path than most programs can use.
    let (root, depth) = if cfg!(windows) { (state.join("queue"), 60) } else { (gone("1111111111111111"), 300) };
    let mut deep = root;
    (0..depth).for_each(|_| deep.push("folder"));
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("file"), "left\n").unwrap();
    // No name of Windows ends with a dot.
    let mut kept = vec![
        gone(if cfg!(windows) { "0" } else { "" }),
        gone("0123456789abcdef0"),
        state.join("sent"),
        state.join("stamp"),
    ];
    // Windows has no two names that differ in their case alone, and takes this one for a remain.
    kept.extend(cfg!(unix).then(|| gone("0123456789ABCDEF")));
    kept.sort();
    kept.iter().for_each(|path| fs::write(path, "kept\n").unwrap());
    forget(&state).unwrap();
    let left: Vec<_> = entries(&state).into_iter().map(|(path, ..)| path).collect();
    assert_eq!(left, kept);
    outside.stays_untouched();
    fs::remove_dir_all(state).unwrap();
}

// Of `/proc`.
#[cfg(unix)]
#[test]
#[ignore = "needs time and a million inodes: a minute on a slow disk"]
fn a_million_files_take_a_few_megabytes() {
    let state = new_state("million");
    drop(Process::start(&state));
    let folder = queue_folder(&state);
    for stem in 0..1_000_000 {
        fs::File::create(folder.join(name(stem, Span))).unwrap().set_len(1).unwrap();
    }
    let queue = Queue::open(&state, &receiver()).unwrap().unwrap();
    let before = resident();
    let now = SystemTime::now();
    assert_eq!(queue.waiting().unwrap().files, 1_000_000);
    assert_eq!(queue.finished().unwrap().count(), scruple::limits::MAX_LISTED);
    let cleaned = queue.clean(&Limits::new(), now).unwrap();
    assert_eq!(cleaned.over_files, 1_000_000 - 500);
    let grown = resident().saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KiB");
    forget(&state).unwrap();
    fs::remove_dir_all(state).unwrap();
}

/// The most memory that this process ever had, in KiB.
#[cfg(unix)]
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
