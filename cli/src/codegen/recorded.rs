//! What a typed function takes for an attribute, and how that becomes a field's value.

use scruple::registry::RequirementLevel;

use super::names::{Names, Typed};
use crate::registry::{Attribute, Owned, Signal, Treatment};

/// An attribute of a signal that the program records.
pub struct Recorded<'a> {
    /// The attribute.
    pub attribute: &'a Attribute,
    /// What it means on this signal.
    pub brief: &'a str,
    /// Whether the function asks for it.
    pub is_required: bool,
    /// The setter's or parameter's name.
    pub name: &'a str,
    /// What it takes.
    pub takes: Takes<'a>,
}

/// The type of a parameter.
#[derive(Clone, Copy)]
pub enum Takes<'a> {
    /// `bool`.
    Boolean,
    /// The enum of this name.
    Enum(&'a str),
    /// `u64`.
    Unsigned,
    /// `i64`: buckets with bounds at or below zero.
    Signed,
    /// `&str`.
    Text,
    /// `&[&str]`.
    Names,
    /// `&std::panic::Location`.
    Location,
}

/// The attributes of a signal that the program records, by key: not those that are detected or set.
pub fn recorded<'a>(owned: &'a Owned, names: &'a Names, signal: &'a Signal, typed: &'a Typed) -> Vec<Recorded<'a>> {
    let uses = signal.uses.iter().zip(&typed.attributes);
    let found = uses.filter_map(|(used, name)| {
        let attribute = owned.attribute(used.attribute)?;
        let enumeration = names.enums.get(usize::from(used.attribute)).and_then(Option::as_ref);
        let takes = match &attribute.treatment {
            Treatment::Boolean => Takes::Boolean,
            Treatment::Enum { .. } => Takes::Enum(&enumeration?.name),
            Treatment::Bucket { below, .. } if below.first().is_some_and(|bound| *bound <= 0) => Takes::Signed,
            Treatment::Bucket { .. } | Treatment::Count { .. } => Takes::Unsigned,
            Treatment::UriScheme { .. } | Treatment::Hash | Treatment::Sha256 { .. } | Treatment::Version => {
                Takes::Text
            }
            Treatment::Names { .. } => Takes::Names,
            Treatment::Location => Takes::Location,
            Treatment::Agent { .. } | Treatment::Given { .. } => return None,
        };
        let brief = used.brief.as_ref().unwrap_or(&attribute.brief);
        let is_required = used.level == RequirementLevel::Required;
        Some(Recorded { attribute, brief, is_required, name, takes })
    });
    found.collect()
}

impl Takes<'_> {
    /// The parameter's type; `lifetime` is `""` or `"'a "`.
    pub fn parameter(self, lifetime: &str) -> String {
        match self {
            Self::Boolean => "bool".to_owned(),
            Self::Enum(name) => name.to_owned(),
            Self::Unsigned => "u64".to_owned(),
            Self::Signed => "i64".to_owned(),
            Self::Text => format!("&{lifetime}str"),
            Self::Names => format!("&{lifetime}[&{lifetime}str]"),
            Self::Location => {
                let inner = if lifetime.is_empty() { "'_" } else { lifetime.trim_end() };
                format!("&{lifetime}::core::panic::Location<{inner}>")
            }
        }
    }

    /// Whether the parameter borrows.
    pub fn borrows(self) -> bool {
        matches!(self, Self::Text | Self::Names | Self::Location)
    }

    /// The field's value from an expression of the parameter's type.
    pub fn value(self, expression: &str) -> String {
        match self {
            Self::Boolean | Self::Unsigned | Self::Signed | Self::Text => expression.to_owned(),
            Self::Enum(_) => format!("{expression}.as_str()"),
            Self::Names => format!("::tracing::field::debug({expression})"),
            Self::Location => format!(
                "::tracing::field::display(::core::format_args!(\"{{}}:{{}}\", {expression}.file(), {expression}.line()))"
            ),
        }
    }

    /// The field's value from an expression of the parameter's type in an `Option`; `None` records nothing.
    pub fn optional_value(self, expression: &str) -> String {
        match self {
            Self::Boolean | Self::Unsigned | Self::Signed | Self::Text => expression.to_owned(),
            Self::Enum(name) => format!("{expression}.map({name}::as_str)"),
            Self::Names => format!("{expression}.map(::tracing::field::debug)"),
            // A value that formats lazily would refer to a place that is gone.
            Self::Location => {
                format!("{expression}.map(|place| ::std::format!(\"{{}}:{{}}\", place.file(), place.line()))")
            }
        }
    }
}
