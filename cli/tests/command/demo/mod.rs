//! `scruple demo` as a process: its output, its requests, and its exit code.

mod covered;
mod off;
mod run;
mod table;
mod to;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// An ended process.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// Its output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }
}

/// The demo with these arguments, in an environment without opt-outs.
pub fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.env_clear().env("HOME", home()).arg("demo").args(arguments).stdin(Stdio::null());
    command
}

/// Runs to the end.
pub fn end(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The user's own home: with another one, the session would count as another user's.
pub fn home() -> PathBuf {
    std::env::home_dir().unwrap()
}
