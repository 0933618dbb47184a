//! The text of a value that goes through an OpenTelemetry pipeline before it is treated.

use super::compiled::Field;
use super::sanitizer::Sanitizer;
use super::treat::{MAX_RAW, takes_text, write_debug};
use std::fmt::Debug;

impl Sanitizer {
    /// The text of a `Debug` value there, so that it is treated as the layer treats it. If the field accepts no text,
    /// the value is not read.
    pub(crate) fn text_of(place: Field, value: &dyn Debug) -> String {
        let mut text = String::new();
        if matches!(place, Field::Slot(slot) if !takes_text(slot.treatment)) {
            return text;
        }
        match write_debug(value, &mut text) {
            Ok(()) => text,
            // Longer than any treatment accepts: dropped as unreadable.
            Err(_) => "x".repeat(MAX_RAW + 1),
        }
    }
}
