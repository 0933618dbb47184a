//! Where a way in can stand in a program's subscriber, and what the rest of a program does there that must not matter.

use proptest::prelude::*;
use proptest::sample::select;
use std::fmt;
use std::io;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::Once;
use tracing::subscriber::NoSubscriber;
use tracing::{Level, Subscriber, subscriber::with_default};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, fmt::layer as formatter};

/// What stands around a way in.
#[derive(Debug, Clone, Copy)]
pub enum Stack {
    /// Nothing: undeclared spans do not exist.
    Alone,
    /// A layer that sees everything.
    Neighbour,
    /// A formatter with a filter of its own is put on after it.
    First(&'static str),
    /// A formatter with a filter of its own was put on before it.
    Last(&'static str),
    /// Two formatters, which want different things.
    Between(&'static str, &'static str),
    Boxed,
    Optional,
    List,
    Reloadable,
    /// Under a filter for all layers, which lets everything declared through.
    Filtered(&'static str),
}

/// What the filters of formatters want; some of it depends on the spans around.
pub const WANTED: [&str; 6] = ["trace", "debug", "info", "warn", "off", "[u.one]=trace,[u.two{secret=x}]=debug,info"];

pub fn stacks() -> impl Strategy<Value = Stack> {
    prop_oneof![
        Just(Stack::Alone),
        Just(Stack::Neighbour),
        select(&WANTED[..]).prop_map(Stack::First),
        select(&WANTED[..]).prop_map(Stack::Last),
        (select(&WANTED[..]), select(&WANTED[..])).prop_map(|(one, other)| Stack::Between(one, other)),
        Just(Stack::Boxed),
        Just(Stack::Optional),
        Just(Stack::List),
        Just(Stack::Reloadable),
        select(vec!["trace", "[u.one]=trace,trace"]).prop_map(Stack::Filtered),
    ]
}

/// A subscriber with a way in; the expression is one that makes it for any subscriber.
#[macro_export]
macro_rules! dispatch {
    ($stack:expr, $way:expr) => {{
        use tracing_subscriber::registry;
        use $crate::stacks::{Neighbour, Stack, boxed, formatter_of};
        let dispatch: tracing::Dispatch = match $stack {
            Stack::Alone => registry().with($way).into(),
            Stack::Neighbour => registry().with($way).with(Neighbour).into(),
            Stack::First(wanted) => registry().with($way).with(formatter_of(wanted)).into(),
            Stack::Last(wanted) => registry().with(formatter_of(wanted)).with($way).into(),
            Stack::Between(one, other) => {
                registry().with(formatter_of(one)).with($way).with(formatter_of(other)).into()
            }
            Stack::Boxed => registry().with(boxed($way)).with(Neighbour).into(),
            Stack::Optional => registry().with(Some($way)).with(Neighbour).into(),
            Stack::List => registry().with(vec![boxed($way)]).with(formatter_of("info")).into(),
            Stack::Reloadable => {
                registry().with(tracing_subscriber::reload::Layer::new($way).0).with(formatter_of("debug")).into()
            }
            Stack::Filtered(wanted) => {
                let filter = tracing_subscriber::EnvFilter::new(wanted);
                registry().with($way).with(formatter_of("info")).with(filter).into()
            }
        };
        dispatch
    }};
}

/// Wants everything.
pub struct Neighbour;

impl<S: Subscriber> Layer<S> for Neighbour {}

pub fn boxed<S: Subscriber>(layer: impl Layer<S> + Send + Sync + 'static) -> Box<dyn Layer<S> + Send + Sync> {
    Box::new(layer)
}

/// Formats what it wants, and shows it nowhere.
pub fn formatter_of<S>(wanted: &str) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    formatter().with_writer(io::sink).with_filter(EnvFilter::new(wanted))
}

/// What a program does besides recording what is declared.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    AskSpan,
    AskEvent,
    AskAny,
    AskLog,
    Log,
    /// A value that panics while it is formatted, of an event and of a span.
    PanicInEvent,
    PanicInSpan,
    /// Another subscriber for a while.
    NoSubscriber,
    OtherSubscriber,
    Rebuild,
}

pub fn deeds() -> impl Strategy<Value = Deed> {
    select(
        &[
            Deed::AskSpan,
            Deed::AskEvent,
            Deed::AskAny,
            Deed::AskLog,
            Deed::Log,
            Deed::PanicInEvent,
            Deed::PanicInSpan,
            Deed::NoSubscriber,
            Deed::OtherSubscriber,
            Deed::Rebuild,
        ][..],
    )
}

impl Deed {
    pub fn act(self) {
        static BRIDGE: Once = Once::new();
        BRIDGE.call_once(|| {
            tracing_log::LogTracer::init().expect("the first logger");
            log::set_max_level(log::LevelFilter::Trace);
        });
        match self {
            Self::AskSpan => _ = tracing::span_enabled!(Level::ERROR),
            Self::AskEvent => _ = tracing::event_enabled!(Level::WARN, secret),
            Self::AskAny => _ = tracing::enabled!(Level::DEBUG) | tracing::enabled!(target: "alice", Level::INFO),
            Self::AskLog => _ = log::log_enabled!(log::Level::Info) | log::log_enabled!(log::Level::Debug),
            Self::Log => log::warn!("alice"),
            Self::PanicInEvent => {
                let caught = catch_unwind(|| tracing::error!(secret = ?Panics, "alice"));
                drop(caught);
            }
            Self::PanicInSpan => {
                // Such a span is never closed, nor is one that it is in.
                let caught = catch_unwind(|| tracing::error_span!(parent: None, "u.one", secret = ?Panics));
                drop(caught);
            }
            Self::NoSubscriber => with_default(NoSubscriber::default(), undeclared),
            Self::OtherSubscriber => {
                with_default(
                    tracing_subscriber::registry().with(formatter_of("warn")).with(formatter_of("trace")),
                    undeclared,
                );
            }
            Self::Rebuild => tracing::callsite::rebuild_interest_cache(),
        }
    }
}

fn undeclared() {
    let _entered = tracing::info_span!("u.one", secret = "x").entered();
    Deed::AskAny.act();
    tracing::info!(secret = 1, "alice");
    Deed::PanicInEvent.act();
}

struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the hook, which would write to stderr.
        resume_unwind(Box::new(()))
    }
}

/// A value that asks something while it is formatted. A record there would wait for ever in a formatter that has the lock
/// of the same span.
#[derive(Clone, Copy)]
pub struct Busy(pub Deed);

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(self.0, Deed::AskSpan | Deed::AskEvent | Deed::AskAny | Deed::AskLog) {
            self.0.act();
        }
        f.write_str("busy")
    }
}
