//! A carrier: its name, the marker in it, and how it is planted.

use super::host::Host;
use super::{around, logs, spans, traced};
use opentelemetry::Context;
use opentelemetry_sdk::resource::ResourceBuilder;
use std::collections::BTreeMap;

pub struct Carrier {
    pub name: &'static str,
    pub marker: Marker,
    pub plant: Plant,
}

/// What is looked for.
pub enum Marker {
    /// A text of the carrier's own, `qz-…-qz` with its name.
    Named,
    /// A text that something else fixes, the bytes of an id for example.
    Text(&'static str),
    /// Parts of a message's text form (protobuf) or of JSON, for what is a number on the wire.
    Shown(&'static [&'static str]),
    /// Nanoseconds since the epoch.
    Time(u64),
}

/// How a marker gets into the program.
pub enum Plant {
    /// By a macro of `tracing`.
    Traced(fn(&'static str)),
    /// By the OpenTelemetry API, in the host's own pipeline.
    Host(fn(&Host, &'static str)),
    /// In the resource of the host's pipeline.
    Resource(fn(ResourceBuilder, &'static str) -> ResourceBuilder),
    /// In the host's OpenTelemetry context, which is the current one while the program runs.
    Context(fn(&Context, &'static str) -> Context),
    /// In a variable of the process.
    Variable(Variables, &'static str, fn(marker: &str, url: &str) -> String),
    /// It is there without anybody's doing.
    Always,
}

/// The variables for all signals, and those for one, which hide the others from the stock exporters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variables {
    General,
    Signal,
}

/// The whole table.
pub fn all() -> Vec<Carrier> {
    let carriers: Vec<_> =
        [traced::carriers(), spans::carriers(), logs::carriers(), around::carriers()].into_iter().flatten().collect();
    // A marker that is a part of another would be found where only the other one is.
    let markers: Vec<_> = carriers.iter().filter_map(Carrier::text).collect();
    for marker in &markers {
        assert_eq!(markers.iter().filter(|other| other.contains(marker)).count(), 1, "{marker}");
    }
    carriers
}

impl Carrier {
    pub const fn named(name: &'static str, plant: Plant) -> Self {
        Self { name, marker: Marker::Named, plant }
    }

    pub const fn text_of(name: &'static str, text: &'static str, plant: Plant) -> Self {
        Self { name, marker: Marker::Text(text), plant }
    }

    pub const fn shown(name: &'static str, shown: &'static [&'static str], plant: Plant) -> Self {
        Self { name, marker: Marker::Shown(shown), plant }
    }

    pub const fn time(name: &'static str, time: u64, plant: Plant) -> Self {
        Self { name, marker: Marker::Time(time), plant }
    }

    /// The text that is planted, where it is one.
    pub fn text(&self) -> Option<String> {
        match self.marker {
            Marker::Named => {
                let dash = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
                Some(format!("qz-{}-qz", self.name.chars().map(dash).collect::<String>()))
            }
            Marker::Text(text) => Some(text.to_owned()),
            Marker::Shown(_) | Marker::Time(_) => None,
        }
    }

    /// Whether this door gets a record of the program that carries the marker.
    pub fn is_planted_through(&self, door: &str) -> bool {
        match self.plant {
            Plant::Traced(_) => true,
            Plant::Host(_) => !matches!(door, "layer" | "otel_layers"),
            Plant::Resource(_) | Plant::Context(_) | Plant::Variable(..) | Plant::Always => false,
        }
    }

    /// For as long as the process lives: some APIs take no other text.
    pub fn planted(&self) -> &'static str {
        self.text().unwrap_or_default().leak()
    }
}

/// What the OpenTelemetry API plants in the host's own pipeline.
pub const fn host(name: &'static str, plant: fn(&Host, &'static str)) -> Carrier {
    Carrier::named(name, Plant::Host(plant))
}

/// The carriers of a scope, of which the function makes a record of this signal.
macro_rules! scope {
    ($signal:literal, $of:expr) => {
        vec![
            host(concat!("scope of ", $signal), |h, m| $of(h, InstrumentationScope::builder(m).build())),
            host(concat!("scope version of ", $signal), |h, m| {
                $of(h, InstrumentationScope::builder("a").with_version(m).build());
            }),
            host(concat!("scope schema URL of ", $signal), |h, m| {
                $of(h, InstrumentationScope::builder("b").with_schema_url(m).build());
            }),
            host(concat!("value of a scope attribute of ", $signal), |h, m| {
                $of(h, InstrumentationScope::builder("c").with_attributes([KeyValue::new("key", m)]).build());
            }),
            host(concat!("key of a scope attribute of ", $signal), |h, m| {
                $of(h, InstrumentationScope::builder("d").with_attributes([KeyValue::new(m, 1)]).build());
            }),
        ]
    };
}
pub(super) use scope;

/// The variables that the table plants; those that are lists hold all of theirs.
pub fn environment(carriers: &[Carrier], wanted: Variables, way: &str, url: &str) -> BTreeMap<&'static str, String> {
    let mut environment = BTreeMap::<_, String>::new();
    for carrier in carriers {
        if let Plant::Variable(variables, name, value) = carrier.plant
            && wanted == variables
        {
            let value = value(carrier.planted(), url);
            environment.entry(name).and_modify(|all| *all = format!("{all},{value}")).or_insert(value);
        }
    }
    if wanted == Variables::Signal && way != "grpc" {
        environment.insert("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip".to_owned());
    }
    environment
}
