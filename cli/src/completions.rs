//! `scruple completions SHELL`: prints a completion script for this command.

use std::io::{self, Write};
use std::process::ExitCode;

use clap_complete::Shell;

/// Prints a script that lets a shell complete this command.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Runs the command; `command` is the whole command line.
    ///
    /// # Errors
    /// Standard output can't be written to.
    pub fn run(&self, mut command: clap::Command) -> io::Result<ExitCode> {
        // `generate` panics if a write fails, so it writes into memory first.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "scruple", &mut script);
        anstream::stdout().lock().write_all(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}
