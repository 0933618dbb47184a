//! One person, a tracking server, a host with the policy and a receiver: small ones, or the real ones.

use super::collector::Collector;
use super::http::{Request, Server};
use super::person::{Person, Ran};
use super::records::{self, Record};
use super::tracking::{self, Holding, Mlflow};
use super::vendor::policy;
use std::process::{Child, Command};

pub struct Stage {
    pub person: Person,
    /// Where calls go.
    pub tracking: String,
    /// The small tracking server, where it is not the real one.
    pub small: Option<Server>,
    /// Where the policy is.
    pub policy: String,
    /// The hosts that have, or had, the policy.
    pub hosts: Vec<Server>,
    receiver: Receiver,
    /// Another receiver than that.
    to: Option<String>,
}

enum Receiver {
    Small(Server),
    Collector(Collector),
}

/// A run of the program that is held in the middle of its first request.
pub struct Held {
    tracking: Holding,
    child: Child,
}

impl Stage {
    /// With small servers, and a policy that turns nothing off.
    pub fn small() -> Self {
        let small = tracking::small();
        let receiver = Receiver::Small(Server::always("200 OK", ""));
        Self::new(Person::new(), small.url.clone(), Some(small), receiver)
    }

    /// With MLflow's server and the Collector.
    pub fn real() -> Self {
        Self::new(Person::new(), Mlflow::get().url.clone(), None, Receiver::Collector(Collector::start()))
    }

    /// With a small tracking server and the Collector.
    pub fn collected() -> Self {
        let small = tracking::small();
        Self::new(Person::new(), small.url.clone(), Some(small), Receiver::Collector(Collector::start()))
    }

    /// With this person and tracking server, and a small receiver.
    pub fn of(person: Person, tracking: &str) -> Self {
        Self::new(person, tracking.to_owned(), None, Receiver::Small(Server::always("200 OK", "")))
    }

    fn new(person: Person, tracking: String, small: Option<Server>, receiver: Receiver) -> Self {
        let stage = Self { person, tracking, small, policy: String::new(), hosts: Vec::new(), receiver, to: None };
        stage.person.not_due();
        stage.with_policy(policy(1, &[]))
    }

    /// From now on this is the policy.
    pub fn with_policy(mut self, file: Vec<u8>) -> Self {
        let host = Server::always("200 OK", file);
        self.policy = format!("{}/mlflow.policy", host.url);
        self.hosts.push(host);
        self
    }

    /// Reports to this receiver.
    pub fn to(mut self, url: &str) -> Self {
        self.to = Some(url.to_owned());
        self
    }

    pub fn receiver(&self) -> &str {
        if let Some(url) = &self.to {
            return url;
        }
        match &self.receiver {
            Receiver::Small(server) => &server.url,
            Receiver::Collector(collector) => &collector.url,
        }
    }

    /// The program with these arguments, not yet started.
    pub fn program(&self, arguments: &[&str]) -> Command {
        self.against(&self.tracking, arguments)
    }

    /// The same for another tracking server.
    pub fn against(&self, tracking: &str, arguments: &[&str]) -> Command {
        let mut program = self.person.program();
        program.args(["--telemetry-to", self.receiver(), "--telemetry-policy", &self.policy]);
        program.args(["--tracking-uri", tracking]).args(arguments);
        program
    }

    /// Runs the program to its end. What it records waits.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.end(self.program(arguments))
    }

    /// The same for one that is made ready already.
    pub fn end(&self, mut program: Command) -> Ran {
        let ran = program.output().unwrap().into();
        self.person.not_due();
        ran
    }

    /// Starts the program and holds it in the middle of its first request.
    pub fn hold(&self, arguments: &[&str]) -> Held {
        Held::new(|tracking| self.against(tracking, arguments))
    }

    /// Sends what waits: another run of the program does, as long as it lasts.
    pub fn drain(&self) {
        self.drain_by(|tracking| self.against(tracking, &["list"]));
    }

    /// The same with this run, which is given the tracking server's address.
    pub fn drain_by(&self, program: impl FnOnce(&str) -> Command) {
        let files = self.person.waiting();
        self.person.due();
        let held = Held::new(program);
        self.person.until_gone(&files);
        held.end();
        self.person.not_due();
    }

    /// A name that nobody else in these tests has.
    pub fn name(&self) -> String {
        self.person.home().parent().unwrap().file_name().unwrap().to_str().unwrap().replace('.', "")
    }

    /// An experiment of that name, by its id.
    pub fn experiment(&self) -> String {
        let ran = self.run(&["experiment", &self.name()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout.trim_end().to_owned()
    }

    /// The requests that the small receiver got.
    pub fn requests(&self) -> Vec<Request> {
        match &self.receiver {
            Receiver::Small(server) => server.requests(),
            Receiver::Collector(_) => panic!("the Collector keeps no requests"),
        }
    }

    /// How much has arrived so far.
    pub fn arrived(&self) -> usize {
        match &self.receiver {
            Receiver::Small(server) => server.requests().len(),
            Receiver::Collector(collector) => collector.text().len(),
        }
    }

    /// Ends the Collector, and gives the folder with what it has written.
    pub fn kept(self) -> tempfile::TempDir {
        match self.receiver {
            Receiver::Small(_) => panic!("a small receiver writes no files"),
            Receiver::Collector(collector) => collector.end(),
        }
    }

    /// Sends what waits, and gives all that arrived.
    pub fn records(self) -> Vec<Record> {
        self.drain();
        match self.receiver {
            Receiver::Small(server) => server.requests().iter().flat_map(records::of_request).collect(),
            Receiver::Collector(collector) => collector.stop(),
        }
    }

    /// The same without the events that say no more than that a program began.
    pub fn spans(self) -> Vec<Record> {
        self.records().into_iter().filter(|record| record.name != "mlflow.import").collect()
    }
}

impl Held {
    fn new(program: impl FnOnce(&str) -> Command) -> Self {
        let tracking = Holding::new();
        let child = program(&tracking.server.url).spawn().unwrap();
        tracking.until_held();
        Self { tracking, child }
    }

    /// Lets it go on to its end.
    pub fn end(self) -> Ran {
        self.tracking.release();
        self.child.wait_with_output().unwrap().into()
    }
}
