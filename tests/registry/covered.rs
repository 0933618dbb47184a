//! A test's records cover its registries only if they show each declared part, or the test says why it can't.

use crate::otlp::clean;
use scruple::registry::{Attribute, Registry, Signal, SignalKind, Source, Treatment};
use scruple::testing::{Rehearsal, coverage};
use scruple::{Exporter, Format};
use scruple_fixtures::tables::{service, used};
use std::sync::mpsc;
use tracing_subscriber::prelude::*;

static PROGRAM: Registry<'static> =
    Registry::new("https://telemetry.example.com/schemas/covered/1.0.0", service("com.example.covered", "covered"))
        .attributes(&[
            Attribute::new("c.flag", "", Treatment::Boolean),
            Attribute::new("c.names", "", Treatment::Names { members: &["--all", "--help"] }),
            Attribute::new("c.size", "", Treatment::Bucket { members: &["few", "many"], below: &[10] }),
            Attribute::new("c.status", "", Treatment::IntegerEnum { members: &["-1", "0"], otherwise: None }),
            Attribute::new(
                "os.type",
                "",
                Treatment::Given { source: Source::System, members: &["amiga", "linux", "windows"] },
            ),
            Attribute::new("service.name", "", Treatment::Given { source: Source::App, members: &[] }),
        ])
        .resource(&[4, 5])
        .spans(&[Signal::span("c.run", "").attributes(&[used(0), used(1), used(2), used(3)])])
        .events(&[Signal::event("c.read", "").attributes(&[used(2)])]);

static LIBRARY: Registry<'static> =
    Registry::new("https://telemetry.example.com/schemas/lib/1.0.0", service("com.example.lib", "lib"))
        .attributes(&[Attribute::new("lib.flag", "", Treatment::Boolean)])
        .spans(&[Signal::span("lib.call", "").attributes(&[used(0)])]);

const REGISTRIES: [&Registry<'static>; 2] = [&PROGRAM, &LIBRARY];

/// The member for the system that the test does not run on, and the line that misses it.
const OTHER: &str = if cfg!(windows) { "os.type = linux" } else { "os.type = windows" };
const WITHOUT_OTHER: &str =
    if cfg!(windows) { "  never seen: os.type = linux" } else { "  never seen: os.type = windows" };

/// The systems that these tests do not run on.
const SYSTEMS: [(&str, &str); 2] = [("os.type = amiga", "it is retired"), (OTHER, "a test of its own")];

fn requests(program: impl FnOnce()) -> Vec<(SignalKind, Vec<u8>)> {
    requests_in(Format::Json, program)
}

fn requests_in(format: Format, program: impl FnOnce()) -> Vec<(SignalKind, Vec<u8>)> {
    let (sender, requests) = mpsc::channel();
    let exporter = Exporter::requests(format, move |kind, request| {
        let _ = sender.send((kind, request.to_vec()));
    });
    let builder = scruple::start(&PROGRAM).library(&LIBRARY).rehearsal(Rehearsal::new()).export(exporter);
    let telemetry = builder.build();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), program);
    drop(telemetry);
    requests.try_iter().collect()
}

fn everything() {
    drop(tracing::info_span!("c.run", c.flag = true, c.names = "--all --help", c.size = 3, c.status = -1));
    drop(tracing::info_span!("c.run", c.status = 0));
    tracing::event!(name: "c.read", tracing::Level::INFO, { c.size = 10 });
    drop(tracing::info_span!("lib.call", lib.flag = false));
}

#[track_caller]
fn check(program: impl FnOnce(), except: &[(&str, &str)], lines: &[&str]) {
    let error = coverage(&REGISTRIES, requests(program), except).unwrap_err();
    assert_eq!(error.to_string().lines().skip(1).collect::<Vec<_>>(), lines);
    assert_eq!(format!("{error:?}"), error.to_string(), "a failed unwrap prints it");
}

const REMEDY: &str = "  record it in the test, delete it from the registry, or except it with the reason";

#[test]
fn records_of_every_part_cover_the_registries() {
    coverage(&REGISTRIES, requests(everything), &SYSTEMS).unwrap();
    coverage(&REGISTRIES, requests_in(Format::Protobuf, everything), &SYSTEMS).unwrap();
}

#[test]
fn a_part_that_is_not_recorded_is_named() {
    let mut lines = vec!["  never seen: os.type = amiga", WITHOUT_OTHER, REMEDY];
    check(everything, &[], &lines);
    lines.remove(0);
    check(everything, &SYSTEMS[..1], &lines);
    let some = || {
        drop(tracing::info_span!("c.run", c.flag = true, c.names = "--all", c.size = 3, c.status = -1));
        drop(tracing::info_span!("lib.call"));
    };
    check(
        some,
        &[("event c.read", "it needs a file"), ("os.type", "one system alone"), ("c.status = 0", "never")],
        &[
            "  never seen: lib.flag of span lib.call",
            "  never seen: c.names = --help",
            "  never seen: c.size = many",
            REMEDY,
        ],
    );
}

#[test]
fn an_exception_that_is_needless_is_named() {
    let more = [SYSTEMS.as_slice(), &[("c.size = few", "why"), ("c.weight", "a typing mistake")]].concat();
    let line = |name: &str| format!("  excepted, and seen or not declared: {name}");
    check(everything, &more, &[&line("c.size = few"), &line("c.weight")]);
}

#[test]
fn without_a_declared_record_nothing_is_covered() {
    let of_another_program = vec![(SignalKind::Span, clean::traces().to_string().into_bytes())];
    for requests in [Vec::new(), of_another_program, vec![(SignalKind::Span, b"spam".to_vec())]] {
        let error = coverage(&REGISTRIES, requests, &[("span c.run", "why")]).unwrap_err();
        assert_eq!(error.to_string(), "no record: nothing is covered");
    }
}

#[test]
fn records_of_an_earlier_version_show_what_has_the_same_name() {
    const BEFORE: &str = "https://telemetry.example.com/schemas/covered/0.9.0";
    let before = |text: &[u8]| String::from_utf8_lossy(text).replace(PROGRAM.schema_url, BEFORE).into_bytes();
    let of = |program: fn()| requests(program).into_iter().map(move |(kind, text)| (kind, before(&text)));
    let old: &'static Registry<'static> = Box::leak(Box::new(
        Registry::new(BEFORE, PROGRAM.service).attributes(PROGRAM.attributes).resource(&[4, 5]).spans(PROGRAM.spans),
    ));
    let all = [REGISTRIES.as_slice(), &[old]].concat();
    let except = [("os.type", "one system alone"), ("event c.read", "a new one"), ("span lib.call", "a new one")];
    coverage(&all, of(everything), &[&except[..], &[("c.size = many", "of the event")]].concat()).unwrap();
}
