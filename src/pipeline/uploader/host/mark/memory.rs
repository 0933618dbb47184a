//! The file of a mark: a file in memory.
//!
//! Linux: `memfd_create(2)`, `fcntl(2)` (only such a file has seals).

use rustix::fd::BorrowedFd;
use rustix::fs::{MemfdFlags, fcntl_get_seals, memfd_create};
use rustix::io::Errno;
use std::fs::File;

/// Makes an empty one.
pub(in super::super) fn make(_: u64) -> Option<File> {
    let make = |flags| memfd_create(c"scruple-upload", MemfdFlags::CLOEXEC | flags);
    // Some systems refuse executable memory files; Linux before 6.3 does not know the flag.
    let made = match make(MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => make(MemfdFlags::empty()),
        made => made,
    };
    Some(made.ok()?.into())
}

/// Whether it is one.
pub(super) fn is_one(file: BorrowedFd<'_>) -> bool {
    fcntl_get_seals(file).is_ok()
}
