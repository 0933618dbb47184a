//! Every limit of files, requests, times and retries, each with its unit and the reason for its value.
//!
//! The registry's own crate limits its tables, and [`Limits`](crate::Limits) are the limits that a program's author may
//! change; their defaults are here too.

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

/// Bytes of a line without its LF. A record of the largest registry is smaller; it bounds the memory of a reader.
pub const MAX_LINE: usize = MIB;

/// Events on a span: the default of OpenTelemetry's SDKs.
pub const MAX_EVENTS: usize = 128;

// Private files.

/// Bytes that are read of a private file: a certificate bundle is the largest.
pub const MAX_OWN_FILE: u64 = MIB as u64;

/// Bytes that are read of a file that others may have written: an opt-out file is one line.
pub const MAX_FOREIGN_FILE: u64 = 64 * KIB as u64;

/// Attempts to lock a folder: with [`LOCK_PAUSE`] in between, for two seconds. It is locked while one small file is
/// written to the disk.
pub const LOCK_TRIES: u32 = 400;

/// Attempts to lock a folder in a process that ends, for 50 ms: shorter than its shutdown timeout.
pub const LOCK_TRIES_AT_END: u32 = 10;

/// The pause between two attempts to lock a folder: shorter than a disk takes to write.
pub const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Names of one folder that are kept in memory: 20 times the files of a queue.
pub const MAX_LISTED: usize = 10_000;

// Limits of a process's records.

/// Records of one process: a program in a loop must not fill the disk.
pub const MAX_RECORDS: u64 = 10_000;

/// Bytes at which a file is finished: half of a request, so that one or two requests send a file.
pub const MAX_FILE: u64 = 256 * KIB as u64;

/// Bytes of lines that are kept in memory if the author enables batches: a few writes per file.
pub const MAX_BATCH: usize = 64 * KIB;

/// Failures in a row after which a process stops writing to the disk.
pub const MAX_WRITE_FAILURES: u32 = 10;

/// Names that are tried for a file: a second one is needed only after a fork.
pub const NAME_TRIES: usize = 3;

// Limits of a queue.

/// Bytes of a queue: small even on a small disk.
pub const MAX_QUEUE: u64 = 5 * MIB as u64;

/// Files of a queue: listing it takes a few milliseconds.
pub const MAX_FILES: usize = 500;

/// The age at which a queued file is deleted: two weeks without a network.
pub const MAX_AGE: Duration = Duration::from_secs(14 * DAY);

/// Queues of other receivers that are read: one for each endpoint that versions of a program have had.
pub const MAX_RECEIVERS: usize = 100;

/// Bytes that are read to count the queued records: more than a queue of the default size.
pub const MAX_COUNTED: u64 = 8 * MIB as u64;

/// Bytes that are read of a file at a time.
pub const READ_BUFFER: usize = 64 * KIB;

/// The age at which a temporary file counts as a killed process's: making a file takes microseconds.
pub const MAX_MAKING: Duration = Duration::from_secs(HOUR);

/// How far ahead of the clock a file's time may be: a day covers a wrong time zone.
pub const FILE_CLOCK_SKEW: Duration = Duration::from_secs(DAY);

/// Renamed folders that are kept in memory at a time while a queue is deleted.
pub const DELETE_AT_A_TIME: usize = 1_000;

/// Rounds in a row that may delete nothing: a process that was making a file may add it to the folder meanwhile.
pub const MAX_STALLED_DELETIONS: u32 = 100;

// Uploads.

/// The time from one upload to the next: a receiver gets at most 24 uploads a day from a quiet program.
pub const UPLOAD_EVERY: Duration = Duration::from_secs(HOUR);

/// How long an attempt to upload counts if its process ended before it did.
pub const UNFINISHED_ATTEMPT: Duration = Duration::from_secs(MINUTE);

/// How far ahead of the clock the stamp may be before the clock is assumed to be set back.
pub const STAMP_CLOCK_SKEW: Duration = Duration::from_secs(MINUTE);

/// How long an upload on a person's request waits for another one that is running.
pub const REQUESTED_UPLOAD_WAIT: Duration = Duration::from_secs(5);

/// The time limit of one run of an uploader: its process outlives the program by no more.
pub const MAX_RUN: Duration = Duration::from_secs(MINUTE);

/// The timeout of one request, from name resolution to the end of the answer.
pub const MAX_REQUEST: Duration = Duration::from_secs(10);

/// Records in one request: as in the batch processors of OpenTelemetry's SDKs.
pub const MAX_REQUEST_RECORDS: usize = 512;

/// Bytes of lines in one request, unless one line alone has more: half of the limit of a Collector's receivers with any
/// settings.
pub const MAX_REQUEST_BYTES: usize = 512 * KIB;

/// Attempts at one request in one run.
pub const MAX_ATTEMPTS: u32 = 3;

/// The longest pause between two attempts in one run: after a longer one, the next run tries again.
pub const MAX_PAUSE_IN_RUN: Duration = Duration::from_secs(20);

/// The backoff after a first failure.
pub const MIN_BACKOFF: Duration = Duration::from_secs(MINUTE);

/// The backoff after many failures: a receiver that is back is found within a day.
pub const MAX_BACKOFF: Duration = Duration::from_secs(DAY);

/// The longest `Retry-After` of a receiver that is followed: the longest backoff.
pub const MAX_RETRY_AFTER: Duration = MAX_BACKOFF;

/// Bytes of receipts.
pub const MAX_RECEIPTS: u64 = MIB as u64;

/// Days until a receipt is deleted.
pub const MAX_RECEIPT_DAYS: u64 = 30;

/// Bytes of a policy's file: enough for a clause for each attribute of a large registry.
pub const MAX_POLICY: usize = 64 * KIB;

/// The longest validity of a policy, in seconds: a vendor renews it monthly.
pub const MAX_POLICY_SECONDS: u64 = 30 * DAY;

// HTTP.

/// Bytes of an answer, and of its head: a partial success is one sentence.
pub const MAX_ANSWER: usize = 64 * KIB;

/// Bytes of the head of a proxy's answer.
pub const MAX_PROXY_HEAD: usize = 16 * KIB;

/// Header lines of an answer.
pub const MAX_HEADERS: usize = 128;

/// Answers of status 1xx before the final one.
pub const MAX_INTERIM: usize = 16;

/// Bytes of a line between two chunks.
pub const MAX_CHUNK_LINE: usize = KIB;

/// Bytes that are written between two checks of consent: one record of TLS.
pub const WRITE_PIECE: usize = 16 * KIB;

/// The timeout of one address: an address that drops packets leaves time for another.
pub const MAX_CONNECT: Duration = Duration::from_secs(5);

/// The interval at which consent is checked during a wait: a person who says no does not notice it.
pub const CONSENT_EVERY: Duration = Duration::from_millis(50);

/// How long an idle connection is kept: less than the shortest idle timeout of receivers.
pub const MAX_IDLE: Duration = Duration::from_secs(15);

// Identity and consent.

/// Periods by which a secret is advanced at once: with days as periods, 27 years. More means a wrong clock.
pub const MAX_PERIODS: u64 = 10_000;

/// Seconds for which child processes inherit a session.
pub const MAX_SESSION_SECONDS: u64 = DAY;

/// Seconds by which another process's clock may be ahead.
pub const SESSION_CLOCK_SKEW_SECONDS: u64 = 5 * MINUTE;

/// Texts that a person agreed to, of versions of a program side by side: the oldest is removed first.
pub const MAX_AGREEMENTS: usize = 16;
