//! `scruple policy key`: makes a key pair, or prints the public half of one.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{failed, keys};
use crate::registry::escaped;

/// Makes a key pair: the private key goes into a file, the public key and its id to standard output as Rust.
///
/// The file is for its owner's eyes only and is not written over; whoever has it can sign policies. What is printed goes
/// into one of the two slots of the program's `Keys`. Keep a second pair for the other slot, somewhere else.
#[derive(Debug, clap::Args)]
pub struct Key {
    /// The file for the private key, in PKCS#8 PEM.
    #[arg(long, value_name = "FILE", default_value = "policy-key.pem")]
    out: PathBuf,
    /// Make no key, and print what belongs to the private key in this file.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    existing: Option<PathBuf>,
}

impl Key {
    /// Runs the command: exit code 0 if the key is printed, 2 if a file can't be read or written.
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
            writeln!(anstream::stderr(), "wrote the private key to {out}; keep it where only you can read it")?;
        }
        write!(anstream::stdout(), "{}", constant(&key.verifying_key().to_bytes()))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The public key as a constant of the program, in the form that rustfmt gives it.
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
