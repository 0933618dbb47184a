//! Reads `manifest.yaml` and definition files into declarations whose references are not yet followed.
//!
//! The format is Weaver's `definition/2`: the parts that say what may be sent. `metrics` and `imports` are refused rather
//! than skipped, because what is skipped would look declared and never arrive. A manifest's `dependencies` declare
//! nothing here: each reference to what they hold is a mistake at its place.

use scruple::registry::{SignalKind, SpanKind};

use super::chart;
use super::declared::{ChartPair, Governance, Prose, Service, kept};
use super::endpoint;
use super::finding::{Place, Rule};
use super::folder::TextFile;
use super::nodes::{self, Node};
use super::prose::{Common, common, stability};
use super::refs::{Groups, Ref, group_id, named, refs, signal_level};
use super::service::{self, Limits};
use super::treat::{self, Treated};
use super::walk::{Fields, Walk, cut};

/// All that a folder's definition files declare, in the order they were read.
#[derive(Default)]
pub struct Declarations {
    /// Attributes.
    pub attributes: Vec<ParsedAttribute>,
    /// Attribute groups.
    pub groups: Vec<AttributeGroup>,
    /// Entities.
    pub entities: Vec<Entity>,
    /// Whether a file could not be parsed, or has a key that is not known: it may declare what others refer to.
    pub lost_file: bool,
    /// Whether an entity could not be read: it may be the one that says who reports.
    pub lost_entity: bool,
    /// Spans.
    pub spans: Vec<ParsedSignal>,
    /// Events.
    pub events: Vec<ParsedSignal>,
}

/// A declared attribute; what could not be read of it was reported.
pub struct ParsedAttribute {
    /// Where its declaration starts.
    pub place: Place,
    /// Its key, and where that stands.
    pub key: (String, Place),
    /// What it means.
    pub brief: Option<&'static str>,
    /// What else is said of it.
    pub prose: Prose,
    /// What happens to it.
    pub treated: Option<Treated>,
}

impl ParsedAttribute {
    /// Who answers for it, and so on; `None` if its treatment could not be read.
    pub fn governance(&self) -> Option<&Governance> {
        self.treated.as_ref().map(|treated| &treated.governance)
    }
}

/// A declared attribute group.
pub struct AttributeGroup {
    /// Its id, and where that stands.
    pub id: (String, Place),
    /// What it refers to.
    pub refs: Vec<Ref>,
}

/// A declared entity.
pub struct Entity {
    /// Its type, and where that stands.
    pub name: (String, Place),
    /// The attributes of its identity and description.
    pub refs: Vec<Ref>,
    /// Where its `privacy` annotation stands.
    pub annotated: Option<Place>,
    /// The service annotation.
    pub service: Option<Service>,
}

/// A declared span or event.
pub struct ParsedSignal {
    /// Its name, and where that stands.
    pub name: (String, Place),
    /// What it means.
    pub brief: Option<&'static str>,
    /// What else is said of it.
    pub note: Option<&'static str>,
    /// The kind of a span.
    pub kind: Option<SpanKind>,
    /// What it refers to.
    pub refs: Vec<Ref>,
    /// The entities it names.
    pub entities: Vec<(String, Place)>,
    /// Its `privacy` annotation.
    pub limits: Limits,
    /// Its `chart` annotation.
    pub charts: Vec<ChartPair>,
}

/// What a manifest says.
pub struct Manifest {
    /// The registry's own URL, and where that stands.
    pub schema_url: (&'static str, Place),
    /// What the program reports.
    pub description: Option<&'static str>,
}

/// Reads a manifest.
pub fn manifest(walk: &mut Walk<'_>, text: &TextFile) -> Option<Manifest> {
    let node = root(walk, text)?;
    let known = ["schema_url", "description", "stability", "dependencies"];
    let fields = walk.fields_among_others(&node, "a manifest", &known)?;
    if let Some(node) = fields.get("dependencies") {
        let help = "declare what is sent in this folder";
        walk.warning(node.at, Rule::ManifestKey, "`dependencies` are not read", help);
    }
    let description = walk.optional_sentence(fields, "description");
    stability(walk, fields);
    let node = walk.need(fields, "schema_url")?;
    let url = walk.text(node, "schema_url")?;
    if let Err(reason) = endpoint::admit_schema_url(url) {
        let help = "write `https://<host>/<path>/<version>`";
        walk.error(node.at, Rule::Endpoint, format!("`schema_url` {reason}"), help);
        return None;
    }
    Some(Manifest { schema_url: (kept(url), walk.place(node.at)), description })
}

/// What one definition file declares.
pub fn definition(walk: &mut Walk<'_>, text: &TextFile, into: &mut Declarations) {
    let known = ["file_format", "attributes", "attribute_groups", "entities", "spans", "events", "metrics", "imports"];
    let Some(node) = root(walk, text) else {
        into.lost_file = true;
        return;
    };
    let before = walk.findings.len();
    let Some(fields) = walk.fields(&node, "a definition file", &known) else { return };
    // What stands under a misspelt key may be what others refer to.
    into.lost_file |= walk.findings.len() > before;
    if let Some(node) = walk.need(fields, "file_format") {
        walk.choice(node, "file_format", &[("definition/2", ())]);
    }
    if let Some(node) = fields.get("metrics") {
        let help = "delete them; count with `from: count` on a span or event";
        walk.error(node.at, Rule::Unsupported, "`metrics` are not read", help);
    }
    if let Some(node) = fields.get("imports") {
        let help = "delete it, and declare what is sent in this folder";
        walk.error(node.at, Rule::Unsupported, "`imports` are not read", help);
    }
    for node in walk.optional_items(fields, "attributes") {
        into.attributes.extend(attribute(walk, node));
    }
    for node in walk.optional_items(fields, "attribute_groups") {
        into.groups.extend(group(walk, node));
    }
    for node in walk.optional_items(fields, "entities") {
        match entity(walk, node) {
            Some(entity) => into.entities.push(entity),
            None => into.lost_entity = true,
        }
    }
    for node in walk.optional_items(fields, "spans") {
        into.spans.extend(span(walk, node));
    }
    for node in walk.optional_items(fields, "events") {
        into.events.extend(event(walk, node));
    }
}

fn root(walk: &mut Walk<'_>, text: &TextFile) -> Option<Node> {
    let before = walk.findings.len();
    let node = nodes::parse(&text.name, &text.text, walk.findings);
    if node.is_none() && walk.findings.len() == before {
        let help = "delete it, or begin with `file_format: definition/2`";
        walk.error(super::Position { line: 1, column: 1 }, Rule::Shape, "this file is empty", help);
    }
    node
}

fn attribute(walk: &mut Walk<'_>, node: &Node) -> Option<ParsedAttribute> {
    let known = ["key", "type", "brief", "note", "stability", "deprecated", "examples", "annotations"];
    let fields = walk.fields(node, "an attribute", &known)?;
    let key = walk.need(fields, "key").and_then(|node| named(walk, node, "key"));
    let brief = walk.need_sentence(fields, "brief");
    let prose = common(walk, fields, Common::Required);
    let treated = treat::treat(walk, fields);
    let key = key?;
    if key.0.starts_with("otel.") {
        let place = key.1.clone();
        let help = "use a prefix of your own; a span's status is recorded by `ok()` and `fail()`";
        walk.error(place.at, Rule::Name, "keys that start with `otel.` are reserved", help);
    }
    Some(ParsedAttribute { place: walk.place(node.at), key, brief, prose, treated })
}

fn group(walk: &mut Walk<'_>, node: &Node) -> Option<AttributeGroup> {
    let known = ["id", "visibility", "brief", "note", "stability", "deprecated", "attributes", "annotations"];
    let fields = walk.fields(node, "an attribute group", &known)?;
    let id = walk.need(fields, "id").and_then(|node| group_id(walk, node, "id"));
    let visibility = walk
        .need(fields, "visibility")
        .and_then(|node| walk.choice(node, "visibility", &[("internal", false), ("public", true)]));
    if let Some(node) = fields.get("annotations").and_then(|node| walk.privacy(node)) {
        let help = "annotate the attributes it refers to";
        walk.error(node.at, Rule::UnknownKey, "a group has no annotations that are read", help);
    }
    match visibility {
        Some(true) => {
            walk.need_sentence(fields, "brief");
            common(walk, fields, Common::Required);
        }
        Some(false) => {
            for key in ["brief", "note", "stability", "deprecated"] {
                if let Some(node) = fields.get(key) {
                    let message = format!("an internal group has no `{key}`");
                    walk.error(node.at, Rule::UnknownKey, message, "delete it, or write `visibility: public`");
                }
            }
        }
        None => {}
    }
    let refs = refs(walk, fields, "attributes", Groups::Allowed);
    Some(AttributeGroup { id: id?, refs })
}

fn entity(walk: &mut Walk<'_>, node: &Node) -> Option<Entity> {
    let known = [
        "type",
        "brief",
        "note",
        "stability",
        "deprecated",
        "requirement_level",
        "identity",
        "description",
        "annotations",
    ];
    let fields = walk.fields(node, "an entity", &known)?;
    let name = walk.need(fields, "type").and_then(|node| named(walk, node, "type"));
    walk.need_sentence(fields, "brief");
    common(walk, fields, Common::Required);
    signal_level(walk, fields);
    walk.need(fields, "identity");
    let mut all = refs(walk, fields, "identity", Groups::Refused);
    all.extend(refs(walk, fields, "description", Groups::Refused));
    let privacy = fields.get("annotations").and_then(|node| walk.privacy(node));
    let annotated = privacy.map(|node| walk.place(node.at));
    let service = privacy.and_then(|node| service::service(walk, node));
    Some(Entity { name: name?, refs: all, annotated, service })
}

/// The keys of an event; a span has two more.
const SIGNAL: &[&str] = &[
    "name",
    "brief",
    "note",
    "stability",
    "deprecated",
    "requirement_level",
    "attributes",
    "entity_associations",
    "annotations",
];

fn span(walk: &mut Walk<'_>, node: &Node) -> Option<ParsedSignal> {
    let known = [&["type", "kind"], SIGNAL].concat();
    let fields = walk.fields(node, "a span", &known)?;
    let name = walk.need(fields, "type").and_then(|node| named(walk, node, "type"));
    let kind = walk.need(fields, "kind").and_then(|node| walk.choice(node, "kind", SpanKind::WORDS));
    if let Some(node) = walk.need(fields, "name") {
        let note = walk.fields(node, "a span's name", &["note"]).and_then(|fields| walk.need(fields, "note"));
        let text = note.and_then(|node| walk.text(node, "note"));
        if let (Some((name, _)), Some(node), Some(text)) = (&name, note, text)
            && text != name
        {
            let message = format!("the span's name `{}` is not its type", cut(text));
            walk.error(
                node.at,
                Rule::Name,
                message,
                format!("write `name: {{note: {name}}}`: the type is what is sent"),
            );
        }
    }
    signal(walk, SignalKind::Span, fields, name, kind)
}

fn event(walk: &mut Walk<'_>, node: &Node) -> Option<ParsedSignal> {
    let fields = walk.fields(node, "an event", SIGNAL)?;
    let name = walk.need(fields, "name").and_then(|node| named(walk, node, "name"));
    signal(walk, SignalKind::Event, fields, name, None)
}

fn signal(
    walk: &mut Walk<'_>,
    of: SignalKind,
    fields: Fields<'_>,
    name: Option<(String, Place)>,
    kind: Option<SpanKind>,
) -> Option<ParsedSignal> {
    let brief = walk.need_sentence(fields, "brief");
    let note = common(walk, fields, Common::Required).note;
    signal_level(walk, fields);
    let refs = refs(walk, fields, "attributes", Groups::Allowed);
    let mut entities = Vec::new();
    for node in walk.optional_items(fields, "entity_associations") {
        entities.extend(named(walk, node, "entity_associations"));
    }
    let annotations = fields.get("annotations");
    let privacy = annotations.and_then(|node| walk.privacy(node));
    let limits = privacy.and_then(|node| service::limits(walk, node, of)).unwrap_or_default();
    let charts = annotations.map(|node| chart::pairs(walk, node)).unwrap_or_default();
    Some(ParsedSignal { name: name?, brief, note, kind, refs, entities, limits, charts })
}
