//! Why something is not in the tables that a process records and sends by.

use super::drops::DropReason;
use crate::registry::{Attribute, Expiry, Registry, SignalKind};

/// All that a program declares, of which the tables that it records and sends by may be a part, and what its ends are
/// compared with.
#[derive(Clone, Copy)]
pub(super) struct AllDeclared<'a> {
    /// The program's own registry first.
    pub registries: &'a [&'static Registry<'static>],
    /// The program's version.
    pub version: &'a str,
    /// The latest time that the program has seen, in seconds since the epoch.
    pub latest: u64,
}

impl AllDeclared<'_> {
    /// Why a signal is not in the tables: it is declared nowhere, it is past its end, or the person has not agreed to it.
    pub(super) fn absent_signal(self, kind: SignalKind, name: &str) -> DropReason {
        let why = |(place, registry): (usize, &&'static Registry<'static>)| {
            let signal = registry.signals(kind).iter().find(|signal| signal.name == name)?;
            Some(self.absent(place, registry.expiry(Some(signal), None)))
        };
        self.registries.iter().enumerate().find_map(why).unwrap_or(DropReason::UndeclaredSignal)
    }

    /// Why the first attribute of this kind is not in the tables of a signal that is.
    pub(super) fn absent_attribute(
        self,
        kind: SignalKind,
        signal: &str,
        is_it: &dyn Fn(&Attribute<'_>) -> bool,
    ) -> DropReason {
        let why = |(place, registry): (usize, &&'static Registry<'static>)| {
            let mut signals = registry.signals(kind).iter().filter(|declared| declared.name == signal);
            signals.find_map(|declared| {
                let mut attributes = declared.attributes.iter().filter_map(|used| registry.attribute(used.attribute));
                let attribute = attributes.find(|attribute| is_it(attribute))?;
                Some(self.absent(place, registry.expiry(Some(declared), Some(attribute))))
            })
        };
        self.registries.iter().enumerate().find_map(why).unwrap_or(DropReason::UndeclaredField)
    }

    /// Why an attribute is not in the resource of the tables.
    pub(super) fn absent_in_resource(self, key: &str) -> DropReason {
        let Some(registry) = self.registries.first() else { return DropReason::UndeclaredField };
        let mut attributes = registry.resource.iter().filter_map(|&index| registry.attribute(index));
        let found = attributes.find(|attribute| attribute.key == key);
        found.map_or(DropReason::UndeclaredField, |attribute| self.absent(0, registry.expiry(None, Some(attribute))))
    }

    /// Why something that the registry in this place declares, with this end, is not in the tables.
    fn absent(self, place: usize, end: Expiry) -> DropReason {
        let Some(program) = self.registries.first() else { return DropReason::NotAgreed };
        let own = self.registries.get(place).filter(|_| place > 0).map_or(self.version, |own| own.service.version);
        // The end of the program's service is that of its libraries' records too.
        let is_over = end.is_over(self.latest, own) || program.service.expires.is_over(self.latest, self.version);
        if is_over { DropReason::Expired } else { DropReason::NotAgreed }
    }
}
