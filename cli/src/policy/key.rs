//! `scruple policy key`: makes a key pair, or prints the public key of an existing one.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::keys;
use crate::registry::escaped;
use crate::written::failed;

/// Makes a key pair: writes the private key to a file, and prints the public key and its id as Rust.
///
/// Only the owner can read the file, and it is never overwritten. Anyone with this file can sign policies. The printed
/// constant goes into one of the two slots of the program's `Keys`. Keep a second pair for the other slot in another
/// place.
#[derive(Debug, clap::Args)]
pub struct Key {
    /// The file for the private key, in PKCS#8 PEM.
    #[arg(long, value_name = "FILE", default_value = "policy-key.pem")]
    out: PathBuf,
    /// Make no key; print the public key of the private key in this file.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    existing: Option<PathBuf>,
}

impl Key {
    /// Runs the command: exit code 0 if the key was printed, 2 if a file can't be read or written.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub(super) fn run(&self) -> io::Result<ExitCode> {
        let key = match &self.existing {
            Some(path) => keys::private(path),
            None => keys::create(&self.out),
        };
        let key = match key {
            Ok(key) => key,
            Err(error) => return failed(error),
        };
        if self.existing.is_none() {
            let out = escaped(&self.out.display().to_string());
            writeln!(anstream::stderr(), "wrote the private key to {out}; keep it secret")?;
        }
        write!(anstream::stdout(), "{}", constant(&key.verifying_key().to_bytes()))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The public key as a Rust constant, formatted as by rustfmt.
fn constant(public: &[u8; 32]) -> String {
    let mut text = format!("/// The policy key {}: {}.\n", keys::id(public), keys::hex(public));
    text.push_str("pub const POLICY_KEY: scruple::policy::Key<'static> = scruple::policy::Key {\n");
    text.push_str(&format!("    id: \"{}\",\n    public: [\n", keys::id(public)));
    for line in public.chunks(15) {
        let bytes: Vec<String> = line.iter().map(|byte| format!("{byte:#04x}")).collect();
        text.push_str(&format!("        {},\n", bytes.join(", ")));
    }
    text.push_str("    ],\n};\n");
    text
}
