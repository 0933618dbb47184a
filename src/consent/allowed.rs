//! The tables that a process may send by: the program's own, or those of the part that the person agreed to, for the
//! purposes that are agreed to, without what is past its end.

use super::answer::agreed_part;
use super::decision::{Decision, Reason};
use super::ends::ends;
use super::latest::UNKNOWN;
use super::purposes::PurposeSet;
use super::settings::Settings;
use super::tables::{RegistryTables, is_same};
use crate::registry::{Expiry, Registry, SignalKind};
use std::sync::Mutex;

/// What was made of tables: each once in a process, since tables are never freed.
static LIMITED: Mutex<Vec<LimitedTables>> = Mutex::new(Vec::new());

struct LimitedTables {
    of: RegistryTables,
    /// The purposes that are agreed to.
    only: PurposeSet,
    /// Which of the ends have come.
    over: Vec<bool>,
    made: Result<RegistryTables, Reason>,
}

impl Settings {
    /// The tables of what is agreed to with this decision, for all purposes and times.
    ///
    /// # Errors
    /// If the answer that the decision followed is there no more.
    pub(crate) fn agreed_tables(&self, decision: Decision) -> Result<RegistryTables, Reason> {
        let Reason::AgreedInPart(what) = decision.reason else { return Ok(self.registries.clone()) };
        let part = self.first_places.get().and_then(|places| agreed_part(self, places));
        part.ok_or(Reason::Wider(what))
    }

    /// The tables to record and send by, with this decision, for a program of this version. All that follows is given these
    /// alone, so that nothing else is declared for it.
    ///
    /// # Errors
    /// As of [`Settings::agreed_tables`] and [`Settings::limited`].
    pub(crate) fn allowed(&self, decision: Decision, version: &str) -> Result<RegistryTables, Reason> {
        let tables = self.agreed_tables(decision)?;
        let now = self.latest(&tables);
        self.limited(tables, decision, version, now)
    }

    /// What is left of the agreed tables at this time, in seconds since the epoch: see [`Settings::allowed`].
    ///
    /// # Errors
    /// If no signal is left.
    pub(crate) fn limited(
        &self,
        tables: RegistryTables,
        decision: Decision,
        version: &str,
        now: u64,
    ) -> Result<RegistryTables, Reason> {
        // The end of the program's own service is that of its libraries' records too, which have its resource. An end by
        // version is one of the registry's own: a library's has its version.
        let is_all_over = tables.first().is_some_and(|program| program.service.expires.is_over(now, version));
        let is_over = |registry: &Registry<'static>, end: Expiry| {
            is_all_over || end.is_over(now, self.version_of(registry, version))
        };
        let over: Vec<_> =
            tables.iter().flat_map(|registry| ends(registry).map(move |end| is_over(registry, end))).collect();
        let is_part = matches!(decision.reason, Reason::AgreedInPart(_));
        if decision.only == PurposeSet::ALL && !is_part && !over.contains(&true) {
            return Ok(tables);
        }
        // Without waiting: a forked process may have a copy of the lock that stays locked.
        let mut known = LIMITED.try_lock().ok();
        let is_known =
            |known: &&LimitedTables| known.only == decision.only && known.over == over && is_same(&known.of, &tables);
        if let Some(known) = known.as_deref().and_then(|known| known.iter().find(is_known)) {
            return known.made.clone();
        }
        let names = self.names_of(decision.only);
        let limit = |registry: &&'static Registry<'static>| {
            registry.limited(
                // The first registry that declares a name decides, also where its signal is left out.
                &|kind, name| self.is_first_with(kind, name, registry),
                &|name| names.contains(&name),
                &|end| is_over(registry, end),
            )
        };
        let limited: RegistryTables = tables.iter().map(limit).collect();
        let made = if has_signals(&limited) || !has_signals(&tables) {
            Ok(limited)
        } else if over.contains(&true) {
            Err(if now == UNKNOWN { Reason::LatestTime } else { Reason::Expired })
        } else {
            Err(Reason::NoPurpose)
        };
        if let Some(known) = &mut known {
            known.push(LimitedTables { of: tables, only: decision.only, over, made: made.clone() });
        }
        made
    }

    /// Whether no earlier registry declares a signal of this name.
    fn is_first_with(&self, kind: SignalKind, name: &str, registry: &Registry<'_>) -> bool {
        let earlier = self.registries.iter().take_while(|other| other.service.app_id != registry.service.app_id);
        !earlier.into_iter().any(|earlier| earlier.signals(kind).iter().any(|signal| signal.name == name))
    }
}

fn has_signals(registries: &[&Registry<'_>]) -> bool {
    registries.iter().any(|registry| registry.all_signals().next().is_some())
}
