//! The version of a program that a record is from, by its schema URL.

use scruple_registry::Registry;

/// The registries of the version with this schema URL, or else of the first version. Each version begins with a registry
/// of the program, which has the app id of the first.
pub(super) fn version<'v, 'r>(registries: &'v [&'r Registry<'r>], schema_url: Option<&str>) -> &'v [&'r Registry<'r>] {
    let Some(program) = registries.first() else { return registries };
    let mut versions = registries.chunk_by(|_, next| next.service.app_id != program.service.app_id);
    let first = versions.next().unwrap_or_default();
    let is_own = |version: &&[&Registry<'_>]| version.first().map(|program| program.schema_url) == schema_url;
    if is_own(&first) { first } else { versions.find(is_own).unwrap_or(first) }
}
