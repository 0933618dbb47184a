//! `scruple policy show FILE`: shows a policy without verifying its signature.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use scruple::limits::MAX_POLICY;
use scruple::policy::{self, Envelope, OffVersions, Payload, WHOLE};
use serde::Serialize;

use super::{file, time};
use crate::registry::escaped;
use crate::written::failed;

/// Shows the content of a policy, without verifying its signature or its period.
///
/// The exit code is 0 if the policy can be read, and 2 if not.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The policy.
    file: PathBuf,
    /// Write one JSON document to standard output.
    #[arg(long)]
    json: bool,
}

impl Show {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub(super) fn run(&self) -> io::Result<ExitCode> {
        let bytes = match file::read(&self.file, MAX_POLICY) {
            Ok(bytes) => bytes,
            Err(error) => return failed(error),
        };
        let (envelope, payload) = match policy::read(&bytes) {
            Ok(read) => read,
            Err(refused) => return failed(refused),
        };
        let hash = policy::hash(&bytes);
        let mut out = anstream::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &PolicyReport::of(&envelope, &payload, &hash))?;
            writeln!(out)?;
        } else {
            let name = escaped(&self.file.display().to_string());
            write!(out, "{name}: a policy; its signature was not verified\n{}", text(&envelope, &payload, &hash))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn text(envelope: &Envelope, payload: &Payload, hash: &str) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a `String` can't fail.
        let _ = writeln!(text, "  {name:<9} {}", escaped(value));
    };
    line("program", &payload.app_id);
    line("serial", &payload.serial.to_string());
    line("from", &time::shown(payload.not_before));
    line("until", &time::shown(payload.not_after));
    line("key", &envelope.key_id);
    line("SHA-256", hash);
    payload.disabled_signals.iter().for_each(|name| line("off", &format!("signal {name}")));
    payload.disabled_attributes.iter().for_each(|key| line("off", &format!("attribute {key}")));
    for off in &payload.off_where {
        off.members.iter().for_each(|member| line("off", &format!("where {} is {member}", off.key)));
    }
    for OffVersions { from, to } in &payload.off_versions {
        line(
            "off",
            &match (version(from), version(to)) {
                (Some(from), Some(to)) => format!("versions from {from}, before {to}"),
                (Some(from), None) => format!("versions from {from}"),
                (None, Some(to)) => format!("versions before {to}"),
                (None, None) => "all versions".to_owned(),
            },
        );
    }
    line("rollout", &format!("{} % of installations", percent(share(payload))));
    text
}

/// The JSON document of `--json`: names as in `proto/policy.proto`, times in seconds since the Unix epoch.
#[derive(Serialize)]
struct PolicyReport<'a> {
    key_id: &'a str,
    sha256: &'a str,
    app_id: &'a str,
    serial: u64,
    not_before: u64,
    not_after: u64,
    disabled_signals: &'a [String],
    disabled_attributes: &'a [String],
    off_where: Vec<Where<'a>>,
    off_versions: Vec<Versions>,
    rollout_basis_points: u32,
}

#[derive(Serialize)]
struct Where<'a> {
    key: &'a str,
    members: &'a [String],
}

#[derive(Serialize)]
struct Versions {
    from: Option<String>,
    to: Option<String>,
}

impl<'a> PolicyReport<'a> {
    fn of(envelope: &'a Envelope, payload: &'a Payload, sha256: &'a str) -> Self {
        let off_where = payload.off_where.iter().map(|off| Where { key: &off.key, members: &off.members });
        let off_versions =
            payload.off_versions.iter().map(|off| Versions { from: version(&off.from), to: version(&off.to) });
        Self {
            key_id: &envelope.key_id,
            sha256,
            app_id: &payload.app_id,
            serial: payload.serial,
            not_before: payload.not_before,
            not_after: payload.not_after,
            disabled_signals: &payload.disabled_signals,
            disabled_attributes: &payload.disabled_attributes,
            off_where: off_where.collect(),
            off_versions: off_versions.collect(),
            rollout_basis_points: share(payload),
        }
    }
}

/// A version with at least two numbers; `None` for an open end.
fn version(numbers: &[u32]) -> Option<String> {
    let (first, rest) = numbers.split_first()?;
    let rest = if rest.is_empty() { &[0] } else { rest };
    Some(rest.iter().fold(first.to_string(), |text, number| format!("{text}.{number}")))
}

fn share(payload: &Payload) -> u32 {
    payload.rollout_basis_points.unwrap_or(u32::from(WHOLE))
}

/// Basis points as a percentage, without trailing zeros.
fn percent(points: u32) -> String {
    let text = format!("{}.{:02}", points / 100, points % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
