//! A person with a home folder, who runs the program; nothing of it leaves this machine but by a [`Road`].

use super::road::Road;
pub use scruple_fixtures::person::Ran;
use scruple_fixtures::process::{closed_output, nameless_file};
use scruple_fixtures::{person, person::make_private, until};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The program under test: the example's own, as it is built for people.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_mlnet");

person!(Person);

impl Person {
    /// Who was never asked.
    pub fn new() -> Self {
        Self::named("person")
    }

    /// With this name, which is also the name of the home folder.
    pub fn named(user: &str) -> Self {
        let mut person = person::Person::named("com.example.mlnet", user);
        person.set("USER", user);
        Self(person)
    }

    /// This one, after a yes; what is recorded waits until [`Person::upload`], as in the hour after an upload.
    pub fn says_yes(self) -> Self {
        let ran = self.run(["telemetry", "on"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        // Nobody else may look into the folder, else the program does not either.
        make_private(&self.state());
        File::create(self.state().join("stamp")).unwrap();
        self
    }

    /// Reaches the receiver over this road from now on.
    pub fn takes(mut self, road: &Road) -> Self {
        self.set("HTTPS_PROXY", road.proxy());
        self.set("SSL_CERT_FILE", road.certificate());
        self
    }

    /// Runs the program to its end.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.command(PROGRAM).args(arguments).output().unwrap().into()
    }

    /// Runs the program where nobody reads its standard output, which it does not expect: it panics.
    pub fn crash<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        let mut command = self.command(PROGRAM);
        command.args(arguments).stdin(Stdio::null()).stdout(closed_output()).stderr(Stdio::piped());
        command.spawn().unwrap().wait_with_output().unwrap().into()
    }

    /// Runs an uploader to its end, as the program starts it, and as if the last was long ago.
    pub fn upload(&self) {
        self.due();
        // No process starts an uploader for another on Windows.
        let stage = if cfg!(windows) { "uploader" } else { "starter" };
        let mark = format!("com.example.mlnet {stage} 0000000000000001");
        let mut file = nameless_file();
        file.write_all(mark.as_bytes()).unwrap();
        let mut started = self.command(PROGRAM).env("SCRUPLE_UPLOADER", mark).stdin(file).spawn().unwrap();
        let session = started.id().to_string();
        assert!(started.wait().unwrap().success());
        if cfg!(windows) {
            return;
        }
        // The uploader is in the starter's session, and is nobody's child here.
        let is_uploader = |stat: Vec<String>| stat[3] == session && stat[0] != "Z";
        until("the uploader ends", || {
            let processes =
                fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
            !processes.filter_map(|process| stat(&process)).any(is_uploader)
        });
    }

    /// Uploads until nothing waits.
    pub fn drain(&self) {
        until("nothing waits", || {
            self.upload();
            self.waiting().is_empty()
        });
    }

    /// Runs the program in the foreground of a terminal that is its standard error.
    // No console of Windows is known to be read.
    #[cfg(unix)]
    pub fn run_on_terminal(&self, arguments: &[&str]) -> Ran {
        self.0.run_on_terminal("person::of_the_terminal", PROGRAM, arguments)
    }
}

/// Not a test: the process that [`Person::run_on_terminal`] starts.
// No console of Windows is known to be read.
#[cfg(unix)]
#[test]
fn of_the_terminal() {
    scruple_fixtures::terminal::become_program();
}

/// A file of the example's folder.
pub fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The fields of a process that follow its name: its state is the first, its session the fourth.
fn stat(process: &str) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}
