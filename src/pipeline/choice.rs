//! What a person says to the telemetry, and what they are told: the functions behind the commands.

use super::shared::{Shared, UPLOAD_ENDS};
use super::telemetry::Telemetry;
use super::uploader;
use crate::consent::{
    Answer, AnswerError, CollectionStart, Decision, Facts, ForeignSession, Mode, NoticeContext, Preset, Reason, agent,
    answer, is_read, is_writable, notice, told,
};
use crate::files::{Deletion, FileError, Places};
use crate::identity::{self, Installation};
use crate::registry::escaped;
use crate::sync::lock;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a person says to being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// Yes, to all that the program collects now.
    On,
    /// No, for good.
    Off,
    /// The same, but the receipts of what was sent are kept.
    OffKeepingReceipts,
}

/// Why an answer was not stored, or what it asks for was not done in full.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotStored {
    /// It is not the person's own session: nobody else's files are touched.
    Session(ForeignSession),
    /// There is no place for it: a rehearsal, or a platform where a person's own files can't be told.
    Nowhere,
    /// The file with the answers can't be read or written.
    Answer(PathBuf, AnswerError),
    /// A no could be written nowhere: the file that can't be, why, and the variable that says no with a `1`. This process
    /// is off, and others are as they were.
    No(PathBuf, AnswerError, &'static str),
    /// The clock is behind the build of the program: a notice that was shown now would count from no time.
    ClockBehind,
    /// What waits, or what is known of the installation, can't be removed.
    State(PathBuf, FileError),
    /// What waited is deleted, and a no is stored, but an upload that had begun did not end within two seconds: the process
    /// that makes it hangs, or is stopped. When it goes on, it may send what it has in hand before it notices.
    UnderWay,
}

impl fmt::Display for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(why) => {
                write!(f, "this is not a session of your own ({why}): run it as yourself")
            }
            Self::Nowhere => f.write_str("there is no place to keep an answer in on this platform"),
            Self::ClockBehind => f.write_str("the clock is behind the time at which the program was built"),
            Self::Answer(path, why @ (AnswerError::Malformed | AnswerError::Newer | AnswerError::AnotherApp)) => {
                write!(
                    f,
                    "{}: {why}; while it is there, the telemetry is off: remove it to answer anew",
                    escaped(path.display())
                )
            }
            Self::Answer(path, why) => write!(f, "{}: {why}", escaped(path.display())),
            Self::No(path, why, variable) => write!(
                f,
                "your no is not stored ({}: {why}): it holds for this process alone; {variable}=1 in the environment \
                 says no as well",
                escaped(path.display())
            ),
            Self::State(path, why) => write!(f, "{}: {why}; remove it by hand", escaped(path.display())),
            Self::UnderWay => f.write_str(
                "what you said is stored, and what waited is deleted; but an upload that had begun has not ended: the \
                 process that makes it may still send what it has in hand",
            ),
        }
    }
}

impl std::error::Error for NotStored {}

/// What a person is to be told before anything is recorded.
pub struct Notice {
    shared: Arc<Shared>,
    text: String,
    due: bool,
}

impl Notice {
    /// The text, in lines of at most 80 columns.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it has to be shown now: the program asks this way, nobody has said no, and what the person was told
    /// before, if anything, was less.
    pub fn is_due(&self) -> bool {
        self.due
    }

    /// Stores that it was shown to a person, in a window say. With [`Preset::FirstRun`] the time to say no begins now.
    ///
    /// # Errors
    /// If it can't be stored; then it was not shown.
    pub fn shown(&self) -> Result<(), NotStored> {
        if self.shared.settings.is_clock_behind() {
            return Err(NotStored::ClockBehind);
        }
        self.shared.answer(Answer::Told)?;
        self.shared.wait();
        Ok(())
    }
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice").field("text", &self.text).field("due", &self.due).finish_non_exhaustive()
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Telemetry {
    /// Stores what a person says and follows it at once. Off deletes what waits to be sent, the receipts, and the
    /// installation's secret and ids too; on opens the pipeline, if nothing else says no and this process has not turned it
    /// off before. Gives what holds from now on, for the next process too: a yes does not take away somebody else's no.
    ///
    /// A no that the folder for settings can't take is stored in the folder for state; on a full disk what is deleted
    /// makes room for it.
    ///
    /// A no waits for an upload that is under way, in this process or another, which notices it within about 50 ms whatever
    /// the network does; for two seconds at most. When it is `Ok`, no upload sends anything any more. What another
    /// process of the program forwards ends as fast, but is not waited for.
    ///
    /// # Errors
    /// If the answer can't be stored, or what is to be deleted can't be, or if an upload that is under way does not end. A
    /// no is followed in this process all the same; [`NotStored::No`] says that others don't know of it.
    pub fn set_consent(&self, choice: Choice) -> Result<Decision, NotStored> {
        let shared = &self.shared;
        match choice {
            Choice::On => {
                shared.answer(Answer::Yes)?;
                Ok(shared.decide_again())
            }
            Choice::Off | Choice::OffKeepingReceipts => {
                let is_quiet = shared.disable(Reason::SaidNo);
                let refuse = || {
                    let stored = shared.answer(Answer::No);
                    (stored, shared.end_and_forget(choice == Choice::OffKeepingReceipts))
                };
                let (mut stored, mut forgotten) = refuse();
                if stored.is_err() || Facts::read_all(&shared.settings).stored.unusable.is_some() {
                    // What was deleted may have made room.
                    (stored, forgotten) = refuse();
                }
                stored.and(forgotten)?;
                if is_quiet { Ok(shared.effective()) } else { Err(NotStored::UnderWay) }
            }
        }
    }

    /// Deletes what waits to be sent, and the installation's secret and ids: the next run that is on has new ones. What this process has already
    /// begun keeps those it has until it ends.
    ///
    /// It waits for an upload that is under way, in this process or another, which notices within about 50 ms that what it
    /// sends was deleted; for two seconds at most. When it is `Ok`, nothing of what was deleted is sent any more.
    ///
    /// # Errors
    /// If they can't be deleted, or if an upload that is under way does not end.
    pub fn reset(&self) -> Result<(), NotStored> {
        let shared = &self.shared;
        shared.forget(true, Deletion::AfterNo)?;
        // It ends because what it has in hand is gone: so this comes after.
        shared.wait_for_end().map(drop)
    }

    /// What a person is to be told, for programs that show it themselves. See [`Telemetry::show_notice`].
    pub fn notice(&self) -> Notice {
        let shared = &self.shared;
        Notice { shared: Arc::clone(shared), text: shared.notice(shared.begins()), due: shared.is_notice_due() }
    }

    /// Writes the [notice](Telemetry::notice) to standard error if it is due, and stores that it was shown. Only where
    /// somebody reads it: on a terminal whose foreground this process is in, not under a coding agent, and only if it
    /// can be stored. [`Telemetry::run`] does this by itself; programs that print for machines, or were asked to be
    /// quiet, call [`Telemetry::suppress_notice`] before.
    pub fn show_notice(&self) {
        let shared = &self.shared;
        let Some(places) = shared.settings.own_places().filter(|_| shared.is_notice_due()) else { return };
        if is_read() && !under_an_agent() && is_writable(&places) {
            let text = format!("{}\n", shared.notice(shared.begins()));
            let mut out = std::io::stderr().lock();
            if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok() && shared.answer(Answer::Told).is_ok()
            {
                shared.wait();
            }
        }
    }

    /// Shows no notice in this run.
    pub fn suppress_notice(&self) {
        *lock(&self.shared.is_quiet) = true;
    }
}

/// Whether an agent reads what is meant for a person.
fn under_an_agent() -> bool {
    agent(&|name| std::env::var_os(name)).is_some_and(|rule| rule.is_agent)
}

impl Shared {
    fn answer(&self, said: Answer) -> Result<(), NotStored> {
        let places = self.places()?;
        answer(&self.settings, &places, said).map_err(|(why, path)| match (said, why) {
            // What is not understood is a no.
            (Answer::No, AnswerError::File(_)) => NotStored::No(path, why, self.variable()),
            _ => NotStored::Answer(path, why),
        })
    }

    /// A variable that says no with a `1`.
    fn variable(&self) -> &'static str {
        self.settings.opt_out.first().copied().unwrap_or("DO_NOT_TRACK")
    }

    /// Waits for an upload that is under way, and deletes everything while none can begin: nothing comes back. Store the no
    /// before.
    fn end_and_forget(&self, keep_receipts: bool) -> Result<(), NotStored> {
        let ended = self.wait_for_end();
        self.forget(keep_receipts, Deletion::AfterNo)?;
        ended.map(drop)
    }

    /// Waits for an upload that is under way; none begins as long as what is returned is there.
    fn wait_for_end(&self) -> Result<impl Sized + use<>, NotStored> {
        let places = self.places()?;
        let wait = |state: &Path| {
            uploader::wait_for_end(state, UPLOAD_ENDS).map_err(|why| match why {
                FileError::Busy => NotStored::UnderWay,
                // Nobody can hold such a lock. Whether an upload is under way can't be told.
                why => NotStored::State(state.join(uploader::LOCK), why),
            })
        };
        places.state_folders().map(wait).collect::<Result<Vec<_>, _>>()
    }

    /// Deletes what waits and what is known of the installation.
    pub(super) fn forget(&self, keep_receipts: bool, when: Deletion) -> Result<(), NotStored> {
        let mut forgotten = Ok(());
        // Also where the variables of another day led.
        for state in self.places()?.state_folders() {
            let here = uploader::forget(state, keep_receipts, when).and(identity::forget(state, when));
            forgotten = forgotten.and(here.map_err(|why| NotStored::State(state.to_owned(), why)));
        }
        forgotten
    }

    /// Only for a process in the person's own session: nobody else's files are touched.
    pub(super) fn places(&self) -> Result<Places, NotStored> {
        let facts = Facts::read(&self.settings);
        if let Some(why) = facts.session {
            return Err(NotStored::Session(why));
        }
        let own = facts.platform && self.settings.is_asked();
        self.settings.own_places().filter(|_| own).ok_or(NotStored::Nowhere)
    }

    /// Reads the facts again, after an answer: what was not on may be on now.
    fn decide_again(&self) -> Decision {
        let decision = self.effective();
        self.open(decision);
        decision
    }

    /// The installation as it is stored, if it is.
    pub(super) fn installation(&self) -> Option<Installation> {
        let rotation = self.settings.registries.first()?.service.rotate;
        identity::look(&self.places().ok()?.state, rotation).ok()?
    }

    fn is_notice_due(&self) -> bool {
        let decision = self.decision();
        matches!(self.settings.preset, Preset::FirstRun(_))
            && !*lock(&self.is_quiet)
            && decision.mode == Mode::Undecided
            && !matches!(decision.reason, Reason::Waiting | Reason::ClockBehind)
    }

    /// From when on something is recorded, as the program asks.
    fn begins(&self) -> CollectionStart {
        match self.settings.preset {
            Preset::OperatorConsent => CollectionStart::BySettings,
            Preset::FirstRun(wait) => CollectionStart::AfterNotice(wait),
            Preset::OptIn => CollectionStart::AfterYes,
            Preset::Documented => CollectionStart::Already,
        }
    }

    /// The notice, for whom recording begins then.
    pub(super) fn notice(&self, begins: CollectionStart) -> String {
        let settings = &self.settings;
        let command = lock(&self.command).clone();
        let wider = settings.own_places().map(|places| told(settings, &places)).unwrap_or_default();
        let registries: Vec<_> = settings.registries.iter().map(|&registry| registry as &_).collect();
        let ways = NoticeContext {
            endpoint: (!settings.receiver.is_empty()).then_some(&*settings.receiver),
            command: command.as_deref(),
            variables: &settings.opt_out,
            telemetry: settings.telemetry,
            begins,
            opt_in: &settings.opt_in,
            wider: &wider,
        };
        notice(&registries, &ways)
    }
}
