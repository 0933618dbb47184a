//! The command `scruple`: its subcommands.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::check::Check;
use crate::codegen::Codegen;
use crate::collector_config::CollectorConfig;
use crate::completions::Completions;
use crate::demo::command::Demo;
use crate::diff::Diff;
use crate::docs::Docs;
use crate::exit::BROKEN;
use crate::init::Init;
use crate::notice::Notice;
use crate::policy::Policy;
use crate::receive::command::Receive;
use crate::report::StartReport;
use crate::sql::Sql;
use clap::{CommandFactory, Parser, Subcommand};

/// Parses the arguments of this process, runs one subcommand, and returns its exit code.
pub fn main() -> ExitCode {
    match Scruple::parse().command.run() {
        Ok(code) => code,
        // A closed pipe is no failure of the command: the reader may stop early.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error can't be written to, the exit code still reports the failure.
            let _ = writeln!(io::stderr(), "scruple: {error}");
            ExitCode::from(BROKEN)
        }
    }
}

/// Product-usage telemetry that can only send what its registry declares.
#[derive(Parser)]
#[command(version)]
struct Scruple {
    #[command(subcommand)]
    command: ScrupleCommand,
}

#[derive(Subcommand)]
enum ScrupleCommand {
    Check(Check),
    Codegen(Codegen),
    CollectorConfig(CollectorConfig),
    Completions(Completions),
    Demo(Demo),
    Diff(Diff),
    Docs(Docs),
    Init(Init),
    Notice(Notice),
    Policy(Policy),
    Receive(Receive),
    Report(StartReport),
    Sql(Sql),
}

impl ScrupleCommand {
    fn run(&self) -> io::Result<ExitCode> {
        match self {
            Self::Check(check) => check.run(),
            Self::Codegen(codegen) => codegen.run(),
            Self::CollectorConfig(config) => config.run(),
            Self::Completions(completions) => completions.run(Scruple::command()),
            Self::Demo(demo) => demo.run(),
            Self::Diff(diff) => diff.run(),
            Self::Docs(docs) => docs.run(),
            Self::Init(init) => init.run(),
            Self::Notice(notice) => notice.run(),
            Self::Policy(policy) => policy.run(),
            Self::Receive(receive) => receive.run(),
            Self::Report(report) => report.run(),
            Self::Sql(sql) => sql.run(),
        }
    }
}
