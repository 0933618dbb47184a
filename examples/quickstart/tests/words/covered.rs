//! Each declared part is recorded by a test: what nobody records is not declared.

use scruple::testing::Rehearsal;
use scruple::{Exporter, Format};
use tracing_subscriber::prelude::*;

#[path = "../../src/usage.rs"]
mod usage;

#[test]
fn every_declared_part_is_recorded() {
    let (sender, requests) = std::sync::mpsc::channel();
    let exporter = Exporter::requests(Format::Json, move |kind, request| drop(sender.send((kind, request.to_vec()))));
    let telemetry = scruple::start(usage::REGISTRY).rehearsal(Rehearsal::new()).export(exporter).build();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        usage::run(&["<file>", "--lines"], usage::Unit::Lines).ok(); // the typed functions, or the program's own work
        usage::run(&[], usage::Unit::Words).ok();
        [1, 1 << 10, 1 << 20].into_iter().for_each(|size| usage::read(size).emit());
    });
    drop(telemetry);
    let except = []; // a part that the test can't record, and why: ("os.type = windows", "it runs on Linux")
    scruple::testing::coverage(&[usage::REGISTRY], requests.try_iter(), &except).unwrap();
}
