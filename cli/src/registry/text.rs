//! The canonical text: everything a registry declares, one fact a line, in an order of its own.
//!
//! It is what a person is told and agrees to, so it depends on nothing but the facts: not on the order of the YAML,
//! nor on how it is split into files. The program's version and the lines of its sources are left out: they change
//! with every release and widen nothing. So are notes, examples and `retention`: they are for the page that
//! `scruple docs` writes. How long a receiver keeps what it has is a promise in words, which no program can hold or
//! compare; and a person who agreed to a text without it would be asked again for nothing more.
//!
//! # Grammar
//! ```text
//! text       = 1*line                      ; sorted by their bytes, without repetition
//! line       = fact LF
//! fact       = "registry 1"                ; the version of this grammar
//!            / "schema_url" SP string
//!            / "service app_id" SP string / "service name" SP string / "service controller" SP string
//!            / "service endpoint" SP string / "service because" SP string
//!            / "service link" SP string    ; only where it is given
//!            / "service client_address three_octets" ; only where the receiver adds them
//!            / "service rotate" SP ("daily" / "monthly" / "yearly" / "never")
//!            / "service time" SP grain
//!            / "resource" SP key
//!            / "attribute" SP key SP of-attribute
//!            / "event" SP name SP of-signal
//!            / "span" SP name SP (of-signal / "kind" SP kind)
//! of-attribute = "type" SP ("boolean" / "int" / "string" / "string[]" / "enum")
//!            / "from" SP ("boolean" / "enum" / "bucket" / "uri_scheme" / "agent" / "names" / "count" / "hash"
//!                         / "sha256" / "version" / "location"
//!                         / "app" / "session" / "installation" / "system" / "runtime")
//!            / "brief" SP string / "because" SP string
//!            / "field" SP string           ; only where it is not the key
//!            / "member" SP string          ; each value of enum, uri_scheme, agent, names and given enums
//!            / "below" SP number SP string ; each bucket with a bound
//!            / "rest" SP string            ; the bucket without
//!            / "otherwise" SP string / "absent" SP string ; values, not ids
//!            / "max" SP number / "normalize" SP ("none" / "lower" / "upper")
//! of-signal  = "brief" SP string / "because" SP string / "time" SP grain / "at_most" SP number
//!            / "attribute" SP key SP ("required" / "recommended" / "opt_in")
//! grain      = "ns" / "ms" / "second" / "minute" / "hour" / "day"
//! kind       = "internal" / "server" / "client" / "producer" / "consumer"
//! key, name  = string
//! string     = a JSON string (RFC 8259, section 7); only `"`, `\` and control characters are escaped
//! number     = ["-"] 1*DIGIT
//! ```
//! Every attribute has one `type` and one `from`; every signal one `time` and at most one
//! `at_most`, without which there is no limit; every span one `kind`.
//! Defaults are written out.

use std::fmt::Display;

use scruple::registry::{Normalize, RequirementLevel, Rotation, Source, SpanKind, TimeResolution};

use super::declared::{Attribute, Service, Signal, Treatment};

/// Writes the canonical text.
pub fn canonical(
    schema_url: &str,
    service: &Service,
    attributes: &[Attribute],
    resource: &[u16],
    spans: &[Signal],
    events: &[Signal],
) -> String {
    let mut lines = vec!["registry 1".to_owned(), format!("schema_url {}", string(schema_url))];
    lines.push(format!("service app_id {}", string(&service.app_id)));
    lines.push(format!("service name {}", string(&service.name)));
    lines.push(format!("service controller {}", string(&service.controller)));
    lines.push(format!("service endpoint {}", string(&service.endpoint)));
    lines.push(format!("service rotate {}", rotation(service.rotate)));
    lines.push(format!("service time {}", grain(service.time)));
    lines.extend(service.link.iter().map(|link| format!("service link {}", string(link))));
    lines.extend(service.client_address.then(|| "service client_address three_octets".to_owned()));
    lines.extend(service.because.iter().map(|because| format!("service because {}", string(because))));
    let key = |index: &u16| attributes.get(usize::from(*index)).map_or("", |attribute| attribute.key.as_str());
    lines.extend(resource.iter().map(|index| format!("resource {}", string(key(index)))));
    for attribute in attributes {
        let mut facts = Facts { subject: format!("attribute {}", string(&attribute.key)), lines: &mut lines };
        facts.attribute(attribute);
    }
    for (word, signals) in [("span", spans), ("event", events)] {
        for signal in signals {
            let mut facts = Facts { subject: format!("{word} {}", string(&signal.name)), lines: &mut lines };
            if word == "span" {
                facts.fact("kind", kind(signal.kind));
            }
            facts.signal(signal, &key);
        }
    }
    lines.sort();
    lines.push(String::new());
    lines.join("\n")
}

/// The facts about one attribute or signal.
struct Facts<'a> {
    subject: String,
    lines: &'a mut Vec<String>,
}

impl Facts<'_> {
    fn fact(&mut self, word: &str, value: impl Display) {
        self.lines.push(format!("{} {word} {value}", self.subject));
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let treatment = &attribute.treatment;
        self.fact("type", treatment.wire_type());
        self.fact("from", from(treatment));
        self.fact("brief", string(&attribute.brief));
        if attribute.field != attribute.key {
            self.fact("field", string(&attribute.field));
        }
        if let Some(because) = &attribute.because {
            self.fact("because", string(because));
        }
        let members = treatment.members();
        if let Treatment::Bucket { below, .. } = treatment {
            for (index, member) in members.iter().enumerate() {
                match below.get(index) {
                    Some(bound) => self.fact("below", format_args!("{bound} {}", string(&member.value))),
                    None => self.fact("rest", string(&member.value)),
                }
            }
        } else {
            members.iter().for_each(|member| self.fact("member", string(&member.value)));
        }
        let mut named = |word, index: &Option<u16>| {
            if let Some(member) = index.and_then(|index| members.get(usize::from(index))) {
                self.fact(word, string(&member.value));
            }
        };
        match treatment {
            Treatment::Enum { otherwise, .. } => named("otherwise", otherwise),
            Treatment::UriScheme { otherwise, absent, .. } => {
                named("otherwise", otherwise);
                named("absent", absent);
            }
            Treatment::Names { members } => members.iter().for_each(|member| self.fact("member", string(member))),
            Treatment::Count { max } => self.fact("max", max),
            Treatment::Sha256 { normalize } => self.fact("normalize", normalization(*normalize)),
            Treatment::Boolean
            | Treatment::Bucket { .. }
            | Treatment::Agent { .. }
            | Treatment::Hash
            | Treatment::Version
            | Treatment::Location
            | Treatment::Given { .. } => {}
        }
    }

    fn signal<'k>(&mut self, signal: &Signal, key: &impl Fn(&u16) -> &'k str) {
        self.fact("brief", string(&signal.brief));
        self.fact("time", grain(signal.time));
        if signal.at_most < u32::MAX {
            self.fact("at_most", signal.at_most);
        }
        if let Some(because) = &signal.because {
            self.fact("because", string(because));
        }
        for used in &signal.uses {
            self.fact("attribute", format_args!("{} {}", string(key(&used.attribute)), level(used.level)));
        }
    }
}

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn from(treatment: &Treatment) -> &'static str {
    match treatment {
        Treatment::Boolean => "boolean",
        Treatment::Enum { .. } => "enum",
        Treatment::Bucket { .. } => "bucket",
        Treatment::UriScheme { .. } => "uri_scheme",
        Treatment::Agent { .. } => "agent",
        Treatment::Names { .. } => "names",
        Treatment::Count { .. } => "count",
        Treatment::Hash => "hash",
        Treatment::Sha256 { .. } => "sha256",
        Treatment::Version => "version",
        Treatment::Location => "location",
        Treatment::Given { source, .. } => match source {
            Source::App => "app",
            Source::Session => "session",
            Source::Installation => "installation",
            Source::System => "system",
            Source::Runtime => "runtime",
        },
    }
}

fn rotation(rotation: Rotation) -> &'static str {
    match rotation {
        Rotation::Daily => "daily",
        Rotation::Monthly => "monthly",
        Rotation::Yearly => "yearly",
        Rotation::Never => "never",
    }
}

fn grain(grain: TimeResolution) -> &'static str {
    match grain {
        TimeResolution::Nanosecond => "ns",
        TimeResolution::Millisecond => "ms",
        TimeResolution::Second => "second",
        TimeResolution::Minute => "minute",
        TimeResolution::Hour => "hour",
        TimeResolution::Day => "day",
    }
}

fn kind(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}

fn level(level: RequirementLevel) -> &'static str {
    match level {
        RequirementLevel::Required => "required",
        RequirementLevel::Recommended => "recommended",
        RequirementLevel::OptIn => "opt_in",
    }
}

fn normalization(normalize: Normalize) -> &'static str {
    match normalize {
        Normalize::None => "none",
        Normalize::Lower => "lower",
        Normalize::Upper => "upper",
    }
}
