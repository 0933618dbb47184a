//! Product-usage telemetry that can only send what its registry declares.
//!
//! ```text
//!                  layer ─┐                                    ┌─> spool ──> upload ─┐
//!  program ──────────────>├─> privacy ──> Clean<Record> ──> Sink                     ├──> any Collector
//!  SDK pipeline ── gate ──┘                                    └─> forward ──────────┘
//! ```
//!
//! [`consent`] decides whether the pipeline is opened at all, from the environment and from [`files`]. Data flows left
//! to right, never back: `tests/architecture/floors.rs` checks which module may name which. [`privacy`] is the only
//! maker of [`Clean`], and a [`Sink`] takes nothing else; [`check`], a crate that depends on the registry's tables
//! alone, reads OTLP back and shares no code with either. [`start`] is the entry point; the README and
//! `examples/quickstart` show a whole program.
//!
//! # Where to find what
//!
//! The items on this page are the interface. The `scruple` command, the benches and the tests share further, hidden
//! modules with it, which change without notice. `scruple codegen` writes the registry's tables.
//!
//! # Laws
//!
//! Each law has tests that were seen to fail when the law was broken.
//!
//! 1. **Noninterference.** Two runs that differ only in undeclared content send identical requests:
//!    `tests/noninterference/law` (`undeclared_content_changes_no_byte`), `tests/noninterference/doors`
//!    (`undeclared_content_changes_no_record`), `tests/carriers` (a marker in every carrier). The registry says which
//!    spans are parents; two corners are open: see the module doc of `layer`, "Parents" (what `Span::current()` names
//!    inside an undeclared span) and "Ends". Between the disk and the wire: `tests/spool/readmit`.
//! 2. **Off is off.** No file, socket, thread or id: `cli/tests/command/silence.rs` and
//!    `tests/consent/asked/silence.rs` (`every_way_to_turn_telemetry_off_leaves_no_trace`), the uploader's in
//!    `tests/upload/silence.rs`, under strace. Nothing leaves after `off` has returned, and no deleted data comes back:
//!    `tests/upload/off.rs`, `tests/forward/retry.rs` (`nothing_leaves_after_a_no_that_comes_before_the_handshake`).
//! 3. **Fail closed.** An unreadable, malformed or unreachable source counts as no: `tests/consent/decide.rs`
//!    (`another_no_never_turns_telemetry_on`, `an_unreadable_answer_turns_telemetry_off`), `tests/consent/asked/files.rs`
//!    (`an_answer_that_is_not_a_file_counts_as_no` and those below it), `tests/consent/asked/refusals.rs`
//!    (`a_no_is_stored_despite_any_error_of_the_folder_for_settings`), `tests/registry/broken_tables.rs`
//!    (`a_broken_table_turns_telemetry_off`), `tests/upload` (`nothing_is_sent_without_a_valid_policy`,
//!    `no_order_of_policies_restores_an_older_one`).
//! 4. **Never harm the host.** `tests/noninterference/host.rs`, `tests/forward/process`
//!    (`an_endpoint_that_drops_packets_delays_no_program`), `tests/upload/killed.rs`, `tests/consent/asked/disks.rs`;
//!    the uploader's process: `tests/upload/host.rs` (`a_thousand_hosts_in_odd_states_are_undisturbed`),
//!    `tests/upload/marks.rs`; what a process inherits: `tests/upload/states.rs`; hosts in other languages and their
//!    environment: `tests/upload/foreign.rs`, `tests/upload/environment.rs`; a shell, `make` and `bats`, which wait for
//!    what they hand down: `tests/upload/runners.rs`; where an uploader would end with its host:
//!    `tests/upload/first.rs`, and below systemd and in a read-only container `tests/upload/contained.rs`; signals and
//!    stacks of its threads: `tests/upload/threads.rs`, `tests/forward/process`
//!    (`a_program_that_waits_for_signals_gets_them`).
//!    A value's `Debug` is the program's code, and is run where a declared field accepts text: a panic in it is caught,
//!    but the program's panic hook hears of it, and with `panic = "abort"` it ends the process. On a thread that panics,
//!    it is not run: `tests/noninterference/host/panics.rs`.
//!    Subscribers of `tracing` and a logger of `log` hear nothing of ours or of what we depend on:
//!    `tests/forward/process` (`no_subscriber_gets_an_event_of_ours`, `no_logger_gets_a_line_of_ours`),
//!    `tests/upload/surroundings.rs` (`an_uploading_thread_emits_no_event`). A host's own dependencies can switch two
//!    things on that can't be taken back, because Cargo builds each package once with the features of all who use it,
//!    and `log` has one logger for all threads: rustls's `logging` (as its default features do) makes it write about
//!    handshakes, at `debug` and `trace`, and about alerts and mistakes in the protocol, at `warn` and `error`, to
//!    targets that begin with `rustls`; `tracing`'s `log-always` makes tonic and hyper, below gRPC, write to `log`. No
//!    record, and no value of the program's, is in either.
//! 5. **No one else's environment.** `tests/forward/process` (`the_environment_changes_no_sent_byte`),
//!    `tests/noninterference/gate/process.rs`.
//!    The uploader's: `tests/upload` (`the_environment_changes_no_request`).
//! 6. **Narrow only.** Nothing at run time adds to the registry or the headers, and no variable names an endpoint:
//!    `tests/registry/endpoint.rs`, `tests/forward/bytes.rs`; what waited on disk is narrowed too:
//!    `tests/spool/readmit`.
//! 7. **What was agreed to is what is sent.** A registry that declares more is narrowed to the text that was told, until a
//!    new notice or a new yes: `tests/noninterference/law/narrowed.rs`; a yes to some purposes is for these alone, and
//!    what is past its end is not sent: `tests/consent/asked` (`purposes.rs`, `ends.rs`); another controller or receiver stops everything.
//!    `tests/consent/asked` (`a_wider_registry_needs_a_new_yes`,
//!    `a_wider_registry_shows_the_notice_again_and_another_does_not`, `the_promised_wait_is_kept`); what is wider is
//!    worked out from the text that was told, `tests/registry/said`, and from what the author adds in code
//!    (`an_attribute_opted_in_by_code_needs_a_new_yes`).
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[doc(hidden)]
pub mod consent;
#[doc(hidden)]
pub mod encode;
#[doc(hidden)]
pub mod files;
#[doc(hidden)]
#[cfg(feature = "otel")]
pub mod forward;
#[doc(hidden)]
#[cfg(feature = "otel")]
pub mod gate;
#[cfg(any(feature = "otel", feature = "upload"))]
mod http;
#[doc(hidden)]
pub mod identity;
mod layer;
#[doc(hidden)]
pub mod limits;
mod pipeline;
#[doc(hidden)]
#[cfg(feature = "policy")]
pub mod policy;
#[doc(hidden)]
pub mod privacy;
mod process;
mod recorder;
#[doc(hidden)]
pub mod spool;
mod sync;
pub mod testing;
#[cfg(any(feature = "otel", feature = "upload"))]
mod threads;
#[doc(hidden)]
pub mod upload;

pub use consent::{Decision, Informational, Mode, Reason, Switch};
pub use encode::Format;
#[cfg(feature = "otel")]
pub use forward::{Forward, ForwardCounts};
#[cfg(feature = "otel")]
pub use gate::{LogGate, SpanGate};
#[cfg(feature = "mac-address")]
pub use identity::mac::address as mac_address;
pub use layer::Layer;
#[doc(hidden)]
pub use layer::{DeclaredFilter, RecordLayer};
#[doc(hidden)]
pub use pipeline::PAGE_STYLE;
pub(crate) use pipeline::Rehearsed;
pub use pipeline::{
    Builder, Choice, Client, ExportContext, Exporter, NotStored, Notice, Outcome, SourceStatus, Status, Telemetry,
    Upload, Used, UsedCommand, client, fail, start,
};
#[cfg(feature = "policy")]
pub use policy::{Key, Keys, PolicySource};
pub use privacy::{Clean, DropCounts, DropReason, LossReason, Record, Resource, Sink};
#[doc(hidden)]
pub use scruple_check as check;
#[doc(hidden)]
pub use scruple_registry as registry;
pub use scruple_registry::{Endpoint, Preset, SignalKind, Wait};
pub use spool::Limits;
pub use upload::Amount;
