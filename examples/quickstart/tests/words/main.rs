//! The quickstart as a person runs it: real processes with a home folder of their own, which never leave this machine.

mod commands;
mod covered;
mod log;
// No console of Windows is known to be read.
#[cfg(unix)]
mod notice;
mod page;
mod person;
mod plain;
mod readme;
// Wine is started on a system of Unix.
#[cfg(unix)]
mod wine;
mod work;
