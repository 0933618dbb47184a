//! Asks for the policy: fetched in each run before anything is sent, judged, and remembered for `status`.
//!
//! `policy` in the folder for state holds what came of it last, a line each, in this order:
//!
//! ```text
//! newest <serial> <SHA-256>     the newest policy that was accepted, and its file; absent if none was
//! asked <seconds>               when it was asked for, since the Unix epoch
//! found <code>                  what came of it: `holds`, `unreachable`, `refused <reason>` or `off <clause>`
//! file <SHA-256>                the last file; absent if there was none
//! ```
//!
//! Only `newest` is ever believed of it, and only upwards of the floor that is compiled in; it stays when ids and queue are
//! deleted. A policy is accepted as soon as its signature, its program, its serial and its time hold, whatever it then
//! says: one that turns everything off is the last that may be forgotten. The file is read, judged by and written under
//! one lock. There is no memory only where the name is not there: a file that can't be read, or is not of this form, is
//! no serial 0 but a no, and is left as it is. If it can't be written, nothing is sent: else an older policy could come
//! after this one.
//!
//! A policy that lets a share of installations send draws from the secret of the period, where the registry asks for
//! something that is made from one. Where it does not, nothing about an installation is stored, and each process is drawn
//! for by the random number in the names of its files: the share is one of processes, and stays the same for each until
//! its files are sent or deleted.

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

/// A policy that is asked for.
pub struct PolicyFetcher {
    source: PolicySource,
    url: Endpoint,
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyOutcome {
    /// A policy that holds, and does not turn everything off.
    Holds,
    /// No file: nobody answered, or answered with something else.
    Unreachable,
    /// A file that counts as no.
    Refused(PolicyRefused),
    /// A policy that turns the whole program off.
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
    /// Whether nothing is sent.
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

/// What is remembered of the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyState {
    /// The newest policy that was accepted, if one was.
    pub newest: Option<NewestPolicy>,
    /// When it was asked for, in seconds since the Unix epoch.
    pub asked: u64,
    /// What came of it.
    pub found: PolicyOutcome,
    /// The hash of the last file, if there was one.
    pub file: Option<String>,
}

/// Why what is remembered can't be used: then nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyStateError {
    /// The file can't be read.
    File(FileError),
    /// It is not of the form that it has to be.
    Malformed,
}

impl fmt::Display for PolicyStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(why) => why.fmt(f),
            Self::Malformed => f.write_str("it is not understood"),
        }
    }
}

impl std::error::Error for PolicyStateError {}

impl PolicyState {
    /// What is remembered in an app's folder for state; `None` if it was never asked for.
    ///
    /// # Errors
    /// When the file is there, or can't be looked for, and is not what this module wrote.
    pub fn read(state: &Path) -> Result<Option<Self>, PolicyStateError> {
        Folder::open(state).map_err(PolicyStateError::File)?.map_or(Ok(None), |folder| Self::of(&folder))
    }

    fn of(folder: &Folder) -> Result<Option<Self>, PolicyStateError> {
        let Some((bytes, _)) = folder.read(FILE, Access::Mine).map_err(PolicyStateError::File)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| PolicyStateError::Malformed)?;
        // What is read loosely here has to be what is written.
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
    /// When the address is not one of a file that may be asked for.
    pub fn new(source: PolicySource) -> Result<Self, EndpointError> {
        let url = Endpoint::parse(&source.url)?;
        Ok(Self { source, url })
    }

    /// The policy that is accepted, or why none is.
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
        // Until it is written: of two that judge at once, the later one knows what the earlier one has accepted.
        let lock = folder.lock().map_err(RunEnd::Disk)?;
        let before = PolicyState::of(&folder).map_err(|_| RunEnd::Policy)?.and_then(|memory| memory.newest);
        let accepted = self.accepted(file, before.as_ref(), job);
        let newest =
            accepted.as_ref().map(|policy| NewestPolicy { serial: policy.serial(), hash: policy.hash().to_owned() });
        let newest = newest.ok().or(before);
        // What the program says of itself is judged with each line. Of a share of processes only none is none of them.
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

/// A policy that holds, and where this installation stands among all.
struct Holding {
    policy: Policy,
    /// `None` where nothing about the installation is stored.
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
