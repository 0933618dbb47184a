//! Layers and gates that are gone leave nothing behind.

use super::{Exporter, start};
use crate::encode::Format;
use crate::registry::{Registry, Service};
use crate::testing::Rehearsal;
use std::sync::Arc;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry as subscriber;

static REGISTRY: Registry<'static> = Registry::new(
    "https://ways.example/schemas/1.0.0",
    Service::new("example.ways", "ways", "1.0.0", "The example project", "https://telemetry.ways.example"),
);

/// A program may make a subscriber for each of its tasks.
#[test]
fn dropped_layers_are_removed() {
    let builder = || start(&REGISTRY).export(Exporter::requests(Format::Json, |_, _| ()));
    for rehearsal in [Rehearsal::new(), Rehearsal::new().asking()] {
        let telemetry = builder().rehearsal(rehearsal).build();
        let kept = subscriber().with(telemetry.layer());
        for _ in 0..1_000 {
            drop(subscriber().with(telemetry.layer()));
        }
        let layers = telemetry.shared.pipeline().map(|pipeline| pipeline.layers());
        // Each layer's handle holds it once.
        let handles = Arc::strong_count(&telemetry.shared.is_placed) - 1;
        assert!(layers.unwrap_or_default() <= 2 && handles <= 2, "{layers:?}, {handles}");
        drop(kept);
    }
}
