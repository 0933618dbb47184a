//! The table of a chart: the shown cells of the last period with bars, and what is hidden as its last row; of a signal's
//! total, the periods.

use maud::{Markup, PreEscaped, html};

use super::finding::{label, number, percent};
use crate::chart::{Chart, Moment};
use crate::suppress::PublishedCell;

/// A file of many lines can be compared line by line.
pub const BREAK: PreEscaped<&str> = PreEscaped("\n");

/// More rows are in the files only.
const MOST_ROWS: usize = 100;

pub fn write(chart: &Chart<'_>) -> Markup {
    if chart.is_total() { periods(chart) } else { values(chart) }
}

fn periods(chart: &Chart<'_>) -> Markup {
    let most = chart.moments.iter().filter_map(|moment| moment.total).map(|total| total.units).max().unwrap_or(0);
    html! {
        (scrolled(chart, "Totals", html! { table class="values" { (BREAK)
            caption { "All records of " bdi { (chart.question.called) } ", by period" } (BREAK)
            thead { tr { th scope="col" { (heading(&chart.moments)) } th class="number" scope="col" { "Records" } th class="number" scope="col" { (capital(chart.unit)) ", at least" } } } (BREAK)
            tbody { (BREAK)
                @for moment in &chart.moments {
                    tr {
                        th class="day" scope="row" { (moment.period.start.to_string()) @if let Some(total) = moment.total { (bar(total.units, most)) } }
                        @match moment.total {
                            Some(total) => {
                                td class="number" { (number(total.records)) }
                                td class="number" { (number(total.units)) }
                            }
                            None => td colspan="2" class="hidden" { "hidden: fewer than " (moment.threshold) " " (chart.unit) },
                        }
                    } (BREAK)
                }
            } (BREAK)
        } }))
    }
}

fn values(chart: &Chart<'_>) -> Markup {
    let moment = chart.last();
    let attributes = &chart.question.attributes;
    let Some(total) = moment.total else { return html! {} };
    let most = moment.cells.iter().map(|cell| cell.count.records).max().unwrap_or(0);
    html! {
        (scrolled(chart, "Values", html! { table class="values" { (BREAK)
            caption { (capital(&moment.period.to_string())) ": " (number(total.records)) " records of at least " (number(total.units)) " " (chart.unit)
                @if moment.overlaps { "; a record may be in several rows" } } (BREAK)
            thead { tr {
                th scope="col" { @if attributes.len() == 1 { "Value" } @else { "Values" } }
                th class="number" scope="col" { "Share" } th class="number" scope="col" { "Records" } th class="number" scope="col" { (capital(chart.unit)) ", at least" }
            } } (BREAK)
            tbody { (BREAK)
                @for cell in moment.cells.iter().take(MOST_ROWS) {
                    tr {
                        th scope="row" {
                            @for (index, label) in cell.labels.iter().enumerate() { @if index > 0 { ", " } (value(label)) }
                            (bar(cell.count.records, most))
                        }
                        td class="number" { (percent(cell.count.records, total.records)) }
                        td class="number" { (number(cell.count.records)) }
                        td class="number" { (number(cell.count.units)) }
                    } (BREAK)
                }
                (rest(chart, moment))
            } (BREAK)
        } }))
    }
}

/// The rows after the shown ones.
fn rest(chart: &Chart<'_>, moment: &Moment<'_>) -> Markup {
    let attributes = chart.question.attributes.len();
    let elsewhere = moment.elsewhere();
    let name = if attributes == 1 { "values" } else { "combinations" };
    let some = match moment.hidden {
        Some(1) => Some(format!("1 of the {name}")),
        Some(hidden) if hidden > 0 => Some(format!("{} {name}", number(hidden))),
        // How many there are tells of few.
        _ => elsewhere.is_none_or(|records| records > 0).then(|| format!("Other {name}")),
    };
    html! {
        @if moment.cells.len() > MOST_ROWS {
            tr { td colspan="4" class="hidden" { (number((moment.cells.len() - MOST_ROWS) as u64)) " more " (name) " are in the files below" } } (BREAK)
        }
        @if let Some(some) = some {
            tr { td colspan="4" class="hidden" {
                (some) " hidden: fewer than " (moment.threshold) " " (chart.unit) ", or would tell of fewer"
                @match elsewhere {
                    Some(0) => "; no record has them",
                    Some(records) => { "; together " (number(records)) " records" },
                    None => {},
                }
            } } (BREAK)
        }
    }
}

/// The head of a column with the first days of periods.
pub fn heading(moments: &[Moment<'_>]) -> &'static str {
    let all = |days: u32| moments.iter().all(|moment| moment.period.days == days);
    match (all(1), all(7)) {
        (true, _) => "Day",
        (_, true) => "Week from",
        _ => "Period from",
    }
}

/// A value, or that there is none.
fn value(label: &str) -> Markup {
    html! { @if label.is_empty() { i { "not recorded" } } @else { bdi { (label) } } }
}

/// A part of the longest bar; a reader of the screen has the number.
fn bar(part: u64, longest: u64) -> Markup {
    let width = percent(part, longest).replace(' ', "");
    html! { svg class="bar" aria-hidden="true" width="100%" height="10" { rect width=(width) height="10" {} } }
}

/// A wide table scrolls by itself, by the keyboard too.
pub fn scrolled(chart: &Chart<'_>, what: &str, table: Markup) -> Markup {
    html! { div class="table" role="region" tabindex="0" aria-label={ (what) " of " (chart.name) } { (table) } }
}

pub fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// The values of a series.
pub fn series(cell: &PublishedCell) -> String {
    label(cell).replace(['“', '”'], "")
}
