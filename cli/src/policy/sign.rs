//! `scruple policy sign`: signs a policy and writes it to a file.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use ed25519_dalek::Signer;
use prost::Message;
use scruple::policy::{self, Envelope, Payload, PolicyExpectations, signed};

use super::clauses::Clauses;
use super::known::Known;
use super::{keys, time};
use crate::check::show;
use crate::exit::BROKEN;
use crate::registry::escaped;
use crate::registry::names::is_app_id;
use crate::written::{self, failed};

/// How long before now a policy's period begins, in seconds: clocks may be behind by minutes, and a policy whose period
/// has not begun turns everything off.
const SLACK: u64 = 3_600;

/// Signs a policy for one program and writes it to a file, for a web host to serve.
///
/// Each policy replaces the one before: a part that is not turned off again is on. Sign the next policy before this one
/// ends, because a program with a policy sends nothing without a valid one.
///
/// The exit code is 0 if the file was written, and 2 if an argument or a registry has a mistake.
#[derive(Debug, clap::Args)]
pub struct Sign {
    /// The private key from `scruple policy key`: an Ed25519 key in PKCS#8 PEM.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The program's id; by default the one in --registry.
    #[arg(long, value_name = "ID", required_unless_present = "registry", value_parser = app_id)]
    app_id: Option<String>,
    /// The serial number, greater than in every earlier policy: programs refuse a smaller one.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    serial: u64,
    /// The length of its period in days: 1 to 30.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=30))]
    days: u64,
    /// The start of its period, for instance 2026-01-31T18:00:00Z or 2026-01-31; by default an hour ago, for clocks
    /// that are behind.
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    not_before: Option<u64>,
    #[command(flatten)]
    clauses: Clauses,
    /// The folder of the program's registry, or REVISION:FOLDER, which makes undeclared names mistakes; may be given
    /// several times, the program's own first.
    #[arg(long, value_name = "DIR")]
    registry: Vec<String>,
    /// The file to write.
    #[arg(long, value_name = "FILE", default_value = "policy.pb")]
    out: PathBuf,
}

impl Sign {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard error can't be written to.
    pub(super) fn run(&self) -> io::Result<ExitCode> {
        let known = match Known::read(&self.registry) {
            Ok(known) => known,
            Err(findings) => return mistakes(&findings),
        };
        let payload = self.payload(known.app_id());
        let findings = known.findings(&payload, &str::to_owned);
        if !findings.is_empty() {
            return mistakes(&findings);
        }
        let key = match keys::private(&self.key) {
            Ok(key) => key,
            Err(error) => return failed(error),
        };
        let public = key.verifying_key().to_bytes();
        let key_id = keys::id(&public);
        let content = payload.encode_to_vec();
        let signature = key.sign(&signed(&content)).to_bytes().to_vec();
        let file = Envelope { key_id: key_id.clone(), payload: content, signature }.encode_to_vec();
        let current = Some(policy::Key { id: &key_id, public });
        let keys = policy::Keys { current, next: None };
        let terms =
            PolicyExpectations { keys, app_id: &payload.app_id, serial_floor: payload.serial, built: 0, newest: None };
        let policy = match policy::verify(&file, &terms, payload.not_before) {
            Ok(policy) => policy,
            Err(refused) => return failed(refused),
        };
        if let Err(error) = written::replace(&self.out, &file) {
            return failed(format!("{} can't be written: {error}", self.out.display()));
        }
        let out = escaped(&self.out.display().to_string());
        let Payload { app_id, serial, not_after, .. } = policy.payload();
        let until = time::shown(*not_after);
        writeln!(
            anstream::stderr(),
            "wrote {out}: {app_id}, serial {serial}, until {until}, SHA-256 {}",
            policy.hash()
        )?;
        Ok(ExitCode::SUCCESS)
    }

    fn payload(&self, declared: Option<&str>) -> Payload {
        let app_id = self.app_id.as_deref().or(declared).unwrap_or_default().to_owned();
        let not_before = self.not_before.unwrap_or_else(|| time::now().saturating_sub(SLACK));
        let not_after = not_before + self.days * 86_400;
        let mut payload = Payload { app_id, serial: self.serial, not_before, not_after, ..Payload::default() };
        self.clauses.put(&mut payload);
        payload
    }
}

fn mistakes(findings: &[crate::registry::Finding]) -> io::Result<ExitCode> {
    show(findings)?;
    Ok(ExitCode::from(BROKEN))
}

fn app_id(text: &str) -> Result<String, &'static str> {
    let id = is_app_id(text).then(|| text.to_owned());
    id.ok_or("a program's id is a reversed domain in lower case, for instance com.example.mlnet")
}
