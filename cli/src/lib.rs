//! The parts of the `scruple` command.
#![forbid(unsafe_code)]

pub mod demo;
pub mod receive;
