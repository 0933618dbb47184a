//! scruple, with its default features.

use scruple::registry::{Attribute, AttributeRef, Registry, RequirementLevel, Service, Signal, Treatment};
use tracing_subscriber::prelude::*;

static REGISTRY: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/size/1.0.0",
    Service::new(
        "com.example.size",
        "size",
        "1.0.0",
        "The example project, privacy@example.com",
        "https://telemetry.example.com",
    ),
)
.attributes(&[Attribute::new("size.ok", "Whether it is.", Treatment::Boolean)])
.spans(&[Signal::span("size.run", "One run.").attributes(&[AttributeRef::new(0, RequirementLevel::Recommended)])]);

pub fn telemetry(work: impl FnOnce()) {
    let telemetry = scruple::start(&REGISTRY).build();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    work();
}
