//! The secret's file: what is not exactly what was written is never taken for it.

mod foreign;
mod periods;
mod processes;

use super::{FILE, IdentityError, Installation, StoredIdentity, forget, installation, look, parse, write};
use crate::files::{Access, Deletion, FileError, FileId, Folder, Inode};
use crate::identity::tests::rows;
use crate::identity::{Secret, SystemRandom};
use crate::limits::SECOND;
use crate::registry::Rotation;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::{TempDir, tempdir};

/// A file as it is: its path, identity, size, mode, time and content.
type Seen = (PathBuf, Option<Inode>, u64, fs::Permissions, Option<SystemTime>, Option<Vec<u8>>);

/// A moment, in nanoseconds since the epoch.
const NOON: u64 = 1_795_000_000 * SECOND;

/// A folder for state.
struct State(TempDir);

impl State {
    fn new() -> Self {
        Self(tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join(FILE)
    }

    fn at(&self, rotation: Rotation, now: u64) -> Result<Installation, IdentityError> {
        let found = installation(self.path(), rotation, now, &SystemRandom::new().unwrap(), &|| true);
        found.map(|found| found.expect("it is on"))
    }

    /// The secret of a month.
    #[track_caller]
    fn secret(&self, now: u64) -> [u8; 32] {
        self.at(Rotation::Monthly, now).unwrap().secret.0
    }

    /// Everything below the folder that a change would change.
    fn snapshot(&self) -> Vec<Seen> {
        let mut entries: Vec<_> = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.push(self.path().to_owned());
        entries.sort();
        let about = |path: PathBuf| {
            let found = fs::symlink_metadata(&path).unwrap();
            let is_small = found.is_file() && found.len() < 10_000;
            let content = is_small.then(|| fs::read(&path).unwrap());
            let inode = found.is_file().then(|| Inode::of(&path).unwrap());
            // On Windows, a lock is a file in the folder while it is held.
            let is_timed = found.is_file() || cfg!(unix);
            (path, inode, found.len(), found.permissions(), found.modified().ok().filter(|_| is_timed), content)
        };
        entries.into_iter().map(about).collect()
    }
}

/// Refused, by reading and by looking, and left as it is.
#[track_caller]
fn check(state: &State, expected: IdentityError, what: &str) {
    let before = state.snapshot();
    assert_eq!(state.at(Rotation::Monthly, NOON).err(), Some(expected), "{what}");
    assert_eq!(look(state.path(), Rotation::Monthly).err(), Some(expected), "{what}");
    assert_eq!(state.snapshot(), before, "{what}: it is left as it is");
}

#[test]
fn a_stored_secret_has_another_implementations_checksum() {
    for row in rows("stored") {
        let secret = Secret::new(row.how.as_slice().try_into().unwrap());
        let numbers: Vec<u64> = row.key.split(' ').map(|number| number.parse().unwrap()).collect();
        let [phase, period, born, inode] = numbers[..] else { panic!("four numbers: {}", row.key) };
        let kept = StoredIdentity { secret, phase, period, is_copied: false };
        assert_eq!(kept.check(FileId { born, inode }), row.result);
    }
}

#[test]
fn the_same_secret_is_read_again() {
    let state = State::new();
    let first = state.secret(NOON);
    let before = state.snapshot();
    assert_eq!(state.secret(NOON), first);
    assert_eq!(look(state.path(), Rotation::Monthly).unwrap().unwrap().secret.0, first);
    assert_eq!(state.snapshot(), before, "reading changes nothing");
    assert_ne!(State::new().secret(NOON), first, "another installation");
}

#[test]
fn a_cut_file_is_refused() {
    let state = State::new();
    let first = state.secret(NOON);
    let whole = fs::read(state.file()).unwrap();
    for length in 0..whole.len() - 1 {
        fs::write(state.file(), &whole[..length]).unwrap();
        check(&state, IdentityError::Malformed, &format!("{length} bytes"));
    }
    // The last byte says nothing.
    fs::write(state.file(), &whole[..whole.len() - 1]).unwrap();
    assert_eq!(state.secret(NOON), first);
}

#[test]
fn a_file_with_a_damaged_byte_is_unchanged_or_refused() {
    let state = State::new();
    let first = state.secret(NOON);
    let whole = fs::read(state.file()).unwrap();
    let mark = mark(&state);
    let (mut same, mut none) = (0, 0);
    for at in 0..whole.len() {
        let flipped = (0..8).map(|bit| whole[at] ^ 1 << bit);
        for byte in flipped.chain(*b"0123456789abcdefABCDEF_+-.\"'\n\r\t #=[{") {
            let mut damaged = whole.clone();
            damaged[at] = byte;
            match parse(&damaged, mark) {
                Ok(kept) => {
                    assert!(kept.secret.0 == first && !kept.is_copied, "byte {at} is {byte:#x}");
                    same += 1;
                }
                Err(_) => none += 1,
            }
        }
        // And through the file, with the one that is most like it.
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(state.file(), &damaged).unwrap();
        let read = state.at(Rotation::Monthly, NOON);
        assert!(
            read.is_err_and(|why| matches!(why, IdentityError::Malformed | IdentityError::Newer))
                || state.secret(NOON) == first
        );
        assert_eq!(fs::read(state.file()).unwrap(), damaged, "byte {at}");
    }
    assert!(same > 100 && none > 1_000, "{same} in the comment and as they were, {none} elsewhere");
}

#[test]
fn a_file_of_another_format_is_refused() {
    let state = State::new();
    state.secret(NOON);
    let text = fs::read_to_string(state.file()).unwrap();
    let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned() + "\n";
    let number = |key: &str| line(key).trim_end().rsplit_once(' ').unwrap().1.to_owned();
    let changed = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from} is there");
        changed
    };
    let mut forms = vec![
        (changed("format = 2", "format = 3"), IdentityError::Newer),
        (changed("format = 2", "format = 4\nmore = 1"), IdentityError::Newer),
        (changed("format = 2", "format = 1"), IdentityError::Malformed),
        (changed("format = 2", "format = 0"), IdentityError::Malformed),
        (changed("format = 2", "format = -1"), IdentityError::Malformed),
        (changed("format = 2", "format = 0x2"), IdentityError::Malformed),
        (changed("format = 2", "format = 2.0"), IdentityError::Malformed),
        (changed("format = 2", "format = \"2\""), IdentityError::Malformed),
        (changed("format = 2", "format = 18446744073709551616"), IdentityError::Malformed),
        (changed("format = 2", "format = 2\nmore = 1"), IdentityError::Malformed),
        (changed("format = 2", "format = 2\n[more]"), IdentityError::Malformed),
        (changed("secret", "\"Secret\""), IdentityError::Malformed),
        (text.to_uppercase(), IdentityError::Malformed),
        (format!("{text}[[more]]\n"), IdentityError::Malformed),
        (format!("\u{feff}{text}\0"), IdentityError::Malformed),
        (String::new(), IdentityError::Malformed),
    ];
    for key in ["secret", "phase", "period", "born", "inode", "check"] {
        forms.push((changed(&line(key), ""), IdentityError::Malformed));
        forms.push((changed(&line(key), &line(key).repeat(2)), IdentityError::Malformed));
        forms.push((changed(&line(key), &format!("{key} = []\n")), IdentityError::Malformed));
    }
    for key in ["phase", "period", "born", "inode"] {
        let value: u64 = number(key).parse().unwrap();
        for other in [
            format!("-{}", value.max(1)),
            format!("{value:#x}"),
            format!("{value:#o}"),
            format!("{value}.0"),
            format!("\"{value}\""),
            (value ^ 1).to_string(),
            u64::MAX.to_string(),
            format!("{}0", u64::MAX),
        ] {
            forms.push((changed(&line(key), &format!("{key} = {other}\n")), IdentityError::Malformed));
        }
    }
    for key in ["secret", "check"] {
        let value = number(key);
        let inside = value.trim_matches('"');
        let digit = if inside.starts_with('0') { '1' } else { '0' };
        for other in [
            format!("\"{}\"", "g".repeat(inside.len())),
            format!("\"{inside}00\""),
            format!("\"{}\"", &inside[2..]),
            format!("\"{digit}{}\"", &inside[1..]),
            format!("\"é{}\"", &inside[2..]),
            "\"\"".to_owned(),
        ] {
            forms.push((changed(&value, &other), IdentityError::Malformed));
        }
    }
    for (form, expected) in forms {
        fs::write(state.file(), &form).unwrap();
        check(&state, expected, &form);
    }
    fs::write(state.file(), b"format = 1\n\xff").unwrap();
    check(&state, IdentityError::Malformed, "no text");
}

fn mark(state: &State) -> FileId {
    Folder::make(state.path()).unwrap().read(FILE, Access::Secret).unwrap().unwrap().1
}

#[test]
fn a_file_is_identified_by_inode_and_creation_time() {
    let state = State::new();
    let first = state.secret(NOON);
    let (text, mark) = (fs::read(state.file()).unwrap(), mark(&state));
    assert!(!String::from_utf8(text.clone()).unwrap().contains("device"), "that changes with each mount");
    let is_copied = |mark| parse(&text, mark).unwrap().is_copied;
    assert!(!is_copied(mark) && is_copied(FileId { inode: mark.inode + 1, ..mark }));
    assert_eq!(is_copied(FileId { born: mark.born + 1, ..mark }), mark.born != 0);
    assert!(!is_copied(FileId { born: 0, ..mark }), "where it is not known, the inode alone tells");
    // Another version has left the number of a device in it.
    let kept = StoredIdentity { secret: Secret::new(first), phase: 1, period: 2, is_copied: false };
    let old =
        String::from_utf8(write(&kept, mark)).unwrap().replace("format = 2", "format = 1").replace("born", "device");
    assert!(parse(old.as_bytes(), mark).unwrap().is_copied);
    fs::write(state.file(), old).unwrap();
    assert_ne!(state.secret(NOON), first);
}

#[test]
fn a_file_in_place_of_the_folder_is_refused() {
    let state = State::new();
    fs::write(state.path().join("file"), "").unwrap();
    let inside = state.path().join("file");
    let made = installation(&inside, Rotation::Monthly, NOON, &SystemRandom::new().unwrap(), &|| true);
    assert_eq!(made.err(), Some(IdentityError::File(FileError::NotAFolder)));
    assert_eq!(look(&inside, Rotation::Monthly).err(), Some(IdentityError::File(FileError::NotAFolder)));
}

#[test]
fn a_load_changes_no_file() {
    let state = State::new();
    let absent = state.path().join("absent");
    assert!(look(&absent, Rotation::Daily).unwrap().is_none());
    assert!(!absent.exists());
    assert!(look(state.path(), Rotation::Daily).unwrap().is_none());
    assert_eq!(state.snapshot().len(), 1, "nothing but the folder");
    let first = state.at(Rotation::Daily, NOON).unwrap();
    let before = state.snapshot();
    let seen = look(state.path(), Rotation::Daily).unwrap().unwrap();
    assert_eq!((seen.secret.0, seen.began, seen.ends), (first.secret.0, first.began, first.ends));
    // A copy too is only looked at.
    let copy = State::new();
    fs::copy(state.file(), copy.file()).unwrap();
    let of_copy = copy.snapshot();
    assert!(look(copy.path(), Rotation::Daily).unwrap().is_none());
    assert_eq!(copy.snapshot(), of_copy);
    assert_eq!(state.snapshot(), before);
}

#[test]
fn a_forgotten_secret_is_gone_and_another_is_made() {
    let state = State::new();
    assert_eq!(forget(&state.path().join("absent"), Deletion::AfterNo), Ok(()));
    assert_eq!(forget(state.path(), Deletion::AfterNo), Ok(()));
    let first = state.secret(NOON);
    fs::write(state.path().join("queue"), "").unwrap();
    // As a process leaves it that is killed while it writes.
    let left = state.path().join(".identity.toml.0123456789abcdef");
    fs::write(&left, "secret").unwrap();
    let mut handles = [fs::File::open(state.file()).unwrap(), fs::File::open(&left).unwrap()];
    assert_eq!(forget(state.path(), Deletion::AfterNo), Ok(()));
    assert!(!state.file().exists() && !left.exists() && state.path().join("queue").exists());
    for handle in &mut handles {
        let mut bytes = Vec::new();
        handle.read_to_end(&mut bytes).unwrap();
        assert!(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 0), "it is overwritten");
    }
    assert_ne!(state.secret(NOON), first);
}

#[test]
fn the_file_has_this_format() {
    let kept = StoredIdentity { secret: Secret::new([0xab; 32]), phase: 1, period: 2, is_copied: false };
    let text = write(&kept, FileId { born: 3, inode: 4 });
    let expected = format!(
        "# Known to this machine only: do not copy it, and do not publish it.\nformat = 2\nsecret = \"{}\"\n\
         phase = 1\nperiod = 2\nborn = 3\ninode = 4\ncheck = \"{}\"\n",
        "ab".repeat(32),
        kept.check(FileId { born: 3, inode: 4 }),
    );
    assert_eq!(String::from_utf8(text).unwrap(), expected, "whoever changes it makes a new format");
}

#[test]
fn no_secret_is_made_if_telemetry_is_off_under_the_lock() {
    let state = State::new();
    let random = SystemRandom::new().unwrap();
    let off = || false;
    let made = installation(state.path(), Rotation::Monthly, NOON, &random, &off).unwrap();
    assert!(made.is_none());
    assert!(!state.file().exists());
    // What is current is not asked for; what has to be moved on is.
    let made = state.at(Rotation::Daily, NOON).unwrap();
    let whole = fs::read(state.file()).unwrap();
    let same = installation(state.path(), Rotation::Daily, NOON, &random, &off).unwrap();
    assert!(same.is_some_and(|same| same.period == made.period));
    let later = NOON + 3 * 86_400 * SECOND;
    assert!(installation(state.path(), Rotation::Daily, later, &random, &off).unwrap().is_none());
    assert_eq!(fs::read(state.file()).unwrap(), whole);
}
