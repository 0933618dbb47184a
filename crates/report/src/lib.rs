//! `scruple-report`: reads what a Collector has received, and writes typed Parquet, tables and a page that can be published.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod aggregate;
pub mod batch;
pub mod calendar;
pub mod chart;
pub mod codes;
pub mod collect;
pub mod command;
pub mod csv;
pub mod dimension;
pub mod failed;
pub mod files;
pub mod flat;
pub mod json;
pub mod ledger;
pub mod options;
pub mod page;
pub mod pairs;
pub mod parquet_file;
pub mod partial_folder;
pub mod publication;
pub mod publish;
pub mod read;
pub mod refused;
pub mod sorted;
pub mod summary;
pub mod suppress;
pub mod table;
pub mod window;
