//! `scruple policy verify FILE`: verifies a policy as the program would.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use scruple::limits::MAX_POLICY;
use scruple::policy::{self, Envelope, Key, Keys, Payload, PolicyExpectations, PolicyRefused};

use super::known::Known;
use super::{file, keys, time};
use crate::check::show;
use crate::exit::{BROKEN, OBJECTIONABLE};
use crate::registry::{Place, Position, Rule, escaped};
use crate::written::failed;

/// Verifies a policy as the program would, with this key and the current time.
///
/// The exit code is 0 if the policy is valid, 1 if it is invalid or turns off undeclared names, and 2 if a file can't
/// be read.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The policy.
    file: PathBuf,
    /// The public key: 64 hexadecimal digits, or a file with these or with PEM.
    #[arg(long, value_name = "HEX|FILE")]
    public_key: String,
    /// The required program; by default the one in --registry, or any.
    #[arg(long, value_name = "ID")]
    app_id: Option<String>,
    /// The smallest serial that is accepted.
    #[arg(long, value_name = "N", default_value_t = 0)]
    serial_floor: u64,
    /// The folder of the program's registry, or REVISION:FOLDER, which makes undeclared names mistakes; may be given
    /// several times, the program's own first.
    #[arg(long, value_name = "DIR")]
    registry: Vec<String>,
}

impl Verify {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub(super) fn run(&self) -> io::Result<ExitCode> {
        let known = match Known::read(&self.registry) {
            Ok(known) => known,
            Err(findings) => {
                show(&findings)?;
                return Ok(ExitCode::from(BROKEN));
            }
        };
        let public = match keys::public(&self.public_key) {
            Ok(public) => public,
            Err(error) => return failed(error),
        };
        let bytes = match file::read(&self.file, MAX_POLICY) {
            Ok(bytes) => bytes,
            Err(error) => return failed(error),
        };
        let read = policy::read(&bytes).ok();
        let any = read.as_ref().map(|(_, payload)| payload.app_id.as_str());
        let app_id = self.app_id.as_deref().or(known.app_id()).or(any).unwrap_or_default();
        let key_id = keys::id(&public);
        let keys = Keys { current: Some(Key { id: &key_id, public }), next: None };
        let terms = PolicyExpectations { keys, app_id, serial_floor: self.serial_floor, built: 0, newest: None };
        let name = self.file.display().to_string();
        let findings = match policy::verify(&bytes, &terms, time::now()) {
            Ok(policy) => {
                let findings = known.findings(policy.payload(), &|_| name.clone());
                if findings.is_empty() {
                    let Payload { app_id, serial, not_after, .. } = policy.payload();
                    let (name, app_id, until) = (escaped(&name), escaped(app_id), time::shown(*not_after));
                    let mut out = anstream::stdout();
                    let hash = policy.hash();
                    writeln!(out, "{name} is valid: {app_id}, serial {serial}, until {until}, SHA-256 {hash}")?;
                    return Ok(ExitCode::SUCCESS);
                }
                findings
            }
            Err(refused) => {
                let place = Place { file: name, at: Position::default() };
                vec![place.error(Rule::Value, refused.to_string(), help(refused, &terms, read.as_ref()))]
            }
        };
        show(&findings)?;
        Ok(ExitCode::from(OBJECTIONABLE))
    }
}

/// The remedy for a refused policy, with the policy's own values if it can be read.
fn help(refused: PolicyRefused, terms: &PolicyExpectations<'_>, read: Option<&(Envelope, Payload)>) -> String {
    let key = terms.keys.current.map_or("", |key| key.id);
    match (refused, read) {
        (PolicyRefused::UnknownKey, Some((envelope, _))) => {
            format!("the policy names the key `{}`, but the public key is `{key}`", envelope.key_id)
        }
        (PolicyRefused::Signature, _) => {
            format!("the key `{key}`, which the policy names, did not sign these bytes: sign the policy again")
        }
        (PolicyRefused::AnotherApp, Some((_, payload))) => {
            format!("the policy is for `{}`, not for `{}`", payload.app_id, terms.app_id)
        }
        (PolicyRefused::Replayed, Some((_, payload))) => {
            format!("the policy's serial is {}, below the smallest accepted {}", payload.serial, terms.serial_floor)
        }
        (PolicyRefused::NotYet, Some((_, payload))) => {
            format!("the policy begins at {}", time::shown(payload.not_before))
        }
        (PolicyRefused::Expired, Some((_, payload))) => {
            format!("the policy ended at {}: sign one with a greater serial", time::shown(payload.not_after))
        }
        _ => "make it with `scruple policy sign`".to_owned(),
    }
}
