//! The proof that a value passed the sanitizer.

use std::ops::Deref;

/// A value with declared content only. Only `privacy` can make one.
#[derive(Clone, PartialEq)]
pub struct Clean<T>(pub(super) T);

impl<T> Deref for Clean<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
