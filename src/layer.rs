//! Where `tracing` enters: each callsite is compiled against the registry once.
//!
//! A callsite is declared by kind and name alone. When `tracing` registers it, the per-layer filter answers `never` for
//! what is not declared, so that an undeclared callsite costs what it costs without this layer; what is declared gets a
//! [`Plan`](plan::Plan): for each of its fields, where it goes. After that a span or an event is an array look-up per field.
//!
//! Spans live in slots of our own and not in the registry's extensions, which are shared with every other layer and box
//! what they hold. Parents are found by walking the registry's spans outwards to the nearest one that is open here;
//! `follows_from` and OpenTelemetry contexts are not looked at. Ids are made here.
//!
//! # Parents
//!
//! The nearest declared span outwards, found through whatever undeclared spans `tracing` has made in between. An
//! undeclared span with an explicit `parent:` (or one that another thread entered alone) so decides what is outwards of
//! the spans inside it, and whether it exists at all depends on what the neighbours' filters want. That is a bit of
//! undeclared structure in a declared span's parent; programs without explicit undeclared parents do not have it.
//!
//! A value's `Debug` is the program's code: it may panic, never end, or record spans and events of its own. It runs
//! under no lock, is cut off at 4,096 bytes, and what it records is withheld.

mod open;
mod plan;
mod spare;
mod visit;

use crate::privacy::{Field, Ids, Sieve, SignalRef, Unfinished, Withheld};
use crate::registry::SignalKind;
use open::Open;
use plan::Plans;
use std::sync::{Arc, OnceLock, Weak};
use tracing::dispatcher::WeakDispatch;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::{LookupSpan, SpanRef};
use visit::Visit;

/// The layer with its own filter, as [`Telemetry::layer`](crate::Telemetry::layer) gives it.
pub type Layer<S> = Filtered<Records, Declared, S>;

/// Makes records of declared spans and events.
pub struct Records(Arc<Door>);

/// Lets declared callsites through, to [`Records`] only: neighbours see everything.
pub struct Declared(Arc<Door>);

/// A layer's way into the pipeline: shut, and holding nothing, until the pipeline opens it, once. A program with windows
/// makes its layer before it has asked.
pub(crate) struct Door {
    inside: OnceLock<Inside>,
    subscriber: OnceLock<WeakDispatch>,
}

struct Inside {
    sieve: Arc<Sieve>,
    plans: Plans,
    open: Arc<Open>,
}

impl Door {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { inside: OnceLock::new(), subscriber: OnceLock::new() })
    }

    /// Opens it, and gives its spans to whoever ends them when the program exits.
    pub(crate) fn open(&self, sieve: Arc<Sieve>) -> Weak<dyn Unfinished> {
        let inside = self.inside.get_or_init(|| Inside { sieve, plans: Plans::new(), open: Arc::new(Open::new()) });
        let unfinished: Arc<dyn Unfinished> = Arc::clone(&inside.open) as _;
        Arc::downgrade(&unfinished)
    }

    fn inside(&self) -> Option<&Inside> {
        self.inside.get().filter(|inside| inside.sieve.is_on())
    }
}

/// A layer behind a door.
pub(crate) fn layer<S>(door: Arc<Door>) -> Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    use tracing_subscriber::Layer as _;
    Records(Arc::clone(&door)).with_filter(Declared(door))
}

impl Declared {
    fn declares(&self, metadata: &Metadata<'_>) -> bool {
        self.0.inside().is_some_and(|inside| inside.sieve.find(kind(metadata), metadata.name()).is_some())
    }
}

impl<S> Filter<S> for Declared {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.declares(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.declares(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.0.inside().is_none().then_some(LevelFilter::OFF)
    }
}

impl<S> tracing_subscriber::Layer<S> for Records
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        // A layer has one subscriber; should it ever get a second, the first one stays.
        let _ = self.0.subscriber.set(subscriber.downgrade());
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some((inside, of, fields)) = self.plan(attributes.metadata()) else { return };
        let parent = self.place(inside, attributes.parent(), attributes.is_contextual(), &context);
        let Some(mut record) = spare::record(&inside.sieve, of) else { return };
        if inside.sieve.begin_span(&mut record, of, parent.map(|(_, ids)| ids)).is_some() {
            let mut visit = Visit::new(&inside.sieve, fields, &mut *record);
            attributes.record(&mut visit);
            let status = visit.finish();
            record.put_status(status);
            if let Err(record) = inside.open.insert(id.into_u64(), record) {
                inside.sieve.withhold(Withheld::TooManyOpen);
                spare::give_record(record);
            }
        } else {
            spare::give_record(record);
        }
    }

    fn on_record(&self, id: &Id, values: &tracing::span::Record<'_>, context: Context<'_, S>) {
        let Some(metadata) = context.metadata(id) else { return };
        let Some((inside, _, fields)) = self.plan(metadata) else { return };
        // Treated first, put into the span after: no lock is held while a value is read.
        let mut treated = spare::list();
        let mut visit = Visit::new(&inside.sieve, fields, &mut treated);
        values.record(&mut visit);
        let status = visit.finish();
        inside.open.change(id.into_u64(), |record| {
            treated.drain(..).for_each(|value| record.put(value));
            record.put_status(status);
        });
        spare::give_list(treated);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some((inside, of, fields)) = self.plan(event.metadata()) else { return };
        let span = self.place(inside, event.parent(), event.is_contextual(), &context);
        let Some(mut record) = spare::record(&inside.sieve, of) else { return };
        if inside.sieve.begin_event(&mut record, of, span.map(|(_, ids)| ids)).is_some() {
            let mut visit = Visit::new(&inside.sieve, fields, &mut *record);
            event.record(&mut visit);
            visit.finish();
            if let (true, Some((id, _))) = (inside.sieve.span_events(), span) {
                inside.open.change(id, |span| {
                    span.put_event(&record).unwrap_or_else(|why| inside.sieve.withhold(why));
                });
            }
            inside.sieve.emit(&record);
        }
        spare::give_record(record);
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let Some(inside) = self.0.inside.get() else { return };
        let Some(mut record) = inside.open.remove(id.into_u64()) else { return };
        inside.sieve.finish(&mut record);
        spare::give_record(record);
    }
}

impl Records {
    /// The nearest open span outwards from an explicit parent, or from the span that the thread is in. The filter hides
    /// that one from the layer's context if it is undeclared, and with it what is around it: the context would give a
    /// span that was entered before, or none.
    fn place<S>(
        &self,
        inside: &Inside,
        parent: Option<&Id>,
        is_contextual: bool,
        context: &Context<'_, S>,
    ) -> Option<(u64, Ids)>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let current = (parent.is_none() && is_contextual).then(|| context.current_span());
        let id = parent.or_else(|| current.as_ref()?.id())?;
        if let Some(ids) = inside.open.ids(id.into_u64()) {
            return Some((id.into_u64(), ids));
        }
        if let Some(span) = context.span(id) {
            return inside.nearest(span);
        }
        let subscriber = self.0.subscriber.get()?.upgrade()?;
        inside.nearest(subscriber.downcast_ref::<Registry>()?.span(id)?)
    }

    /// Where the fields of a declared callsite go, unless a value's own `Debug` is at work.
    fn plan(&self, metadata: &'static Metadata<'static>) -> Option<(&Inside, SignalRef, &[Field])> {
        let inside = self.0.inside()?;
        if visit::visiting() {
            inside.sieve.withhold(Withheld::Reentrant);
            return None;
        }
        match inside.plans.get(&inside.sieve, metadata) {
            Ok(plan) => plan.map(|(of, fields)| (inside, of, fields)),
            Err(why) => {
                inside.sieve.withhold(why);
                None
            }
        }
    }
}

impl Inside {
    /// The nearest span outwards that is open here, the span itself included.
    fn nearest<'a, S>(&self, span: SpanRef<'a, S>) -> Option<(u64, Ids)>
    where
        S: LookupSpan<'a>,
    {
        span.scope().find_map(|span| {
            let id = span.id().into_u64();
            Some((id, self.open.ids(id)?))
        })
    }
}

fn kind(metadata: &Metadata<'_>) -> SignalKind {
    if metadata.is_span() { SignalKind::Span } else { SignalKind::Event }
}
