//! The mark of a process that was started for an upload.
//!
//! It is a variable, and any environment can hold one. So it names the process that set it, by its id and its start time,
//! and is believed only where that one is the reader's parent, or leads its session: an environment that was written
//! before can't know either, and one that is handed on names another process. A mark that is not believed is ignored.

use crate::pipeline::spooled::UPLOADER;
use nix::unistd::{Pid, getpgrp, getpid, getppid, getsid};
use std::fmt;

/// What a process was started for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// To start the uploader.
    Starter,
    /// To upload.
    Uploader,
}

/// The mark: whose upload, which stage, and which process set it.
///
/// The ids are those of `nix`: a parent, a session or a group outside of this process's id namespace has the id 0
/// (`pid_namespaces(7)`), which `rustix` asserts away.
pub(super) struct Mark {
    pub(super) app_id: String,
    pub(super) stage: Stage,
    by: Pid,
    /// When that process began, in clock ticks since the system did.
    began: u64,
}

impl Mark {
    /// The mark for a child of this process.
    pub(super) fn of_child(app_id: &str, stage: Stage) -> Option<Self> {
        let by = getpid();
        Some(Self { app_id: app_id.to_owned(), stage, by, began: began(by)? })
    }

    /// The mark of this process, if it has one that is true.
    pub(super) fn read() -> Option<Self> {
        let mark = Self::parse(std::env::var_os(UPLOADER)?.to_str()?)?;
        let is_from_there = match mark.stage {
            Stage::Starter => getppid() == mark.by,
            // It leads a group in the starter's session. What it starts itself is in its group.
            Stage::Uploader => getsid(None) == Ok(mark.by) && getpgrp() == getpid(),
        };
        // An uploader's starter may have ended; until the uploader has too, no other process has its id.
        let is_that_one = || began(mark.by).is_none_or(|began| began == mark.began);
        (is_from_there && std::env::args_os().len() <= 1 && is_that_one()).then_some(mark)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mark = Self {
            app_id: words.next()?.to_owned(),
            stage: match words.next()? {
                "starter" => Stage::Starter,
                "uploader" => Stage::Uploader,
                _ => return None,
            },
            by: Pid::from_raw(words.next()?.parse().ok().filter(|&id| id > 0)?),
            began: words.next()?.parse().ok()?,
        };
        words.next().is_none().then_some(mark)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { app_id, stage, by, began } = self;
        let stage = match stage {
            Stage::Starter => "starter",
            Stage::Uploader => "uploader",
        };
        write!(f, "{app_id} {stage} {by} {began}")
    }
}

/// When a process began: the 22nd field of `/proc/<id>/stat`, of which the second is a name in parentheses that may hold
/// anything. `None` if there is no such process, or it can't be looked at.
fn began(process: Pid) -> Option<u64> {
    let stat = std::fs::read(format!("/proc/{process}/stat")).ok()?;
    let name = stat.iter().rposition(|&byte| byte == b')')?;
    str::from_utf8(stat.get(name + 1..)?).ok()?.split_ascii_whitespace().nth(19)?.parse().ok()
}
