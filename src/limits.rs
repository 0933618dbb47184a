//! Every limit of files, requests, times and retries, each with its unit and the reason for its value.
//!
//! What the registry's tables may hold is limited by the registry's own crate, and what a program's author may change by
//! [`Limits`](crate::Limits), whose defaults are here too.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// Seconds in a day, in UTC.
pub const DAY_SECONDS: u64 = DAY;

// Lines of the queue.

/// Bytes of a line without its LF. A record of the largest registry has less; it bounds the memory of who reads a line.
pub const MAX_LINE: usize = MIB;

/// Bytes of a name or key in a line: as in the registry's tables.
pub const MAX_NAME: usize = 128;

/// Events on a span: the default of OpenTelemetry's SDKs.
pub const MAX_EVENTS: usize = 128;

// Private files.

/// Bytes that are read of a file of the person's own: a certificate bundle is the largest.
pub const MAX_OWN_FILE: u64 = MIB as u64;

/// Bytes that are read of a file that anyone may have written: an opt-out file is one line.
pub const MAX_FOREIGN_FILE: u64 = 64 * KIB as u64;

/// How often the lock of a folder is asked for: with [`LOCK_PAUSE`] in between, for two seconds. It is held while one
/// small file goes to the disk.
pub const LOCK_TRIES: u32 = 400;

/// The same for a process that ends, for 50 ms: less than the time that it may take.
pub const LOCK_TRIES_AT_END: u32 = 10;

/// Between two of them: shorter than a disk takes to write.
pub const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Names of one folder that are kept in memory: 20 times as many as there are files of a queue.
pub const MAX_LISTED: usize = 10_000;

// What a process records.

/// Records of one process: a program in a loop can't fill the disk.
pub const MAX_RECORDS: u64 = 10_000;

/// Bytes from which a file is finished: half of a request, so that a file is sent by one or two.
pub const MAX_FILE: u64 = 256 * KIB as u64;

/// Bytes of lines that are kept in memory where an author asks for that: a few writes for a file.
pub const MAX_BATCH: usize = 64 * KIB;

/// Failures in a row after which a process asks the disk no more.
pub const MAX_WRITE_FAILURES: u32 = 10;

/// Names that are tried for a file: a second one is needed only after a fork.
pub const NAME_TRIES: usize = 3;

// What a queue keeps.

/// Bytes of a queue: small on the smallest disk.
pub const MAX_QUEUE: u64 = 5 * MIB as u64;

/// Files of a queue: it is listed in a few milliseconds.
pub const MAX_FILES: usize = 500;

/// How long a file waits: two weeks without a network.
pub const MAX_AGE: Duration = Duration::from_secs(14 * DAY);

/// Folders of other receivers that are looked into: one for each endpoint that versions of a program have had.
pub const MAX_RECEIVERS: usize = 100;

/// Bytes that are read to count the records that wait: more than a queue of the default size.
pub const MAX_COUNTED: u64 = 8 * MIB as u64;

/// Bytes that are read of a file at a time.
pub const READ_BUFFER: usize = 64 * KIB;

/// Age from which a file that is being made is a killed process's: making one takes microseconds.
pub const MAX_MAKING: Duration = Duration::from_secs(HOUR);

/// How far ahead of the clock a file's time may be: a day covers a wrong time zone.
pub const FILE_CLOCK_SKEW: Duration = Duration::from_secs(DAY);

/// Entries of a deleted folder that are removed between two looks at the folder above.
pub const DELETE_AT_A_TIME: usize = 1_000;

/// Rounds in a row that may delete nothing: a process that was making a file may put it into the folder meanwhile.
pub const MAX_STALLED_DELETIONS: u32 = 100;

// Uploads.

/// How long after one upload another one may be: a receiver gets at most 24 requests a day from a quiet program.
pub const UPLOAD_EVERY: Duration = Duration::from_secs(HOUR);

/// How far ahead of the clock the stamp may be before the clock counts as set back.
pub const STAMP_CLOCK_SKEW: Duration = Duration::from_secs(MINUTE);

/// How long one run of an uploader may take: its process outlives the program by no more.
pub const MAX_RUN: Duration = Duration::from_secs(MINUTE);

/// How long one request may take, from the look-up of the name to the end of the answer.
pub const MAX_REQUEST: Duration = Duration::from_secs(10);

/// Records in one request: as in the batch processors of OpenTelemetry's SDKs.
pub const MAX_REQUEST_RECORDS: usize = 512;

/// Bytes of lines in one request, unless one line alone has more: half of what a Collector's receivers take whatever
/// their settings.
pub const MAX_REQUEST_BYTES: usize = 512 * KIB;

/// Attempts at one request in one run.
pub const MAX_ATTEMPTS: u32 = 3;

/// The pause between two attempts in one run: a longer one is for the next run.
pub const MAX_PAUSE_IN_RUN: Duration = Duration::from_secs(20);

/// The pause after a first failure.
pub const MIN_BACKOFF: Duration = Duration::from_secs(MINUTE);

/// The pause after many failures: a receiver that is back is found within a day.
pub const MAX_BACKOFF: Duration = Duration::from_secs(DAY);

/// How long a receiver may ask to be left alone: as the longest pause.
pub const MAX_RETRY_AFTER: Duration = MAX_BACKOFF;

/// Bytes of receipts.
pub const MAX_RECEIPTS: u64 = MIB as u64;

/// Days for which a receipt is kept.
pub const MAX_RECEIPT_DAYS: u64 = 30;

/// Bytes of a policy's file: a clause for each attribute of a large registry has room.
pub const MAX_POLICY: usize = 64 * KIB;

/// Seconds for which one policy holds: a vendor renews it monthly.
pub const MAX_POLICY_SECONDS: u64 = 30 * DAY;

// HTTP.

/// Bytes of an answer, and of its head: a partial success is one sentence.
pub const MAX_ANSWER: usize = 64 * KIB;

/// Bytes of the head of a proxy's answer.
pub const MAX_PROXY_HEAD: usize = 16 * KIB;

/// Header lines of an answer.
pub const MAX_HEADERS: usize = 128;

/// Answers of status 1xx before the one that counts.
pub const MAX_INTERIM: usize = 16;

/// Bytes of a line between two chunks.
pub const MAX_CHUNK_LINE: usize = KIB;

/// Bytes that are written between two looks at consent: one record of TLS.
pub const WRITE_PIECE: usize = 16 * KIB;

/// How long one address is tried: one that swallows everything leaves time for another.
pub const MAX_CONNECT: Duration = Duration::from_secs(5);

/// How often consent is looked at while something is waited for: a person who says no does not notice it.
pub const CONSENT_EVERY: Duration = Duration::from_millis(50);

/// How long a connection on which nothing is sent is kept: less than the shortest that receivers do.
pub const MAX_IDLE: Duration = Duration::from_secs(15);

// Identity and consent.

/// Periods by which a secret is moved on at once: with days as periods, 27 years. More is a wrong clock.
pub const MAX_PERIODS: u64 = 10_000;

/// Seconds for which a session is handed down to child processes.
pub const MAX_SESSION_SECONDS: u64 = DAY;

/// Seconds by which another process's clock may be ahead.
pub const SESSION_CLOCK_SKEW_SECONDS: u64 = 5 * MINUTE;

/// Texts that a person agreed to, of versions of a program side by side: the oldest goes first.
pub const MAX_AGREEMENTS: usize = 16;
