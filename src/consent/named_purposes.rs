//! The purposes of a program's registries by their names.

use super::notice::purposes;
use super::purposes::{PurposeSet, names};
use super::settings::Settings;
use crate::registry::Purpose;
use std::ffi::OsStr;

impl Settings {
    /// The purposes of the program and its libraries, sorted by name, each once.
    pub(crate) fn purposes(&self) -> Vec<Purpose<'static>> {
        purposes(&self.tables())
    }

    /// The named purposes that the program has.
    pub(crate) fn purposes_named<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> PurposeSet {
        let purposes = self.purposes();
        let place = |name: &str| purposes.iter().position(|purpose| purpose.name == name);
        let bit = |name| place(name).and_then(|place| 1_u64.checked_shl(u32::try_from(place).ok()?));
        PurposeSet::of_bits(names.into_iter().filter_map(bit).fold(0, |set, bit| set | bit))
    }

    /// The purposes that a variable names, if it names nothing else and one of the program's.
    pub(super) fn purposes_in(&self, value: &OsStr) -> Option<PurposeSet> {
        let named = self.purposes_named(names(value.to_str()?)?);
        (!named.is_empty()).then_some(named)
    }

    /// The names of the purposes in a set.
    pub(crate) fn names_of(&self, set: PurposeSet) -> Vec<&'static str> {
        let all = self.purposes().into_iter().enumerate();
        all.filter(|(place, _)| set.has(*place)).map(|(_, purpose)| purpose.name).collect()
    }
}
