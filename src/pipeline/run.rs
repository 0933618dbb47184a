//! A program's work inside a span: the exit code and the span's status, from its result.

use super::telemetry::Telemetry;
use crate::privacy::{STATUS_FIELD, SpanStatus};
use std::fmt::Debug;
use std::process::ExitCode;
use tracing::Span;

/// The result of the work in [`Telemetry::run`](crate::Telemetry::run): any type that `main` may return.
pub trait Outcome {
    /// The exit code that `main` would return, and the status of the span. An error is printed to standard error as
    /// `main` prints it.
    fn conclude(self) -> (ExitCode, SpanStatus);
}

impl Outcome for () {
    fn conclude(self) -> (ExitCode, SpanStatus) {
        (ExitCode::SUCCESS, SpanStatus::Ok)
    }
}

impl Outcome for ExitCode {
    fn conclude(self) -> (ExitCode, SpanStatus) {
        (self, if self == Self::SUCCESS { SpanStatus::Ok } else { SpanStatus::Error })
    }
}

impl<T: Outcome, E: Debug> Outcome for Result<T, E> {
    fn conclude(self) -> (ExitCode, SpanStatus) {
        match self {
            Ok(outcome) => outcome.conclude(),
            Err(error) => {
                // As the standard library's `Termination` does; a closed standard error must not panic.
                let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("Error: {error:?}\n"));
                (ExitCode::FAILURE, SpanStatus::Error)
            }
        }
    }
}

impl Telemetry {
    /// Runs a program's work inside `span` and returns the exit code for `main`.
    ///
    /// The span ends with the work: `ok` or `error` by its [`Outcome`], `error` when it panics (the panic continues). A
    /// `std::process::exit` inside the work loses the open span: use [`Telemetry::exit`]. The
    /// [notice](Telemetry::show_notice) is shown before the work begins, if it is due.
    ///
    /// `tracing` records only fields that a span was made with: without `otel.status_code = tracing::field::Empty`,
    /// which generated functions have, the span has no status.
    pub fn run<R: Outcome>(&self, span: impl Into<Span>, work: impl FnOnce() -> R) -> ExitCode {
        self.show_notice();
        let span = span.into();
        let (code, status) = span.in_scope(work).conclude();
        let text = if status == SpanStatus::Ok { "ok" } else { "error" };
        span.record(STATUS_FIELD, text);
        code
    }

    /// Ends every open span, sends the queued records within the timeout, and exits with this code. A span without a
    /// status gets `ok` for 0 and `error` for any other code.
    pub fn exit(&self, code: i32) -> ! {
        if let Some(pipeline) = self.pipeline() {
            let mut records = pipeline.take_open();
            // Their order depends on the ids of undeclared spans too; sorted, it does not.
            records.sort_by_key(|record| (record.start(), record.ids().trace, record.ids().span));
            for mut record in records {
                if record.status() == SpanStatus::Unset {
                    record.put_status(if code == 0 { SpanStatus::Ok } else { SpanStatus::Error });
                }
                pipeline.recorder.finish(&mut record);
            }
            pipeline.recorder.close(pipeline.shutdown_timeout);
        }
        std::process::exit(code)
    }
}

/// Records that a span failed, if it was made with the field `otel.status_code`.
pub fn fail(span: &Span) {
    span.record(STATUS_FIELD, "error");
}
