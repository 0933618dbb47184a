//! The question on a terminal: the notice, and a line with the answer.

use super::choice::{Choice, NotStored, is_readable};
use super::telemetry::Telemetry;
use crate::consent::{Decision, answer_to};
use std::io::{Write as _, stderr};

impl Telemetry {
    /// Asks on the terminal, if the [notice](Telemetry::notice) is due and a person reads it: shows the notice and a
    /// question, and stores the answer. `y` or `yes` is a yes, `n` or `no` is a no. `None` if nothing was asked, or for
    /// any other line: then the next call asks again.
    ///
    /// It waits for the person, so it belongs into a command that is interactive anyway, such as `words setup`. Nothing
    /// is asked without a terminal for input and output, in the background, under a coding agent, or on Windows, where it is
    /// unknown whether a console is read.
    ///
    /// # Errors
    /// As of [`Telemetry::set_consent`].
    pub fn ask(&self) -> Option<Result<Decision, NotStored>> {
        let shared = &self.shared;
        let places = shared.settings.own_places().filter(|_| shared.is_notice_due())?;
        if !is_readable(&places) {
            return None;
        }
        let text = format!("{}\nYour answer? [yes/no] ", shared.notice(shared.begins()));
        let line = answer_to(|| stderr().write_all(text.as_bytes()))?;
        let choice = match line.trim_ascii().to_ascii_lowercase().as_slice() {
            b"y" | b"yes" => Choice::On,
            b"n" | b"no" => Choice::Off,
            _ => return None,
        };
        Some(self.set_consent(choice))
    }
}
