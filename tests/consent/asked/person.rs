//! A person with a home folder, who runs the program.

use scruple_fixtures::process;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::role;

/// The first second of the story.
pub const NOON: u64 = 1_795_000_000;
pub const DAY: u64 = 86_400;

pub struct Person {
    folder: tempfile::TempDir,
    variables: Vec<(OsString, OsString)>,
}

impl Person {
    /// With an empty home, no organisation, and no project.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for inside in ["home", "root/etc", "work"] {
            std::fs::create_dir_all(folder.path().join(inside)).unwrap();
        }
        Self { folder, variables: Vec::new() }
    }

    pub fn set(&mut self, name: &str, value: impl AsRef<OsStr>) -> &mut Self {
        self.variables.push((name.into(), value.as_ref().to_owned()));
        self
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The folder that the program runs in.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// The file with the answers.
    pub fn answers(&self) -> PathBuf {
        self.home().join(".config/scruple/com.example.asked/telemetry.toml")
    }

    /// The folder with secret and ids.
    pub fn state(&self) -> PathBuf {
        self.home().join(".local/state/scruple/com.example.asked")
    }

    /// Runs the program to its end and gives what it said, a line each.
    #[track_caller]
    pub fn run(&self, role: &str) -> Vec<String> {
        self.start(role, None).end()
    }

    /// The same for a program that says one thing.
    #[track_caller]
    pub fn says(&self, role: &str) -> String {
        self.run(role).join("\n")
    }

    /// Runs the program with a terminal as its standard error, and gives what it said and what the terminal shows.
    #[track_caller]
    pub fn run_on_terminal(&self, role: &str) -> (Vec<String>, String) {
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
            let _ = std::fs::File::from(pty).read_to_end(&mut shown);
            String::from_utf8(shown).unwrap().replace("\r\n", "\n")
        });
        let said = self.start(role, Some(terminal)).end();
        (said, screen.join().unwrap())
    }

    /// Starts the program.
    pub fn start(&self, role: &str, terminal: Option<OwnedFd>) -> Running {
        let mut command = self.command(role);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(terminal.map_or_else(Stdio::null, Stdio::from));
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Running { child, said }
    }

    /// The program, not yet started.
    pub fn command(&self, role: &str) -> Command {
        let mut command = process::of_test("asked::the_program");
        command.env_clear().env("HOME", self.home()).env("ASKED_ROOT", self.root()).env(role::ROLE, role);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.work());
        command
    }

    /// Every file below the home folder.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.home(), &mut found);
        found
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            collect(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The program while it runs.
pub struct Running {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Running {
    /// The next thing that it says.
    pub fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            // What the harness says has no line of its own.
            if let Some((_, said)) = line.split_once("> ") {
                return Some(said.trim_end().to_owned());
            }
            line.clear();
        }
        None
    }

    /// Lets it go on from where it waits.
    pub fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// What else it says, to its end.
    #[track_caller]
    pub fn end(mut self) -> Vec<String> {
        let said = std::iter::from_fn(|| self.hear()).collect();
        assert!(self.child.wait().unwrap().success(), "{said:#?}");
        said
    }
}
