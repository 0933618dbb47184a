//! What the program that asks may say, and four others: one says more, one less, two to somebody else.

use scruple::registry::{
    Attribute, AttributeRef, Registry, RequirementLevel, Rotation, Service, Signal, Source, SpanKind, TimeResolution,
    Treatment,
};

const SERVICE: Service<'static> = Service {
    because: None,
    app_id: "com.example.asked",
    name: "asked",
    version: "1.0.0",
    controller: "The example project, privacy@example.com",
    link: None,
    endpoint: "http://127.0.0.1:4318",
    client_address: false,
    rotate: Rotation::Monthly,
    time: TimeResolution::Second,
};

const NAME: Attribute<'static> =
    Attribute { because: None, key: "asked.name", field: "asked.name", brief: "Its name.", treatment: Treatment::Hash };

const SESSION: Attribute<'static> = Attribute {
    because: None,
    key: "session.id",
    field: "session.id",
    brief: "The process.",
    treatment: Treatment::Given { source: Source::Session, members: &[] },
};

const fn kind(members: &'static [&'static str]) -> Attribute<'static> {
    Attribute {
        because: None,
        key: "asked.kind",
        field: "asked.kind",
        brief: "What was asked.",
        treatment: Treatment::Enum { members, otherwise: None },
    }
}

const fn signal(name: &'static str, brief: &'static str, attributes: &'static [AttributeRef]) -> Signal<'static> {
    Signal {
        because: None,
        name,
        brief,
        kind: SpanKind::Internal,
        attributes,
        time: TimeResolution::Second,
        at_most: u32::MAX,
    }
}

const fn used(attribute: u16) -> AttributeRef {
    AttributeRef { attribute, level: RequirementLevel::Recommended }
}

const RUN: Signal<'static> = signal("asked.run", "One run.", &[]);

pub static REGISTRY: Registry<'static> = Registry {
    schema_url: "https://telemetry.example.com/schemas/asked/1.0.0",
    service: SERVICE,
    attributes: &[kind(&["one", "two"]), NAME, SESSION],
    resource: &[2],
    spans: &[RUN],
    events: &[signal("asked.done", "It was done.", &[used(0), used(1)])],
};

/// Nothing that links records, as a library's that is documented only.
pub static DOCUMENTED: Registry<'static> = Registry {
    attributes: &[kind(&["one", "two"]), SESSION],
    resource: &[1],
    events: &[signal("asked.done", "It was done.", &[used(0)])],
    ..REGISTRY
};

/// One attribute more, which is sent only if the program opts in.
pub static CHOICE: Registry<'static> = Registry {
    attributes: &[kind(&["one", "two"]), NAME, PLAN, SESSION],
    resource: &[3],
    events: &[signal(
        "asked.done",
        "It was done.",
        &[used(0), used(1), AttributeRef { attribute: 2, level: RequirementLevel::OptIn }],
    )],
    ..REGISTRY
};

const PLAN: Attribute<'static> = Attribute {
    because: None,
    key: "asked.plan",
    field: "asked.plan",
    brief: "What was planned.",
    treatment: Treatment::Enum { members: &["one", "two"], otherwise: None },
};

/// One member more.
pub static WIDER: Registry<'static> =
    Registry { attributes: &[kind(&["one", "three", "two"]), NAME, SESSION], ..REGISTRY };

/// One member less.
pub static NARROWER: Registry<'static> = Registry { attributes: &[kind(&["one"]), NAME, SESSION], ..REGISTRY };

/// Another receiver.
pub static ELSEWHERE: Registry<'static> =
    Registry { service: Service { endpoint: "http://127.0.0.1:4319", ..SERVICE }, ..REGISTRY };

/// Somebody else who answers for it.
pub static CONTROLLED: Registry<'static> =
    Registry { service: Service { controller: "Somebody else, privacy@example.org", ..SERVICE }, ..REGISTRY };
