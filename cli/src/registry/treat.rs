//! An attribute's type and its `privacy` annotation become one treatment.
//!
//! The table of treatments, by wire type: `boolean` none; an enum none (or `otherwise`), `bucket`, `uri_scheme`,
//! `agent`; `string[]` only `names`; `int` only `count`; `string` only `hash`, `sha256`, `version`, `location`; a
//! string or enum `app`, `session`, `installation`, `system`, `runtime`. Whatever is not in it can't be sent.

use scruple::registry::{MAX_NAMES, Normalize, Treatment, TreatmentKind, WireType};

use super::accept::accept;
use super::declared::{Accepted, Governance, Member, kept};
use super::finding::{Position, Rule};
use super::governance;
use super::members::{self, ValueType};
use super::names;
use super::nodes::{Node, Value};
use super::walk::{Fields, Walk, among, cut};

/// The largest count that needs no reason.
const UNREMARKABLE: i64 = 1000;

/// What an attribute's type and annotation come to.
pub struct Treated {
    /// What happens to a recorded value.
    pub treatment: Treatment<'static>,
    /// The members of an enum.
    pub members: Vec<Member>,
    /// The reason that was given.
    pub because: Option<&'static str>,
    /// The undotted field that was named, and where.
    pub field: Option<(&'static str, Position)>,
    /// Who answers for it, and so on.
    pub governance: Governance,
    /// The warnings that were accepted.
    pub accepted: Vec<Accepted>,
}

/// Reads `type` and `annotations` of an attribute.
pub fn treat(walk: &mut Walk<'_>, attribute: Fields<'_>) -> Option<Treated> {
    let wire = walk.need(attribute, "type").and_then(|node| wire(walk, node));
    let annotation = attribute.get("annotations").and_then(|node| walk.privacy(node));
    let wire = wire?;
    let Some(node) = annotation else {
        let (treatment, members) = untreated(walk, attribute, wire)?;
        let governance = Governance::default();
        return Some(Treated { treatment, members, because: None, field: None, governance, accepted: Vec::new() });
    };
    annotated(walk, attribute, wire, node)
}

enum Wire<'n> {
    Boolean,
    Int,
    String,
    Strings,
    Enum(Position, &'n [Node]),
}

fn wire<'n>(walk: &mut Walk<'_>, node: &'n Node) -> Option<Wire<'n>> {
    if let Value::Map(_) = node.value {
        let fields = walk.fields(node, "an enum's type", &["members"])?;
        let members = walk.need(fields, "members")?;
        return walk.items(members, "members").map(|items| Wire::Enum(members.at, items));
    }
    let text = walk.text(node, "type")?;
    let number = "count it: `type: int` with `privacy: {from: count, max: N}`, or put it into buckets: an enum with \
                  `privacy: {from: bucket}`";
    let help = match text {
        "boolean" => return Some(Wire::Boolean),
        "int" => return Some(Wire::Int),
        "string" => return Some(Wire::String),
        "string[]" => return Some(Wire::Strings),
        "double" => number,
        "any" => "declare an attribute for each thing that is to be known, with `type: boolean`, `int` or members",
        "int[]" | "double[]" | "boolean[]" => {
            "only `string[]` with `privacy: {from: names, members: […]}` can be a list: declare an attribute for each value"
        }
        _ if text.starts_with("template[") => {
            "declare each key as an attribute of its own: a template's keys are not known beforehand"
        }
        _ => "write `boolean`, `int`, `string`, `string[]`, or `{members: […]}`",
    };
    walk.error(node.at, Rule::Type, format!("the type `{}` can't be sent", cut(text)), help);
    None
}

/// A treatment, and the members of its enum if it has one.
type WithMembers = (Treatment<'static>, Vec<Member>);

/// An attribute without annotation.
fn untreated(walk: &mut Walk<'_>, attribute: Fields<'_>, wire: Wire<'_>) -> Option<WithMembers> {
    let (what, help) = match wire {
        Wire::Boolean => return Some((Treatment::Boolean, Vec::new())),
        Wire::Enum(at, items) => {
            let (value_type, (values, members)) = members::values(walk, at, items)?;
            return Some((enumeration(value_type, values, None), members));
        }
        Wire::String => (
            "a string without a treatment",
            "list its values as `type: {members: […]}`, or add `annotations: {privacy: {from: hash}}` (or `sha256`, \
             `version`, `location`)",
        ),
        Wire::Strings => (
            "a list without a treatment",
            "add `annotations: {privacy: {from: names, members: […]}}` with the names that may be sent",
        ),
        Wire::Int => (
            "a number without a treatment",
            "add `annotations: {privacy: {from: count, max: N}}` with the largest value that may be sent",
        ),
    };
    let at = attribute.get("type").map_or(attribute.at, |node| node.at);
    walk.error(at, Rule::Treatment, what, help);
    None
}

const KEYS: [&str; 9] = ["from", "field", "because", "otherwise", "absent", "members", "max", "normalize", "accept"];

fn annotated(walk: &mut Walk<'_>, attribute: Fields<'_>, wire: Wire<'_>, node: &Node) -> Option<Treated> {
    let all = walk.fields(node, "`privacy`", &[KEYS.as_slice(), &governance::KEYS].concat())?;
    let from = match all.get("from") {
        Some(node) => Some(walk.choice(node, "from", &sources())?),
        None => None,
    };
    let allowed: &[&str] = match (from, &wire) {
        (None, Wire::Enum(..)) => &["field", "otherwise"],
        (None, _) => &["field"],
        (Some(TreatmentKind::UriScheme), _) => &["from", "field", "otherwise", "absent"],
        (Some(TreatmentKind::Names), _) => &["from", "field", "members"],
        (Some(TreatmentKind::Count), _) => &["from", "field", "max", "because"],
        (Some(TreatmentKind::Sha256), _) => &["from", "field", "normalize", "because"],
        (Some(TreatmentKind::Agent | TreatmentKind::Given(_)), _) => &["from"],
        (Some(_), _) => &["from", "field"],
    };
    for key in KEYS {
        if let Some(node) = all.get(key).filter(|_| key != "accept" && !allowed.contains(&key)) {
            let what = from.map_or("an attribute without `from`".to_owned(), |from| format!("`from: {}`", from.word()));
            let help = format!("delete it; beside {what} there may be {}", among(allowed));
            walk.error(node.at, Rule::UnknownKey, format!("`{key}` has no meaning for {what}"), help);
        }
    }
    let because = all.get("because").and_then(|node| walk.sentence(node, "because"));
    let field = all.get("field").filter(|_| allowed.contains(&"field")).and_then(|node| field(walk, node));
    let governance = governance::read(walk, all);
    let (treatment, members) = treatment(walk, attribute, wire, from, all)?;
    Some(Treated { treatment, members, because, field, governance, accepted: accept(walk, all) })
}

fn treatment(
    walk: &mut Walk<'_>,
    attribute: Fields<'_>,
    wire: Wire<'_>,
    from: Option<TreatmentKind>,
    all: Fields<'_>,
) -> Option<WithMembers> {
    let Some(from) = from else {
        let Wire::Enum(at, items) = wire else { return untreated(walk, attribute, wire) };
        let (value_type, (values, members)) = members::values(walk, at, items)?;
        let otherwise = members::named(walk, all, "otherwise", &members);
        return Some((enumeration(value_type, values, otherwise), members));
    };
    let treatment = match (from, wire) {
        (TreatmentKind::Bucket, Wire::Enum(at, items)) => {
            let ((values, members), below) = members::buckets(walk, at, items)?;
            return Some((Treatment::Bucket { members: values, below }, members));
        }
        (TreatmentKind::UriScheme, Wire::Enum(at, items)) => {
            let (values, members) = members::texts(walk, at, items)?;
            let otherwise = members::named(walk, all, "otherwise", &members);
            let absent = members::named(walk, all, "absent", &members);
            return Some((Treatment::UriScheme { members: values, otherwise, absent }, members));
        }
        (TreatmentKind::Agent, Wire::Enum(at, items)) => {
            let (values, members) = members::texts(walk, at, items)?;
            return Some((Treatment::Agent { members: values }, members));
        }
        (TreatmentKind::Given(source), Wire::Enum(at, items)) => {
            let (values, members) = members::texts(walk, at, items)?;
            return Some((Treatment::Given { source, members: values }, members));
        }
        (TreatmentKind::Given(source), Wire::String) => Treatment::Given { source, members: &[] },
        (TreatmentKind::Names, Wire::Strings) => names(walk, all)?,
        (TreatmentKind::Count, Wire::Int) => count(walk, all)?,
        (TreatmentKind::Hash, Wire::String) => Treatment::Hash,
        (TreatmentKind::Sha256, Wire::String) => sha256(walk, all)?,
        (TreatmentKind::Version, Wire::String) => Treatment::Version,
        // Without the program's sources, no file may be named: every location is withheld.
        (TreatmentKind::Location, Wire::String) => Treatment::Location { files: &[], root: "" },
        (from, wire) => {
            mismatch(walk, all, from, &wire);
            return None;
        }
    };
    Some((treatment, Vec::new()))
}

fn enumeration(value_type: ValueType, members: &'static [&'static str], otherwise: Option<u16>) -> Treatment<'static> {
    match value_type {
        ValueType::Text => Treatment::Enum { members, otherwise },
        ValueType::Integer => Treatment::IntegerEnum { members, otherwise },
    }
}

fn mismatch(walk: &mut Walk<'_>, all: Fields<'_>, from: TreatmentKind, wire: &Wire<'_>) {
    let wanted = match (from, from.wire_type(false)) {
        (TreatmentKind::Given(_), _) => "type: string` or `type: {members: […]}",
        (_, WireType::Enum) => "type: {members: […]}",
        (_, wire) => &format!("type: {}", wire.word()),
    };
    let is = match wire {
        Wire::Boolean => "a boolean",
        Wire::Int => "an int",
        Wire::String => "a string",
        Wire::Strings => "a string[]",
        Wire::Enum(..) => "an enum",
    };
    let at = all.get("from").map_or(all.at, |node| node.at);
    let message = format!("`from: {}` doesn't fit {is}", from.word());
    walk.error(at, Rule::Treatment, message, format!("write `{wanted}`, or another treatment"));
}

fn names(walk: &mut Walk<'_>, all: Fields<'_>) -> Option<Treatment<'static>> {
    let node = walk.need(all, "members")?;
    let items = walk.items(node, "members")?;
    if items.is_empty() {
        walk.error(node.at, Rule::Member, "a list of names without members", "name what may be sent");
        return None;
    }
    if items.len() > MAX_NAMES {
        let message = format!("{} names: at most {MAX_NAMES} may be sent", items.len());
        walk.error(node.at, Rule::Limit, message, "keep those that a decision depends on");
        return None;
    }
    let mut members: Vec<&'static str> = Vec::new();
    let mut sound = true;
    for item in items {
        let Some(text) = walk.text(item, "members") else {
            sound = false;
            continue;
        };
        if !names::is_listed_name(text) {
            let help = "use printable text of at most 256 bytes without blanks, commas, quotes, square brackets or \
                        backslashes, and without any bracket at its ends: a list is read without them";
            walk.error(item.at, Rule::Member, format!("`{}` can't be a listed name", cut(text)), help);
            sound = false;
        } else if members.contains(&text) {
            walk.error(item.at, Rule::Duplicate, format!("the name `{text}` is here twice"), "delete one");
            sound = false;
        } else {
            members.push(kept(text));
        }
    }
    members.sort();
    sound.then(|| Treatment::Names { members: members.leak() })
}

fn count(walk: &mut Walk<'_>, all: Fields<'_>) -> Option<Treatment<'static>> {
    let node = walk.need(all, "max")?;
    let max = walk.integer(node, "max")?;
    if max < 0 {
        walk.error(node.at, Rule::Value, "a count is never below 0", "write the largest value that may be sent");
        return None;
    }
    if max > UNREMARKABLE && all.get("because").is_none() {
        let message = format!("a count of up to {max} can single a person out");
        let help = "lower `max` to 1000, use buckets, or add `because: \"…\"` with the reason";
        walk.error(node.at, Rule::Because, message, help);
    }
    Some(Treatment::Count { max })
}

fn sha256(walk: &mut Walk<'_>, all: Fields<'_>) -> Option<Treatment<'static>> {
    let normalize = walk.need(all, "normalize").and_then(|node| walk.choice(node, "normalize", Normalize::WORDS));
    if all.get("because").is_none() {
        let help = "use `from: hash`, or add `because: \"…\"` with the reason for compatibility";
        walk.error(all.at, Rule::Because, "a plain SHA-256 can be reversed by guessing", help);
    }
    Some(Treatment::Sha256 { normalize: normalize? })
}

fn field(walk: &mut Walk<'_>, node: &Node) -> Option<(&'static str, Position)> {
    let text = walk.text(node, "field")?;
    // `message` is where tracing puts an event's text.
    if !names::is_identifier(text) || text == "message" {
        let help = "use lower-case letters, digits and `_`, a letter first, no dots, and not `message`";
        walk.error(node.at, Rule::Name, format!("`{}` can't be a field", cut(text)), help);
        return None;
    }
    Some((kept(text), node.at))
}

/// What `from` may be: a boolean and an enum are known by their types.
fn sources() -> Vec<(&'static str, TreatmentKind)> {
    let by_type = |kind| matches!(kind, TreatmentKind::Boolean | TreatmentKind::Enum | TreatmentKind::IntegerEnum);
    TreatmentKind::WORDS.iter().copied().filter(|(_, kind)| !by_type(*kind)).collect()
}
