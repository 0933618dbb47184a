//! The tables that a process may send by: the program's own, or those of the part that the person agreed to.

use super::answer::agreed_part;
use super::decision::{Decision, Reason};
use super::settings::Settings;
use crate::registry::Registry;

impl Settings {
    /// The tables to record and send by, with this decision. All that follows is given these alone, so that nothing else
    /// is declared for it.
    ///
    /// # Errors
    /// If the answer that the decision followed is there no more.
    pub(crate) fn allowed(&self, decision: Decision) -> Result<Vec<&'static Registry<'static>>, Reason> {
        let Reason::AgreedInPart(what) = decision.reason else { return Ok(self.registries.clone()) };
        let part = self.own_places().and_then(|places| agreed_part(self, &places));
        part.ok_or(Reason::Wider(what))
    }
}
