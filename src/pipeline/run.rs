//! A program's work inside a span: the exit code and the span's status, from its result.

use super::telemetry::Telemetry;
use crate::privacy::{STATUS_FIELD, SpanStatus};
use std::fmt::Debug;
use std::process::ExitCode;
use tracing::{Instrument as _, Span};

/// The result of the work in [`Telemetry::run`](crate::Telemetry::run): any type that `main` may return.
pub trait Outcome {
    /// The status of the span.
    fn status(&self) -> SpanStatus;

    /// The exit code that `main` would return. An error is printed to standard error as `main` prints it.
    fn conclude(self) -> ExitCode;
}

impl Outcome for () {
    fn status(&self) -> SpanStatus {
        SpanStatus::Ok
    }

    fn conclude(self) -> ExitCode {
        ExitCode::SUCCESS
    }
}

impl Outcome for ExitCode {
    fn status(&self) -> SpanStatus {
        if *self == Self::SUCCESS { SpanStatus::Ok } else { SpanStatus::Error }
    }

    fn conclude(self) -> ExitCode {
        self
    }
}

impl<T: Outcome, E: Debug> Outcome for Result<T, E> {
    fn status(&self) -> SpanStatus {
        self.as_ref().map_or(SpanStatus::Error, Outcome::status)
    }

    fn conclude(self) -> ExitCode {
        match self {
            Ok(outcome) => outcome.conclude(),
            Err(error) => {
                // As the standard library's `Termination` does; a closed standard error must not panic.
                let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("Error: {error:?}\n"));
                ExitCode::FAILURE
            }
        }
    }
}

/// Ends the span, and only then prints an error: the text of one, with a backtrace, takes up to a second.
fn conclude(span: Span, outcome: impl Outcome) -> ExitCode {
    span.record(STATUS_FIELD, if outcome.status() == SpanStatus::Ok { "ok" } else { "error" });
    drop(span);
    outcome.conclude()
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
        let outcome = span.in_scope(work);
        conclude(span, outcome)
    }

    /// [`Telemetry::run`] for asynchronous work: `span` is entered while the work is polled. Work that is dropped before
    /// its end leaves the span without a status.
    pub async fn run_async<R: Outcome>(&self, span: impl Into<Span>, work: impl Future<Output = R>) -> ExitCode {
        self.show_notice();
        let span = span.into();
        let outcome = work.instrument(span.clone()).await;
        conclude(span, outcome)
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
