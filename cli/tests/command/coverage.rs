//! `scruple check DIR --against FILE --coverage` lists the declared parts that no record shows, and says whether it is
//! enough.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::against::{EVENT, SPAN, json, project, put, run};

/// The parts of `warnings.yaml`: 2 signals, 6 attributes of them, 3 of the resource, 6 members.
const PARTS: usize = 17;

/// A span with all that the registry declares for it and for the resource.
fn whole_span() -> String {
    SPAN.replace(
        r#"{"key":"words.unit","value":{"stringValue":"line"}}"#,
        r#"{"key":"words.flags","value":{"arrayValue":{"values":[{"stringValue":"--lines"},{"stringValue":"--words"}]}}},{"key":"words.unit","value":{"stringValue":"line"}}"#,
    )
    .replace(
        r#"{"key":"service.name""#,
        r#"{"key":"service.instance.id","value":{"stringValue":"45e27512-43e8-8c7e-87ac-a6ac25d75a0d"}},{"key":"service.version","value":{"stringValue":"1.2.3"}},{"key":"service.name""#,
    )
}

/// An event with all that the registry declares for it.
fn whole_event() -> String {
    EVENT.replace(
        r#"{"key":"words.files","value":{"intValue":"7"}}"#,
        r#"{"key":"words.dictionary","value":{"stringValue":"1.2"}},{"key":"words.files","value":{"intValue":"7"}},{"key":"words.license","value":{"stringValue":"00112233445566778899aabbccddeeff"}},{"key":"words.size","value":{"stringValue":"<1KiB"}}"#,
    )
}

/// Every declared part, in four records.
fn everything() -> String {
    let (span, event) = (whole_span(), whole_event());
    let other = [span.replace("\"line\"", "\"word\""), event.replace("<1KiB", ">=1KiB")];
    format!("{span}\n{event}\n{}\n", other.join("\n"))
}

/// Checks the lines, and compares the exit code, what follows the numbers of lines, and standard error.
#[track_caller]
fn check(lines: &str, arguments: &[&str], code: i32, listed: &[&str], error: &str) {
    let folder = project();
    put(&folder, "records.jsonl", lines);
    let output = run(&folder, &[&["--against", "records.jsonl", "--coverage"], arguments].concat(), b"");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(stdout.lines().skip(2).collect::<Vec<_>>(), listed, "{stderr}");
    assert_eq!(stderr, error);
    assert_eq!(output.status.code(), Some(code));
}

#[test]
fn records_that_show_everything_cover_everything() {
    check(
        &everything(),
        &["--fail-under", "100"],
        0,
        &[&format!("coverage: {PARTS} of {PARTS} declared parts in records: 100 %")],
        "",
    );
}

#[test]
fn each_part_that_no_record_shows_is_listed_once() {
    check(
        &format!("{SPAN}\n"),
        &[],
        0,
        &[
            "coverage: 4 of 17 declared parts in records: 23 %",
            "  never seen: event words.read",
            "  never seen: service.instance.id of the resource",
            "  never seen: service.version of the resource",
            "  never seen: words.flags of span words.run",
            "  never seen: words.unit = word",
        ],
        "",
    );
    check(
        &everything()
            .replace(r#"{"stringValue":"--words"}"#, r#"{"stringValue":"--lines"}"#)
            .replace(r#"[{"stringValue":"--lines"},{"stringValue":"--lines"}]"#, r#"[{"stringValue":"--lines"}]"#),
        &["--fail-under", "94"],
        0,
        &["coverage: 16 of 17 declared parts in records: 94 %", "  never seen: words.flags = --words"],
        "",
    );
}

#[test]
fn too_little_is_a_failure_and_no_record_always_is() {
    let nothing = [
        "coverage: 0 of 17 declared parts in records: 0 %",
        "  never seen: span words.run",
        "  never seen: event words.read",
        "  never seen: service.instance.id of the resource",
        "  never seen: service.name of the resource",
        "  never seen: service.version of the resource",
    ];
    for arguments in [&[][..], &["--fail-under", "0"]] {
        check("", arguments, 1, &nothing, "error: no record: nothing is covered\n");
    }
    let without = everything().lines().skip(1).collect::<Vec<_>>().join("\n");
    let listed = ["coverage: 16 of 17 declared parts in records: 94 %", "  never seen: words.unit = line"];
    check(&without, &["--fail-under", "94"], 0, &listed, "");
    check(&without, &["--fail-under", "95"], 1, &listed, "error: 94 % is under the 95 % of --fail-under\n");
}

#[test]
fn an_undeclared_record_shows_nothing() {
    let folder = project();
    put(&folder, "records.jsonl", whole_span().replace("\"kind\":1", "\"kind\":2"));
    let output = run(&folder, &["--against", "records.jsonl", "--coverage"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).ends_with("error: no record: nothing is covered\n"));
    for arguments in
        [&["--coverage"][..], &["--against", "-", "--fail-under", "9"], &["--against", "-", "--unseen-for", "9"]]
    {
        assert_eq!(run(&folder, arguments, b"").status.code(), Some(2), "{arguments:?}: an option lacks another");
    }
}

/// The lines, of a day so many days ago; and that day.
fn days_ago(lines: &str, days: u64) -> (String, String) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let start = now - days * 86_400;
    let times = [("1790000000000000000", start), ("1790000003000000000", start + 3)];
    let lines = times.iter().fold(lines.to_owned(), |lines, (old, new)| lines.replace(old, &format!("{new}000000000")));
    (lines, scruple::registry::Date::of_seconds(start).to_string())
}

#[test]
fn what_was_not_seen_for_some_days_is_a_candidate_to_remove() {
    let (old, day) = days_ago(&everything(), 91);
    let (recent, _) = days_ago(&format!("{}\n", whole_span()), 89);
    // A clock that is wrong shows that the record is in use.
    let future = whole_event().replace("1790000000000000000", "9000000000000000000");
    let last = |part: &str| format!("  last seen {day}, a candidate to remove: {part}");
    let (event, word) = (last("event words.read"), last("words.unit = word"));
    let listed = ["coverage: 9 of 17 declared parts in records of the last 90 days: 52 %", &event, &word];
    check(&format!("{old}{recent}"), &["--unseen-for", "90"], 0, &listed, "");
    check(
        &format!("{recent}{old}"),
        &["--unseen-for", "90", "--fail-under", "60"],
        1,
        &listed,
        "error: 52 % is under the 60 % of --fail-under\n",
    );
    let bucket = last("words.size = >=1KiB");
    let listed = ["coverage: 15 of 17 declared parts in records of the last 90 days: 88 %", &bucket, &word];
    check(&format!("{old}{recent}{future}\n"), &["--unseen-for", "90"], 0, &listed, "");
    let never = "  never seen, a candidate to remove: event words.read";
    let listed = ["coverage: 9 of 17 declared parts in records of the last 90 days: 52 %", never];
    let word = "  never seen, a candidate to remove: words.unit = word";
    check(&recent, &["--unseen-for", "90"], 0, &[listed[0], listed[1], word], "");
}

#[test]
fn the_days_count_back_from_the_day_that_is_given() {
    // The records are of 2026-09-21.
    let all = format!("coverage: {PARTS} of {PARTS} declared parts in records of the last 1 day: 100 %");
    check(&everything(), &["--unseen-for", "1", "--today", "2026-09-22", "--fail-under", "100"], 0, &[&all], "");
    let none = "coverage: 0 of 17 declared parts in records of the last 1 day: 0 %";
    let last = |part: &str| format!("  last seen 2026-09-21, a candidate to remove: {part}");
    let parts = ["span words.run", "event words.read"].into_iter().map(last);
    let resource = ["service.instance.id", "service.name", "service.version"];
    let listed: Vec<_> = parts.chain(resource.map(|key| last(&format!("{key} of the resource")))).collect();
    let listed: Vec<_> = [none].into_iter().chain(listed.iter().map(String::as_str)).collect();
    check(&everything(), &["--unseen-for", "1", "--today", "2026-09-23"], 0, &listed, "");
}

#[test]
fn json_has_the_numbers_and_the_parts() {
    let folder = project();
    put(&folder, "records.jsonl", format!("{SPAN}\n"));
    let output = run(&folder, &["--against", "records.jsonl", "--coverage", "--fail-under", "24", "--json"], b"");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
    let report = json(&output);
    assert_eq!((&report["ok"], &report["against"]["violations"]), (&Value::Bool(false), &Value::from(0)));
    assert_eq!(
        report["against"]["coverage"],
        json!({
            "parts": PARTS, "seen": 4, "percent": 23, "is_enough": false,
            "unseen": [
                {"text": "event words.read", "event": "words.read"},
                {"text": "service.instance.id of the resource", "attribute": "service.instance.id"},
                {"text": "service.version of the resource", "attribute": "service.version"},
                {"text": "words.flags of span words.run", "span": "words.run", "attribute": "words.flags"},
                {"text": "words.unit = word", "attribute": "words.unit", "member": "word"},
            ],
        })
    );
    put(&folder, "records.jsonl", days_ago(&format!("{SPAN}\n"), 40).0);
    let output = run(&folder, &["--against", "records.jsonl", "--coverage", "--unseen-for", "30", "--json"], b"");
    let report = json(&output);
    assert_eq!((output.status.code(), &report["against"]["coverage"]["seen"]), (Some(0), &Value::from(0)));
    let day = days_ago("", 40).1;
    let span = json!({"text": "span words.run", "span": "words.run", "last": day});
    assert_eq!(report["against"]["coverage"]["unseen"][0], span);
    assert!(json(&run(&folder, &["--against", "records.jsonl", "--json"], b""))["against"]["coverage"].is_null());
}
