//! What the second opinion accepts, the real Collector reads the same.
//!
//! Requests are written as text in many ways, most of which are no error, and damaged a little. Each that is accepted is
//! posted. The Collector writes what it read in the other encoding, which the second opinion reads by another module.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use prost::Message as _;
use scruple::check::{Format, check as second_opinion, read};
use scruple::registry::SignalKind;
use serde_json::Value;

use super::signal;
use crate::otlp::clean::{logs, traces};
use crate::otlp::tables::REGISTRIES;
use scruple_fixtures::{
    caller::Caller,
    collector::{Collector, free},
};

/// What is put into a text, or in the place of a part of it, that a reader might take for something else.
const PIECES: &[&str] = &[
    "null",
    "0",
    "-0",
    "1e0",
    "1.0",
    "00",
    "true",
    "[]",
    "{}",
    "[null]",
    "\"\"",
    "\"0\"",
    "\"101\"",
    "\\u0000",
    "\\u0061",
    "\\ud83d\\ude00",
    "\\ud800",
    "\\/",
    "\u{feff}",
    "\u{e9}",
    " ",
    "\n",
    "\t",
    "\u{b}",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\"kind\":1,",
    "\"kind\":\"SPAN_KIND_SERVER\",",
    "\"trace_state\":\"x\",",
    "\"traceState\":\"\",",
    "\"links\":[],",
    "\"events\":[],",
    "\"droppedAttributesCount\":0,",
    "\"droppedLinksCount\":\"1\",",
    "\"schemaUrl\":\"\",",
    "\"flags\":1,",
    "\"status\":{},",
    "\"attributes\":[],",
    "\"body\":{},",
    "\"body\":null,",
    "\"severityText\":\"\",",
    "\"intValue\":\"3\",",
    "\"stringValue\":\"x\",",
    "\"boolValue\":true,",
    "\"name\":\"x\",",
    "\"end_time_unix_nano\":\"7\",",
    "\"unknown\":[{}],",
    "\"entityRefs\":[],",
    "\"entity_refs\":[{}],",
];

/// How a text is damaged.
#[derive(Debug, Clone)]
enum Damage {
    /// A piece is put somewhere, and up to three bytes go.
    Piece(Index, &'static str, usize),
    /// A piece is put behind the beginning of an object or a list.
    Inside(Index, &'static str),
    /// A letter of the other case.
    Case(Index),
    /// A name in the other spelling.
    Snake(Index),
    /// A member of an object comes twice.
    Twice(Index),
    /// A number loses its quotation marks.
    Bare(Index),
}

fn damages() -> impl Strategy<Value = Damage> {
    prop_oneof![
        2 => (any::<Index>(), select(PIECES), 0..4_usize).prop_map(|(at, piece, gone)| Damage::Piece(at, piece, gone)),
        6 => (any::<Index>(), select(PIECES)).prop_map(|(at, piece)| Damage::Inside(at, piece)),
        1 => any::<Index>().prop_map(Damage::Case),
        1 => any::<Index>().prop_map(Damage::Snake),
        1 => any::<Index>().prop_map(Damage::Twice),
        1 => any::<Index>().prop_map(Damage::Bare),
    ]
}

impl Damage {
    fn to(&self, text: &mut String) {
        let places = |wanted: fn(char) -> bool| -> Vec<usize> {
            text.char_indices().filter(|(_, letter)| wanted(*letter)).map(|(at, _)| at).collect()
        };
        match self {
            Self::Piece(at, piece, gone) => {
                let all = places(|_| true);
                let start = at.index(all.len());
                let end = (start + gone).min(all.len() - 1);
                text.replace_range(all[start]..all[end], piece);
            }
            Self::Inside(at, piece) => text.insert_str(at.get(&places(|letter| "{[".contains(letter))) + 1, piece),
            Self::Case(at) => {
                let at = *at.get(&places(|letter| letter.is_ascii_alphabetic()));
                let letter = text.as_bytes()[at] ^ 0x20;
                text.replace_range(at..=at, &char::from(letter).to_string());
            }
            Self::Snake(at) => {
                let at = *at.get(&places(|letter| letter.is_ascii_uppercase()));
                let letter = text.as_bytes()[at].to_ascii_lowercase();
                text.replace_range(at..=at, &format!("_{}", char::from(letter)));
            }
            Self::Twice(at) => {
                let start = *at.get(&places(|letter| letter == ':'));
                let name = text[..start].rfind(['{', ',']).map_or(0, |before| before + 1);
                let end = text[start..].find([',', '}', ']', '[', '{']).map_or(text.len(), |length| start + length);
                let member = text[name..end].to_owned();
                text.insert_str(name, &format!("{member},"));
            }
            Self::Bare(at) => {
                let all: Vec<_> = text.match_indices(":\"1").map(|(at, _)| at + 1).collect();
                let Some(start) = (!all.is_empty()).then(|| *at.get(&all)) else { return };
                let end = text[start + 1..].find('"').map_or(start + 1, |length| start + 1 + length);
                text.replace_range(end..=end, "");
                text.replace_range(start..=start, "");
            }
        }
    }
}

/// Writes a value with fields in another order, blanks, escapes, and lists repeated, as the choices say.
fn write(value: &Value, choices: &mut impl Iterator<Item = u8>, text: &mut String) {
    let blank = |choices: &mut dyn Iterator<Item = u8>, text: &mut String| match choices.next() {
        Some(0..20) => text.push(' '),
        Some(20..30) => text.push_str("\n\t "),
        _ => {}
    };
    blank(choices, text);
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|field| (choices.next().unwrap_or(0) / 64, field)).collect();
            fields.sort_by_key(|(place, _)| *place);
            text.push('{');
            for (nth, (_, (name, value))) in fields.into_iter().enumerate() {
                text.push_str(if nth > 0 { "," } else { "" });
                blank(choices, text);
                spell(name, choices, text);
                blank(choices, text);
                text.push(':');
                write(value, choices, text);
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for (nth, value) in values.iter().enumerate() {
                text.push_str(if nth > 0 { "," } else { "" });
                write(value, choices, text);
            }
            text.push(']');
        }
        Value::String(string) => spell(string, choices, text),
        other => text.push_str(&other.to_string()),
    }
    blank(choices, text);
}

/// Writes a string, some letters escaped.
fn spell(string: &str, choices: &mut impl Iterator<Item = u8>, text: &mut String) {
    text.push('"');
    for letter in string.chars() {
        match choices.next() {
            Some(0..4) => {
                letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
            }
            _ => text.push_str(serde_json::to_string(&letter).unwrap().trim_matches('"')),
        }
    }
    text.push('"');
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector, which needs Go 1.26"]
fn the_collector_reads_every_accepted_line_alike() {
    let mut runner = TestRunner::new(ProptestConfig { cases: 20_000, failure_persistence: None, ..<_>::default() });
    let port = free();
    let protocols = format!("http: {{endpoint: '127.0.0.1:{port}'}}");
    let collector = Collector::start(tempfile::tempdir().unwrap(), &protocols, "proto");
    let caller = std::cell::RefCell::new(Caller::connect(&format!("127.0.0.1:{port}")).unwrap());
    let accepted = std::cell::RefCell::new(BTreeMap::from([("logs", Vec::new()), ("traces", Vec::new())]));
    let lines = (select(vec![traces(), logs()]), vec(any::<u8>(), 0..600), vec(damages(), 0..3));
    let written = runner.run(&lines, |(request, choices, damages)| {
        let mut text = String::new();
        write(&request, &mut choices.into_iter().chain(std::iter::repeat(255)), &mut text);
        damages.iter().for_each(|damage| damage.to(&mut text));
        let kind = signal(&request);
        if second_opinion(&REGISTRIES, kind, Format::Json, text.as_bytes()).is_empty() {
            let path = if kind == SignalKind::Span { "traces" } else { "logs" };
            let header = "content-type: application/json\r\n";
            let (status, _) =
                caller.borrow_mut().call("POST", &format!("/v1/{path}"), header, text.as_bytes()).unwrap();
            prop_assert_eq!(status, 200, "{}", text);
            accepted.borrow_mut().get_mut(path).unwrap().push((text, damages));
        }
        Ok(())
    });
    written.unwrap_or_else(|error| panic!("{error}"));
    let folder = collector.stop();
    for (path, texts) in accepted.into_inner() {
        let damaged = texts.iter().filter(|(_, damages)| !damages.is_empty()).count();
        println!("{path}: {} accepted, {damaged} of them damaged", texts.len());
        assert!(damaged > 50, "{path}: the damage is such that nothing is accepted");
        let mut file = &*std::fs::read(folder.path().join(path)).unwrap();
        for (text, damages) in texts {
            let kind = if path == "traces" { SignalKind::Span } else { SignalKind::Event };
            let message = written_as(kind, frame(&mut file));
            let findings = second_opinion(&REGISTRIES, kind, Format::Protobuf, &message);
            assert!(findings.is_empty(), "{text}\n{damages:?}\n{:?}", findings.first());
            let [(ours, _), (collectors, _)] = [(Format::Json, text.as_bytes()), (Format::Protobuf, &message)]
                .map(|(form, bytes)| read(kind, form, bytes));
            assert!(ours == collectors, "{text}\n{damages:?}");
        }
        assert!(file.is_empty(), "{path}: the Collector has read more than was accepted");
    }
}

/// The next message of the file: its length in four bytes, big end first, and itself.
fn frame<'a>(file: &mut &'a [u8]) -> &'a [u8] {
    let (length, rest) = file.split_first_chunk::<4>().expect("a length");
    let (message, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
    *file = rest;
    message
}

/// Without the empty body that the Collector writes where there was none.
fn written_as(kind: SignalKind, message: &[u8]) -> Vec<u8> {
    match kind {
        SignalKind::Span => ExportTraceServiceRequest::decode(message).unwrap().encode_to_vec(),
        SignalKind::Event => {
            let mut request = ExportLogsServiceRequest::decode(message).unwrap();
            let scopes = request.resource_logs.iter_mut().flat_map(|logs| &mut logs.scope_logs);
            let records = scopes.flat_map(|scope| &mut scope.log_records);
            records.for_each(|record| drop(record.body.take_if(|body| body.value.is_none())));
            request.encode_to_vec()
        }
    }
}
