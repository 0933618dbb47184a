//! Counts words with a parser of its own: the commands `plain telemetry …` without clap.

mod usage;

use scruple::{Choice, Informational, Telemetry};
use std::io::{self, Read as _};
use std::process::ExitCode;
use tracing_subscriber::prelude::*;

fn main() -> ExitCode {
    let telemetry = scruple::start(usage::REGISTRY)
        .notice_command("plain telemetry") // the notice names `plain telemetry off` and `plain telemetry show`
        .build();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["telemetry", words @ ..] => command(&telemetry, words),
        ["help"] => {
            telemetry.set_informational(Informational::Help); // nothing is recorded
            println!("usage: plain [--lines] < TEXT; plain telemetry status|on|off|send|reset|show");
            ExitCode::SUCCESS
        }
        options => {
            let is_lines = options.contains(&"--lines");
            let unit = if is_lines { usage::Unit::Lines } else { usage::Unit::Words };
            telemetry.run(usage::run(options, unit), || count(is_lines)) // options that are not declared are withheld
        }
    }
}

/// `plain telemetry status|on|off|send|reset|show`.
fn command(telemetry: &Telemetry, words: &[&str]) -> ExitCode {
    let status = telemetry.status(); // before the next line, which turns this run off
    telemetry.set_informational(Informational::Telemetry);
    let done = match words {
        ["status"] => {
            print!("{status}");
            return ExitCode::from(status.exit_code()); // 0 on, 10 off or log, 11 undecided
        }
        ["show"] => {
            print!("{}", telemetry.show(false)); // `true`: with ids; the sent records: `show_sent`
            return ExitCode::SUCCESS;
        }
        ["send"] => {
            // An error: telemetry is off, with the reason.
            return match telemetry.send(|_| ()) {
                Ok(report) => answer(ExitCode::SUCCESS, &report),
                Err(decision) => answer(ExitCode::FAILURE, &decision.reason),
            };
        }
        ["on"] => {
            println!("{}", telemetry.notice().text());
            telemetry.set_consent(Choice::On).map(|_| ())
        }
        ["off"] => telemetry.set_consent(Choice::Off).map(|_| ()), // also deletes the receipts
        ["reset"] => telemetry.reset(),
        _ => return answer(ExitCode::from(2), &"status, on, off, send, reset or show"),
    };
    match done {
        Ok(()) => answer(ExitCode::SUCCESS, &telemetry.status().headline()),
        Err(why) => answer(ExitCode::from(2), &why), // why, and a remedy if there is one
    }
}

fn answer(code: ExitCode, text: &dyn std::fmt::Display) -> ExitCode {
    println!("{text}");
    code
}

fn count(is_lines: bool) -> io::Result<()> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    usage::read(text.len() as u64).emit();
    println!("{}", if is_lines { text.lines().count() } else { text.split_whitespace().count() });
    Ok(())
}
