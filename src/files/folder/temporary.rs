//! Names of temporary files, which are renamed into place.

/// A temporary name for `name`.
pub(super) fn name(name: &str, random: u64) -> String {
    format!(".{name}.{random:016x}")
}

/// Whether `found` is a temporary name for `name`.
pub(super) fn is_of(found: &str, name: &str) -> bool {
    let random =
        found.strip_prefix('.').and_then(|rest| rest.strip_prefix(name)).and_then(|rest| rest.strip_prefix('.'));
    random.is_some_and(|random| random.len() == 16 && u64::from_str_radix(random, 16).is_ok())
}
