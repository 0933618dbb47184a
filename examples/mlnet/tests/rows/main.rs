//! The rows of the design that this program follows, each shown by the program itself as a real process.

mod canaries;
mod cards;
mod collector;
// Its exceptions are those of these systems.
#[cfg(any(target_os = "linux", windows))]
mod covered;
mod decision;
mod invocation;
mod person;
mod planted;
mod published;
mod receiver;
mod road;
mod run;
mod work;
