//! Layers and gates that are gone leave nothing behind; a span ends before what comes after the work.

use super::{Exporter, start};
use crate::encode::Format;
use crate::privacy::{Clean, Record, Sink};
use crate::registry::{Registry, Service, Signal};
use crate::testing::Rehearsal;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry as subscriber;

static REGISTRY: Registry<'static> = Registry::new(
    "https://ways.example/schemas/1.0.0",
    Service::new("example.ways", "ways", "1.0.0", "The example project", "https://telemetry.ways.example"),
)
.spans(&[Signal::span("ways.run", "")]);

/// A program may make a subscriber for each of its tasks.
#[test]
fn dropped_layers_are_removed() {
    let builder = || start(&REGISTRY).export(Exporter::requests(Format::Json, |_, _| ()));
    for rehearsal in [Rehearsal::new(), Rehearsal::new().asking()] {
        let telemetry = builder().rehearsal(rehearsal).build();
        let kept = subscriber().with(telemetry.layer());
        for _ in 0..1_000 {
            drop(subscriber().with(telemetry.layer()));
        }
        let layers = telemetry.shared.pipeline().map(|pipeline| pipeline.layers());
        // Each layer's handle holds it once.
        let handles = Arc::strong_count(&telemetry.shared.is_placed) - 1;
        assert!(layers.unwrap_or_default() <= 2 && handles <= 2, "{layers:?}, {handles}");
        drop(kept);
    }
}

/// What happens, in order.
#[derive(Clone, Default)]
struct Order(Arc<Mutex<Vec<String>>>);

impl Order {
    fn note(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }
}

impl Sink for Order {
    fn accept(&self, record: &Clean<Record>) {
        self.note(format!("{} {:?}", record.signal().name, record.status()));
    }
}

/// An error whose text takes its time.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note("printed".to_owned());
        f.write_str("an error")
    }
}

#[test]
fn a_span_ends_before_the_error_of_its_work_is_printed() {
    let order = Order::default();
    let telemetry = start(&REGISTRY).rehearsal(Rehearsal::new()).export(order.clone()).build();
    let span = || tracing::info_span!("ways.run", otel.status_code = tracing::field::Empty);
    let work = || {
        order.note("work".to_owned());
        Err::<(), Order>(order.clone())
    };
    tracing::subscriber::with_default(subscriber().with(telemetry.layer()), || {
        telemetry.run(span(), work);
        let mut again = pin!(telemetry.run_async(span(), async { work() }));
        assert!(matches!(again.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(_)));
    });
    let once = ["work", "ways.run Error", "printed"];
    assert_eq!(*order.0.lock().unwrap(), [once, once].concat());
}
