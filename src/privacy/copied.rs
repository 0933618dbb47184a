//! The text of a value that goes through an OpenTelemetry pipeline before it is treated.

use super::sieve::Sieve;
use super::treat::{MAX_RAW, write_debug};
use std::fmt::Debug;

impl Sieve {
    /// What stands for a `Debug` there, so that it is treated as the layer treats it.
    pub(crate) fn text_of(value: &dyn Debug) -> String {
        let mut text = String::new();
        match write_debug(value, &mut text) {
            Ok(()) => text,
            // Longer than any treatment reads: withheld as unreadable.
            Err(_) => "x".repeat(MAX_RAW + 1),
        }
    }
}
