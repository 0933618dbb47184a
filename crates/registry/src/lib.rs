//! The declared spans, events, attributes and resource of a program, as constant tables.
//!
//! A registry is written as YAML in Weaver's `definition/2` format. `scruple codegen` turns it into a
//! `static` of the types here; no program reads YAML at run time. The types are borrowed tables without
//! behaviour beyond look-up, so that a table is also what a reviewer reads.
//!
//! `scruple check` enforces these rules for every table. The library relies on them: [`Registry::validate`] checks
//! again, and an invalid table turns telemetry off:
//!
//! - the app id names a folder: letters, digits, `-`, `_` and single dots inside, at most 128 bytes, and not
//!   the name of a device of Windows before the first dot (`aux`, `con`, `nul`, `prn`, `com0` to `com9`, `lpt0` to
//!   `lpt9`);
//! - `attributes`, `spans` and `events` are each sorted by key or name, without duplicates;
//! - names and keys match `^[a-z][a-z0-9_.]*$` and have at most 128 bytes;
//! - a signal has at most [`MAX_ATTRIBUTES`] attributes, sorted by key; a [`Treatment::Names`] has at most
//!   [`MAX_NAMES`] members; a member has at most [`MAX_TEXT`] bytes of printable text;
//! - the members of [`Treatment::Names`] are sorted, and those of [`Treatment::IntegerEnum`] are ascending integers; the
//!   bounds of [`Treatment::Bucket`] grow, and are one fewer than its members; the maximum of a [`Treatment::Count`] is not
//!   below 0; an index is that of a member;
//! - the resource has attributes with [`Treatment::Given`] only, sorted by key;
//! - the date of an [`Expiry`] is one of the calendar;
//! - the name of a [`Purpose`] matches `^[a-z][a-z0-9_]*$` and has at most 32 bytes; `purposes` are sorted by name, without
//!   duplicates; each purpose that is not a [common one](Purpose::COMMON) has a description.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod app_id;
mod construct;
mod endpoint;
mod expiry;
mod invalid;
mod narrow;
mod printable;
mod purpose;
mod service;
mod settings;
pub mod snapshot;
mod tables;
mod treatment;
mod validate;
mod words;

pub use app_id::{is_app_id, names_device};
pub use endpoint::{Endpoint, EndpointError};
pub use expiry::{Date, Expiry, ReleaseNumber};
pub use invalid::InvalidRegistry;
pub use printable::{count, escaped, escaped_json, is_printable};
pub use purpose::Purpose;
pub use service::Service;
pub use settings::{Preset, ProgramSettings, Wait};
pub use tables::{Attribute, AttributeRef, Registry, Signal};
pub use treatment::{Treatment, TreatmentKind, WireType};
pub use validate::is_name;

/// The most attributes that one span or event may declare.
pub const MAX_ATTRIBUTES: usize = 32;

/// The most members that a list of names may declare.
pub const MAX_NAMES: usize = 64;

/// The longest text on the wire, in bytes.
pub const MAX_TEXT: usize = 256;

/// The kind of a signal.
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
    /// The server side of a call.
    Server = 2,
    /// The client side of a call.
    Client = 3,
    /// The sending side of a message.
    Producer = 4,
    /// The receiving side of a message.
    Consumer = 5,
}

/// The requirement level of an attribute on a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequirementLevel {
    /// A record without it is kept, and counted.
    Required,
    /// Sent if recorded.
    Recommended,
    /// Sent if recorded, and if the author calls `.opt_in("key")`.
    OptIn,
}

/// The source of a resource attribute, which the pipeline sets once per process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `service.name` and `service.version`.
    App,
    /// `session.id`: a random version 4 UUID per process.
    Session,
    /// `service.instance.id`: a UUID that changes with the rotation.
    Installation,
    /// `os.type`, `os.version` (two numbers) and `host.arch`.
    System,
    /// `process.runtime.name` (`rustc`) and `process.runtime.version`: the compiler it was built with.
    Runtime,
}

/// A source file that a location may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceFile<'a> {
    /// Relative to the crate's folder, with forward slashes, as in `src/main.rs`.
    pub path: &'a str,
    /// The number of lines in the file.
    pub lines: u32,
}

/// The normalization of text before plain SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalize {
    /// None.
    None,
    /// ASCII letters to lower case.
    Lower,
    /// ASCII letters to upper case.
    Upper,
}

/// The period of hashes and the installation id, the shortest first.
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

/// The resolution of a time, which is rounded down.
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
    /// The unit in nanoseconds.
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
