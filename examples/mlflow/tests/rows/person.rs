//! A person with a home folder of their own, who runs the program.

use super::until;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub const APP: &str = "com.example.mlflow";

pub struct Person(tempfile::TempDir);

/// What a run of the program came to.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Person {
    pub fn new() -> Self {
        Self::named("person")
    }

    /// One whose folders' paths have this in them.
    pub fn named(name: &str) -> Self {
        let person = Self(tempfile::Builder::new().prefix(name).tempdir().unwrap());
        for inside in ["home", "work", "root/etc"] {
            fs::create_dir_all(person.0.path().join(inside)).unwrap();
        }
        person
    }

    pub fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    pub fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    /// What a rehearsal takes for `/`.
    pub fn root(&self) -> PathBuf {
        self.0.path().join("root")
    }

    pub fn state(&self) -> PathBuf {
        self.home().join(".local/state/scruple").join(APP)
    }

    /// A program in an environment that has nothing but a home folder.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home()).current_dir(self.work());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The example's program.
    pub fn program(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_mlflow-example"))
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.program().args(arguments).output().unwrap().into()
    }

    /// The files that wait to be sent.
    pub fn waiting(&self) -> Vec<PathBuf> {
        let inside = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        inside(self.state().join("queue")).flat_map(inside).collect()
    }

    /// Every file below the home folder.
    pub fn files(&self) -> Vec<PathBuf> {
        fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { collect(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        collect(&self.home(), &mut found);
        found
    }

    /// From now on it is as if an upload had been tried just now.
    pub fn not_due(&self) {
        if self.state().exists() {
            fs::write(self.state().join("stamp"), "").unwrap();
        }
    }

    /// From now on it is as if the last upload was long ago.
    pub fn due(&self) {
        for name in ["stamp", "pause"] {
            let _ = fs::remove_file(self.state().join(name));
        }
    }

    /// Waits until these files were taken.
    pub fn until_gone(&self, files: &[PathBuf]) {
        until("what waited is taken", || files.iter().all(|file| !file.exists()));
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().expect("no signal ended it");
        Self { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}
