//! What may be said: the declared spans, events, attributes and resource, as constant tables.
//!
//! A registry is written as YAML in Weaver's `definition/2` format. `scruple codegen` turns it into a
//! `static` of the types here; no program reads YAML at run time. The types are borrowed tables without
//! behaviour beyond look-up, so that a table is also what a reviewer reads.
//!
//! Rules that `scruple check` holds for every table (the library relies on them: [`Registry::validate`] looks again, and
//! tables that break one turn telemetry off):
//!
//! - the app id names a folder: letters, digits, `-`, `_` and single dots inside, at most 128 bytes;
//! - `attributes`, `spans` and `events` are each sorted by key or name, without duplicates;
//! - names and keys match `^[a-z][a-z0-9_.]*$` and have at most 128 bytes;
//! - a signal has at most [`MAX_ATTRIBUTES`] attributes, sorted by key; a [`Treatment::Names`] has at most
//!   [`MAX_NAMES`] members; a member has at most [`MAX_TEXT`] bytes of printable text;
//! - the members of [`Treatment::Names`] are sorted; the bounds of [`Treatment::Bucket`] grow, and are one fewer than its
//!   members; the maximum of a [`Treatment::Count`] is not below 0; an index is that of a member;
//! - the resource has attributes with [`Treatment::Given`] only, sorted by key.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod construct;
mod endpoint;
mod kind;
mod printable;
pub mod snapshot;
mod validate;
mod words;

pub use endpoint::{Endpoint, EndpointError};
pub use kind::TreatmentKind;
pub use printable::{escaped, escaped_json, is_printable};
pub use validate::InvalidRegistry;

/// The most attributes that one span or event may declare.
pub const MAX_ATTRIBUTES: usize = 32;

/// The most members that a list of names may declare.
pub const MAX_NAMES: usize = 64;

/// The longest text on the wire, in bytes.
pub const MAX_TEXT: usize = 256;

/// All that one program may report, and to whom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Registry<'a> {
    /// The registry's own schema URL, from its manifest.
    pub schema_url: &'a str,
    /// Who reports, to whom, and how identity and time are coarsened.
    pub service: Service<'a>,
    /// Every declared attribute, sorted by key. Signals and the resource refer to it by index.
    pub attributes: &'a [Attribute<'a>],
    /// The attributes of the resource: indices into `attributes`, ascending.
    pub resource: &'a [u16],
    /// The declared spans, sorted by name.
    pub spans: &'a [Signal<'a>],
    /// The declared events, sorted by name.
    pub events: &'a [Signal<'a>],
}

impl<'a> Registry<'a> {
    /// The index of the span of this name.
    pub fn span(&self, name: &str) -> Option<u16> {
        find(self.spans, name)
    }

    /// The index of the event of this name.
    pub fn event(&self, name: &str) -> Option<u16> {
        find(self.events, name)
    }

    /// The spans or the events.
    pub fn signals(&self, kind: SignalKind) -> &'a [Signal<'a>] {
        match kind {
            SignalKind::Span => self.spans,
            SignalKind::Event => self.events,
        }
    }

    /// The attribute that a signal or the resource refers to.
    pub fn attribute(&self, index: u16) -> Option<&'a Attribute<'a>> {
        self.attributes.get(usize::from(index))
    }
}

fn find(signals: &[Signal<'_>], name: &str) -> Option<u16> {
    let index = signals.binary_search_by(|signal| signal.name.cmp(name)).ok()?;
    u16::try_from(index).ok()
}

/// Who reports, to whom: the annotation on the registry's `service` entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service<'a> {
    /// The program's id as a reversed domain, for example `com.example.mlnet`.
    pub app_id: &'a str,
    /// What `service.name` says.
    pub name: &'a str,
    /// What `service.version` says: `env!("CARGO_PKG_VERSION")` in generated tables.
    pub version: &'a str,
    /// Who answers for the data, and how to reach them.
    pub controller: &'a str,
    /// The OTLP base URL: `https`, or `http` on loopback.
    pub endpoint: &'a str,
    /// The public page that says more about the telemetry: `https`, at most [`MAX_TEXT`] bytes, without a query or
    /// fragment. For people only: it is shown, and never sent or fetched.
    pub link: Option<&'a str>,
    /// Whether whoever receives a record adds three octets of the IPv4 address that it came from, as `client.address`. The
    /// program knows no address and sends none. It adds them to records with this registry's schema URL alone, so that one
    /// that says so has a URL of its own.
    pub client_address: bool,
    /// How often hashes and the installation id change.
    pub rotate: Rotation,
    /// The finest time that a signal without a grain of its own reports.
    pub time: TimeResolution,
    /// Why the rotation is what it is.
    pub because: Option<&'a str>,
}

/// A declared attribute: its key on the wire, the field it is recorded in, and the way from one to the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attribute<'a> {
    /// The key on the wire.
    pub key: &'a str,
    /// The name of the field it is recorded in: the key, unless `privacy: {field: …}` names another.
    pub field: &'a str,
    /// What it means, in the registry's words.
    pub brief: &'a str,
    /// What happens to a recorded value.
    pub treatment: Treatment<'a>,
    /// Why so much is said, where the treatment wants a reason.
    pub because: Option<&'a str>,
}

/// A declared span or event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signal<'a> {
    /// The span's or event's name, exactly as it is recorded and sent.
    pub name: &'a str,
    /// What it means, in the registry's words.
    pub brief: &'a str,
    /// The kind of a span; [`SpanKind::Internal`] for an event, where it is not sent.
    pub kind: SpanKind,
    /// The attributes it may carry, sorted by key.
    pub attributes: &'a [AttributeRef],
    /// What its times are rounded down to.
    pub time: TimeResolution,
    /// How many a process may report.
    pub at_most: u32,
    /// Why its times are finer than the service's.
    pub because: Option<&'a str>,
}

/// One attribute of one signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeRef {
    /// The index into [`Registry::attributes`].
    pub attribute: u16,
    /// Whether it is expected, welcome, or sent only when the author opts in.
    pub level: RequirementLevel,
}

/// Which of the two kinds of signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalKind {
    /// A span: OTLP traces.
    Span,
    /// An event: an OTLP log record with an event name.
    Event,
}

/// A span's kind, with its number in OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Work inside the program.
    Internal = 1,
    /// The answering side of a call.
    Server = 2,
    /// The asking side of a call.
    Client = 3,
    /// The sending side of a message.
    Producer = 4,
    /// The receiving side of a message.
    Consumer = 5,
}

/// The requirement level of an attribute on a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequirementLevel {
    /// A record without it is kept, and the lack is counted.
    Required,
    /// Sent when recorded.
    Recommended,
    /// Sent when recorded, if the author said `.opt_in("key")`.
    OptIn,
}

/// What happens to a recorded value on its way to the wire.
///
/// The edge values are the same for all of them: NaN, the infinities, bytes, 128-bit integers, integers outside
/// `i64` (also as decimal text) and errors are withheld, and so is text over 4,096 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Treatment<'a> {
    /// A boolean passes; anything else is withheld.
    Boolean,
    /// A member passes, exactly; anything else becomes `otherwise`, or is withheld.
    Enum {
        /// The values that may be sent.
        members: &'a [&'a str],
        /// The index of the member that stands for every other value.
        otherwise: Option<u16>,
    },
    /// A number, or its decimal text, becomes the first member whose bound it is below.
    Bucket {
        /// The values that may be sent, from the lowest bucket to the highest.
        members: &'a [&'a str],
        /// The exclusive upper bound of each member but the last, which has none.
        below: &'a [i64],
    },
    /// A URI becomes its scheme; no scheme, or one of a single letter, is `file`.
    UriScheme {
        /// The schemes that may be sent.
        members: &'a [&'a str],
        /// The index of the member that stands for every other scheme.
        otherwise: Option<u16>,
        /// The index of the member for an empty URI, and for none recorded.
        absent: Option<u16>,
    },
    /// The coding agent or host that runs the program: detected, never recorded.
    Agent {
        /// The agents that may be sent.
        members: &'a [&'a str],
    },
    /// A list (commas, blanks, Debug form) becomes the members in it, sorted, once each.
    Names {
        /// The names that may be sent, sorted.
        members: &'a [&'a str],
    },
    /// A number, or its decimal text, clamped to `0..=max`.
    Count {
        /// The largest value that may be sent.
        max: i64,
    },
    /// Text becomes 32 hexadecimal digits of HMAC-SHA-256 (RFC 2104, FIPS 180-4) under the period's secret and the
    /// attribute's key.
    Hash,
    /// Text becomes the 64 hexadecimal digits of its SHA-256. Anyone can repeat that: for compatibility only.
    Sha256 {
        /// What is done to the text first.
        normalize: Normalize,
    },
    /// One to three numbers under 10,000, and a known pre-release tag, as in `1.2.3-rc`; else withheld.
    Version,
    /// A place in the program's own sources, as in `src/main.rs:42`; else withheld.
    Location {
        /// The sources it may name.
        files: &'a [SourceFile<'a>],
        /// What stands before the path where the crate is built from somewhere else: the crate's folder, absolute,
        /// as `env!("CARGO_MANIFEST_DIR")` gives it. Compared with what was recorded, never sent.
        root: &'a str,
    },
    /// Set by the pipeline, never recorded: part of the resource.
    Given {
        /// Where it comes from.
        source: Source,
        /// The values that may be sent; empty for a plain string.
        members: &'a [&'a str],
    },
}

/// What the pipeline itself says of the program, once a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `service.name` and `service.version`.
    App,
    /// `session.id`: a random version 4 UUID a process.
    Session,
    /// `service.instance.id`: a UUID that changes with the rotation.
    Installation,
    /// `os.type`, `os.version` (two numbers) and `host.arch`.
    System,
    /// `process.runtime.name` (`rustc`) and `process.runtime.version`: the compiler it was built with.
    Runtime,
}

/// A file that a location may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceFile<'a> {
    /// Relative to the crate's folder, with forward slashes, as in `src/main.rs`.
    pub path: &'a str,
    /// How many lines it has.
    pub lines: u32,
}

/// What is done to text before it is hashed with plain SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalize {
    /// Nothing.
    None,
    /// ASCII letters to lower case.
    Lower,
    /// ASCII letters to upper case.
    Upper,
}

/// How often hashes and the installation id change, the shortest period first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rotation {
    /// Every day.
    Daily,
    /// Every 30 days.
    Monthly,
    /// Every 365 days.
    Yearly,
    /// Never: the registry gives a reason.
    Never,
}

/// What a time is rounded down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeResolution {
    /// Not rounded.
    Nanosecond,
    /// To 1/1000 s.
    Millisecond,
    /// To the second, the default.
    Second,
    /// To the minute.
    Minute,
    /// To the hour.
    Hour,
    /// To the day, in UTC.
    Day,
}

impl TimeResolution {
    /// How many nanoseconds it has.
    pub const fn nanoseconds(self) -> u64 {
        match self {
            Self::Nanosecond => 1,
            Self::Millisecond => 1_000_000,
            Self::Second => 1_000_000_000,
            Self::Minute => 60 * 1_000_000_000,
            Self::Hour => 3_600 * 1_000_000_000,
            Self::Day => 86_400 * 1_000_000_000,
        }
    }

    /// A time, in nanoseconds since the epoch, rounded down.
    pub const fn floor(self, nanoseconds: u64) -> u64 {
        nanoseconds - nanoseconds % self.nanoseconds()
    }
}
