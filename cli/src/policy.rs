//! `scruple policy …`: the vendor's side of a signed policy, from the key to the file that a web host serves.
//!
//! What a policy is and how it is judged is in [`scruple::policy`]. Here it is made: canonical by construction, signed,
//! and judged by the library's own eyes before it is written. A private key is read from its file and written to it,
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

use crate::written::failed;

use self::key::Key;
use self::show::Show;
use self::sign::Sign;
use self::verify::Verify;

/// The exit code for a policy that does not hold, or not for this registry.
const OBJECTIONABLE: u8 = 1;

/// Makes, verifies and shows signed policies, by which a vendor turns off parts of its telemetry and nothing else.
///
/// A policy is a file for any web host. A program that asks for one sends nothing unless it holds.
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
