//! A registry with every treatment, for programs that go through both doors.

use scruple::registry::{Attribute, AttributeRef, Normalize, Registry, Signal, SourceFile, SpanKind, Treatment};
use scruple_fixtures::tables::{opt_in, required, service, used};

/// Everything that the generated programs may report.
pub static REGISTRY: Registry<'static> =
    Registry::new("https://telemetry.example.com/schemas/doors/1.0.0", service("com.example.doors", "doors"))
        .attributes(&[
            attribute("s.code", "s.code", Treatment::IntegerEnum { members: &["-1", "0", "3"], otherwise: None }),
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
                Treatment::Location { files: &[SourceFile::new("src/main.rs", 50)], root: "/build/doors" },
            ),
            attribute("s.sha", "s.sha", Treatment::Sha256 { normalize: Normalize::Lower }),
            attribute("s.size", "size", Treatment::Bucket { members: &["small", "large", "huge"], below: &[10, 1000] }),
            attribute(
                "s.uri",
                "s.uri",
                Treatment::UriScheme {
                    members: &["file", "https", "custom", "none"],
                    otherwise: Some(2),
                    absent: Some(3),
                },
            ),
            attribute("s.version", "s.version", Treatment::Version),
        ])
        .spans(&[
            span("d.all", SpanKind::Internal, ALL, u32::MAX),
            span("d.few", SpanKind::Server, FEW, u32::MAX),
            span("d.limited", SpanKind::Client, ALL, 2),
        ])
        .events(&[
            span("d.event", SpanKind::Internal, ALL, u32::MAX),
            span("d.event.limited", SpanKind::Internal, FEW, 2),
        ]);

const ALL: &[AttributeRef] = &[
    used(0),
    required(1),
    opt_in(2),
    used(3),
    used(4),
    used(5),
    used(6),
    used(7),
    used(8),
    used(9),
    used(10),
    used(11),
    used(12),
];

const FEW: &[AttributeRef] = &[used(1), required(7), used(10)];

const fn attribute(key: &'static str, field: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute::new(key, "", treatment).field(field)
}

const fn span(
    name: &'static str,
    kind: SpanKind,
    attributes: &'static [AttributeRef],
    at_most: u32,
) -> Signal<'static> {
    Signal::span(name, "").kind(kind).attributes(attributes).at_most(at_most)
}
