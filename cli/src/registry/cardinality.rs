//! How many different things a signal can say, as powers of two: a measure of how easily it singles a person out.
//!
//! # The rule
//!
//! The values of each attribute of the signal (those to opt in to as well) and of the resource are multiplied. Over
//! [`MOST`] (2^40) the warning `singles_out` is given. Values are far from evenly spread, and what people really show is
//! about the square root of what could be told apart: of 2^40 that leaves one in a million, and few programs have
//! more people who run them.
//!
//! # The values of one attribute
//!
//! | treatment | counted as |
//! |---|---|
//! | boolean | 2 |
//! | enum, bucket, `uri_scheme`, `agent`, a given enum | its members |
//! | `names` | the square of its members: a list mostly holds few of them |
//! | `count` | `max` + 1 |
//! | `version`, `service.version`, `os.version`, `process.runtime.version` | 32 that are in use at a time |
//! | `location` | 1,024 lines that can fail |
//! | `os.type`, `host.arch` without members | 4 |
//! | `hash`, the session's and the installation's id | 1: they tell which records belong together, and not whose they are |
//! | `sha256` | 1: it has a warning of its own |

use scruple::registry::Source;

use super::declared::{Attribute, Treatment};

/// The most that one record may say, in bits.
pub const MOST: f64 = 40.0;

/// How many values an attribute has.
pub fn values(attribute: &Attribute) -> f64 {
    /// Versions in use at a time.
    const VERSIONS: f64 = 32.0;
    let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from).max(1.0);
    match &attribute.treatment {
        Treatment::Boolean => 2.0,
        Treatment::Names { members } => number(members.len()).powi(2).max(2.0),
        // Beyond 2^53 the difference of one is lost, and does not matter.
        Treatment::Count { max } => *max as f64 + 1.0,
        Treatment::Version => VERSIONS,
        Treatment::Location => 1024.0,
        Treatment::Hash | Treatment::Sha256 { .. } => 1.0,
        Treatment::Given { source, members } if members.is_empty() => match (source, attribute.key.as_str()) {
            (_, "service.version" | "os.version" | "process.runtime.version") => VERSIONS,
            (Source::System, _) => 4.0,
            (Source::App | Source::Session | Source::Installation | Source::Runtime, _) => 1.0,
        },
        Treatment::Enum { members, .. }
        | Treatment::Bucket { members, .. }
        | Treatment::UriScheme { members, .. }
        | Treatment::Agent { members }
        | Treatment::Given { members, .. } => number(members.len()),
    }
}
