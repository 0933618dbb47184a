//! The ledger: a file of all numbers that were published, so that two releases don't tell what one of them hides.
//!
//! It holds published numbers and no hidden one, so it can be published too. Keep it: without it, nothing is known of
//! earlier releases. `ledger::line` describes its lines. It is replaced as a whole; the file beside it that ends in
//! `.lock` is locked from reading to writing.
//!
//! # Releases
//!
//! - A period that overlaps another published one of the same signal is refused: a week minus its days, or two months
//!   minus the weeks in them, would tell of few.
//! - The same numbers of a period may be released again.
//! - Other numbers of a published period are not released: the published ones stay, and other periods are released. Only
//!   a revision (`--revise`) replaces them, for numbers that were wrong. A revision can't undo what a reader knows, so it may not tell more:
//!   - what any earlier release of the period hides is hidden, tables that it does not have among it;
//!   - each shown number is the same as in each earlier release, or its records grew, or fell, by at least k and its units
//!     by at least 2 k: then at least k units are in the difference, because units are rounded down to a multiple of k. This
//!     is so for the total, or the revision is refused, and for each cell of a table, or nothing of the table is shown;
//!   - the records that are in no shown cell of a table, of any of its rows and of any of its columns are as many as
//!     before, and for a list of values those that are not in the cell; else nothing of the table is shown.
//! - A revision counts the same units as the earlier releases.

mod line;
mod release;
mod revision;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use self::release::Release;
use crate::suppress::{Published, Rules, Unfit, suppress};
use crate::table::{Cell, Period, SignalName, Table};

/// The ledger, which no other process can open until it is dropped.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    releases: Vec<Release>,
    _lock: File,
}

/// What a release is to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was published of the signal and the period.
    New,
    /// The same numbers were published.
    Same,
    /// Other numbers were published, and are replaced.
    Revised,
    /// Other numbers were published, and stay: in so many tables, the total among them.
    Kept(usize),
}

/// Why nothing is released.
#[derive(Debug)]
pub enum LedgerError {
    /// The ledger, or its lock, can't be read or written.
    File(PathBuf, io::Error),
    /// Another process has it open.
    Locked(PathBuf),
    /// A line is not as it was written.
    Malformed {
        /// The ledger.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        why: String,
    },
    /// The tables are wrong.
    Unfit(Unfit),
    /// What was published before forbids it; a sentence for each reason.
    Refused(Vec<String>),
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Locked(path) => write!(f, "{}: another report is being published with this ledger", path.display()),
            Self::Malformed { path, line, column, why } => {
                let help = "restore the ledger from a copy: without it, numbers of few could be published";
                write!(f, "{}:{line}:{column}: {why}; {help}", path.display())
            }
            Self::Unfit(unfit) => unfit.fmt(f),
            Self::Refused(reasons) => f.write_str(&reasons.join("\n")),
        }
    }
}

impl std::error::Error for LedgerError {}

impl From<Unfit> for LedgerError {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

/// How a report counts.
#[derive(Debug, Clone, Copy)]
pub struct Counting<'a> {
    /// What is counted, in the plural: installations or sessions.
    pub unit: &'a str,
    /// The schema URLs of the registries by which records are counted.
    pub registries: &'a [String],
    /// The threshold.
    pub rules: Rules,
    /// Whether other numbers of a published period may be released.
    pub revise: bool,
}

impl Ledger {
    /// Opens and locks a ledger. One that does not exist is empty, and made by [`save`](Self::save).
    ///
    /// # Errors
    /// It can't be read, is malformed, or another process has it open.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let lock = path.with_file_name(name);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&lock);
        let file = open.map_err(|error| LedgerError::File(lock.clone(), error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LedgerError::Locked(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(LedgerError::File(lock, error)),
        }
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => line::write(&[]),
            Err(error) => return Err(LedgerError::File(path.to_owned(), error)),
        };
        let releases = line::read(&text).map_err(|wrong| LedgerError::Malformed {
            path: path.to_owned(),
            line: wrong.line,
            column: wrong.column,
            why: wrong.why,
        })?;
        Ok(Self { path: path.to_owned(), releases, _lock: file })
    }

    /// Decides what of the tables is published, and adds it to the ledger. Of a period whose published numbers stay, these
    /// are returned.
    ///
    /// # Errors
    /// The tables are wrong, or what was published before forbids it. Then nothing is added.
    pub fn release(&mut self, tables: &[Table], terms: Counting<'_>) -> Result<Vec<(Published, Verdict)>, LedgerError> {
        let mut refused = self.overlaps(tables);
        let mut withdrawn: BTreeSet<(SignalName, Period, Vec<String>)> = BTreeSet::new();
        let shown = self.shown();
        let published = loop {
            let may_show = |table: &Table, cell: &Cell| {
                let key = (table.signal.clone(), table.period, table.attributes.clone());
                let hidden = shown.get(&(&table.signal, table.period)).is_some_and(|releases| {
                    releases.iter().any(|cells| !cells.contains(&(&*table.attributes, &*cell.labels)))
                });
                !hidden && !withdrawn.contains(&key)
            };
            let published = suppress(tables, terms.rules, may_show)?;
            let before = withdrawn.len();
            for new in &published {
                for old in self.earlier(new) {
                    let few = revision::tables_of_few(&old.published, new, old.threshold.max(terms.rules.threshold));
                    withdrawn.extend(few.into_iter().map(|keys| (new.signal.clone(), new.period, keys)));
                }
            }
            if withdrawn.len() == before {
                break published;
            }
        };
        let mut judged = Vec::new();
        for new in published {
            match self.judge(&new, terms) {
                // What was published stays.
                Ok((verdict, Some(kept))) => judged.push((kept.clone(), verdict)),
                Ok((verdict, None)) => judged.push((new, verdict)),
                Err(reason) => refused.push(reason),
            }
        }
        if !refused.is_empty() {
            return Err(LedgerError::Refused(refused));
        }
        for (new, _) in judged.iter().filter(|(_, verdict)| matches!(verdict, Verdict::New | Verdict::Revised)) {
            self.releases.push(Release {
                unit: terms.unit.to_owned(),
                threshold: terms.rules.threshold,
                registries: terms.registries.to_owned(),
                published: new.clone(),
            });
        }
        Ok(judged)
    }

    /// Replaces the file in one step.
    ///
    /// # Errors
    /// It can't be written.
    pub fn save(&self) -> Result<(), LedgerError> {
        put(&self.path, line::write(&self.releases).as_bytes())
            .map_err(|error| LedgerError::File(self.path.clone(), error))
    }

    /// The last release of each signal and period, sorted by both.
    pub fn latest(&self) -> Vec<&Release> {
        let key = |release: &Release| (release.published.signal.clone(), release.published.period);
        let latest: BTreeMap<_, _> = self.releases.iter().map(|release| (key(release), release)).collect();
        latest.into_values().collect()
    }

    fn earlier(&self, new: &Published) -> impl DoubleEndedIterator<Item = &Release> {
        let (signal, period) = (new.signal.clone(), new.period);
        self.releases.iter().filter(move |old| old.published.signal == signal && old.published.period == period)
    }

    /// The shown cells of each release, by signal and period; the total has no attributes and no labels.
    fn shown(&self) -> BTreeMap<(&SignalName, Period), Vec<BTreeSet<Place<'_>>>> {
        let mut shown: BTreeMap<(&SignalName, Period), Vec<_>> = BTreeMap::new();
        for Release { published, .. } in &self.releases {
            let tables = published.tables.iter();
            let cells = tables.flat_map(|table| table.cells.iter().map(|cell| (&*table.attributes, &*cell.labels)));
            let total = published.total.iter().map(|_| <Place<'_>>::default());
            shown.entry((&published.signal, published.period)).or_default().push(cells.chain(total).collect());
        }
        shown
    }

    /// What a release is to the ledger, with the published numbers if they stay.
    fn judge(&self, new: &Published, terms: Counting<'_>) -> Result<(Verdict, Option<&Published>), String> {
        let name = format!("{} in {}", new.signal, new.period);
        let Some(last) = self.earlier(new).next_back() else { return Ok((Verdict::New, None)) };
        if last.unit != terms.unit {
            return Err(format!("{name} was published by {}, and would now be by {}", last.unit, terms.unit));
        }
        let Some(difference) = revision::difference(&last.published, new) else {
            return Ok((Verdict::Same, None));
        };
        if !terms.revise {
            let tables = revision::different_tables(&last.published, new);
            return Ok((Verdict::Kept(tables), Some(&last.published)));
        }
        for old in self.earlier(new) {
            let threshold = old.threshold.max(terms.rules.threshold);
            if revision::total_of_few(&old.published, new, threshold) {
                let (unit, help) = (terms.unit, "leave the period out: the published numbers stay");
                return Err(format!(
                    "{name} can't be revised: {difference}, which may be of fewer than {threshold} {unit}; {help}"
                ));
            }
        }
        Ok((Verdict::Revised, None))
    }

    /// A reason for each period that overlaps another of its signal.
    fn overlaps(&self, tables: &[Table]) -> Vec<String> {
        let new: BTreeSet<(&SignalName, Period)> = tables.iter().map(|table| (&table.signal, table.period)).collect();
        let old = self.releases.iter().map(|old| (&old.published.signal, old.published.period));
        let all: BTreeSet<(&SignalName, Period)> = old.chain(new.iter().copied()).collect();
        let mut reasons = Vec::new();
        for (signal, period) in new {
            let overlap = all.iter().find(|(other, of)| *other == signal && *of != period && of.overlaps(&period));
            if let Some((_, other)) = overlap {
                let why = "their difference could be of few; keep to one kind of period";
                reasons.push(format!("{signal} in {period} overlaps {other}, which has numbers of its own: {why}"));
            }
        }
        reasons
    }
}

/// The attributes of a table and the labels of a cell; both are empty for a total.
type Place<'a> = (&'a [String], &'a [String]);

/// Writes a file in one step: it is there as a whole, or as it was before.
pub(crate) fn put(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-");
    // The umask decides who may read it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
