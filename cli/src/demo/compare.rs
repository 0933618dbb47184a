//! What was recorded beside what left: field by field, with the reason why something stayed.
//!
//! The reasons are worked out here from the registry alone, and not asked of the pipeline: their sums are compared with
//! what the pipeline counted. A record is found again by its kind, its name, and its place among those of that name.

use std::collections::BTreeMap;
use std::fmt;

use scruple::check::Seen;
use scruple::identity::Secret;
use scruple::privacy::{DropReason, PRE_RELEASE, Value, treat};
use scruple::registry::{Attribute, Registry, RequirementLevel, Signal, SignalKind, Treatment};

use super::recorded::{Plain, Recorded, Recorder};

/// The field that carries a span's status.
const STATUS: &str = "otel.status_code";

/// The records of one run.
pub struct Comparison {
    /// Those that were recorded, in the order in which they began.
    pub blocks: Vec<Block>,
    /// The resource, as the first record that left has it.
    pub resource: Vec<(String, String)>,
    /// What should have left and did not.
    pub missing: Vec<String>,
    /// What left and should not have.
    pub unexpected: Vec<String>,
    /// How many events left on their spans.
    pub on_spans: usize,
    /// How often something should have been withheld, by reason.
    pub withheld: BTreeMap<DropReason, u64>,
}

/// A span or an event.
pub struct Block {
    /// Which of the two.
    pub signal: SignalKind,
    /// Its name, as recorded.
    pub name: String,
    /// Whether it left.
    pub left: bool,
    /// Why it did not.
    pub why: Option<Why>,
    /// Its fields, in the order in which they were recorded.
    pub rows: Vec<Row>,
}

/// A field.
pub struct Row {
    /// Its name.
    pub name: String,
    /// The value that was recorded; `None` for one that the pipeline adds.
    pub recorded: Option<String>,
    /// The value that left.
    pub left: Option<String>,
    /// Why none did.
    pub why: Option<Why>,
}

/// Why something stayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// For one of the pipeline's reasons, which it counts.
    Withheld(DropReason),
    /// Nothing declares the span or the event: what it holds is not looked at.
    UndeclaredSignal,
    /// A later value of the same field took its place.
    Replaced,
    /// It should have left.
    Missing,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Withheld(why) => why.fmt(f),
            Self::UndeclaredSignal => DropReason::UndeclaredSignal.fmt(f),
            Self::Replaced => f.write_str("recorded again"),
            Self::Missing => f.write_str("SHOULD HAVE LEFT"),
        }
    }
}

/// Compares what was recorded with what left. No attribute was opted in.
pub fn compare(registry: &Registry<'_>, recorder: &Recorder, seen: Vec<Seen>) -> Comparison {
    let resource = seen.first().map(|seen| seen.resource.to_vec()).unwrap_or_default();
    let on_spans = seen.iter().map(|seen| seen.events.len()).sum();
    let mut work = Work {
        registry,
        seen: seen.into_iter().map(Some).collect(),
        missing: Vec::new(),
        unexpected: Vec::new(),
        withheld: BTreeMap::new(),
    };
    let mut blocks: Vec<Option<Block>> =
        recorder.records().iter().map(|recorded| Some(work.record(recorded))).collect();
    let begun = recorder.begun().into_iter().filter_map(|place| blocks.get_mut(place)?.take()).collect();
    for seen in work.seen.iter().flatten() {
        work.unexpected.push(format!("{} {}", kind(seen.signal), seen.name));
    }
    for &index in registry.resource {
        let key = registry.attribute(index).map_or("", |attribute| attribute.key);
        if !resource.iter().any(|(found, _)| found == key) {
            work.missing.push(format!("resource {key}"));
        }
    }
    Comparison {
        blocks: begun,
        resource,
        missing: work.missing,
        unexpected: work.unexpected,
        on_spans,
        withheld: work.withheld,
    }
}

/// The word for a kind of signal.
pub fn kind(signal: SignalKind) -> &'static str {
    match signal {
        SignalKind::Span => "span",
        SignalKind::Event => "event",
    }
}

struct Work<'r> {
    registry: &'r Registry<'r>,
    /// What left and was not yet found to have been recorded.
    seen: Vec<Option<Seen>>,
    missing: Vec<String>,
    unexpected: Vec<String>,
    withheld: BTreeMap<DropReason, u64>,
}

/// Where a recorded field goes.
enum Outcome<'r> {
    /// To the status.
    Status,
    /// To this attribute; its value as text, unless that can't be known here.
    Leaves(&'r Attribute<'r>, Option<String>),
    Stays(Why),
}

impl<'r> Work<'r> {
    fn record(&mut self, recorded: &Recorded) -> Block {
        let (kind, name) = (recorded.signal, recorded.name.clone());
        let find = match kind {
            SignalKind::Span => self.registry.span(&name),
            SignalKind::Event => self.registry.event(&name),
        };
        let signal = find.and_then(|index| self.registry.signals(kind).get(usize::from(index)));
        let Some(signal) = signal else { return Self::undeclared(recorded) };
        let seen = self
            .seen
            .iter_mut()
            .find(|seen| seen.as_ref().is_some_and(|seen| seen.signal == kind && seen.name == name))
            .and_then(Option::take);
        if seen.is_none() {
            self.missing.push(format!("{} {name}", self::kind(kind)));
        }
        let rows = self.rows(recorded, signal, seen.as_ref());
        if let Some(seen) = seen.as_ref().filter(|seen| seen.status != expected_status(recorded)) {
            self.unexpected.push(format!("{} of {name}", status(seen.status)));
        }
        Block { signal: kind, name, left: seen.is_some(), why: seen.is_none().then_some(Why::Missing), rows }
    }

    /// What the filter of either way in disables once and for all: it is not counted.
    fn undeclared(recorded: &Recorded) -> Block {
        let row = |(name, value): &(String, Plain)| Row {
            name: name.clone(),
            recorded: Some(value.to_string()),
            left: None,
            why: Some(Why::UndeclaredSignal),
        };
        Block {
            signal: recorded.signal,
            name: recorded.name.clone(),
            left: false,
            why: Some(Why::UndeclaredSignal),
            rows: recorded.fields.iter().map(row).collect(),
        }
    }

    fn rows(&mut self, recorded: &Recorded, signal: &Signal<'_>, seen: Option<&Seen>) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut expected: Vec<&str> = Vec::new();
        for (place, (name, value)) in recorded.fields.iter().enumerate() {
            let again = recorded.fields.iter().skip(place + 1).any(|(later, _)| later == name);
            let fate = self.fate(recorded.signal, signal, name, value);
            if let Outcome::Stays(Why::Withheld(why)) = fate {
                *self.withheld.entry(why).or_default() += 1;
            }
            let (left, why) = match fate {
                Outcome::Stays(why) => (None, Some(why)),
                Outcome::Status => (seen.map(|seen| status(seen.status)), None),
                Outcome::Leaves(..) if again => (None, Some(Why::Replaced)),
                Outcome::Leaves(attribute, wanted) => {
                    expected.push(attribute.key);
                    let found = seen.and_then(|seen| find(seen, attribute.key));
                    let right = match (&found, &wanted) {
                        (Some(found), Some(wanted)) => found == wanted,
                        (Some(_), None) => true,
                        (None, _) => false,
                    };
                    if !right {
                        self.missing.push(format!("{} of {}", attribute.key, recorded.name));
                    }
                    (found, (!right).then_some(Why::Missing))
                }
            };
            rows.push(Row { name: name.clone(), recorded: Some(value.to_string()), left, why });
        }
        for (key, value) in seen.iter().flat_map(|seen| &seen.attributes) {
            if !expected.contains(&key.as_str()) {
                self.unexpected.push(format!("{key} of {}", recorded.name));
                rows.push(Row { name: key.clone(), recorded: None, left: Some(value.clone()), why: None });
            }
        }
        for used in signal.attributes.iter().filter(|used| used.level == RequirementLevel::Required) {
            let key = self.registry.attribute(used.attribute).map_or("", |attribute| attribute.key);
            if !expected.contains(&key) {
                *self.withheld.entry(DropReason::MissingRequired).or_default() += 1;
            }
        }
        rows
    }

    fn fate(&self, kind: SignalKind, signal: &Signal<'_>, name: &str, value: &Plain) -> Outcome<'r> {
        if (kind, name) == (SignalKind::Span, STATUS) {
            return Outcome::Status;
        }
        let registry = self.registry;
        let used = signal.attributes.iter().find_map(|used| {
            let attribute = registry.attribute(used.attribute)?;
            (attribute.field == name).then_some((used.level, attribute))
        });
        let withheld = |why| Outcome::Stays(Why::Withheld(why));
        match used {
            None => withheld(DropReason::UndeclaredField),
            Some((RequirementLevel::OptIn, _)) => withheld(DropReason::NotOptedIn),
            Some((RequirementLevel::Required | RequirementLevel::Recommended, attribute)) => {
                // The pipeline's secret is its own: of a hash, only that there is one can be known here.
                let key = Secret::new([0; 32]).attribute(attribute.key);
                match treat(&attribute.treatment, Some(&key), value.raw(), &mut String::new()) {
                    Err(why) => withheld(why),
                    Ok(value) => Outcome::Leaves(attribute, text(&attribute.treatment, value)),
                }
            }
        }
    }
}

fn find(seen: &Seen, key: &str) -> Option<String> {
    seen.attributes.iter().find(|(found, _)| found == key).map(|(_, value)| value.clone())
}

/// The status that the fields of a span say, by its OTLP number: ok is final, and what is neither says nothing.
fn expected_status(recorded: &Recorded) -> i32 {
    let said = recorded.fields.iter().filter(|(name, _)| name == STATUS && recorded.signal == SignalKind::Span);
    let is = |word: &str| said.clone().any(|(_, value)| value.to_string().eq_ignore_ascii_case(word));
    if is("ok") {
        1
    } else if is("error") {
        2
    } else {
        0
    }
}

/// A status by its OTLP number.
fn status(number: i32) -> String {
    match number {
        0 => "status unset".into(),
        1 => "status ok".into(),
        2 => "status error".into(),
        other => format!("status {other}"),
    }
}

/// A treated value as `check::read` shows it.
fn text(treatment: &Treatment<'_>, value: Value) -> Option<String> {
    match (value, treatment) {
        (Value::Boolean(value), _) => Some(value.to_string()),
        (Value::Count(value), _) => Some(value.to_string()),
        (
            Value::Member(index),
            Treatment::Enum { members, .. } | Treatment::Bucket { members, .. } | Treatment::UriScheme { members, .. },
        ) => members.get(usize::from(index)).map(|&member| member.to_owned()),
        (Value::Names(bits), Treatment::Names { members }) => {
            let named = members.iter().zip(0..64).filter(|(_, bit)| bits >> bit & 1 == 1).map(|(&name, _)| name);
            Some(format!("[{}]", named.collect::<Vec<_>>().join(", ")))
        }
        (Value::Version(version), _) => {
            let numbers: Vec<String> =
                version.numbers.iter().take(usize::from(version.parts)).map(ToString::to_string).collect();
            let tag = version.tag.and_then(|tag| PRE_RELEASE.get(usize::from(tag)));
            Some(format!("{}{}", numbers.join("."), tag.map(|tag| format!("-{tag}")).unwrap_or_default()))
        }
        (Value::Location { file, line }, Treatment::Location { files, .. }) => {
            files.get(usize::from(file)).map(|file| format!("{}:{line}", file.path))
        }
        _ => None,
    }
}
