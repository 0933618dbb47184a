//! Takes finished files, asks again, sends, keeps a receipt.
//!
//! `run` (feature `upload`) is one run of an uploader, which is a process of its own or a thread. [`readmit_line`] is all
//! that lies between a file and the wire, and it takes nothing on trust:
//!
//! 1. The line is read by the very shape that the encoder gives it ([`LineError`] says what is not so). Lenient readers
//!    disagree: a Collector takes snake case and merges duplicate objects, where this library would see an unknown
//!    field, or the first or the last of two. What has one spelling only means the same to all of them.
//! 2. `privacy` makes a clean record of what is still declared; its module `readmit` has the table of what is dropped,
//!    withheld or refused. No text of the line is in it that is not a declared one, or digits.
//! 3. The record is encoded. If nothing was dropped, that has to give the line again, byte for byte; and in any case
//!    the second opinion may find nothing in it. Both hold for every line, or there is a mistake in 1 or 2: then
//!    nothing is sent.
//!
//! So what is sent was never the line but a record made of it, which any [`Encoder`] takes together with the others of
//! its resource. The second opinion judges what would leave, not the line: a line that waited while the registry was
//! narrowed holds what is no longer declared, and is sent without it.

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
    /// No version of this library writes such a line: nothing of its file is to be believed.
    Foreign(LineError),
    /// The program that now runs may not send its record. The rest of its file may still be sent.
    Withheld(DropReason),
    /// The encoder gives another line again, or the second opinion finds something in it. As [`Refused::Foreign`].
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

/// The record of one line and what its process said of itself, as far as they may be sent under these terms.
///
/// `line` is one line of a JSON Lines file without its line feed. What is dropped of it is counted in `drop_counts`, and so is
/// a withheld record. It takes time and memory in proportion to the line, which has [`MAX_LINE`](crate::limits::MAX_LINE) bytes at most.
///
/// # Errors
/// Says why nothing of it is sent.
pub fn readmit_line(
    line: &[u8],
    terms: &Declarations<'_>,
    drop_counts: &DropCounts,
) -> Result<(Clean<Resource>, Clean<Record>), LineRefused> {
    LineReader::default().line(line, terms, drop_counts)
}

/// Where one line after another is readmitted. The lines of a file are of one process, so that an encoder serves them all.
#[derive(Default)]
pub(crate) struct LineReader {
    last: Option<(Clean<Resource>, Encoder)>,
    canonical: Vec<u8>,
}

impl LineReader {
    /// See [`readmit_line`]; the terms are the same for all lines.
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
