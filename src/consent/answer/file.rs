//! The file with a person's answers.

use crate::consent::settings::{Settings, Wait};
use crate::consent::stored::{AnswerError, NoticeState};
use crate::files::{Access, Folder};
use crate::identity::Boot;
use crate::limits::{MAX_AGREEMENTS, SECOND};
use crate::registry::snapshot::{Snapshot, is_wider};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};
use toml::de::{DeTable, DeValue};
use toml_writer::{ToTomlValue as _, TomlStringBuilder};

/// The file's name.
pub(crate) const ANSWERS: &str = "telemetry.toml";

/// A person's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// The notice was shown, and the person may still say no.
    Told,
}

/// The content of the file.
#[derive(Default)]
pub(super) struct AnswerFile {
    pub(super) no: Option<u64>,
    pub(super) agreed: Vec<Agreed>,
}

pub(super) struct Agreed {
    pub(super) how: How,
    /// In nanoseconds since the epoch.
    at: u64,
    boot: Option<Boot>,
    pub(super) receiver: String,
    pub(super) opt_in: Vec<String>,
    pub(super) text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Yes,
    /// A notice was shown, which promised this wait.
    Told(Wait),
}

/// The words for the waits.
const WAITS: [(&str, Wait); 2] = [("day", Wait::Day), ("next_run", Wait::NextRun)];

impl Agreed {
    /// The facts that the answer was given to.
    pub(super) fn said(&self) -> Result<Snapshot<'_>, AnswerError> {
        Snapshot::parse(&self.text).map(|said| said.opted_in(&self.opt_in)).map_err(|_| AnswerError::Malformed)
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.receiver, &self.opt_in, &self.text) == (&other.receiver, &other.opt_in, &other.text)
    }

    /// The state of a notice; `None` if this is not a notice, or its time is in the future.
    pub(super) fn told(&self, settings: &Settings, now: u64) -> Option<NoticeState> {
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

pub(super) fn put(settings: &Settings, folder: &Path, answer: Answer, make: bool) -> Result<(), AnswerError> {
    let open = if make { Folder::make(folder).map(Some) } else { Folder::open(folder) };
    let Some(open) = open.map_err(AnswerError::File)? else { return Ok(()) };
    let lock = open.lock().map_err(AnswerError::File)?;
    let there = open.read(ANSWERS, Access::Mine).map_err(AnswerError::File)?;
    if there.is_none() && !make {
        return Ok(());
    }
    let kept = there.map_or(Ok(AnswerFile::default()), |(bytes, _)| parse(&bytes, settings.app_id()))?;
    let mut kept = understood(kept)?;
    let at = settings.clock.now();
    match answer {
        Answer::No => kept = AnswerFile { no: Some(kept.no.unwrap_or(at)), agreed: Vec::new() },
        Answer::Yes => {
            kept.no = None;
            agree(settings, &mut kept.agreed, How::Yes, at);
        }
        Answer::Told => {
            // A notice without a promised wait starts nothing. After a no, the notice is not shown again.
            let Some(wait) = settings.promised().filter(|_| kept.no.is_none()) else { return Ok(()) };
            agree(settings, &mut kept.agreed, How::Told(wait), at);
        }
    }
    lock.write(ANSWERS, |_| write(&kept, settings)).map_err(AnswerError::File)
}

/// The content, if the texts in it can be parsed too.
pub(super) fn understood(kept: AnswerFile) -> Result<AnswerFile, AnswerError> {
    let is_foreign = |agreed: &Agreed| agreed.said().is_err();
    if kept.agreed.iter().any(is_foreign) { Err(AnswerError::Malformed) } else { Ok(kept) }
}

/// Adds the present text. A yes replaces every agreement that it covers. A notice replaces only one of the same text
/// whose time is unusable: otherwise the wait would begin again.
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
    list.drain(..list.len().saturating_sub(MAX_AGREEMENTS));
}

pub(super) fn read(folder: &Path, app_id: &str) -> Result<AnswerFile, AnswerError> {
    let Some(folder) = Folder::open(folder).map_err(AnswerError::File)? else { return Ok(AnswerFile::default()) };
    let bytes = folder.read(ANSWERS, Access::Mine).map_err(AnswerError::File)?;
    bytes.map_or(Ok(AnswerFile::default()), |(bytes, _)| parse(&bytes, app_id))
}

fn parse(bytes: &[u8], app_id: &str) -> Result<AnswerFile, AnswerError> {
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
    // A valid file has exactly one of the two: a file that was cut before its answer has neither, and is not an absent
    // one.
    if no.is_some() == agreed.is_empty() { Ok(AnswerFile { no, agreed }) } else { Err(AnswerError::Malformed) }
}

fn agreed(value: &DeValue<'_>) -> Result<Agreed, AnswerError> {
    let DeValue::Table(table) = value else { return Err(AnswerError::Malformed) };
    only(table, &["how", "at", "boot", "wait", "receiver", "opt_in", "text"])?;
    let wait = table.get("wait").map(|_| string(table, "wait")).transpose()?;
    let how = match (string(table, "how")?, wait) {
        ("yes", None) => How::Yes,
        ("told", wait) => {
            let wait = wait.map(|wait| WAITS.into_iter().find(|(word, _)| *word == wait).ok_or(AnswerError::Malformed));
            // Without the word, the longest wait counts.
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

pub(super) fn write(kept: &AnswerFile, settings: &Settings) -> Vec<u8> {
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
        // Unescaped, so that a person can read it, and fast to parse.
        let literal = TomlStringBuilder::new(&agreed.text).as_ml_literal();
        text +=
            &literal.map_or_else(|| line("text", &agreed.text), |text| format!("text = {}\n", text.to_toml_value()));
    }
    text.into_bytes()
}
