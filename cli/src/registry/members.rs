//! The members of an enum: unique ids, unique values that are all text or all integers, and bounds where they are buckets.

use super::declared::{Member, kept};
use super::finding::{Position, Rule};
use super::names;
use super::nodes::{Node, Scalar, Value};
use super::prose::{self, Common};
use super::walk::{Fields, Walk, cut};

/// How many members an enum may have: their indices are 16 bits wide.
const MAX_MEMBERS: usize = 1024;

/// The values of an enum, and what the table does not hold of them, in one order.
pub type Members = (&'static [&'static str], Vec<Member>);

/// The type of an enum's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Text.
    Text,
    /// An integer of 64 bits.
    Integer,
}

/// Texts without bounds, sorted: their order in the file says nothing.
pub fn texts(walk: &mut Walk<'_>, at: Position, items: &[Node]) -> Option<Members> {
    unbounded(walk, at, items, &[ValueType::Text]).map(|(_, members)| members)
}

/// Texts or integers without bounds, sorted.
pub fn values(walk: &mut Walk<'_>, at: Position, items: &[Node]) -> Option<(ValueType, Members)> {
    unbounded(walk, at, items, &[ValueType::Text, ValueType::Integer])
}

fn unbounded(walk: &mut Walk<'_>, at: Position, items: &[Node], allowed: &[ValueType]) -> Option<(ValueType, Members)> {
    let found = members(walk, at, items, allowed);
    for member in found.iter().flatten() {
        if let Some((_, at)) = member.below {
            walk.error(
                at,
                Rule::Bucket,
                "`below` has no meaning here",
                "add `privacy: {from: bucket}` to the attribute, or delete it",
            );
        }
    }
    let mut found = found?;
    found.sort_by(|a, b| a.value.order().cmp(&b.value.order()));
    let value_type = found.first().map_or(ValueType::Text, |read| read.value.value_type());
    Some((value_type, split(found)))
}

fn split(found: Vec<Read>) -> Members {
    let (values, members): (Vec<_>, Vec<_>) = found.into_iter().map(|read| (read.value.text, read.member)).unzip();
    (values.leak(), members)
}

/// Members in the order of the file, with their bounds: strictly growing, all but the last.
pub fn buckets(walk: &mut Walk<'_>, at: Position, items: &[Node]) -> Option<(Members, &'static [i64])> {
    let found = members(walk, at, items, &[ValueType::Text])?;
    let count = found.len();
    let mut sound = true;
    let mut below: Vec<i64> = Vec::new();
    for (index, read) in found.iter().enumerate() {
        let id = &read.member.id;
        let (at, message, help) = match (read.below, index + 1 == count) {
            (Some((_, at)), true) => {
                (at, format!("the last bucket, `{id}`, has a bound"), "add a last member without `below` for the rest")
            }
            (None, false) => (
                read.at,
                format!("the bucket `{id}` has no bound, and is not the last"),
                "add `annotations: {privacy: {below: N}}`, or move it to the end",
            ),
            (Some((bound, at)), false) if below.last().is_some_and(|last| *last >= bound) => {
                (at, format!("the bound of `{id}` is not above the one before it"), "order the members by `below`")
            }
            (Some((bound, _)), false) => {
                below.push(bound);
                continue;
            }
            (None, true) => continue,
        };
        walk.error(at, Rule::Bucket, message, help);
        sound = false;
    }
    sound.then(|| (split(found), &*below.leak()))
}

/// The index of the member whose id a key names.
pub fn named(walk: &mut Walk<'_>, fields: Fields<'_>, key: &str, members: &[Member]) -> Option<u16> {
    let node = fields.get(key)?;
    let text = walk.text(node, key)?;
    let index = members.iter().position(|member| member.id == text).and_then(|index| u16::try_from(index).ok());
    if index.is_none() {
        let help = match names::nearest(text, members.iter().map(|member| member.id.as_str())) {
            Some(near) => format!("did you mean `{near}`? `{key}` names a member's id"),
            None => format!("`{key}` names the id of one of this enum's members"),
        };
        walk.error(node.at, Rule::Reference, format!("no member has the id `{}`", cut(text)), help);
    }
    index
}

struct Read {
    at: Position,
    value: MemberValue,
    member: Member,
    below: Option<(i64, Position)>,
}

struct MemberValue {
    at: Position,
    text: &'static str,
    /// `None` for text.
    number: Option<i64>,
}

impl MemberValue {
    fn value_type(&self) -> ValueType {
        if self.number.is_some() { ValueType::Integer } else { ValueType::Text }
    }

    fn order(&self) -> (Option<i64>, &'static str) {
        (self.number, self.text)
    }
}

fn members(walk: &mut Walk<'_>, at: Position, items: &[Node], allowed: &[ValueType]) -> Option<Vec<Read>> {
    if items.is_empty() {
        walk.error(at, Rule::Member, "an enum without members", "list the values that may be sent");
        return None;
    }
    if items.len() > MAX_MEMBERS {
        let message = format!("{} members: at most {MAX_MEMBERS} are allowed", items.len());
        walk.error(at, Rule::Limit, message, "keep those that a decision depends on");
        return None;
    }
    let mut found: Vec<Read> = Vec::new();
    let mut sound = true;
    for item in items {
        let Some(read) = member(walk, item, allowed) else {
            sound = false;
            continue;
        };
        if let Some(first) = found.first().filter(|first| first.value.value_type() != read.value.value_type()) {
            let (is, was) = match read.value.number {
                Some(_) => ("an integer", "text"),
                None => ("text", "an integer"),
            };
            let message =
                format!("the member `{}` is {is}, and that in line {} is {was}", cut(read.value.text), first.at.line);
            walk.error(read.value.at, Rule::Member, message, "write all values as integers, or quote all of them");
            sound = false;
        }
        for other in &found {
            let (what, text) = match () {
                () if other.member.id == read.member.id => ("id", read.member.id.as_str()),
                () if other.value.text == read.value.text => ("value", read.value.text),
                () => continue,
            };
            let message = format!("two members have the {what} `{}`; first in line {}", cut(text), other.at.line);
            walk.error(read.at, Rule::Duplicate, message, "delete or rename one");
            sound = false;
            break;
        }
        found.push(read);
    }
    sound.then_some(found)
}

fn member(walk: &mut Walk<'_>, item: &Node, allowed: &[ValueType]) -> Option<Read> {
    let known = ["id", "value", "brief", "note", "stability", "deprecated", "annotations"];
    let fields = walk.fields(item, "a member", &known)?;
    let id = walk.need(fields, "id").and_then(|node| id(walk, node));
    let value = walk.need(fields, "value").and_then(|node| value(walk, node, allowed));
    let brief = walk.optional_sentence(fields, "brief");
    prose::common(walk, fields, Common::Optional);
    let before = walk.findings.len();
    let below = fields.get("annotations").and_then(|node| below(walk, node));
    // A bound that could not be read is not the lack of one.
    if walk.findings.len() > before {
        return None;
    }
    Some(Read { at: item.at, value: value?, member: Member { id: id?, brief }, below })
}

fn id(walk: &mut Walk<'_>, node: &Node) -> Option<String> {
    let text = walk.text(node, "id")?;
    if !names::is_member_id(text) {
        let help = "use letters, digits, `_`, `-` and `.`, at most 128 bytes; what is sent is `value`";
        walk.error(node.at, Rule::Name, format!("`{}` can't be a member's id", cut(text)), help);
        return None;
    }
    Some(text.to_owned())
}

fn value(walk: &mut Walk<'_>, node: &Node, allowed: &[ValueType]) -> Option<MemberValue> {
    let has_integers = allowed.contains(&ValueType::Integer);
    let text = match &node.value {
        Value::Scalar(Scalar::Integer, text) if has_integers => return integer(walk, node, text),
        Value::Scalar(Scalar::Integer | Scalar::Float | Scalar::Boolean, text) => {
            let wanted = if has_integers { "neither text nor an integer" } else { "not text" };
            let message = format!("the member `{}` is {wanted}", cut(text));
            walk.error(node.at, Rule::Member, message, format!("quote it: value: \"{}\"", cut(text)));
            return None;
        }
        _ => walk.text(node, "value")?,
    };
    if !names::is_wire_text(text) {
        let help = "use printable text of at most 256 bytes, without blanks at its ends";
        walk.error(node.at, Rule::Member, format!("`{}` can't be sent", cut(text)), help);
        return None;
    }
    Some(MemberValue { at: node.at, text: kept(text), number: None })
}

/// Other spellings than the shortest are read differently by other readers of YAML: `010` may be eight.
fn integer(walk: &mut Walk<'_>, node: &Node, text: &str) -> Option<MemberValue> {
    let number = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
    if number.is_none() {
        let message = format!("the member `{}` is not an integer of at most 64 bits in decimal digits", cut(text));
        let help = "write the digits alone, without a leading zero, or quote it if it is text";
        walk.error(node.at, Rule::Member, message, help);
    }
    number.map(|number| MemberValue { at: node.at, text: kept(text), number: Some(number) })
}

fn below(walk: &mut Walk<'_>, annotations: &Node) -> Option<(i64, Position)> {
    let node = walk.privacy(annotations)?;
    let fields = walk.fields(node, "a member's `privacy`", &["below"])?;
    let bound = walk.need(fields, "below")?;
    walk.integer(bound, "below").map(|number| (number, bound.at))
}
