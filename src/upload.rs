//! Takes finished files, asks for consent again, sends, keeps a receipt.
//!
//! `run` (feature `upload`) is one run of an uploader, in a process of its own or a thread. [`readmit_line`] is the
//! only path from a file to the wire, and it trusts nothing:
//!
//! 1. The line must have the exact shape that the encoder writes ([`LineError`] is the reason otherwise). Lenient
//!    parsers disagree: a Collector accepts snake case and merges duplicate objects, where this library would see an
//!    unknown field, or the first or the last of two. A text with only one spelling means the same to all of them.
//! 2. `privacy` makes a clean record of the content that is still declared; its module `revalidate` has the table of
//!    dropped, withheld and refused content. The record has no text of the line except declared texts and digits.
//! 3. The record is encoded. If nothing was dropped, the result must equal the line, byte for byte; and in any case the
//!    second opinion must find no violation in it. Both hold for every line, unless 1 or 2 has a bug: then nothing is
//!    sent.
//!
//! So the line itself is never sent, but a record made of it, which any [`Encoder`] takes together with the others of
//! its resource. The second opinion checks the output, not the line: a line that was queued while the registry was
//! narrowed holds undeclared content, and is sent without it.

#[cfg(feature = "policy")]
pub mod asked;
mod inspect;
mod line;
pub mod report;
#[cfg(feature = "upload")]
pub mod run;

pub use inspect::Amount;
pub(crate) use inspect::{amount_elsewhere, amount_waiting, waiting};
pub use line::LineError;

use crate::check;
use crate::encode::{Encoder, Format, SCOPE_VERSION};
use crate::privacy::{Clean, Declarations, DropCounts, DropReason, Record, Resource, Revalidated, readmit};
use std::fmt;

/// Why a line is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineRefused {
    /// No version of this library writes such a line: nothing in its file can be trusted.
    Foreign(LineError),
    /// The running program may not send its record. The rest of its file may still be sent.
    Withheld(DropReason),
    /// The encoder writes a different line, or the second opinion finds a violation. Handled like
    /// [`LineRefused::Foreign`].
    Contradicted,
}

impl fmt::Display for LineRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(why) => why.fmt(f),
            Self::Withheld(why) => why.fmt(f),
            Self::Contradicted => f.write_str("not the line that its record gives"),
        }
    }
}

impl std::error::Error for LineRefused {}

/// The record of one line and its resource, as far as they may be sent under these declarations.
///
/// `line` is one line of a JSON Lines file without its line feed. Dropped content is counted in `drop_counts`, and so
/// is a withheld record. Time and memory are proportional to the line, which has at most
/// [`MAX_LINE`](crate::limits::MAX_LINE) bytes.
///
/// # Errors
/// Why no part of it is sent.
pub fn readmit_line(
    line: &[u8],
    terms: &Declarations<'_>,
    drop_counts: &DropCounts,
) -> Result<(Clean<Resource>, Clean<Record>), LineRefused> {
    LineReader::default().line(line, terms, drop_counts)
}

/// Readmits line after line. The lines of a file come from one process, so one encoder serves them all.
#[derive(Default)]
pub(crate) struct LineReader {
    last: Option<(Clean<Resource>, Encoder)>,
    canonical: Vec<u8>,
}

impl LineReader {
    /// See [`readmit_line`]; the declarations are the same for all lines.
    pub(crate) fn line(
        &mut self,
        line: &[u8],
        terms: &Declarations<'_>,
        drop_counts: &DropCounts,
    ) -> Result<(Clean<Resource>, Clean<Record>), LineRefused> {
        let written = line::read(line).map_err(LineRefused::Foreign)?;
        let Revalidated { resource, record, whole } =
            readmit(&written, terms, drop_counts).map_err(LineRefused::Withheld)?;
        self.last.take_if(|(last, _)| *last != resource);
        let (_, encoder) = self.last.get_or_insert_with(|| {
            let encoder = Encoder::new(&resource, terms.registries);
            (resource.clone(), encoder)
        });
        self.canonical.clear();
        encoder.request(Format::Json, record.kind(), [&record], &mut self.canonical);
        let same = self.canonical == line || !whole || written.scope != SCOPE_VERSION;
        let findings = check::check(terms.registries, record.kind(), check::Format::Json, &self.canonical);
        if same && findings.is_empty() { Ok((resource, record)) } else { Err(LineRefused::Contradicted) }
    }
}
