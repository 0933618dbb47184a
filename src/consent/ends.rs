//! The ends of what a program's registries declare.

use super::settings::Settings;
use crate::registry::{Expiry, Registry, SignalKind};

/// Every end in a registry: of the service, the signals and the attributes.
pub(super) fn ends(registry: &Registry<'static>) -> impl Iterator<Item = Expiry> + use<> {
    let kinds = [SignalKind::Span, SignalKind::Event].map(|kind| registry.signals(kind));
    let signals = kinds.into_iter().flatten().map(|signal| signal.expires);
    let attributes = registry.attributes.iter().map(|attribute| attribute.expires);
    signals.chain(attributes).chain([registry.service.expires])
}

impl Settings {
    /// What has an end, by name: a program, its signals and its attributes; and whether that has come for this version.
    pub(crate) fn named_ends(&self, version: &str) -> Vec<(&'static str, Expiry, bool)> {
        let now = self.latest(&self.registries);
        let of = |registry: &'static Registry<'static>| {
            let signals = registry.spans.iter().chain(registry.events).map(|signal| (signal.name, signal.expires));
            let attributes = registry.attributes.iter().map(|attribute| (attribute.key, attribute.expires));
            [(registry.service.name, registry.service.expires)].into_iter().chain(signals).chain(attributes)
        };
        let all = self.registries.iter().enumerate().flat_map(|(place, registry)| {
            let version = if place == 0 { version } else { registry.service.version };
            of(registry).map(move |(name, end)| (name, end, end.is_over(now, version)))
        });
        all.filter(|(_, end, _)| *end != Expiry::NEVER).collect()
    }
}
