//! A registry with every treatment, for programs that go through both doors.

use scruple::registry::{
    Attribute, AttributeRef, Normalize, Registry, RequirementLevel, Rotation, Service, Signal, SourceFile, SpanKind,
    TimeResolution, Treatment,
};

/// Everything that the generated programs may report.
pub static REGISTRY: Registry<'static> = Registry {
    schema_url: "https://telemetry.example.com/schemas/doors/1.0.0",
    service: Service {
        because: None,
        app_id: "com.example.doors",
        name: "doors",
        version: "1.0.0",
        controller: "The example project",
        endpoint: "https://telemetry.example.com",
        link: None,
        client_address: false,
        rotate: Rotation::Monthly,
        time: TimeResolution::Second,
    },
    attributes: &[
        attribute("s.count", "s.count", Treatment::Count { max: 100 }),
        attribute("s.extra", "s.extra", Treatment::Count { max: 9 }),
        attribute("s.flag", "s.flag", Treatment::Boolean),
        attribute("s.hash", "s.hash", Treatment::Hash),
        attribute("s.kind", "s.kind", Treatment::Enum { members: &["one", "two", "3"], otherwise: None }),
        attribute("s.mode", "s.mode", Treatment::Enum { members: &["fast", "slow", "other"], otherwise: Some(2) }),
        attribute("s.names", "s.names", Treatment::Names { members: &["--data", "--label", "--time"] }),
        attribute(
            "s.place",
            "s.place",
            Treatment::Location { files: &[SourceFile { path: "src/main.rs", lines: 50 }], root: "/build/doors" },
        ),
        attribute("s.sha", "s.sha", Treatment::Sha256 { normalize: Normalize::Lower }),
        attribute("s.size", "size", Treatment::Bucket { members: &["small", "large", "huge"], below: &[10, 1000] }),
        attribute(
            "s.uri",
            "s.uri",
            Treatment::UriScheme { members: &["file", "https", "custom", "none"], otherwise: Some(2), absent: Some(3) },
        ),
        attribute("s.version", "s.version", Treatment::Version),
    ],
    resource: &[],
    spans: &[
        span("d.all", SpanKind::Internal, ALL, u32::MAX),
        span("d.few", SpanKind::Server, FEW, u32::MAX),
        span("d.limited", SpanKind::Client, ALL, 2),
    ],
    events: &[span("d.event", SpanKind::Internal, ALL, u32::MAX), span("d.event.limited", SpanKind::Internal, FEW, 2)],
};

const ALL: &[AttributeRef] = &[
    used(0, RequirementLevel::Required),
    used(1, RequirementLevel::OptIn),
    used(2, RequirementLevel::Recommended),
    used(3, RequirementLevel::Recommended),
    used(4, RequirementLevel::Recommended),
    used(5, RequirementLevel::Recommended),
    used(6, RequirementLevel::Recommended),
    used(7, RequirementLevel::Recommended),
    used(8, RequirementLevel::Recommended),
    used(9, RequirementLevel::Recommended),
    used(10, RequirementLevel::Recommended),
    used(11, RequirementLevel::Recommended),
];

const FEW: &[AttributeRef] = &[
    used(0, RequirementLevel::Recommended),
    used(6, RequirementLevel::Required),
    used(9, RequirementLevel::Recommended),
];

const fn used(attribute: u16, level: RequirementLevel) -> AttributeRef {
    AttributeRef { attribute, level }
}

const fn attribute(key: &'static str, field: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute { because: None, key, field, brief: "", treatment }
}

const fn span(
    name: &'static str,
    kind: SpanKind,
    attributes: &'static [AttributeRef],
    at_most: u32,
) -> Signal<'static> {
    Signal { because: None, name, brief: "", kind, attributes, time: TimeResolution::Second, at_most }
}
