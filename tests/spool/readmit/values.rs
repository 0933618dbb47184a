//! Values, resources and records one by one: which come back, and why the others are dropped.

use super::{Joined, encoded};
use crate::otlp::tables::REGISTRIES;
use scruple::encode::{Encoder, text};
use scruple::privacy::{
    Declarations, DropCounts,
    DropReason::{self, *},
    PolicyFilter,
};
use scruple::upload::{LineError, LineRefused, readmit_line};

/// The lines of the registries with every treatment, as the encoder writes them.
pub const RESOURCE: &str = concat!(
    r#"{"key":"host.arch","value":{"stringValue":"amd64"}},"#,
    r#"{"key":"os.type","value":{"stringValue":"linux"}},"#,
    r#"{"key":"os.version","value":{"stringValue":"6.12"}},"#,
    r#"{"key":"process.runtime.name","value":{"stringValue":"rustc"}},"#,
    r#"{"key":"process.runtime.version","value":{"stringValue":"1.93.0"}},"#,
    r#"{"key":"service.instance.id","value":{"stringValue":"45e27512-43e8-8c7e-87ac-a6ac25d75a0d"}},"#,
    r#"{"key":"service.name","value":{"stringValue":"mlnet"}},"#,
    r#"{"key":"service.version","value":{"stringValue":"16.18.2"}},"#,
    r#"{"key":"session.id","value":{"stringValue":"45e27512-43e8-4c7e-87ac-a6ac25d75a0d"}}"#,
);

pub const SPAN: &str = concat!(
    r#"{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","#,
    r#""parentSpanId":"eee19b7ec3c1b173","name":"mlnet.command","kind":1,"#,
    r#""startTimeUnixNano":"1763900000000000000","endTimeUnixNano":"1763900004000000000","#,
    r#""attributes":[{"key":"mlnet.argument.names","value":{"arrayValue":{"values":["#,
    r#"{"stringValue":"--dataset"},{"stringValue":"--label-col"}]}}},"#,
    r#"{"key":"mlnet.ci","value":{"boolValue":false}},"#,
    r#"{"key":"mlnet.task","value":{"stringValue":"regression"}},"#,
    r#"{"key":"process.exit.code","value":{"intValue":"101"}}],"#,
    r#""events":[{"timeUnixNano":"1763899980000000000","name":"mlnet.crash","#,
    r#""attributes":[{"key":"mlnet.panic.location","value":{"stringValue":"src/main.rs:120"}}]}],"#,
    r#""status":{"code":2},"flags":1}"#,
);

pub const LOG: &str = concat!(
    r#"{"timeUnixNano":"1763899980000000000","severityNumber":9,"#,
    r#""attributes":[{"key":"mlnet.task","value":{"stringValue":"regression"}}],"#,
    r#""flags":1,"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","#,
    r#""observedTimeUnixNano":"1763899980000000000","eventName":"mlnet.crash"}"#,
);

pub fn spans(resource: &str, span: &str) -> String {
    request("resourceSpans", resource, "scopeSpans", "spans", span)
}

pub fn logs(resource: &str, log: &str) -> String {
    request("resourceLogs", resource, "scopeLogs", "logRecords", log)
}

fn request(all: &str, resource: &str, scopes: &str, records: &str, record: &str) -> String {
    let (version, schema) = (scruple::encode::SCOPE_VERSION, REGISTRIES[0].schema_url);
    format!(
        "{{\"{all}\":[{{\"resource\":{{\"attributes\":[{resource}]}},\"{scopes}\":[{{\"scope\":{{\"name\":\
         \"scruple\",\"version\":\"{version}\"}},\"{records}\":[{record}]}}],\"schemaUrl\":\"{schema}\"}}]}}"
    )
}

pub fn joined() -> Joined {
    Joined { registries: REGISTRIES.to_vec(), opt_in: vec!["mlnet.dataset.name".to_owned()] }
}

/// Checks the line that is left of a line, or why none is, and what was counted on the way.
#[track_caller]
fn check(line: &str, terms: &Declarations<'_>, expected: Result<&str, LineRefused>, counted: &[(DropReason, u64)]) {
    let tally = DropCounts::default();
    let left = readmit_line(line.as_bytes(), terms, &tally).map(|(resource, record)| {
        let [json, _] = encoded(&Encoder::new(&resource, terms.registries), &record);
        String::from_utf8(json).expect("JSON")
    });
    assert_eq!(left.as_deref(), expected.as_ref().copied(), "{line}");
    assert_eq!(tally.iter().collect::<Vec<_>>(), counted, "{line}");
}

/// A line with one part of it exchanged.
#[track_caller]
fn with(line: &str, old: &str, new: &str) -> String {
    assert!(line.contains(old), "{old}");
    line.replacen(old, new, 1)
}

#[test]
fn a_value_is_readmitted_only_in_its_treatments_form() {
    const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015";
    let sha256 = HASH.repeat(2);
    let wrong = |key: &'static str, values: &[&str], why| -> Vec<(&'static str, String, Option<DropReason>)> {
        values.iter().map(|value| (key, (*value).to_owned(), Some(why))).collect()
    };
    let text = |text: &str| format!("{{\"stringValue\":\"{text}\"}}");
    let right = |key: &'static str, values: &[&str]| -> Vec<(&'static str, String, Option<DropReason>)> {
        values.iter().map(|value| (key, text(value), None)).collect()
    };
    let other = |key: &'static str, values: &[&str], why| -> Vec<(&'static str, String, Option<DropReason>)> {
        values.iter().map(|value| (key, text(value), Some(why))).collect()
    };
    let names = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|name| text(name)).collect();
        format!("{{\"arrayValue\":{{\"values\":[{}]}}}}", names.join(","))
    };
    let rows = [
        vec![("mlnet.argument.names", names(&[]), None)],
        vec![("mlnet.argument.names", names(&["--dataset", "--label-col", "--train-time"]), None)],
        wrong("mlnet.argument.names", &[&text("--dataset"), "{\"boolValue\":true}"], WrongType),
        vec![("mlnet.ci", "{\"boolValue\":true}".to_owned(), None)],
        wrong("mlnet.ci", &[&text("true"), "{\"intValue\":\"1\"}", &names(&[])], WrongType),
        right("mlnet.compiler", &["0", "1.93.0", "9999.9999.9999", "1.93.0-nightly", "1-rc", "1.0-alpha"]),
        other(
            "mlnet.compiler",
            &["", "1.", ".1", "1..2", "01", "1.02", "10000", "1.2.3.4", "1.2-", "1.2-rc.1", "1.2-rc1", "1.2-alice"],
            NotAVersion,
        ),
        other("mlnet.compiler", &["1.2 ", "+1", "1,2", "-rc", "1.2-RC", "1.2-rc-rc", "\u{661}"], NotAVersion),
        right("mlnet.dataset.name", &[HASH]),
        other("mlnet.dataset.name", &["", &HASH[1..], &sha256, &HASH.to_uppercase(), "alice"], WrongType),
        right("mlnet.dataset.size", &["<1KiB", ">=1MiB"]),
        other("mlnet.dataset.size", &["<1kib", "512", ""], NotAMember),
        wrong("mlnet.dataset.size", &["{\"intValue\":\"512\"}"], WrongType),
        right("mlnet.device", &[&sha256]),
        other("mlnet.device", &["", HASH, &sha256.to_uppercase(), "alice"], WrongType),
        right("mlnet.panic.location", &["src/main.rs:1", "src/main.rs:120"]),
        other(
            "mlnet.panic.location",
            &["", "src/main.rs", "src/main.rs:", "src/main.rs:0", "src/main.rs:121", "src/main.rs:042", ":4"],
            NotOwnSource,
        ),
        other(
            "mlnet.panic.location",
            &["/build/mlnet/src/main.rs:4", "src\\\\main.rs:4", "src/lib.rs:4", "src/main.rs:4:2", "src/main.rs:+4"],
            NotOwnSource,
        ),
        right("mlnet.task", &["classification", "regression"]),
        other("mlnet.task", &["", "Regression", "clustering", "regression "], NotAMember),
        right("mlnet.tracking.scheme", &["file", "custom_scheme", "None"]),
        // What stands for others when it is recorded does not stand for what is read.
        other("mlnet.tracking.scheme", &["", "http", "FILE", "mysql"], NotAMember),
        vec![("process.exit.code", "{\"intValue\":\"0\"}".to_owned(), None)],
        vec![("process.exit.code", "{\"intValue\":\"255\"}".to_owned(), None)],
        wrong(
            "process.exit.code",
            &["{\"intValue\":\"256\"}", "{\"intValue\":\"9223372036854775807\"}", "{\"intValue\":\"-1\"}"],
            OutOfRange,
        ),
        wrong("process.exit.code", &[&text("7"), "{\"boolValue\":true}"], WrongType),
        other("service.name", &["mlnet"], UndeclaredField),
        other("lib.rows", &["1"], UndeclaredField),
        other("user.name", &["alice"], UndeclaredField),
    ];
    let (start, rest) = SPAN.split_once(r#""attributes":["#).unwrap();
    let (_, end) = rest.split_once(r#"],"events""#).unwrap();
    let empty = spans(RESOURCE, &format!(r#"{start}"events"{end}"#));
    for (key, value, why) in rows.into_iter().flatten() {
        let attribute = format!("{{\"key\":\"{key}\",\"value\":{value}}}");
        let line = spans(RESOURCE, &format!(r#"{start}"attributes":[{attribute}],"events"{end}"#));
        let left = if why.is_none() { &line } else { &empty };
        check(&line, &joined().terms(), Ok(left), why.map(|why| (why, 1)).as_slice());
    }
}

#[test]
fn an_integer_member_is_readmitted_as_the_integer_it_is() {
    let span = |attributes: &str| {
        let rest = r#""startTimeUnixNano":"1763900000001000000","endTimeUnixNano":"1763900000001000000","#;
        let ids = r#"{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b175","#;
        spans(RESOURCE, &format!(r#"{ids}"name":"lib.query","kind":3,{rest}{attributes}"flags":1}}"#))
    };
    let with_status = |value: &str| span(&format!(r#""attributes":[{{"key":"lib.status","value":{value}}}],"#));
    for number in ["-1", "0", "14"] {
        let line = with_status(&format!(r#"{{"intValue":"{number}"}}"#));
        check(&line, &joined().terms(), Ok(&line), &[]);
    }
    for (value, why) in [
        (r#"{"intValue":"15"}"#, NotAMember),
        (r#"{"intValue":"-14"}"#, NotAMember),
        (r#"{"intValue":"-9223372036854775808"}"#, NotAMember),
        (r#"{"stringValue":"14"}"#, WrongType),
        (r#"{"boolValue":true}"#, WrongType),
    ] {
        check(&with_status(value), &joined().terms(), Ok(&span("")), &[(why, 1)]);
    }
    for spelling in ["-0", "014", "+14", "14.0", "-", "", "9223372036854775808"] {
        let line = with_status(&format!(r#"{{"intValue":"{spelling}"}}"#));
        let refused = readmit_line(line.as_bytes(), &joined().terms(), &DropCounts::default()).map(|_| ());
        assert!(matches!(refused, Err(LineRefused::Foreign(LineError::Number))), "{spelling}: {refused:?}");
    }
}

#[test]
fn a_list_keeps_the_names_that_are_members() {
    let line = spans(RESOURCE, SPAN);
    let other = with(&line, r#"{"stringValue":"--label-col"}"#, r#"{"stringValue":"--password"}"#);
    let left = with(&line, r#",{"stringValue":"--label-col"}"#, "");
    check(&other, &joined().terms(), Ok(&left), &[(NotAMember, 1)]);
}

#[test]
fn the_resource_has_only_values_that_the_pipeline_sets() {
    let rows: [(&str, &str, &[&str], &[&str]); 8] = [
        ("host.arch", "amd64", &["arm64", "riscv64"], &["AMD64", "", "x86_64", "alice"]),
        ("os.type", "linux", &["windows"], &["darwin", "Linux", "", "alice"]),
        ("os.version", "6.12", &["0.0", "9999.9999"], &["6", "6.12.3", "6.", "06.12", "10000.1", "6.12-alice", ""]),
        ("process.runtime.name", "rustc", &[], &["rust", "Rustc", "", "alice"]),
        ("process.runtime.version", "1.93.0", &["1.100.0"], &["1.93", "1.93.0-alice", "1.93.0-nightly", "1.93.0 (a)"]),
        (
            "service.instance.id",
            "45e27512-43e8-8c7e-87ac-a6ac25d75a0d",
            &["00000000-0000-8000-8000-000000000000"],
            &[
                "",
                "45e27512-43e8-4c7e-87ac-a6ac25d75a0d",
                "45E27512-43e8-8c7e-87ac-a6ac25d75a0d",
                "45e27512-43e8-8c7e-c7ac-a6ac25d75a0d",
                "45e2751243e88c7e87aca6ac25d75a0d",
            ],
        ),
        (
            "service.version",
            "16.18.2",
            &[
                "1",
                "16.18.2.33901",
                "1.0.0-rc",
                "1.0.0-rc1",
                "1.0.0-rc.1",
                "0.0-nightly",
                "1.2.3 (told by the program)",
            ],
            &[
                "",
                "v1",
                "1.0.0-alice",
                "1.0.0+alice",
                "1.2.3.4.5",
                "123456",
                "1.2.3 ",
                "01",
                "1.0-rc.01",
                "1.0-rc.",
                "(alice)",
            ],
        ),
        (
            "session.id",
            "45e27512-43e8-4c7e-87ac-a6ac25d75a0d",
            &["00000000-0000-4000-8000-000000000000"],
            &[
                "",
                "45e27512-43e8-8c7e-87ac-a6ac25d75a0d",
                "45e2751243e84c7e87aca6ac25d75a0d",
                "45e27512-43e8-4c7e-07ac-a6ac25d75a0d",
                "{45e27512-43e8-4c7e-87ac-a6ac25d75a0}",
                "urn:uuid:45e27512-43e8-4c7e-87ac-a6ac25d75a0d",
            ],
        ),
    ];
    let joined = joined();
    let terms = Declarations { version: "1.2.3 (told by the program)", ..joined.terms() };
    for (key, now, right, wrong) in rows {
        let line = spans(RESOURCE, SPAN);
        let attribute = |text: &str| format!("{{\"key\":\"{key}\",\"value\":{{\"stringValue\":\"{text}\"}}}}");
        for text in right {
            let line = with(&line, &attribute(now), &attribute(text));
            check(&line, &terms, Ok(&line), &[]);
        }
        let last = RESOURCE.ends_with(&attribute(now));
        let gone = if last { format!(",{}", attribute(now)) } else { format!("{},", attribute(now)) };
        let left = with(&line, &gone, "");
        for text in wrong {
            check(&with(&line, &attribute(now), &attribute(text)), &terms, Ok(&left), &[(NotAMember, 1)]);
        }
    }
}

#[test]
fn a_record_that_is_no_longer_declared_is_withheld() {
    let (line, log) = (spans(RESOURCE, SPAN), logs(RESOURCE, LOG));
    let rows = [
        (&line, r#""name":"mlnet.command""#, r#""name":"mlnet.commando""#, UndeclaredSignal),
        // An event's name is no span's.
        (&line, r#""name":"mlnet.command""#, r#""name":"mlnet.crash""#, UndeclaredSignal),
        (&line, r#""kind":1"#, r#""kind":3"#, UndeclaredSignal),
        (&log, "mlnet.crash", "mlnet.crush", UndeclaredSignal),
        (&line, r#""stringValue":"mlnet""#, r#""stringValue":"alice""#, NotAMember),
        (&line, r#""startTimeUnixNano":"1763900000000000000""#, r#""startTimeUnixNano":"999999999""#, OutOfRange),
    ];
    for (line, old, new, why) in rows {
        check(&with(line, old, new), &joined().terms(), Err(LineRefused::Withheld(why)), &[(why, 1)]);
    }
    check(
        &line,
        &Declarations::all(&[], &[], ""),
        Err(LineRefused::Withheld(UndeclaredSignal)),
        &[(UndeclaredSignal, 1)],
    );
}

#[test]
fn a_line_gets_the_running_programs_scope_url_and_times() {
    let (line, log) = (spans(RESOURCE, SPAN), logs(RESOURCE, LOG));
    let version = format!("\"version\":\"{}\"", scruple::encode::SCOPE_VERSION);
    let shorter = with(&line, "1763900004000000000", "1763900003000000000");
    let second = |digits: &str| with(&line, "1763900000000000000", &format!("1763900000{digits}"));
    let rows = [
        (with(&line, &version, r#""version":"0.0.1""#), &line),
        (with(&line, "/schemas/mlnet/1.0.0\"}]}", "/schemas/alice/7\"}]}"), &line),
        // To the second, as its duration, which is 3.999999999 s or 3.000000001 s; and the event in it to the minute.
        (second("000000001"), &shorter),
        (second("999999999"), &shorter),
        (with(&line, "1763899980000000000", "1763900039999999999"), &line),
        (log.replace("1763899980000000000", "1763900000000000000"), &log),
    ];
    for (other, left) in rows {
        check(&other, &joined().terms(), Ok(left), &[]);
    }
}

/// A policy that disables one member of one attribute.
struct Disabled(&'static str, &'static str);

impl PolicyFilter for Disabled {
    fn process(&self, _: u64) -> bool {
        true
    }

    fn program(&self, _: &str, _: &[(&'static str, String)]) -> bool {
        true
    }

    fn record(&self, _: &str, attributes: &[(&'static str, String)]) -> bool {
        !attributes.iter().any(|(key, value)| (*key, value.as_str()) == (self.0, self.1))
    }

    fn attribute(&self, _: &str) -> bool {
        true
    }
}

#[test]
fn a_policy_is_shown_the_values_of_each_type_as_they_are_sent() {
    let joined = joined();
    let line = spans(RESOURCE, SPAN);
    for (key, value, is_sent) in [
        ("mlnet.argument.names", "--dataset", false),
        ("mlnet.argument.names", "--label-col", false),
        ("mlnet.argument.names", "--train-time", true),
        ("mlnet.argument.names", "--dataset, --label-col", true),
        ("mlnet.ci", "false", false),
        ("mlnet.ci", "true", true),
        ("mlnet.task", "regression", false),
        ("mlnet.task", "classification", true),
        ("process.exit.code", "101", false),
        ("process.exit.code", "10", true),
        // An attribute that the span may have, and does not.
        ("mlnet.compiler", "", true),
    ] {
        let policy = Disabled(key, value);
        let terms = Declarations { narrow: Some(&policy), ..joined.terms() };
        match is_sent {
            true => check(&line, &terms, Ok(&line), &[]),
            false => check(&line, &terms, Err(LineRefused::Withheld(Policy)), &[(Policy, 1)]),
        }
    }
}

#[test]
fn an_opt_in_attribute_needs_the_present_opt_in() {
    let name = r#"{"key":"mlnet.dataset.name","value":{"stringValue":"9f86d081884c7d659a2feaa0c55ad015"}},"#;
    let line = spans(RESOURCE, SPAN);
    let opted_in = with(&line, r#"{"key":"mlnet.task""#, &format!(r#"{name}{{"key":"mlnet.task""#));
    check(&opted_in, &joined().terms(), Ok(&opted_in), &[]);
    check(&opted_in, &Declarations { opt_in: &[], ..joined().terms() }, Ok(&line), &[(NotOptedIn, 1)]);
}

#[test]
fn an_event_that_is_no_longer_declared_is_removed_from_its_span() {
    let line = spans(RESOURCE, SPAN);
    let event = r#"{"timeUnixNano":"1763899980000000000","name":"mlnet.crash""#;
    let other = r#"{"timeUnixNano":"1763899980000000000","name":"alice"},"#;
    check(&with(&line, event, &format!("{other}{event}")), &joined().terms(), Ok(&line), &[(UndeclaredSignal, 1)]);
    let early = r#"{"timeUnixNano":"59999999999","name":"mlnet.crash"},"#;
    check(&with(&line, event, &format!("{early}{event}")), &joined().terms(), Ok(&line), &[(OutOfRange, 1)]);
    let (_, record) = readmit_line(line.as_bytes(), &joined().terms(), &DropCounts::default()).unwrap();
    let said: Vec<_> = record.events()[0].attributes().map(|(_, attribute, value)| text(attribute, value)).collect();
    assert_eq!(said, ["src/main.rs:120"]);
}
