//! A panic hook's own subscriber: it records declared events, and calls no other layer of the program.
//!
//! A panic may come from inside another layer, for example from a value that it formats while it holds the lock of a
//! span. A hook that recorded through the program's subscriber would deadlock. So this subscriber is the default of the
//! thread while the hook records.
//!
//! `tracing` registers each subscriber for the whole process. This one is registered once, without interest in any
//! callsite: it enables no callsite, and raises no level, for the rest of the program.

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
    /// The recorder for this thread's hook, and the parent span of its events.
    static TARGET: RefCell<Option<(Arc<Recorder>, Option<Ids>)>> = const { RefCell::new(None) };
}

static DISPATCH: OnceLock<Dispatch> = OnceLock::new();

/// Registers the subscriber once. Not from a hook: `tracing` holds its own locks meanwhile.
pub(crate) fn prepare() {
    DISPATCH.get_or_init(|| Dispatch::new(Hook));
}

/// Records the events of `record`, as events in `span`.
///
/// It does nothing on a thread without a subscriber, or inside a subscriber that is the default of a thread: there
/// `tracing` dispatches nothing, and would register a new callsite as disabled.
pub(crate) fn in_hook(recorder: &Arc<Recorder>, span: Option<Ids>, record: impl FnOnce()) {
    let Some(dispatch) = DISPATCH.get() else { return };
    if dispatcher::get_default(|current| current.is::<NoSubscriber>()) {
        return;
    }
    set(Some((Arc::clone(recorder), span)));
    dispatcher::with_default(dispatch, record);
    set(None);
}

/// Does nothing while the thread ends.
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

    /// A hook records events only: nothing here would end a span.
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
