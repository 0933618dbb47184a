//! Any bytes, read as OTLP in both encodings: `cargo +nightly fuzz run check`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scruple::check::{Format, check, read};
use scruple::registry::SignalKind;
use scruple_cli::demo::usage::REGISTRY;

fuzz_target!(|bytes: &[u8]| {
    for signal in [SignalKind::Span, SignalKind::Event] {
        for format in [Format::Json, Format::Protobuf] {
            let _ = check(&[REGISTRY], signal, format, bytes);
            let _ = read(signal, format, bytes);
        }
    }
});
