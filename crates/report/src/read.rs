//! Reads all lines of all files, judges each record, and writes the declared ones to a temporary file for each signal.

use std::io;
use std::path::{Path, PathBuf};

use crate::failed::{ReportError, Result};
use indicatif::ProgressBar;
use scruple_check::{StoredRecord, each_stored};
use scruple_cli::check::line::{MAX_LINE, signal_of};
use scruple_registry::Registry;

use crate::batch::SignalBatch;
use crate::codes::Codes;
use crate::files::{Lines, ReadLine};
use crate::parquet_file::PartialParquet;
use crate::refused::Refused;
use crate::window::{RecordTime, Window};
use scruple_cli::counts::PeriodLength;
use scruple_cli::counts::columns::AllColumns;

/// The records of all signals, read and not yet sorted.
pub struct Reader<'r> {
    registries: &'r [&'r Registry<'r>],
    columns: &'r AllColumns,
    length: PeriodLength,
    window: Window,
    signals: Vec<UnsortedSignal>,
    schema_urls: Codes,
    refused: Refused,
    too_old: u64,
    lines: u64,
}

/// What all files have in them.
pub struct AllRead {
    /// The records that count, by signal.
    pub signals: Vec<ReadSignal>,
    /// The schema URLs of the records.
    pub schema_urls: Codes,
    /// The records that are not counted.
    pub refused: Refused,
    /// The number of records that are older than the retention.
    pub too_old: u64,
    /// The number of lines that are not empty.
    pub lines: u64,
}

struct UnsortedSignal {
    batch: SignalBatch,
    file: Option<PartialParquet>,
    path: PathBuf,
}

/// One signal's records in a temporary file.
pub struct ReadSignal {
    /// The numbers of the texts of each column.
    pub codes: Vec<Codes>,
    /// The number of records, doubles included.
    pub records: u64,
    /// The file; none without a record.
    pub path: PathBuf,
}

impl<'r> Reader<'r> {
    /// Reads for these columns into a folder.
    pub fn new(
        registries: &'r [&'r Registry<'r>],
        columns: &'r AllColumns,
        length: PeriodLength,
        window: Window,
        folder: &'r Path,
    ) -> Self {
        let unsorted = |(index, signal)| UnsortedSignal {
            batch: SignalBatch::new(signal),
            file: None,
            path: folder.join(format!("{index}.parquet")),
        };
        let signals = columns.signals.iter().enumerate().map(unsorted).collect();
        let (schema_urls, refused, too_old, lines) = (Codes::default(), Refused::default(), 0, 0);
        Self { registries, columns, length, window, signals, schema_urls, refused, too_old, lines }
    }

    /// Reads one file.
    ///
    /// # Errors
    /// It can't be read, or the temporary folder can't be written to.
    pub fn file(&mut self, path: &Path, progress: &ProgressBar) -> Result<()> {
        let named = |error: io::Error| ReportError::at(path, error);
        let mut lines = Lines::open(path, progress).map_err(named)?;
        let mut bytes = Vec::new();
        loop {
            let read = lines.next(&mut bytes).map_err(named)?;
            let mut refuse = |reason: &str| {
                self.refused.add(path, lines.number, reason.to_owned(), || reason.to_owned());
            };
            match read {
                ReadLine::End => return Ok(()),
                ReadLine::Broken(reason) => {
                    refuse(reason);
                    return Ok(());
                }
                ReadLine::Whole(_) if bytes.trim_ascii().is_empty() => continue,
                ReadLine::Whole(length) => {
                    self.lines += 1;
                    if length > MAX_LINE {
                        refuse("a line of over 64 MiB, which is too long to read");
                        continue;
                    }
                }
            }
            match signal_of(&bytes) {
                Err(undeclarable) => refuse(&undeclarable.to_string()),
                Ok(kind) => {
                    let registries = self.registries;
                    each_stored(registries, kind, &bytes, &mut |record| match record {
                        Ok(record) => {
                            if let Err(reason) = self.record(&record) {
                                self.refused.add(path, lines.number, reason.clone(), || reason);
                            }
                        }
                        Err(finding) => {
                            let about = finding.about.iter().map(|about| format!("{about}: ")).collect::<String>();
                            let reason = format!("{about}{}", finding.what);
                            self.refused.add(path, lines.number, reason, || finding.to_string());
                        }
                    });
                }
            }
            for signal in &mut self.signals {
                signal.batch.write(&mut signal.file, &signal.path, false)?;
            }
        }
    }

    fn record(&mut self, record: &StoredRecord<'_>) -> Result<(), String> {
        match self.window.record(record.start) {
            RecordTime::Counts => {}
            RecordTime::TooOld => {
                self.too_old += 1;
                return Ok(());
            }
            RecordTime::Wrong(reason) => return Err(reason.to_owned()),
        }
        let signal = self.columns.index(record.kind, record.signal.name).and_then(|index| self.signals.get_mut(index));
        let Some(signal) = signal else { return Err("a signal without columns".to_owned()) };
        let Some(schema) = self.schema_urls.number(record.program.schema_url) else {
            return Err("too many schema URLs".to_owned());
        };
        let unit_key = self.columns.unit_key.as_deref();
        signal.batch.add(record, unit_key, self.length, schema).map_err(|error| error.to_string())
    }

    /// Ends the temporary files.
    ///
    /// # Errors
    /// One can't be written.
    pub fn finish(self) -> Result<AllRead> {
        let mut signals = Vec::new();
        let Self { signals: unsorted, schema_urls, refused, too_old, lines, .. } = self;
        for mut signal in unsorted {
            signal.batch.write(&mut signal.file, &signal.path, true)?;
            signal.file.map_or(Ok(()), PartialParquet::finish)?;
            signals.push(ReadSignal { codes: signal.batch.codes, records: signal.batch.records, path: signal.path });
        }
        Ok(AllRead { signals, schema_urls, refused, too_old, lines })
    }
}
