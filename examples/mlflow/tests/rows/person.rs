//! A person with a home folder of their own, who runs the program.

pub use scruple_fixtures::person::Ran;
use scruple_fixtures::{person, person::make_private, until};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

pub const APP: &str = "com.example.mlflow";

person!(Person);

impl Person {
    pub fn new() -> Self {
        Self::named("person")
    }

    /// One whose folders' paths have this in them.
    pub fn named(name: &str) -> Self {
        Self(person::Person::named(APP, name))
    }

    /// The example's program.
    pub fn program(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_mlflow-example"))
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.program().args(arguments).output().unwrap().into()
    }

    /// From now on it is as if an upload had been tried just now.
    pub fn not_due(&self) {
        make_private(&self.state());
        fs::write(self.state().join("stamp"), "").unwrap();
    }

    /// Waits until these files were taken.
    pub fn until_gone(&self, files: &[PathBuf]) {
        until("what waited is taken", || files.iter().all(|file| !file.exists()));
    }
}
