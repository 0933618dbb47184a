//! The command: reads the registries and the records, writes the operator's files, and publishes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use clap::Parser;
use datafusion::error::{DataFusionError, Result};
use indicatif::{ProgressBar, ProgressStyle};
use scruple_cli::check::{read_all, show};
use scruple_cli::exit::BROKEN;
use scruple_cli::named;
use scruple_cli::registry::{Owned, Place, Position, Rule};

use crate::aggregate::SignalCounts;
use crate::codes::Codes;
use crate::columns::{AllColumns, SignalColumns};
use crate::dimension::dimensions;
use crate::files::files;
use crate::flat::Flat;
use crate::options::ReportOptions;
use crate::parquet::{PartialParquet, private_folder};
use crate::read::{ReadSignal, Reader};
use crate::sorted::Sorter;
use crate::summary::{SignalSummary, Summary};
use crate::table::Table;

/// The exit code for a report that was written although not every record counts.
const OBJECTIONABLE: u8 = 1;

/// Parses the arguments of this process, and returns its exit code.
pub fn main() -> ExitCode {
    let options = ReportOptions::parse();
    match run(&options) {
        Ok(code) => code,
        Err(error) => {
            // If standard error can't be written to, the exit code still reports the failure.
            let _ = writeln!(io::stderr(), "scruple-report: {}", message(&error));
            ExitCode::from(BROKEN)
        }
    }
}

/// The error without the engine's own prefixes.
fn message(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::IoError(error) => error.to_string(),
        DataFusionError::Execution(text) => text.clone(),
        DataFusionError::ResourcesExhausted(text) => format!("{text}: give more with --memory"),
        other => other.to_string(),
    }
}

fn run(options: &ReportOptions) -> Result<ExitCode> {
    let Some(all) = registries(options)? else { return Ok(ExitCode::from(BROKEN)) };
    let tables: Vec<_> = all.iter().map(Owned::registry).collect();
    let registries: Vec<_> = tables.iter().collect();
    let columns = AllColumns::new(&registries);
    pairs_exist(options, &columns)?;
    let inputs = files(&options.input).map_err(|unread| named_error(&unread.path, &unread.error))?;
    if inputs.is_empty() {
        let named: Vec<_> = options.input.iter().map(|path| path.display().to_string()).collect();
        return refuse(format!("{}: no file in it has a name that ends in .json or .jsonl", named.join(", ")));
    }
    private_folder(&options.out).map_err(|error| named_error(&options.out, &error))?;
    let in_out = |error: io::Error| named_error(&options.out, &error);
    let temporary = tempfile::Builder::new().prefix(".partial-").tempdir_in(&options.out).map_err(in_out)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let now = u64::try_from(now).unwrap_or(u64::MAX);
    let mut reader = Reader::new(&registries, &columns, options.period, now, temporary.path());
    read_files(&inputs, &mut reader)?;
    let (signals, schema_urls, refused, lines) = reader.finish()?;
    let mut summary = Summary::new(&columns, inputs.len(), lines, refused);
    if signals.iter().all(|signal| signal.records == 0) {
        summary.show(options.json)?;
        return refuse(match summary.refused.records {
            0 => "there is no record in these files".to_owned(),
            _ => "no record in these files counts: name the registry of the program that sent them".to_owned(),
        });
    }
    let memory = usize::try_from(options.memory).unwrap_or(512) << 20;
    let sorter = Sorter::new(memory, temporary.path().to_owned())?;
    let today = DateTime::from_timestamp_nanos(now.cast_signed()).date_naive();
    let folder = options.out.join("records");
    private_folder(&folder).map_err(|error| named_error(&folder, &error))?;
    let mut published = Publication::default();
    for (columns, read) in columns.signals.iter().zip(&signals).filter(|(_, read)| read.records > 0) {
        let mut counts = SignalCounts::new(columns, &options.pair, today, options.period);
        let file = folder.join(format!("{}.parquet", columns.name.replace(' ', "-")));
        let (records, doubles) = count_signal(&sorter, columns, read, &schema_urls, &mut counts, &file)?;
        let (name, not_ended) = (columns.name.clone(), counts.not_ended);
        summary.signals.push(SignalSummary { name, records, doubles, not_ended, file });
        published.add(columns, &counts, &read.codes);
    }
    summary.show(options.json)?;
    Ok(if summary.refused.records > 0 { ExitCode::from(OBJECTIONABLE) } else { ExitCode::SUCCESS })
}

/// Reads the registries and shows what is wrong with them; `None` if one can't be used.
fn registries(options: &ReportOptions) -> Result<Option<Vec<Owned>>> {
    let Some(mut all) = read_all(&options.dirs)? else { return Ok(None) };
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
                show(&[place.error(Rule::Location, error.to_string(), help)])?;
                return Ok(None);
            }
        }
    }
    Ok(Some(all))
}

/// Each key of a pair is an attribute of a signal that has the other one too.
fn pairs_exist(options: &ReportOptions, columns: &AllColumns) -> Result<()> {
    for (one, other) in &options.pair {
        let has = |signal: &&SignalColumns, key: &str| dimensions(signal).iter().any(|it| it.key(signal) == key);
        let is_list = |signal: &SignalColumns| {
            let mut all = dimensions(signal).into_iter();
            all.any(|it| it.is_list(signal) && [one, other].contains(&&it.key(signal)))
        };
        let mut both = columns.signals.iter().filter(|signal| has(signal, one) && has(signal, other)).peekable();
        if both.peek().is_none() {
            return refuse(format!("--pair {one},{other}: no span or event has both attributes with values to count"));
        }
        if both.any(is_list) {
            return refuse(format!("--pair {one},{other}: one of them is a list, whose values overlap"));
        }
    }
    Ok(())
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
    fs::remove_file(&read.path)?;
    progress.finish_and_clear();
    Ok((records, doubles))
}

/// What a page is made of.
#[derive(Default)]
struct Publication {
    tables: Vec<Table>,
}

impl Publication {
    fn add(&mut self, _columns: &SignalColumns, counts: &SignalCounts, codes: &[Codes]) {
        self.tables.extend(counts.tables(codes));
    }
}

fn refuse<T>(text: String) -> Result<T> {
    Err(DataFusionError::Execution(text))
}

fn named_error(path: &Path, error: &io::Error) -> DataFusionError {
    DataFusionError::IoError(io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}
