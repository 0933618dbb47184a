//! The parts of the command `scruple`: reads registries, checks them, and generates files from them.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod check;
pub mod codegen;
pub mod collector_config;
pub mod command;
pub mod completions;
pub mod counts;
pub mod demo;
pub mod diff;
pub mod docs;
pub mod exit;
pub mod init;
mod markup;
pub mod named;
pub mod notice;
pub mod policy;
pub mod program;
pub mod receive;
pub mod registry;
pub mod report;
pub mod sql;
mod template;
mod words;
mod written;
