//! `scruple diff OLD NEW`: what a program newly collects, and what it no longer does, in words.
//!
//! The comparison is the library's (`said::changes`): the one by which a program decides, when it starts, whether an
//! earlier yes still covers it. So exit code 3 means that people who said yes to OLD are asked again by NEW. It also means
//! that NEW has a preset that asks less: that concerns people without an answer, and nobody is asked again for it.
//!
//! # The groups
//!
//! | heading | holds |
//! |---|---|
//! | Newly collected | a registry, signal, attribute, value; an attribute on a signal or on the resource |
//! | Finer, or more of it | times, buckets, the largest number, how many a process reports |
//! | Weaker protection | treatments and hashes that tell more, ids that stay longer, a preset that asks less |
//! | Received by others | controller, endpoint, whose registry the program's own is |
//! | No longer collected · Coarser, or less of it · Stronger protection | the same, the other way |
//! | Changed, with nothing more or less collected | names, descriptions, reasons, links, paths, kinds of spans, `retention` |
//!
//! What is printed is Markdown, as release notes want it, in which every text of a registry is text: what could be markup
//! is escaped. In JSON nothing is.
//!
//! What a registry's canonical text does not hold is not compared, but for `retention` and `preset`: the program's version, its
//! sources, the manifest's description, `examples`, and what the author says in code. Where more is collected under the
//! schema URL of before, that is said too: the URL is all by which a receiver can tell who was told what.
//!
//! # JSON
//!
//! `{"verdict": "same" | "narrower" | "wider", "changes": [{"direction", "group", "what", "subject", "text"}]}`, or
//! `{"verdict": "unreadable", "findings": […]}` with the findings of `scruple check --json`.

mod group;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

use scruple::registry::snapshot::{Change, ChangeKind, Direction, Snapshot, changes};
use scruple::registry::{Preset, Wait};
use serde_json::{Value, json};

use crate::check::show;
use crate::exit::BROKEN;
use crate::markup;
use crate::named;
use crate::registry::{Finding, Owned, Signal};

use self::group::Group;

/// The exit code if more is collected, for longer, by another controller, or with less asking.
pub const WIDER: u8 = 3;

/// Says what NEW collects that OLD did not, and what it no longer does.
///
/// OLD and NEW are folders that hold `manifest.yaml`, or such folders in a git revision, as in `v1.2.0:telemetry`. The
/// exit code is 0 if nothing more is collected, 3 if something is, and 2 if one of the two can't be read or has mistakes.
#[derive(Debug, clap::Args)]
pub struct Diff {
    /// What was agreed to: a folder, or REVISION:FOLDER.
    old: String,
    /// What would be: a folder, or REVISION:FOLDER.
    new: String,
    /// Write one JSON document to standard output.
    #[arg(long)]
    json: bool,
}

impl Diff {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        // Both are read before either is shown: one run reports every mistake.
        let (old, new) = match (named::read(&self.old), named::read(&self.new)) {
            (Ok(old), Ok(new)) => (old, new),
            (old, new) => {
                let findings: Vec<Finding> = [old.err(), new.err()].into_iter().flatten().flatten().collect();
                return self.unreadable(&findings);
            }
        };
        let mut changes = changes(&Snapshot::of(&[&old.registry()]), &Snapshot::of(&[&new.registry()]));
        changes.extend(retention(&old, &new));
        changes.extend(preset(&old, &new));
        let verdict = OverallChange::of(&changes);
        let mut out = anstream::stdout().lock();
        if self.json {
            let listed: Vec<Value> = changes.iter().map(|change| listed(change, &new)).collect();
            writeln!(out, "{:#}", json!({"verdict": verdict.word(), "changes": listed}))?;
        } else {
            out.write_all(told(&changes, &new).as_bytes())?;
            writeln!(out, "{}", verdict.sentence())?;
            if verdict == OverallChange::Wider && old.schema_url == new.schema_url {
                writeln!(out, "{SAME_URL}")?;
            }
        }
        Ok(verdict.code())
    }

    fn unreadable(&self, findings: &[Finding]) -> io::Result<ExitCode> {
        if self.json {
            let document = json!({"verdict": "unreadable", "findings": findings});
            writeln!(anstream::stdout(), "{document:#}")?;
        } else {
            show(findings)?;
        }
        Ok(ExitCode::from(BROKEN))
    }
}

/// What a receiver can't do then.
const SAME_URL: &str = "The schema URL is the one before: the receiver can't tell records of the two apart. Give it a new \
                        version in `manifest.yaml`.";

/// What is promised about how long things are kept: which of two promises is more, only people can say.
fn retention(old: &Owned, new: &Owned) -> Option<Change> {
    let (before, now) = (&old.service.retention, &new.service.retention);
    let predicate = match (before, now) {
        _ if before == now => return None,
        (Some(before), Some(now)) => format!("is now kept like this: {now:?}, before: {before:?}"),
        (None, Some(now)) => format!("now says how long it is kept: {now:?}"),
        (_, None) => "no longer says how long it is kept".to_owned(),
    };
    let subject = new.service.table.app_id.to_owned();
    Some(Change { direction: Direction::Other, subject, what: ChangeKind::Retention, predicate })
}

/// Whether the program asks more or less before it records.
fn preset(old: &Owned, new: &Owned) -> Option<Change> {
    let of = |owned: &Owned| owned.service.table.settings.preset.unwrap_or_default();
    let (before, now) = (of(old), of(new));
    let direction = match (openness(before), openness(now)) {
        _ if before == now => return None,
        (Some(before), Some(now)) if now < before => Direction::Narrower,
        _ => Direction::Wider,
    };
    let predicate = format!("now has the preset {}, before {}", now.word(), before.word());
    let subject = new.service.table.app_id.to_owned();
    Some(Change { direction, subject, what: ChangeKind::Preset, predicate })
}

/// How little a person has to do before a program records. `None` where an operator answers for the person: whether more is
/// recorded then can't be told.
fn openness(preset: Preset) -> Option<u8> {
    match preset {
        Preset::OptIn => Some(0),
        Preset::FirstRun(Wait::Day) => Some(1),
        Preset::FirstRun(Wait::NextRun) => Some(2),
        Preset::Documented => Some(3),
        Preset::OperatorConsent => None,
    }
}

/// What all changes together come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OverallChange {
    Same,
    Narrower,
    /// The data are not more, but the program asks less, or another person.
    AsksOtherwise,
    Wider,
}

impl OverallChange {
    fn of(changes: &[Change]) -> Self {
        let is_any = |direction| changes.iter().any(|change| change.direction == direction);
        let is_of_data = |change: &Change| change.direction == Direction::Wider && change.what != ChangeKind::Preset;
        match () {
            () if changes.iter().any(is_of_data) => Self::Wider,
            () if is_any(Direction::Wider) => Self::AsksOtherwise,
            () if is_any(Direction::Narrower) => Self::Narrower,
            () => Self::Same,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Narrower => "narrower",
            Self::AsksOtherwise | Self::Wider => "wider",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Same => "The same is collected.",
            Self::Narrower => "Less is collected: earlier agreements still cover it.",
            Self::AsksOtherwise => {
                "The program asks in another way before it records: of users who have not answered, more may be collected."
            }
            Self::Wider => "More is collected: users who agreed before are asked again.",
        }
    }

    fn code(self) -> ExitCode {
        match self {
            Self::Same | Self::Narrower => ExitCode::SUCCESS,
            Self::AsksOtherwise | Self::Wider => ExitCode::from(WIDER),
        }
    }
}

/// The changes under their headings, each an item. Nothing in it can steer a terminal, or is markup.
fn told(changes: &[Change], new: &Owned) -> String {
    let mut text = String::new();
    for group in Group::ALL {
        let mut lines = changes.iter().filter(|change| Group::of(change) == group).peekable();
        if lines.peek().is_none() {
            continue;
        }
        let style = group.style();
        // Writing to a String does not fail, here and below.
        let _ = writeln!(text, "{style}{}{style:#}", group.title());
        for change in lines {
            let _ = writeln!(text, "- {}", markup::escaped(&sentence(change, new)));
        }
        text.push('\n');
    }
    text
}

/// A change as a whole sentence; what is new says what it is, in the registry's words.
fn sentence(change: &Change, new: &Owned) -> String {
    let mut text = change.to_string();
    let declared = new.attributes.iter().map(|found| &found.table).find(|table| table.key == change.subject);
    let brief = match (change.direction, change.what) {
        (Direction::Wider, ChangeKind::Attribute) => declared.map(|attribute| {
            let values = attribute.treatment.members();
            if !values.is_empty() {
                let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
                let _ = write!(text, " ({})", values.join(", "));
            }
            attribute.brief
        }),
        (Direction::Wider, ChangeKind::Signal) => {
            let of = |word: &str, signals: &[Signal]| {
                let name = change.subject.strip_prefix(word)?;
                signals.iter().find(|signal| signal.table.name == name).map(|signal| signal.table.brief)
            };
            of("the span ", &new.spans).or_else(|| of("the event ", &new.events))
        }
        _ => None,
    };
    match brief {
        Some(brief) => {
            let _ = write!(text, ". {brief}");
        }
        // A sentence that was quoted brings its own.
        None if text.ends_with(".\"") => {}
        None => text.push('.'),
    }
    text
}

fn listed(change: &Change, new: &Owned) -> Value {
    json!({
        "direction": change.direction.to_string(), "group": Group::of(change).word(), "what": change.what.word(),
        "subject": change.subject, "text": sentence(change, new),
    })
}
