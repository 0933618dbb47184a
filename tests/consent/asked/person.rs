//! A person with a home folder, who runs the program.

use super::role;
use scruple_fixtures::person;
use scruple_fixtures::process::{self, Process};
#[cfg(unix)]
use scruple_fixtures::terminal;
use std::process::{Command, Stdio};

/// The first second of the story.
pub const NOON: u64 = 1_795_000_000;
pub const DAY: u64 = 86_400;

scruple_fixtures::person!(Person);

impl Person {
    /// With an empty home, no organisation, and no project.
    pub fn new() -> Self {
        let mut person = person::Person::new("com.example.asked");
        let root = person.root();
        person.set("ASKED_ROOT", root);
        Self(person)
    }

    /// Runs the program to its end and gives what it said, a line each.
    #[track_caller]
    pub fn run(&self, role: &str) -> Vec<String> {
        self.start(role).end()
    }

    /// The same for a program that says one thing.
    #[track_caller]
    pub fn says(&self, role: &str) -> String {
        self.run(role).join("\n")
    }

    /// Runs the program with a terminal as its standard error, and gives what it said and what the terminal shows.
    // No console of Windows is known to be read.
    #[cfg(unix)]
    #[track_caller]
    pub fn run_on_terminal(&self, role: &str) -> (Vec<String>, String) {
        let (terminal, screen) = terminal::open();
        let said = Process::start(self.command(role).stderr(terminal)).end();
        (said, screen.text())
    }

    /// The same with a window of the program in place of a terminal, since no console of Windows is known to be read.
    #[cfg(windows)]
    #[track_caller]
    pub fn run_on_terminal(&self, role: &str) -> (Vec<String>, String) {
        let output = self.command(role).output().unwrap();
        let [said, screen] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{said}{screen}");
        (process::said(&said).map(str::to_owned).collect(), screen)
    }

    /// The same on a terminal where the person has typed `ahead`, and types an answer at the question.
    // No console of Windows is known to be read.
    #[cfg(unix)]
    pub fn answers_on_terminal(&self, role: &str, ahead: &str, answer: &str) -> (Vec<String>, String) {
        let (terminal, screen) = terminal::open_with(ahead, answer);
        let mut command = self.command(role);
        let output = command.stdin(terminal.try_clone().unwrap()).stderr(terminal).output().unwrap();
        drop(command);
        let said = String::from_utf8(output.stdout).unwrap();
        (process::said(&said).map(str::to_owned).collect(), screen.text())
    }

    /// Starts the program.
    pub fn start(&self, role: &str) -> Process {
        Process::start(self.command(role).stderr(Stdio::null()))
    }

    /// The program, not yet started.
    pub fn command(&self, role: &str) -> Command {
        let mut command = self.prepare(process::of_test("asked::the_program"));
        command.env(role::ROLE, role);
        command
    }
}
