//! A declared treatment: as the YAML has it, and as the library's table.

use bumpalo::Bump;
use scruple::registry::{self as tables, Normalize, Source, WireType};

use super::sources::Sources;

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

    /// The attribute's type.
    pub fn wire_type(&self) -> WireType {
        self.table(None, &Bump::new()).kind().wire_type(!self.members().is_empty())
    }

    /// How many different values an attribute of this key has, for the warning `singles_out`.
    ///
    /// | treatment | counted as |
    /// |---|---|
    /// | boolean | 2 |
    /// | enum, bucket, `uri_scheme`, `agent`, a given enum | its members |
    /// | `names` | the square of its members: a list mostly holds few of them |
    /// | `count` | `max` + 1 |
    /// | `version`, `service.version`, `os.version`, `process.runtime.version` | 32 that are in use at a time |
    /// | `location` | 1,024 lines that can fail |
    /// | `os.type`, `host.arch` without members | 4 |
    /// | `hash`, the session's and the installation's id | 1: they tell which records belong together, and not whose they are |
    /// | `sha256` | 1: it has a warning of its own |
    pub fn cardinality(&self, key: &str) -> f64 {
        /// Versions in use at a time.
        const VERSIONS: f64 = 32.0;
        let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from).max(1.0);
        match self {
            Self::Boolean => 2.0,
            Self::Names { members } => number(members.len()).powi(2).max(2.0),
            // Beyond 2^53 the difference of one is lost, and does not matter.
            Self::Count { max } => *max as f64 + 1.0,
            Self::Version => VERSIONS,
            Self::Location => 1024.0,
            Self::Hash | Self::Sha256 { .. } => 1.0,
            Self::Given { source, members } if members.is_empty() => match (source, key) {
                (_, "service.version" | "os.version" | "process.runtime.version") => VERSIONS,
                (Source::System, _) => 4.0,
                (Source::App | Source::Session | Source::Installation | Source::Runtime, _) => 1.0,
            },
            Self::Enum { members, .. }
            | Self::Bucket { members, .. }
            | Self::UriScheme { members, .. }
            | Self::Agent { members }
            | Self::Given { members, .. } => number(members.len()),
        }
    }

    /// The library's; what it borrows beside the texts is put into the arena.
    pub fn table<'a>(&'a self, sources: Option<&'a Sources>, arena: &'a Bump) -> tables::Treatment<'a> {
        match self {
            Self::Boolean => tables::Treatment::Boolean,
            Self::Enum { members, otherwise } => {
                tables::Treatment::Enum { members: values(members, arena), otherwise: *otherwise }
            }
            Self::Bucket { members, below } => tables::Treatment::Bucket { members: values(members, arena), below },
            Self::UriScheme { members, otherwise, absent } => {
                tables::Treatment::UriScheme { members: values(members, arena), otherwise: *otherwise, absent: *absent }
            }
            Self::Agent { members } => tables::Treatment::Agent { members: values(members, arena) },
            Self::Names { members } => {
                let members = arena.alloc_slice_fill_iter(members.iter().map(String::as_str));
                tables::Treatment::Names { members }
            }
            Self::Count { max } => tables::Treatment::Count { max: *max },
            Self::Hash => tables::Treatment::Hash,
            Self::Sha256 { normalize } => tables::Treatment::Sha256 { normalize: *normalize },
            Self::Version => tables::Treatment::Version,
            Self::Location => location(sources, arena),
            Self::Given { source, members } => {
                tables::Treatment::Given { source: *source, members: values(members, arena) }
            }
        }
    }
}

/// Without the program's sources, no file may be named: every location is withheld.
fn location<'a>(sources: Option<&'a Sources>, arena: &'a Bump) -> tables::Treatment<'a> {
    let Some(sources) = sources else { return tables::Treatment::Location { files: &[], root: "" } };
    let files = sources.files.iter().map(|(path, lines)| tables::SourceFile { path, lines: *lines });
    tables::Treatment::Location { files: arena.alloc_slice_fill_iter(files), root: &sources.root }
}

fn values<'a>(members: &'a [Member], arena: &'a Bump) -> &'a [&'a str] {
    arena.alloc_slice_fill_iter(members.iter().map(|member| member.value.as_str()))
}
