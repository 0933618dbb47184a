//! What is stored of a person's answers, and why it can't be used.

use crate::files::FileError;
use crate::registry::snapshot::ChangeKind;
use std::fmt;

/// What is stored of a person's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// A file that may hold an answer can't be used.
    pub unusable: Option<AnswerError>,
    /// A no, in either place.
    pub no: bool,
    /// A yes, and whether it covers what the program collects; if not, what is wider.
    pub yes: Option<Result<(), ChangeKind>>,
    /// A notice that was shown.
    pub told: Option<NoticeState>,
}

/// What became of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// It covers what the program collects, and the time to say no is over.
    Over,
    /// It covers what the program collects, and there is still time to say no.
    Waiting,
    /// The program collects more.
    Wider(ChangeKind),
    /// Whether one was shown, and when, can't be told: the clock is behind the build of the program.
    ClockBehind,
}

/// Why a stored answer can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// The file can't be read or written.
    File(FileError),
    /// It is not of the form that it has to be.
    Malformed,
    /// It was written by a newer version.
    Newer,
    /// It is the file of another app.
    AnotherApp,
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(why) => write!(f, "{why}"),
            Self::Malformed => f.write_str("it is not understood"),
            Self::Newer => f.write_str("a newer version has written it"),
            Self::AnotherApp => f.write_str("it is another program's"),
        }
    }
}

impl std::error::Error for AnswerError {}
