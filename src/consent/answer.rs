//! A person's stored answers: what they were told, and what they said to it.
//!
//! `telemetry.toml` in the folder for settings ([`Places`]), to be read by people too:
//!
//! ```toml
//! format = 1
//! app_id = "com.example.words"
//! no = "2026-11-24T10:00:00Z"      # when they said no; then nothing else counts
//!
//! [[agreed]]                       # one for each text: two versions of a program may be there side by side
//! how = "yes"                      # or "told": the notice was shown
//! at = "2026-11-24T10:00:00Z"
//! boot = "5f0c3a91d27b64e8 86210"  # only if told: which boot of the machine it was, and the second of it, if known
//! wait = "day"                     # only if told: what the notice promised; or "next_run"
//! receiver = "https://telemetry.example.com"
//! opt_in = ["words.language"]      # attributes that the program sends although the registry has them as `opt_in`
//! text = '''…'''                   # the registries' canonical text, with who answers for the data
//! ```
//!
//! The wait that a notice promised is kept, whatever a later version asks for. None is stored while the clock is behind
//! the build of the program that would show it, and none counts then: in 1970, a day would be over as soon as the clock
//! is set. (An earlier version may well have shown it before this one was built.) A notice that was shown more than a day
//! in the future is as if there was none, and a new one takes its place. As long as the machine is not started again, the
//! wait is over only if it is by that clock too, which nobody sets: a clock that was a day behind, say.
//!
//! An answer covers what a program collects if what it was given to is not narrower; that is worked out from the text, not
//! from a hash or a number of the author's. A file that is not exactly of this form says no, and is left as it is. A no
//! is written to both folders for settings, and if one of them can't take it, to the folders for state too: a no counts in
//! each of them. The file of a yes never takes one away that was written in the meantime, since whoever changes the file
//! holds the folder's lock.

mod refusal;

pub(crate) use refusal::refusals;

use super::{NoticeState, Settings, Stored, Wait};
use crate::files::{Access, FileError, Folder, Places};
use crate::identity::Boot;
use crate::registry::snapshot::{ChangeKind, Direction, Snapshot, changes, first_wider, is_wider};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};
use toml::de::{DeTable, DeValue};
use toml_writer::{ToTomlValue as _, TomlStringBuilder};

/// The file's name.
pub(crate) const ANSWERS: &str = "telemetry.toml";

/// How many texts are kept; the oldest goes first.
const MOST: usize = 16;

/// Why a stored answer can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// The file can't be read or written.
    File(FileError),
    /// It is not of the form that it has to be.
    Malformed,
    /// It was written by a newer version.
    Newer,
    /// It is the file of another app.
    AnotherApp,
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(why) => write!(f, "{why}"),
            Self::Malformed => f.write_str("it is not understood"),
            Self::Newer => f.write_str("a newer version has written it"),
            Self::AnotherApp => f.write_str("it is another program's"),
        }
    }
}

impl std::error::Error for AnswerError {}

/// What a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// They were told, and may still say no.
    Told,
}

/// What a file holds.
#[derive(Default)]
struct Kept {
    no: Option<u64>,
    agreed: Vec<Agreed>,
}

struct Agreed {
    how: How,
    /// In nanoseconds since the epoch.
    at: u64,
    boot: Option<Boot>,
    receiver: String,
    opt_in: Vec<String>,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Yes,
    /// A notice, which promised so long a wait.
    Told(Wait),
}

const SECOND: u64 = 1_000_000_000;

/// The words for waits.
const WAITS: [(&str, Wait); 2] = [("day", Wait::Day), ("next_run", Wait::NextRun)];

impl Agreed {
    /// All that it was given to.
    fn said(&self) -> Result<Snapshot<'_>, AnswerError> {
        Snapshot::parse(&self.text).map(|said| said.opted_in(&self.opt_in)).map_err(|_| AnswerError::Malformed)
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.receiver, &self.opt_in, &self.text) == (&other.receiver, &other.opt_in, &other.text)
    }

    /// What became of a notice, if it was one and its time is known.
    fn told(&self, settings: &Settings, now: u64) -> Option<NoticeState> {
        let How::Told(promised) = self.how else { return None };
        if self.at > now.saturating_add(Wait::Day.nanoseconds()) {
            return None;
        }
        let wait = settings.promised().map_or(promised, |wait| wait.max(promised));
        let is_over = now >= self.at.saturating_add(wait.nanoseconds());
        let since = || self.boot?.until(settings.clock.boot()?);
        let is_over = is_over && since().is_none_or(|seconds| seconds.saturating_mul(SECOND) >= wait.nanoseconds());
        Some(if is_over { NoticeState::Over } else { NoticeState::Waiting })
    }
}

/// What is stored, against what the program collects now.
pub(super) fn stored(settings: &Settings, places: &Places) -> Stored {
    let mut stored = Stored::default();
    let mut look = |folder: &Path| match read(folder, settings.app_id()) {
        Ok(kept) => {
            stored.no |= kept.no.is_some();
            Some(kept)
        }
        Err(why) => {
            stored.unusable = stored.unusable.or(Some(why));
            None
        }
    };
    let kept = look(&places.config).unwrap_or_default();
    places.config_folders().skip(1).chain(places.state_folders()).for_each(|folder| drop(look(folder)));
    if stored.no || stored.unusable.is_some() {
        return stored;
    }
    let now = settings.clock.now();
    // No notice counts then, also none that is in the file.
    let is_behind = settings.is_clock_behind() && settings.promised().is_some();
    for agreed in &kept.agreed {
        let covers = match covers(agreed, settings) {
            Ok(covers) => covers,
            // Whatever else is in the file, it is not what was written.
            Err(why) => return Stored { unusable: Some(why), ..Stored::default() },
        };
        if agreed.how == How::Yes {
            stored.yes = if stored.yes == Some(Ok(())) { stored.yes } else { Some(covers) };
        } else {
            let told = covers.map_or_else(|what| Some(NoticeState::Wider(what)), |()| agreed.told(settings, now));
            stored.told = match (stored.told, told) {
                (Some(NoticeState::Over), _) | (_, Some(NoticeState::Over)) => Some(NoticeState::Over),
                (Some(NoticeState::Waiting), _) | (_, Some(NoticeState::Waiting)) => Some(NoticeState::Waiting),
                (before, told) => told.or(before),
            };
        }
    }
    stored.told = if is_behind { Some(NoticeState::ClockBehind) } else { stored.told };
    stored
}

/// Stores an answer.
pub(crate) fn answer(settings: &Settings, places: &Places, answer: Answer) -> Result<(), (AnswerError, PathBuf)> {
    if answer == Answer::No {
        return refusal::refuse(settings, places);
    }
    // A yes has to take away a no that is elsewhere.
    for (nth, folder) in places.config_folders().enumerate() {
        put(settings, folder, answer, nth == 0).map_err(|why| (why, folder.join(ANSWERS)))?;
    }
    if answer == Answer::Yes { refusal::withdraw(places) } else { Ok(()) }
}

/// Whether an answer could be stored, found out by writing something: a notice that can't be remembered is not shown.
pub(crate) fn is_writable(places: &Places) -> bool {
    Folder::make(&places.config).and_then(|folder| folder.is_writable()).is_ok()
}

/// What is wider than anything that the person was told or agreed to, in words; empty if they never were.
pub(crate) fn told(settings: &Settings, places: &Places) -> Vec<String> {
    let Ok(kept) = read(&places.config, settings.app_id()) else { return Vec::new() };
    let Some(last) = kept.agreed.last() else { return Vec::new() };
    let Ok(told) = last.said() else { return Vec::new() };
    let changes = changes(&told, &settings.said());
    let wider = changes.iter().filter(|change| change.direction == Direction::Wider).map(|change| format!("{change}."));
    let receiver = (last.receiver != settings.receiver).then(|| format!("{} receives it.", settings.receiver));
    receiver.into_iter().chain(wider).collect()
}

fn put(settings: &Settings, folder: &Path, answer: Answer, make: bool) -> Result<(), AnswerError> {
    let open = if make { Folder::make(folder).map(Some) } else { Folder::open(folder) };
    let Some(open) = open.map_err(AnswerError::File)? else { return Ok(()) };
    let lock = open.lock().map_err(AnswerError::File)?;
    let there = open.read(ANSWERS, Access::Mine).map_err(AnswerError::File)?;
    if there.is_none() && !make {
        return Ok(());
    }
    let kept = there.map_or(Ok(Kept::default()), |(bytes, _)| parse(&bytes, settings.app_id()))?;
    let mut kept = understood(kept)?;
    let at = settings.clock.now();
    match answer {
        Answer::No => kept = Kept { no: Some(kept.no.unwrap_or(at)), agreed: Vec::new() },
        Answer::Yes => {
            kept.no = None;
            agree(settings, &mut kept.agreed, How::Yes, at);
        }
        Answer::Told => {
            // Nothing begins with a notice that promised no wait. Whoever said no is not to be told again.
            let Some(wait) = settings.promised().filter(|_| kept.no.is_none()) else { return Ok(()) };
            agree(settings, &mut kept.agreed, How::Told(wait), at);
        }
    }
    lock.write(ANSWERS, |_| write(&kept, settings)).map_err(AnswerError::File)
}

/// What a file holds, if the texts in it are understood too.
fn understood(kept: Kept) -> Result<Kept, AnswerError> {
    let is_foreign = |agreed: &Agreed| agreed.said().is_err();
    if kept.agreed.iter().any(is_foreign) { Err(AnswerError::Malformed) } else { Ok(kept) }
}

/// Adds what the program collects now. A yes takes the place of all that it covers; a notice takes the place only of one
/// whose time is not known, so that the wait for what was told before is not begun again.
fn agree(settings: &Settings, list: &mut Vec<Agreed>, how: How, at: u64) {
    let (receiver, opt_in, text) = (settings.receiver.clone(), settings.opt_in.clone(), settings.text());
    let boot = if how == How::Yes { None } else { settings.clock.boot() };
    let new = Agreed { how, at, boot, receiver, opt_in, text };
    if how == How::Yes {
        let Ok(said) = new.said() else { return };
        let is_covered = |old: &Agreed| old.said().is_ok_and(|old| !is_wider(&said, &old));
        list.retain(|old| old.receiver != new.receiver || !is_covered(old));
    } else {
        let is_timeless = |old: &Agreed| old.how != How::Yes && old.told(settings, at).is_none();
        list.retain(|old| !old.is_same(&new) || !is_timeless(old));
        if list.iter().any(|old| old.is_same(&new)) {
            return;
        }
    }
    list.push(new);
    list.drain(..list.len().saturating_sub(MOST));
}

/// Whether what a person agreed to covers what is collected now; if not, what is wider.
fn covers(agreed: &Agreed, settings: &Settings) -> Result<Result<(), ChangeKind>, AnswerError> {
    let told = agreed.said()?;
    if agreed.receiver != settings.receiver {
        return Ok(Err(ChangeKind::Endpoint));
    }
    Ok(first_wider(&told, &settings.said()).map_or(Ok(()), Err))
}

fn read(folder: &Path, app_id: &str) -> Result<Kept, AnswerError> {
    let Some(folder) = Folder::open(folder).map_err(AnswerError::File)? else { return Ok(Kept::default()) };
    let bytes = folder.read(ANSWERS, Access::Mine).map_err(AnswerError::File)?;
    bytes.map_or(Ok(Kept::default()), |(bytes, _)| parse(&bytes, app_id))
}

fn parse(bytes: &[u8], app_id: &str) -> Result<Kept, AnswerError> {
    let text = std::str::from_utf8(bytes).map_err(|_| AnswerError::Malformed)?;
    let table = DeTable::parse(text).map_err(|_| AnswerError::Malformed)?;
    let table = table.get_ref();
    let format = table.get("format").and_then(|value| value.get_ref().as_integer());
    match format.map(|number| (number.radix(), number.as_str().parse::<u64>())) {
        Some((10, Ok(1))) => {}
        Some((10, Ok(2..))) => return Err(AnswerError::Newer),
        _ => return Err(AnswerError::Malformed),
    }
    if string(table, "app_id")? != app_id {
        return Err(AnswerError::AnotherApp);
    }
    only(table, &["format", "app_id", "no", "agreed"])?;
    let no = if table.contains_key("no") { Some(time(table, "no")?) } else { None };
    let agreed = match table.get("agreed").map(|value| value.get_ref()) {
        None => Vec::new(),
        Some(DeValue::Array(list)) => list.iter().map(|entry| agreed(entry.get_ref())).collect::<Result<_, _>>()?,
        Some(_) => return Err(AnswerError::Malformed),
    };
    // One of the two is always there: a file that was cut before its answer holds none, and that is no silence.
    if no.is_some() == agreed.is_empty() { Ok(Kept { no, agreed }) } else { Err(AnswerError::Malformed) }
}

fn agreed(value: &DeValue<'_>) -> Result<Agreed, AnswerError> {
    let DeValue::Table(table) = value else { return Err(AnswerError::Malformed) };
    only(table, &["how", "at", "boot", "wait", "receiver", "opt_in", "text"])?;
    let wait = table.get("wait").map(|_| string(table, "wait")).transpose()?;
    let how = match (string(table, "how")?, wait) {
        ("yes", None) => How::Yes,
        ("told", wait) => {
            let wait = wait.map(|wait| WAITS.into_iter().find(|(word, _)| *word == wait).ok_or(AnswerError::Malformed));
            // One that does not say what it promised has promised no less than any.
            How::Told(wait.transpose()?.map_or(Wait::Day, |(_, wait)| wait))
        }
        _ => return Err(AnswerError::Malformed),
    };
    let (receiver, text) = (string(table, "receiver")?.to_owned(), string(table, "text")?.to_owned());
    let opt_in = match table.get("opt_in").map(|value| value.get_ref()) {
        None => Vec::new(),
        Some(DeValue::Array(list)) => {
            let key = |key: &str| key.to_owned();
            let keys = list.iter().map(|entry| entry.get_ref().as_str().map(key).ok_or(AnswerError::Malformed));
            keys.collect::<Result<_, _>>()?
        }
        Some(_) => return Err(AnswerError::Malformed),
    };
    let boot = table.get("boot").map(|_| string(table, "boot")).transpose()?;
    let boot = boot.map(|boot| boot.parse().map_err(|_| AnswerError::Malformed)).transpose()?;
    Ok(Agreed { how, at: time(table, "at")?, boot, receiver, opt_in, text })
}

fn only(table: &DeTable<'_>, keys: &[&str]) -> Result<(), AnswerError> {
    let known = table.keys().all(|key| keys.contains(&&**key.get_ref()));
    if known { Ok(()) } else { Err(AnswerError::Malformed) }
}

fn string<'t>(table: &'t DeTable<'_>, key: &str) -> Result<&'t str, AnswerError> {
    table.get(key).and_then(|value| value.get_ref().as_str()).ok_or(AnswerError::Malformed)
}

fn time(table: &DeTable<'_>, key: &str) -> Result<u64, AnswerError> {
    let time = humantime::parse_rfc3339(string(table, key)?).map_err(|_| AnswerError::Malformed)?;
    let since = time.duration_since(UNIX_EPOCH).map_err(|_| AnswerError::Malformed)?;
    u64::try_from(since.as_nanos()).map_err(|_| AnswerError::Malformed)
}

fn write(kept: &Kept, settings: &Settings) -> Vec<u8> {
    let time = |at| humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_nanos(at)).to_string();
    let line = |key: &str, value: &str| format!("{key} = {}\n", value.to_toml_value());
    let mut text =
        "# What was answered about this program's telemetry. It is written by the program.\nformat = 1\n".to_owned();
    text += &line("app_id", settings.app_id());
    text.extend(kept.no.map(|no| line("no", &time(no))));
    for agreed in &kept.agreed {
        text += "\n[[agreed]]\n";
        text += &line("how", if agreed.how == How::Yes { "yes" } else { "told" });
        text += &line("at", &time(agreed.at));
        text.extend(agreed.boot.map(|boot| line("boot", &boot.to_string())));
        let wait = WAITS.into_iter().find(|(_, wait)| agreed.how == How::Told(*wait));
        text.extend(wait.map(|(word, _)| line("wait", word)));
        text += &line("receiver", &agreed.receiver);
        if !agreed.opt_in.is_empty() {
            let keys: Vec<_> = agreed.opt_in.iter().map(|key| key.to_toml_value()).collect();
            text += &format!("opt_in = [{}]\n", keys.join(", "));
        }
        // As it is, so that a person can read it, and fast to read back.
        let literal = TomlStringBuilder::new(&agreed.text).as_ml_literal();
        text +=
            &literal.map_or_else(|| line("text", &agreed.text), |text| format!("text = {}\n", text.to_toml_value()));
    }
    text.into_bytes()
}
