//! Registries by hand: a program's, with every treatment, and a library's.

use scruple::registry::{
    Attribute, AttributeRef, Normalize, Registry, RequirementLevel, Rotation, Service, Signal, Source, SourceFile,
    SpanKind, TimeResolution, Treatment,
};

pub static REGISTRIES: [&Registry<'static>; 2] = [&PROGRAM, &LIBRARY];

pub static PROGRAM: Registry<'static> = Registry {
    schema_url: "https://telemetry.example.com/schemas/mlnet/1.0.0",
    service: Service { app_id: "com.example.mlnet", name: "mlnet", ..SERVICE },
    attributes: &[
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
            Treatment::Location { files: &[SourceFile { path: "src/main.rs", lines: 120 }], root: "/build/mlnet" },
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
    ],
    resource: &[0, 11, 12, 14, 15, 16, 17, 18, 19],
    spans: &[Signal {
        because: None,
        name: "mlnet.command",
        brief: "One run of a command.",
        kind: SpanKind::Internal,
        attributes: &[
            uses(1),
            uses(2),
            uses(3),
            uses(4),
            AttributeRef { attribute: 5, level: RequirementLevel::OptIn },
            uses(6),
            uses(7),
            uses(8),
            AttributeRef { attribute: 9, level: RequirementLevel::Required },
            uses(10),
            uses(13),
        ],
        time: TimeResolution::Second,
        at_most: 100,
    }],
    events: &[Signal {
        because: None,
        name: "mlnet.crash",
        brief: "The program panicked.",
        kind: SpanKind::Internal,
        attributes: &[uses(8), uses(9)],
        time: TimeResolution::Minute,
        at_most: 1,
    }],
};

static LIBRARY: Registry<'static> = Registry {
    schema_url: "https://telemetry.example.com/schemas/lib/1.0.0",
    service: Service { app_id: "com.example.lib", name: "lib", ..SERVICE },
    attributes: &[attribute("lib.rows", Treatment::Count { max: 1_000 })],
    resource: &[],
    spans: &[Signal {
        because: None,
        name: "lib.query",
        brief: "One query.",
        kind: SpanKind::Client,
        attributes: &[uses(0)],
        time: TimeResolution::Millisecond,
        at_most: 100,
    }],
    events: &[],
};

const SERVICE: Service<'static> = Service {
    because: None,
    app_id: "",
    name: "",
    version: "1.2.3",
    controller: "The example project, privacy@example.com",
    endpoint: "https://telemetry.example.com",
    link: None,
    client_address: false,
    rotate: Rotation::Monthly,
    time: TimeResolution::Second,
};

const fn attribute(key: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute { because: None, key, field: key, brief: "For the tests.", treatment }
}

const fn given(source: Source) -> Treatment<'static> {
    Treatment::Given { source, members: &[] }
}

const fn uses(attribute: u16) -> AttributeRef {
    AttributeRef { attribute, level: RequirementLevel::Recommended }
}
