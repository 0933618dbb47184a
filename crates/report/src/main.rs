//! The command `scruple-report`.

#![forbid(unsafe_code)]

fn main() {}
