//! The entrance of `tracing`: each callsite is compiled against the registry once.
//!
//! A callsite is declared by kind and name alone. When `tracing` registers it, the per-layer filter answers `never` for
//! undeclared callsites, so that they cost the same as without this layer; a declared one gets a [`Plan`](plan::Plan)
//! with the destination of each field. After that a span or an event is an array look-up per field.
//!
//! Spans live in our own slots and not in the registry's extensions, which are shared with every other layer and box
//! their values. `follows_from` and OpenTelemetry contexts are not read. Ids are made here.
//!
//! # The filter
//!
//! `tracing-subscriber` keeps the answers of all per-layer filters in thread-local state, from `enabled` to the record
//! that follows. A check without a record (`enabled!`, `log_enabled!`), a panic in another layer's formatting, and
//! checks or records in a value's own `Debug` leave stale answers there, which the next record would use. So
//! [`DeclaredFilter`] disables callsites, but never a record: then no stale answer of ours can exist. Undeclared
//! callsites that other layers enable therefore reach this layer too, and are ignored here. Declared callsites have the
//! interest `sometimes`, so that each record starts with fresh answers, for other layers too.
//!
//! # Parents
//!
//! The span in `parent:`, if it is declared, else none; without `parent:`, the innermost declared span of the thread.
//! If a declared span is over its limit, its own parent is used. Undeclared spans are skipped: their existence depends
//! on the filters of other layers. A record in an undeclared span that was moved elsewhere (another thread, a spawned
//! task) has no parent there, even if that span was made inside a declared one.
//!
//! `tracing` answers `Span::current()` itself, without skipping: inside an undeclared span it is that span if another
//! layer enables it, and else the declared span around it. Its use as `parent:`, on another thread, or to record a
//! field or a status thus makes records depend on other layers. A program that keeps and uses the declared span, as
//! returned by the functions that codegen writes, has no such dependence.
//!
//! # Ends
//!
//! A span ends when `tracing` closes it: after its last handle is dropped, and every span that `tracing` has put inside
//! it is closed, undeclared ones too. An undeclared span that outlives the declared one around it thus determines its
//! end; whether it exists depends on the filters of other layers. An undeclared span that is never closed (a panic
//! while it was made) leaves the declared one open until [`Telemetry::exit`](crate::Telemetry::exit). `tracing` does
//! not report the number of handles to layers.
//!
//! # Values
//!
//! A value's `Debug` is the program's code: it may panic, never end, or record spans and events of its own. It runs
//! under no lock, its text is cut off at 4,096 bytes, and its records are dropped. It runs only for a declared field
//! whose treatment accepts text, and not on a panicking thread, where a second panic may abort the process. A panic in
//! it is caught, but the program's panic hook is called for it, and with `panic = "abort"` the process ends.

mod entered;
mod hook;
pub(crate) mod open;
mod plan;
pub(crate) mod spare;
mod visit;

use crate::privacy::{Clean, DropReason, Field, Ids, OpenSpans, Record, Sanitizer, SignalId};
use crate::process::PerProcess;
use crate::recorder::Recorder;
pub(crate) use entered::Entered;
pub(crate) use hook::{in_hook, prepare};
use open::OpenLayerSpans;
pub(crate) use plan::{CallsiteCache, kind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;
use visit::Visit;

/// The layer with its own filter, as returned by [`Telemetry::layer`](crate::Telemetry::layer).
pub type Layer<S> = Filtered<RecordLayer, DeclaredFilter, S>;

/// Makes records of declared spans and events.
pub struct RecordLayer {
    handle: Arc<LayerHandle>,
    entered: Entered,
}

/// Disables undeclared callsites, for [`RecordLayer`] only: other layers see everything.
pub struct DeclaredFilter(Arc<dyn Entrance>);

/// The state of the pipeline that an entrance needs before it has a record.
pub(crate) trait Entrance: Send + Sync {
    /// The sanitizer, if telemetry is on.
    fn sanitizer(&self) -> Option<&Sanitizer>;
}

/// A layer's connection to the pipeline: closed and empty until the pipeline opens it, once. A program with windows
/// makes its layer before it has asked for consent.
pub(crate) struct LayerHandle {
    inside: OnceLock<LayerState>,
    entered: Entered,
    /// Whether its layer is in a subscriber, for the status.
    placed: Arc<AtomicBool>,
}

struct LayerState {
    recorder: Arc<Recorder>,
    tables: Arc<Tables>,
}

/// A forked process starts without the parent's spans: they end in the parent.
struct Tables {
    each: PerProcess<(CallsiteCache, OpenLayerSpans)>,
    entered: Entered,
}

impl Tables {
    fn new(entered: Entered) -> Arc<Self> {
        Arc::new(Self { each: PerProcess::new((CallsiteCache::new(Sanitizer::field), OpenLayerSpans::new())), entered })
    }

    #[inline]
    fn here(&self) -> Option<&(CallsiteCache, OpenLayerSpans)> {
        self.each.get(|_| (CallsiteCache::new(Sanitizer::field), OpenLayerSpans::new()))
    }
}

impl OpenSpans for Tables {
    fn take_all(&self) -> Vec<Clean<Record>> {
        self.here().map_or_else(Vec::new, |(_, open)| open.take_all())
    }

    fn innermost(&self) -> Option<Ids> {
        let (_, open) = self.here()?;
        self.entered.innermost(|id| open.place(id))?.map(|(_, ids)| ids)
    }
}

/// The context of a record of a declared callsite.
struct Planned<'a> {
    recorder: &'a Recorder,
    sanitizer: &'a Sanitizer,
    open: &'a OpenLayerSpans,
    of: SignalId,
    fields: &'a [Field],
}

impl LayerHandle {
    pub(crate) fn new(placed: &Arc<AtomicBool>) -> Arc<Self> {
        Arc::new(Self { inside: OnceLock::new(), entered: Entered::new(), placed: Arc::clone(placed) })
    }

    /// Opens it, and returns its spans for the end of the program.
    pub(crate) fn open(&self, recorder: Arc<Recorder>) -> Weak<dyn OpenSpans> {
        let inside = self.inside.get_or_init(|| LayerState { recorder, tables: Tables::new(self.entered) });
        let unfinished: Arc<dyn OpenSpans> = Arc::clone(&inside.tables) as _;
        Arc::downgrade(&unfinished)
    }

    fn inside(&self) -> Option<&LayerState> {
        self.inside.get().filter(|inside| inside.recorder.sanitizer.is_on())
    }
}

impl Entrance for LayerHandle {
    fn sanitizer(&self) -> Option<&Sanitizer> {
        self.inside().map(|inside| &inside.recorder.sanitizer)
    }
}

/// A layer that records through this handle.
pub(crate) fn layer<S>(handle: Arc<LayerHandle>) -> Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    use tracing_subscriber::Layer as _;
    let filter = DeclaredFilter::new(Arc::clone(&handle) as _);
    let entered = handle.entered;
    RecordLayer { handle, entered }.with_filter(filter)
}

impl DeclaredFilter {
    pub(crate) fn new(entrance: Arc<dyn Entrance>) -> Self {
        Self(entrance)
    }
}

impl<S> Filter<S> for DeclaredFilter {
    /// Always true: see the module's doc.
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        let Some(sanitizer) = self.0.sanitizer() else { return Interest::never() };
        if sanitizer.find(kind(metadata), metadata.name()).is_some() {
            return Interest::sometimes();
        }
        // Here alone, so that an undeclared callsite costs nothing afterwards.
        sanitizer.show_undeclared(kind(metadata), metadata.name());
        Interest::never()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.0.sanitizer().is_none().then_some(LevelFilter::OFF)
    }
}

impl<S> tracing_subscriber::Layer<S> for RecordLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_layer(&mut self, _: &mut S) {
        self.handle.placed.store(true, Ordering::Relaxed);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let Some(Planned { sanitizer, open, of, fields, .. }) = self.plan(attributes.metadata()) else { return };
        let parent = self.place(open, attributes.parent(), attributes.is_contextual());
        let Some(mut record) = spare::record(sanitizer, of) else { return };
        if sanitizer.begin_span(&mut record, of, parent.map(|(_, ids)| ids)).is_some() {
            let mut visit = Visit::new(sanitizer, fields, &mut *record);
            attributes.record(&mut visit);
            let status = visit.finish();
            record.put_status(status);
            if let Err(record) = open.insert(id.into_u64(), record) {
                sanitizer.withhold_record(of, DropReason::TooManyOpen);
                spare::give_record(record);
            }
        } else {
            spare::give_record(record);
            open.pass_over(id.into_u64(), parent.map(|(around, _)| around));
        }
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        self.entered.enter(id.into_u64());
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        self.entered.exit(id.into_u64());
    }

    fn on_record(&self, id: &Id, values: &tracing::span::Record<'_>, context: Context<'_, S>) {
        let Some(metadata) = context.metadata(id) else { return };
        let Some(Planned { sanitizer, open, fields, .. }) = self.plan(metadata) else { return };
        // Treated before the span is locked: no lock is held while a value is read.
        let mut treated = spare::list();
        let mut visit = Visit::new(sanitizer, fields, &mut treated);
        values.record(&mut visit);
        let status = visit.finish();
        open.change(id.into_u64(), |record| {
            treated.drain(..).for_each(|value| record.put(value));
            record.put_status(status);
        });
        spare::give_list(treated);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let Some(Planned { recorder, sanitizer, open, of, fields }) = self.plan(event.metadata()) else { return };
        let span = self.place(open, event.parent(), event.is_contextual());
        let Some(mut record) = spare::record(sanitizer, of) else { return };
        if sanitizer.begin_event(&mut record, of, span.map(|(_, ids)| ids)).is_some() {
            let mut visit = Visit::new(sanitizer, fields, &mut *record);
            event.record(&mut visit);
            visit.finish();
            if let (true, Some((id, _))) = (sanitizer.span_events(), span) {
                open.change(id, |span| {
                    span.put_event(&record).unwrap_or_else(|why| sanitizer.withhold_record(of, why));
                });
            }
            recorder.emit(&record);
        }
        spare::give_record(record);
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.entered.close(id.into_u64());
        let Some(inside) = self.handle.inside.get() else { return };
        let open = inside.tables.here().map(|(_, open)| open);
        let Some(mut record) = open.and_then(|open| open.remove(id.into_u64())) else { return };
        inside.recorder.finish(&mut record);
        spare::give_record(record);
    }
}

impl RecordLayer {
    /// The declared span of a record: from `parent:`, or the innermost one of the thread.
    #[inline]
    fn place(&self, open: &OpenLayerSpans, parent: Option<&Id>, is_contextual: bool) -> Option<(u64, Ids)> {
        match parent {
            Some(parent) => open.place(parent.into_u64())?,
            None if is_contextual => self.entered.innermost(|id| open.place(id))?,
            None => None,
        }
    }

    /// The plan of a declared callsite, unless a value's own `Debug` is running.
    #[inline]
    fn plan(&self, metadata: &'static Metadata<'static>) -> Option<Planned<'_>> {
        let LayerState { recorder, tables } = self.handle.inside()?;
        let sanitizer = &recorder.sanitizer;
        let found = match tables.here() {
            Some((plans, open)) => plans.get(sanitizer, metadata).map(|plan| plan.map(|plan| (open, plan))),
            None => Err(DropReason::Forked),
        };
        match found {
            Ok(plan) => {
                let (open, (of, fields)) = plan?;
                if visit::visiting() {
                    sanitizer.withhold_record(of, DropReason::Reentrant);
                    return None;
                }
                Some(Planned { recorder, sanitizer, open, of, fields })
            }
            Err(why) => {
                sanitizer.withhold(why);
                None
            }
        }
    }
}
