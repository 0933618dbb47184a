//! Fetches the policy in each run before anything is sent, verifies it, and stores the result for `status`.
//!
//! `policy` in the folder for state holds the last result, on these lines in this order:
//!
//! ```text
//! newest <serial> <SHA-256>     the newest policy that was accepted, and its file; absent if none was
//! asked <seconds>               when it was asked for, since the Unix epoch
//! found <code>                  what came of it: `holds`, `unreachable`, `refused <reason>` or `off <clause>`
//! file <SHA-256>                the last file; absent if there was none
//! ```
//!
//! Only `newest` is ever trusted, and only if it raises the compiled-in floor; it stays when ids and queue are deleted.
//! A policy is accepted as soon as its signature, program, serial and time are valid, whatever its content: a policy
//! that turns everything off must be remembered above all. The file is read, checked and written under one lock. There
//! is no state only if the file is absent: an unreadable or malformed file is not serial 0 but a no, and is left
//! unchanged. If it can't be written, nothing is sent: otherwise an older policy could follow this one.
//!
//! A policy with a rollout draws from the secret of the period, if the registry has something that is made from one.
//! Otherwise nothing about an installation is stored, and the random number in the file names of each process is the
//! draw: the rollout is then a share of processes, and the result stays the same for a process until its files are sent
//! or deleted.

#[cfg(test)]
mod tests;

use super::run::{FetchPolicy, RunEnd, UploadConfig};
use crate::files::{Access, FileError, Folder};
use crate::identity::{look, sha256};
use crate::limits::SECOND;
use crate::policy::{
    Narrowing, NewestPolicy, Policy, PolicyExpectations, PolicyRefused, PolicySource, draw, hash, verify,
};
use crate::privacy::PolicyFilter;
use crate::registry::{Endpoint, EndpointError};
use crate::spool::PROCESS_BIT;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The file's name.
pub(crate) const FILE: &str = "policy";

/// A source of policies.
pub struct PolicyFetcher {
    source: PolicySource,
    url: Endpoint,
}

/// The result of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyOutcome {
    /// A valid policy that does not turn everything off.
    Holds,
    /// No file: no answer, or an unusable answer.
    Unreachable,
    /// A file that counts as no.
    Refused(PolicyRefused),
    /// A valid policy that turns the whole program off.
    Off(Narrowing),
}

impl fmt::Display for PolicyOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("the policy holds"),
            Self::Unreachable => f.write_str("the policy can't be fetched"),
            Self::Refused(why) => why.fmt(f),
            Self::Off(why) => why.fmt(f),
        }
    }
}

impl PolicyOutcome {
    /// Whether it stops all sending.
    pub fn is_no(self) -> bool {
        self != Self::Holds
    }

    fn to_line(self) -> String {
        match self {
            Self::Holds => "holds".to_owned(),
            Self::Unreachable => "unreachable".to_owned(),
            Self::Refused(why) => format!("refused {}", why.code()),
            Self::Off(why) => format!("off {}", why.code()),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let refused = PolicyRefused::ALL.into_iter().map(Self::Refused);
        let off = Narrowing::ALL.into_iter().map(Self::Off);
        let mut all = [Self::Holds, Self::Unreachable].into_iter().chain(refused).chain(off);
        all.find(|found| found.to_line() == text)
    }
}

/// The stored result of the last fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyState {
    /// The newest accepted policy, if there is one.
    pub newest: Option<NewestPolicy>,
    /// The time of the fetch, in seconds since the Unix epoch.
    pub asked: u64,
    /// The result.
    pub found: PolicyOutcome,
    /// The hash of the last file, if there was one.
    pub file: Option<String>,
}

/// Why the stored result can't be used: then nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyStateError {
    /// The file can't be read.
    File(FileError),
    /// The file is malformed.
    Malformed,
}

impl fmt::Display for PolicyStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(why) => why.fmt(f),
            Self::Malformed => f.write_str("it is malformed"),
        }
    }
}

impl std::error::Error for PolicyStateError {}

impl PolicyState {
    /// The stored result in an app's folder for state; `None` before the first fetch.
    ///
    /// # Errors
    /// If the file can't be read, or is not in the form that this module writes.
    pub fn read(state: &Path) -> Result<Option<Self>, PolicyStateError> {
        Folder::open(state).map_err(PolicyStateError::File)?.map_or(Ok(None), |folder| Self::of(&folder))
    }

    fn of(folder: &Folder) -> Result<Option<Self>, PolicyStateError> {
        let Some((bytes, _)) = folder.read(FILE, Access::Mine).map_err(PolicyStateError::File)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| PolicyStateError::Malformed)?;
        // The parser is lenient: the text must equal what this module writes.
        let memory = Self::parse(text).filter(|memory| memory.text() == text);
        memory.map(Some).ok_or(PolicyStateError::Malformed)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().peekable();
        let mut fact =
            |name: &str| lines.next_if(|line| line.starts_with(name)).and_then(|line| line.get(name.len()..));
        let newest = match fact("newest ").map(|newest| newest.split_once(' ')) {
            None => None,
            Some(newest) => {
                let (serial, hash) = newest.filter(|(_, hash)| is_hash(hash))?;
                Some(NewestPolicy { serial: serial.parse().ok()?, hash: hash.to_owned() })
            }
        };
        let asked = fact("asked ")?.parse().ok()?;
        let found = PolicyOutcome::parse(fact("found ")?)?;
        let file = fact("file ").map(str::to_owned).filter(|hash| is_hash(hash));
        Some(Self { newest, asked, found, file })
    }

    fn text(&self) -> String {
        let Self { newest, asked, found, file } = self;
        let newest = newest.as_ref().map(|NewestPolicy { serial, hash }| format!("newest {serial} {hash}\n"));
        let file = file.as_ref().map(|hash| format!("file {hash}\n"));
        let found = found.to_line();
        format!("{}asked {asked}\nfound {found}\n{}", newest.unwrap_or_default(), file.unwrap_or_default())
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl PolicyFetcher {
    /// # Errors
    /// If the address is not allowed or invalid.
    pub fn new(source: PolicySource) -> Result<Self, EndpointError> {
        let url = Endpoint::parse(&source.url)?;
        Ok(Self { source, url })
    }

    /// The accepted policy, or the reason why no policy was accepted.
    fn accepted(
        &self,
        file: Option<&[u8]>,
        newest: Option<&NewestPolicy>,
        job: &UploadConfig<'_>,
    ) -> Result<Policy, PolicyOutcome> {
        let app_id = job.terms.registries.first().map_or("", |registry| registry.service.app_id);
        let PolicySource { keys, serial_floor, built, .. } = self.source;
        let terms = PolicyExpectations { keys, app_id, serial_floor, built, newest };
        verify(file.ok_or(PolicyOutcome::Unreachable)?, &terms, job.clock.now() / SECOND)
            .map_err(PolicyOutcome::Refused)
    }
}

impl FetchPolicy for PolicyFetcher {
    fn url(&self) -> &Endpoint {
        &self.url
    }

    fn judge(&self, file: Option<&[u8]>, job: &UploadConfig<'_>) -> Result<Arc<dyn PolicyFilter>, RunEnd> {
        let folder = Folder::open(job.state).map_err(RunEnd::Disk)?.ok_or(RunEnd::Policy)?;
        let rotation = job.terms.registries.first().map(|registry| registry.service.rotate);
        let draw = rotation
            .and_then(|rotation| look(job.state, rotation).ok()?)
            .map(|installation| draw(&installation.secret.rollout()));
        // Held until the state is written: of two concurrent fetches, the later one sees the policy that the earlier
        // one accepted.
        let lock = folder.lock().map_err(RunEnd::Disk)?;
        let before = PolicyState::of(&folder).map_err(|_| RunEnd::Policy)?.and_then(|memory| memory.newest);
        let accepted = self.accepted(file, before.as_ref(), job);
        let newest =
            accepted.as_ref().map(|policy| NewestPolicy { serial: policy.serial(), hash: policy.hash().to_owned() });
        let newest = newest.ok().or(before);
        // The resource is checked with each line. A rollout of 0 % turns every process off; any other share is decided
        // per file.
        let off = |policy: &Policy| {
            policy.allows_program(job.terms.version, [], draw.unwrap_or(0)).map_err(PolicyOutcome::Off)
        };
        let found = accepted.and_then(|policy| off(&policy).map(|()| policy));
        let memory = PolicyState {
            newest,
            asked: job.clock.now() / SECOND,
            found: found.as_ref().map_or_else(|found| *found, |_| PolicyOutcome::Holds),
            file: file.map(hash),
        };
        let written = lock.write(FILE, |_| memory.text().into_bytes());
        let policy = found.map_err(|_| RunEnd::Policy)?;
        written.map_err(RunEnd::Disk)?;
        Ok(Arc::new(Holding { policy, draw }))
    }
}

/// A valid policy, and the draw of this installation.
struct Holding {
    policy: Policy,
    /// `None` if nothing about the installation is stored.
    draw: Option<u16>,
}

impl PolicyFilter for Holding {
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
