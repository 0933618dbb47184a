//! The kernel's version is not known here.

pub(super) fn version() -> Option<String> {
    None
}
