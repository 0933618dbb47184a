//! A program's work inside a span: the exit code and the span's status, from its result.

use super::telemetry::Telemetry;
use crate::privacy::{STATUS_FIELD, SpanStatus};
use std::fmt::Debug;
use std::process::ExitCode;
use tracing::Span;

/// What the work handed to [`Telemetry::run`](crate::Telemetry::run) may return: what `main` may return.
pub trait Outcome {
    /// The exit code, as `main` would give it, and the status of the span. An error is printed to standard error as
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
                // As the standard library's `Termination` does; a closed standard error is no reason to panic.
                let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("Error: {error:?}\n"));
                (ExitCode::FAILURE, SpanStatus::Error)
            }
        }
    }
}

impl Telemetry {
    /// Runs a program's work inside `span` and gives the exit code that `main` is to return.
    ///
    /// The span ends with the work: `ok` or `error` by its [`Outcome`], `error` when it panics (the panic goes on). A
    /// bare `std::process::exit` inside leaves it open, and lost: use [`Telemetry::exit`]. Before the work begins, the
    /// [notice](Telemetry::show_notice) is shown if it is due.
    ///
    /// `tracing` keeps only fields that the span was made with: without `otel.status_code = tracing::field::Empty`, which
    /// generated functions have, the span has no status.
    pub fn run<R: Outcome>(&self, span: impl Into<Span>, work: impl FnOnce() -> R) -> ExitCode {
        self.show_notice();
        let span = span.into();
        let (code, status) = span.in_scope(work).conclude();
        let text = if status == SpanStatus::Ok { "ok" } else { "error" };
        span.record(STATUS_FIELD, text);
        code
    }

    /// Ends every span that is open, sends what there is within the timeout, and exits with this code. The spans get
    /// the status `ok` for 0 and `error` for anything else, unless they have one.
    pub fn exit(&self, code: i32) -> ! {
        if let Some(pipeline) = self.pipeline() {
            let mut records = pipeline.take_open();
            // They are kept by ids that undeclared spans take part in: in their own order, no undeclared span shows.
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
