//! The compatible machine id: SHA-256 of the network card's address, which the .NET command line sends too.

mod usage;

use scruple::consent::Mode;
use scruple::{Builder, Telemetry};

/// Adds the registry of the machine id: a person who agreed to the usual build is asked again.
pub fn declare(builder: Builder) -> Builder {
    builder.library(usage::REGISTRY)
}

/// Records the address: it is read only while telemetry is on, and hashed when it is recorded.
pub fn record(telemetry: &Telemetry) {
    if matches!(telemetry.decision().mode, Mode::On | Mode::Log)
        && let Some(address) = scruple::mac_address()
    {
        usage::machine(&address).emit();
    }
}
