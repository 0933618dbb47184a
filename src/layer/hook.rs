//! A panic hook's own subscriber: it records declared events, and asks no other layer of the program.
//!
//! A panic may come from the middle of another layer's work, for example from a value that it formats while it holds the
//! lock of a span. A hook that recorded through the program's subscriber would wait for that lock for ever. So the
//! default of the thread is this subscriber for as long as the hook records.
//!
//! `tracing` registers each subscriber for the whole process. This one is registered once, and is interested in nothing:
//! it enables no callsite, and raises no level, for the rest of the program.

use super::plan::kind;
use super::visit::Visit;
use crate::privacy::{DropReason, Ids};
use crate::recorder::Recorder;
use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, NoSubscriber};
use tracing::{Dispatch, Event, Metadata, Subscriber, dispatcher};

thread_local! {
    /// Where the events of this thread's hook go, and the span that they belong to.
    static TARGET: RefCell<Option<(Arc<Recorder>, Option<Ids>)>> = const { RefCell::new(None) };
}

static DISPATCH: OnceLock<Dispatch> = OnceLock::new();

/// Registers the subscriber, unless it is. Not from a hook: `tracing` holds locks of its own meanwhile.
pub(crate) fn prepare() {
    DISPATCH.get_or_init(|| Dispatch::new(Hook));
}

/// Has the events that `record` records recorded, as events of `span`.
///
/// Without a subscriber on this thread nothing happens, nor from inside the work of one that is the default of a thread:
/// there `tracing` lets nothing through, and would take a callsite that is reached for the first time for disabled.
pub(crate) fn in_hook(recorder: &Arc<Recorder>, span: Option<Ids>, record: impl FnOnce()) {
    let Some(dispatch) = DISPATCH.get() else { return };
    if dispatcher::get_default(|current| current.is::<NoSubscriber>()) {
        return;
    }
    set(Some((Arc::clone(recorder), span)));
    dispatcher::with_default(dispatch, record);
    set(None);
}

/// Nothing while the thread ends.
fn set(target: Option<(Arc<Recorder>, Option<Ids>)>) {
    drop(TARGET.try_with(|place| place.try_borrow_mut().map(|mut place| std::mem::replace(&mut *place, target))));
}

struct Hook;

impl Hook {
    fn with<T>(act: impl FnOnce(&Recorder, Option<Ids>) -> Option<T>) -> Option<T> {
        let of = |target: &RefCell<Option<(Arc<Recorder>, Option<Ids>)>>| {
            let target = target.try_borrow().ok()?;
            let (recorder, span) = target.as_ref().filter(|(recorder, _)| recorder.sanitizer.is_on())?;
            act(recorder, *span)
        };
        TARGET.try_with(of).ok().flatten()
    }
}

impl Subscriber for Hook {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::never()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::OFF)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        Self::with(|recorder, _| recorder.sanitizer.find(kind(metadata), metadata.name())).is_some()
    }

    /// A hook records events: what would end the span is not known here.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Self::with(|recorder, _| {
            recorder.sanitizer.withhold(DropReason::Reentrant);
            Some(())
        });
        Id::from_u64(u64::MAX)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        Self::with(|recorder, span| {
            let sanitizer = &recorder.sanitizer;
            let metadata = event.metadata();
            let of = sanitizer.find(kind(metadata), metadata.name())?;
            let fields: Vec<_> = metadata.fields().iter().map(|field| sanitizer.field(of, field.name())).collect();
            let mut record = sanitizer.blank(of)?;
            sanitizer.begin_event(&mut record, of, span.filter(|_| event.is_contextual()))?;
            let mut visit = Visit::new(sanitizer, &fields, &mut record).in_hook();
            event.record(&mut visit);
            visit.finish();
            recorder.emit(&record);
            Some(())
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
