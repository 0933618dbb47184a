//! Product-usage telemetry that can only send what its registry declares.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod check;
pub mod registry;
