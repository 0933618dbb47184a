//! From the registries and the files to tables: reads, sorts, counts, and writes the operator's files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failed::{ReportError, Result};
use indicatif::{ProgressBar, ProgressStyle};
use scruple_cli::check::{read_all, show};
use scruple_cli::named;
use scruple_cli::registry::{Owned, Place, Position, Rule};
use scruple_registry::Rotation;

use crate::aggregate::{SignalCounts, signal_name};
use crate::codes::Codes;
use crate::dimension::Dimension;
use crate::files::files;
use crate::flat::Flat;
use crate::options::ReportOptions;
use crate::pairs;
use crate::parquet_file::{PartialParquet, private_folder};
use crate::partial_folder::PartialFolder;
use crate::read::{AllRead, ReadSignal, Reader};
use crate::sorted::Sorter;
use crate::summary::{SignalSummary, Summary};
use crate::table::{SignalName, Table};
use crate::window::Window;
use scruple_cli::counts::columns::{AllColumns, SignalColumns, Unit};

/// All that a report is made of.
pub struct Collected {
    /// For the operator.
    pub summary: Summary,
    /// The exact counts, of any number of units: not for publication.
    pub tables: Vec<Table>,
    /// The schema URLs of the named registries, sorted. The URLs in the records are not listed: they would tell that an
    /// installation has a version.
    pub schema_urls: Vec<String>,
    /// The name of the program.
    pub program: &'static str,
    /// What a unit is, and how its id rotates.
    pub unit: (Unit, Rotation),
    /// The days that records are kept, by the shortest of the registries that say it as a duration.
    pub retention: Option<u32>,
    /// What the tables of all declared signals count.
    pub tabled: Vec<Tabled>,
}

/// What a table counts.
pub struct Tabled {
    /// The span or event.
    pub signal: SignalName,
    /// What it is called: with its kind behind the name if a span and an event have this name.
    pub called: String,
    /// The keys of the attributes; none for the total.
    pub attributes: Vec<String>,
    /// The registry's sentences, of the signal for the total.
    pub brief: String,
    /// Whether the order of the values has a meaning.
    pub is_ordered: bool,
    /// Whether every value is declared, and by all versions alike.
    pub is_closed: bool,
}

/// Reads, sorts and counts. `None` if a registry can't be used; its mistakes are shown then. `on_temporary` gets the folder
/// of private files before it is made; it is removed at the end.
///
/// # Errors
/// There is nothing to count, or a file can't be read or written.
pub fn collect(options: &ReportOptions, on_temporary: &dyn Fn(&Path)) -> Result<Option<Collected>> {
    let Some(all) = registries(options)? else { return Ok(None) };
    let tables: Vec<_> = all.iter().map(Owned::registry).collect();
    let registries: Vec<_> = tables.iter().collect();
    let Some(program) = registries.first() else { return Ok(None) };
    let mut columns = AllColumns::new(&registries);
    let (pairs, left_out) = pairs::of_signals(&columns, &all, &options.pair)?;
    columns.differences.extend(left_out);
    let inputs = files(&options.input).map_err(|unread| ReportError::at(&unread.path, unread.error))?;
    if inputs.is_empty() {
        let named: Vec<_> = options.input.iter().map(|path| path.display().to_string()).collect();
        return refuse(format!("{}: no file in it has a name that ends in .json or .jsonl", named.join(", ")));
    }
    let temporary = PartialFolder::create(&options.out, on_temporary)?;
    let retention = Owned::shortest_retention(&all);
    let window = Window::new(options.today, retention);
    let mut reader = Reader::new(&registries, &columns, options.period, window, temporary.path());
    read_files(&inputs, &mut reader)?;
    let AllRead { signals, schema_urls, refused, too_old, lines } = reader.finish()?;
    let mut summary = Summary::new(&columns, inputs.len(), lines, refused);
    (summary.retention_days, summary.too_old) = (retention, too_old);
    let (mut tables, mut tabled) = (Vec::new(), Vec::new());
    let folder = options.out.join("records");
    if signals.iter().any(|signal| signal.records > 0) {
        private_folder(&folder).map_err(|error| ReportError::at(&folder, error))?;
    }
    let memory = usize::try_from(options.memory).unwrap_or(512) << 20;
    let sorter = Sorter::new(memory, temporary.path().to_owned());
    for ((columns, pairs), read) in columns.signals.iter().zip(&pairs).zip(&signals) {
        let mut counts = SignalCounts::new(columns, pairs, window, options.period);
        // Those of a signal without a record as well: whether it has one would tell of few.
        tabled.extend(counts.dimensions().map(|dimensions| question(columns, &dimensions)));
        if read.records > 0 {
            let file = folder.join(format!("{}.parquet", columns.name.replace(' ', "-")));
            let (records, doubles) = count_signal(&sorter, columns, read, &schema_urls, &mut counts, &file)?;
            let (name, not_ended, cut) = (columns.name.clone(), counts.not_ended, counts.cut);
            summary.signals.push(SignalSummary { name, records, doubles, not_ended, cut, file });
            tables.extend(counts.tables(&read.codes));
        }
    }
    let schema_urls: BTreeSet<_> = registries.iter().map(|registry| registry.schema_url.to_owned()).collect();
    let schema_urls = schema_urls.into_iter().collect();
    let (unit, program) = ((columns.unit, program.service.rotate), program.service.name);
    Ok(Some(Collected { summary, tables, schema_urls, program, unit, retention, tabled }))
}

fn question(columns: &SignalColumns, dimensions: &[Dimension]) -> Tabled {
    let briefs: Vec<_> = dimensions.iter().map(|dimension| dimension.brief(columns)).collect();
    Tabled {
        signal: signal_name(columns),
        called: columns.name.clone(),
        attributes: dimensions.iter().map(|dimension| dimension.key(columns)).collect(),
        brief: if briefs.is_empty() { columns.brief.clone() } else { briefs.join(" ") },
        is_ordered: matches!(dimensions, [only] if only.is_ordered(columns)),
        is_closed: dimensions.iter().all(|dimension| dimension.is_closed(columns)),
    }
}

/// Reads the registries and shows what is wrong with them; `None` if one can't be used.
fn registries(options: &ReportOptions) -> Result<Option<Vec<Owned>>> {
    let Some(mut all) = read_all(&options.dirs).map_err(ReportError::Output)? else { return Ok(None) };
    for (index, one) in all.iter().enumerate() {
        let same = |other: &&Owned| {
            (other.service.table.app_id, other.schema_url) == (one.service.table.app_id, one.schema_url)
        };
        if let Some(other) = all.iter().take(index).find(same) {
            return refuse(format!(
                "two of these registries have the app id {} and the schema URL {}: name each once, or give the changed \
                 one a new version in `manifest.yaml`",
                other.service.table.app_id, other.schema_url
            ));
        }
    }
    // Only the current version's sources are here.
    if let Some(dir) = options.dirs.first() {
        match all.remove(0).located(&named::place(dir), options.in_crate.as_deref()) {
            Ok(program) => all.insert(0, program),
            Err(error) => {
                let place = Place { file: dir.clone(), at: Position::default() };
                let help = "name the program's crate with --crate: a location must be in one of its sources";
                show(&[place.error(Rule::Location, error.to_string(), help)]).map_err(ReportError::Output)?;
                return Ok(None);
            }
        }
    }
    Ok(Some(all))
}

fn read_files(inputs: &[PathBuf], reader: &mut Reader<'_>) -> Result<()> {
    let length = inputs.iter().filter_map(|path| Some(path.metadata().ok()?.len())).sum();
    // The bar is drawn on standard error, and only on a terminal.
    let progress = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}, {eta} left") {
        progress.set_style(style);
    }
    for path in inputs {
        reader.file(path, &progress)?;
    }
    progress.finish_and_clear();
    Ok(())
}

/// Sorts and counts one signal's records, and writes the operator's file. Returns the number of records and of doubles.
fn count_signal(
    sorter: &Sorter,
    columns: &SignalColumns,
    read: &ReadSignal,
    schema_urls: &Codes,
    counts: &mut SignalCounts,
    path: &Path,
) -> Result<(u64, u64)> {
    let progress = ProgressBar::new(read.records);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {msg}: {human_pos} of {human_len}, {eta} left") {
        progress.set_style(style);
    }
    progress.set_message(columns.name.clone());
    let flat = Flat::new(columns, &read.codes, schema_urls);
    let mut file = PartialParquet::flat(path, flat.schema())?;
    let mut records = 0;
    let doubles = sorter.each(&read.path, &mut |batch| {
        records += batch.num_rows() as u64;
        progress.set_position(records);
        counts.add(batch, &read.codes)?;
        file.write(&flat.rows(batch)?)
    })?;
    file.finish()?;
    // The space is needed for the next signal.
    fs::remove_file(&read.path).map_err(|error| ReportError::at(&read.path, error))?;
    progress.finish_and_clear();
    Ok((records, doubles))
}

fn refuse<T>(text: String) -> Result<T> {
    Err(ReportError::Input(text))
}
