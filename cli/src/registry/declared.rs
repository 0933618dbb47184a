//! A registry as it was declared: owned, checked, sorted, with what only tools need.
//!
//! Beside the facts of [`scruple::registry`] these types keep member ids and briefs (for Rust enums) and reasons
//! (for people).

use scruple::registry::{RequirementLevel, SpanKind, TimeResolution};

use super::finding::{Place, Rule};
use super::treatment::Treatment;

/// A warning that a reviewer accepted: `accept: {<name>: "why"}` in a `privacy` annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Which one.
    pub rule: Rule,
    /// Where it was accepted.
    pub place: Place,
    /// Why.
    pub because: String,
}

/// A declared attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Where it is declared.
    pub place: Place,
    /// The key on the wire.
    pub key: String,
    /// The field it is recorded in.
    pub field: String,
    /// What it means.
    pub brief: String,
    /// What else is to say about it: for the page only.
    pub note: Option<String>,
    /// A value that may be sent, or a list of them as one text: for the page only.
    pub example: Option<String>,
    /// What happens to a recorded value.
    pub treatment: Treatment,
    /// Why so much is said, where the treatment wants a reason.
    pub because: Option<String>,
    /// What values look like, in the registry's words.
    pub examples: Vec<String>,
    /// The warnings about it that were accepted.
    pub accepted: Vec<Accepted>,
}

/// A declared span or event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Where its name is.
    pub place: Place,
    /// The name on the wire.
    pub name: String,
    /// What it means.
    pub brief: String,
    /// What else is to say about it: for the page only.
    pub note: Option<String>,
    /// The kind of a span; internal for an event.
    pub kind: SpanKind,
    /// Its attributes, sorted by key.
    pub uses: Vec<Use>,
    /// What its times are rounded down to.
    pub time: TimeResolution,
    /// How many a process may report.
    pub at_most: u32,
    /// Why its times are finer than the service's.
    pub because: Option<String>,
    /// The warnings about it that were accepted.
    pub accepted: Vec<Accepted>,
}

/// One attribute of one signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The index of the attribute.
    pub attribute: u16,
    /// Whether it is expected, welcome, or asked for.
    pub level: RequirementLevel,
    /// What it means here, where that differs.
    pub brief: Option<String>,
}
