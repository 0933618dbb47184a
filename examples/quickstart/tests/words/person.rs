//! A person with a home folder, who runs the program.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a process that takes a terminal for itself is to run then: the program's arguments, a line each.
const TERMINAL: &str = "WORDS_TEST_TERMINAL";

/// Where that process's standard output goes.
const STDOUT: &str = "WORDS_TEST_STDOUT";

/// Any text, of 3 words in 2 lines.
pub const TEXT: &str = "one two\nthree";

pub struct Person {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What a run of the program came to.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Person {
    /// With an empty home, and a text in the folder where the program runs.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for inside in ["home", "work"] {
            fs::create_dir(folder.path().join(inside)).unwrap();
        }
        fs::write(folder.path().join("work/text.txt"), TEXT).unwrap();
        Self { folder, variables: Vec::new() }
    }

    /// With this variable from now on.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One who has said yes.
    pub fn who_said_yes() -> Self {
        let person = Self::new();
        assert_eq!(person.run(&["telemetry", "on"]).code, 0);
        person
    }

    /// One who was told two days ago, and has said nothing.
    pub fn who_was_told() -> Self {
        let person = Self::new();
        person.run_on_terminal(&["text.txt"]);
        let text = fs::read_to_string(person.answers()).unwrap();
        // As the notice of an earlier boot of the machine.
        let lines = text.lines().filter(|line| !line.starts_with("boot = "));
        let lines = lines.map(|line| if line.starts_with("at = ") { "at = \"2020-01-01T00:00:00Z\"" } else { line });
        fs::write(person.answers(), lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        person
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The folder that the program runs in.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The file with the answers.
    pub fn answers(&self) -> PathBuf {
        self.home().join(".config/scruple/com.example.words/telemetry.toml")
    }

    /// Every file below the home folder.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.home(), &mut found);
        found
    }

    /// The program, not yet started.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home()).current_dir(self.work());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end, with nothing on standard input.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, b"")
    }

    /// The same with this on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = self.command(env!("CARGO_BIN_EXE_words"));
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It need not read.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap().into()
    }

    /// Runs the program in the foreground of a terminal that is its standard error.
    pub fn run_on_terminal(&self, arguments: &[&str]) -> Ran {
        let flags = rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY;
        let pty = rustix::pty::openpt(flags).unwrap();
        rustix::pty::grantpt(&pty).unwrap();
        rustix::pty::unlockpt(&pty).unwrap();
        let name = rustix::pty::ptsname(&pty, Vec::new()).unwrap();
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
        let terminal = rustix::fs::open(name, flags, rustix::fs::Mode::empty()).unwrap();
        let screen = std::thread::spawn(move || {
            let mut shown = Vec::new();
            // It ends with an error when nobody has the other side open.
            let _ = File::from(pty).read_to_end(&mut shown);
            String::from_utf8(shown).unwrap().replace("\r\n", "\n")
        });
        let stdout = self.folder.path().join("stdout");
        let mut command = self.command(std::env::current_exe().unwrap());
        command.args(["--exact", "person::of_the_terminal", "--nocapture"]);
        command.env(TERMINAL, arguments.join("\n")).env(STDOUT, &stdout);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(terminal);
        let code = command.status().unwrap().code().unwrap();
        // The command holds the other side too.
        drop(command);
        Ran { code, stdout: fs::read_to_string(stdout).unwrap(), stderr: screen.join().unwrap() }
    }
}

/// Not a test: the process that [`Person::run_on_terminal`] starts. It makes standard error the terminal of a session of
/// its own, and becomes the program.
#[test]
fn of_the_terminal() {
    let Ok(arguments) = std::env::var(TERMINAL) else { return };
    rustix::process::setsid().unwrap();
    rustix::process::ioctl_tiocsctty(std::io::stderr()).unwrap();
    let stdout = File::create(std::env::var_os(STDOUT).unwrap()).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_words"));
    program.args(arguments.lines()).env_remove(TERMINAL).env_remove(STDOUT).stdout(stdout);
    panic!("{}", program.exec());
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() { collect(&path, found) } else { found.push(path) }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("no signal ended it"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
