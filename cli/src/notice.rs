//! `scruple notice DIR`: prints the notice that a person sees before anything is recorded.
//!
//! The text comes from the library itself ([`scruple::consent::notice`]). It equals the program's notice if the program has
//! its registry's settings, or the options repeat those of its `main`.

use std::io::{self, Write};
use std::process::ExitCode;

use scruple::consent::{NoticeContext, news, notice};
use scruple::registry::snapshot::Snapshot;
use serde::Serialize;

use crate::check::show;
use crate::exit::BROKEN;
use crate::named;
use crate::program::Program;
use crate::registry::Owned;

/// Prints the notice that the program shows before anything is recorded.
///
/// A server and a library show none by themselves: then it is the text of `Telemetry::notice`.
///
/// The exit code is 0, or 2 if a registry has mistakes.
#[derive(Debug, clap::Args)]
pub struct Notice {
    /// The folder with `manifest.yaml`, or REVISION:FOLDER; then those of the libraries that the program reports for.
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<String>,
    /// Show the changes since this registry, for a person who agreed to it: a folder or REVISION:FOLDER; once for each
    /// registry, the program's first.
    #[arg(long, value_name = "DIR")]
    since: Vec<String>,
    /// Write one JSON document.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    program: Program,
}

/// The JSON document of `--json`.
#[derive(Serialize)]
struct NoticeText<'a> {
    app_id: &'a str,
    controller: &'a str,
    endpoint: &'a str,
    preset: &'static str,
    wider: &'a [String],
    text: &'a str,
}

impl Notice {
    /// Runs the command: exit code 0, or 2 if a registry has mistakes.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let mut all = Vec::new();
        for named in self.dirs.iter().chain(&self.since) {
            match named::read(named) {
                Ok(owned) => all.push(owned),
                Err(findings) => {
                    show(&findings)?;
                    return Ok(ExitCode::from(BROKEN));
                }
            }
        }
        let all: Vec<_> = all.iter().map(Owned::registry).collect();
        let all: Vec<_> = all.iter().collect();
        let (now, before) = all.split_at(self.dirs.len());
        let wider = if before.is_empty() {
            Vec::new()
        } else {
            news(&Snapshot::of(before), &Snapshot::of(now).opted_in(&self.program.opt_in), now, &self.program.opt_in)
        };
        let settings = now.first().map(|registry| registry.service.settings).unwrap_or_default();
        let program = self.program.of_registry(&settings, self.dirs.first())?;
        // The program goes on with what it told before, and tells of the rest.
        let in_part = !wider.is_empty() && Snapshot::of(before).allows(now, &|_, _| false).is_ok();
        let ways = NoticeContext { in_part, ..program.ways(&wider) };
        let text = notice(now, &ways);
        let mut out = anstream::stdout().lock();
        let Some(service) = now.first().map(|registry| registry.service).filter(|_| self.json) else {
            out.write_all(text.as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        };
        let document = NoticeText {
            app_id: service.app_id,
            controller: service.controller,
            endpoint: ways.endpoint.unwrap_or(service.endpoint),
            preset: program.preset().word(),
            wider: &wider,
            text: &text,
        };
        serde_json::to_writer_pretty(&mut out, &document)?;
        writeln!(out)?;
        Ok(ExitCode::SUCCESS)
    }
}
