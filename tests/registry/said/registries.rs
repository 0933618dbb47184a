//! Properties of any registries: of parsing, of the comparison, and of both on damaged texts.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use scruple::registry::snapshot::{self, Direction, Snapshot, changes, is_wider};
use scruple::registry::{Attribute, Registry, Treatment};

use super::WORDS;
use super::tables::WORDS as TABLES;

/// How many choices a program's text takes.
const CHOICES: usize = 300;

/// Draws from choices, always in the same places: so that one other choice is one other fact, or none.
struct Draw<'a>(std::slice::Iter<'a, u8>);

impl Draw<'_> {
    fn below(&mut self, count: usize) -> usize {
        usize::from(*self.0.next().expect("choices enough")) % count
    }

    fn one<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn some<T: Copy>(&mut self, list: &[T]) -> Vec<T> {
        let mask = self.below(1 << list.len());
        list.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1).map(|(_, item)| *item).collect()
    }
}

const KEYS: [&str; 4] = ["a", "a.b", "a.b_c", "b"];

/// Members whose order is another one as texts.
const INTEGERS: [&str; 4] = [r#""-1""#, r#""0""#, r#""14""#, r#""9223372036854775807""#];

/// Members whose order is another one within quotes and escapes.
const MEMBERS: [&str; 4] = [r#""a""#, r#""a b""#, r#""a!""#, r#""\"a\\""#];

/// A program's text: its own registry, and perhaps a library's before or behind it.
fn text(choices: &[u8]) -> String {
    let mut draw = Draw(choices.iter());
    let joined = draw.below(4);
    let (program, library) = (registry(&mut draw, "program"), registry(&mut draw, "library"));
    match joined {
        0 | 1 => program,
        2 => format!("{program}\n{library}"),
        _ => format!("{library}\n{program}"),
    }
}

/// A registry, all names in which begin with its own.
fn registry(draw: &mut Draw<'_>, own: &str) -> String {
    let keys = KEYS.map(|key| format!("{own}.{key}"));
    let mut lines = BTreeSet::from(["registry 1".to_owned(), format!("service app_id \"com.example.{own}\"")]);
    lines.insert(format!("schema_url \"https://example.com/{}\"", draw.below(2)));
    lines.insert(format!("service name \"name {}\"", draw.below(2)));
    lines.insert(format!("service controller \"Controller {}\"", draw.below(2)));
    let endpoints = ["https://a.example", "https://a.example/v1", "https://b.example", "http://localhost", "a.example"];
    lines.insert(format!("service endpoint \"{}\"", draw.one(&endpoints)));
    lines.insert(format!("service rotate {}", draw.one(&["daily", "monthly", "yearly", "never"])));
    lines.insert(format!("service time {}", draw.one(&GRAINS)));
    lines.extend((draw.below(2) == 0).then(|| "service client_address three_octets".to_owned()));
    reason(draw, "service", "because", &mut lines);
    reason(draw, "service", "link", &mut lines);
    let ends = [draw.below(4), draw.below(4)];
    expires("service", [0, 0], ends, &mut lines);
    let mut used = BTreeSet::new();
    let described = [draw.below(3), draw.below(3), draw.below(3)];
    let mut declared = Vec::new();
    for key in &keys {
        let (is_declared, is_carried) = (draw.below(4) > 0, draw.below(4) == 0);
        let mut found = attribute(draw, key);
        expires(&format!("attribute \"{key}\""), ends, [draw.below(4), draw.below(4)], &mut found);
        let own = draw.one(&["", "", "usage", "failures", "research"]);
        if !own.is_empty() {
            found.insert(format!("attribute \"{key}\" purpose {own}"));
        }
        if is_declared {
            declared.push(key.as_str());
            used.extend(Some(own).filter(|own| !own.is_empty()));
            lines.extend(found);
            lines.extend(is_carried.then(|| format!("resource \"{key}\"")));
        }
    }
    for (word, name) in [("event", "one"), ("event", "two"), ("span", "one")] {
        let is_there = draw.below(4) > 0;
        let subject = format!("{word} \"{own}.{name}\"");
        let mut found = signal(draw, &subject, &keys, &declared);
        expires(&subject, ends, [draw.below(4), draw.below(4)], &mut found);
        let own = draw.one(&["usage", "usage", "failures", "research"]);
        if own != "usage" {
            found.insert(format!("{subject} purpose {own}"));
        }
        used.extend(is_there.then_some(own));
        lines.extend(found.into_iter().filter(|_| is_there));
    }
    let descriptions = used.iter().filter_map(|name| {
        let own = match (*name, described) {
            ("failures", [own, ..]) | ("usage", [_, own, _]) => own,
            (_, [.., own]) => own.max(1),
        };
        (own > 0).then(|| format!("purpose {name} \"Description {own}.\""))
    });
    lines.extend(descriptions);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Ends, each only if it is earlier than the service's; 0 is none.
fn expires(subject: &str, service: [usize; 2], [date, version]: [usize; 2], lines: &mut BTreeSet<String>) {
    let is_there = |end: usize, service: usize| end > 0 && (service == 0 || end < service);
    lines.extend(is_there(date, service[0]).then(|| format!("{subject} expires 203{date}-02-28")));
    lines.extend(is_there(version, service[1]).then(|| format!("{subject} expires_version {version}.0.1")));
}

const GRAINS: [&str; 6] = ["ns", "ms", "second", "minute", "hour", "day"];

fn reason(draw: &mut Draw<'_>, subject: &str, fact: &str, lines: &mut BTreeSet<String>) {
    let reason = draw.one(&["", "\"One.\"", "\"Another because \\\"one\\\".\""]);
    lines.extend((!reason.is_empty()).then(|| format!("{subject} {fact} {reason}")));
}

fn attribute(draw: &mut Draw<'_>, key: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let from = draw.one(&[
        "boolean",
        "enum",
        "integer_enum",
        "bucket",
        "uri_scheme",
        "agent",
        "names",
        "count",
        "hash",
        "sha256",
        "version",
        "location",
        "system",
        "app",
    ]);
    let known = if from == "integer_enum" { &INTEGERS } else { &MEMBERS };
    let (members, otherwise, absent) = (draw.some(known), draw.below(5), draw.below(5));
    let (max, normalize) = (draw.below(3), draw.one(&["none", "lower", "upper"]));
    let (bounds, named) = (draw.some(&[-5, 10, 200, 3_000]), draw.one(&["under", "up to"]));
    let field = draw.below(3);
    let members = if members.is_empty() && !["system", "app"].contains(&from) { vec![known[0]] } else { members };
    let wire = match from {
        "boolean" => "boolean",
        "count" | "integer_enum" => "int",
        "names" => "string[]",
        "enum" | "bucket" | "uri_scheme" | "agent" => "enum",
        "system" | "app" if !members.is_empty() => "enum",
        _ => "string",
    };
    let mut fact = |fact: String| lines.insert(format!("attribute \"{key}\" {fact}"));
    fact(format!("from {from}"));
    fact(format!("type {wire}"));
    fact(format!("brief \"Brief {}.\"", draw.below(2)));
    if field > 0 {
        fact(format!("field \"field{field}\""));
    }
    if ["enum", "integer_enum", "uri_scheme", "agent", "names", "system", "app"].contains(&from) {
        members.iter().for_each(|member| {
            fact(format!("member {member}"));
        });
    }
    for (word, index, ways) in
        [("otherwise", otherwise, &["enum", "integer_enum", "uri_scheme"][..]), ("absent", absent, &["uri_scheme"])]
    {
        if let Some(member) = members.get(index).filter(|_| ways.contains(&from)) {
            fact(format!("{word} {member}"));
        }
    }
    match from {
        "count" => {
            fact(format!("max {max}"));
        }
        "sha256" => {
            fact(format!("normalize {normalize}"));
        }
        "bucket" => {
            for bound in bounds {
                fact(format!("below {bound} \"{named} {bound}\""));
            }
            fact("rest \"rest\"".to_owned());
        }
        _ => {}
    }
    reason(draw, &format!("attribute \"{key}\""), "because", &mut lines);
    lines
}

fn signal(draw: &mut Draw<'_>, subject: &str, keys: &[String], declared: &[&str]) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    lines.insert(format!("{subject} brief \"Brief {}.\"", draw.below(2)));
    lines.insert(format!("{subject} time {}", draw.one(&GRAINS)));
    let (at_most, kind) = (draw.below(4), draw.one(&["internal", "client"]));
    lines.extend((at_most > 0).then(|| format!("{subject} at_most {at_most}")));
    lines.extend(subject.starts_with("span").then(|| format!("{subject} kind {kind}")));
    for key in keys {
        let level = draw.one(&["", "required", "recommended", "opt_in"]);
        let carried = declared.contains(&key.as_str()) && !level.is_empty();
        lines.extend(carried.then(|| format!("{subject} attribute \"{key}\" {level}")));
    }
    reason(draw, subject, "because", &mut lines);
    lines
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), CHOICES)
}

/// A few other choices.
fn edits() -> impl Strategy<Value = Vec<(Index, u8)>> {
    vec(any::<(Index, u8)>(), 0..8)
}

fn with(choices: &[u8], edits: &[(Index, u8)]) -> Vec<u8> {
    let mut choices = choices.to_vec();
    for (place, choice) in edits {
        choices[place.index(CHOICES)] = *choice;
    }
    choices
}

fn said(text: &str) -> Snapshot<'_> {
    Snapshot::parse(text).unwrap_or_else(|why| panic!("{why}\n{text}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_difference_and_no_other_is_a_change(choices in choices(), edits in edits()) {
        let (old, new) = (text(&choices), text(&with(&choices, &edits)));
        let (before, now) = (said(&old), said(&new));
        let changes = changes(&before, &now);
        prop_assert_eq!(before == now, old == new);
        prop_assert_eq!(changes.is_empty(), old == new);
        prop_assert_eq!(is_wider(&before, &now), changes.first().is_some_and(|change| change.direction == Direction::Wider));
        prop_assert!(changes.is_sorted_by(|one, next| (one.direction, &one.subject) <= (next.direction, &next.subject)));
        prop_assert!(changes.is_sorted_by(|one, next| one < next), "none twice: {changes:?}");
    }

    #[test]
    fn a_snapshot_equals_itself(choices in choices()) {
        let text = text(&choices);
        prop_assert_eq!(changes(&said(&text), &said(&text)), []);
        prop_assert!(!is_wider(&said(&text), &said(&text)));
    }

    #[test]
    fn two_snapshots_that_are_not_wider_either_way_allow_the_same(choices in choices(), edits in edits()) {
        let (old, new) = (text(&choices), text(&with(&choices, &edits)));
        let (before, now) = (said(&old), said(&new));
        let back = changes(&now, &before);
        for change in changes(&before, &now) {
            let reversed = back.iter().any(|other| other.what == change.what && match change.direction {
                // What is less is more on the way back.
                Direction::Narrower => other.direction == Direction::Wider,
                Direction::Wider => other.direction != Direction::Other,
                Direction::Other => other.direction == Direction::Other,
            });
            prop_assert!(reversed, "{change:?}\n{back:#?}");
        }
    }

    #[test]
    fn wider_is_transitive(
        choices in choices(),
        first in edits(),
        second in edits(),
    ) {
        let middle = with(&choices, &first);
        let texts = [text(&choices), text(&middle), text(&with(&middle, &second))];
        let [old, middle, new] = [said(&texts[0]), said(&texts[1]), said(&texts[2])];
        if !is_wider(&old, &middle) && !is_wider(&middle, &new) {
            prop_assert!(!is_wider(&old, &new), "{:#?}", changes(&old, &new));
        }
    }

    #[test]
    fn buckets_are_no_finer_if_each_new_bound_is_an_old_one(
        old in bounds(),
        new in prop_oneof![bounds().prop_map(Ok), any::<u8>().prop_map(Err)],
        renamed: bool,
    ) {
        // Half of the time a part of the old ones: few that are drawn freely would be.
        let new: BTreeSet<i64> = match new {
            Ok(new) => new,
            Err(mask) => old.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1).map(|(_, bound)| *bound).collect(),
        };
        let expected = match () {
            () if new == old && renamed => vec![Direction::Other],
            () if new == old => vec![],
            () if new.is_subset(&old) => vec![Direction::Narrower],
            () => vec![Direction::Wider],
        };
        let found = with_buckets(&old, "below", |old| with_buckets(&new, if renamed { "under" } else { "below" }, |new| {
            changes(&Snapshot::of(&[old]), &Snapshot::of(&[new]))
        }));
        prop_assert_eq!(found.iter().map(|change| change.direction).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn any_damage_is_refused_or_makes_another_registry(
        choices in prop_oneof![Just(None), choices().prop_map(Some)],
        place: Index,
        removed in 0..3_usize,
        added in vec(prop_oneof![any::<u8>(), select(&b"\n\" \\0129az-"[..])], 0..3),
    ) {
        let text = choices.map_or(WORDS.to_owned(), |choices| text(&choices));
        let mut bytes = text.clone().into_bytes();
        let start = place.index(bytes.len() + 1);
        bytes.splice(start..bytes.len().min(start + removed), added);
        let damaged = String::from_utf8_lossy(&bytes);
        if let Ok(other) = Snapshot::parse(&damaged) {
            let said = said(&text);
            prop_assert_eq!(other == said, damaged == text, "{}", damaged);
            prop_assert_eq!(changes(&said, &other).is_empty(), damaged == text);
        }
    }

    #[test]
    fn any_text_is_answered(text in any::<String>(), pieces in vec(select(PIECES), 0..60)) {
        for text in [text, pieces.concat()] {
            let lines = text.split('\n').count();
            if let Err(why) = Snapshot::parse(&text) {
                prop_assert!((1..=lines).contains(&why.line), "{why}");
            }
            let tables = TABLES.service(TABLES.service.because(&text));
            prop_assert!(!is_wider(&Snapshot::of(&[&TABLES]), &Snapshot::of(&[&tables])));
            let written = snapshot::text(&[&tables]);
            prop_assert_eq!(Snapshot::parse(&written), Ok(Snapshot::of(&[&tables])));
        }
    }
}

/// What texts are made of.
const PIECES: &[&str] = &[
    "registry 1\n",
    "registry",
    "schema_url ",
    "service ",
    "resource ",
    "attribute ",
    "event ",
    "span ",
    "because ",
    "link ",
    "from ",
    "type ",
    "below ",
    "member ",
    "max ",
    "time second\n",
    "\"a\"",
    "\"a\" ",
    "\"a\"\n",
    "\"\\\"",
    "\"\\u00",
    "\u{1f}",
    "é",
    " ",
    "\n",
    "\n\n",
    "-1",
    "9223372036854775807 ",
];

fn bounds() -> impl Strategy<Value = BTreeSet<i64>> {
    prop::collection::btree_set(prop_oneof![-3..9_i64, any::<i64>(), Just(i64::MIN), Just(i64::MAX)], 0..8)
}

/// The registry of an attribute with these buckets.
fn with_buckets<T>(bounds: &BTreeSet<i64>, word: &str, then: impl FnOnce(&Registry<'_>) -> T) -> T {
    let labels: Vec<String> = bounds.iter().map(|bound| format!("{word} {bound}")).collect();
    let members: Vec<&str> = labels.iter().map(String::as_str).chain([word]).collect();
    let below: Vec<i64> = bounds.iter().copied().collect();
    let treatment = Treatment::Bucket { members: &members, below: &below };
    let attribute = Attribute::new("a", "", treatment);
    then(&TABLES.attributes(&[attribute]).resource(&[]).spans(&[]).events(&[]))
}
