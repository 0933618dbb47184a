//! `scruple completions SHELL`: what a shell needs to complete this command's words.

use std::io::{self, Write};
use std::process::ExitCode;

use clap_complete::Shell;

/// Prints a script with which a shell completes this command.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Runs the command: `command` is the whole of which it is a part.
    ///
    /// # Errors
    /// Standard output can't be written to.
    pub fn run(&self, mut command: clap::Command) -> io::Result<ExitCode> {
        // It panics where it can't write; a string can always be written to.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "scruple", &mut script);
        anstream::stdout().lock().write_all(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}
