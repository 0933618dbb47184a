//! The rows of the design that this program follows, each shown by the program itself as a real process.

// Its people read a terminal, their uploads are found in /proc, and /dev/full makes the program panic.
#![cfg(unix)]

mod canaries;
mod cards;
mod collector;
mod decision;
mod invocation;
mod person;
mod planted;
mod published;
mod receiver;
mod road;
mod run;
mod work;
