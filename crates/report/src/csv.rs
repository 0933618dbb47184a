//! A chart's data as CSV (RFC 4180): one row a shown cell and period, or one row a period for a signal's total.
//!
//! Each row says by itself what it counts: the unit, the threshold, the period, the registries and the licence. What is
//! hidden has no row. Units are rounded down to a multiple of the threshold. An empty value is that of records without the attribute.
//!
//! No cell is a formula to a spreadsheet (OWASP, CSV Injection): a cell that begins with `=`, `+`, `-`, `@`, one of their wide
//! forms, or a control character has a `'` before it. So has one that begins with `'`, so that a reader who removes one leading
//! `'` has the value. The JSON has the values as they are.

use csv::{Terminator, WriterBuilder};

use crate::chart::{Chart, Moment};
use crate::suppress::Count;

/// The file's content.
pub fn write(chart: &Chart<'_>, licence: &str) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let attributes = &chart.question.attributes;
    let named = |name: &str, index: usize| {
        if attributes.len() == 1 { name.to_owned() } else { format!("{name}_{}", index + 1) }
    };
    let columns = (0..attributes.len()).flat_map(|index| [named("attribute", index), named("value", index)]);
    let rest =
        ["records", "units_at_least", "unit", "threshold", "period_start", "period_days", "registries", "licence"];
    let head = ["signal".to_owned()].into_iter().chain(columns).chain(rest.map(str::to_owned));
    let mut rows = vec![head.collect::<Vec<_>>()];
    for moment in &chart.moments {
        let row = |labels: &[String], count: Count| {
            let values = attributes.iter().zip(labels).flat_map(|(key, label)| [key.clone(), label.clone()]);
            let counts = [count.records.to_string(), count.units.to_string()];
            let signal = [chart.question.called.clone()];
            signal.into_iter().chain(values).chain(counts).chain(terms(chart, moment, licence)).collect::<Vec<_>>()
        };
        if chart.is_total() {
            rows.extend(moment.total.map(|total| row(&[], total)));
        } else {
            rows.extend(moment.cells.iter().map(|cell| row(&cell.labels, cell.count)));
        }
    }
    for row in rows {
        // Memory can always be written to, and all rows have the same length.
        let _ = writer.write_record(row.into_iter().map(no_formula));
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// The text of a cell, which a spreadsheet does not run.
fn no_formula(text: String) -> String {
    let is_special = |first: char| {
        first.is_control()
            || matches!(first, '=' | '+' | '-' | '@' | '\'' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    };
    if text.starts_with(is_special) { format!("'{text}") } else { text }
}

fn terms(chart: &Chart<'_>, moment: &Moment<'_>, licence: &str) -> [String; 6] {
    [
        chart.unit.to_owned(),
        moment.threshold.to_string(),
        moment.period.start.to_string(),
        moment.period.days.to_string(),
        moment.registries.join(" "),
        licence.to_owned(),
    ]
}
