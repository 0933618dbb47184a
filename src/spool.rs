//! Clean records on disk, and the reading side of an uploader.
//!
//! ```text
//! <state>/queue/1-5d2c8e01f3a94b76/            one folder for each receiver
//!             4f0c2b9d11aa0e57.traces.jsonl    one file for each process and signal
//!             4f0c2b9d11aa0e57.logs.jsonl
//!             .81d20c66f0b3a94e.logs.jsonl     one that is being made
//! <state>/stamp                                its time: when an upload was last tried
//! <state>/lost                                 counts of what was lost before it could be sent, and of what was withheld
//! ```
//!
//! The format is OpenTelemetry's for files (Protocol File Exporter: JSON Lines, each line a request in the JSON of
//! OTLP/HTTP), so that a person and the Collector's receiver for such files can read the queue. `1` is this format's
//! version; folders of other versions are left unchanged.
//!
//! # Receivers
//!
//! Records go only to the receiver that they were recorded for: its folder is named by a hash of the endpoint's origin
//! and of the controller ([`Receiver`]). A version of the program with another endpoint or controller finds an empty
//! queue, also after a new yes. The queues of other receivers count for the caps and are deleted by age, by a no, or by
//! a reset.
//!
//! # Crash-only
//!
//! Nothing here depends on an orderly end of a process, because many have none. A process appends to its own files,
//! which it keeps locked; **a file without a lock is finished**: its process ended or was killed. There is no seal, no
//! index and no `fsync`.
//!
//! - **Making a file**: at the first record, under a temporary name (mode 0600, `O_EXCL`), locked, and only then
//!   renamed into place, so that it is visible only when locked. The temporary name also keeps two processes (after a
//!   `fork`) from using one name: only its holder checks whether the final name is free. On Windows a file is locked as
//!   it is made, and needs no temporary name.
//! - **A record** is one `write` of one line with its LF (`O_APPEND`). After a kill before, during or after it, the
//!   line is absent, cut off or whole. A reader drops a last line without LF. If a process survives a short write (a
//!   full disk), its next write begins with NUL and LF, and a reader drops lines with a NUL in them too.
//! - **Taking a file**: by its lock, if it still has its name. The lock is held until the file is deleted
//!   ([`LockedFile::finish`]) or left ([`LockedFile::keep`]). The delivered part of a file that is left is cut off by
//!   writing the rest under a temporary name and renaming that over the file: after a kill at any byte, the old file or
//!   the new one exists, so a record may be sent twice but is not lost.
//!
//! # Off
//!
//! Consent is not read for each record. A process that stores a no then calls [`forget`], which renames the queue away
//! and deletes it. Another process that has a file open loses its further records, since the file has no name; one that
//! is about to make a file finds no folder (`ENOENT`), or asks for consent first and makes none. So after `forget`
//! returns, no file holds a record, wherever a process was killed.
//!
//! # After a fork
//!
//! The child closes its copies of its parent's files and begins its own; unwritten records stay with the parent. It
//! never blocks on a lock that a thread of its parent may have held.
//!
//! # Descriptors
//!
//! A host may close every descriptor, as a daemon does, and reuse their numbers for its own files. So a descriptor is
//! compared with the file that was opened before each append, before each use of the folder, and before it is closed:
//! the host's files are neither written nor closed. Without the folder's handle, recording stops.
//!
//! # Limits
//!
//! A recording process never lists the queue: its work is bounded by its own records. [`Queue::clean`], which the
//! uploader calls, enforces the caps on the whole queue. Both sides count losses, for `status`; the counts are never
//! sent.

mod clean;
mod disk;
mod growing;
mod limits;
mod losses;
mod lost;
mod name;
mod queue;
mod receiver;
mod recording;
mod stamp;
mod taken;

pub use clean::CleanupCounts;
pub use disk::forget;
pub use limits::Limits;
pub use losses::{Loss, losses};
pub use lost::SpoolCounts;
pub use queue::{Finished, Queue, Waiting};
pub use receiver::Receiver;
pub use recording::Spool;
pub use stamp::{begin_attempt, due_in, end_attempt, is_due};
pub use taken::{Dropped, LockedFile};

pub(crate) use losses::{add as add_losses, forget as forget_losses, sum as sum_losses};
pub(crate) use stamp::STAMP;

/// From this bit on, the number in a file's name is the period of the secret that its hashes and ids were made with, as
/// far as it fits: records of two periods never leave in one run of an uploader, which would link them.
pub const PERIOD_BIT: u32 = 48;

/// Below this bit the number in a file's name counts the files of one process, from 0.
pub const PROCESS_BIT: u32 = 12;
