//! Bytes that no careful encoder writes, and bytes without end.

use scruple::check::Type::{self, *};
use scruple::check::What::{self, *};
use scruple::check::{Format, MAX_FINDINGS};
use serde_json::json;

use super::{both, findings};
use crate::otlp::clean::{SPAN, traces};
use crate::otlp::proto::varint;
use crate::otlp::{path, set};

/// JSON that differs from the clean traces in one place of its text, and what is found.
const OTHER_JSON: &[(&str, &str, &str, What)] = &[
    ("\"kind\":1", "\"kind\":1,\"kind\":1", "kind", Duplicate),
    ("\"kind\":1", "\"kind\":1,\"\\u006bind\":1", "kind", Duplicate),
    ("\"kind\":1", "\"Kind\":1,\"kind\":1", "", UnknownName { bytes: 4 }),
    ("\"kind\":1", "\"kind\":\"1\"", "kind", What::Type(Integer)),
    ("\"kind\":1", "\"kind\":\"SPAN_KIND_INTERNAL\"", "kind", What::Type(Integer)),
    ("\"kind\":1", "\"kind\":1.0", "kind", What::Type(Integer)),
    ("\"kind\":1", "\"kind\":null", "kind", What::Type(Integer)),
    ("\"kind\":1", "\"kind\":4294967297", "kind", OutOfRange),
    ("\"kind\":1", "\"kind\":1,\"trace_state\":\"\"", "", UnknownName { bytes: 11 }),
    ("\"kind\":1", "\"kind\":1,\"links\":null", "links", What::Type(List)),
    ("\"kind\":1", "\"kind\":1,\"links\":{}", "links", What::Type(List)),
    ("\"kind\":1", "\"kind\":1,\"links\":[null]", "links[0]", What::Type(Message)),
    ("\"kind\":1", "\"kind\":1,\"events\":[]", "events", Duplicate),
    ("\"flags\":257", "\"flags\":\"257\"", "flags", What::Type(Integer)),
    ("\"flags\":257", "\"flags\":-1", "flags", OutOfRange),
    ("\"1763900000000000000\"", "1763900000000000000", "startTimeUnixNano", What::Type(DecimalText)),
    ("\"1763900000000000000\"", "\"01763900000000000000\"", "startTimeUnixNano", What::Type(DecimalText)),
    ("\"1763900000000000000\"", "\"+1763900000000000000\"", "startTimeUnixNano", What::Type(DecimalText)),
    ("\"1763900000000000000\"", "\"18446744073709551616\"", "startTimeUnixNano", What::Type(DecimalText)),
    ("\"intValue\":\"101\"", "\"intValue\":101", "attributes[10].value.intValue", What::Type(DecimalText)),
    ("\"intValue\":\"101\"", "\"intValue\":\"-0\"", "attributes[10].value.intValue", What::Type(DecimalText)),
    ("\"intValue\":\"101\"", "\"intValue\":\"1e2\"", "attributes[10].value.intValue", What::Type(DecimalText)),
    ("\"boolValue\":false", "\"boolValue\":0", "attributes[2].value.boolValue", What::Type(Type::Boolean)),
    ("\"boolValue\":false", "\"boolValue\":\"false\"", "attributes[2].value.boolValue", What::Type(Type::Boolean)),
    ("\"boolValue\":false", "\"boolValue\":false,\"boolValue\":false", "attributes[2].value.boolValue", Duplicate),
    ("\"eee19b7ec3c1b174\"", "\"EEE19b7ec3c1b174\"", "spanId", What::Type(Hexadecimal)),
    ("\"eee19b7ec3c1b174\"", "\"eee19b7ec3c1b17\"", "spanId", What::Type(Hexadecimal)),
    ("\"eee19b7ec3c1b174\"", "\"\\u0065ee19b7ec3c1b174\"", "spanId", What::Type(Hexadecimal)),
    ("\"eee19b7ec3c1b174\"", "\"7uGbfsPBsXQ=\"", "spanId", What::Type(Hexadecimal)),
    ("\"mlnet.command\"", "7", "name", What::Type(Text)),
    ("\"mlnet.command\"", "[\"mlnet.command\"]", "name", What::Type(Text)),
    ("{\"code\":2}", "[]", "status", What::Type(Message)),
    ("\"boolValue\":false", "\"bytesValue\":7", "attributes[2].value.bytesValue", What::Type(Base64)),
    ("\"boolValue\":false", "\"doubleValue\":\"1\"", "attributes[2].value.doubleValue", What::Type(Number)),
];

#[test]
fn json_that_readers_understand_differently_is_found() {
    let clean = traces().to_string();
    for (from, to, at, what) in OTHER_JSON {
        let other = clean.replacen(from, to, 1);
        assert_ne!(other, clean);
        let found = findings(&traces(), Format::Json, other.as_bytes());
        let at = path(SPAN) + if at.is_empty() { "" } else { "." } + at;
        // A duplicate of one branch is also one value too many.
        assert_eq!(found.first(), Some(&(at, *what)), "{to}");
        assert!(found.len() == 1 || (to.contains("boolValue") && found.len() == 2), "{to}: {found:?}");
    }
}

#[test]
fn input_other_than_one_json_object_is_found() {
    let clean = traces().to_string();
    let not_json = |bytes: &[u8]| matches!(findings(&traces(), Format::Json, bytes).first(), Some((_, NotJson { .. })));
    for other in ["", " ", "{", "\u{feff}{}", "{}{}", "{},", "nul", "{\"a\":1e999}", "{'a':1}", "{\"a\":1,}", "// {}"] {
        assert!(not_json(other.as_bytes()), "{other}");
    }
    assert!(not_json(format!("{clean}\n{clean}").as_bytes()));
    assert!(not_json(&[b"{\"", [0xff].as_slice(), b"\":1}"].concat()));
    assert!(not_json("[".repeat(1_000_000).as_bytes()));
    assert!(not_json(format!("{{\"a\":{}", "[".repeat(1_000_000)).as_bytes()));
    for other in ["7", "null", "[]", "\"a\""] {
        let found = findings(&traces(), Format::Json, other.as_bytes());
        assert_eq!(found, [(String::new(), What::Type(Message)), (String::new(), Empty)], "{other}");
    }
    assert_eq!(findings(&traces(), Format::Json, format!(" {clean}\r\n").as_bytes()), []);
}

/// Bytes behind the last field of the clean span, and what is found.
const OTHER_PROTOBUF: &[(&str, &str, What)] = &[
    ("2a00", "name", Duplicate),
    ("3001", "kind", Duplicate),
    ("7a021802", "status", Duplicate),
    ("8801 01", "", UnknownNumber { number: 17 }),
    ("c23e 0161", "", UnknownNumber { number: 1000 }),
    ("f8ffffff0f 00", "", UnknownNumber { number: 536_870_911 }),
    ("1801", "traceState", WireType),
    ("6a", "", Truncated),
    ("6a05 00", "", Truncated),
    ("5500", "", Truncated),
    ("508001", "droppedAttributesCount", Dropped),
    ("508080808010", "droppedAttributesCount", OutOfRange),
    ("508000", "", Varint),
    ("50ffffffffffffffffff02", "", Varint),
    ("50ffffffffffffffffffff01", "", Varint),
    ("50ff", "", Truncated),
    ("d00001", "", Varint),
    ("0001", "", Tag),
    ("53", "", Tag),
    ("54", "", Tag),
    ("56", "", Tag),
    ("ffffffff7f00", "", Tag),
    ("1a01ff", "traceState", NotUtf8),
];

#[test]
fn protobuf_that_readers_understand_differently_is_found() {
    for (bytes, at, what) in OTHER_PROTOBUF {
        let mut request = traces();
        let hex = bytes.replace(' ', "");
        set(&mut request, &format!("{SPAN}/#"), json!(hex));
        let [_, (format, bytes)] = both(&request);
        let at = path(SPAN) + if at.is_empty() { "" } else { "." } + at;
        let found = findings(&request, format, &bytes);
        // The second name is empty, and the one that counts.
        assert_eq!(found.first(), Some(&(at, *what)), "{hex}: {found:?}");
        assert!(found.len() == 1 || *what == Duplicate, "{hex}: {found:?}");
    }
    let mut request = traces();
    set(&mut request, &format!("{SPAN}/attributes/2/value"), json!({"#": "1002"}));
    let [_, (format, bytes)] = both(&request);
    assert_eq!(
        findings(&request, format, &bytes),
        [(path(&format!("{SPAN}/attributes/2/value/boolValue")), OutOfRange)]
    );
}

#[test]
fn deep_input_is_not_followed() {
    let mut json = json!({"stringValue": "a"});
    let mut bytes = vec![0x0a, 0x01, b'a'];
    for _ in 0..20 {
        json = json!({"arrayValue": {"values": [json]}});
        for field in [0x0a, 0x2a] {
            let mut outer = vec![field];
            outer.extend(varint(bytes.len() as u64));
            outer.append(&mut bytes);
            bytes = outer;
        }
    }
    let mut request = traces();
    set(&mut request, &format!("{SPAN}/attributes/1/value"), json);
    let mut raw = traces();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    set(&mut raw, &format!("{SPAN}/attributes/1/value"), json!({"#": hex}));
    let [(_, json), _] = both(&request);
    let [_, (_, protobuf)] = both(&raw);
    let found = findings(&request, Format::Json, &json);
    assert!(found.iter().any(|(_, what)| *what == TooDeep), "{found:?}");
    assert_eq!(findings(&raw, Format::Protobuf, &protobuf), found);
}

#[test]
fn the_list_of_findings_is_cut_and_says_so() {
    let json = format!("{{\"resourceSpans\":[{}{{}}]}}", "{},".repeat(300_000));
    for (format, bytes) in [(Format::Json, json.into_bytes()), (Format::Protobuf, [0x0a, 0x00].repeat(300_000))] {
        let found = findings(&traces(), format, &bytes);
        assert_eq!(found.len(), MAX_FINDINGS + 1);
        assert_eq!(found.last(), Some(&(String::new(), More)));
    }
}
