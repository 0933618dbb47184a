//! Sanitizes raw values; the only maker of `Clean`.
//!
//! Both entrances, the layer and the gate, call one `Sanitizer` in the same order: look up the signal, look up the
//! field, begin a record, treat a value, end the record and export it. A value is treated while it is visited, so
//! undeclared content is never copied. A [`Clean`] record can be made and changed nowhere else, and a [`Sink`] takes
//! nothing else. Lines that a process wrote to disk come back through `readmit`, which validates everything again.
//!
//! Undeclared content draws no randomness, changes no counter that is sent, and leaves no gap: noninterference (law 1)
//! needs that, not only the absence of the content itself.

mod absent;
mod clean;
mod compiled;
#[cfg(feature = "otel")]
mod copied;
mod drops;
mod ended;
mod lost;
mod parsed;
mod policy_filter;
mod record;
mod revalidate;
mod sanitizer;
mod sink;
mod treat;
mod values;
mod wire;

pub use clean::Clean;
pub use drops::{DropCounts, DropReason};
pub use lost::LossReason;
pub use policy_filter::PolicyFilter;
pub use record::{Ids, Record, Resource, SpanStatus};
pub use revalidate::Declarations;
pub use sink::Sink;
pub use treat::{Raw, treat};
pub use values::{PRE_RELEASE, Value, Version};

pub(crate) use compiled::{Field, SignalId, Slot};
pub(crate) use drops::{DropReport, write_counts};
pub(crate) use lost::LossCounts;
pub(crate) use parsed::{ParsedLine, ParsedRecord, ParsedValue};
pub(crate) use record::TreatedValue;
pub(crate) use revalidate::{Revalidated, readmit};
pub(crate) use sanitizer::{STATUS_FIELD, Sanitizer, SanitizerConfig};
pub(crate) use sink::OpenSpans;
pub(crate) use treat::write_bounded;
pub(crate) use wire::{hexadecimal, is_program_version};
