//! The machine's address, for registries that must be compatible with others: never a default.
//!
//! A hash of it is a permanent identifier: there are 2⁴⁸ addresses, so that anyone with the hash finds the address in
//! hours, and a new installation has the same hash. The installation's id is random, changes with the rotation, and
//! reveals nothing about the machine. A registry that declares `from: sha256` for this must give a reason, and `scruple
//! check` warns.

/// The address of the first network interface that is not loopback and has one, as `AA-BB-CC-DD-EE-FF`: the form that
/// the .NET command line hashes. `None` if there is none, or the system does not report it.
///
/// It is read only by this call, and not stored. Call it only if telemetry is on.
pub fn address() -> Option<String> {
    mac_address::get_mac_address().ok().flatten().and_then(|address| written(address.bytes()))
}

/// `None` for an address of zeros, which is not valid.
fn written(bytes: [u8; 6]) -> Option<String> {
    let parts: Vec<_> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.iter().any(|byte| *byte != 0).then(|| parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::{address, written};

    #[test]
    fn an_address_is_written_as_the_dotnet_command_line_hashes_it() {
        // The hash of this text is a row of tests/vectors.
        assert_eq!(written([0x00, 0x1a, 0x2b, 0x3c, 0x4d, 0x5e]).as_deref(), Some("00-1A-2B-3C-4D-5E"));
        assert_eq!(written([0; 6]), None);
        let is_written = |text: String| {
            text.len() == 17 && text.split('-').all(|part| part.len() == 2 && u8::from_str_radix(part, 16).is_ok())
        };
        assert!(address().is_none_or(is_written), "that of this machine, if it has one");
    }
}
