//! The ledger's text: JSON Lines, the first line the format's name, each further line one release of a signal and a period.
//!
//! ```text
//! {"ledger":"scruple-report 1"}
//! {"signal":"run","kind":"span","start":"2026-11-02","days":7,"unit":"installations","threshold":20,"registries":["https://…/1"],
//!  "total":[123,40],"tables":[{"attributes":["os"],"overlaps":false,"cells":[{"labels":["linux"],"count":[81,20]}]}]}
//! ```
//!
//! A release is one line. A count is its records and its rounded units; the total is `null` if it is hidden. Hidden cells are not
//! there, nor how many they are. A line must be exactly as it is written here, so that a slip of an editor is found.

use chrono::NaiveDate;
use scruple_registry::SignalKind;
use serde::{Deserialize, Serialize};

use super::release::Release;
use crate::suppress::{Count, Published, PublishedCell, PublishedTable};
use crate::table::{Period, SignalName};

const FORMAT: &str = r#"{"ledger":"scruple-report 1"}"#;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LedgerLine {
    signal: String,
    kind: String,
    start: String,
    days: u32,
    unit: String,
    threshold: u64,
    registries: Vec<String>,
    total: Option<(u64, u64)>,
    tables: Vec<LineTable>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineTable {
    attributes: Vec<String>,
    overlaps: bool,
    cells: Vec<LineCell>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineCell {
    labels: Vec<String>,
    count: (u64, u64),
}

/// Where a ledger is not as it should be.
pub struct Wrong {
    pub line: usize,
    pub column: usize,
    pub why: String,
}

pub fn read(text: &str) -> Result<Vec<Release>, Wrong> {
    let wrong = |line, column, why: &str| Wrong { line, column, why: why.to_owned() };
    let mut lines = text.split_inclusive('\n').enumerate();
    match lines.next() {
        Some((_, line)) if line.trim_end_matches('\n') == FORMAT => {}
        Some((_, line)) if line.starts_with(r#"{"ledger":"#) => {
            return Err(wrong(1, 1, &format!("a ledger of another version; this command reads {FORMAT}")));
        }
        _ => return Err(wrong(1, 1, &format!("no ledger: it begins with {FORMAT}"))),
    }
    let mut releases = Vec::new();
    for (index, text) in lines {
        let number = index + 1;
        let Some(text) = text.strip_suffix('\n') else {
            return Err(wrong(number, text.len() + 1, "the line is cut off"));
        };
        let parsed: LedgerLine = serde_json::from_str(text).map_err(|error| Wrong {
            line: number,
            column: error.column().max(1),
            why: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        })?;
        let release = release(parsed).map_err(|why| wrong(number, 1, why))?;
        let again = written(&release);
        if again != text {
            let same = again.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
            return Err(wrong(number, same + 1, "the line is not as it was written"));
        }
        releases.push(release);
    }
    Ok(releases)
}

pub fn write(releases: &[Release]) -> String {
    let lines = releases.iter().map(|release| written(release) + "\n");
    [format!("{FORMAT}\n")].into_iter().chain(lines).collect()
}

fn release(line: LedgerLine) -> Result<Release, &'static str> {
    let start: NaiveDate = line.start.parse().map_err(|_| "`start` is no date, as 2026-11-02")?;
    if line.days == 0 {
        return Err("`days` is 0");
    }
    if line.total.is_none() && line.tables.iter().any(|table| !table.cells.is_empty()) {
        return Err("a cell is shown, although the total is hidden");
    }
    let count = |(records, units)| Count { records, units };
    let mut tables = Vec::new();
    for table in line.tables {
        if table.cells.iter().any(|cell| cell.labels.len() != table.attributes.len()) {
            return Err("a cell has not one label an attribute");
        }
        let cells = table.cells.into_iter();
        let cells = cells.map(|cell| PublishedCell { labels: cell.labels, count: count(cell.count) }).collect();
        tables.push(PublishedTable { attributes: table.attributes, overlaps: table.overlaps, cells, hidden: None });
    }
    let kinds = [SignalKind::Span, SignalKind::Event];
    let signal = kinds
        .map(|kind| SignalName { name: line.signal.clone(), kind })
        .into_iter()
        .find(|signal| signal.word() == line.kind)
        .ok_or("`kind` is neither `span` nor `event`")?;
    let period = Period { start, days: line.days };
    let published = Published { signal, period, total: line.total.map(count), tables };
    Ok(Release { unit: line.unit, threshold: line.threshold, registries: line.registries, published })
}

fn written(release: &Release) -> String {
    let Release { unit, threshold, registries, published } = release;
    let count = |count: Count| (count.records, count.units);
    let table = |table: &PublishedTable| LineTable {
        attributes: table.attributes.clone(),
        overlaps: table.overlaps,
        cells: table
            .cells
            .iter()
            .map(|cell| LineCell { labels: cell.labels.clone(), count: count(cell.count) })
            .collect(),
    };
    let line = LedgerLine {
        signal: published.signal.name.clone(),
        kind: published.signal.word().to_owned(),
        start: published.period.start.to_string(),
        days: published.period.days,
        unit: unit.clone(),
        threshold: *threshold,
        registries: registries.clone(),
        total: published.total.map(count),
        tables: published.tables.iter().map(table).collect(),
    };
    // Its keys are texts, so it can be written.
    serde_json::to_string(&line).unwrap_or_default()
}
