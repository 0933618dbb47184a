//! Publishes a report: decides what is shown, and writes the ledger, the page, and the data of each chart.
//!
//! The ledger is written first. If what follows fails, the same report can be published again. The files of charts that an
//! earlier run has listed in `report.json`, and that are gone, are removed.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::chart::{Chart, is_chart_name};
use crate::ledger::{Counting, Ledger, LedgerError, Release, Verdict, put};
use crate::suppress::Rules;
use crate::table::{Period, Report, SignalName};
use crate::{csv, json, page};

/// The file of all charts.
const LIST: &str = "report.json";

/// Where a report is published.
#[derive(Debug, Clone)]
pub struct PublishOptions {
    /// The folder of the page and the data; it is made if it is not there.
    pub out: PathBuf,
    /// The ledger's file.
    pub ledger: PathBuf,
    /// Whether other numbers of a published period may be published.
    pub revise: bool,
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What each signal and period of the report was to the ledger.
    pub verdicts: Vec<(SignalName, Period, Verdict)>,
    /// The written files, the page first.
    pub files: Vec<PathBuf>,
    /// The number of shown cells, totals among them.
    pub shown: usize,
}

/// Why nothing was published, or not all.
#[derive(Debug)]
pub enum PublishError {
    /// The ledger, or what it says.
    Ledger(LedgerError),
    /// A file or folder can't be written.
    File(PathBuf, io::Error),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger(error) => error.fmt(f),
            Self::File(path, error) => write!(f, "{} can't be written: {error}", path.display()),
        }
    }
}

impl std::error::Error for PublishError {}

impl From<LedgerError> for PublishError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// Publishes a report.
///
/// # Errors
/// The ledger refuses it, or something can't be read or written.
pub fn write(report: &Report, options: &PublishOptions) -> Result<Outcome, PublishError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| PublishError::File(path, error)
    };
    fs::create_dir_all(&options.out).map_err(at(&options.out))?;
    let mut ledger = Ledger::open(&options.ledger)?;
    let terms = Counting {
        unit: &report.unit,
        registries: &report.registries,
        rules: Rules { threshold: report.threshold, complementary: true },
        revise: options.revise,
    };
    let judged = ledger.release(&report.tables, terms)?;
    ledger.save()?;
    let mut shown = 0;
    let mut verdicts = Vec::new();
    let mut releases: Vec<Release> = ledger.latest().into_iter().cloned().collect();
    for (published, verdict) in judged {
        let cells: usize = published.tables.iter().map(|table| table.cells.len()).sum();
        shown += cells + usize::from(published.total.is_some());
        verdicts.push((published.signal.clone(), published.period, verdict));
        let of = |release: &&mut Release| {
            release.published.signal == published.signal && release.published.period == published.period
        };
        // What the ledger does not have: the number of hidden cells.
        if let Some(release) = releases.iter_mut().find(of) {
            release.published = published;
        }
    }
    let charts = Chart::all(&report.questions, &releases, &report.unit);
    let mut files = vec![("index.html".to_owned(), page::write(report, &charts))];
    for chart in &charts {
        files.push((format!("{}.csv", chart.name), csv::write(chart, &report.licence)));
        files.push((format!("{}.json", chart.name), json::write(chart, &report.licence)));
    }
    for name in listed(&options.out).iter().filter(|name| charts.iter().all(|chart| chart.name != **name)) {
        for ending in ["csv", "json"] {
            let path = options.out.join(format!("{name}.{ending}"));
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(PublishError::File(path, error)),
                _ => {}
            }
        }
    }
    // The last one: it lists the files for the next run.
    files.push((LIST.to_owned(), json::write_all(report, &charts)));
    let mut written = Vec::new();
    for (name, content) in files {
        let path = options.out.join(name);
        put(&path, content.as_bytes()).map_err(at(&path))?;
        written.push(path);
    }
    Ok(Outcome { verdicts, files: written, shown })
}

/// The charts that an earlier run has written files of; none if there is no list, or none that can be read. Anyone may have
/// edited it, so only what can be a chart's name counts.
fn listed(out: &Path) -> BTreeSet<String> {
    let list = fs::read(out.join(LIST)).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let charts = list.as_ref().and_then(|list| list.get("charts")?.as_array()).into_iter().flatten();
    let names = charts.filter_map(|chart| chart.get("name")?.as_str()).filter(|name| is_chart_name(name));
    names.map(str::to_owned).collect()
}
