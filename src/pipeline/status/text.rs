//! The status as lines for a person.

use super::{NETWORK, POLICY, SourceStatus, Status};
use crate::consent::{ANSWERS, Mode, shortened, until};
use crate::limits::DAY_SECONDS;
use crate::pipeline::render::timestamp;
use crate::pipeline::shared::is_open;
use crate::registry::{count, escaped};
use std::fmt;

impl Status {
    /// The decision and its reason, in one line.
    pub fn headline(&self) -> String {
        let because = self.decision.reason;
        let how = match self.decision.mode {
            Mode::On => format!("on: {because}"),
            Mode::Off => format!("off: {because}"),
            Mode::Undecided => format!("undecided, and records nothing: {because}"),
            Mode::Log => format!("printed and not sent, by its variable; without it: {because}"),
        };
        let says_no = |name| self.sources.iter().any(|source| source.name == name && source.is_no);
        let nothing = match self.decision.mode {
            Mode::On if says_no(NETWORK) => {
                "; nothing is sent, because the proxy or certificate settings can't be used"
            }
            Mode::On if says_no(POLICY) => "; nothing is sent, by the policy",
            _ => "",
        };
        let here = self.off_here.map(|why| format!("; this process records nothing: {why}")).unwrap_or_default();
        escaped(format_args!("{} telemetry is {how}{nothing}{here}", self.name))
    }

    /// What is known beside the sources: each with its name, in the order in which they are shown. The names `lost` and
    /// `withheld` come once for each reason.
    pub(in crate::pipeline) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut list = vec![("receiver", self.receiver.clone()), ("controller", self.controller.to_owned())];
        if let Some((config, state)) = &self.folders {
            list.push(("answer", shortened(&config.join(ANSWERS))));
            list.push(("state", shortened(state)));
        }
        list.push(("waiting", self.waiting.map_or_else(|| "nothing".to_owned(), |amount| amount.to_string())));
        list.extend(
            self.waiting_elsewhere.map(|amount| {
                ("elsewhere", format!("{amount} for another receiver: not sent, and deleted when too old"))
            }),
        );
        list.extend(self.sent.map(|amount| ("sent", format!("{amount}, by the receipts"))));
        list.extend(self.last_upload.as_ref().map(|report| ("last", format!("{}: {report}", timestamp(report.at)))));
        list.extend(self.paused_until.map(|until| ("paused", format!("no upload until {}", timestamp(until)))));
        list.extend(self.next_upload.map(|left| ("next", format!("upload in {} min", left.as_secs().div_ceil(60)))));
        list.extend(self.lost.iter().map(|(loss, number)| ("lost", format!("{number} {loss}"))));
        list.extend(self.purposes.as_ref().map(|purposes| ("purposes", purposes.join(", "))));
        list.extend(self.ends.iter().map(|(name, end, is_over)| {
            let over = if *is_over { "; that is over: it is neither recorded nor sent" } else { "" };
            ("until", format!("{name}: {}{over}", until(*end).unwrap_or_default()))
        }));
        list.push((
            "identity",
            match self.identity {
                None => "none on this machine".to_owned(),
                Some(None) => "on this machine, and always the same".to_owned(),
                Some(Some((age, left))) => {
                    format!("{} old, new in {}", count(age / DAY_SECONDS, "day"), count(left / DAY_SECONDS, "day"))
                }
            },
        ));
        list.extend(self.hidden.map(|level| {
            ("hidden", format!("a filter on the whole subscriber lets only {level} through: put it on a layer"))
        }));
        if is_open(self.decision.mode) && self.off_here.is_none() && !self.in_subscriber {
            list.push(("layer", "in no subscriber: nothing is recorded".to_owned()));
        }
        list.extend(self.withheld.iter().map(|(why, times)| ("withheld", format!("{}: {why}", count(*times, "time")))));
        list
    }

    /// How far a variable reaches, if one says no.
    pub(in crate::pipeline) fn hint(&self) -> Option<&'static str> {
        let is_variable = |source: &SourceStatus| source.name.chars().all(|c| !c.is_ascii_lowercase());
        let is_no = self.sources.iter().any(|source| source.is_no && is_variable(source));
        is_no.then_some("A variable counts only where it is set; a stored no counts everywhere.")
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values hold foreign paths and words, which must not begin a line of their own or steer the terminal.
        let mut line = |text: fmt::Arguments<'_>| writeln!(f, "{}", escaped(text));
        line(format_args!("{}", self.headline()))?;
        line(format_args!(""))?;
        line(format_args!("Asked in this order; the first that decides wins:"))?;
        for source in &self.sources {
            let mark = if source.is_no { "no" } else { "" };
            line(format_args!("  {mark:<3} {:<28} {}", source.name, source.value))?;
        }
        line(format_args!(""))?;
        for (name, value) in self.facts() {
            line(format_args!("  {name:<11} {value}"))?;
        }
        if let Some(hint) = self.hint() {
            line(format_args!(""))?;
            line(format_args!("{hint}"))?;
        }
        if let Some(command) = &self.command {
            line(format_args!(""))?;
            line(format_args!(
                "To answer permanently: `{command} on` or `{command} off`. To see the data: `{command} show`."
            ))?;
        }
        Ok(())
    }
}
