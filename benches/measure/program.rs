//! The program that the benches measure: a registry, and a span with five fields.

use scruple::Builder;
use scruple::registry::{Registry, Source, Treatment};
use scruple::testing::Rehearsal;
use scruple_fixtures::tables::{attribute, given, service, signal, used};
use std::hint::black_box;

pub static REGISTRY: Registry<'static> =
    Registry::new("https://telemetry.example.com/schemas/bench/1.0.0", service("com.example.bench", "bench"))
        .attributes(&[
            attribute("b.ci", Treatment::Boolean),
            attribute("b.count", Treatment::Count { max: 255 }),
            attribute("b.name", Treatment::Hash),
            attribute(
                "b.size",
                Treatment::Bucket { members: &["<1KiB", "<1MiB", ">=1MiB"], below: &[1024, 1_048_576] },
            ),
            attribute("b.task", Treatment::Enum { members: &["classification", "regression"], otherwise: None }),
            attribute("b.to", Treatment::Enum { members: &["file", "server"], otherwise: None }),
            given("service.name", Source::App),
        ])
        .resource(&[6])
        .spans(&[
            signal("b.hashed", &[used(0), used(1), used(2), used(3), used(4)]),
            signal("b.plain", &[used(0), used(1), used(3), used(4), used(5)]),
        ])
        .events(&[signal("b.saved", &[used(3), used(4)])]);

/// A span of this name with four fields, and one more.
macro_rules! span {
    ($name:literal, $($last:tt)*) => {{
        let size = black_box(70_000_u64);
        let span = tracing::info_span!(
            $name,
            b.task = black_box("regression"),
            b.size = size,
            b.count = black_box(3_i64),
            b.ci = black_box(false),
            $($last)*
        );
        drop(span.entered());
    }};
}

pub fn plain() {
    span!("b.plain", b.to = black_box("server"));
}

pub fn hashed() {
    span!("b.hashed", b.name = black_box("iris.csv"));
}

pub fn ours() -> Builder {
    scruple::start(&REGISTRY).rehearsal(Rehearsal::new())
}

/// The same program, whose registry declares the plain span and as many others that there are this many signals.
pub fn grown(signals: usize) -> Builder {
    let plain = REGISTRY.spans[1];
    let names = (1..signals).map(|number| &*format!("b.span{number:04}").leak());
    let spans = std::iter::once(plain).chain(names.map(|name| signal(name, plain.attributes)));
    let registry = REGISTRY.spans(spans.collect::<Vec<_>>().leak()).events(&[]);
    scruple::start(Box::leak(Box::new(registry))).rehearsal(Rehearsal::new())
}
