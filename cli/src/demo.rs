//! A small program that does real work, records private things while it does, and shows what of them leaves.

pub mod dataset;
pub mod usage;
pub mod work;
