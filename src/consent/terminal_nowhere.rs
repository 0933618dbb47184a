//! Whether somebody reads what is written to standard error can't be told here, which counts as nobody.

pub(crate) fn is_read() -> bool {
    false
}
