//! Asks for the policy: fetched in each run before anything is sent, judged, and remembered for `status`.
//!
//! `policy` in the folder for state holds what came of it last: the highest serial that was ever accepted, the hash of the
//! last file, when it was asked for and what was found, a line each. Only the serial is ever believed of it, and only
//! upwards of the floor that is compiled in; it stays when ids and queue are deleted. If it can't be kept, nothing is sent:
//! else an older policy could come after it.
//!
//! A policy that lets a share of installations send draws from the secret of the period, where the registry asks for
//! something that is made from one. Where it does not, nothing about an installation is stored, and each process is drawn
//! for by the random number in the names of its files: the share is one of processes, and stays the same for each until
//! its files are sent or deleted.

use super::run::{Ask, End, Job};
use crate::files::{Folder, Whose};
use crate::identity::{look, sha256};
use crate::policy::{Narrowing, Policy, Refused, Source, Terms, draw, hash, verify};
use crate::privacy::Narrow;
use crate::registry::{Endpoint, NotAnEndpoint};
use crate::spool::PROCESS_BIT;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The file's name.
const FILE: &str = "policy";

const SECOND: u64 = 1_000_000_000;

/// A policy that is asked for.
pub struct Asked {
    source: Source,
    url: Endpoint,
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A policy that holds, and does not turn everything off.
    Holds,
    /// No file: nobody answered, or answered with something else.
    Unreachable,
    /// A file that counts as no.
    Refused(Refused),
    /// A policy that turns the whole program off.
    Off(Narrowing),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("the policy holds"),
            Self::Unreachable => f.write_str("the policy can't be fetched"),
            Self::Refused(why) => why.fmt(f),
            Self::Off(why) => why.fmt(f),
        }
    }
}

impl Found {
    /// Whether nothing is sent.
    pub fn is_no(self) -> bool {
        self != Self::Holds
    }

    /// What a text says that was written by this module.
    fn parse(text: &str) -> Option<Self> {
        let refused = Refused::ALL.into_iter().map(Self::Refused);
        let off = Narrowing::ALL.into_iter().map(Self::Off);
        let mut all = [Self::Holds, Self::Unreachable].into_iter().chain(refused).chain(off);
        all.find(|found| found.to_string() == text)
    }
}

/// What is remembered of the last time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// The highest serial that was accepted; 0 if none was.
    pub serial: u64,
    /// The hash of the last file, if there was one.
    pub hash: Option<String>,
    /// When it was asked for, in seconds since the Unix epoch.
    pub asked: u64,
    /// What came of it; `None` if it was never asked for.
    pub found: Option<Found>,
}

impl Memory {
    /// What is remembered in an app's folder for state. What can't be read is not remembered.
    pub fn read(state: &Path) -> Self {
        Folder::open(state).ok().flatten().map(|folder| Self::of(&folder)).unwrap_or_default()
    }

    fn of(folder: &Folder) -> Self {
        let Ok(Some((bytes, _))) = folder.read(FILE, Whose::Mine) else { return Self::default() };
        let mut memory = Self::default();
        for line in std::str::from_utf8(&bytes).unwrap_or_default().lines() {
            match line.split_once(' ') {
                Some(("serial", serial)) => memory.serial = serial.parse().unwrap_or_default(),
                Some(("hash", hash)) => {
                    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
                    memory.hash = is_hash.then(|| hash.to_owned());
                }
                Some(("asked", asked)) => memory.asked = asked.parse().unwrap_or_default(),
                Some(("found", found)) => memory.found = Found::parse(found),
                _ => {}
            }
        }
        memory
    }

    fn text(&self) -> String {
        let hash = self.hash.as_ref().map(|hash| format!("hash {hash}\n")).unwrap_or_default();
        let found = self.found.map(|found| format!("found {found}\n")).unwrap_or_default();
        format!("serial {}\n{hash}asked {}\n{found}", self.serial, self.asked)
    }
}

impl Asked {
    /// # Errors
    /// When the address is not one of a file that may be asked for.
    pub fn new(source: Source) -> Result<Self, NotAnEndpoint> {
        let url = Endpoint::parse(&source.url)?;
        Ok(Self { source, url })
    }

    /// The policy, or why there is none.
    fn found(&self, file: Option<&[u8]>, serial: u64, draw: Option<u16>, job: &Job<'_>) -> Result<Policy, Found> {
        let app_id = job.terms.registries.first().map_or("", |registry| registry.service.app_id);
        let Source { keys, serial_floor, built, .. } = self.source;
        let terms = Terms { keys, app_id, serial_floor, built }.after(serial);
        let now = job.clock.now() / SECOND;
        let policy = verify(file.ok_or(Found::Unreachable)?, &terms, now).map_err(Found::Refused)?;
        // What the program says of itself is judged with each line. Of a share of processes only none is none of them.
        policy.allows_program(job.terms.version, [], draw.unwrap_or(0)).map_err(Found::Off)?;
        Ok(policy)
    }
}

impl Ask for Asked {
    fn url(&self) -> &Endpoint {
        &self.url
    }

    fn judge(&self, file: Option<&[u8]>, job: &Job<'_>) -> Result<Arc<dyn Narrow>, End> {
        let folder = Folder::open(job.state).map_err(End::Disk)?.ok_or(End::Policy)?;
        let before = Memory::of(&folder);
        let rotation = job.terms.registries.first().map(|registry| registry.service.rotate);
        let draw = rotation
            .and_then(|rotation| look(job.state, rotation).ok()?)
            .map(|installation| draw(&installation.secret.rollout()));
        let found = self.found(file, before.serial, draw, job);
        let memory = Memory {
            serial: found.as_ref().map_or(before.serial, |policy| policy.serial().max(before.serial)),
            hash: file.map(hash),
            asked: job.clock.now() / SECOND,
            found: Some(found.as_ref().map_or_else(|found| *found, |_| Found::Holds)),
        };
        let written = folder.lock().and_then(|lock| lock.write(FILE, |_| memory.text().into_bytes()));
        let policy = found.map_err(|_| End::Policy)?;
        written.map_err(End::Disk)?;
        Ok(Arc::new(Holding { policy, draw }))
    }
}

/// A policy that holds, and where this installation stands among all.
struct Holding {
    policy: Policy,
    /// `None` where nothing about the installation is stored.
    draw: Option<u16>,
}

impl Narrow for Holding {
    fn process(&self, stem: u64) -> bool {
        self.policy.in_rollout(self.draw.unwrap_or_else(|| draw(&sha256(&(stem >> PROCESS_BIT).to_le_bytes()))))
    }

    fn program(&self, version: &str, resource: &[(&'static str, String)]) -> bool {
        self.policy.allows_program(version, pairs(resource), 0).is_ok()
    }

    fn record(&self, name: &str, attributes: &[(&'static str, String)]) -> bool {
        self.policy.allows_record(name, pairs(attributes)).is_ok()
    }

    fn attribute(&self, key: &str) -> bool {
        self.policy.allows_attribute(key)
    }
}

fn pairs<'a>(said: &'a [(&'static str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    said.iter().map(|(key, value)| (*key, value.as_str()))
}
