//! Layers and gates that are gone leave nothing behind.

use super::{Exporter, start};
use crate::encode::Format;
use crate::registry::{Registry, Rotation, Service, TimeResolution};
use crate::testing::Rehearsal;
use std::sync::Arc;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry as subscriber;

static REGISTRY: Registry<'static> = Registry {
    schema_url: "https://ways.example/schemas/1.0.0",
    service: Service {
        because: None,
        app_id: "example.ways",
        name: "ways",
        version: "1.0.0",
        controller: "The example project",
        endpoint: "https://telemetry.ways.example",
        link: None,
        client_address: false,
        rotate: Rotation::Monthly,
        time: TimeResolution::Second,
    },
    attributes: &[],
    resource: &[],
    spans: &[],
    events: &[],
};

/// A program may make a subscriber for each of its tasks.
#[test]
fn layers_that_are_gone_leave_nothing_behind() {
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
