//! What is published of all that the Collector has kept: the counts of many, and nothing about few.

use super::canary::{Search, run};
use super::stage::Stage;
use super::vendor::here;
use scruple_fixtures::published::PublishedReport;
use std::fs;

#[test]
#[ignore = "needs the Collector (collector-config/build collector), and scruple-report on the PATH (cargo build --manifest-path \
            crates/report/Cargo.toml)"]
fn b20_a_report_of_a_thousand_runs_counts_them_and_tells_nothing_about_few() {
    let stage = Stage::collected();
    let done = run(&stage, 1_000);
    let kept = stage.kept();
    let published = PublishedReport::of(here(), "telemetry", kept.path());
    let recounted = published.recount();
    assert!(recounted.totals >= 10 && recounted.values >= 50, "{recounted:?}");

    let markers = done.iter().flat_map(|one| &one.markers).cloned().chain(published.units());
    let search = Search::new(markers);
    for (name, content) in published.files() {
        let found = search.found(&content);
        assert!(found.is_empty(), "{found:?} in {name}");
    }
    let page = published.page();
    println!("{} runs, {recounted:?}, a page of {} bytes", done.len(), page.len());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(here().join("REPORT.html"), page).unwrap();
    }
}
