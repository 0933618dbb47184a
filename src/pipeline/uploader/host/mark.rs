//! The mark of a process that was started for an upload.
//!
//! The mark is a variable, which any environment may contain. So it is valid only if standard input is a file in memory
//! with the same text, which has a random number: an earlier environment can't contain that. The file outlives the
//! process that made it, so that a process whose starter was killed still knows its stage, and does not run the
//! program's own work. After the text the file has the id of the started process, once it is known: a process that code
//! above `start` starts inherits variable and file, but has another id.
//!
//! Linux: `memfd_create(2)`, `fcntl(2)` (only such a file has seals).

use crate::files::fits;
use crate::identity::{Random as _, SystemRandom};
use rustix::fs::{MemfdFlags, Mode, OFlags, fcntl_get_seals, memfd_create, open};
use rustix::io::{Errno, pread, pwrite};
use rustix::process::getpid;
use std::fmt;
use std::fs::File;

/// The variable with the mark.
pub(super) const UPLOADER: &str = "SCRUPLE_UPLOADER";

/// The longest text, in bytes.
const LONGEST: usize = 1024;

/// The stage of an upload that a process runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Starts the uploader.
    Starter,
    /// Uploads.
    Uploader,
}

/// The mark: app, stage, and a random number.
pub(super) struct Mark {
    pub(super) app_id: String,
    pub(super) stage: Stage,
    number: u64,
}

impl Mark {
    /// A mark for a child of this process.
    pub(super) fn of_child(app_id: &str, stage: Stage) -> Option<Self> {
        let mut drawn = [0; 8];
        SystemRandom::new().ok()?.fill(&mut drawn);
        Some(Self { app_id: app_id.to_owned(), stage, number: u64::from_ne_bytes(drawn) })
    }

    /// The file for the child's standard input.
    pub(super) fn file(&self) -> Option<File> {
        let make = |flags| memfd_create(c"scruple-upload", MemfdFlags::CLOEXEC | flags);
        // Some systems refuse executable memory files; Linux before 6.3 does not know the flag.
        let made = match make(MemfdFlags::NOEXEC_SEAL) {
            Err(Errno::INVAL) => make(MemfdFlags::empty()),
            made => made,
        };
        let (file, text) = (made.ok()?, self.to_string());
        // A write beyond the limit would kill the process (`RLIMIT_FSIZE`, `SIGXFSZ`).
        let fits = text.len() < LONGEST && fits(2 * text.len() as u64 + 1).is_ok();
        (fits && pwrite(&file, text.as_bytes(), 0) == Ok(text.len())).then(|| file.into())
    }

    /// Notes the id of the child. Until then, the reader is the child.
    pub(super) fn note(&self, file: &File, child: u32) {
        let _ = pwrite(file, child.to_string().as_bytes(), self.to_string().len() as u64);
    }

    /// The mark of this process, if it has a valid one.
    pub(super) fn read() -> Option<Self> {
        let variable = std::env::var_os(UPLOADER)?;
        let mark = Self::parse(variable.to_str()?)?;
        let input = rustix::stdio::stdin();
        // The input of another program is not read: only our files have seals.
        fcntl_get_seals(input).ok()?;
        let mut read = [0; 2 * LONGEST];
        let length = pread(input, &mut read, 0).ok()?;
        let child = str::from_utf8(read.get(..length)?).ok()?.strip_prefix(&mark.to_string())?;
        let is_this = child.is_empty() || child.parse() == Ok(getpid().as_raw_nonzero().get());
        (is_this && std::env::args_os().len() <= 2).then_some(mark)
    }

    /// Closes the file with the mark: standard input is empty then.
    pub(super) fn close() {
        if let Ok(empty) = open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) {
            let _ = rustix::stdio::dup2_stdin(empty);
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mark = Self {
            app_id: words.next()?.to_owned(),
            stage: match words.next()? {
                "starter" => Stage::Starter,
                "uploader" => Stage::Uploader,
                _ => return None,
            },
            number: u64::from_str_radix(words.next()?, 16).ok()?,
        };
        words.next().is_none().then_some(mark)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { app_id, stage, number } = self;
        let stage = match stage {
            Stage::Starter => "starter",
            Stage::Uploader => "uploader",
        };
        write!(f, "{app_id} {stage} {number:016x}")
    }
}
