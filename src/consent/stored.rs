//! A person's stored answers, and the errors of reading them.

use super::purposes::PurposeSet;
use crate::files::FileError;
use crate::registry::snapshot::ChangeKind;
use std::fmt;

/// A person's stored answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The error of a file that may hold an answer.
    pub unusable: Option<AnswerError>,
    /// A no, in any of the folders.
    pub no: bool,
    /// A yes, and whether it covers what the program collects; otherwise the kind of widening.
    pub yes: Option<Result<(), ChangeKind>>,
    /// The last notice.
    pub told: Option<NoticeState>,
    /// Whether an earlier yes, or an earlier notice with its wait over, covers a part of what the program collects: the
    /// first kind of data that it does not cover.
    pub part: Option<ChangeKind>,
    /// The purposes that the answers agree to.
    pub only: PurposeSet,
}

impl Default for Stored {
    fn default() -> Self {
        Self { unusable: None, no: false, yes: None, told: None, part: None, only: PurposeSet::ALL }
    }
}

/// The state of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// It covers what the program collects, and the wait is over.
    Over,
    /// It covers what the program collects, and the wait is not over.
    Waiting,
    /// The program collects more.
    Wider(ChangeKind),
    /// Unknown: the clock is behind the build of the program.
    ClockBehind,
}

/// Why a stored answer can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// The file can't be read or written.
    File(FileError),
    /// The file is malformed.
    Malformed,
    /// A newer version wrote the file.
    Newer,
    /// The file belongs to another app.
    AnotherApp,
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(why) => write!(f, "{why}"),
            Self::Malformed => f.write_str("it is malformed"),
            Self::Newer => f.write_str("a newer version has written it"),
            Self::AnotherApp => f.write_str("it belongs to another program"),
        }
    }
}

impl std::error::Error for AnswerError {}
