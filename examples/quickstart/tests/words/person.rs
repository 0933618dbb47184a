//! A person with a home folder, who runs the program.

use scruple_fixtures::person;
pub use scruple_fixtures::person::Ran;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

/// The program under test: the example's own, as it is built for people.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_words");

/// Any text, of 3 words in 2 lines.
pub const TEXT: &str = "one two\nthree";

person!(Person);

impl Person {
    /// With an empty home, and a text in the folder where the program runs.
    pub fn new() -> Self {
        let person = person::Person::new("com.example.words");
        fs::write(person.work().join("text.txt"), TEXT).unwrap();
        Self(person)
    }

    /// One who has said yes.
    pub fn who_said_yes() -> Self {
        let person = Self::new();
        assert_eq!(person.run(&["telemetry", "on"]).code, 0);
        person
    }

    /// One who was told long ago, and has said nothing: as the notice in a window of the program stores it.
    pub fn who_was_told() -> Self {
        let person = Self::who_said_yes();
        let text = fs::read_to_string(person.answers()).unwrap();
        let told = |line: &str| match line {
            "how = \"yes\"" => "how = \"told\"\nwait = \"day\"\n".to_owned(),
            _ if line.starts_with("at = ") => "at = \"2020-01-01T00:00:00Z\"\n".to_owned(),
            _ => format!("{line}\n"),
        };
        fs::write(person.answers(), text.lines().map(told).collect::<String>()).unwrap();
        person
    }

    /// Puts a file where a folder with the answers is.
    pub fn break_settings(&self) {
        put_file(self.answers(), self.home().join(".config"));
    }

    /// Puts a file where a folder with the state is.
    pub fn break_state(&self) {
        put_file(self.state().join("any"), self.home().join(".local"));
    }

    /// Runs the program to its end, with nothing on standard input.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, b"")
    }

    /// The same with this on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut child = self.command(PROGRAM).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // It need not read.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap().into()
    }

    /// Runs the program in the foreground of a terminal that is its standard error.
    // No console of Windows is known to be read.
    #[cfg(unix)]
    pub fn run_on_terminal(&self, arguments: &[&str]) -> Ran {
        self.0.run_on_terminal("person::of_the_terminal", PROGRAM, arguments)
    }
}

/// Puts a file in the place of this folder; on Windows, where other apps use all folders above it, of the one that `inside` is in.
fn put_file(inside: PathBuf, folder: PathBuf) {
    let folder = if cfg!(windows) { inside.parent().unwrap().to_owned() } else { folder };
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    fs::write(folder, "not a folder").unwrap();
}

/// Not a test: the process that [`Person::run_on_terminal`] starts.
// No console of Windows is known to be read.
#[cfg(unix)]
#[test]
fn of_the_terminal() {
    scruple_fixtures::terminal::become_program();
}
