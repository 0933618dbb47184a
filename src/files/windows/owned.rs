//! A handle that stays open.

use std::fs::File;
use std::io;

/// An open handle of ours. A host that closes handles of others is not looked for: the numbers of handles are not used
/// again at once, and no program closes all of them.
pub(crate) struct Owned<T>(T);

impl<T> Owned<T> {
    pub(crate) fn new(handle: T) -> io::Result<Self> {
        Self::in_place(handle)
    }

    #[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
    pub(crate) fn in_place(handle: T) -> io::Result<Self> {
        Ok(Self(handle))
    }

    #[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
    pub(crate) fn get(&self) -> io::Result<&T> {
        Ok(&self.0)
    }
}

impl Owned<File> {
    pub(crate) fn get_with(&self, _: u64) -> io::Result<&File> {
        self.get()
    }
}
