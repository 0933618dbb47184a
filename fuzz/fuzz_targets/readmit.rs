//! Any bytes, read as a line of the spool: `cargo +nightly fuzz run readmit`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scruple::check::{Format as Read, check};
use scruple::encode::{Encoder, Format};
use scruple::privacy::{Declarations, DropCounts};
use scruple::upload::{LineRefused, readmit_line};
use scruple_cli::demo::usage::REGISTRY;

fuzz_target!(|line: &[u8]| {
    let terms = Declarations::all(&[REGISTRY], &[], REGISTRY.service.version);
    match readmit_line(line, &terms, &DropCounts::default()) {
        Ok((resource, record)) => {
            for (format, read) in [(Format::Json, Read::Json), (Format::Protobuf, Read::Protobuf)] {
                let mut out = Vec::new();
                Encoder::new(&resource, terms.registries).request(format, record.kind(), [&record], &mut out);
                assert!(check(&[REGISTRY], record.kind(), read, &out).is_empty());
            }
        }
        Err(why) => assert_ne!(why, LineRefused::Contradicted),
    }
});
