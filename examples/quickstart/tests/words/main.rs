//! The quickstart as a person runs it: real processes with a home folder of their own, which never leave this machine.

mod commands;
mod log;
mod notice;
mod person;
mod plain;
mod readme;
// Wine may hang on a busy machine, and telemetry is on on Windows for tests alone:
// `RUSTFLAGS="--cfg windows_in_tests" cargo test -p quickstart --test words -- --ignored wine`.
#[cfg(windows_in_tests)]
mod wine;
mod work;
