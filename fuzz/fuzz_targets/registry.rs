//! Any text, read as a registry's file: `cargo +nightly fuzz run registry`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = "schema_url: https://example.com/schemas/a/1.0.0\ndescription: A.\nstability: development\n";
    std::fs::write(folder.path().join("manifest.yaml"), manifest).expect("a manifest");
    folder
});

fuzz_target!(|text: &[u8]| {
    std::fs::write(FOLDER.path().join("usage.yaml"), text).expect("a file");
    let _ = scruple_cli::registry::read(FOLDER.path());
});
