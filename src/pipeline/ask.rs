//! The question on a terminal: the notice, and a line with the answer.

use super::choice::{Choice, NotStored, is_readable};
use super::telemetry::Telemetry;
use crate::consent::{Decision, Facts, PurposeSet, answer_to, names};
use std::io::{Write as _, stderr};

impl Telemetry {
    /// Asks on the terminal, if the [notice](Telemetry::notice) is due and a person reads it: shows the notice and a
    /// question, and stores the answer. `y` or `yes` is a yes, `n` or `no` is a no, and names of the registry's purposes, if
    /// there are several, are a yes to these alone. `None` if nothing was asked, or for any other line: then the next call
    /// asks again.
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
        let only = Facts::read(&shared.settings).stored.only;
        let purposes: Vec<_> = shared.settings.purposes().into_iter().map(|purpose| purpose.name).collect();
        let parts = if purposes.len() > 1 { format!(", or a part: {}", purposes.join(", ")) } else { String::new() };
        let text = format!("{}\nYour answer? [yes/no{parts}] ", shared.notice(shared.begins()));
        let line = answer_to(|| stderr().write_all(text.as_bytes()))?;
        match line.trim_ascii().to_ascii_lowercase().as_slice() {
            // The notice is without what the person has excluded.
            b"y" | b"yes" if only != PurposeSet::ALL => Some(self.set_consent_for(&shared.settings.names_of(only))),
            b"y" | b"yes" => Some(self.set_consent(Choice::On)),
            b"n" | b"no" => Some(self.set_consent(Choice::Off)),
            part if purposes.len() > 1 => {
                let named = names(str::from_utf8(part).ok()?)?;
                named.iter().all(|name| purposes.contains(name)).then(|| self.set_consent_for(&named))
            }
            _ => None,
        }
    }
}
