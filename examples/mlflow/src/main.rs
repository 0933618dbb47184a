//! A program with the client library: one call a run, a tour of all calls, or a sweep over several processes.

mod commands;
mod options;
#[cfg_attr(not(feature = "telemetry"), path = "receiver/nowhere.rs")]
mod receiver;

use clap::Parser;
use commands::Command;
use options::Options;
use receiver::Receiver;
use std::io::Write as _;
use std::process::ExitCode;
use tracing_subscriber::prelude::*;

/// Talks to an MLflow tracking server.
#[derive(Parser)]
#[command(name = "mlflow-example", version)]
struct Args {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let telemetry = Receiver::of_arguments().take(mlflow::telemetry()).build();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    let args = telemetry.clap::<Args>();
    match args.command.run(&args.options, &telemetry) {
        // A closed pipe is no failure.
        Ok(output) => {
            let _ = std::io::stdout().write_all(output.as_bytes());
            ExitCode::SUCCESS
        }
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "error: {why}");
            ExitCode::FAILURE
        }
    }
}
