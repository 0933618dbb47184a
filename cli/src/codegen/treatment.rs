//! A treatment as Rust: its table, and what a typed function takes for it.

use scruple::registry::Treatment;

use super::source::{Source, literal};

/// Writes the table of a treatment, as an argument. The program's sources have this path from the generated file: the
/// compiler counts their lines.
pub fn write(out: &mut Source, treatment: &Treatment<'_>, prefix: &str) {
    let line = match treatment {
        Treatment::Boolean => "Boolean".to_owned(),
        Treatment::Enum { members, otherwise } => {
            format!("Enum {{ members: {}, otherwise: {} }}", texts(members), index(*otherwise))
        }
        Treatment::IntegerEnum { members, otherwise } => {
            format!("IntegerEnum {{ members: {}, otherwise: {} }}", texts(members), index(*otherwise))
        }
        Treatment::Bucket { members, below } => format!("Bucket {{ members: {}, below: &{below:?} }}", texts(members)),
        Treatment::UriScheme { members, otherwise, absent } => format!(
            "UriScheme {{ members: {}, otherwise: {}, absent: {} }}",
            texts(members),
            index(*otherwise),
            index(*absent)
        ),
        Treatment::Agent { members } => format!("Agent {{ members: {} }}", texts(members)),
        Treatment::Names { members } => format!("Names {{ members: {} }}", texts(members)),
        Treatment::Count { max } => format!("Count {{ max: {max} }}"),
        Treatment::Hash => "Hash".to_owned(),
        Treatment::Sha256 { normalize } => format!("Sha256 {{ normalize: table::Normalize::{normalize:?} }}"),
        Treatment::Version => "Version".to_owned(),
        Treatment::Location { files, .. } => {
            out.block("table::Treatment::Location {", "},", |out| {
                out.block("files: &[", "],", |out| {
                    for file in *files {
                        let path = literal(file.path);
                        let content = literal(&format!("{prefix}{}", file.path));
                        // Each is a constant of its own: the compiler limits the steps of one.
                        out.line(&format!(
                            "const {{ table::SourceFile::of({path}, ::core::include_bytes!({content})) }},"
                        ));
                    }
                });
                out.line("root: ::core::env!(\"CARGO_MANIFEST_DIR\"),");
            });
            return;
        }
        Treatment::Given { source, members } => {
            format!("Given {{ source: table::Source::{source:?}, members: {} }}", texts(members))
        }
    };
    out.line(&format!("table::Treatment::{line},"));
}

fn texts(members: &[&str]) -> String {
    let members: Vec<String> = members.iter().map(|member| literal(member)).collect();
    format!("&[{}]", members.join(", "))
}

fn index(index: Option<u16>) -> String {
    match index {
        Some(index) => format!("::core::option::Option::Some({index})"),
        None => "::core::option::Option::None".to_owned(),
    }
}

/// The type of a parameter.
#[derive(Clone, Copy)]
pub enum Takes<'a> {
    /// `bool`.
    Boolean,
    /// The enum of this name, of texts.
    Enum(&'a str),
    /// The enum of this name, of integers.
    IntegerEnum(&'a str),
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

impl<'a> Takes<'a> {
    /// What is taken for a treatment, whose enum has this name; `None` for what is detected or set.
    pub fn of(treatment: &Treatment<'_>, enumeration: Option<&'a str>) -> Option<Self> {
        Some(match treatment {
            Treatment::Boolean => Self::Boolean,
            Treatment::Enum { .. } => Self::Enum(enumeration?),
            Treatment::IntegerEnum { .. } => Self::IntegerEnum(enumeration?),
            Treatment::Bucket { below, .. } if below.first().is_some_and(|bound| *bound <= 0) => Self::Signed,
            Treatment::Bucket { .. } | Treatment::Count { .. } => Self::Unsigned,
            Treatment::UriScheme { .. } | Treatment::Hash | Treatment::Sha256 { .. } | Treatment::Version => Self::Text,
            Treatment::Names { .. } => Self::Names,
            Treatment::Location { .. } => Self::Location,
            Treatment::Agent { .. } | Treatment::Given { .. } => return None,
        })
    }
}

impl Takes<'_> {
    /// The parameter's type; `lifetime` is `""` or `"'a "`.
    pub fn parameter(self, lifetime: &str) -> String {
        match self {
            Self::Boolean => "bool".to_owned(),
            Self::Enum(name) | Self::IntegerEnum(name) => name.to_owned(),
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
            Self::IntegerEnum(_) => format!("{expression}.as_i64()"),
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
            Self::IntegerEnum(name) => format!("{expression}.map({name}::as_i64)"),
            Self::Names => format!("{expression}.map(::tracing::field::debug)"),
            // A value that formats lazily would refer to a place that is gone.
            Self::Location => {
                format!("{expression}.map(|place| ::std::format!(\"{{}}:{{}}\", place.file(), place.line()))")
            }
        }
    }
}
