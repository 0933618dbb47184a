//! scruple, with its default features.

use scruple::registry::{
    Attribute, AttributeRef, Registry, RequirementLevel, Rotation, Service, Signal, SpanKind, TimeResolution, Treatment,
};
use tracing_subscriber::prelude::*;

static REGISTRY: Registry<'static> = Registry {
    schema_url: "https://telemetry.example.com/schemas/size/1.0.0",
    service: Service { because: None,
        app_id: "com.example.size",
        name: "size",
        version: "1.0.0",
        controller: "The example project, privacy@example.com",
        link: None,
        endpoint: "https://telemetry.example.com",
        client_address: false,
        rotate: Rotation::Monthly,
        time: TimeResolution::Second,
    },
    attributes: &[Attribute { because: None,
        key: "size.ok",
        field: "size.ok",
        brief: "Whether it is.",
        treatment: Treatment::Boolean,
    }],
    resource: &[],
    spans: &[Signal { because: None,
        name: "size.run",
        brief: "One run.",
        kind: SpanKind::Internal,
        attributes: &[AttributeRef { attribute: 0, level: RequirementLevel::Recommended }],
        time: TimeResolution::Second,
        at_most: u32::MAX,
    }],
    events: &[],
};

pub fn telemetry(work: impl FnOnce()) {
    let telemetry = scruple::start(&REGISTRY).build();
    tracing_subscriber::registry().with(telemetry.layer()).init();
    work();
}
