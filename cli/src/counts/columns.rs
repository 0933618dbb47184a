//! The columns of each signal: what the versions of a registry declare for it, joined.
//!
//! A key that two versions declare with different forms becomes a column of text. Where versions differ at all, a note
//! says so: the numbers of such a column are of different questions.

use std::collections::BTreeMap;

use scruple::registry::{Attribute, Registry, Signal, SignalKind, Source, Treatment};

/// A signal of any version, with a column for each attribute that a record of it may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalColumns {
    /// The signal's name; with its kind behind it, if a span and an event have this name.
    pub name: String,
    /// Whether it is a span or an event.
    pub kind: SignalKind,
    /// The registry's sentence about it.
    pub brief: String,
    /// By key.
    pub columns: Vec<AttributeColumn>,
}

/// One attribute of a signal or of the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeColumn {
    /// The attribute's key.
    pub key: String,
    /// The registry's sentence about it.
    pub brief: String,
    /// The form of its values.
    pub form: ColumnForm,
    /// The declared members, in the registry's order: that of buckets.
    pub members: Vec<String>,
    /// The maximum of a whole number; else 0.
    pub max: i64,
    /// Whether the order of the members has a meaning.
    pub is_ordered: bool,
    /// Whether its values make a table; ids, hashes and the program's name don't.
    pub is_tabled: bool,
    /// Whether all versions that have it declare it alike.
    pub is_alike: bool,
}

impl AttributeColumn {
    /// The column of an attribute, as one registry declares it.
    pub fn of(attribute: &Attribute<'_>) -> Self {
        let treatment = attribute.treatment;
        let form = match treatment {
            Treatment::Boolean => ColumnForm::Boolean,
            Treatment::Count { .. } => ColumnForm::Int,
            Treatment::Names { .. } => ColumnForm::Texts,
            Treatment::IntegerEnum { .. } => ColumnForm::IntegerMember,
            Treatment::Hash => ColumnForm::Hex(16),
            Treatment::Sha256 { .. } => ColumnForm::Hex(32),
            Treatment::Given { source: Source::Session | Source::Installation, .. } => ColumnForm::Uuid,
            _ => ColumnForm::Text,
        };
        let is_tabled = !matches!(form, ColumnForm::Uuid | ColumnForm::Hex(_)) && attribute.key != "service.name";
        Self {
            key: attribute.key.to_owned(),
            brief: attribute.brief.to_owned(),
            form,
            max: if let Treatment::Count { max } = treatment { max } else { 0 },
            is_ordered: matches!(treatment, Treatment::Bucket { .. } | Treatment::Count { .. }),
            members: treatment.members().iter().map(|member| (*member).to_owned()).collect(),
            is_tabled,
            is_alike: true,
        }
    }
}

/// The form of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnForm {
    /// True or false.
    Boolean,
    /// A whole number, not negative.
    Int,
    /// An integer that is a member: a whole number in a row, and counted as a member.
    IntegerMember,
    /// Text that repeats: a member, a version, a location.
    Text,
    /// A list of members.
    Texts,
    /// A UUID: 16 bytes.
    Uuid,
    /// This number of bytes, in hexadecimal.
    Hex(i32),
}

/// What counts as one unit: whose distinct number the threshold is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The installation id; it changes with the registry's rotation.
    Installation,
    /// The id of one process.
    Session,
    /// Nothing is declared that tells one person's records from another's: nothing is published.
    None,
}

/// The columns of all signals, by name.
#[derive(Debug, Clone)]
pub struct AllColumns {
    /// By name.
    pub signals: Vec<SignalColumns>,
    /// The unit, from the current version.
    pub unit: Unit,
    /// The key of the unit's attribute.
    pub unit_key: Option<String>,
    /// Where versions differ.
    pub differences: Vec<String>,
}

impl SignalColumns {
    /// The signal's name alone.
    pub fn own_name(&self) -> &str {
        self.name.split_once(' ').map_or(&self.name, |(name, _)| name)
    }
}

impl AllColumns {
    /// Joins the declarations of all versions of a program and its libraries. The first is the current program's.
    pub fn new(registries: &[&Registry<'_>]) -> Self {
        let app_id = registries.first().map(|program| program.service.app_id);
        let programs: Vec<_> =
            registries.iter().filter(|registry| Some(registry.service.app_id) == app_id).copied().collect();
        let mut signals: BTreeMap<(String, SignalKind), Joined> = BTreeMap::new();
        for registry in registries {
            for (kind, signal) in registry.all_signals() {
                let joined = signals.entry((signal.name.to_owned(), kind)).or_default();
                joined.signal(registry, signal);
            }
        }
        for joined in signals.values_mut() {
            for program in &programs {
                joined.attributes(program, program.resource.iter().copied());
            }
        }
        let mut differences = Vec::new();
        let names: Vec<_> = signals.keys().cloned().collect();
        let mut all = Vec::new();
        for ((name, kind), joined) in signals {
            let is_twice = names.iter().filter(|(other, _)| *other == name).count() > 1;
            let word = if kind == SignalKind::Span { "span" } else { "event" };
            let missing = joined.versions < programs.len() && joined.versions > 0 && programs.len() > 1;
            if missing {
                let text = format!("{name}: only {} of {} versions declare it", joined.versions, programs.len());
                differences.push(text);
            }
            differences
                .extend(joined.differs.iter().map(|key| format!("{name}: the versions declare {key} differently")));
            let name = if is_twice { format!("{name} ({word})") } else { name };
            let columns = joined.columns.into_values().map(|(_, column)| column).collect();
            all.push(SignalColumns { name, kind, brief: joined.brief, columns });
        }
        let unit = registries.first().map_or((Unit::None, None), |program| unit(program));
        Self { signals: all, unit: unit.0, unit_key: unit.1, differences }
    }

    /// The index of a signal.
    pub fn index(&self, kind: SignalKind, name: &str) -> Option<usize> {
        let is_it = |signal: &SignalColumns| signal.kind == kind && signal.own_name() == name;
        self.signals.iter().position(is_it)
    }
}

/// One signal, while versions are joined.
#[derive(Default)]
struct Joined {
    brief: String,
    versions: usize,
    /// With the facts that versions are compared by.
    columns: BTreeMap<String, (String, AttributeColumn)>,
    differs: Vec<String>,
}

impl Joined {
    fn signal(&mut self, registry: &Registry<'_>, signal: &Signal<'_>) {
        self.versions += 1;
        if self.brief.is_empty() {
            signal.brief.clone_into(&mut self.brief);
        }
        self.attributes(registry, signal.attributes.iter().map(|used| used.attribute));
    }

    fn attributes(&mut self, registry: &Registry<'_>, indices: impl Iterator<Item = u16>) {
        for attribute in indices.filter_map(|index| registry.attribute(index)) {
            let (facts, new) = (facts(attribute), AttributeColumn::of(attribute));
            let Some((old_facts, old)) = self.columns.get_mut(attribute.key) else {
                self.columns.insert(attribute.key.to_owned(), (facts, new));
                continue;
            };
            if *old_facts != facts && old.is_alike {
                old.is_alike = false;
                self.differs.push(old.key.clone());
            }
            if old.form != new.form {
                old.form = ColumnForm::Text;
            }
            old.is_tabled &= new.is_tabled;
            old.is_ordered &= new.is_ordered;
            old.max = old.max.max(new.max);
            let more: Vec<_> = new.members.into_iter().filter(|member| !old.members.contains(member)).collect();
            old.members.extend(more);
        }
    }
}

/// What versions are compared by: everything about the values. The words for people may differ.
fn facts(attribute: &Attribute<'_>) -> String {
    match attribute.treatment {
        // Sources change with each version.
        Treatment::Location { .. } => "location".to_owned(),
        treatment => format!("{treatment:?}"),
    }
}

/// The unit of a program's records: its installation id, else its session id.
fn unit(program: &Registry<'_>) -> (Unit, Option<String>) {
    let key_of = |wanted: Source| {
        let mut all = program.resource.iter().filter_map(|index| program.attribute(*index));
        let is_it = |treatment| matches!(treatment, Treatment::Given { source, .. } if source == wanted);
        all.find(|attribute| is_it(attribute.treatment)).map(|attribute| attribute.key.to_owned())
    };
    match (key_of(Source::Installation), key_of(Source::Session)) {
        (Some(key), _) => (Unit::Installation, Some(key)),
        (None, Some(key)) => (Unit::Session, Some(key)),
        (None, None) => (Unit::None, None),
    }
}
