//! What was collected, as a report for the public: its periods, the words about the unit, and the questions of the registry.

use std::collections::BTreeSet;
use std::iter::successors;

use scruple_registry::Rotation;

use crate::calendar;
use crate::collect::{Collected, Tabled};
use crate::options::ReportOptions;
use crate::publish::PublishOptions;
use crate::table::{Cell, Period, Question, Report, Table};
use scruple_cli::counts::columns::Unit;

/// The report of what was collected.
pub fn report(collected: &Collected, options: &ReportOptions) -> Report {
    let (unit, rotation) = words(collected.unit);
    Report {
        title: format!("How {} is used", collected.program),
        unit: unit.to_owned(),
        rotation: Some(rotation.to_owned()),
        retention: collected.retention,
        threshold: options.threshold,
        licence: options.licence.clone(),
        registries: collected.schema_urls.clone(),
        questions: collected.tabled.iter().map(question).collect(),
        tables: tables(collected, options),
    }
}

/// The tables of the periods from the first to the last in which some signal has a total that can be shown.
///
/// Which other periods have records, and of which signals, would tell of few. So a period outside is left out, and inside
/// each declared signal has a total in each period, of no records if there is none.
fn tables(collected: &Collected, options: &ReportOptions) -> Vec<Table> {
    let is_total = |table: &&Table| table.attributes.is_empty();
    let is_of_many = |table: &&Table| table.cells.iter().any(|cell| cell.units >= options.threshold);
    let shown = collected.tables.iter().filter(is_total).filter(is_of_many).map(|table| table.period);
    let Some((first, last)) = shown.clone().min().zip(shown.max()) else { return Vec::new() };
    let inside = collected.tables.iter().filter(|table| (first..=last).contains(&table.period));
    let mut tables: Vec<_> = inside.cloned().collect();
    let counted: BTreeSet<_> = tables.iter().map(|table| (table.signal.clone(), table.period)).collect();
    let next = |period: &Period| {
        let start = period.end();
        Some(Period { start, days: calendar::days(options.period, start) })
    };
    for period in successors(Some(first), next).take_while(|period| *period <= last) {
        for tabled in collected.tabled.iter().filter(|tabled| tabled.attributes.is_empty()) {
            let signal = tabled.signal.clone();
            if !counted.contains(&(signal.clone(), period)) {
                let none = Cell { labels: Vec::new(), records: 0, units: 0, units_elsewhere: 0 };
                tables.push(Table { signal, attributes: Vec::new(), period, overlaps: false, cells: vec![none] });
            }
        }
    }
    tables
}

/// Where it is published.
pub fn place(options: &ReportOptions) -> PublishOptions {
    let ledger = options.ledger.clone().unwrap_or_else(|| options.out.join("ledger.jsonl"));
    PublishOptions { out: options.out.join("public"), ledger, revise: options.revise }
}

fn question(tabled: &Tabled) -> Question {
    Question {
        signal: tabled.signal.clone(),
        called: tabled.called.clone(),
        attributes: tabled.attributes.clone(),
        brief: tabled.brief.clone(),
        ordered: tabled.is_ordered,
        closed: tabled.is_closed,
    }
}

/// What is counted, and how long its id lasts.
fn words((unit, rotation): (Unit, Rotation)) -> (&'static str, &'static str) {
    match (unit, rotation) {
        (Unit::Installation, Rotation::Daily) => (
            "installations",
            "An installation has a random id, which changes every day. One that is used on two days counts as two.",
        ),
        (Unit::Installation, Rotation::Monthly) => (
            "installations",
            "An installation has a random id, which changes every 30 days. One whose id changes within a period counts as two.",
        ),
        (Unit::Installation, Rotation::Yearly) => (
            "installations",
            "An installation has a random id, which changes every 365 days. One whose id changes within a period counts as two.",
        ),
        (Unit::Installation, Rotation::Never) => {
            ("installations", "An installation has a random id, which does not change.")
        }
        (Unit::Session, _) => (
            "sessions",
            "A session is one run of the program, with a random id of its own. Nothing tells which runs are of one installation.",
        ),
        (Unit::None, _) => (
            "installations",
            "The records have no id that tells one installation from another, so no number can be shown.",
        ),
    }
}
