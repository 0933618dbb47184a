//! What `forward` sends, to whom, and when not: laws 2, 4 and 5 for the way out over an SDK.
//!
//! The binary is also the program that its tests start.

/// Whatever an endpoint does, the program ends, and the counts say what became of its records.
mod answers;
/// What a receiver sees: constant headers, and the very bytes of our own encoder.
mod bytes;
/// Counts the reads of the environment, in the place of the C library's function, as Linux lets a program do.
#[cfg(target_os = "linux")]
#[path = "../support/environment.rs"]
mod getenv;
/// Each record arrives or is counted as lost, whatever the receiver does to a busy server.
mod losses;
/// Records in a pipeline that the program has already.
mod over;
/// A real second process: its environment, its subscribers, its runtimes, its end.
mod process;
/// What OTLP allows to be sent again is; nothing leaves after a no.
mod retry;
/// A server keeps nothing on disk, and needs no home folder.
mod server;
/// A small traced program with its registry.
#[path = "../support/mod.rs"]
mod support;
/// Whom `forward` believes: the authorities that were compiled in, or the author's own.
mod tls;
/// Every treatment, span kind and status takes the way through the SDK unchanged.
mod values;

use std::process::ExitCode;

fn main() -> ExitCode {
    let trials = || {
        [
            answers::trials(),
            bytes::trials(),
            losses::trials(),
            over::trials(),
            process::trials(),
            retry::trials(),
            server::trials(),
            tls::trials(),
            values::trials(),
        ]
    };
    process::role::asked().unwrap_or_else(|| scruple_fixtures::trials::run(trials().into_iter().flatten().collect()))
}
