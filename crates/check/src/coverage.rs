//! Which parts of registries some records have shown: signals, the attributes of each, and the members of each attribute.

use std::fmt;

use super::Format;
use super::stored::{StoredRecord, StoredValue, each_record};
use super::version::version;
use scruple_registry::{Registry, SignalKind};

/// A part of a registry that a record can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeclaredPart<'r> {
    /// A span or an event, by its name.
    Signal(SignalKind, &'r str),
    /// An attribute, by its key, of the resource or of a signal.
    Attribute {
        /// The signal; `None` for the resource.
        of: Option<(SignalKind, &'r str)>,
        /// The key.
        key: &'r str,
    },
    /// A member of an attribute, also a bucket or a name of a list: one part for all signals.
    Member {
        /// The attribute's key.
        key: &'r str,
        /// The value as it is sent; an integer in decimal digits.
        value: &'r str,
    },
}

/// `span words.run`, `words.unit of span words.run`, `os.type of the resource`, `words.unit = line`.
impl fmt::Display for DeclaredPart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal(kind, name) => write!(f, "{} {name}", kind.word()),
            Self::Attribute { of: Some((kind, name)), key } => write!(f, "{key} of {} {name}", kind.word()),
            Self::Attribute { of: None, key } => write!(f, "{key} of the resource"),
            Self::Member { key, value } => write!(f, "{key} = {value}"),
        }
    }
}

/// A part, and the latest time of a record that shows it, in nanoseconds since the epoch.
type PartTime<'r> = (DeclaredPart<'r>, Option<u64>);

/// The parts of registries, each with the latest time of a record that shows it.
#[derive(Debug, Clone)]
pub struct Coverage<'r> {
    registries: Vec<&'r Registry<'r>>,
    /// Sorted by the part.
    parts: Vec<PartTime<'r>>,
    records: u64,
}

impl<'r> Coverage<'r> {
    /// No record yet. The registries are those of [`check`](super::check()): the parts are those of the first version
    /// of the program and of its libraries, and records of other versions show the parts that have the same name.
    pub fn new(registries: &[&'r Registry<'r>]) -> Self {
        let mut parts = Vec::new();
        let current = version(registries, None);
        for registry in current {
            for (kind, signal) in registry.all_signals() {
                parts.push((DeclaredPart::Signal(kind, signal.name), None));
                let of = Some((kind, signal.name));
                let used = signal.attributes.iter().map(|used| used.attribute);
                insert(&mut parts, registry, of, used);
            }
        }
        // Resources are the program's.
        if let Some(program) = current.first() {
            insert(&mut parts, program, None, program.resource.iter().copied());
        }
        parts.sort_unstable();
        parts.dedup();
        Self { registries: registries.to_vec(), parts, records: 0 }
    }

    /// Adds the records of a request, or of one line of a file. A record with an undeclared part is left out.
    pub fn add(&mut self, signal: SignalKind, format: Format, request: &[u8]) {
        let Self { registries, parts, records } = self;
        each_record(registries, signal, format, request, &mut |record| {
            if let Ok(record) = record {
                *records += 1;
                show(parts, &record);
            }
        });
    }

    /// The number of records.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The number of parts.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The number of parts that a record of this time or later shows, in nanoseconds since the epoch.
    pub fn seen_since(&self, time: u64) -> usize {
        self.parts.iter().filter(|(_, latest)| is_since(*latest, time)).count()
    }

    /// How many of a hundred parts a record of this time or later shows, rounded down; 0 without a record.
    pub fn percent_since(&self, time: u64) -> usize {
        let seen = if self.records == 0 { 0 } else { self.seen_since(time) };
        if self.parts.is_empty() && self.records > 0 { 100 } else { seen * 100 / self.parts.len().max(1) }
    }

    /// The parts that no record of this time or later shows, each with the latest time of an earlier one. What belongs to
    /// such a part alone is left out: the attributes of a signal, and the members of an attribute.
    pub fn unseen_since(&self, time: u64) -> Vec<(DeclaredPart<'r>, Option<u64>)> {
        let is_seen = |wanted: &dyn Fn(&DeclaredPart<'r>) -> bool| {
            self.parts.iter().any(|(part, latest)| is_since(*latest, time) && wanted(part))
        };
        let is_own = |part: &DeclaredPart<'r>| match *part {
            DeclaredPart::Signal(..) | DeclaredPart::Attribute { of: None, .. } => true,
            DeclaredPart::Attribute { of: Some((kind, name)), .. } => {
                is_seen(&|other| *other == DeclaredPart::Signal(kind, name))
            }
            DeclaredPart::Member { key, .. } => {
                is_seen(&|other| matches!(other, DeclaredPart::Attribute { key: of, .. } if *of == key))
            }
        };
        let unseen = self.parts.iter().filter(|(part, latest)| !is_since(*latest, time) && is_own(part));
        unseen.copied().collect()
    }
}

fn is_since(latest: Option<u64>, time: u64) -> bool {
    latest.is_some_and(|latest| latest >= time)
}

fn insert<'r>(
    parts: &mut Vec<PartTime<'r>>,
    registry: &Registry<'r>,
    of: Option<(SignalKind, &'r str)>,
    attributes: impl Iterator<Item = u16>,
) {
    for attribute in attributes.filter_map(|index| registry.attribute(index)) {
        let key = attribute.key;
        parts.push((DeclaredPart::Attribute { of, key }, None));
        for value in attribute.treatment.members() {
            parts.push((DeclaredPart::Member { key, value }, None));
        }
    }
}

/// Notes the time of a record at each part that it shows.
fn show(parts: &mut [PartTime<'_>], record: &StoredRecord<'_>) {
    let own = Some((record.kind, record.signal.name));
    note(parts, &DeclaredPart::Signal(record.kind, record.signal.name), record.start);
    for (key, value) in record.attributes() {
        // A signal and the resource have no attribute in common.
        note(parts, &DeclaredPart::Attribute { of: own, key }, record.start);
        note(parts, &DeclaredPart::Attribute { of: None, key }, record.start);
        let mut member = |value: &str| note(parts, &DeclaredPart::Member { key, value }, record.start);
        match value {
            StoredValue::Boolean(_) => {}
            StoredValue::Int(number) => member(&number.to_string()),
            StoredValue::Text(text) => member(text),
            StoredValue::Texts(texts) => texts.into_iter().for_each(member),
        }
    }
}

fn note(parts: &mut [PartTime<'_>], part: &DeclaredPart<'_>, time: u64) {
    let found = parts.binary_search_by(|(known, _)| known.cmp(part));
    if let Some((_, latest)) = found.ok().and_then(|place| parts.get_mut(place)) {
        *latest = (*latest).max(Some(time));
    }
}
