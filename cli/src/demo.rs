//! A small program that does real work, records private things while it does, and shows what of them leaves.

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
