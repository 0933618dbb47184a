//! The quickstart as a person runs it: real processes with a home folder of their own, which never leave this machine.

mod commands;
mod log;
mod notice;
mod person;
mod plain;
mod readme;
#[cfg(unix)]
mod wine;
mod work;
