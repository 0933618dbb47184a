//! How a run ends, and why the network can't be used.

use crate::files::FileError;
use std::fmt;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Everything that waited was looked at.
    Done,
    /// Telemetry is off, or what was being sent was deleted.
    Off,
    /// Another uploader runs.
    Busy,
    /// The pause after a failure is not over.
    Paused,
    /// The receiver could not be reached, or does not take anything now.
    Unreachable,
    /// The run's time is over.
    TimeOver,
    /// The disk does not give or take what it should.
    Disk(FileError),
    /// The network is none that can be taken.
    Network(NetworkConfigError),
    /// The policy is not to be had, or says no.
    Policy,
}

/// Why the network can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkConfigError {
    /// The certificates that the author names are none.
    Certificate,
    /// The file that `SSL_CERT_FILE` names can't be read.
    File(FileError),
    /// It holds no certificates.
    NoCertificate,
    /// `HTTPS_PROXY` or `ALL_PROXY` names nothing that can be used.
    Proxy,
    /// This transport can't use a proxy that is spoken to over TLS.
    EncryptedProxy,
    /// Something in `NO_PROXY` is not understood.
    NoProxy,
}

impl fmt::Display for NetworkConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate => f.write_str("the program's own certificates are none"),
            Self::File(why) => write!(f, "the file that SSL_CERT_FILE names can't be used: {why}"),
            Self::NoCertificate => f.write_str("the file that SSL_CERT_FILE names has no certificates"),
            Self::Proxy => f.write_str("HTTPS_PROXY or ALL_PROXY names no proxy that can be used"),
            Self::EncryptedProxy => f.write_str("HTTPS_PROXY or ALL_PROXY names a proxy that gRPC can't use"),
            Self::NoProxy => f.write_str("something in NO_PROXY is not understood"),
        }
    }
}

impl std::error::Error for NetworkConfigError {}
