//! The command: collects the counts, publishes what may be published, and tells the operator.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::failed::{ReportError, Result};
use clap::Parser;
use scruple_cli::exit::BROKEN;
use scruple_registry::count;

use crate::collect::collect;
use crate::ledger::{LedgerError, Verdict};
use crate::options::ReportOptions;
use crate::publish::{Outcome, PublishError};
use crate::{publication, publish};

/// The exit code for a report that was written although not every record counts.
const OBJECTIONABLE: u8 = 1;

/// The exit code after a signal, as shells have it for SIGINT.
const INTERRUPTED: i32 = 130;

/// Parses the arguments of this process, and returns its exit code.
pub fn main() -> ExitCode {
    let options = ReportOptions::parse();
    match run(&options) {
        Ok(code) => code,
        Err(error) => {
            // If standard error can't be written to, the exit code still reports the failure.
            let _ = writeln!(io::stderr(), "scruple-report: {}", error);
            ExitCode::from(BROKEN)
        }
    }
}

/// Removes the folder of private files if a signal ends this process.
fn remove_on_signal(folder: &Path) {
    let folder = folder.to_owned();
    let handler = move || {
        let _ = fs::remove_dir_all(&folder);
        std::process::exit(INTERRUPTED);
    };
    // Without a handler, a signal leaves the folder, which is the owner's alone.
    let _ = ctrlc::set_handler(handler);
}

fn run(options: &ReportOptions) -> Result<ExitCode> {
    let Some(collected) = collect(options, &remove_on_signal)? else { return Ok(ExitCode::from(BROKEN)) };
    if collected.summary.signals.is_empty() {
        collected.summary.show(options.json).map_err(ReportError::Output)?;
        let summary = &collected.summary;
        return Err(ReportError::Input(match summary.refused.records {
            0 if summary.too_old > 0 => {
                "each record in these files is older than the retention of the registry".to_owned()
            }
            0 => "there is no record in these files".to_owned(),
            _ => "no record in these files counts: name the registry of the program that sent them".to_owned(),
        }));
    }
    let published = publish::write(&publication::report(&collected, options), &publication::place(options));
    let mut summary = collected.summary;
    summary.published = published.as_ref().ok().and_then(|outcome| outcome.files.first().cloned());
    summary.show(options.json).map_err(ReportError::Output)?;
    if let Ok(outcome) = &published {
        tell_kept(outcome).map_err(ReportError::Output)?;
    }
    match published {
        Ok(_) if summary.refused.records == 0 => Ok(ExitCode::SUCCESS),
        Ok(_) => Ok(ExitCode::from(OBJECTIONABLE)),
        Err(error) => {
            writeln!(anstream::stderr(), "scruple-report: not published: {error}").map_err(ReportError::Output)?;
            Ok(ExitCode::from(if is_refusal(&error) { OBJECTIONABLE } else { BROKEN }))
        }
    }
}

/// Tells the operator what was not published because it was published before, with other numbers.
fn tell_kept(outcome: &Outcome) -> io::Result<()> {
    let kept = outcome.verdicts.iter().filter_map(|(_, period, verdict)| match verdict {
        Verdict::Kept(tables) => Some((*period, *tables as u64)),
        Verdict::New | Verdict::Same | Verdict::Revised => None,
    });
    let (periods, tables): (BTreeSet<_>, Vec<_>) = kept.unzip();
    if periods.is_empty() {
        return Ok(());
    }
    let (tables, periods) = (count(tables.iter().sum::<u64>(), "table"), count(periods.len() as u64, "period"));
    let help = "use --revise if the published ones are wrong";
    writeln!(anstream::stderr(), "note: kept as published: {tables} of {periods}, whose numbers are others now; {help}")
}

/// Whether the report is well, but what was published before forbids it.
fn is_refusal(error: &PublishError) -> bool {
    matches!(error, PublishError::Ledger(LedgerError::Refused(_)))
}
