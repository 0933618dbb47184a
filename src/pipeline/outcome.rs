//! How a program's work ended, as its exit code and as a span's status.

use crate::privacy::Status;
use std::fmt::Debug;
use std::process::ExitCode;

/// What the work handed to [`Telemetry::run`](crate::Telemetry::run) may return: what `main` may return.
pub trait Outcome {
    /// The exit code, as `main` would give it, and the status of the span. An error is printed to standard error as
    /// `main` prints it.
    fn conclude(self) -> (ExitCode, Status);
}

impl Outcome for () {
    fn conclude(self) -> (ExitCode, Status) {
        (ExitCode::SUCCESS, Status::Ok)
    }
}

impl Outcome for ExitCode {
    fn conclude(self) -> (ExitCode, Status) {
        (self, if self == Self::SUCCESS { Status::Ok } else { Status::Error })
    }
}

impl<T: Outcome, E: Debug> Outcome for Result<T, E> {
    fn conclude(self) -> (ExitCode, Status) {
        match self {
            Ok(outcome) => outcome.conclude(),
            Err(error) => {
                // As the standard library's `Termination` does; a closed standard error is no reason to panic.
                let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("Error: {error:?}\n"));
                (ExitCode::FAILURE, Status::Error)
            }
        }
    }
}
