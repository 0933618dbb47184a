//! One difference between two registries: its direction, its kind, and a sentence about it.

use std::fmt;

/// One difference. As text it is a sentence without a full stop; text from a registry is escaped, so that it can't
/// steer a terminal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Whether more is collected, or less.
    pub direction: Direction,
    /// The subject, as in `the event words.read`, `words.unit` or `com.example.words`.
    pub subject: String,
    /// The kind of the changed fact.
    pub what: ChangeKind,
    /// The predicate, as in `now also carries words.input.size`.
    pub predicate: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.predicate)
    }
}

/// Whether a difference allows more data. As text: `wider`, `narrower` or `other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// More is collected, for longer, or by another controller; or this can't be excluded.
    Wider,
    /// Less is collected.
    Narrower,
    /// Neither more nor less.
    Other,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Other => "other",
        })
    }
}

/// The kind of a changed fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The program's own registry is another one.
    Program,
    /// A registry was added or removed.
    Registry,
    /// The controller of the data.
    Controller,
    /// The endpoint.
    Endpoint,
    /// Whether the receiver keeps a part of the sender's address.
    ClientAddress,
    /// The lifetime of hashes and of the installation id.
    Rotation,
    /// The resolution of times.
    Time,
    /// The value of `service.name`.
    ServiceName,
    /// The registry's schema URL.
    SchemaUrl,
    /// The link to more information.
    Link,
    /// The end of what is collected: a date, or a version of the program.
    Expires,
    /// What it is collected for: a purpose, or its description.
    Purpose,
    /// The retention at the receiver: a promise in words, which is neither in the text nor in the tables. Only tools
    /// that read registries compare it.
    Retention,
    /// How the program asks: a setting, which is not in the text. Only tools that read registries compare it.
    Preset,
    /// A span or an event was added or removed.
    Signal,
    /// A signal or the resource has more or fewer attributes.
    Carried,
    /// The requirement level of an attribute: whether it is sent only if the author opts in.
    Level,
    /// The most records that a process may report.
    AtMost,
    /// The kind of a span.
    Kind,
    /// The declaration of an attribute was added or removed.
    Attribute,
    /// The treatment of a recorded value.
    Treatment,
    /// A value that may be sent.
    Member,
    /// The value in place of every undeclared one.
    Otherwise,
    /// The value if nothing was recorded.
    Absent,
    /// The buckets of a number.
    Buckets,
    /// The largest number.
    Max,
    /// The normalisation of a text before its hash.
    Normalize,
    /// The field that an attribute is recorded in.
    Field,
    /// The description in the registry's words.
    Brief,
    /// The reason for a declaration.
    Because,
}

impl ChangeKind {
    /// The name of the kind, as in the JSON of `scruple diff`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Registry => "registry",
            Self::Controller => "controller",
            Self::Endpoint => "endpoint",
            Self::ClientAddress => "client_address",
            Self::Rotation => "rotation",
            Self::Time => "time",
            Self::ServiceName => "service_name",
            Self::SchemaUrl => "schema_url",
            Self::Link => "link",
            Self::Expires => "expires",
            Self::Purpose => "purpose",
            Self::Retention => "retention",
            Self::Preset => "preset",
            Self::Signal => "signal",
            Self::Carried => "carried",
            Self::Level => "level",
            Self::AtMost => "at_most",
            Self::Kind => "kind",
            Self::Attribute => "attribute",
            Self::Treatment => "treatment",
            Self::Member => "member",
            Self::Otherwise => "otherwise",
            Self::Absent => "absent",
            Self::Buckets => "buckets",
            Self::Max => "max",
            Self::Normalize => "normalize",
            Self::Field => "field",
            Self::Brief => "brief",
            Self::Because => "because",
        }
    }
}
