//! What is published of all that the Collector has kept: the counts of many, and nothing about few.

use super::canary::{Search, run};
use super::collector::records_in;
use super::stage::Stage;
use super::vendor::here;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

/// The least number of sessions that a number is about.
const THRESHOLD: u64 = 20;

/// The day after the end of each period that has begun. Only its date is on the page.
fn after() -> String {
    let output = Command::new("date").args(["-u", "-d", "32 days", "+%F"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
#[ignore = "needs the Collector (collector-config/build collector), and scruple-report on the PATH (cargo build --manifest-path \
            crates/report/Cargo.toml)"]
fn b20_a_report_of_a_thousand_runs_counts_them_and_tells_nothing_about_few() {
    let stage = Stage::collected();
    let done = run(&stage, 1_000);
    let kept = stage.kept();
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new("scruple-report");
    command.current_dir(here()).arg("telemetry").arg("--input").arg(kept.path()).arg("--out").arg(out.path());
    let output = command.args(["--period", "month", "--today", &after(), "--licence", "CC0-1.0"]).output();
    let output = output.expect("scruple-report is on the PATH");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let public = out.path().join("public");
    let all: Value = serde_json::from_slice(&fs::read(public.join("report.json")).unwrap()).unwrap();
    let mut sessions: BTreeMap<(String, String, String), (u64, BTreeSet<String>)> = BTreeMap::new();
    for record in records_in(&kept) {
        let session = &record.resource["session.id"];
        let own = record.attributes.iter().chain(&record.resource);
        let values = own.map(|(key, value)| (key.clone(), value.clone())).chain([Default::default()]);
        for (key, value) in values {
            let (records, units) = sessions.entry((record.name.clone(), key, value)).or_default();
            *records += 1;
            units.insert(session.clone());
        }
    }
    let rounded = |units: &BTreeSet<String>| units.len() as u64 / THRESHOLD * THRESHOLD;
    let counted = |value: &Value| (value["records"].as_u64().unwrap(), value["units_at_least"].as_u64().unwrap());
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (mut shown, mut totals) = (0, 0);
    for chart in list(&all["charts"]) {
        // The months of a run that began in one and ended in the next are counted by the report's own tests.
        let [period] = &list(&chart["periods"])[..] else { continue };
        let signal = chart["signal"].as_str().unwrap();
        let key = list(&chart["attributes"]).first().map_or(String::new(), |key| key.as_str().unwrap().to_owned());
        let cell = |value: &str| sessions.get(&(signal.to_owned(), key.clone(), value.to_owned()));
        if key.is_empty() && !period["total"].is_null() {
            let (records, units) = cell("").unwrap();
            assert_eq!(counted(&period["total"]), (*records, rounded(units)), "{signal}");
            totals += 1;
        }
        // What is no attribute: a span's status and duration; a record without the attribute; a list's members.
        let is_told = |value: &str| !key.starts_with("otel.") && !value.is_empty() && key != "mlflow.imports";
        for value in list(&period["values"]) {
            let label = value["labels"][0].as_str().unwrap();
            assert!(counted(&value).1 >= THRESHOLD, "{signal} {key} {label}");
            if is_told(label) {
                let (records, units) = cell(label).unwrap_or_else(|| panic!("{signal} {key} {label}"));
                assert_eq!(counted(&value), (*records, rounded(units)), "{signal} {key} {label}");
                shown += 1;
            }
        }
    }
    assert!(totals >= 10 && shown >= 50, "{totals} totals, {shown} values");

    let mut markers: Vec<Vec<u8>> =
        done.iter().flat_map(|one| &one.markers).map(|one| one.clone().into_bytes()).collect();
    markers.extend(sessions.values().flat_map(|(_, units)| units).map(|session| session.clone().into_bytes()));
    let search = Search::new(&markers);
    for file in fs::read_dir(&public).unwrap() {
        let path = file.unwrap().path();
        let found = search.found(&fs::read(&path).unwrap());
        assert!(found.is_empty(), "{found:?} in {}", path.display());
    }
    let page = fs::read(public.join("index.html")).unwrap();
    println!("{} runs, {totals} totals, {shown} values, a page of {} bytes", done.len(), page.len());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(here().join("REPORT.html"), page).unwrap();
    }
}
