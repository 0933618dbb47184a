//! The scruple command's parts: reads registries, checks them, and writes what is derived from them.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod check;
pub mod codegen;
pub mod collector_config;
pub mod demo;
pub mod policy;
pub mod receive;
pub mod registry;
