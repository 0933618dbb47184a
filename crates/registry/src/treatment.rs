//! The treatment of a recorded value, and its properties that do not depend on the value.

use super::invalid::{InvalidRegistry, grows, is_text};
use super::{MAX_NAMES, Normalize, Source, SourceFile};
use std::fmt;

/// The treatment of a recorded value on its way to the wire.
///
/// The edge cases are the same for all of them: NaN, the infinities, bytes, 128-bit integers, integers outside `i64`
/// (also as decimal text) and errors are dropped, and so is text over 4,096 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Treatment<'a> {
    /// A boolean passes; any other value is dropped.
    Boolean,
    /// An exact member passes; any other value becomes `otherwise`, or is dropped.
    Enum {
        /// The values that may be sent.
        members: &'a [&'a str],
        /// The index of the member for every other value.
        otherwise: Option<u16>,
    },
    /// As `Enum`, of integers: the number of a member passes, or its shortest decimal text; it is sent as a number.
    IntegerEnum {
        /// The numbers that may be sent, ascending, each of 64 bits and in its shortest decimal text.
        members: &'a [&'a str],
        /// The index of the member for every other value.
        otherwise: Option<u16>,
    },
    /// A number, or its decimal text, becomes the first member with a greater bound.
    Bucket {
        /// The values that may be sent, from the lowest bucket to the highest.
        members: &'a [&'a str],
        /// The exclusive upper bound of each member but the last, which has none.
        below: &'a [i64],
    },
    /// A URI becomes its scheme; a missing scheme, or one of a single letter, is `file`.
    UriScheme {
        /// The schemes that may be sent.
        members: &'a [&'a str],
        /// The index of the member for every other scheme.
        otherwise: Option<u16>,
        /// The index of the member for an empty or absent URI.
        absent: Option<u16>,
    },
    /// The coding agent or host that runs the program: detected, never recorded.
    Agent {
        /// The agents that may be sent.
        members: &'a [&'a str],
    },
    /// A list (commas, blanks, Debug form) becomes its members, sorted, without duplicates.
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
        /// The normalization of the text before the hash.
        normalize: Normalize,
    },
    /// One to three numbers under 10,000, and an optional known pre-release tag, as in `1.2.3-rc`; other text is
    /// dropped.
    Version,
    /// A location in the program's own sources, as in `src/main.rs:42`; other text is dropped.
    Location {
        /// The source files that it may name.
        files: &'a [SourceFile<'a>],
        /// The prefix of the path if the crate is built from another folder: the crate's folder, absolute, as in
        /// `env!("CARGO_MANIFEST_DIR")`. Compared with the recorded path, never sent.
        root: &'a str,
    },
    /// Set by the pipeline, never recorded: part of the resource.
    Given {
        /// The source of the value.
        source: Source,
        /// The values that may be sent; empty for a plain string.
        members: &'a [&'a str],
    },
}

/// The kind of a treatment: the key `from` of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreatmentKind {
    /// [`Treatment::Boolean`].
    Boolean,
    /// [`Treatment::Enum`].
    Enum,
    /// [`Treatment::IntegerEnum`].
    IntegerEnum,
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

/// The type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireType {
    /// A boolean.
    Boolean,
    /// A whole number.
    Int,
    /// Text outside a list.
    String,
    /// A list of listed texts.
    Strings,
    /// One of the listed texts.
    Enum,
}

impl<'a> Treatment<'a> {
    /// The kind of the treatment.
    pub const fn kind(&self) -> TreatmentKind {
        match self {
            Self::Boolean => TreatmentKind::Boolean,
            Self::Enum { .. } => TreatmentKind::Enum,
            Self::IntegerEnum { .. } => TreatmentKind::IntegerEnum,
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

    /// Whether its values can tell the records of one installation, or of one text, from all others: these need the answer of
    /// a person, so a documentation alone ([`Preset::Documented`](super::Preset::Documented)) does not allow them.
    pub const fn links_records(&self) -> bool {
        matches!(self, Self::Hash | Self::Sha256 { .. } | Self::Given { source: Source::Installation, .. })
    }

    /// The listed texts, if the treatment has a list.
    pub const fn members(&self) -> &'a [&'a str] {
        match self {
            Self::Enum { members, .. }
            | Self::IntegerEnum { members, .. }
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

    /// Whether its members and bounds are as the library relies on.
    pub(super) fn validate(&self) -> Result<(), InvalidRegistry> {
        let texts =
            |members: &[&str]| u16::try_from(members.len()).is_ok() && members.iter().all(|member| is_text(member));
        let exists =
            |members: &[&str], index: Option<u16>| index.is_none_or(|index| usize::from(index) < members.len());
        let (sound, bounded) = match *self {
            Self::Enum { members, otherwise } => (texts(members) && exists(members, otherwise), true),
            Self::IntegerEnum { members, otherwise } => {
                (u16::try_from(members.len()).is_ok() && are_integers(members) && exists(members, otherwise), true)
            }
            Self::Bucket { members, below } => {
                (texts(members), grows(below.iter()) && members.len() == below.len().saturating_add(1))
            }
            Self::UriScheme { members, otherwise, absent } => {
                (texts(members) && exists(members, otherwise) && exists(members, absent), true)
            }
            Self::Agent { members } | Self::Given { members, .. } => (texts(members), true),
            Self::Names { members } => (texts(members) && members.len() <= MAX_NAMES && grows(members.iter()), true),
            Self::Count { max } => (true, max >= 0),
            Self::Location { files, .. } => {
                (u16::try_from(files.len()).is_ok() && files.iter().all(|file| is_text(file.path)), true)
            }
            Self::Boolean | Self::Hash | Self::Sha256 { .. } | Self::Version => (true, true),
        };
        match (sound, bounded) {
            (false, _) => Err(InvalidRegistry::Members),
            (true, false) => Err(InvalidRegistry::Bounds),
            (true, true) => Ok(()),
        }
    }
}

impl TreatmentKind {
    /// Each value with its word: the fact `from`.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("boolean", Self::Boolean),
        ("enum", Self::Enum),
        ("integer_enum", Self::IntegerEnum),
        ("bucket", Self::Bucket),
        ("uri_scheme", Self::UriScheme),
        ("agent", Self::Agent),
        ("names", Self::Names),
        ("count", Self::Count),
        ("hash", Self::Hash),
        ("sha256", Self::Sha256),
        ("version", Self::Version),
        ("location", Self::Location),
        (Source::App.word(), Self::Given(Source::App)),
        (Source::Session.word(), Self::Given(Source::Session)),
        (Source::Installation.word(), Self::Given(Source::Installation)),
        (Source::System.word(), Self::Given(Source::System)),
        (Source::Runtime.word(), Self::Given(Source::Runtime)),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// The attribute's type; an attribute that the pipeline sets is an enum if it has members.
    pub const fn wire_type(self, has_members: bool) -> WireType {
        match self {
            Self::Boolean => WireType::Boolean,
            Self::Enum | Self::Bucket | Self::UriScheme | Self::Agent => WireType::Enum,
            Self::Names => WireType::Strings,
            Self::Count | Self::IntegerEnum => WireType::Int,
            Self::Given(_) if has_members => WireType::Enum,
            Self::Hash | Self::Sha256 | Self::Version | Self::Location | Self::Given(_) => WireType::String,
        }
    }
}

/// Whether these are ascending integers, each in its shortest decimal text.
fn are_integers(members: &[&str]) -> bool {
    members.iter().all(|member| integer(member).is_some()) && grows(members.iter().filter_map(|member| integer(member)))
}

/// The integer whose shortest decimal text this is.
pub(super) fn integer(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text)
}

/// The values that may be sent, in words.
impl fmt::Display for Treatment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Boolean => "true | false",
            Self::Enum { members, .. }
            | Self::IntegerEnum { members, .. }
            | Self::Bucket { members, .. }
            | Self::UriScheme { members, .. }
            | Self::Agent { members } => return f.write_str(&members.join(" | ")),
            Self::Names { members } => return write!(f, "any of {}", members.join(", ")),
            Self::Count { max } => return write!(f, "0 to {max}"),
            Self::Hash => "a keyed hash",
            Self::Sha256 { .. } => "a hash that can be guessed",
            Self::Version => "a version",
            Self::Location { .. } => "a line of the program's own code",
            Self::Given { source: Source::App, .. } => "about the program",
            Self::Given { source: Source::Session, .. } => "a random id, new in every process",
            Self::Given { source: Source::Installation, .. } => "a random id of this installation",
            Self::Given { source: Source::System, .. } => "about the system",
            Self::Given { source: Source::Runtime, .. } => "about the compiler",
        };
        f.write_str(words)
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, TreatmentKind};

    #[test]
    fn each_kind_of_treatment_and_each_source_has_one_word() {
        let mut words: Vec<_> = TreatmentKind::WORDS.iter().map(|(_, kind)| kind.word()).collect();
        assert!(TreatmentKind::WORDS.iter().map(|(word, _)| *word).eq(words.iter().copied()));
        let given = |source: &Source| TreatmentKind::Given(*source).word();
        assert!(Source::WORDS.iter().all(|(word, source)| given(source) == *word));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), TreatmentKind::WORDS.len());
    }
}
