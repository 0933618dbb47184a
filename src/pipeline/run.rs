//! A program's work inside a span: its status from the result, its exit code untouched.

use super::{Outcome, Telemetry};
use crate::privacy::{STATUS_FIELD, Status};
use std::process::ExitCode;
use tracing::Span;

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
        let text = if status == Status::Ok { "ok" } else { "error" };
        span.record(STATUS_FIELD, text);
        code
    }

    /// Ends every span that is open, sends what there is within the budget, and exits with this code. The spans get
    /// the status `ok` for 0 and `error` for anything else, unless they have one.
    pub fn exit(&self, code: i32) -> ! {
        if let Some(line) = self.line() {
            let mut records = line.take_open();
            // They are kept by ids that undeclared spans take part in: in their own order, no undeclared span shows.
            records.sort_by_key(|record| (record.start(), record.ids().trace, record.ids().span));
            for mut record in records {
                if record.status() == Status::Unset {
                    record.put_status(if code == 0 { Status::Ok } else { Status::Error });
                }
                line.sieve.finish(&mut record);
            }
            line.sieve.close(line.budget);
        }
        std::process::exit(code)
    }
}

/// Records that a span failed, if it was made with the field `otel.status_code`.
pub fn fail(span: &Span) {
    span.record(STATUS_FIELD, "error");
}
