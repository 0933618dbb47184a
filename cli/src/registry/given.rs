//! The attributes that the pipeline sets: the keys that each source knows.

use scruple::registry::{Source, Treatment};

use super::declarations::ParsedAttribute;
use super::finding::{Finding, Rule};
use super::walk::among;

/// What the pipeline sets has the keys that it knows, and nothing has the one that a receiver sets.
pub fn sources(attributes: &[ParsedAttribute], findings: &mut Vec<Finding>) {
    for attribute in attributes {
        if attribute.key.0 == "client.address" {
            let message = "`client.address` is what a receiver adds: the program knows no address";
            let help = "write `client_address: three_octets` in the service's `privacy`, or choose another key";
            findings.push(attribute.key.1.error(Rule::Resource, message, help));
        }
        let Some(Treatment::Given { source, .. }) = attribute.treated.as_ref().map(|treated| &treated.treatment) else {
            continue;
        };
        let ((key, place), keys) = (&attribute.key, given(*source));
        if !keys.contains(&key.as_str()) {
            let message = format!("the pipeline has nothing to say about `{key}` from this source");
            findings.push(place.error(Rule::Resource, message, format!("this source gives {}", among(keys))));
        }
    }
}

/// The sources, each with its word in `from`.
pub const SOURCES: [(&str, Source); 5] = [
    ("app", Source::App),
    ("session", Source::Session),
    ("installation", Source::Installation),
    ("system", Source::System),
    ("runtime", Source::Runtime),
];

/// The keys that a source has something to say about.
pub fn given(source: Source) -> &'static [&'static str] {
    match source {
        Source::App => &["service.name", "service.version"],
        Source::Session => &["session.id"],
        Source::Installation => &["service.instance.id"],
        Source::System => &["os.type", "os.version", "host.arch"],
        Source::Runtime => &["process.runtime.name", "process.runtime.version"],
    }
}
