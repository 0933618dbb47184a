//! The end of a run, and the errors in network settings.

use crate::files::FileError;
use std::fmt;

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Every queued record was handled.
    Done,
    /// Telemetry is off, or the file in progress was deleted.
    Off,
    /// Another uploader runs.
    Busy,
    /// The backoff after a failure is not over.
    Paused,
    /// The receiver was unreachable, or accepts nothing now.
    Unreachable,
    /// The time limit of the run was reached.
    TimeOver,
    /// A disk error.
    Disk(FileError),
    /// The network settings are invalid.
    Network(NetworkConfigError),
    /// The policy could not be fetched, is invalid, or turns the program off.
    Policy,
}

/// Why the network settings can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkConfigError {
    /// The author's certificates are invalid.
    Certificate,
    /// The file that `SSL_CERT_FILE` names can't be read.
    File(FileError),
    /// It holds no certificates.
    NoCertificate,
    /// `HTTPS_PROXY` or `ALL_PROXY` has an invalid value.
    Proxy,
    /// This transport can't use a proxy over TLS.
    EncryptedProxy,
    /// `NO_PROXY` has an invalid entry.
    NoProxy,
}

impl fmt::Display for NetworkConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate => f.write_str("the program's own certificates are invalid"),
            Self::File(why) => write!(f, "the file that SSL_CERT_FILE names can't be used: {why}"),
            Self::NoCertificate => f.write_str("the file that SSL_CERT_FILE names has no certificates"),
            Self::Proxy => f.write_str("HTTPS_PROXY or ALL_PROXY has no usable proxy"),
            Self::EncryptedProxy => f.write_str("HTTPS_PROXY or ALL_PROXY names a proxy that gRPC can't use"),
            Self::NoProxy => f.write_str("NO_PROXY has an invalid entry"),
        }
    }
}

impl std::error::Error for NetworkConfigError {}
