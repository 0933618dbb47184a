//! `scruple sql DIR…`: writes typed views over what a Collector has kept, for ClickHouse or DuckDB.

mod dialect;
mod grafana;
mod text;
mod views;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::collector_config::versions_of;
use crate::counts::PeriodLength;
use crate::exit::BROKEN;
use crate::registry::Owned;
use crate::written::{self, failed};

pub use self::dialect::Dialect;
pub use self::grafana::dashboard;
pub use self::views::{Choices, write};

/// Writes views over what a Collector has kept: one for each signal, with a typed column for each declared attribute, and
/// the counts of all signals by period.
///
/// Run the text in the engine, again after each change of the registry: `clickhouse-client --multiquery < views.sql`, or
/// `duckdb usage.db < views.sql`. The views hold ids: they are for the operator, and `scruple report` makes what may be
/// published.
///
/// The exit code is 0 if the text was written or is current, 1 if --check found that it is not current, and 2 if the
/// registry has mistakes or a file can't be read or written.
#[derive(Debug, clap::Args)]
pub struct Sql {
    /// The folder with `manifest.yaml`, or REVISION:FOLDER, then those of the libraries that the program reports for; then
    /// the same for each earlier version.
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<String>,
    /// The engine.
    #[arg(long, value_enum)]
    dialect: Dialect,
    /// Write a Grafana dashboard over the views instead of the views: JSON, to be imported. For ClickHouse; Grafana reads it
    /// with the plugin grafana-clickhouse-datasource.
    #[arg(long)]
    grafana: bool,
    /// The file to write; by default, and for `-`, standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Write nothing; exit with 1 if the file is not current.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// The length of the periods, in UTC; weeks begin on Monday.
    #[arg(long, value_enum, default_value_t = PeriodLength::Week)]
    period: PeriodLength,
    /// The least number of units (installations, or sessions) of a counted cell.
    #[arg(long, value_name = "UNITS", default_value_t = 20)]
    threshold: u64,
    /// The schema of the views (in ClickHouse: their database); by default the service's name.
    #[arg(long, value_name = "NAME", value_parser = schema)]
    schema: Option<String>,
    /// The database with the tables of the Collector's exporter; for ClickHouse.
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = schema)]
    database: String,
    /// The folder with the Collector's files, for DuckDB: `traces*.jsonl` and `logs*.jsonl`, also compressed. Both must be
    /// there when a view is read.
    #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = folder)]
    folder: String,
    /// Also set the days after which ClickHouse deletes a row (TTL); by default those of the registry's `retention`, if it is
    /// a duration, else that of the exporter's configuration stays.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    retention: Option<u32>,
}

impl Sql {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        if self.retention.is_some() && self.dialect == Dialect::Duckdb {
            return failed(
                "--retention is for ClickHouse: the Collector deletes its files by the rotation in its configuration",
            );
        }
        if self.grafana && self.dialect == Dialect::Duckdb {
            return failed("--grafana is for ClickHouse: a dashboard asks a server");
        }
        let Some(all) = versions_of(&self.dirs)? else { return Ok(ExitCode::from(BROKEN)) };
        let tables: Vec<_> = all.iter().map(Owned::registry).collect();
        let Some(program) = tables.first() else { return failed("no registry is named") };
        let choices = Choices {
            dialect: self.dialect,
            length: self.period,
            threshold: self.threshold,
            schema: self.schema.clone().unwrap_or_else(|| program.service.name.to_owned()),
            tables: self.database.clone(),
            folder: self.folder.clone(),
            retention: match self.dialect {
                Dialect::Clickhouse => self.retention.or_else(|| Owned::shortest_retention(&all)),
                Dialect::Duckdb => None,
            },
        };
        let text = if self.grafana { dashboard } else { write }(&tables.iter().collect::<Vec<_>>(), &choices);
        written::deliver(&text, self.check.as_deref(), self.out.as_deref(), written::with_out)
    }
}

/// Parses the name of a schema or database.
fn schema(name: &str) -> Result<String, String> {
    let is_valid = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if is_valid { Ok(name.to_owned()) } else { Err("write a name of letters, digits, -, _ and dots".to_owned()) }
}

/// Parses the folder of the files, which is text in SQL.
fn folder(name: &str) -> Result<String, String> {
    let is_valid = !name.is_empty() && !name.chars().any(|c| c.is_control() || matches!(c, '\\' | '*' | '?' | '['));
    if is_valid {
        Ok(name.to_owned())
    } else {
        Err("write a folder without control characters, \\, *, ? and [".to_owned())
    }
}
