//! Product-usage telemetry that can only send what its registry declares.
//!
//! ```text
//!                  layer ─┐
//!  program ──────────────>├─> privacy ──> Clean<Record> ──> Sink ──> forward ──> any Collector
//!  SDK pipeline ── gate ──┘                                   └────> encode: OTLP as bytes
//! ```
//!
//! Data goes left to right, never back. `tests/house.rs` holds which module may know which. [`privacy`] is the only
//! maker of [`Clean`](privacy::Clean), and a [`Sink`](privacy::Sink) takes nothing else; [`check`] reads OTLP back and
//! shares no code with either. [`start`] begins; the README and `examples/quickstart` show a whole program.
//!
//! # Laws
//!
//! Each has tests that were seen to fail when the law was broken.
//!
//! 1. **Noninterference.** Two runs that differ only in undeclared content send identical requests:
//!    `tests/law` (`undeclared_content_changes_no_byte`), `tests/doors` (`what_is_undeclared_changes_no_record`),
//!    `tests/carriers` (a marker in every carrier). The registry says which spans are parents; one corner is open: see
//!    the module doc of `layer`, "Parents".
//! 2. **Off is off.** No file, socket, thread or id: `cli/tests/silence.rs`, under strace.
//! 3. **Fail closed.** What can't be read, parsed or reached counts as no: `tests/consent.rs`
//!    (`another_no_never_turns_it_on`), `tests/broken_tables.rs` (`a_broken_table_turns_telemetry_off`).
//! 4. **Never harm the host.** `tests/host.rs`, `tests/forward_process`
//!    (`an_endpoint_that_swallows_packets_holds_nobody_up`, `subscribers_hear_nothing_of_ours`).
//! 5. **No one else's environment.** `tests/forward_process` (`the_environment_changes_nothing_that_is_sent`),
//!    `tests/gate/process.rs`.
//! 6. **Narrow only.** Nothing at run time adds to the registry or the headers, and no variable names an endpoint:
//!    `tests/endpoint.rs`, `tests/forward_bytes.rs`.
//! 7. **What was agreed to is what is sent.** There is no stored agreement yet: without the host's own yes
//!    ([`Builder::given`]) nothing is recorded (`tests/consent.rs`, `without_a_yes_nothing_is_recorded`).
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod check;
pub mod consent;
pub mod encode;
pub mod files;
#[cfg(feature = "otel")]
pub mod forward;
#[cfg(feature = "otel")]
pub mod gate;
pub mod identity;
mod layer;
mod pipeline;
pub mod privacy;
pub mod registry;
pub mod testing;

pub use layer::{Declared, Layer, Records};
pub(crate) use pipeline::Rehearsed;
pub use pipeline::{
    BUDGET, Builder, Choice, Client, NotStored, Notice, Opening, Outcome, SourceStatus, Status, Telemetry, Used,
    UsedCommand, client, fail, start,
};
