//! `scruple policy verify FILE`: judges a policy as the program would.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use scruple::limits::MAX_POLICY;
use scruple::policy::{self, Envelope, Key, Keys, Payload, PolicyExpectations, PolicyRefused};

use super::known::Known;
use super::{OBJECTIONABLE, failed, file, keys, time};
use crate::check::{BROKEN, show};
use crate::registry::{Place, Position, Rule, escaped};

/// Judges a policy as the program would, now and with this key.
///
/// The exit code is 0 if it holds, 1 if not or if the registry does not declare what it turns off, and 2 if a file can't
/// be read.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The policy.
    file: PathBuf,
    /// The public key: 64 hexadecimal digits, or a file that has them or PEM.
    #[arg(long, value_name = "HEX|FILE")]
    public_key: String,
    /// The program it has to be for; by default the one of --registry, or any.
    #[arg(long, value_name = "ID")]
    app_id: Option<String>,
    /// The smallest serial that is accepted.
    #[arg(long, value_name = "N", default_value_t = 0)]
    serial_floor: u64,
    /// The folder of the program's registry: names that it does not declare are mistakes then. It may be given more than
    /// once, the program's own first.
    #[arg(long, value_name = "DIR")]
    registry: Vec<PathBuf>,
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
                    writeln!(out, "{name} holds: {app_id}, serial {serial}, until {until}, SHA-256 {}", policy.hash())?;
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

/// What to do about it, with what the policy says where it can be read.
fn help(refused: PolicyRefused, terms: &PolicyExpectations<'_>, read: Option<&(Envelope, Payload)>) -> String {
    let key = terms.keys.current.map_or("", |key| key.id);
    match (refused, read) {
        (PolicyRefused::UnknownKey, Some((envelope, _))) => {
            format!("it names the key `{}`, and the one that was given is `{key}`", envelope.key_id)
        }
        (PolicyRefused::Signature, _) => {
            format!("it names the key `{key}`, which did not sign these bytes: sign it again")
        }
        (PolicyRefused::AnotherApp, Some((_, payload))) => {
            format!("it is for `{}`, and not for `{}`", payload.app_id, terms.app_id)
        }
        (PolicyRefused::Replayed, Some((_, payload))) => {
            format!("its serial is {}, and the smallest that is accepted {}", payload.serial, terms.serial_floor)
        }
        (PolicyRefused::NotYet, Some((_, payload))) => format!("it holds from {}", time::shown(payload.not_before)),
        (PolicyRefused::Expired, Some((_, payload))) => {
            format!("it held until {}: sign one with a greater serial", time::shown(payload.not_after))
        }
        _ => "make it with `scruple policy sign`".to_owned(),
    }
}
