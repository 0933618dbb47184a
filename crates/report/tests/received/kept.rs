//! The registry's retention: older records are not read, and a period that it cuts is not published.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::made::{DAY, Random, changed, lines, processes};
use crate::published::{all, run_of};

/// 5,200 weeks: no clock that runs the tests is at the records that are so much later.
const LATER: i64 = 5_200 * 7 * DAY.cast_signed();

/// The records are of the 40 days from Monday 2126-05-27; each of their weeks has ended on this day.
const TODAY: &str = "2126-07-08";

/// A folder with the registry that has a retention, and records in it that are moved in time.
struct Kept {
    folder: TempDir,
    registry: PathBuf,
    records: u64,
}

impl Kept {
    fn new(retention: &str, moved: i64) -> Self {
        let mut made = processes(&mut Random(3), 100, 1_000);
        let records = made.iter_mut().flat_map(|process| &mut process.records);
        let records = records.map(|record| record.start = record.start.saturating_add_signed(moved)).count() as u64;
        let folder = tempfile::tempdir().unwrap();
        let text = made.iter().flat_map(lines).collect::<Vec<_>>().join("\n");
        fs::write(folder.path().join("usage.jsonl"), text).unwrap();
        let with = format!("rotate: monthly\n        retention: {retention}");
        let registry = changed(folder.path(), "telemetry", &[("rotate: monthly", with.as_str())]);
        Self { folder, registry, records }
    }

    /// The exit code, standard output and standard error.
    fn run(&self, more: &[&str]) -> (i32, String, String) {
        let output = run_of(&[&self.registry], &self.folder, &self.folder.path().join("usage.jsonl"), more);
        let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap(), out, error)
    }

    /// The first days of the published weeks in which spans have a number, and the summary.
    #[track_caller]
    fn weeks(&self) -> (Vec<String>, Value) {
        let (code, out, error) = self.run(&["--today", TODAY, "--json"]);
        assert_eq!(code, 0, "{error}");
        let all = all(&self.folder);
        let charts = all["charts"].as_array().unwrap();
        let is_total = |chart: &&Value| chart["signal"] == "press.print" && chart["attributes"] == json!([]);
        let periods = charts.iter().find(is_total).unwrap()["periods"].as_array().unwrap();
        let shown = periods.iter().filter(|period| !period["total"].is_null());
        let days = shown.map(|period| period["start"].as_str().unwrap().to_owned()).collect();
        (days, serde_json::from_str(&out).unwrap())
    }

    fn page(&self) -> String {
        fs::read_to_string(self.folder.path().join("report/public/index.html")).unwrap()
    }
}

fn sum(summary: &Value, field: &str) -> u64 {
    summary["signals"].as_array().unwrap().iter().map(|signal| signal[field].as_u64().unwrap()).sum()
}

#[test]
fn records_older_than_the_retention_are_not_read_and_counted() {
    // It begins on Monday 2126-06-17, the third week's end.
    let kept = Kept::new("3 weeks", LATER);
    let (weeks, summary) = kept.weeks();
    assert_eq!(weeks, ["2126-06-17", "2126-06-24", "2126-07-01"]);
    assert_eq!(sum(&summary, "cut"), 0);
    let (too_old, read) = (summary["too_old"].as_u64().unwrap(), sum(&summary, "records"));
    assert!(too_old > 0 && read > 0);
    assert_eq!(too_old + read, kept.records);
    assert_eq!((&summary["retention_days"], &summary["refused"]["records"]), (&json!(21), &json!(0)));
    assert!(kept.page().contains("Records are kept for 21 days. Older ones are not counted."));
    assert!(!kept.page().contains(&too_old.to_string()), "such a number may be of few");
    assert_eq!(all(&kept.folder)["retention_days"], 21);
    let (_, _, error) = kept.run(&["--today", TODAY]);
    assert!(error.contains(&format!("not read: {too_old} records older than the retention of 21 days")), "{error}");
    assert!(!error.contains("not published"), "{error}");
}

#[test]
fn a_period_that_the_retention_cuts_is_not_published_and_stays_as_it_was() {
    let kept = Kept::new("20 days", LATER);
    let (weeks, summary) = kept.weeks();
    assert_eq!(weeks, ["2126-06-24", "2126-07-01"]);
    assert!(sum(&summary, "cut") > 0);
    let (code, out, error) = kept.run(&["--today", TODAY]);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains(" of them in a period that the retention cuts"), "{out}");
    assert!(error.contains("not published: a period that the retention of 20 days cuts"), "{error}");
    // Published in time, a period stays.
    let kept = Kept::new("20 days", LATER);
    let (code, _, error) = kept.run(&["--today", "2126-06-17"]);
    assert_eq!(code, 1, "records are ahead of that day: {error}");
    let (weeks, _) = kept.weeks();
    assert_eq!(weeks, ["2126-06-03", "2126-06-10", "2126-06-24", "2126-07-01"]);
}

#[test]
fn the_clock_counts_in_a_report_of_an_earlier_day() {
    // Of the 40 days from 2025-12-22.
    let kept = Kept::new("30 days", -40 * 7 * DAY.cast_signed());
    let (code, _, error) = kept.run(&["--today", "2026-02-02"]);
    assert_eq!(code, 2);
    assert!(error.contains("each record in these files is older than the retention of the registry"), "{error}");
    assert!(!kept.folder.path().join("report/public").exists());
}

#[test]
fn without_a_duration_all_records_are_read() {
    for retention in ["For ever.", "100 years"] {
        let kept = Kept::new(retention, LATER);
        let (weeks, summary) = kept.weeks();
        assert_eq!((weeks.len(), &summary["too_old"]), (6, &json!(0)), "{retention}");
        assert_eq!(kept.page().contains("<dt>Retention</dt>"), retention != "For ever.");
    }
}
