//! What a typed function takes for an attribute, and how that becomes a field's value.

use scruple::registry::{self as tables, RequirementLevel};

use super::names::{Names, Typed};
use super::treatment::Takes;
use crate::registry::{Owned, Signal};

/// An attribute of a signal that the program records.
pub struct RecordedAttribute<'a> {
    /// The attribute.
    pub attribute: &'a tables::Attribute<'static>,
    /// What it means on this signal.
    pub brief: &'a str,
    /// Whether the function asks for it.
    pub is_required: bool,
    /// The setter's or parameter's name.
    pub name: &'a str,
    /// What it takes.
    pub takes: Takes<'a>,
}

/// The attributes of a signal that the program records, by key: not those that are detected or set.
pub fn recorded<'a>(
    owned: &'a Owned,
    names: &'a Names,
    signal: &'a Signal,
    typed: &'a Typed,
) -> Vec<RecordedAttribute<'a>> {
    let uses = signal.uses().zip(&typed.attributes);
    let found = uses.filter_map(|((used, brief), name)| {
        let attribute = &owned.attribute(used.attribute)?.table;
        let enumeration = names.enums.get(usize::from(used.attribute)).and_then(Option::as_ref);
        let takes = Takes::of(&attribute.treatment, enumeration.map(|found| found.name.as_str()))?;
        let brief = brief.unwrap_or(attribute.brief);
        let is_required = used.level == RequirementLevel::Required;
        Some(RecordedAttribute { attribute, brief, is_required, name, takes })
    });
    found.collect()
}
