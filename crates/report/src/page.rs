//! The page: one HTML file without scripts that loads nothing, by a policy of its own (Content Security Policy Level 3)
//! that allows its style by hash and nothing else.
//!
//! All texts are escaped by the macro, whatever they are; only the style and the line breaks are not. Labels are in `bdi`
//! elements, so that a text that changes its direction changes no other; in sentences such characters are escaped.

mod finding;
mod lines;
mod rows;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use scruple_registry::count;
use sha2::{Digest, Sha256};

use self::finding::number;
use self::rows::BREAK;
use crate::chart::Chart;
use crate::table::Report;
use crate::{csv, json};

const STYLE: &str = include_str!("page/style.css");

/// The page about charts.
pub fn write(report: &Report, charts: &[Chart<'_>]) -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    let page = html! {
        (DOCTYPE) (BREAK)
        html lang="en" { (BREAK)
            head { (BREAK)
                meta charset="utf-8"; (BREAK)
                meta name="viewport" content="width=device-width, initial-scale=1"; (BREAK)
                meta http-equiv="Content-Security-Policy" content=(policy); (BREAK)
                meta name="referrer" content="no-referrer"; (BREAK)
                title { (report.title) } (BREAK)
                style { (PreEscaped(STYLE)) } (BREAK)
            } (BREAK)
            body { (BREAK)
                header { (BREAK)
                    h1 { (report.title) } (BREAK)
                    (terms(report, charts)) (BREAK)
                } (BREAK)
                (contents(charts))
                main { (BREAK)
                    @if charts.is_empty() { p { "Nothing can be shown: in each period, each signal has fewer than " (number(report.threshold)) " " (report.unit) ", or none." } (BREAK) }
                    @for chart in charts { (section(report, chart)) (BREAK) }
                } (BREAK)
                footer { (BREAK)
                    p { "All charts in one file: " a href="report.json" { "report.json" } "." } (BREAK)
                } (BREAK)
            } (BREAK)
        } (BREAK)
    };
    page.into_string()
}

/// What all numbers have in common.
fn terms(report: &Report, charts: &[Chart<'_>]) -> Markup {
    let (unit, threshold) = (&report.unit, report.threshold);
    let periods = charts.iter().flat_map(|chart| chart.moments.iter().map(|moment| moment.period));
    let span = periods.clone().min().zip(periods.max());
    html! {
        dl { (BREAK)
            dt { "Counted" }
            dd {
                "Records that programs sent, and the " (unit) " that they come from: each of these is counted once in a number. A "
                "program may send a record twice. A span has an id, and is counted once. An event has no id: one that was sent "
                "twice may be counted twice."
            } (BREAK)
            @if let Some(rotation) = &report.rotation {
                dt { "Ids" } dd { (rotation) } (BREAK)
            }
            @if let Some((first, last)) = span {
                dt { "Periods" }
                dd { @if first == last { (first.to_string()) } @else { "from " (first.to_string()) " to " (last.to_string()) } ", in UTC" } (BREAK)
            }
            @if let Some(days) = report.retention {
                dt { "Retention" }
                dd {
                    "Records are kept for " (count(days, "day")) ". Older ones are not counted. A period that began before is "
                    "published only if it was published in time."
                } (BREAK)
            }
            dt { "Threshold" }
            dd {
                (number(threshold)) " " (unit) ". A number of fewer is hidden. So are more numbers, so that nothing about fewer "
                "can be had from the others by addition and subtraction. A hidden value may be one that nobody has. "
                "Numbers of " (unit) " are rounded down to a multiple of " (number(threshold)) "; records are not."
            } (BREAK)
            dt { "Registry" }
            dd { @for (index, url) in report.registries.iter().enumerate() { @if index > 0 { ", " } code { (url) } } } (BREAK)
            dt { "Licence" } dd { (report.licence) } (BREAK)
        }
    }
}

/// Links to the charts, by signal.
fn contents(charts: &[Chart<'_>]) -> Markup {
    html! {
        @if charts.len() > 2 {
            nav aria-label="Charts" { ul { (BREAK)
                @for chart in charts {
                    li class=[(!chart.is_total()).then_some("part")] { a href={ "#" (chart.name) } { (keys(chart)) } } (BREAK)
                }
            } } (BREAK)
        }
    }
}

/// The signal, or the attributes, by their keys.
fn keys(chart: &Chart<'_>) -> Markup {
    let question = chart.question;
    html! {
        @if chart.is_total() { bdi { (question.called) } }
        @for (index, key) in question.attributes.iter().enumerate() { @if index > 0 { " and " } bdi { (key) } }
    }
}

fn section(report: &Report, chart: &Chart<'_>) -> Markup {
    let name = &chart.name;
    let brief = html! { a href={ "#" (name) } { (chart.question.brief) } };
    let files = [
        ("CSV", "csv", "text/csv;charset=utf-8", csv::write(chart, &report.licence)),
        ("JSON", "json", "application/json", json::write(chart, &report.licence)),
    ];
    let file = |ending: &str| format!("{name}.{ending}");
    html! {
        section aria-labelledby={ (name) " " (name) "-keys" } { (BREAK)
            @if chart.is_total() { h2 id=(name) { (brief) } } @else { h3 id=(name) { (brief) } } (BREAK)
            p class="keys" id={ (name) "-keys" } { (keys(chart)) @if !chart.is_total() { " of " bdi { (chart.question.called) } } } (BREAK)
            p class="finding" { (finding::of(chart)) } (BREAK)
            @if chart.is_total() { (lines::write(chart)) }
            (rows::write(chart)) (BREAK)
            @if !chart.is_total() { (lines::write(chart)) }
            p class="data" {
                "Data in this page: "
                @for (index, (kind, ending, mime, content)) in files.iter().enumerate() {
                    @if index > 0 { ", " }
                    a href={ "data:" (mime) ";base64," (STANDARD.encode(content)) } download=(file(ending))
                        aria-label={ (kind) ", " (name) } { (kind) }
                }
                "; beside it: "
                @for (index, (kind, ending, ..)) in files.iter().enumerate() {
                    @if index > 0 { ", " }
                    a href=(file(ending)) aria-label={ (kind) " file, " (file(ending)) } { (kind) " file" }
                }
            } (BREAK)
        }
    }
}
