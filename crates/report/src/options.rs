//! The command line of `scruple-report`.

use std::path::PathBuf;

use chrono::NaiveDate;

use scruple_cli::counts::PeriodLength;

use crate::pairs::Pair;

/// Writes a report of received records: Parquet for the operator, and tables and a page that can be published.
///
/// The exit code is 0 if the report was written and every record counts; 1 if records are not declared or the report may
/// not be published; 2 if there is no report.
#[derive(Debug, clap::Parser)]
#[command(name = "scruple-report", version)]
pub struct ReportOptions {
    /// The folder with `manifest.yaml`, or REVISION:FOLDER; then those of the libraries that the program reports for; then
    /// the same for each other version of the program.
    #[arg(value_name = "DIR", required = true)]
    pub dirs: Vec<String>,
    /// What a Collector's file exporter wrote: files, or folders with files whose names end in .json or .jsonl, and perhaps
    /// in .gz or .zst after that. Compressed files are recognised by their content.
    #[arg(long, value_name = "FILE|FOLDER", required = true, num_args = 1..)]
    pub input: Vec<PathBuf>,
    /// The folder of the report: `records` is private, `public` can be published.
    #[arg(long, value_name = "FOLDER", default_value = "report")]
    pub out: PathBuf,
    /// The length of a period, in UTC. One that has not ended is not in the report.
    #[arg(long, value_name = "LENGTH", default_value = "week")]
    pub period: PeriodLength,
    /// The least number of distinct installations, or sessions, of a number that is shown.
    #[arg(long, value_name = "UNITS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    pub threshold: u64,
    /// The day that the report is made on, by default the current one of UTC: a period that ends later is not in it.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<NaiveDate>,
    /// Also counts these two attributes together, where a signal has both, beside the charts of the registry; may be repeated.
    #[arg(long, value_name = "KEY,KEY", value_parser = pair)]
    pub pair: Vec<Pair>,
    /// The licence of the published data, as `CC-BY-4.0`; it stands in each file.
    #[arg(long, value_name = "TEXT", default_value = "none stated")]
    pub licence: String,
    /// The record of what was published; by default `ledger.jsonl` in the folder of the report.
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// Publishes other numbers for a period that was published before. Without it, the published numbers stay.
    #[arg(long)]
    pub revise: bool,
    /// The crate whose sources a location may name; by default the nearest Cargo.toml at or above the first DIR.
    #[arg(long = "crate", value_name = "DIR")]
    pub in_crate: Option<PathBuf>,
    /// The memory for sorting, in MiB; more records than that are sorted on the disk of the report's folder.
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u32).range(64..=1_048_576))]
    pub memory: u32,
    /// Write one JSON document about this run to standard output.
    #[arg(long)]
    pub json: bool,
}

fn pair(text: &str) -> Result<Pair, String> {
    let help = "write two different keys with a comma, as in `os.type,words.unit`";
    match text.split_once(',') {
        Some((one, other)) if !one.is_empty() && !other.is_empty() && one != other && !other.contains(',') => {
            Ok([one.to_owned(), other.to_owned()])
        }
        _ => Err(help.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::pair;

    #[test]
    fn a_pair_is_two_different_keys() {
        assert_eq!(pair("a,b"), Ok(["a".to_owned(), "b".to_owned()]));
        assert!(["", "a", "a,", ",b", "a,a", "a,b,c"].iter().all(|text| pair(text).is_err()));
    }
}
