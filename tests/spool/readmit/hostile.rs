//! Lines that somebody made up to be read differently by two readers, or to be too much for one.

use super::readmitted;
use super::values::{LOG, RESOURCE, SPAN, joined, logs, spans};
use scruple::limits::MAX_LINE;
use scruple::upload::LineError::{self, *};
use scruple::upload::LineRefused;

#[track_caller]
fn check(line: impl AsRef<[u8]>, expected: Result<(), LineError>) {
    let line = line.as_ref();
    let shown = String::from_utf8_lossy(&line[..line.len().min(2_000)]);
    assert_eq!(readmitted(line, &joined()).map(drop), expected.map_err(LineRefused::Foreign), "{shown}");
}

/// Checks a line with one part of it exchanged.
#[track_caller]
fn change(line: &str, old: &str, new: &str, expected: LineError) {
    assert!(line.contains(old), "{old}");
    check(line.replacen(old, new, 1), Err(expected));
}

#[test]
fn the_clean_lines_are_readmitted() {
    check(spans(RESOURCE, SPAN), Ok(()));
    check(logs(RESOURCE, LOG), Ok(()));
    check(spans("", SPAN), Ok(()));
}

#[test]
fn a_field_that_comes_twice_is_refused_at_every_level() {
    let (line, log) = (spans(RESOURCE, SPAN), logs(RESOURCE, LOG));
    for (old, new) in [
        ("{\"resourceSpans\":", "{\"resourceSpans\":[],\"resourceSpans\":"),
        ("{\"resource\":", "{\"resource\":{},\"resource\":"),
        ("{\"attributes\":", "{\"attributes\":[],\"attributes\":"),
        ("{\"key\":\"host.arch\"", "{\"key\":\"alice\",\"key\":\"host.arch\""),
        ("\"value\":{", "\"value\":{},\"value\":{"),
        ("\"stringValue\":", "\"stringValue\":\"alice\",\"stringValue\":"),
        ("\"scopeSpans\":", "\"scopeSpans\":[],\"scopeSpans\":"),
        ("{\"scope\":", "{\"scope\":{},\"scope\":"),
        ("{\"name\":\"scruple\"", "{\"name\":\"scruple\",\"name\":\"scruple\""),
        ("\"spans\":", "\"spans\":[],\"spans\":"),
        ("\"traceId\":", "\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"traceId\":"),
        ("\"kind\":1", "\"kind\":1,\"kind\":1"),
        ("\"attributes\":[{\"key\":\"mlnet.argument", "\"attributes\":[],\"attributes\":[{\"key\":\"mlnet.argument"),
        ("\"arrayValue\":", "\"stringValue\":\"alice\",\"arrayValue\":"),
        ("{\"values\":", "{\"values\":[],\"values\":"),
        ("\"boolValue\":false", "\"boolValue\":false,\"boolValue\":true"),
        ("\"intValue\":\"101\"", "\"intValue\":\"101\",\"intValue\":\"102\""),
        ("\"events\":", "\"events\":[],\"events\":"),
        ("{\"timeUnixNano\":", "{\"timeUnixNano\":\"0\",\"timeUnixNano\":"),
        ("\"status\":", "\"status\":{},\"status\":"),
        ("\"code\":2", "\"code\":2,\"code\":2"),
        ("\"flags\":1", "\"flags\":1,\"flags\":1"),
        ("\"schemaUrl\":", "\"schemaUrl\":\"\",\"schemaUrl\":"),
    ] {
        change(&line, old, new, Shape);
    }
    change(&log, "\"eventName\":", "\"eventName\":\"alice\",\"eventName\":", Shape);
    change(&log, "\"severityNumber\":9", "\"severityNumber\":9,\"severityNumber\":9", Shape);
    // An attribute's key is no field, but as good as one.
    let task = "{\"key\":\"mlnet.task\",\"value\":{\"stringValue\":\"regression\"}}";
    change(&line, task, &format!("{task},{task}"), Order);
    let version = "{\"key\":\"service.version\",\"value\":{\"stringValue\":\"16.18.2\"}}";
    change(&line, version, &format!("{version},{version}"), Order);
    let name = "{\"stringValue\":\"--label-col\"}";
    change(&line, name, &format!("{name},{name}"), Order);
}

#[test]
fn otlp_that_the_encoder_never_writes_is_refused() {
    let (line, log) = (spans(RESOURCE, SPAN), logs(RESOURCE, LOG));
    for (old, new) in [
        ("\"name\":\"mlnet.command\"", "\"traceState\":\"\",\"name\":\"mlnet.command\""),
        ("\"status\":{\"code\":2}", "\"status\":{\"message\":\"\",\"code\":2}"),
        ("\"status\":{\"code\":2}", "\"status\":{\"code\":0}"),
        ("\"status\":{\"code\":2}", "\"status\":{\"code\":3}"),
        ("\"status\":{\"code\":2}", "\"status\":{}"),
        ("\"status\":{\"code\":2}", "\"status\":{\"code\":\"STATUS_CODE_ERROR\"}"),
        ("\"flags\":1", "\"links\":[],\"flags\":1"),
        ("\"flags\":1", "\"flags\":257"),
        ("\"flags\":1", "\"flags\":0"),
        ("\"kind\":1", "\"kind\":0"),
        ("\"kind\":1", "\"kind\":6"),
        ("\"kind\":1", "\"kind\":\"SPAN_KIND_INTERNAL\""),
        ("\"boolValue\":false", "\"doubleValue\":1e400"),
        ("\"boolValue\":false", "\"doubleValue\":1.5"),
        ("\"boolValue\":false", "\"bytesValue\":\"AAAA\""),
        ("\"boolValue\":false", "\"kvlistValue\":{\"values\":[]}"),
        ("\"boolValue\":false", "\"boolValue\":null"),
        ("\"boolValue\":false", "\"boolValue\":\"false\""),
        ("{\"boolValue\":false}", "{}"),
        ("{\"boolValue\":false}", "null"),
        ("\"intValue\":\"101\"", "\"intValue\":101"),
        ("\"startTimeUnixNano\":\"1763900000000000000\"", "\"startTimeUnixNano\":1763900000000000000"),
        ("resourceSpans", "resource_spans"),
        ("\"resourceSpans\":[{", "\"resourceSpans\":[{},{"),
        ("}]}],\"schemaUrl\"", "}]},{}],\"schemaUrl\""),
        ("\"flags\":1}]", "\"flags\":1},{}]"),
        ("\"spans\":[", "\"spans\":[],\"logRecords\":["),
        ("\"name\":\"scruple\"", "\"name\":\"\""),
        ("\"name\":\"scruple\"", "\"name\":\"alice\""),
        ("\"name\":\"scruple\",", ""),
        ("\"resource\":{\"attributes\":[", "\"resource\":{\"droppedAttributesCount\":0,\"attributes\":["),
        ("{\"resourceSpans\"", " {\"resourceSpans\""),
        ("\"spanId\":", "\"spanId\": "),
        ("\"spanId\":", "\n\"spanId\":"),
        ("\"events\":[{", "\"events\":[],\"x\":[{"),
    ] {
        change(&line, old, new, Shape);
    }
    for (old, new) in [
        ("\"severityNumber\":9", "\"severityNumber\":17"),
        ("\"severityNumber\":9", "\"severityNumber\":9,\"severityText\":\"alice\""),
        ("\"severityNumber\":9", "\"severityNumber\":9,\"body\":{\"stringValue\":\"alice\"}"),
        ("\"flags\":1,", ""),
        (",\"spanId\":\"eee19b7ec3c1b174\"", ""),
        ("\"traceId\":\"5b8efff798038103d269b633813fc60c\",", ""),
    ] {
        change(&log, old, new, Shape);
    }
}

#[test]
fn numbers_ids_names_and_times_have_one_spelling() {
    let (line, log) = (spans(RESOURCE, SPAN), logs(RESOURCE, LOG));
    for number in ["9223372036854775808", "-0", "+1", "0101", "00", "", " 1", "1.0", "1e400", "0x1", "alice", "\u{661}"]
    {
        change(&line, "\"intValue\":\"101\"", &format!("\"intValue\":\"{number}\""), Number);
    }
    for number in ["18446744073709551616", "-1", "01763900004000000000", "", "1e18"] {
        change(&line, "1763900004000000000", number, Number);
    }
    for id in ["", "eee19b7ec3c1b17", "eee19b7ec3c1b1744", "EEE19B7EC3C1B174", "0000000000000000", "alicealicealicea"] {
        change(&line, "eee19b7ec3c1b174", id, Id);
        change(&line, "eee19b7ec3c1b173", id, Id);
        change(&log, "eee19b7ec3c1b174", id, Id);
    }
    change(&line, "5b8efff798038103d269b633813fc60c", "00000000000000000000000000000000", Id);
    let long = "a".repeat(129);
    for name in ["", "Mlnet", "mlnet command", "_a", "1a", "mlnet\\u002ecommand", "größe", long.as_str()] {
        change(&line, "mlnet.command", name, Name);
        change(&line, "mlnet.ci", name, Name);
        change(&line, "mlnet.crash", name, Name);
        change(&log, "mlnet.crash", name, Name);
    }
    change(&line, "1763900004000000000", "1763899999000000000", Order);
    change(&log, "1763899980000000000", "1763900040000000000", Order);
    change(&line, "mlnet.ci", "mlnet.a", Order);
    for version in ["", "0.1.0-alice", "0.1.", ".1", "v1", "1..2", "alice", "\u{661}.1"] {
        let now = format!("\"version\":\"{}\"", scruple::encode::SCOPE_VERSION);
        change(&line, &now, &format!("\"version\":\"{version}\""), Text);
    }
}

#[test]
fn text_has_two_escapes_and_no_control_characters() {
    let line = spans(RESOURCE, SPAN);
    for text in [
        "\\u0000",
        "\0",
        "\\ud800",
        "\\udc00\\ud800",
        "\\u0072egression",
        "\\/",
        "\\n",
        "\n",
        "\r",
        "\t",
        "\u{7f}",
        "\u{85}",
        "\\x",
    ] {
        change(&line, "\"regression\"", &format!("\"{text}\""), Text);
        change(&line, "\"linux\"", &format!("\"{text}\""), Text);
        change(&line, "\"--label-col\"", &format!("\"{text}\""), Text);
    }
    let long = "a".repeat(257);
    change(&line, "linux", &long, Text);
    change(&line, "--label-col", &long, Text);
    change(&line, "regression", &"a".repeat(268), Text);
    check(line.replace("regression", &long), Ok(()));
    check(line.replace("regression", "\\\"\\\\ größer 数据 \u{2028}\u{feff}"), Ok(()));
}

#[test]
fn nothing_stands_before_or_after_a_line() {
    let line = spans(RESOURCE, SPAN);
    for end in ["\n", "\r", "\r\n", " ", "\0", ",", "}", "null", &line, &format!("\n{line}"), &format!("\r{line}")] {
        check(format!("{line}{end}"), Err(Shape));
    }
    for start in ["\u{feff}", "\n", "\r", " ", "\0", "[", "{", "null"] {
        check(format!("{start}{line}"), Err(Shape));
    }
    for line in ["", "{}", "[]", "null", "\"\"", "0", "{\"resourceSpans\":[]}", "{\"resourceLogs\":[{}]}"] {
        check(line, Err(Shape));
    }
    check([line.as_bytes(), &[0xff]].concat(), Err(NotUtf8));
    check(line.as_bytes().iter().flat_map(|byte| [*byte, 0]).collect::<Vec<_>>(), Err(Shape));
    check(line.replacen("linux", "lin\u{fffd}", 1).into_bytes(), Ok(()));
    check(b"\xed\xa0\x80", Err(NotUtf8));
}

#[test]
fn no_line_is_too_much() {
    let line = spans(RESOURCE, SPAN);
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"arrayValue\":{\"values\":[", "]}}")] {
        let deep = |depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth));
        check(deep(20_000), Err(Shape));
        change(&line, "{\"boolValue\":false}", &deep(20_000), Shape);
        check(open.repeat(40_000), Err(Shape));
    }
    check("[".repeat(100_000), Err(Shape));
    let attribute = |index: usize| format!("{{\"key\":\"a{index:06}\",\"value\":{{\"boolValue\":true}}}}");
    let attributes = |count: usize| (0..count).map(attribute).collect::<Vec<_>>().join(",");
    let with = |count: usize| {
        line.replacen("{\"key\":\"mlnet.argument", &format!("{},{{\"key\":\"mlnet.argument", attributes(count)), 1)
    };
    check(with(28), Ok(()));
    check(with(29), Err(TooMany));
    check(with(20_000), Err(TooMany));
    let event = "{\"timeUnixNano\":\"1763899980000000000\",\"name\":\"mlnet.crash\"},";
    let events = |count: usize| line.replacen("\"events\":[", &format!("\"events\":[{}", event.repeat(count)), 1);
    check(events(127), Ok(()));
    check(events(128), Err(TooMany));
    check(events(10_000), Err(TooMany));
    let names = |count: usize| {
        let names: String = (0..count).map(|index| format!("{{\"stringValue\":\"--a{index:06}\"}},")).collect();
        line.replacen("{\"stringValue\":\"--dataset\"}", &format!("{names}{{\"stringValue\":\"--dataset\"}}"), 1)
    };
    check(names(62), Ok(()));
    check(names(63), Err(TooMany));
    check(names(20_000), Err(TooMany));
    // The one text without a length of its own is not sent.
    let url = "https://telemetry.example.com/schemas/mlnet/1.0.0";
    let most = MAX_LINE - line.len() + url.len();
    check(line.replace(url, &"a".repeat(most)), Ok(()));
    check(line.replace(url, &"a".repeat(most + 1)), Err(TooLong));
    check(line.replace(url, &"\\\\".repeat(most / 2)), Ok(()));
    check(vec![b'"'; 100 * MAX_LINE], Err(TooLong));
}
