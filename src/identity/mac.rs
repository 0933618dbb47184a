//! The machine's address, for registries that have to be compatible with others: it is nobody's default.
//!
//! A hash of one is a name for life: there are 2⁴⁸ of them, so that whoever has the hash finds the address in hours, and a
//! new installation has the same. The installation's id is random, changes with the rotation, and says nothing about the
//! machine. A registry that declares `from: sha256` for this gives its reason, and `scruple check` warns.

/// The address of the first network interface that is no loopback and has one, as `AA-BB-CC-DD-EE-FF`: the form that the
/// .NET command line hashes. `None` if there is none, or the system does not tell.
///
/// Nothing is read unless this is called, and nothing is kept. Call it only where telemetry is on.
pub fn address() -> Option<String> {
    let address = mac_address::get_mac_address().ok().flatten()?;
    let bytes = address.bytes();
    let parts: Vec<_> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.iter().any(|byte| *byte != 0).then(|| parts.join("-"))
}
