//! A person with a home folder, and receivers on real sockets.

use super::program::{ROLE, start_at_once};
use scruple_fixtures::{http, person, until};
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A person with a home folder and a program that has its yes.
pub struct Person {
    folder: tempfile::TempDir,
    _turn: person::Turn,
}

/// The app of the program.
pub const APP: &str = "com.example.asked";

impl Person {
    pub fn new(endpoint: &str) -> Self {
        let person = Self::at(tempfile::tempdir().unwrap());
        person.endpoint(endpoint);
        person.run("yes");
        person
    }

    /// A person with this home folder, who was not asked yet.
    pub fn at(folder: tempfile::TempDir) -> Self {
        Self { _turn: person::Turn::take(APP), folder }
    }

    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    pub fn state(&self) -> PathBuf {
        person::state_of(self.home(), APP)
    }

    /// The file with the answers.
    pub fn answers(&self) -> PathBuf {
        person::answers_of(self.home(), APP)
    }

    pub fn endpoint(&self, url: &str) {
        fs::write(self.home().join("endpoint"), url).unwrap();
    }

    /// As if the last upload was long ago, and nothing had failed.
    pub fn later(&self) {
        person::due(&self.state());
    }

    pub fn command(&self, role: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env_clear().envs(person::environment(self.home())).env(ROLE, role).current_dir(self.home());
        command.stdin(Stdio::null());
        // On Windows, a program with a pipe uploads in a thread.
        if cfg!(unix) || role.split(' ').any(|word| PRINTING.contains(&word)) {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        } else {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        command
    }

    pub fn start(&self, role: &str) -> Child {
        self.command(role).spawn().unwrap()
    }

    /// Runs the program and gives what it printed.
    #[track_caller]
    pub fn run(&self, role: &str) -> String {
        let output = self.command(role).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{role}: {printed}{}", String::from_utf8_lossy(&output.stderr));
        printed
    }

    /// An uploader, as a starter starts it, that is waited for.
    pub fn uploader(&self) -> Command {
        start_at_once(self)
    }

    /// Runs an uploader to its end, as if the last was long ago and nothing had failed.
    pub fn upload(&self) {
        self.later();
        assert!(self.uploader().output().unwrap().status.success());
    }

    /// Uploads until nothing waits: what is not taken by an uploader that runs is taken by the next.
    #[track_caller]
    pub fn drain(&self) {
        until("the queue is empty", || {
            self.upload();
            self.waiting() == 0
        });
    }

    /// The folder of the receiver's files.
    #[track_caller]
    pub fn queue(&self) -> PathBuf {
        let folders = self.queues();
        assert_eq!(folders.len(), 1, "{folders:?}");
        folders[0].clone()
    }

    pub fn queues(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.state().join("queue")).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// The files that wait.
    pub fn waiting(&self) -> usize {
        self.queues().iter().map(|folder| fs::read_dir(folder).map_or(0, Iterator::count)).sum()
    }
}

/// What a program does that prints.
const PRINTING: &[&str] = &[
    "decide", "flagged", "hook", "json", "lane", "listen", "page", "parsed", "send", "sent", "show", "starter",
    "status", "watch",
];

/// A receiver that takes everything, or answers in another way.
pub struct Receiver(pub http::Server);

impl Receiver {
    pub fn new() -> Self {
        Self(http::Server::start(http::Answer::Bytes(http::answer("200 OK", "", b"{}"))))
    }

    pub fn at(listener: TcpListener) -> Self {
        Self(http::Server::at(listener, http::Answer::Bytes(http::answer("200 OK", "", b"{}")), None))
    }

    pub fn requests(&self) -> Vec<String> {
        let arrivals = self.0.arrivals.lock().unwrap();
        arrivals.iter().map(|arrived| arrived.text().to_owned()).collect()
    }

    /// The records that arrived.
    pub fn records(&self) -> Vec<String> {
        self.requests().iter().flat_map(|text| records_in(text)).collect()
    }
}

/// The records in a request, each by its time, which is its number in this program.
pub fn records_in(text: &str) -> Vec<String> {
    let value = |part: &str| part.split('"').next().unwrap().to_owned();
    text.split("\"observedTimeUnixNano\":\"").skip(1).map(value).collect()
}

/// How many distinct records are among these.
pub fn distinct(records: &[String]) -> usize {
    records.iter().collect::<BTreeSet<_>>().len()
}

/// A receiver that takes everything, and a person whose program reports to it.
pub fn receiver_and_person() -> (Receiver, Person) {
    let receiver = Receiver::new();
    let person = Person::new(&receiver.0.url);
    (receiver, person)
}
