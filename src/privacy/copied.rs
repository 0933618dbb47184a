//! The text of a value that goes through an OpenTelemetry pipeline before it is treated.

use super::sanitizer::{Field, Sanitizer};
use super::treat::{MAX_RAW, takes_text, write_debug};
use std::fmt::Debug;

impl Sanitizer {
    /// What stands for a `Debug` there, so that it is treated as the layer treats it. Where no text is accepted none is
    /// read.
    pub(crate) fn text_of(place: Field, value: &dyn Debug) -> String {
        let mut text = String::new();
        if matches!(place, Field::Slot(slot) if !takes_text(slot.treatment)) {
            return text;
        }
        match write_debug(value, &mut text) {
            Ok(()) => text,
            // Longer than any treatment reads: withheld as unreadable.
            Err(_) => "x".repeat(MAX_RAW + 1),
        }
    }
}
