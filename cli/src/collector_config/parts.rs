//! The configuration around the cleaning processors: a template for each kind, with placeholders for the registry's and
//! the operator's parts.

use scruple::registry::count;

use super::address::Address;
use super::options::{Backend, CollectorKind, Options};
use super::versions::ProgramVersions;
use super::yaml::comment;
use crate::template::fill;

/// The maximum width of a comment, in characters.
const WIDTH: usize = 118;

/// The comment about the purpose and the limits of the file.
const HEAD: &str = include_str!("head.txt");

/// The exporter to a backend: its name, and its configuration.
const fn exporter(backend: Backend) -> (&'static str, &'static str) {
    match backend {
        Backend::Otlp => (", otlp_http/backend", include_str!("backend.yaml")),
        Backend::Clickhouse => (", clickhouse", include_str!("clickhouse.yaml")),
    }
}

/// The exporter's queue on disk.
const QUEUE: &str = include_str!("queue.yaml");

/// The whole configuration, with these processors before and after requests are joined.
pub fn around(versions: &ProgramVersions<'_>, options: &Options, clean: &str, last: &str) -> String {
    let template = match options.kind {
        CollectorKind::Gateway => include_str!("gateway.yaml"),
        CollectorKind::Debug => include_str!("debug.yaml"),
        CollectorKind::EdgeKafka => include_str!("edge-kafka.yaml"),
        CollectorKind::GatewayKafka => include_str!("gateway-kafka.yaml"),
    };
    let (include_metadata, metadata) = match versions.all().find_map(|version| version.address.as_ref()) {
        None => ("", "# `include_metadata` stays off: no header and no client address enters a record."),
        Some(Address::Header(_)) => (
            "include_metadata: true",
            "# `include_metadata` is on for one header, which a proxy in front must overwrite.",
        ),
        Some(_) => (
            "",
            "# `include_metadata` stays off: no header enters a record, only three octets of the connection's address.",
        ),
    };
    let limit = limit(clean).to_string();
    let (days, hours) = (options.retention.to_string(), (u64::from(options.retention) * 24).to_string());
    let backend = options.backend.map(exporter).map(|(name, text)| (name, fill(text, &[("hours", &hours)])));
    let backend = backend.as_ref();
    let with_backend = |text| backend.map_or("", |_| text);
    let filled = |head: &str| {
        fill(
            template,
            &[
                ("head", head),
                ("clean", clean),
                ("limit", &limit),
                ("last", last),
                ("include_metadata", include_metadata),
                ("metadata", metadata),
                ("backend", backend.map_or("", |(_, text)| text)),
                ("days", &days),
                ("kept", &count(options.retention, "day")),
                ("and_backend", backend.map_or("", |(name, _)| name)),
                ("queue", with_backend(QUEUE)),
                ("and_queue", with_backend(", file_storage/queue")),
            ],
        )
    };
    let variables: Vec<_> =
        variables(&filled("")).into_iter().map(|(name, default)| format!("{name} ({default})")).collect();
    let variables = format!("Environment variables change these defaults: {}.", variables.join(", "));
    let urls: Vec<_> = versions.urls().map(|url| comment(&format!("  {url}"), usize::MAX)).collect();
    let (kind, app_id) = (options.kind.name(), versions.current.registry.service.app_id);
    let values = [
        ("kind", kind),
        ("app_id", app_id),
        ("variables", &comment(&variables, WIDTH)),
        ("versions", &urls.join("\n")),
    ];
    filled(&fill(HEAD, &values))
}

/// The limit of the memory for records, in MiB: 256, and for a large registry the memory of its statements, which the
/// Collector counts too. That is about 32 times their text, and twice that before each collection of garbage.
fn limit(clean: &str) -> usize {
    let statements = clean.len() / (1 << 14);
    256 + if statements < 16 { 0 } else { statements.next_multiple_of(64) }
}

/// The environment variables of a configuration with their defaults, in their order in the text. A doubled dollar
/// belongs to an expression and begins no variable.
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
