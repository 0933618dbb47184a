//! The lines of a chart over periods: of a signal's total its records and units, else the shares of its most frequent
//! values. A period in which a number is hidden interrupts its line. A table has the same numbers.

use maud::{Markup, html};

use super::finding::{self, number, percent};
use super::rows::{BREAK, capital, heading, scrolled, series};
use crate::chart::{Chart, Moment};
use crate::suppress::PublishedCell;

/// As many as there are colours and dashes in the style.
const MOST_SERIES: usize = 5;

/// The table has the last ones; all are in the files.
const MOST_ROWS: usize = 13;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 26.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 26.0;

/// A line: its name, and for each period the part of the scale, with the text of the number.
struct Curve {
    name: String,
    points: Vec<Option<(f64, String)>>,
}

pub fn write(chart: &Chart<'_>) -> Markup {
    if chart.moments.len() < 2 {
        return html! {};
    }
    let (lines, top) = if chart.is_total() { totals(chart) } else { shares(chart) };
    if lines.iter().all(|line| line.points.iter().all(Option::is_none)) {
        return html! {};
    }
    html! {
        figure { (BREAK)
            (picture(chart, &lines, &top)) (BREAK)
            @if !chart.is_total() { (table(chart, &lines)) (BREAK) }
        } (BREAK)
    }
}

/// The number of units; of records there is a table.
fn totals(chart: &Chart<'_>) -> (Vec<Curve>, String) {
    let most = chart.moments.iter().filter_map(|moment| moment.total).map(|total| total.units).max().unwrap_or(0);
    let scale = rounded(most);
    let point =
        |moment: &Moment<'_>| moment.total.map(|total| (total.units as f64 / scale as f64, number(total.units)));
    let points = chart.moments.iter().map(point).collect();
    (vec![Curve { name: chart.unit.to_owned(), points }], number(scale))
}

/// On a scale that ends with the next tenth.
fn shares(chart: &Chart<'_>) -> (Vec<Curve>, String) {
    let share = |moment: &Moment<'_>, cell: &PublishedCell| {
        let (records, whole) = (moment.cell(&cell.labels)?.count.records, moment.total?.records);
        Some((records as f64 / whole.max(1) as f64, percent(records, whole)))
    };
    let mut cells = chart.last().cells.clone();
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.count.records));
    cells.truncate(MOST_SERIES);
    let line = |cell: &&PublishedCell| Curve {
        name: series(cell),
        points: chart.moments.iter().map(|moment| share(moment, cell)).collect(),
    };
    let mut lines: Vec<_> = cells.iter().map(line).collect();
    let most = lines.iter().flat_map(|line| line.points.iter().flatten()).map(|(share, _)| *share).fold(0.0, f64::max);
    let tenths = (most * 10.0).ceil().clamp(1.0, 10.0);
    let points = lines.iter_mut().flat_map(|line| line.points.iter_mut().flatten());
    points.for_each(|(share, _)| *share *= 10.0 / tenths);
    (lines, format!("{} %", tenths * 10.0))
}

/// The next number of one digit and zeros.
fn rounded(most: u64) -> u64 {
    let unit = 10_u64.pow(most.max(1).ilog10());
    most.div_ceil(unit).saturating_mul(unit).max(1)
}

fn picture(chart: &Chart<'_>, lines: &[Curve], top: &str) -> Markup {
    let (title, text) = (format!("{}-title", chart.name), format!("{}-text", chart.name));
    let last = chart.moments.len() - 1;
    let x = |index: usize| LEFT + (WIDTH - LEFT - RIGHT) * index as f64 / last as f64;
    let y = |part: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - part);
    let what = if chart.is_total() {
        format!("{}, at least", capital(chart.unit))
    } else {
        "Shares of the records".to_owned()
    };
    let places = placed(lines, &y);
    html! {
        svg role="img" aria-labelledby={ (title) " " (text) } viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } class="lines" { (BREAK)
            title id=(title) { (what) " by period: " (chart.question.brief) } (BREAK)
            desc id=(text) { (finding::of(chart)) " The numbers are in the table." } (BREAK)
            g class="scale" {
                @for part in [0.0, 0.5, 1.0] { line x1=(LEFT) x2=(WIDTH - RIGHT) y1=(at(y(part))) y2=(at(y(part))) {} }
                text x=(LEFT - 6.0) y=(at(y(1.0) + 4.0)) text-anchor="end" { (top) }
                text x=(LEFT - 6.0) y=(at(y(0.0) + 4.0)) text-anchor="end" { "0" }
                text x=(LEFT) y=(HEIGHT - 6.0) { (chart.moments[0].period.start.to_string()) }
                text x=(WIDTH - RIGHT) y=(HEIGHT - 6.0) text-anchor="end" { (chart.moments[last].period.start.to_string()) }
            } (BREAK)
            @for (index, line) in lines.iter().enumerate() {
                g class={ "series s" (index + 1) } {
                    @for run in runs(line) { @if run.len() > 1 { polyline points=(path(&run, &x, &y)) {} } }
                    @for (index, part) in runs(line).into_iter().flatten() { circle cx=(at(x(index))) cy=(at(y(part))) r="2.5" {} }
                    @if let Some(place) = places[index].filter(|_| lines.len() > 1) {
                        text x=(WIDTH - RIGHT + 8.0) y=(at(place + 4.0)) { (letter(index)) }
                    }
                } (BREAK)
            }
        }
    }
}

/// The heights of the letters at the lines' ends, apart from each other.
fn placed(lines: &[Curve], y: &impl Fn(f64) -> f64) -> Vec<Option<f64>> {
    let mut order: Vec<(usize, f64)> = lines
        .iter()
        .enumerate()
        .filter_map(|(index, line)| line.points.last()?.as_ref().map(|(part, _)| (index, y(*part))))
        .collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut places = vec![None; lines.len()];
    let mut next = f64::MIN;
    // The last ones must fit as well.
    for (count, (index, height)) in order.iter().enumerate() {
        let lowest = HEIGHT - BOTTOM - 13.0 * (order.len() - 1 - count) as f64;
        let place = height.max(next).min(lowest);
        places[*index] = Some(place);
        next = place + 13.0;
    }
    places
}

/// The points of a line between interruptions.
fn runs(line: &Curve) -> Vec<Vec<(usize, f64)>> {
    let mut runs = vec![Vec::new()];
    for (index, point) in line.points.iter().enumerate() {
        match (point, runs.last_mut()) {
            (Some((part, _)), Some(run)) => run.push((index, *part)),
            _ => runs.push(Vec::new()),
        }
    }
    runs
}

fn path(run: &[(usize, f64)], x: &impl Fn(usize) -> f64, y: &impl Fn(f64) -> f64) -> String {
    run.iter().map(|(index, part)| format!("{},{}", at(x(*index)), at(y(*part)))).collect::<Vec<_>>().join(" ")
}

/// A place with one decimal.
fn at(place: f64) -> String {
    format!("{place:.1}")
}

fn letter(index: usize) -> char {
    ["A", "B", "C", "D", "E"].get(index).and_then(|letter| letter.chars().next()).unwrap_or('?')
}

fn table(chart: &Chart<'_>, lines: &[Curve]) -> Markup {
    scrolled(
        chart,
        "Periods",
        html! { table { (BREAK)
            caption { "Share of the records, by period"
            @if chart.moments.len() > MOST_ROWS { ": the last " (MOST_ROWS) "; all are in the files below" } } (BREAK)
            thead { tr {
                th scope="col" { (heading(&chart.moments)) }
                @for (index, line) in lines.iter().enumerate() {
                    th class="number" scope="col" { b class={ "key s" (index + 1) } { (letter(index)) } " " bdi { (line.name) } }
                }
            } } (BREAK)
            tbody { (BREAK)
                @for (index, moment) in chart.moments.iter().enumerate().skip(chart.moments.len().saturating_sub(MOST_ROWS)) {
                    tr {
                        th class="day" scope="row" { (moment.period.start.to_string()) }
                        @for line in lines {
                            @match &line.points[index] {
                                Some((_, text)) => td class="number" { (text) },
                                None => td class="number hidden" { "hidden" },
                            }
                        }
                    } (BREAK)
                }
            } (BREAK)
        } },
    )
}
