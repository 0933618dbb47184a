//! The kernel's version is not known here.

pub(super) fn read() -> Option<String> {
    None
}
