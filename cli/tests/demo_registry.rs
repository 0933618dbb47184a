//! The demo's registry: as the YAML declares it, and as the program has it.

use std::path::Path;

use scruple_cli::demo::usage::REGISTRY;
use scruple_cli::registry;

#[test]
fn the_generated_tables_are_those_of_the_yaml() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("telemetry");
    let owned = registry::read(&folder).unwrap().with_version(env!("CARGO_PKG_VERSION"));
    let read = owned.registry();
    assert_eq!(read.text, REGISTRY.text, "run scruple codegen telemetry --out src/demo/usage.rs");
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
