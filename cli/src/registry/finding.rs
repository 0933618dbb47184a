//! What is wrong with a registry, where, and what to write instead.

use std::fmt;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// One mistake, or one warning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The file or folder, as it was named on the command line.
    pub file: String,
    /// From 1; 0 where the finding is about the file or folder as a whole.
    pub line: usize,
    /// From 1, in characters; 0 where the finding is about the file or folder as a whole.
    pub column: usize,
    /// Whether it stops `codegen`.
    pub severity: Severity,
    /// Which kind of rule was broken.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// Whether a finding stops `codegen`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The registry can't be used.
    Error,
    /// The registry can be used, and this should be known.
    Warning,
}

/// The kinds of rule, for machines; the names in JSON are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The folder or a file can't be read, is too large, or is not UTF-8.
    Unreadable,
    /// Not the part of YAML that a registry is written in.
    Syntax,
    /// A list where a mapping belongs, a number where text belongs, and the like.
    Shape,
    /// A key that the format doesn't have.
    UnknownKey,
    /// A key that has to be there.
    MissingKey,
    /// Said twice.
    Duplicate,
    /// Refers to something that is not declared.
    Reference,
    /// A name, key, id or field that doesn't have the allowed form.
    Name,
    /// Text that is empty, too long, or not printable.
    Text,
    /// A word that is not one of those allowed in its place, or a number outside its range.
    Value,
    /// A type that can't be sent.
    Type,
    /// A treatment that is missing, or doesn't fit the type or the preset.
    Treatment,
    /// The members of an enum or of a list of names.
    Member,
    /// The bounds of buckets.
    Bucket,
    /// More of something than is allowed.
    Limit,
    /// A choice that wants a reason.
    Because,
    /// The endpoint or another URL.
    Endpoint,
    /// What belongs to the resource and what doesn't.
    Resource,
    /// A part of the format that scruple doesn't read.
    Unsupported,
    /// The program's sources.
    Location,
    /// A treatment that protects little.
    Reversible,
    /// An enum with so many members that a value may be one person's.
    WideEnum,
    /// Buckets so narrow that they are the number.
    FineBucket,
    /// A version with four parts.
    LongVersion,
    /// A part of the address, which the receiver adds.
    ClientAddress,
    /// Fine times beside an id that stays.
    Followed,
    /// Values that together may be one person's.
    SinglesOut,
    /// Declared, and of no signal or entity.
    Unused,
    /// A brief that says nothing.
    IdleBrief,
    /// A key of the manifest that is not read.
    ManifestKey,
    /// A name or address that is reserved for examples and tests.
    Placeholder,
    /// A receiver on the program's own machine.
    Loopback,
    /// A retention that only people can read.
    LooseRetention,
    /// An end that is no earlier than another one that holds as well.
    NeedlessEnd,
    /// An end within 30 days.
    ExpiresSoon,
    /// An end that is past.
    Expired,
    /// A warning was accepted that there isn't.
    NeedlessAccept,
}

/// The warnings that a reviewer can accept, by their names.
pub const WARNINGS: [(&str, Rule); 16] = [
    ("reversible", Rule::Reversible),
    ("wide_enum", Rule::WideEnum),
    ("fine_bucket", Rule::FineBucket),
    ("long_version", Rule::LongVersion),
    ("client_address", Rule::ClientAddress),
    ("followed", Rule::Followed),
    ("singles_out", Rule::SinglesOut),
    ("unused", Rule::Unused),
    ("idle_brief", Rule::IdleBrief),
    ("manifest_key", Rule::ManifestKey),
    ("placeholder", Rule::Placeholder),
    ("loopback", Rule::Loopback),
    ("loose_retention", Rule::LooseRetention),
    ("needless_end", Rule::NeedlessEnd),
    ("expires_soon", Rule::ExpiresSoon),
    ("expired", Rule::Expired),
];

impl Finding {
    /// The finding as it is shown: one line as compilers write it, and one line of help.
    ///
    /// Text from files is escaped, so that nothing in a registry can steer a terminal.
    pub fn render(&self, colour: Colour) -> Rendered<'_> {
        Rendered { finding: self, colour }
    }
}

/// Whether to mark severity and help with ANSI styles; the stream they are written to may still strip them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Styled.
    On,
    /// Plain.
    Off,
}

/// A finding on its way to a terminal.
#[derive(Debug)]
pub struct Rendered<'a> {
    finding: &'a Finding,
    colour: Colour,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = self.finding;
        write!(f, "{}", escaped(&finding.file))?;
        if finding.line > 0 {
            write!(f, ":{}:{}", finding.line, finding.column)?;
        }
        let (word, colour) = match finding.severity {
            Severity::Error => ("error", AnsiColor::Red),
            Severity::Warning => ("warning", AnsiColor::Yellow),
        };
        let (loud, quiet) = match self.colour {
            Colour::On => (colour.on_default().bold(), AnsiColor::Cyan.on_default()),
            Colour::Off => (Style::new(), Style::new()),
        };
        write!(f, ": {loud}{word}")?;
        if let Some((name, _)) = WARNINGS.iter().find(|(_, rule)| *rule == finding.rule) {
            write!(f, "[{name}]")?;
        }
        writeln!(f, ":{loud:#} {}", escaped(&finding.message))?;
        writeln!(f, "  {quiet}help:{quiet:#} {}", escaped(&finding.help))
    }
}

/// Text as a terminal may show it.
pub fn escaped(text: &str) -> String {
    scruple::registry::escaped(text)
}

/// A place in a registry's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as it was named on the command line.
    pub file: String,
    /// The position in it.
    pub at: Position,
}

impl Place {
    /// An error at this place.
    pub fn error(&self, rule: Rule, message: impl Into<String>, help: impl Into<String>) -> Finding {
        self.finding(Severity::Error, rule, message.into(), help.into())
    }

    /// A warning at this place.
    pub fn warning(&self, rule: Rule, message: impl Into<String>, help: impl Into<String>) -> Finding {
        self.finding(Severity::Warning, rule, message.into(), help.into())
    }

    /// Where it is, for other findings that refer to it.
    pub fn short(&self) -> String {
        format!("{}:{}:{}", self.file, self.at.line, self.at.column)
    }

    fn finding(&self, severity: Severity, rule: Rule, message: String, help: String) -> Finding {
        let Position { line, column } = self.at;
        Finding { file: self.file.clone(), line, column, severity, rule, message, help }
    }
}

/// A line and a column, both from 1; both 0 for a file as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}
