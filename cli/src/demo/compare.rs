//! Compares the recorded fields with those that left, with a reason for each withheld one.
//!
//! The reasons are derived here from the registry alone, without the pipeline; their sums are compared with the
//! pipeline's counts. A record is matched by its kind, its name, and its position among the records of that name.

use std::collections::BTreeMap;
use std::fmt;

use scruple::check::Seen;
use scruple::identity::Secret;
use scruple::privacy::{DropReason, PRE_RELEASE, Value, treat};
use scruple::registry::{Attribute, Registry, RequirementLevel, Signal, SignalKind, Treatment};

use super::recorded::{Plain, RecordedSignal, Recorder};

/// The field that carries a span's status.
const STATUS: &str = "otel.status_code";

/// The comparison of one run.
pub struct Comparison {
    /// The recorded spans and events, in the order of their start.
    pub blocks: Vec<SignalComparison>,
    /// The resource of the first record that left.
    pub resource: Vec<(String, String)>,
    /// The declared data that did not leave.
    pub missing: Vec<String>,
    /// The data that left but should not have.
    pub unexpected: Vec<String>,
    /// The number of events that left on their spans.
    pub on_spans: usize,
    /// The expected number of withheld values, by reason.
    pub withheld: BTreeMap<DropReason, u64>,
}

/// A span or an event.
pub struct SignalComparison {
    /// A span or an event.
    pub signal: SignalKind,
    /// Its recorded name.
    pub name: String,
    /// Whether it left.
    pub left: bool,
    /// Why it did not leave.
    pub why: Option<NotSentReason>,
    /// Its fields, in the order of their recording.
    pub rows: Vec<Row>,
}

/// A field.
pub struct Row {
    /// Its name.
    pub name: String,
    /// The recorded value; `None` for one that the pipeline adds.
    pub recorded: Option<String>,
    /// The value that left.
    pub left: Option<String>,
    /// Why no value left.
    pub why: Option<NotSentReason>,
}

/// Why a field or a record did not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSentReason {
    /// The pipeline withheld it, and counted the reason.
    Withheld(DropReason),
    /// The span or the event is undeclared: the pipeline does not read its fields.
    UndeclaredSignal,
    /// A later value of the same field replaced it.
    Replaced,
    /// It should have left.
    Missing,
}

impl fmt::Display for NotSentReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Withheld(why) => why.fmt(f),
            Self::UndeclaredSignal => DropReason::UndeclaredSignal.fmt(f),
            Self::Replaced => f.write_str("recorded again"),
            Self::Missing => f.write_str("SHOULD HAVE LEFT"),
        }
    }
}

/// Compares the recorded data with the data that left. The demo opts in to no `opt_in` attribute.
pub fn compare(registry: &Registry<'_>, recorder: &Recorder, seen: Vec<Seen>) -> Comparison {
    let resource = seen.first().map(|seen| seen.resource.to_vec()).unwrap_or_default();
    let on_spans = seen.iter().map(|seen| seen.events.len()).sum();
    let mut work = Comparer {
        registry,
        seen: seen.into_iter().map(Some).collect(),
        missing: Vec::new(),
        unexpected: Vec::new(),
        withheld: BTreeMap::new(),
    };
    let mut blocks: Vec<Option<SignalComparison>> =
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

/// The name of a signal kind.
pub fn kind(signal: SignalKind) -> &'static str {
    match signal {
        SignalKind::Span => "span",
        SignalKind::Event => "event",
    }
}

struct Comparer<'r> {
    registry: &'r Registry<'r>,
    /// The records that left and are not matched yet.
    seen: Vec<Option<Seen>>,
    missing: Vec<String>,
    unexpected: Vec<String>,
    withheld: BTreeMap<DropReason, u64>,
}

/// The destination of a recorded field.
enum Outcome<'r> {
    /// The span's status.
    Status,
    /// This attribute, with its expected value as text; `None` if the value is not known here.
    Leaves(&'r Attribute<'r>, Option<String>),
    Stays(NotSentReason),
}

impl<'r> Comparer<'r> {
    fn record(&mut self, recorded: &RecordedSignal) -> SignalComparison {
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
        SignalComparison {
            signal: kind,
            name,
            left: seen.is_some(),
            why: seen.is_none().then_some(NotSentReason::Missing),
            rows,
        }
    }

    /// An undeclared record: the filter of the layer or the SDK disables its callsite, so it is not counted.
    fn undeclared(recorded: &RecordedSignal) -> SignalComparison {
        let row = |(name, value): &(String, Plain)| Row {
            name: name.clone(),
            recorded: Some(value.to_string()),
            left: None,
            why: Some(NotSentReason::UndeclaredSignal),
        };
        SignalComparison {
            signal: recorded.signal,
            name: recorded.name.clone(),
            left: false,
            why: Some(NotSentReason::UndeclaredSignal),
            rows: recorded.fields.iter().map(row).collect(),
        }
    }

    fn rows(&mut self, recorded: &RecordedSignal, signal: &Signal<'_>, seen: Option<&Seen>) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut expected: Vec<&str> = Vec::new();
        for (place, (name, value)) in recorded.fields.iter().enumerate() {
            let again = recorded.fields.iter().skip(place + 1).any(|(later, _)| later == name);
            let fate = self.fate(recorded.signal, signal, name, value);
            if let Outcome::Stays(NotSentReason::Withheld(why)) = fate {
                *self.withheld.entry(why).or_default() += 1;
            }
            let (left, why) = match fate {
                Outcome::Stays(why) => (None, Some(why)),
                Outcome::Status => (seen.map(|seen| status(seen.status)), None),
                Outcome::Leaves(..) if again => (None, Some(NotSentReason::Replaced)),
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
                    (found, (!right).then_some(NotSentReason::Missing))
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
        let withheld = |why| Outcome::Stays(NotSentReason::Withheld(why));
        match used {
            None => withheld(DropReason::UndeclaredField),
            Some((RequirementLevel::OptIn, _)) => withheld(DropReason::NotOptedIn),
            Some((RequirementLevel::Required | RequirementLevel::Recommended, attribute)) => {
                // Only the pipeline has its secret: the value of a hash is not known here.
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

/// The expected status of a span from its fields, by its OTLP number: ok is final, and other words than ok and error
/// have no effect.
fn expected_status(recorded: &RecordedSignal) -> i32 {
    let values = recorded.fields.iter().filter(|(name, _)| name == STATUS && recorded.signal == SignalKind::Span);
    let is = |word: &str| values.clone().any(|(_, value)| value.to_string().eq_ignore_ascii_case(word));
    if is("ok") {
        1
    } else if is("error") {
        2
    } else {
        0
    }
}

/// The name of a status by its OTLP number.
fn status(number: i32) -> String {
    match number {
        0 => "status unset".into(),
        1 => "status ok".into(),
        2 => "status error".into(),
        other => format!("status {other}"),
    }
}

/// A treated value in the form of `check::read`.
fn text(treatment: &Treatment<'_>, value: Value) -> Option<String> {
    match (value, treatment) {
        (Value::Boolean(value), _) => Some(value.to_string()),
        (Value::Count(value), _) => Some(value.to_string()),
        (
            Value::Member(index),
            Treatment::Enum { members, .. }
            | Treatment::IntegerEnum { members, .. }
            | Treatment::Bucket { members, .. }
            | Treatment::UriScheme { members, .. },
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
