//! `scruple report …`: starts the program `scruple-report`, which has a package of its own.
//!
//! Arrow and Parquet take minutes to build, and most authors never need them. It is searched for beside this executable, where
//! `cargo install` puts both, and then in `PATH`.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::exit::BROKEN;

const PROGRAM: &str = "scruple-report";

/// Writes a report of received records: Parquet, tables and a page. It is the program `scruple-report`, with its options.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct StartReport {
    /// The arguments of `scruple-report`; `--help` lists them.
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl StartReport {
    /// Runs the command; the exit code is that of the program.
    ///
    /// # Errors
    /// The program can't be started, or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let beside = beside().filter(|path| path.is_file());
        let program = beside.unwrap_or_else(|| PathBuf::from(PROGRAM));
        match Command::new(&program).args(&self.arguments).status() {
            // A program that a signal has ended has no code.
            Ok(status) => {
                let code = status.code().and_then(|code| u8::try_from(code).ok());
                Ok(ExitCode::from(code.unwrap_or(BROKEN)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let help = "install it with `cargo install scruple-report`";
                writeln!(anstream::stderr(), "scruple: {PROGRAM} is neither beside this program nor in PATH: {help}")?;
                Ok(ExitCode::from(BROKEN))
            }
            Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", program.display()))),
        }
    }
}

/// Where `cargo install` puts it.
fn beside() -> Option<PathBuf> {
    let own = env::current_exe().ok()?;
    Some(own.with_file_name(format!("{PROGRAM}{}", env::consts::EXE_SUFFIX)))
}
