//! Counts words: the small program with telemetry from the guide for a command line.

mod usage; // written by `scruple codegen telemetry`, checked by `scruple codegen telemetry --check`

use clap::Parser;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, prelude::*};

/// Counts the words of a text.
#[derive(Parser)]
#[command(name = "words", version)]
struct Args {
    /// Counts lines instead of words
    #[arg(long)]
    lines: bool,
    /// The text; by default standard input
    file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let telemetry = scruple::start(usage::REGISTRY) // first line of main
        .build(); // never fails: an error turns telemetry off, with the reason
    tracing_subscriber::registry()
        .with(telemetry.layer()) // brings its own filter
        .with(fmt::layer().with_writer(io::stderr).with_filter(EnvFilter::from_default_env()))
        .init();
    let args = telemetry.clap::<Args>(); // also `words telemetry status|on|off|send|reset|show`
    let unit = if args.lines { usage::Unit::Lines } else { usage::Unit::Words };
    let span = usage::run(&telemetry.used().arguments(), unit); // the names of the arguments in use, never a value
    telemetry.run(span, || count(args)) // the span's status from the Result; the exit code untouched
}

/// An ordinary program, which records with `tracing`'s macros or the functions from codegen.
fn count(args: Args) -> io::Result<()> {
    let mut text = String::new();
    match &args.file {
        Some(path) => File::open(path)?.read_to_string(&mut text)?,
        None => io::stdin().read_to_string(&mut text)?,
    };
    usage::read(text.len() as u64).emit();
    tracing::debug!(text, "the input: visible in the log on standard error, but undeclared and never sent");
    let count = if args.lines { text.lines().count() } else { text.split_whitespace().count() };
    writeln!(io::stdout(), "{count}")
}

#[cfg(test)]
mod tests {
    use super::{Args, usage};
    use clap::CommandFactory as _;

    #[test]
    fn every_argument_is_declared() {
        scruple::testing::arguments::declares(usage::REGISTRY, Args::command(), "words.argument.names", None).unwrap();
    }
}
