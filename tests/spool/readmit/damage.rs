//! One thing is wrong with a line: it is refused, or what is wrong is gone.

use super::json::Json;
use super::{CASES, Line, PROGRAMS, check, check_lines, readmitted};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::string::string_regex;
use scruple::upload::LineRefused;
use std::cell::Cell;

#[derive(Debug, Clone)]
enum Damage {
    Replaced(u8),
    Flipped(u8),
    Added(u8),
    Removed,
    Swapped,
    Cut,
}

fn damages() -> impl Strategy<Value = Damage> {
    // What means something in JSON, in numbers and in names, and anything.
    let bytes = || prop_oneof![select(b"\0\t\n\r \"\\/{}[]:,.-+eE0123456789azAZ_nul".to_vec()), any::<u8>()];
    prop_oneof![
        3 => bytes().prop_map(Damage::Replaced),
        2 => (0..8_u8).prop_map(Damage::Flipped),
        3 => bytes().prop_map(Damage::Added),
        2 => Just(Damage::Removed),
        1 => Just(Damage::Swapped),
        1 => Just(Damage::Cut),
    ]
}

impl Damage {
    fn to(&self, line: &[u8], at: usize) -> Vec<u8> {
        let mut line = line.to_vec();
        match *self {
            Self::Replaced(byte) => line[at] = byte,
            Self::Flipped(bit) => line[at] ^= 1 << bit,
            Self::Added(byte) => line.insert(at, byte),
            Self::Removed => drop(line.remove(at)),
            Self::Swapped if at > 0 => line.swap(at - 1, at),
            Self::Swapped | Self::Cut => line.truncate(at),
        }
        line
    }
}

/// Every text and number that stands in a line.
fn leaves(line: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    Json::read(line).each(&mut |value| {
        if !matches!(value, Json::List(_) | Json::Object(_)) {
            all.push(value.to_string());
        }
    });
    all
}

#[test]
fn damage_to_any_byte_is_refused_or_gone() {
    let counts = [const { Cell::new(0) }; 4];
    check_lines((any::<Index>(), damages()), |joined, Line { json, .. }, (at, damage)| {
        let damaged = damage.to(json, at.index(json.len()));
        let outcome = match readmitted(&damaged, joined) {
            Err(LineRefused::Foreign(_)) => 0,
            Err(LineRefused::Withheld(_)) => 1,
            // Another id, hash, time or member: a line that the program could have written itself.
            Ok(out) if out.json == damaged => 2,
            Ok(out) => {
                let before = leaves(json);
                let rounded = |leaf: &String| leaf.trim_matches('"').bytes().all(|byte| byte.is_ascii_digit());
                // A name may have become another declared one, whose signal declares less.
                let renamed = |leaf: &String| {
                    let mut registries = joined.registries.iter();
                    let name = leaf.trim_matches('"');
                    registries.any(|registry| registry.span(name).is_some() || registry.event(name).is_some())
                };
                let known = |leaf: &String| before.contains(leaf) || rounded(leaf) || renamed(leaf);
                assert!(leaves(&out.json).iter().all(known), "{}", String::from_utf8_lossy(&damaged));
                3
            }
            Err(LineRefused::Contradicted) => {
                panic!("read differently than written: {}", String::from_utf8_lossy(&damaged))
            }
        };
        counts[outcome].set(counts[outcome].get() + 1);
    });
    println!("refused, withheld, another, gone: {:?}", counts.each_ref().map(Cell::get));
    assert!(counts.iter().all(|count| count.get() > 0));
}

/// A change of one object's fields that no reader may overlook.
#[derive(Debug, Clone)]
enum Change {
    Inserted(&'static str, Json),
    Duplicated(Option<Json>),
    Renamed(Name),
    Reordered,
}

#[derive(Debug, Clone)]
enum Name {
    Snake,
    Upper,
    Blank,
    Number,
    Other(String),
}

fn changes() -> impl Strategy<Value = Change> {
    let fields = vec![
        ("traceState", Json::Text(String::new())),
        ("droppedAttributesCount", Json::Number(0)),
        ("schemaUrl", Json::Text(String::new())),
        ("links", Json::List(Vec::new())),
        ("body", Json::Object(Vec::new())),
        ("entityRefs", Json::List(Vec::new())),
        ("attributes", Json::List(Vec::new())),
        ("events", Json::List(Vec::new())),
        ("stringValue", Json::Text("alice".to_owned())),
        ("severity_text", Json::Text("alice".to_owned())),
        ("", Json::Boolean(true)),
    ];
    let names = prop_oneof![
        3 => Just(Name::Snake),
        1 => Just(Name::Upper),
        1 => Just(Name::Blank),
        1 => Just(Name::Number),
        1 => string_regex("[a-z]{0,3}_alice|\\PC{0,4}").expect("a pattern").prop_map(Name::Other),
    ];
    let value = prop_oneof![
        Just(None),
        any::<u64>().prop_map(|number| Some(Json::Number(number))),
        Just(Some(Json::Text("alice".to_owned()))),
        Just(Some(Json::List(Vec::new()))),
    ];
    prop_oneof![
        3 => select(fields).prop_map(|(name, value)| Change::Inserted(name, value)),
        3 => value.prop_map(Change::Duplicated),
        3 => names.prop_map(Change::Renamed),
        2 => Just(Change::Reordered),
    ]
}

impl Change {
    fn to(&self, fields: &mut Vec<(String, Json)>, at: &Index, to: &Index) {
        match self {
            Self::Inserted(name, value) => {
                fields.insert(to.index(fields.len() + 1), ((*name).to_owned(), value.clone()))
            }
            Self::Duplicated(value) => {
                let (name, first) = at.get(fields).clone();
                fields.insert(to.index(fields.len() + 1), (name, value.clone().unwrap_or(first)));
            }
            Self::Renamed(how) => {
                let at = at.index(fields.len());
                let name = &mut fields[at].0;
                *name = match how {
                    Name::Snake => name.chars().fold(String::new(), |mut snake, letter| {
                        snake.push_str(if letter.is_ascii_uppercase() { "_" } else { "" });
                        snake.push(letter.to_ascii_lowercase());
                        snake
                    }),
                    Name::Upper => name.to_ascii_uppercase(),
                    Name::Blank => format!("{name} "),
                    Name::Number => "1".to_owned(),
                    Name::Other(other) => other.clone(),
                };
            }
            Self::Reordered => {
                let (at, to) = (at.index(fields.len()), to.index(fields.len()));
                fields.swap(at, to);
            }
        }
    }
}

#[test]
fn an_inserted_duplicated_renamed_or_moved_field_refuses_the_line() {
    let changed = Cell::new(0);
    check_lines((any::<[Index; 3]>(), changes()), |joined, Line { json, .. }, ([object, at, to], change)| {
        let mut other = Json::read(json);
        other.change(Json::is_object, object.index(usize::MAX), |value| change.to(value.fields(), at, to));
        let other = other.to_string();
        if other.as_bytes() == json {
            return;
        }
        assert!(matches!(readmitted(other.as_bytes(), joined), Err(LineRefused::Foreign(_))), "{change:?}: {other}");
        changed.set(changed.get() + 1);
    });
    println!("{} lines changed", changed.get());
    assert!(changed.get() * 3 >= CASES);
}

/// How a marker gets into a text.
#[derive(Debug, Clone, Copy)]
enum Planted {
    Instead,
    Before,
    After,
    Inside,
}

#[test]
fn a_marker_planted_in_any_text_is_refused_or_gone() {
    const MARKERS: [&str; 6] = ["zqaliceqz", "alice.qz", "Alice qz", "alice\"qz\\", "-alice", "alice/qz:1"];
    let drawn = (any::<[Index; 2]>(), select(MARKERS.to_vec()), select(PLANTED.to_vec()), any::<bool>());
    let [refused, withheld, gone] = [const { Cell::new(0) }; 3];
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    check_lines(drawn, |joined, Line { json, .. }, ([place, inside], marker, planted, in_name)| {
        let plant = |text: &mut String| {
            let boundaries: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
            match planted {
                Planted::Inside if !boundaries.is_empty() => text.insert_str(*inside.get(&boundaries), marker),
                Planted::Before => text.insert_str(0, marker),
                Planted::After => text.push_str(marker),
                Planted::Instead | Planted::Inside => *text = (*marker).to_owned(),
            }
        };
        let mut other = Json::read(json);
        let place = place.index(usize::MAX);
        if *in_name {
            other.change(Json::is_object, place, |value| plant(&mut inside.get_mut(value.fields()).0));
        } else {
            other.change(Json::is_text, place, |value| match value {
                Json::Text(text) => plant(text),
                _ => panic!("a text"),
            });
        }
        match readmitted(other.to_string().as_bytes(), joined) {
            Err(LineRefused::Foreign(_)) => count(&refused),
            Err(LineRefused::Withheld(_)) => count(&withheld),
            Err(LineRefused::Contradicted) => panic!("read differently than written: {other}"),
            Ok(out) => {
                for bytes in [&out.json, &out.protobuf] {
                    let text = String::from_utf8_lossy(bytes).to_lowercase();
                    assert!(!text.contains("alice"), "{other}");
                }
                count(&gone);
            }
        }
    });
    println!("refused {}, withheld {}, gone {}", refused.get(), withheld.get(), gone.get());
    assert!([refused, withheld, gone].iter().all(|cell| cell.get() >= 100));
}

const PLANTED: [Planted; 4] = [Planted::Instead, Planted::Before, Planted::After, Planted::Inside];

#[test]
fn any_bytes_and_any_two_lines_in_one_are_answered() {
    let drawn = (any::<[Index; 4]>(), any::<Vec<u8>>());
    check(PROGRAMS, drawn, |joined, lines, ([one, until, other, from], bytes)| {
        assert!(readmitted(bytes, joined).is_err());
        if !lines.is_empty() {
            let (one, other) = (&one.get(lines).json, &other.get(lines).json);
            let spliced = [&one[..until.index(one.len() + 1)], &other[from.index(other.len() + 1)..]].concat();
            // Where it fits, it is another line that the program could have written.
            assert!(
                readmitted(&spliced, joined).is_err_and(|why| why != LineRefused::Contradicted) || is_json(&spliced)
            );
        }
    });
}

fn is_json(line: &[u8]) -> bool {
    serde_json::from_slice::<Json>(line).is_ok_and(|json| json.to_string().as_bytes() == line)
}
