//! The `privacy` annotations that are not about one attribute: the service's, and a signal's limits.

use scruple::registry::{self as tables, Rotation, SignalKind, TimeResolution};

use super::accept::accept;
use super::declared::{Accepted, Governance, Service, kept};
use super::endpoint;
use super::finding::{Position, Rule};
use super::governance;
use super::names;
use super::nodes::Node;
use super::retention;
use super::settings;
use super::walk::{Walk, cut};

/// What a signal's annotation says.
#[derive(Default)]
pub struct Limits {
    /// Its own resolution of times, and its place.
    pub time: Option<(TimeResolution, Position)>,
    /// A span's own resolution of durations, and its place.
    pub duration: Option<(TimeResolution, Position)>,
    /// How many a process may report.
    pub at_most: Option<u32>,
    /// The reason that was given.
    pub because: Option<&'static str>,
    /// Who answers for it, and so on.
    pub governance: Governance,
    /// The warnings that were accepted.
    pub accepted: Vec<Accepted>,
}

/// The annotation of the service entity.
pub fn service(walk: &mut Walk<'_>, node: &Node) -> Option<Service> {
    let known = [
        "app_id",
        "name",
        "controller",
        "endpoint",
        "link",
        "client_address",
        "rotate",
        "time",
        "duration",
        "because",
        "retention",
        "accept",
        "purposes",
        "owner",
        "question",
        "purpose",
        "expires",
    ];
    let known = [known.as_slice(), &settings::KEYS].concat();
    let fields = walk.fields(node, "the service's `privacy`", &known)?;
    let app_id = walk.need(fields, "app_id").and_then(|node| app_id(walk, node));
    let name = walk.need(fields, "name").and_then(|node| name(walk, node));
    let controller = walk.need_sentence(fields, "controller");
    let endpoint = walk.need(fields, "endpoint").and_then(|node| endpoint(walk, node));
    let link = match fields.get("link") {
        Some(node) => link(walk, node).map(Some),
        None => Some(None),
    };
    let client_address = match fields.get("client_address") {
        Some(node) => walk.choice(node, "client_address", &[("three_octets", true)]),
        None => Some(false),
    };
    let rotate = fields.get("rotate");
    let rotation = match rotate {
        Some(node) => walk.choice(node, "rotate", Rotation::WORDS),
        None => Some(Rotation::Monthly),
    };
    let because = walk.optional_sentence(fields, "because");
    let retention = walk.optional_sentence(fields, "retention");
    if let (Some(node), Some(text)) = (fields.get("retention"), retention)
        && retention::is_mistaken(text)
    {
        let help = "write a whole number of `days`, `weeks`, `months` (30 days) or `years` (365 days), up to 36,500 days, as \
                    in `90 days`; or a sentence";
        walk.error(node.at, Rule::Value, format!("the retention `{}` is no duration", cut(text)), help);
    }
    if let (Some(node), Some(Rotation::Never)) = (rotate, rotation)
        && fields.get("because").is_none()
    {
        let help = "write `monthly`, or add `because: \"…\"` with the reason";
        walk.error(node.at, Rule::Because, "an id that never changes follows a person for good", help);
    }
    let time = match fields.get("time") {
        Some(node) => walk.choice(node, "time", TimeResolution::WORDS)?,
        None => TimeResolution::Second,
    };
    let duration = match fields.get("duration") {
        Some(node) => Some(walk.choice(node, "duration", TimeResolution::WORDS)?),
        None => None,
    };
    let governance = governance::read(walk, fields);
    let settings = settings::read(walk, fields);
    let (purposes, described_at) = governance::purposes(walk, fields).into_iter().unzip::<_, _, Vec<_>, _>();
    let accepted = accept(walk, fields);
    let table = tables::Service {
        link: link?,
        client_address: client_address?,
        because,
        expires: governance.expiry(),
        purpose: governance.purpose().unwrap_or(tables::Purpose::USAGE),
        purposes: purposes.leak(),
        settings,
        ..tables::Service::new(app_id?, name?, "", controller?, endpoint?)
            .rotate(rotation?)
            .time(time)
            .duration(duration.unwrap_or(time))
    };
    let value = |key: &&'static str| fields.get(key).map(|node| (*key, walk.place(node.at)));
    let values = known.iter().filter_map(value).collect();
    Some(Service {
        table,
        rotates: rotate.is_some(),
        duration,
        retention,
        governance,
        described_at,
        place: walk.place(node.at),
        values,
        accepted,
    })
}

/// Whether a value stays the same for a period.
pub fn rotates(treatment: &tables::Treatment<'_>) -> bool {
    use tables::{Source, Treatment};
    matches!(treatment, Treatment::Hash | Treatment::Given { source: Source::Installation, .. })
}

/// The annotation of a span or event.
pub fn limits(walk: &mut Walk<'_>, node: &Node, kind: SignalKind) -> Option<Limits> {
    let (noun, known) = match kind {
        SignalKind::Span => ("a span's `privacy`", ["time", "at_most", "because", "accept", "duration"].as_slice()),
        SignalKind::Event => ("an event's `privacy`", ["time", "at_most", "because", "accept"].as_slice()),
    };
    let known = [known, &governance::KEYS].concat();
    let fields = walk.fields(node, noun, &known)?;
    let mut resolution = |key| {
        let node = fields.get(key)?;
        Some((walk.choice(node, key, TimeResolution::WORDS)?, node.at))
    };
    let time = resolution("time");
    let duration = if kind == SignalKind::Span { resolution("duration") } else { None };
    let at_most = fields.get("at_most").and_then(|node| {
        let number = walk.integer(node, "at_most")?;
        let number = u32::try_from(number).ok().filter(|number| *number > 0);
        if number.is_none() {
            let help = format!("write a number from 1 to {}", u32::MAX);
            walk.error(node.at, Rule::Value, "`at_most` is out of range", help);
        }
        number
    });
    let because = walk.optional_sentence(fields, "because");
    let governance = governance::read(walk, fields);
    Some(Limits { time, duration, at_most, because, governance, accepted: accept(walk, fields) })
}

fn app_id(walk: &mut Walk<'_>, node: &Node) -> Option<&'static str> {
    let text = walk.text(node, "app_id")?;
    if tables::names_device(text) {
        let help =
            "begin with another label: `aux`, `con`, `nul`, `prn`, `com0` to `com9` and `lpt0` to `lpt9` name devices";
        let wrong = format!("Windows takes a folder with the name `{}` for a device", cut(text));
        walk.error(node.at, Rule::Name, wrong, help);
        return None;
    }
    if !names::is_app_id(text) {
        let help = "write a domain of yours backwards and the program's name, as in `com.example.mlnet`";
        walk.error(node.at, Rule::Name, format!("`{}` is no reversed domain", cut(text)), help);
        return None;
    }
    Some(kept(text))
}

fn name(walk: &mut Walk<'_>, node: &Node) -> Option<&'static str> {
    let text = walk.text(node, "name")?;
    if !names::is_wire_text(text) {
        let help = "use printable text of at most 256 bytes, without blanks at its ends";
        walk.error(node.at, Rule::Text, format!("`{}` can't be a service name", cut(text)), help);
        return None;
    }
    Some(kept(text))
}

fn link(walk: &mut Walk<'_>, node: &Node) -> Option<&'static str> {
    let text = walk.text(node, "link")?;
    if let Err(reason) = endpoint::admit_link(text) {
        let help = "write the `https` address of a public page, as in `https://example.com/telemetry`, without a query \
                    or fragment";
        walk.error(node.at, Rule::Endpoint, format!("the link {reason}"), help);
        return None;
    }
    Some(kept(text))
}

fn endpoint(walk: &mut Walk<'_>, node: &Node) -> Option<&'static str> {
    let text = walk.text(node, "endpoint")?;
    if let Err(reason) = endpoint::admit_endpoint(text) {
        let help = "write an OTLP base URL as in `https://telemetry.example.com`; `http` only to localhost, \
                    127.0.0.0/8 or [::1]";
        walk.error(node.at, Rule::Endpoint, format!("the endpoint {reason}"), help);
        return None;
    }
    Some(kept(text))
}
