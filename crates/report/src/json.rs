//! A chart's data as JSON, and that of all charts of a report.
//!
//! Keys: `name` (of the chart, and of its files without the ending), `signal` (its name, with its kind behind it if a span and
//! an event have this name), `attributes`, `question`, `overlaps` (a record may be in several values), `unit`, `licence`, and
//! `periods`, each with `start`, `days`, `threshold`, `registries`, `total` (`null` if hidden), `values` (the shown cells; an
//! empty label is that of records without the attribute) and `hidden` (how many `values` are hidden, and their `records`
//! together; `null` where that is not told). `units_at_least` is rounded down to a multiple of the threshold. The file of all
//! charts has `retention_days`, if the registry's retention is a duration.

use serde::Serialize;

use crate::chart::{Chart, Moment};
use crate::suppress::{Count, PublishedCell};
use crate::table::Report;

#[derive(Serialize)]
struct All<'a> {
    title: &'a str,
    unit: &'a str,
    rotation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_days: Option<u32>,
    threshold: u64,
    licence: &'a str,
    registries: &'a [String],
    charts: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    name: &'a str,
    signal: &'a str,
    attributes: &'a [String],
    question: &'a str,
    overlaps: bool,
    unit: &'a str,
    licence: &'a str,
    periods: Vec<Answer<'a>>,
}

#[derive(Serialize)]
struct Answer<'a> {
    start: String,
    days: u32,
    threshold: u64,
    registries: &'a [String],
    total: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<Value<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<Hidden>,
}

#[derive(Serialize)]
struct Value<'a> {
    labels: &'a [String],
    #[serde(flatten)]
    count: Number,
}

#[derive(Serialize)]
struct Number {
    records: u64,
    units_at_least: u64,
}

#[derive(Serialize)]
struct Hidden {
    values: Option<u64>,
    records: Option<u64>,
}

/// The file of one chart.
pub fn write(chart: &Chart<'_>, licence: &str) -> String {
    text(&one(chart, licence))
}

/// The file of all charts.
pub fn write_all(report: &Report, charts: &[Chart<'_>]) -> String {
    text(&All {
        title: &report.title,
        unit: &report.unit,
        rotation: report.rotation.as_deref(),
        retention_days: report.retention,
        threshold: report.threshold,
        licence: &report.licence,
        registries: &report.registries,
        charts: charts.iter().map(|chart| one(chart, &report.licence)).collect(),
    })
}

fn text(value: &impl Serialize) -> String {
    // Its keys are texts, so it can be written.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn one<'a>(chart: &'a Chart<'_>, licence: &'a str) -> One<'a> {
    One {
        name: &chart.name,
        signal: &chart.question.called,
        attributes: &chart.question.attributes,
        question: &chart.question.brief,
        overlaps: chart.moments.iter().any(|moment| moment.overlaps),
        unit: chart.unit,
        licence,
        periods: chart.moments.iter().map(|moment| answer(chart, moment)).collect(),
    }
}

fn answer<'a>(chart: &Chart<'_>, moment: &'a Moment<'_>) -> Answer<'a> {
    let has_values = !chart.is_total();
    let value = |cell: &&'a PublishedCell| Value { labels: &cell.labels, count: number(cell.count) };
    Answer {
        start: moment.period.start.to_string(),
        days: moment.period.days,
        threshold: moment.threshold,
        registries: moment.registries,
        total: moment.total.map(number),
        values: has_values.then(|| moment.cells.iter().map(value).collect()),
        hidden: has_values.then(|| Hidden { values: moment.hidden, records: moment.elsewhere() }),
    }
}

fn number(count: Count) -> Number {
    Number { records: count.records, units_at_least: count.units }
}
