//! A registry as it was declared: owned, checked, sorted, with what only tools need.
//!
//! Beside the facts of [`scruple::registry`] these types keep member ids and briefs (for Rust enums) and reasons
//! (for people).

use scruple::registry::{Normalize, RequirementLevel, Source, SpanKind, TimeResolution};

use super::finding::{Place, Rule};

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

/// What happens to a recorded value. Members are sorted by value, but those of buckets; `otherwise` and `absent` are
/// indices into them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Treatment {
    /// A boolean passes.
    Boolean,
    /// A member passes.
    Enum {
        /// The values that may be sent.
        members: Vec<Member>,
        /// The member that stands for every other value.
        otherwise: Option<u16>,
    },
    /// A number becomes the first member that it is below.
    Bucket {
        /// From the lowest to the highest.
        members: Vec<Member>,
        /// The exclusive upper bound of each but the last.
        below: Vec<i64>,
    },
    /// A URI becomes its scheme.
    UriScheme {
        /// The schemes that may be sent.
        members: Vec<Member>,
        /// The member for every other scheme.
        otherwise: Option<u16>,
        /// The member for no URI.
        absent: Option<u16>,
    },
    /// Detected, never recorded.
    Agent {
        /// The agents that may be sent.
        members: Vec<Member>,
    },
    /// A list becomes the names in it.
    Names {
        /// Sorted.
        members: Vec<String>,
    },
    /// A number, clamped.
    Count {
        /// The largest value that may be sent.
        max: i64,
    },
    /// A keyed hash.
    Hash,
    /// A plain hash.
    Sha256 {
        /// What is done to the text first.
        normalize: Normalize,
    },
    /// A version of up to three numbers.
    Version,
    /// A place in the program's own sources.
    Location,
    /// Set by the pipeline.
    Given {
        /// Where it comes from.
        source: Source,
        /// The values that may be sent; empty for a plain string.
        members: Vec<Member>,
    },
}

/// An enum's member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name within the enum.
    pub id: String,
    /// What is sent.
    pub value: String,
    /// What it means.
    pub brief: Option<String>,
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

impl Treatment {
    /// The members of an enum.
    pub fn members(&self) -> &[Member] {
        match self {
            Self::Enum { members, .. }
            | Self::Bucket { members, .. }
            | Self::UriScheme { members, .. }
            | Self::Agent { members }
            | Self::Given { members, .. } => members,
            Self::Boolean
            | Self::Names { .. }
            | Self::Count { .. }
            | Self::Hash
            | Self::Sha256 { .. }
            | Self::Version
            | Self::Location => &[],
        }
    }

    /// The texts that may be sent, where they are listed: members, and the names of a list.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        let names: &[String] = if let Self::Names { members } = self { members } else { &[] };
        self.members().iter().map(|member| member.value.as_str()).chain(names.iter().map(String::as_str))
    }

    /// The attribute's type on the wire, as the registry writes it; `enum` for one with members.
    pub fn wire_type(&self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Enum { .. } | Self::Bucket { .. } | Self::UriScheme { .. } | Self::Agent { .. } => "enum",
            Self::Names { .. } => "string[]",
            Self::Count { .. } => "int",
            Self::Given { members, .. } if !members.is_empty() => "enum",
            Self::Hash | Self::Sha256 { .. } | Self::Version | Self::Location | Self::Given { .. } => "string",
        }
    }
}
