//! The command `scruple`: parses the arguments, runs one subcommand, and returns its exit code.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use scruple_cli::check::Check;
use scruple_cli::codegen::Codegen;
use scruple_cli::collector_config::CollectorConfig;
use scruple_cli::completions::Completions;
use scruple_cli::demo::command::Demo;
use scruple_cli::diff::Diff;
use scruple_cli::docs::Docs;
use scruple_cli::exit::BROKEN;
use scruple_cli::init::Init;
use scruple_cli::notice::Notice;
use scruple_cli::policy::Policy;
use scruple_cli::receive::command::Receive;

fn main() -> ExitCode {
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
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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
}

impl Command {
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
        }
    }
}
