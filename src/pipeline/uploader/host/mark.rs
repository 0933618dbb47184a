//! The mark of a process that was started for an upload.
//!
//! The mark is a variable, which any environment may contain. So it is valid only if standard input is a file without a
//! name with the same text, which has a random number: an earlier environment can't contain that. The file outlives the
//! process that made it, so that a process whose starter was killed still knows its stage, and does not run the
//! program's own work. After the text the file has the id of the started process, once it is known: a process that code
//! above `start` starts inherits variable and file, but has another id.

#[cfg_attr(unix, path = "mark/input.rs")]
#[cfg_attr(windows, path = "mark/input_windows.rs")]
mod input;

pub(super) use input::close;

use crate::files::fits;
use crate::identity::{Random as _, SystemRandom};
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
        let text = self.to_string();
        // A write beyond the limit would kill the process (`RLIMIT_FSIZE`, `SIGXFSZ`).
        let fits = text.len() < LONGEST && fits(2 * text.len() as u64 + 1).is_ok();
        let file = input::make(self.number).filter(|_| fits)?;
        input::write(&file, text.as_bytes(), 0).is_ok_and(|length| length == text.len()).then_some(file)
    }

    /// Notes the id of the child. Until then, the reader is the child.
    pub(super) fn note(&self, file: &File, child: u32) {
        let _ = input::write(file, child.to_string().as_bytes(), self.to_string().len() as u64);
    }

    /// The mark of this process, if it has a valid one.
    pub(super) fn read() -> Option<Self> {
        let variable = std::env::var_os(UPLOADER)?;
        let mark = Self::parse(variable.to_str()?)?;
        let mut read = [0; 2 * LONGEST];
        let length = input::read(&mut read)?;
        let child = str::from_utf8(read.get(..length)?).ok()?.strip_prefix(&mark.to_string())?;
        let is_this = child.is_empty() || child.parse() == Ok(std::process::id());
        (is_this && std::env::args_os().len() <= 2).then_some(mark)
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

#[cfg(test)]
mod tests {
    use super::Mark;

    #[test]
    fn a_mark_is_parsed_only_in_the_form_that_is_written() {
        let text = "words uploader 0000000000000001";
        assert_eq!(Mark::parse(text).unwrap().to_string(), text);
        for other in ["", "words", "words uploader", "words other 1", "words uploader x", "words uploader 1 1"] {
            assert!(Mark::parse(other).is_none(), "{other}");
        }
    }
}
