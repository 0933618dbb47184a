//! Opens the pipeline of a program, and closes it.
//!
//! [`start`] takes the program's registry, the [`Builder`] its settings; `build()` reads the facts, decides, and opens
//! the exporter. Building never fails: an error turns telemetry off, with the reason in [`Telemetry::decision`]. Off
//! means that nothing was opened: no socket, no file, no thread, no id.
//!
//! A program keeps its [`Telemetry`] until it ends; dropping it closes the pipeline, within its timeout. The pipeline
//! is opened at most once: by `build()`, or later by [`Telemetry::set_consent`], when a person agrees in a window. A
//! process that turned telemetry off does not turn it on again.

mod agree;
#[cfg(feature = "clap")]
pub(crate) mod arguments;
mod ask;
mod builder;
mod choice;
mod client;
#[cfg(feature = "clap")]
mod command;
#[cfg_attr(not(feature = "upload"), expect(dead_code, reason = "the upload alone opens files"))]
mod context;
mod dry_run;
mod exporter;
#[cfg(feature = "otel")]
mod gates;
mod open;
#[cfg_attr(windows, path = "pipeline/os_version_windows.rs")]
mod os_version;
mod page;
mod panics;
#[cfg_attr(not(feature = "policy"), path = "pipeline/no_policy.rs")]
mod policy;
mod render;
mod resource;
mod run;
mod send;
mod server;
mod shared;
mod show;
mod status;
#[cfg_attr(windows, path = "pipeline/streams_windows.rs")]
mod streams;
mod telemetry;
#[cfg(test)]
mod tests;
#[cfg_attr(not(feature = "upload"), path = "pipeline/no_uploader.rs")]
mod uploader;
mod used;

pub(crate) use builder::Rehearsed;
pub use builder::{Builder, start};
pub use choice::{Choice, NotStored, Notice};
pub use client::{Client, client};
pub use context::ExportContext;
pub use exporter::Exporter;
pub use page::PAGE_STYLE;
pub use run::{Outcome, fail};
pub use status::{SourceStatus, Status};
pub use telemetry::Telemetry;
pub use uploader::Upload;
pub use used::{Used, UsedCommand};
