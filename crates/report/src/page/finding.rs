//! The sentence under a question: what the shown numbers of the last period say.
//!
//! Every figure is a function of shown cells and the total.

use scruple_registry::escaped;

use crate::chart::{Chart, Moment};
use crate::suppress::{Count, PublishedCell};

/// A signal's outcome; its values are `ok`, `error` and `unset`.
const OUTCOME: &str = "otel.status_code";

pub fn of(chart: &Chart<'_>) -> String {
    let (moment, unit) = (chart.last(), chart.unit);
    let Some(total) = moment.total else {
        return format!("Hidden for {}: fewer than {} {unit}.", moment.period, moment.threshold);
    };
    if chart.is_total() {
        return whole(chart, total);
    }
    // Records without the attribute come last.
    let recorded = |cell: &PublishedCell| cell.labels.iter().all(|label| !label.is_empty());
    let order = |cell: &PublishedCell| (recorded(cell), cell.count.records);
    let most = moment.cells.iter().max_by(|a, b| order(a).cmp(&order(b)).then_with(|| b.labels.cmp(&a.labels)));
    let Some(most) = most else {
        let why = format!("each value is of fewer than {} {unit}, or would tell of fewer", moment.threshold);
        return format!("Nothing can be shown for {}: {why}.", moment.period);
    };
    let said = if chart.question.attributes == [OUTCOME] {
        outcome(moment)
    } else if chart.question.ordered {
        quantiles(moment)
    } else {
        None
    };
    said.unwrap_or_else(|| {
        let most_of = format!("{} of {} records", number(most.count.records), number(total.records));
        let share = percent(most.count.records, total.records);
        format!(
            "In {}, {} is the most frequent value shown: {share}, {most_of}, of at least {} {unit}.",
            moment.period,
            label(most),
            number(most.count.units)
        )
    })
}

fn whole(chart: &Chart<'_>, total: Count) -> String {
    let unit = chart.unit;
    let now = format!(
        "In {}, {} records of at least {} {unit}",
        chart.last().period,
        number(total.records),
        number(total.units)
    );
    let before = chart.moments.iter().rev().nth(1).filter(|before| before.period.end() == chart.last().period.start);
    match before.and_then(|before| before.total) {
        Some(before) => format!("{now}; the period before, {} of {}.", number(before.records), number(before.units)),
        None => format!("{now}."),
    }
}

fn outcome(moment: &Moment<'_>) -> Option<String> {
    let of = |label: &str| moment.cell(&[label.to_owned()]).map(|cell| cell.count.records);
    let (failed, passed) = (of("error")?, of("ok")?);
    let known = failed + passed;
    let share = percent(failed, known);
    Some(format!(
        "In {}, {share} failed: {} of {} records with a known outcome.",
        moment.period,
        number(failed),
        number(known)
    ))
}

/// Where the half and nine of ten of the shown records are.
fn quantiles(moment: &Moment<'_>) -> Option<String> {
    let cells: Vec<_> = moment.cells.iter().filter(|cell| cell.labels.iter().all(|label| !label.is_empty())).collect();
    let all: u64 = cells.iter().map(|cell| cell.count.records).sum();
    let at = |tenths: u64| {
        let mut sum = 0;
        let reached = |cell: &&&&PublishedCell| {
            sum += cell.count.records;
            u128::from(sum) * 10 >= u128::from(all) * u128::from(tenths)
        };
        cells.iter().find(reached).map(|cell| label(cell))
    };
    let (half, most) = (at(5)?, at(9)?);
    Some(format!(
        "In {}, half of the {} shown records are in {half} or before it, and nine of ten in {most} or before it.",
        moment.period,
        number(all)
    ))
}

/// The values of a cell for a sentence, also one in a picture, where no element isolates a value: so what changes the
/// direction of a text is escaped.
pub fn label(cell: &PublishedCell) -> String {
    let word =
        |label: &String| if label.is_empty() { "not recorded".to_owned() } else { format!("“{}”", escaped(label)) };
    cell.labels.iter().map(word).collect::<Vec<_>>().join(" with ")
}

/// A share with one decimal.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0 %".to_owned();
    }
    let mille = (u128::from(part) * 2000 + u128::from(whole)) / (u128::from(whole) * 2);
    format!("{}.{} %", mille / 10, mille % 10)
}

/// A number with a comma before each three digits.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
