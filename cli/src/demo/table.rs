//! Prints a run for a person: a table with three columns, and the verdict.
//!
//! A line has at most 80 columns, or fewer in a narrower terminal. Longer text is cut, with an ellipsis; `--json` cuts
//! nothing. Control characters and direction marks are escaped.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use scruple::consent::Decision;
use scruple::registry::count;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::compare::{NotSentReason, Row, SignalComparison, kind};
use super::program::ProgramResult;
use super::stage::{Run, Stage};
use super::verdict::Verdict;
use crate::registry::escaped;
use crate::words;

/// The maximum width of a line, in columns of a terminal.
const WIDEST: usize = 80;

/// The maximum number of shown columns of the data set.
const MAX_COLUMNS: usize = 8;

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const LEFT: Style = AnsiColor::Green.on_default();
const STAYED: Style = AnsiColor::Yellow.on_default();
const NAME: Style = Style::new().bold();
const PLAIN: Style = Style::new();

/// Writes lines of a limited width.
pub struct TableWriter<W> {
    out: W,
    width: usize,
}

impl<W: Write> TableWriter<W> {
    /// A table as wide as the terminal, but at most 80 columns.
    pub fn new(out: W) -> Self {
        let terminal = terminal_size::terminal_size_of(io::stdout()).map_or(WIDEST, |(width, _)| usize::from(width.0));
        Self { out, width: terminal.clamp(40, WIDEST) }
    }

    /// Prints that telemetry is off, and why.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn off(&mut self, decision: Decision) -> io::Result<()> {
        self.text(&format!("Telemetry is off: {}.", decision.reason), BAD)?;
        self.text("Nothing was opened, recorded or sent.", PLAIN)?;
        let again = "To run it anyway, on this machine only: scruple demo --ignore-environment";
        self.text(again, PLAIN)?;
        self.out.flush()
    }

    /// Shows a run.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn run(&mut self, stage: &Stage<'_>, run: &Run, work: &ProgramResult, verdict: &Verdict) -> io::Result<()> {
        let left = if verdict.undelivered == 0 { "left" } else { "was to leave" };
        self.line([("recorded", NAME), (left, NAME), ("withheld, and why", NAME)])?;
        for block in &verdict.comparison.blocks {
            self.block(block)?;
        }
        writeln!(self.out)?;
        self.line([("resource, set by the pipeline", NAME), ("", PLAIN), ("", PLAIN)])?;
        for (key, value) in &verdict.comparison.resource {
            self.line([(&format!("  {key}"), PLAIN), (value, LEFT), ("", PLAIN)])?;
        }
        writeln!(self.out)?;
        self.sums(stage, run, work, verdict)?;
        self.verdict(stage, verdict)?;
        self.out.flush()
    }

    fn block(&mut self, block: &SignalComparison) -> io::Result<()> {
        let name = format!("{} {}", kind(block.signal), block.name);
        let left = if block.left { block.name.as_str() } else { "-" };
        let (why, style) = stayed(block.why);
        self.line([(&name, NAME), (left, if block.left { LEFT } else { PLAIN }), (&why, style)])?;
        for Row { name, recorded, left, why } in &block.rows {
            let recorded = match recorded {
                Some(value) => format!("  {name}={value}"),
                None => format!("  ({name})"),
            };
            // The reason for a whole record is shown once.
            let why = if block.why == Some(NotSentReason::UndeclaredSignal) { None } else { *why };
            let (why, stayed) = stayed(why);
            let style = if left.is_some() { LEFT } else { PLAIN };
            self.line([(&recorded, PLAIN), (left.as_deref().unwrap_or("-"), style), (&why, stayed)])?;
        }
        Ok(())
    }

    fn sums(&mut self, stage: &Stage<'_>, run: &Run, work: &ProgramResult, verdict: &Verdict) -> io::Result<()> {
        let where_to = stage.to.map_or_else(|| "this process".to_owned(), ToString::to_string);
        self.pair("decision", &format!("on: {}", run.decision.reason))?;
        let rows = count(work.rows, "row");
        let (outside, share) = (work.outliers.outside, work.outliers.per_cent());
        self.pair(
            "work",
            &format!("{rows} of {} classes; {outside} of them ({share} %) have an outlier", work.classes),
        )?;
        for column in work.profile.columns.iter().take(MAX_COLUMNS) {
            self.pair("", &column.to_string())?;
        }
        let more = work.profile.columns.len().saturating_sub(MAX_COLUMNS);
        if more > 0 {
            self.pair("", &format!("and {}", count(more, "more column")))?;
        }
        let sent = count(run.delivered.sent, "record");
        self.pair("sent", &format!("{sent} over {} to {where_to}", stage.protocol))?;
        for (why, number) in &run.delivered.lost {
            self.pair("lost", &format!("{}: {why}", count(*number, "record")))?;
        }
        if verdict.on_spans_alone > 0 {
            self.pair("", "these are events, which the receiver still has on their spans")?;
        }
        if run.delivered.waiting > 0 {
            self.pair("lost", &format!("{}: no answer in time", count(run.delivered.waiting, "record")))?;
        }
        let withheld: Vec<String> = run.withheld.iter().map(|(why, number)| format!("{number} {why}")).collect();
        self.pair("withheld", &withheld.join(", "))?;
        let (searched, found) = verdict.searched();
        let times = count(found, "time");
        self.pair("planted", &format!("{searched} texts searched for, raw, as hex and as base64: found {times}"))?;
        let unsearched = verdict.planted.iter().filter(|found| found.times.is_none());
        let mut kinds: Vec<(&str, usize)> = Vec::new();
        for found in unsearched {
            match kinds.iter_mut().find(|(what, _)| *what == found.what) {
                Some((_, number)) => *number += 1,
                None => kinds.push((&found.what, 1)),
            }
        }
        let name = |(what, number): &(&str, usize)| match number {
            1 => (*what).to_owned(),
            more => format!("{what} ({more})"),
        };
        if !kinds.is_empty() {
            let names: Vec<String> = kinds.iter().map(name).collect();
            self.pair("", &format!("too short to search for, or declared: {}", names.join(", ")))?;
        }
        self.pair("check", &count(verdict.findings.len(), "finding"))?;
        self.pair("missing", &count(verdict.comparison.missing.len(), "declared value"))
    }

    fn verdict(&mut self, stage: &Stage<'_>, verdict: &Verdict) -> io::Result<()> {
        writeln!(self.out)?;
        let objections = verdict.objections();
        if objections.is_empty() {
            return self.text("Clean: all declared data arrived, and nothing else left.", GOOD);
        }
        self.text("Not clean:", BAD)?;
        for objection in objections {
            self.text(&format!("  {objection}"), PLAIN)?;
        }
        match stage.to {
            Some(_) if verdict.events_rejected && !stage.span_events => {
                let hint = "The receiver accepted the spans and refused the events. For Jaeger, which accepts only \
                            spans, use --span-events: it also writes the events on their spans.";
                self.text(hint, PLAIN)?;
            }
            Some(to) if verdict.undelivered > 0 => {
                let hint = format!(
                    "Is an OTLP receiver listening at {to}, over {}? Start one with `scruple receive`. The usual port \
                     is 4317 for gRPC (--protocol grpc) and 4318 for HTTP (--protocol http).",
                    stage.protocol
                );
                self.text(&hint, PLAIN)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes a heading, and beside it a text that may take several lines.
    fn pair(&mut self, heading: &str, text: &str) -> io::Result<()> {
        const INDENT: usize = 10;
        for (nth, line) in wrap(&escaped(text), self.width - INDENT).iter().enumerate() {
            let heading = if nth == 0 { heading } else { "" };
            writeln!(self.out, "{NAME}{}{NAME:#}{line}", pad(heading, INDENT))?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str, style: Style) -> io::Result<()> {
        wrap(&escaped(text), self.width).iter().try_for_each(|line| writeln!(self.out, "{style}{line}{style:#}"))
    }

    /// Writes a line with three cells.
    fn line(&mut self, cells: [(&str, Style); 3]) -> io::Result<()> {
        // 32, 22 and 22 of 80, with two blanks between them.
        let side = (self.width - 4) * 22 / 76;
        let widths = [self.width - 4 - 2 * side, side, side];
        let cut: Vec<(String, Style)> =
            cells.iter().zip(widths).map(|((text, style), width)| (cut(&escaped(text), width), *style)).collect();
        let filled = cut.iter().rposition(|(text, _)| !text.is_empty()).map_or(0, |last| last + 1);
        for (nth, ((text, style), width)) in cut.iter().zip(widths).take(filled).enumerate() {
            let gap = if nth > 0 { "  " } else { "" };
            let fill = if nth + 1 < filled { width - text.width() } else { 0 };
            write!(self.out, "{gap}{style}{text}{style:#}{:fill$}", "")?;
        }
        writeln!(self.out)
    }
}

fn stayed(why: Option<NotSentReason>) -> (String, Style) {
    let style = if why == Some(NotSentReason::Missing) { BAD } else { STAYED };
    (why.map(|why| why.to_string()).unwrap_or_default(), style)
}

/// Cuts a text at `width` columns.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for char in text.chars() {
        used += char.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(char);
    }
    out.push('…');
    out
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{:fill$}", "", fill = width.saturating_sub(text.width()))
}

/// Breaks a text into lines of at most `width` columns, at blanks if possible; a longer word is cut into pieces.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let (indent, words) = text.split_at(text.len() - text.trim_start_matches(' ').len());
    let options = words::options(width).break_words(true).initial_indent(indent).subsequent_indent(indent);
    textwrap::wrap(words, options).into_iter().map(Into::into).collect()
}
