//! The demo's registry: as the YAML declares it, and as the program has it.

use std::path::Path;
use std::process::Command;

use scruple::registry::snapshot;
use scruple_cli::demo::usage::REGISTRY;
use scruple_cli::registry;

#[test]
fn the_generated_tables_are_those_of_the_yaml() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("telemetry");
    let owned = registry::read(&folder).unwrap().with_version(env!("CARGO_PKG_VERSION"));
    let read = owned.registry();
    assert_eq!(owned.text(), snapshot::text(&[REGISTRY]), "run scruple codegen telemetry --out src/demo/usage.rs");
    assert_eq!(
        (read.schema_url, read.service, read.resource),
        (REGISTRY.schema_url, REGISTRY.service, REGISTRY.resource)
    );
    assert_eq!((read.spans, read.events), (REGISTRY.spans, REGISTRY.events));
    // Not the sources that a location may name: they are the program's, not the YAML's.
    let keys = |registry: &scruple::registry::Registry<'_>| {
        registry.attributes.iter().map(|attribute| attribute.key.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&read), keys(REGISTRY));
}

#[test]
fn the_generated_file_is_current() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let arguments = ["codegen", "telemetry", "--out", "src/demo/usage.rs", "--check"];
    let output = Command::new(env!("CARGO_BIN_EXE_scruple")).args(arguments).current_dir(folder).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    let update = "in cli, run: cargo run -q -- codegen telemetry --out src/demo/usage.rs";
    assert!(output.status.success(), "{words}{update}");
}
