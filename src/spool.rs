//! Clean records on disk, and their taking.
//!
//! ```text
//! <state>/queue/1-5d2c8e01f3a94b76/            one folder for each receiver
//!             4f0c2b9d11aa0e57.traces.jsonl    one file for each process and signal
//!             4f0c2b9d11aa0e57.logs.jsonl
//!             .81d20c66f0b3a94e.logs.jsonl     one that is being made
//! <state>/stamp                                its time: when an upload was last tried
//! <state>/lost                                 counts of what was lost before it could be sent
//! ```
//!
//! The format is OpenTelemetry's for files (Protocol File Exporter: JSON Lines, each line a request as OTLP/HTTP has it in
//! JSON), so a person can read what waits, and the Collector's receiver for such files too. `1` is this format's version;
//! folders of other versions are left alone.
//!
//! # Receivers
//!
//! Records go to the receiver that they were recorded for and to no other: its folder is named by a hash of the endpoint's
//! origin and of the controller ([`Receiver`]). A version of the program with another endpoint or controller finds an
//! empty queue, also after a new yes. What waits for others counts for the caps and goes when it is too old, with a no,
//! or with a reset.
//!
//! # Crash-only
//!
//! Nothing here is put in order at the end of a process, because many have none. A process appends to files of its own,
//! which it holds locked; **a file that nobody locks is finished**, its process ended or was killed. There is no seal, no
//! index and no `fsync`.
//!
//! - **Making a file**: at the first record, under a temporary name (mode 0600, `O_EXCL`), locked, and only then renamed to
//!   its place, so that whoever sees it sees it locked. The temporary name is also what keeps two processes (after a
//!   `fork`) from one name: only its holder looks whether the place is free.
//! - **A record** is one `write` of one line with its LF (`O_APPEND`). Killed before, during or after: the line is absent,
//!   cut off or whole. A reader drops a last line without LF. Where a process survives a short write (a full disk), its
//!   next write begins with NUL and LF, and a reader drops lines with a NUL in them too.
//! - **Taking**: whoever gets the lock, of a file that still has its name. It is held until the file is deleted
//!   ([`LockedFile::finish`]) or left ([`LockedFile::keep`]). What was delivered of a file that is left is cut off by writing the
//!   rest under a temporary name and renaming that over the file: killed at any byte, the old file or the new one is
//!   there, so a record may be sent twice but is not lost.
//!
//! # Off
//!
//! Nobody looks for a no at each record. Whoever says no stores that first, then calls [`forget`], which renames the queue
//! away and deletes it. A process that has a file open loses what it writes from then on, since the file has no name; one
//! that is about to make a file finds no folder (`ENOENT`), or asks for consent first and makes none. So when `forget` has
//! returned, no file holds a record, wherever a process was killed.
//!
//! # After a fork
//!
//! The child closes its copies of its parent's files and begins some of its own; what was not yet written is the parent's.
//! It waits for no lock that a thread of its parent's may have had.
//!
//! # Descriptors
//!
//! A host may close every descriptor, as a daemon does, and have files of its own under the same numbers. So what is open
//! is compared with what was opened before each append, before each use of the folder, and before it is closed: what is
//! the host's is neither written nor closed. Where the folder's handle is gone nothing more is recorded.
//!
//! # Limits
//!
//! A recording process never lists a folder: what it looks at is bounded by its own records. Caps on the whole queue are
//! kept by [`Queue::clean`], which the uploader calls. Both sides count what is lost, for `status`; nothing of it is sent.

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
pub use lost::{SpoolCounts, SpoolLossReason};
pub use queue::{Finished, Queue, Waiting};
pub use receiver::Receiver;
pub use recording::Spool;
pub use stamp::{due_in, is_due, touch_stamp};
pub use taken::{Dropped, LockedFile};

pub(crate) use losses::{add as add_losses, forget as forget_losses};

/// From this bit on, the number in a file's name is that of the period whose secret its hashes and ids were made with, as
/// far as it has room: records of two periods never leave in one run of an uploader, which would link them.
pub const PERIOD_BIT: u32 = 48;

/// Below this bit the number in a file's name counts the files of one process, from 0.
pub const PROCESS_BIT: u32 = 12;
