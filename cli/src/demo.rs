//! The demo: a small program that does real work, records private data on the way, and shows what leaves.

pub mod command;
pub mod compare;
pub mod dataset;
mod json;
pub mod planted;
mod program;
pub mod recorded;
mod stage;
mod table;
pub mod usage;
mod verdict;
pub mod work;
