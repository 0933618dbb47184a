//! Registries by hand: a program's, with every treatment, and a library's.

use scruple::registry::{
    Attribute, Normalize, Registry, Signal, Source, SourceFile, SpanKind, TimeResolution, Treatment,
};
use scruple_fixtures::tables::{opt_in, required, service, used};

pub static REGISTRIES: [&Registry<'static>; 2] = [&PROGRAM, &LIBRARY];

pub static PROGRAM: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/mlnet/1.0.0",
    service("com.example.mlnet", "mlnet").version("1.2.3"),
)
.attributes(&[
    attribute("host.arch", given(Source::System)),
    attribute("mlnet.agent", Treatment::Agent { members: &["none", "other"] }),
    attribute("mlnet.argument.names", Treatment::Names { members: &["--dataset", "--label-col", "--train-time"] }),
    attribute("mlnet.ci", Treatment::Boolean),
    attribute("mlnet.compiler", Treatment::Version),
    attribute("mlnet.dataset.name", Treatment::Hash),
    attribute(
        "mlnet.dataset.size",
        Treatment::Bucket { members: &["<1KiB", "<1MiB", ">=1MiB"], below: &[1024, 1_048_576] },
    ),
    attribute("mlnet.device", Treatment::Sha256 { normalize: Normalize::Lower }),
    attribute(
        "mlnet.panic.location",
        Treatment::Location { files: &[SourceFile::new("src/main.rs", 120)], root: "/build/mlnet" },
    ),
    attribute("mlnet.task", Treatment::Enum { members: &["classification", "regression"], otherwise: None }),
    attribute(
        "mlnet.tracking.scheme",
        Treatment::UriScheme {
            members: &["file", "https", "custom_scheme", "None"],
            otherwise: Some(2),
            absent: Some(3),
        },
    ),
    attribute("os.type", Treatment::Given { source: Source::System, members: &["linux", "windows"] }),
    attribute("os.version", given(Source::System)),
    attribute("process.exit.code", Treatment::Count { max: 255 }),
    attribute("process.runtime.name", given(Source::Runtime)),
    attribute("process.runtime.version", given(Source::Runtime)),
    attribute("service.instance.id", given(Source::Installation)),
    attribute("service.name", given(Source::App)),
    attribute("service.version", given(Source::App)),
    attribute("session.id", given(Source::Session)),
])
.resource(&[0, 11, 12, 14, 15, 16, 17, 18, 19])
.spans(&[Signal::span("mlnet.command", "One run of a command.")
    .attributes(&[
        used(1),
        used(2),
        used(3),
        used(4),
        opt_in(5),
        used(6),
        used(7),
        used(8),
        required(9),
        used(10),
        used(13),
    ])
    .at_most(100)])
.events(&[Signal::event("mlnet.crash", "The program panicked.")
    .attributes(&[used(8), used(9)])
    .time(TimeResolution::Minute)
    .at_most(1)]);

static LIBRARY: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/lib/1.0.0",
    service("com.example.lib", "lib").version("1.2.3"),
)
.attributes(&[
    attribute("lib.rows", Treatment::Count { max: 1_000 }),
    attribute("lib.status", Treatment::IntegerEnum { members: &["-1", "0", "14"], otherwise: None }),
])
.spans(&[Signal::span("lib.query", "One query.")
    .kind(SpanKind::Client)
    .attributes(&[used(0), used(1)])
    .time(TimeResolution::Millisecond)
    .at_most(100)]);

const fn attribute(key: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute::new(key, "For the tests.", treatment)
}

const fn given(source: Source) -> Treatment<'static> {
    Treatment::Given { source, members: &[] }
}
