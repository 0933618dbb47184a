//! What is published of the runs of many people, as a real Collector keeps them: the counts, and nothing about few.

use super::collector::kept_of;
use super::invocation::{Dice, Invocation};
use super::person::{PROGRAM, Person, own};
use super::planted::private;
use super::receiver::contains;
use scruple_fixtures::published::PublishedReport;
use std::fs::{self, File};
use std::process::Stdio;

/// More than a threshold of 20, so that something can be shown of what half of them do.
const PEOPLE: u64 = 60;

const RUNS: u64 = 10;

/// Runs the program as this person might, with something private in everything.
fn use_it(seed: u64, person: &Person) {
    let mut dice = Dice(seed);
    for _ in 0..RUNS {
        let invocation = Invocation::next(&mut dice, person);
        let mut command = person.command(PROGRAM);
        command.args(&invocation.arguments).envs(invocation.variables);
        if invocation.is_full {
            command.stdout(Stdio::from(File::options().write(true).open("/dev/full").unwrap()));
        }
        assert!(command.output().unwrap().status.code().is_some(), "{:?}", invocation.arguments);
    }
}

#[test]
#[ignore = "needs the Collector (collector-config/build collector), and scruple-report on the PATH (cargo build --manifest-path \
            crates/report/Cargo.toml)"]
fn a_report_of_many_peoples_runs_counts_them_and_tells_nothing_about_few() {
    let people = (0..PEOPLE).map(|_| Person::named("canary-user")).collect();
    let kept = kept_of(people, |people| (0..).zip(people).for_each(|(seed, person)| use_it(seed, person)));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("usage.jsonl"), &kept.text).unwrap();
    let published = PublishedReport::of(&own(""), "telemetry", folder.path());
    let recounted = published.recount();
    assert!(recounted.totals == 2 && recounted.values >= 20 && recounted.pairs >= 4, "{recounted:?}");

    let units = published.units();
    assert_eq!(units.len() as u64, PEOPLE);
    for (name, content) in published.files() {
        assert_eq!(private(&content), None, "{name}");
        assert!(!units.iter().any(|unit| contains(&content, unit.as_bytes())), "{name}");
    }
    let page = published.page();
    println!("{} records, {recounted:?}, a page of {} bytes", kept.records.len(), page.len());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(own("REPORT.html"), page).unwrap();
    }
}
