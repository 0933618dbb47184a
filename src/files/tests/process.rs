//! A second process: this test binary again, running one test alone, told by variables what to do.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _, stdin, stdout};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A second process, which is talked to in lines.
pub(crate) struct Process {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Process {
    /// Starts the test of this path, with these variables besides those that are there.
    pub(crate) fn start<'v>(test: &str, variables: impl IntoIterator<Item = (&'v str, &'v OsStr)>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]).envs(variables);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// The next thing that it says; `None` at its end.
    pub(crate) fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            // A test harness says things too.
            if let Some((_, said)) = line.split_once("> ") {
                return Some(said.trim_end().to_owned());
            }
            line.clear();
        }
        None
    }

    /// Lets it go on from where it [waits](wait).
    pub(crate) fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// What else it says, to its end.
    #[track_caller]
    pub(crate) fn end(mut self) -> Vec<String> {
        let said = std::iter::from_fn(|| self.hear()).collect();
        assert!(self.child.wait().unwrap().success(), "{said:#?}");
        said
    }

    /// Ends it where it is.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Says something to the process that started this one.
pub(crate) fn say(text: &str) {
    let mut out = stdout().lock();
    writeln!(out, "> {text}").and_then(|()| out.flush()).unwrap();
}

/// Says so, and waits until that process lets this one go on.
pub(crate) fn wait() {
    say("waiting");
    stdin().lock().read_line(&mut String::new()).unwrap();
}
