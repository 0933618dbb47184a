//! What `scruple codegen` writes: current, untouched by rustfmt, without warnings, and true to the registry.
//!
//! The two files below `program` are generated and committed: for a registry with every treatment, and for one whose
//! names and texts a generator could stumble over. That they compile is half of the test. `UPDATE_GOLDEN=1` rewrites
//! them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use scruple::registry::{Registry, Treatment};
use scruple_cli::codegen;
use scruple_cli::registry::{self, Crate, Owned};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

#[path = "../program/awkward.rs"]
mod awkward;
#[path = "../program/src/usage.rs"]
mod usage;

const FILES: [(&str, &str, &Registry<'static>); 2] = [
    ("tests/registries/treatments", "tests/program/src/usage.rs", usage::REGISTRY),
    ("tests/registries/awkward", "tests/program/awkward.rs", awkward::REGISTRY),
];

#[test]
fn the_committed_files_are_current() {
    fn check(dir: &str, out: &str) {
        let out = here(out);
        let text = codegen::generate(
            &read(dir, &out),
            Path::new(dir).file_name().and_then(|name| name.to_str()).expect("a name"),
            codegen::Tables::Scruple,
        );
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&out, &text).expect("the file can be written");
        }
        assert!(fs::read_to_string(&out).is_ok_and(|old| old == text), "{}: UPDATE_GOLDEN=1 rewrites", out.display());
    }
    FILES.iter().for_each(|(dir, out, _)| check(dir, out));
}

#[test]
fn an_enum_is_parsed_from_its_sent_value_only() {
    for task in [usage::Task::Classification, usage::Task::Regression] {
        assert_eq!(usage::Task::from_value(task.as_str()), Some(task));
    }
    for value in ["", "Regression", "regression ", "clustering"] {
        assert_eq!(usage::Task::from_value(value), None, "{value:?}");
    }
}

#[test]
fn an_enum_of_integers_is_parsed_from_its_number_only() {
    let all = [usage::ServerStatus::None, usage::ServerStatus::Ok, usage::ServerStatus::Unavailable];
    assert_eq!(all.map(usage::ServerStatus::as_i64), [-1, 0, 14]);
    for status in all {
        assert_eq!(usage::ServerStatus::from_value(status.as_i64()), Some(status));
    }
    assert_eq!(usage::ServerStatus::from_value(1), None);
}

#[test]
#[cfg_attr(windows, ignore = "needs rustfmt beside it, which Wine has not")]
fn rustfmt_leaves_generated_files_unchanged() {
    fn check(out: &str, config: &str) {
        // The sources of the program around them are not what is looked at: standard input has no modules.
        let input = fs::File::open(here(out)).expect("the file is there");
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--edition", "2024", "--check", "--config", config]).current_dir(std::env::temp_dir());
        let output = rustfmt.stdin(input).output().expect("rustfmt is there");
        assert!(output.status.success(), "{out} {config}: {}", String::from_utf8_lossy(&output.stdout));
    }
    for (_, out, _) in FILES {
        check(out, "max_width=100");
        check(out, "max_width=60,hard_tabs=true");
        check(out, "max_width=140,use_small_heuristics=Max");
    }
}

#[test]
fn every_public_item_is_documented() {
    fn check(out: &str) {
        let text = fs::read_to_string(here(out)).expect("the file is there");
        let mut before = "";
        for line in text.lines() {
            let trimmed = line.trim();
            let is_item =
                ["pub fn ", "pub const ", "pub enum ", "pub struct "].iter().any(|word| trimmed.starts_with(word));
            assert!(!is_item || before.starts_with("///"), "{out}: {line}");
            if !trimmed.starts_with("#[") {
                before = trimmed;
            }
        }
    }
    FILES.iter().for_each(|(_, out, _)| check(out));
}

#[test]
fn the_tables_match_the_yaml() {
    fn check(dir: &str, out: &str, found: &Registry<'static>) {
        let owned = read(dir, &here(out)).with_version(env!("CARGO_PKG_VERSION"));
        let mut expected = owned.registry();
        // The file says `env!`, and it is this crate that includes it.
        let attributes = expected.attributes.iter().map(|attribute| {
            let mut attribute = *attribute;
            if let Treatment::Location { root, .. } = &mut attribute.treatment {
                *root = env!("CARGO_MANIFEST_DIR");
            }
            attribute
        });
        let attributes: Vec<_> = attributes.collect();
        expected.attributes = &attributes;
        assert_eq!(*found, expected);
    }
    FILES.iter().for_each(|(dir, out, found)| check(dir, out, found));
}

#[test]
fn a_leaked_registry_is_unchanged() {
    let owned = registry::read(&here(FILES[0].0)).expect("sound");
    let again = registry::read(&here(FILES[0].0)).expect("sound");
    assert_eq!(*owned.leak(), again.registry());
}

#[test]
fn generated_functions_record_the_declared_fields() {
    fn check(record: impl FnOnce(), expected: &[(&str, &[(&str, &str)])]) {
        let seen = Seen::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(seen.clone()), record);
        let expected: Vec<Recorded> = expected
            .iter()
            .map(|(name, fields)| {
                ((*name).to_owned(), fields.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect())
            })
            .collect();
        assert_eq!(*seen.records.lock().expect("not poisoned"), expected);
    }
    check(
        || {
            let span = usage::command(usage::Task::Regression);
            span.argument_names(&["--dataset", "a b"])
                .dataset_name("a.csv")
                .dataset_size(7)
                .dataset_rows(150)
                .ci(false);
            span.dataset_digest("iris")
                .tracking_scheme("https://example.com")
                .runtime_version("1.2")
                .server_status(usage::ServerStatus::None)
                .process_exit_code(1);
            span.fail();
        },
        &[(
            "mlnet.command",
            &[
                ("mlnet.task", "str regression"),
                ("mlnet.argument.names", "debug [\"--dataset\", \"a b\"]"),
                ("mlnet.dataset.name", "str a.csv"),
                ("mlnet.dataset.digest", "str iris"),
                ("size", "u64 7"),
                ("mlnet.dataset.rows", "u64 150"),
                ("mlnet.ci", "bool false"),
                ("mlnet.tracking.scheme", "str https://example.com"),
                ("mlnet.runtime.version", "str 1.2"),
                ("mlnet.server.status", "i64 -1"),
                ("process.exit.code", "u64 1"),
                ("otel.status_code", "str error"),
            ],
        )],
    );
    check(
        || {
            let span = usage::train();
            span.temperature(-3).task(usage::Task::Other).ok();
            let span: tracing::Span = span.clone().into();
            assert_eq!(span.metadata().map(|metadata| metadata.name()), Some("mlnet.train"));
        },
        &[(
            "mlnet.train",
            &[("mlnet.temperature", "i64 -3"), ("mlnet.task", "str other"), ("otel.status_code", "str ok")],
        )],
    );
    check(
        || {
            usage::saved(usage::Format::Onnx).emit();
            usage::saved(usage::Format::Zip).dataset_size(u64::MAX).argument_names(&["--dataset"]).emit();
        },
        &[
            ("mlnet.saved", &[("mlnet.format", "str onnx")]),
            (
                "mlnet.saved",
                &[
                    ("mlnet.format", "str zip"),
                    ("size", "u64 18446744073709551615"),
                    ("mlnet.argument.names", "debug [\"--dataset\"]"),
                ],
            ),
        ],
    );
    let place = Location::caller();
    let shown = format!("str {}:{}", place.file(), place.line());
    check(
        || usage::crash().crash_place(place).task(usage::Task::Classification).emit(),
        &[("mlnet.crash", &[("place", &shown), ("mlnet.task", "str classification")])],
    );
    // Keywords, names that the macros know, none at all, and as many as may be.
    check(|| awkward::nothing().emit(), &[("a.nothing", &[])]);
    check(|| awkward::tie("x").emit(), &[("a.tie", &[("a.x.y", "str x")])]);
    check(|| awkward::one(true).emit(), &[("a.one", &[("name", "bool true")])]);
    check(
        || awkward::loop_().crate_(true).fn_(false).emit(),
        &[("a.loop", &[("crate", "bool true"), ("fn", "bool false")])],
    );
    check(|| drop(awkward::fn_().as_(true).clone()), &[("a.fn", &[("as", "bool true")])]);
    check(|| drop(awkward::some()), &[("a.some", &[])]);
    check(|| drop(awkward::n2fa_x()), &[("a.2fa..x_", &[])]);
    check(|| drop(awkward::full().record_value(3).clone()), &[("a.full", &[("record", "u64 3")])]);
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A registry, with the sources of the program below `program`, as its generated file includes them.
fn read(dir: &str, generated: &Path) -> Owned {
    let sources = Crate::at(&here("tests/program")).and_then(|program| program.sources(generated));
    registry::read(&here(dir))
        .unwrap_or_else(|findings| panic!("{findings:#?}"))
        .with_sources(sources.expect("a program"))
}

/// A name and its fields.
type Recorded = (String, BTreeMap<String, String>);

/// Every span when it closes and every event, with its fields.
#[derive(Clone, Default)]
struct Seen {
    records: Arc<Mutex<Vec<Recorded>>>,
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).expect("it was opened").extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).expect("it is open");
        values.record(span.extensions_mut().get_mut::<Fields>().expect("it was opened"));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("it was open");
        let fields = span.extensions_mut().remove::<Fields>().expect("it was opened");
        self.records.lock().expect("not poisoned").push((span.name().to_owned(), fields.0));
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.records.lock().expect("not poisoned").push((event.metadata().name().to_owned(), fields.0));
    }
}

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl Fields {
    fn put(&mut self, field: &Field, kind: &str, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{kind} {value:?}"));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, "debug", value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, "str", &format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, "u64", &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, "i64", &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, "bool", &value);
    }
}
