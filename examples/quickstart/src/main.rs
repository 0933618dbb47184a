//! Counts words: a small program with telemetry, as the README shows it.

mod usage; // written by `scruple codegen telemetry`, held current by `scruple codegen telemetry --check`

use std::io::{self, Read as _};
use std::process::ExitCode;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, prelude::*};

fn main() -> ExitCode {
    let telemetry = scruple::start(usage::REGISTRY) // first line of main
        .opt_out_variable("WORDS_TELEMETRY_OPTOUT")
        .given() // whoever runs it has said yes in its settings; every no still counts
        .forward(scruple::forward::Forward::http())
        .build(); // never fails: what is wrong means off, with the reason
    tracing_subscriber::registry()
        .with(telemetry.layer()) // brings its own filter
        .with(fmt::layer().with_writer(io::stderr).with_filter(EnvFilter::from_default_env()))
        .init();
    let unit = if std::env::args().any(|arg| arg == "--lines") { usage::Unit::Lines } else { usage::Unit::Words };
    telemetry.run(usage::run(unit), || count(unit)) // a span; its status from the Result; the exit code untouched
}

/// An ordinary program: what it records, it records with `tracing`'s macros or the functions that codegen wrote.
fn count(unit: usage::Unit) -> io::Result<()> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    usage::read(text.len() as u64).emit();
    tracing::debug!(text, "what was read: seen by the log on standard error, declared nowhere, and never sent");
    let count = match unit {
        usage::Unit::Lines => text.lines().count(),
        usage::Unit::Words => text.split_whitespace().count(),
    };
    println!("{count}");
    Ok(())
}
