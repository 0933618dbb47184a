//! The ends of what a program's registries declare.

use super::settings::Settings;
use crate::registry::{Expiry, Registry};

/// Every end in a registry: of the service, the signals and the attributes.
pub(super) fn ends(registry: &Registry<'static>) -> impl Iterator<Item = Expiry> + use<> {
    let signals = registry.all_signals().map(|(_, signal)| signal.expires);
    let attributes = registry.attributes.iter().map(|attribute| attribute.expires);
    signals.chain(attributes).chain([registry.service.expires])
}

impl Settings {
    /// The version that the ends of a registry are compared with: the program's, or a library's own.
    pub(super) fn version_of<'v>(&self, registry: &Registry<'static>, of_program: &'v str) -> &'v str {
        if registry.service.app_id == self.app_id() { of_program } else { registry.service.version }
    }

    /// What has an end, by name: a program, its signals and its attributes; and whether that has come for this version.
    pub(crate) fn named_ends(&self, version: &str) -> Vec<(&'static str, Expiry, bool)> {
        let now = self.latest(&self.registries);
        let of = |registry: &'static Registry<'static>| {
            let signals = registry.all_signals().map(|(_, signal)| (signal.name, signal.expires));
            let attributes = registry.attributes.iter().map(|attribute| (attribute.key, attribute.expires));
            [(registry.service.name, registry.service.expires)].into_iter().chain(signals).chain(attributes)
        };
        let all = self.registries.iter().flat_map(|registry| {
            let version = self.version_of(registry, version);
            of(registry).map(move |(name, end)| (name, end, end.is_over(now, version)))
        });
        all.filter(|(_, end, _)| *end != Expiry::NEVER).collect()
    }
}
