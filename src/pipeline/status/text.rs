//! The status as lines for a person.

use super::{NETWORK, POLICY, Status};
use crate::consent::{ANSWERS, Mode, shortened};
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
        line(format_args!("  receiver    {}", self.receiver))?;
        line(format_args!("  controller  {}", self.controller))?;
        if let Some((config, state)) = &self.folders {
            line(format_args!("  answer      {}", shortened(&config.join(ANSWERS))))?;
            line(format_args!("  state       {}", shortened(state)))?;
        }
        match self.waiting {
            None => line(format_args!("  waiting     nothing"))?,
            Some(amount) => line(format_args!("  waiting     {amount}"))?,
        }
        if let Some(amount) = self.waiting_elsewhere {
            line(format_args!("  elsewhere   {amount} for another receiver: not sent, and deleted when too old"))?;
        }
        if let Some(amount) = self.sent {
            line(format_args!("  sent        {amount}, by the receipts"))?;
        }
        if let Some(report) = self.last_upload {
            line(format_args!("  last        {}: {report}", timestamp(report.at)))?;
        }
        if let Some(until) = self.paused_until {
            line(format_args!("  paused      no upload until {}", timestamp(until)))?;
        }
        if let Some(left) = self.next_upload {
            line(format_args!("  next        upload in {} min", left.as_secs().div_ceil(60)))?;
        }
        for (loss, number) in &self.lost {
            line(format_args!("  lost        {number} {loss}"))?;
        }
        match self.identity {
            None => line(format_args!("  identity    none on this machine"))?,
            Some(None) => line(format_args!("  identity    on this machine, and always the same"))?,
            Some(Some((age, left))) => {
                let (age, left) = (count(age / DAY_SECONDS, "day"), count(left / DAY_SECONDS, "day"));
                line(format_args!("  identity    {age} old, new in {left}"))?;
            }
        }
        if let Some(level) = self.hidden {
            line(format_args!(
                "  hidden      a filter on the whole subscriber lets only {level} through: put it on a layer"
            ))?;
        }
        if is_open(self.decision.mode) && self.off_here.is_none() && !self.in_subscriber {
            line(format_args!("  layer       in no subscriber: nothing is recorded"))?;
        }
        for (why, times) in &self.withheld {
            line(format_args!("  withheld    {}: {why}", count(*times, "time")))?;
        }
        if self.sources.iter().any(|source| source.is_no && source.name.chars().all(|c| !c.is_ascii_lowercase())) {
            line(format_args!(""))?;
            line(format_args!("A variable counts only where it is set; a stored no counts everywhere."))?;
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
