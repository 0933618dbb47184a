//! `scruple-report`: reads what a Collector has received, and writes typed Parquet, tables and a page that can be published.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod calendar;
pub mod columns;
pub mod ledger;
pub mod suppress;
pub mod table;
