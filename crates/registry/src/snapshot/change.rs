//! One difference between two registries: its direction, its kind, and a sentence about it.

use std::fmt;

/// One difference. As text it is a sentence without a full stop, in which whatever a registry's author wrote is
/// escaped where it could steer a terminal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Whether more is said, or less.
    pub direction: Direction,
    /// What it is about, as in `the event words.read`, `words.unit` or `com.example.words`.
    pub subject: String,
    /// Which kind of fact changed.
    pub what: ChangeKind,
    /// What is new about the subject, as in `now also carries words.input.size`.
    pub predicate: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.predicate)
    }
}

/// Whether a difference lets more be collected. As text: `wider`, `narrower` or `other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// More is collected, for longer, or by another controller; or that can't be ruled out.
    Wider,
    /// Less is collected.
    Narrower,
    /// Neither.
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

/// Which kind of fact changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// Which registry is the program's own.
    Program,
    /// A registry came or went.
    Registry,
    /// Who answers for the data.
    Controller,
    /// Where records go.
    Endpoint,
    /// Whether the receiver keeps a part of the address.
    ClientAddress,
    /// How long hashes and the installation id stay the same.
    Rotation,
    /// The grain of times.
    Time,
    /// What `service.name` says.
    ServiceName,
    /// The registry's schema URL.
    SchemaUrl,
    /// Where to read more.
    Link,
    /// How long the receiver keeps records: a promise in words that no text or table holds. Only tools that read
    /// registries know of it.
    Retention,
    /// A span or an event came or went.
    Signal,
    /// A signal carries an attribute, or the resource does.
    Carried,
    /// Whether an attribute is sent only when the author opts in.
    Level,
    /// How many a process may report.
    AtMost,
    /// The kind of a span.
    Kind,
    /// The declaration of an attribute came or went.
    Attribute,
    /// What happens to a recorded value.
    Treatment,
    /// A value that may be sent.
    Member,
    /// The value that stands for every other.
    Otherwise,
    /// The value for nothing recorded.
    Absent,
    /// How numbers are told apart.
    Buckets,
    /// The largest number.
    Max,
    /// What is done to text before it is hashed.
    Normalize,
    /// The field that it is recorded in.
    Field,
    /// What something means, in the registry's words.
    Brief,
    /// The reason for something.
    Because,
}

impl ChangeKind {
    /// Its name, as in the JSON of `scruple diff`.
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
            Self::Retention => "retention",
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
