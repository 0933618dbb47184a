//! Which treatment an attribute has, without its particulars.

use super::{Source, Treatment};

/// How a value comes about: the key `from` of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreatmentKind {
    /// [`Treatment::Boolean`].
    Boolean,
    /// [`Treatment::Enum`].
    Enum,
    /// [`Treatment::Bucket`].
    Bucket,
    /// [`Treatment::UriScheme`].
    UriScheme,
    /// [`Treatment::Agent`].
    Agent,
    /// [`Treatment::Names`].
    Names,
    /// [`Treatment::Count`].
    Count,
    /// [`Treatment::Hash`].
    Hash,
    /// [`Treatment::Sha256`].
    Sha256,
    /// [`Treatment::Version`].
    Version,
    /// [`Treatment::Location`].
    Location,
    /// [`Treatment::Given`].
    Given(Source),
}

impl TreatmentKind {
    /// The attribute's type as a registry names it; what the pipeline sets is an enum where it has members.
    pub const fn type_word(self, has_members: bool) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Enum | Self::Bucket | Self::UriScheme | Self::Agent => "enum",
            Self::Names => "string[]",
            Self::Count => "int",
            Self::Given(_) if has_members => "enum",
            Self::Hash | Self::Sha256 | Self::Version | Self::Location | Self::Given(_) => "string",
        }
    }
}

impl<'a> Treatment<'a> {
    /// Which one it is.
    pub const fn kind(&self) -> TreatmentKind {
        match self {
            Self::Boolean => TreatmentKind::Boolean,
            Self::Enum { .. } => TreatmentKind::Enum,
            Self::Bucket { .. } => TreatmentKind::Bucket,
            Self::UriScheme { .. } => TreatmentKind::UriScheme,
            Self::Agent { .. } => TreatmentKind::Agent,
            Self::Names { .. } => TreatmentKind::Names,
            Self::Count { .. } => TreatmentKind::Count,
            Self::Hash => TreatmentKind::Hash,
            Self::Sha256 { .. } => TreatmentKind::Sha256,
            Self::Version => TreatmentKind::Version,
            Self::Location { .. } => TreatmentKind::Location,
            Self::Given { source, .. } => TreatmentKind::Given(*source),
        }
    }

    /// The texts that may be sent, where they are listed.
    pub const fn members(&self) -> &'a [&'a str] {
        match self {
            Self::Enum { members, .. }
            | Self::Bucket { members, .. }
            | Self::UriScheme { members, .. }
            | Self::Agent { members }
            | Self::Names { members }
            | Self::Given { members, .. } => members,
            Self::Boolean
            | Self::Count { .. }
            | Self::Hash
            | Self::Sha256 { .. }
            | Self::Version
            | Self::Location { .. } => &[],
        }
    }
}
