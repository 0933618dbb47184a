//! The file with a person's answers.

use crate::consent::purposes::PurposeSet;
use crate::consent::settings::{AgreementKey, Settings};
use crate::consent::stored::{AnswerError, NoticeState};
use crate::files::{Access, Folder};
use crate::identity::Boot;
use crate::limits::{MAX_AGREEMENTS, SECOND};
use crate::registry::Wait;
use crate::registry::snapshot::{Snapshot, is_wider};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};
use toml::de::{DeTable, DeValue};
use toml_writer::{ToTomlValue as _, TomlStringBuilder};

/// The file's name.
pub(crate) const ANSWERS: &str = "telemetry.toml";

/// A person's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// To these purposes; to all if the list is empty.
    Yes {
        only: Vec<String>,
    },
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
    /// The names of the purposes that the person agreed to; empty for all.
    only: Vec<String>,
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
        let said = Snapshot::parse(&self.text).map_err(|_| AnswerError::Malformed)?;
        Ok(said.opted_in(&self.opt_in).only(&|name| self.is_for(name)))
    }

    /// Whether it agrees to a purpose.
    pub(super) fn is_for(&self, purpose: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == purpose)
    }

    /// The purposes that it agrees to.
    pub(super) fn purposes(&self, settings: &Settings) -> PurposeSet {
        if self.only.is_empty() {
            PurposeSet::ALL
        } else {
            settings.purposes_named(self.only.iter().map(String::as_str))
        }
    }

    /// What distinguishes it from other agreements with the same receiver.
    pub(super) fn key(&self) -> AgreementKey {
        AgreementKey { opt_in: self.opt_in.clone(), only: self.only.clone(), text: self.text.clone() }
    }

    /// Whether another agreement with the same receiver has the same facts.
    pub(super) fn is_of(&self, key: &AgreementKey) -> bool {
        (&self.opt_in, &self.only, &self.text) == (&key.opt_in, &key.only, &key.text)
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.receiver, &self.opt_in, &self.only, &self.text)
            == (&other.receiver, &other.opt_in, &other.only, &other.text)
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

pub(super) fn put(settings: &Settings, folder: &Path, answer: &Answer, make: bool) -> Result<(), AnswerError> {
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
        Answer::Yes { only } => {
            kept.no = None;
            agree(settings, &mut kept.agreed, (How::Yes, only.clone()), at);
        }
        Answer::Told => {
            // A notice without a promised wait starts nothing. After a no, the notice is not shown again.
            let Some(wait) = settings.promised().filter(|_| kept.no.is_none()) else { return Ok(()) };
            // It is told to somebody who has excluded the other purposes.
            let only = kept.agreed.iter().find(|agreed| !agreed.only.is_empty()).map(|agreed| agreed.only.clone());
            agree(settings, &mut kept.agreed, (How::Told(wait), only.unwrap_or_default()), at);
        }
    }
    lock.write(ANSWERS, |_| write(&kept, settings)).map_err(AnswerError::File)
}

/// The content, if the texts in it can be parsed too.
pub(super) fn understood(kept: AnswerFile) -> Result<AnswerFile, AnswerError> {
    let is_foreign = |agreed: &Agreed| agreed.said().is_err();
    if kept.agreed.iter().any(is_foreign) { Err(AnswerError::Malformed) } else { Ok(kept) }
}

/// Adds the present text. A yes to everything replaces every agreement that it covers, and those to some purposes; a yes to
/// some purposes replaces all. A notice replaces only one of the same text
/// whose time is unusable: otherwise the wait would begin again.
fn agree(settings: &Settings, list: &mut Vec<Agreed>, (how, only): (How, Vec<String>), at: u64) {
    let (receiver, opt_in, text) = (settings.receiver.clone(), settings.opt_in.clone(), settings.text());
    let boot = if how == How::Yes { None } else { settings.clock.boot() };
    let new = Agreed { how, at, boot, receiver, opt_in, only, text };
    if how == How::Yes {
        let Ok(said) = new.said() else { return };
        let is_covered = |old: &Agreed| old.said().is_ok_and(|old| !is_wider(&said, &old));
        let is_replaced = |old: &Agreed| !old.only.is_empty() || old.receiver == new.receiver && is_covered(old);
        list.retain(|old| new.only.is_empty() && !is_replaced(old));
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
    let bytes = Folder::read_at(folder, ANSWERS, Access::Mine).map_err(AnswerError::File)?;
    bytes.map_or(Ok(AnswerFile::default()), |bytes| parse(&bytes, app_id))
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
    only(table, &["how", "at", "boot", "wait", "receiver", "opt_in", "only", "text"])?;
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
    let (opt_in, purposes) = (strings(table, "opt_in")?, strings(table, "only")?);
    // An empty list would agree to everything.
    if table.contains_key("only") && purposes.is_empty() {
        return Err(AnswerError::Malformed);
    }
    let boot = table.get("boot").map(|_| string(table, "boot")).transpose()?;
    let boot = boot.map(|boot| boot.parse().map_err(|_| AnswerError::Malformed)).transpose()?;
    Ok(Agreed { how, at: time(table, "at")?, boot, receiver, opt_in, only: purposes, text })
}

fn only(table: &DeTable<'_>, keys: &[&str]) -> Result<(), AnswerError> {
    let known = table.keys().all(|key| keys.contains(&&**key.get_ref()));
    if known { Ok(()) } else { Err(AnswerError::Malformed) }
}

fn string<'t>(table: &'t DeTable<'_>, key: &str) -> Result<&'t str, AnswerError> {
    table.get(key).and_then(|value| value.get_ref().as_str()).ok_or(AnswerError::Malformed)
}

fn strings(table: &DeTable<'_>, key: &str) -> Result<Vec<String>, AnswerError> {
    match table.get(key).map(|value| value.get_ref()) {
        None => Ok(Vec::new()),
        Some(DeValue::Array(list)) => {
            let text = |text: &str| text.to_owned();
            list.iter().map(|entry| entry.get_ref().as_str().map(text).ok_or(AnswerError::Malformed)).collect()
        }
        Some(_) => Err(AnswerError::Malformed),
    }
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
        for (key, list) in [("opt_in", &agreed.opt_in), ("only", &agreed.only)] {
            if !list.is_empty() {
                let texts: Vec<_> = list.iter().map(|text| text.to_toml_value()).collect();
                text += &format!("{key} = [{}]\n", texts.join(", "));
            }
        }
        // Unescaped, so that a person can read it, and fast to parse.
        let literal = TomlStringBuilder::new(&agreed.text).as_ml_literal();
        text +=
            &literal.map_or_else(|| line("text", &agreed.text), |text| format!("text = {}\n", text.to_toml_value()));
    }
    text.into_bytes()
}
