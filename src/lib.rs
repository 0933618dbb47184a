//! Product-usage telemetry that can only send what its registry declares.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod check;
pub mod consent;
pub mod encode;
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
pub use pipeline::{BUDGET, Builder, Opening, Outcome, Telemetry, fail, start};
