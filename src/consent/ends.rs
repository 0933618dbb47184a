//! The ends of what a program's registries declare.

use super::settings::Settings;
use crate::registry::{Expiry, Registry, SignalKind};

/// Every end, of the services, the signals and the attributes.
pub(super) fn ends<'r>(registries: &'r [&Registry<'_>]) -> impl Iterator<Item = Expiry> + 'r {
    registries.iter().flat_map(|registry| {
        let kinds = [SignalKind::Span, SignalKind::Event].into_iter();
        let signals = kinds.flat_map(|kind| registry.signals(kind)).map(|signal| signal.expires);
        let attributes = registry.attributes.iter().map(|attribute| attribute.expires);
        signals.chain(attributes).chain([registry.service.expires])
    })
}

impl Settings {
    /// What has an end, by name: a program, its signals and its attributes; and whether that has come for this version.
    pub(crate) fn named_ends(&self, version: &str) -> Vec<(&'static str, Expiry, bool)> {
        let now = self.latest();
        let of = |registry: &'static Registry<'static>| {
            let signals = registry.spans.iter().chain(registry.events).map(|signal| (signal.name, signal.expires));
            let attributes = registry.attributes.iter().map(|attribute| (attribute.key, attribute.expires));
            [(registry.service.name, registry.service.expires)].into_iter().chain(signals).chain(attributes)
        };
        let all = self.registries.iter().flat_map(|registry| of(registry)).filter(|(_, end)| *end != Expiry::NEVER);
        all.map(|(name, end)| (name, end, end.is_over(now, version))).collect()
    }
}
