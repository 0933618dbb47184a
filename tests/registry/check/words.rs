//! Findings as a person reads them: each in words of its own, with its place, and with no text of the request.

use std::collections::BTreeSet;
use std::fmt::Debug;

use scruple::check::{Finding, Format, MAX_FINDINGS, Noun, Type, Wanted, What, check as second_opinion};
use scruple::registry::TimeResolution;
use serde_json::json;

use super::{both, signal};
use crate::otlp::clean::{SPAN, text, traces};
use crate::otlp::tables::REGISTRIES;
use crate::otlp::{path, set};
use crate::variants::{head, variants};

const SOURCE: &str = include_str!("../../../crates/check/src/finding.rs");

const NOUNS: [Noun; 3] = [Noun::Span, Noun::Event, Noun::Attribute];

const TYPES: [Type; 9] = [
    Type::Text,
    Type::Hexadecimal,
    Type::Base64,
    Type::Boolean,
    Type::Integer,
    Type::DecimalText,
    Type::Number,
    Type::List,
    Type::Message,
];

const WANTED: [Wanted; 34] = [
    Wanted::Boolean,
    Wanted::Integer,
    Wanted::Member,
    Wanted::Names,
    Wanted::Count,
    Wanted::Hash,
    Wanted::Sha256,
    Wanted::Version,
    Wanted::Location,
    Wanted::ServiceName,
    Wanted::Printable,
    Wanted::UuidV4,
    Wanted::UuidV8,
    Wanted::System,
    Wanted::SystemVersion,
    Wanted::Runtime,
    Wanted::RuntimeVersion,
    Wanted::NoSuchSource,
    Wanted::SchemaUrl,
    Wanted::ScopeName,
    Wanted::ScopeVersion,
    Wanted::TraceId,
    Wanted::SpanId,
    Wanted::BothIds,
    Wanted::Kind,
    Wanted::Flags,
    Wanted::Time,
    Wanted::Whole(TimeResolution::Minute),
    Wanted::WholeAfterStart(TimeResolution::Hour),
    Wanted::Order,
    Wanted::SameTime,
    Wanted::Severity,
    Wanted::StatusCode,
    Wanted::ThreeOctets,
];

#[track_caller]
fn check_all<T: Debug>(name: &str, values: &[T]) {
    let values: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
    let names: BTreeSet<_> = values.iter().map(|value| head(value)).collect();
    assert_eq!(names, variants(SOURCE, name).into_iter().collect(), "the variants of {name}");
}

#[test]
fn each_finding_has_words_of_its_own() {
    let single = [
        What::NotJson { line: 12, column: 34 },
        What::NotUtf8,
        What::Truncated,
        What::Varint,
        What::Tag,
        What::WireType,
        What::OutOfRange,
        What::TooDeep,
        What::UnknownNumber { number: 56 },
        What::UnknownName { bytes: 78 },
        What::Duplicate,
        What::Empty,
        What::OneValue { found: 90 },
        What::Elsewhere,
        What::RepeatedKey,
        What::Dropped,
        What::More,
    ];
    let undeclared = NOUNS.map(|noun| What::Undeclared { noun, bytes: 7 });
    let types = TYPES.map(What::Type);
    let all: Vec<_> = single.into_iter().chain(undeclared).chain(types).chain(WANTED.map(What::Not)).collect();
    check_all("What", &all);
    check_all("Noun", &NOUNS);
    check_all("Type", &TYPES);
    check_all("Wanted", &WANTED);
    let words: Vec<_> = all.iter().map(What::to_string).collect();
    for words in &words {
        assert!(!words.is_empty() && !words.chars().any(char::is_control) && !words.ends_with('.'), "{words:?}");
    }
    let different: BTreeSet<_> = words.iter().collect();
    assert_eq!(different.len(), words.len(), "two findings have the same words: {words:#?}");
    // What is counted is in the words.
    let has = |what: What, number: &str| assert!(what.to_string().contains(number), "{what}");
    has(What::NotJson { line: 12, column: 34 }, "line 12, column 34");
    has(What::UnknownNumber { number: 56 }, "56");
    has(What::UnknownName { bytes: 78 }, "78 bytes");
    has(What::OneValue { found: 90 }, "90 values");
    has(What::Not(Wanted::Whole(TimeResolution::Minute)), "60000000000 ns");
    has(What::Not(Wanted::WholeAfterStart(TimeResolution::Hour)), "3600000000000 ns");
    has(What::More, &MAX_FINDINGS.to_string());
}

#[test]
fn a_finding_names_its_place_and_the_declared_thing_and_nothing_of_the_request() {
    let mut request = traces();
    set(&mut request, &format!("{SPAN}/attributes/8"), text("mlnet.task", "a private name"));
    set(&mut request, &format!("{SPAN}/attributes/-"), text("a.private.key", "a private name"));
    let value = path(&format!("{SPAN}/attributes/8/value/stringValue"));
    let key = path(&format!("{SPAN}/attributes/11/key"));
    for (format, bytes) in both(&request) {
        let found = second_opinion(&REGISTRIES, signal(&request), format, &bytes);
        let words: Vec<_> = found.iter().map(Finding::to_string).collect();
        let expected = [
            format!("{value} (mlnet.task): not a string that is a declared member"),
            format!("{key}: an undeclared attribute, its name of 13 bytes"),
        ];
        assert_eq!(words, expected, "{format:?}");
    }
    let nothing = second_opinion(&REGISTRIES, signal(&traces()), Format::Json, json!({}).to_string().as_bytes());
    let words: Vec<_> = nothing.iter().map(Finding::to_string).collect();
    assert_eq!(words, ["the request: an empty envelope"]);
}
