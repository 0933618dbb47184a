//! The host's standard streams on Windows: writes a line of log where that does not wait.
//!
//! Closed streams are left as they are: the numbers of handles are not used again at once.

use std::io::{Write as _, stderr};
use winapi_util::file::typ;
use winapi_util::{AsHandleRef, HandleRef};

pub(super) fn occupy() {}

/// Writes a line to standard error, unless that is a pipe: a full one makes the writer wait.
pub(super) fn log(line: &str) {
    if takes_at_once(HandleRef::stderr()) {
        let _ = stderr().write_all(format!("{line}\n").as_bytes());
    }
}

/// Whether it is a file on a disk or a console.
fn takes_at_once(stream: impl AsHandleRef) -> bool {
    typ(stream).is_ok_and(|found| found.is_disk() || found.is_char())
}

#[cfg(test)]
mod tests {
    use super::takes_at_once;
    use std::fs::File;
    use std::os::windows::io::OwnedHandle;

    #[test]
    fn a_pipe_may_be_full_and_gets_no_line() {
        let (_reader, writer) = std::io::pipe().unwrap();
        let (pipe, file) = (File::from(OwnedHandle::from(writer)), tempfile::tempfile().unwrap());
        assert!(!takes_at_once(&pipe));
        assert!(takes_at_once(&file));
    }
}
