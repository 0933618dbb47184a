//! The tables that a process may send by: the program's own, or those of the part that the person agreed to, for the
//! purposes that are agreed to, without what is past its end.

use super::answer::agreed_part;
use super::decision::{Decision, Reason};
use super::ends::ends;
use super::purposes::PurposeSet;
use super::settings::{LimitedTables, Settings};
use crate::registry::{Expiry, Registry};

impl Settings {
    /// The tables to record and send by, with this decision, for a program of this version. All that follows is given these
    /// alone, so that nothing else is declared for it.
    ///
    /// # Errors
    /// If no signal is left, or the answer that the decision followed is there no more.
    pub(crate) fn allowed(&self, decision: Decision, version: &str) -> Result<Vec<&'static Registry<'static>>, Reason> {
        let tables = match decision.reason {
            Reason::AgreedInPart(what) => {
                let part = self.own_places().and_then(|places| agreed_part(self, &places));
                part.ok_or(Reason::Wider(what))?
            }
            _ => self.registries.clone(),
        };
        let now = self.latest();
        // The end of the program's own service is that of its libraries' records too, which have its resource. An end by
        // version is one of the registry's own: a library's has its version.
        let all = tables.first().map(|program| program.service.expires).unwrap_or_default();
        let is_all_over = all.is_over(now, version);
        let version_of = |place: usize, registry: &Registry<'static>| {
            if place == 0 { version } else { registry.service.version }
        };
        let is_over = |place, registry: &Registry<'static>, end: Expiry| {
            is_all_over || end.is_over(now, version_of(place, registry))
        };
        let over: Vec<_> = tables
            .iter()
            .enumerate()
            .flat_map(|(place, registry)| ends(registry).map(move |end| is_over(place, registry, end)))
            .collect();
        if decision.only == PurposeSet::ALL && !over.contains(&true) {
            return Ok(tables);
        }
        // Without waiting: a forked process may have a copy of the lock that stays locked.
        let mut last = self.limited.try_lock().ok();
        let is_last =
            |last: &&LimitedTables| last.only == decision.only && last.over == over && is_same(&last.of, &tables);
        if let Some(last) = last.as_deref().and_then(|last| last.as_ref().filter(is_last)) {
            return Ok(last.tables.clone());
        }
        let names = self.names_of(decision.only);
        let limit = |(place, registry): (usize, &&'static Registry<'static>)| {
            registry.limited(&|name| names.contains(&name), &|end| is_over(place, registry, end))
        };
        let limited: Vec<_> = tables.iter().enumerate().map(limit).collect();
        if !has_signals(&limited) && has_signals(&tables) {
            return Err(if over.contains(&true) { Reason::Expired } else { Reason::NoPurpose });
        }
        if let Some(last) = &mut last {
            let (of, only, tables) = (tables, decision.only, limited.clone());
            **last = Some(LimitedTables { of, only, over, tables });
        }
        Ok(limited)
    }
}

fn has_signals(registries: &[&Registry<'_>]) -> bool {
    registries.iter().any(|registry| !registry.spans.is_empty() || !registry.events.is_empty())
}

fn is_same(one: &[&'static Registry<'static>], other: &[&'static Registry<'static>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| std::ptr::eq(*one, *other))
}
