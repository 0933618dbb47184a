//! The tables of a program and its libraries, as they are passed on.

use crate::registry::Registry;

/// The tables of a program and its libraries, the program's first.
pub(crate) type RegistryTables = Vec<&'static Registry<'static>>;

/// Whether these are the same tables, and not only equal ones.
pub(super) fn is_same(one: &[&'static Registry<'static>], other: &[&'static Registry<'static>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| std::ptr::eq(*one, *other))
}
