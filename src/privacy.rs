//! Treats raw values; the only maker of `Clean`.
//!
//! Both ways in, the layer and the gate, ask one `Sanitizer` the same questions in the same order: which signal is this,
//! where does this field go, begin a record, treat a value, end it and hand it on. A value is treated while it is
//! visited, so what may not leave is never copied; a [`Clean`] record can be made and changed nowhere else, and a
//! [`Sink`] takes nothing else. What a process wrote to disk comes back through `readmit`, which believes none of it.
//!
//! Undeclared content draws no randomness, moves no counter that is sent, and leaves no gap: noninterference (law 1)
//! needs that, not only the absence of the content itself.

#[cfg(feature = "otel")]
mod copied;
mod drops;
mod parsed;
mod policy_filter;
mod record;
mod revalidate;
mod sanitizer;
mod treat;
mod wire;

pub use drops::{DropCounts, DropReason};
pub use policy_filter::PolicyFilter;
pub use record::{Ids, PRE_RELEASE, Record, Resource, Status, Value, Version};
pub use revalidate::Declarations;
pub use treat::{Raw, treat};

pub(crate) use parsed::{ParsedLine, ParsedRecord, ParsedValue};
pub(crate) use revalidate::{Revalidated, readmit};
pub(crate) use sanitizer::{Field, STATUS_FIELD, Sanitizer, SanitizerConfig, SignalId, Slot, TreatedValue};
pub(crate) use treat::write_bounded;
pub(crate) use wire::{hexadecimal, is_program_version};

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// Something that holds nothing but what the registry declares. Only this module can make one.
#[derive(Clone, PartialEq)]
pub struct Clean<T>(T);

impl<T> Deref for Clean<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Where clean records go.
pub trait Sink: Send + Sync {
    /// Takes one record. It must not block, panic, or record spans or events of its own.
    fn accept(&self, record: &Clean<Record>);

    /// Hands on what is still held, within the budget. Called once, when the pipeline is taken down.
    fn close(&self, budget: Duration) {
        let _ = budget;
    }
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn accept(&self, record: &Clean<Record>) {
        (**self).accept(record);
    }

    fn close(&self, budget: Duration) {
        (**self).close(budget);
    }
}

/// A way in that holds spans which have not ended.
pub(crate) trait OpenSpans: Send + Sync {
    /// Takes every open span, for a program that is about to exit.
    fn take_all(&self) -> Vec<Clean<Record>>;

    /// The declared span that the calling thread is in, where it is known without anything of the program's.
    fn innermost(&self) -> Option<Ids> {
        None
    }
}
