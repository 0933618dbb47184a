//! What is around the cleaning: a template for each kind, in which placeholders take what depends on the registry and the
//! operator's choices.

use scruple::registry::Registry;

use super::address::Address;
use super::yaml::comment;
use super::{Kind, Options};
use crate::template::fill;

/// The widest comment, in characters.
const WIDTH: usize = 118;

/// What the file is for, and what it can't do.
const HEAD: &str = include_str!("head.txt");

/// What is kept also goes to a backend.
const BACKEND: &str = include_str!("backend.yaml");

/// Where it waits.
const QUEUE: &str = include_str!("queue.yaml");

/// The configuration around these processors.
pub fn around(registry: &Registry<'_>, options: &Options, clean: &str) -> String {
    let template = match options.kind {
        Kind::Gateway => include_str!("gateway.yaml"),
        Kind::Debug => include_str!("debug.yaml"),
        Kind::EdgeKafka => include_str!("edge-kafka.yaml"),
        Kind::GatewayKafka => include_str!("gateway-kafka.yaml"),
    };
    let address = Address::of(registry, options);
    let (include_metadata, metadata) = match address {
        None => ("", "# `include_metadata` stays off: no header and no address of a client enters a record."),
        Some(Address::Header(_)) => (
            "include_metadata: true",
            "# `include_metadata` is on for one header, which a proxy in front has to write over.",
        ),
        Some(_) => (
            "",
            "# `include_metadata` stays off: no header enters a record. Of the connection's address three octets do.",
        ),
    };
    let backend = |text| if options.backend { text } else { "" };
    let filled = |head: &str| {
        fill(
            template,
            &[
                ("head", head),
                ("clean", clean),
                ("include_metadata", include_metadata),
                ("metadata", metadata),
                ("backend", backend(BACKEND)),
                ("and_backend", backend(", otlp_http/backend")),
                ("queue", backend(QUEUE)),
                ("and_queue", backend(", file_storage/queue")),
            ],
        )
    };
    let variables: Vec<_> =
        variables(&filled("")).into_iter().map(|(name, default)| format!("{name} ({default})")).collect();
    let variables = format!("The environment may say other places than these: {}.", variables.join(", "));
    let (kind, app_id) = (options.kind.name(), registry.service.app_id);
    filled(&fill(HEAD, &[("kind", kind), ("app_id", app_id), ("variables", &comment(&variables, WIDTH))]))
}

/// The environment variables that a configuration names, each with its default, in the order in which they come. What is
/// in an expression is none: its dollar is doubled.
fn variables(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let names = text.match_indices("${env:").filter(|(at, _)| !text[..*at].ends_with('$'));
    for (name, default) in names.filter_map(|(at, _)| text[at + 6..].split_once('}')?.0.split_once(":-")) {
        if !found.iter().any(|(other, _)| other == name) {
            found.push((name.to_owned(), default.to_owned()));
        }
    }
    found
}
