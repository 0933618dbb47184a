//! Treats raw values; the only maker of `Clean`.
//!
//! Both ways in, the layer and the gate, ask one `Sanitizer` the same questions in the same order: which signal is this,
//! where does this field go, begin a record, treat a value, end it and hand it on. A value is treated while it is
//! visited, so what may not leave is never copied; a [`Clean`] record can be made and changed nowhere else, and a
//! [`Sink`] takes nothing else. What a process wrote to disk comes back through `readmit`, which believes none of it.
//!
//! Undeclared content draws no randomness, moves no counter that is sent, and leaves no gap: noninterference (law 1)
//! needs that, not only the absence of the content itself.

mod clean;
#[cfg(feature = "otel")]
mod copied;
mod drops;
mod parsed;
mod policy_filter;
mod record;
mod revalidate;
mod sanitizer;
mod sink;
mod treat;
mod wire;

pub use clean::Clean;
pub use drops::{DropCounts, DropReason};
pub use policy_filter::PolicyFilter;
pub use record::{Ids, PRE_RELEASE, Record, Resource, SpanStatus, Value, Version};
pub use revalidate::Declarations;
pub use sink::Sink;
pub use treat::{Raw, treat};

pub(crate) use parsed::{ParsedLine, ParsedRecord, ParsedValue};
pub(crate) use record::TreatedValue;
pub(crate) use revalidate::{Revalidated, readmit};
pub(crate) use sanitizer::{Field, STATUS_FIELD, Sanitizer, SanitizerConfig, SignalId, Slot};
pub(crate) use sink::OpenSpans;
pub(crate) use treat::write_bounded;
pub(crate) use wire::{hexadecimal, is_program_version};
