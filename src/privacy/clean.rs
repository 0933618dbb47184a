//! The proof that a value went through the sanitizer.

use std::ops::Deref;

/// Something that holds nothing but what the registry declares. Only this module can make one.
#[derive(Clone, PartialEq)]
pub struct Clean<T>(pub(super) T);

impl<T> Deref for Clean<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
