//! The replacement on platforms where the kernel's version is unknown.

pub(super) fn read() -> Option<String> {
    None
}
