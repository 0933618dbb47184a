//! From files of records to a published page: what a person sees, and what a second run may change.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::made::{DAY, MONDAY, MadeProcess, MadeRecord, Random, SCHEMA, TODAY, changed, lines, processes, registry};

pub fn write(folder: &Path, made: &[MadeProcess]) -> PathBuf {
    let file = folder.join("usage.jsonl");
    fs::write(&file, made.iter().flat_map(lines).collect::<Vec<_>>().join("\n")).unwrap();
    file
}

fn run(folder: &TempDir, input: &Path, more: &[&str]) -> Output {
    run_of(&[&registry()], folder, input, more)
}

pub fn run_of(registries: &[&Path], folder: &TempDir, input: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple-report"));
    command.args(registries).arg("--input").arg(input).arg("--out").arg(folder.path().join("report")).args(more);
    if !more.contains(&"--today") {
        command.args(["--today", TODAY]);
    }
    command.output().unwrap()
}

/// All charts.
pub fn all(folder: &TempDir) -> Value {
    serde_json::from_slice(&fs::read(folder.path().join("report/public/report.json")).unwrap()).unwrap()
}

fn page(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("report/public/index.html")).unwrap()
}

#[test]
fn the_page_has_the_questions_of_the_registry_and_no_markup_of_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let input = write(folder.path(), &processes(&mut Random(3), 200, 3_000));
    let output = run(&folder, &input, &["--period", "month"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let page = page(&folder);
    for text in ["How press is used", "One document was printed.", "The format that was printed.", "every 30 days"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.contains("&lt;b&gt;html&lt;/b&gt;") && !page.contains("<b>html"));
}

#[test]
fn of_one_unit_nothing_is_shown_and_the_page_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let input = write(folder.path(), &processes(&mut Random(3), 1, 500));
    let output = run(&folder, &input, &["--period", "month", "--threshold", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(page(&folder).contains("fewer than 2"));
    for file in fs::read_dir(folder.path().join("report/public")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("linux") && !text.contains("windows"), "{text}");
    }
}

#[test]
fn the_same_numbers_are_published_again_and_others_only_as_a_revision() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = processes(&mut Random(3), 100, 1_000);
    let input = write(folder.path(), &made);
    let publish = |more: &[&str]| run(&folder, &input, &[&["--period", "month"], more].concat());
    assert_eq!(publish(&[]).status.code(), Some(0));
    let before = page(&folder);
    assert_eq!(publish(&[]).status.code(), Some(0));
    assert_eq!(page(&folder), before);
    made.extend(processes(&mut Random(4), 500, 5_000));
    write(folder.path(), &made);
    let totals = || fs::read_to_string(folder.path().join("report/public/press.print.csv")).unwrap();
    let published = totals();
    let kept = publish(&[]);
    assert_eq!(kept.status.code(), Some(0));
    let error = String::from_utf8(kept.stderr).unwrap();
    assert!(error.contains("kept as published: ") && error.contains("--revise"), "{error}");
    assert_eq!(totals(), published);
    let revised = publish(&["--revise"]);
    assert_eq!(revised.status.code(), Some(0), "{}", String::from_utf8_lossy(&revised.stderr));
    assert_ne!(totals(), published);
}

#[test]
fn with_a_threshold_of_one_every_cell_with_a_unit_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let input = write(folder.path(), &processes(&mut Random(4), 2, 3));
    assert_eq!(run(&folder, &input, &["--threshold", "1"]).status.code(), Some(0));
    let all = fs::read_to_string(folder.path().join("report/public/report.json")).unwrap();
    assert!(all.contains("\"service.version\""), "{all}");
}

#[test]
fn the_registries_are_those_of_the_command_line_whether_a_record_names_them_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let input = write(folder.path(), &processes(&mut Random(3), 100, 1_000));
    let beta = changed(folder.path(), "beta", &[("/2.0.0", "/2.1.0")]);
    let output = run_of(&[&registry(), &beta], &folder, &input, &["--period", "month"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let both = json!([SCHEMA, SCHEMA.replace("2.0.0", "2.1.0")]);
    assert_eq!(all(&folder)["registries"], both);
    let ledger = fs::read_to_string(folder.path().join("report/ledger.jsonl")).unwrap();
    for line in ledger.lines().skip(1) {
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["registries"], both);
    }
}

/// All that others may see, by name.
fn published(folder: &TempDir) -> BTreeMap<String, String> {
    let public = fs::read_dir(folder.path().join("report/public")).unwrap().map(|entry| entry.unwrap().path());
    let paths = public.chain([folder.path().join("report/ledger.jsonl")]);
    paths.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn whether_a_rare_signal_or_period_occurred_is_not_told() {
    let mut made = processes(&mut Random(3), 200, 3_000);
    let week = |record: &MadeRecord| (record.start - MONDAY) / (7 * DAY);
    for process in &mut made {
        process.records.retain(|record| record.is_span && week(record) != 1 && week(record) < 4);
    }
    let folder = tempfile::tempdir().unwrap();
    let publish = |made: &[MadeProcess]| {
        let input = write(folder.path(), made);
        let _ = fs::remove_dir_all(folder.path().join("report"));
        let output = run(&folder, &input, &[]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        published(&folder)
    };
    let without = publish(&made);
    // One installation, in the week that is otherwise empty, and before and after all others.
    let mut rare = processes(&mut Random(5), 1, 60);
    let places = [MONDAY + 8 * DAY, MONDAY - 70 * DAY, MONDAY + 50 * DAY];
    let records = rare.iter_mut().flat_map(|process| &mut process.records);
    records.zip(places.iter().cycle()).for_each(|(record, start)| record.start = *start);
    assert!(rare.iter().flat_map(|process| &process.records).any(|record| !record.is_span));
    made.extend(rare);
    let with = publish(&made);
    assert_eq!(with.keys().collect::<Vec<_>>(), without.keys().collect::<Vec<_>>());
    without.iter().for_each(|(name, text)| assert_eq!(with[name], *text, "{name}"));
    let all = all(&folder);
    let charts = all["charts"].as_array().unwrap();
    let total = |signal: &str| {
        let is_it = |chart: &&Value| chart["signal"] == signal && chart["attributes"] == json!([]);
        let periods = charts.iter().find(is_it).unwrap()["periods"].as_array().unwrap();
        periods.iter().map(|period| !period["total"].is_null()).collect::<Vec<_>>()
    };
    assert_eq!(total("press.print"), [true, false, true, true]);
    assert_eq!(total("press.loaded"), [false; 4]);
    // An attribute of a hidden period is hidden in it.
    let systems = charts.iter().find(|chart| chart["attributes"] == json!(["os.type"])).unwrap();
    assert_eq!(systems["periods"].as_array().unwrap().len(), 4);
}

#[test]
fn an_event_with_the_name_of_a_span_does_not_make_it_another_signal() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = processes(&mut Random(3), 100, 1_000);
    made.iter_mut().for_each(|process| process.records.retain(|record| record.is_span));
    let input = write(folder.path(), &made);
    let month = ["--period", "month"];
    assert_eq!(run(&folder, &input, &month).status.code(), Some(0));
    let spans = || {
        let ledger = fs::read_to_string(folder.path().join("report/ledger.jsonl")).unwrap();
        let is_span = |line: &&str| line.contains("\"signal\":\"press.print") && !line.contains("\"kind\":\"event\"");
        ledger.lines().filter(is_span).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = spans();
    made.extend(processes(&mut Random(4), 500, 5_000));
    made.iter_mut().for_each(|process| process.records.retain(|record| record.is_span));
    write(folder.path(), &made);
    let new = changed(folder.path(), "new", &[("/2.0.0", "/2.1.0"), ("name: press.loaded", "name: press.print")]);
    let output = run_of(&[&new, &registry()], &folder, &input, &month);
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(spans(), before);
}

#[test]
fn late_records_leave_a_published_period_alone_and_new_periods_are_published() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = processes(&mut Random(3), 200, 3_000);
    let input = write(folder.path(), &made);
    assert_eq!(run(&folder, &input, &["--today", "2026-10-12"]).status.code(), Some(0));
    let totals = || fs::read_to_string(folder.path().join("report/public/press.print.csv")).unwrap();
    let before = totals();
    assert_eq!(before.lines().count(), 3);
    let mut late = processes(&mut Random(5), 1, 20);
    late.iter_mut().flat_map(|process| &mut process.records).for_each(|record| record.start = MONDAY);
    made.extend(late);
    write(folder.path(), &made);
    let output = run(&folder, &input, &["--today", "2026-10-26"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{error}");
    assert!(error.contains(" tables of 1 period, whose numbers are others now"), "{error}");
    assert!(error.contains("--revise"), "{error}");
    let after = totals();
    assert!(after.starts_with(&before) && after.lines().count() == 5, "{before}\n{after}");
    let pages = [page(&folder), {
        let again = run(&folder, &input, &["--today", "2026-10-26"]);
        assert_eq!(again.status.code(), Some(0));
        page(&folder)
    }];
    assert_eq!(pages[0], pages[1]);
    // How many values are hidden is not known of what stays.
    let all = all(&folder);
    let charts = all["charts"].as_array().unwrap();
    let formats = charts.iter().find(|chart| chart["attributes"] == json!(["press.format"])).unwrap();
    let hidden = formats["periods"].as_array().unwrap().iter().map(|period| &period["hidden"]["values"]);
    assert_eq!(hidden.map(Value::is_null).collect::<Vec<_>>(), [true, false, false, false]);
}

#[test]
fn the_number_of_hidden_values_is_told_only_where_all_versions_declare_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let input = write(folder.path(), &processes(&mut Random(3), 100, 1_000));
    let old = changed(folder.path(), "old", &[("/2.0.0", "/1.0.0"), ("[mono, sans", "[slab, mono, sans")]);
    let output = run_of(&[&registry(), &old], &folder, &input, &["--period", "month"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let all = all(&folder);
    let charts = all["charts"].as_array().unwrap();
    let is_told = |key: &str| {
        let chart = charts.iter().find(|chart| chart["attributes"] == json!([key])).unwrap();
        !chart["periods"][0]["hidden"]["values"].is_null()
    };
    assert!(is_told("press.format") && is_told("press.color"));
    assert!(!is_told("press.fonts"));
}
