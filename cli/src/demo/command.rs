//! `scruple demo`: runs a program that records private data, and shows what leaves.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use scruple::registry::{Endpoint, EndpointError};

use super::planted::{Machine, private};
use super::program::Job;
use super::stage::{Instrumentation, NoRun, Stage};
use super::table::TableWriter;
use super::verdict::Verdict;
use super::{json, stage};
use crate::receive;
use crate::written::failed;

/// The exit code if undeclared data left, or declared data is missing.
const NOT_CLEAN: u8 = 1;

/// The exit code when telemetry is off.
const OFF: u8 = 10;

/// Profiles a data set, records private data on the way, and shows what leaves.
///
/// The records go through the real pipeline to a receiver in this process, or to the one in --to. The table shows each
/// recorded value, the value that left, and the reason for each withheld one.
///
/// The exit code is 0 if only declared data left and all of it arrived, 1 if not, 2 if the arguments or the data set
/// have a mistake, and 10 if telemetry is off: by SCRUPLE_DEMO_OPTOUT, DO_NOT_TRACK or OTEL_SDK_DISABLED, in continuous
/// integration, or in another user's session.
#[derive(clap::Args)]
pub struct Demo {
    /// Profile this file of comma-separated values instead of the built-in data set.
    #[arg(long, value_name = "FILE")]
    dataset: Option<PathBuf>,
    /// The column with the classes; by default the last.
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// Send to this OTLP receiver: https, or http on this machine.
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    to: Option<Endpoint>,
    /// The transport.
    #[arg(long, value_enum, default_value_t = ProtocolArg::Http)]
    protocol: ProtocolArg,
    /// How records get from `tracing` into the pipeline.
    #[arg(long, value_enum, default_value_t = Instrumentation::Layer)]
    door: Instrumentation,
    /// Also write each event on its span, for Jaeger, which accepts no log records.
    #[arg(long)]
    span_events: bool,
    /// Run even if a variable or continuous integration turns telemetry off; then nothing leaves this machine.
    #[arg(long)]
    ignore_environment: bool,
    /// Write one JSON object.
    #[arg(long)]
    json: bool,
}

/// The two transports of OTLP, by their names on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ProtocolArg {
    /// OTLP/gRPC, usually on port 4317.
    Grpc,
    /// OTLP/HTTP with protobuf, usually on port 4318.
    Http,
}

fn endpoint(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse(text)
}

impl Demo {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        if let Some(to) = self.to.as_ref().filter(|to| self.ignore_environment && !to.is_loopback()) {
            return failed(format!(
                "--ignore-environment sends nothing beyond this machine, but {to} is beyond it: omit one of the two"
            ));
        }
        let stage = Stage {
            door: self.door,
            protocol: match self.protocol {
                ProtocolArg::Grpc => receive::Protocol::Grpc,
                ProtocolArg::Http => receive::Protocol::Http,
            },
            to: self.to.as_ref(),
            span_events: self.span_events,
            ignore_environment: self.ignore_environment,
        };
        let decision = stage.decision();
        if decision.mode != scruple::consent::Mode::On {
            return self.off(&stage, decision);
        }
        let machine = Machine::here();
        let arguments: Vec<String> =
            std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
        let job = Job {
            dataset: self.dataset.as_deref(),
            label: self.label.as_deref(),
            arguments: &arguments,
            machine: &machine,
        };
        let run = match stage.run(&job) {
            Ok(run) => run,
            Err(NoRun::Off(decision)) => return self.off(&stage, decision),
            Err(NoRun::Receiver(error)) => return failed(error),
        };
        let work = match &run.work {
            Ok(work) => work,
            Err(why) => return failed(why),
        };
        let verdict = Verdict::of(&run, &stage, &private(&machine, self.dataset.as_deref(), &work.words));
        let mut out = BufWriter::new(anstream::stdout().lock());
        let written = if self.json {
            write_json(&mut out, &json::run(&stage, &run, work, &verdict))
        } else {
            TableWriter::new(&mut out).run(&stage, &run, work, &verdict)
        };
        let code = if verdict.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(NOT_CLEAN) };
        quietly(written, code)
    }

    fn off(&self, stage: &stage::Stage<'_>, decision: scruple::consent::Decision) -> io::Result<ExitCode> {
        let mut out = anstream::stdout().lock();
        let written = if self.json {
            write_json(&mut out, &json::off(stage, decision))
        } else {
            TableWriter::new(out).off(decision)
        };
        quietly(written, ExitCode::from(OFF))
    }
}

fn write_json(out: &mut impl Write, value: &serde_json::Value) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    out.flush()
}

/// Ignores a closed pipe: the exit code does not depend on it.
fn quietly(written: io::Result<()>, code: ExitCode) -> io::Result<ExitCode> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(code),
    }
}
