//! `scruple policy …`: the vendor's side of a signed policy, from the key to the file that a web host serves.
//!
//! [`scruple::policy`] defines a policy and verifies it. This module writes one: canonical by construction, signed, and
//! verified with the library's own code before it is written. A private key is read from its file and written to it,
//! and nowhere else: no command prints one.

mod clauses;
mod file;
mod key;
mod keys;
mod known;
mod show;
mod sign;
mod time;
mod verify;

use std::io;
use std::process::ExitCode;

use clap::Subcommand;

use self::key::Key;
use self::show::Show;
use self::sign::Sign;
use self::verify::Verify;

/// Signs, verifies and shows policies, with which a vendor can turn off parts of its telemetry, and do nothing else.
///
/// A policy is a file on any web host. A program with a policy sends nothing unless its policy is valid.
#[derive(Debug, clap::Args)]
pub struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Key(Key),
    Sign(Sign),
    Verify(Verify),
    Show(Show),
}

impl Policy {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        match &self.command {
            Command::Key(key) => key.run(),
            Command::Sign(sign) => sign.run(),
            Command::Verify(verify) => verify.run(),
            Command::Show(show) => show.run(),
        }
    }
}
