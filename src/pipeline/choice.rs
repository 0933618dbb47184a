//! A person's choice and the notice: the functions behind the commands.

use super::shared::{Shared, UPLOAD_ENDS};
use super::telemetry::Telemetry;
use super::uploader;
use crate::consent::{
    ANSWERS, Answer, AnswerError, CollectionStart, Decision, Facts, ForeignSession, LATEST, Mode, NoticeContext,
    NoticeState, Preset, Reason, agent, answer, forget_latest, is_read, is_writable, notice, own_session, widenings,
};
use crate::files::{Deletion, FileError, Folder, Places};
use crate::identity::{self, Installation};
use crate::registry::escaped;
use crate::sync::lock;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A person's answer to the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// Yes, to everything that the program collects now.
    On,
    /// No, permanently.
    Off,
    /// No, permanently, but the receipts of sent records are kept.
    OffKeepingReceipts,
}

/// Why an answer was not stored, or not carried out in full.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotStored {
    /// This build of the program can't send anything, for this reason: a yes would be for another build.
    CannotSend(Reason),
    /// The session is not the person's own: the files of others are not touched.
    Session(ForeignSession),
    /// There is no folder for it: a rehearsal, or a platform without a check of a file's owner.
    Nowhere,
    /// The file with the answers can't be read or written.
    Answer(PathBuf, AnswerError),
    /// The registry has no purpose of this name; the names that it has.
    Purpose(String, Vec<&'static str>),
    /// A no could not be stored in any folder: the file, the error, and the variable that turns telemetry off with a
    /// `1`. This process is off; other processes are unchanged.
    No(PathBuf, AnswerError, &'static str),
    /// The clock is behind the build of the program, so the time of a notice would be wrong.
    ClockBehind,
    /// The queue, the ids or the secret can't be removed.
    State(PathBuf, FileError),
    /// The queue is deleted and the no is stored, but a running upload did not stop within two seconds: its process
    /// hangs or is stopped. When that process continues, it may send its current request before it notices the no.
    UnderWay,
}

impl fmt::Display for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CannotSend(why) => write!(f, "{why}: a yes changes nothing here, and is not stored"),
            Self::Session(why) => {
                write!(f, "this session is not your own ({why}): run the command as yourself")
            }
            Self::Purpose(name, known) if name.is_empty() => {
                write!(f, "no purpose is named; this program has: {}", known.join(", "))
            }
            Self::Purpose(name, known) => {
                write!(f, "{:?} is no purpose of this program; it has: {}", escaped(name), known.join(", "))
            }
            Self::Nowhere => f.write_str("this platform has no folder for an answer"),
            Self::ClockBehind => f.write_str("the clock is behind the build time of the program"),
            Self::Answer(path, why @ (AnswerError::Malformed | AnswerError::Newer | AnswerError::AnotherApp)) => {
                write!(
                    f,
                    "{}: {why}; while it exists, telemetry is off; remove it to answer again",
                    escaped(path.display())
                )
            }
            Self::Answer(path, why) => write!(f, "{}: {why}", escaped(path.display())),
            Self::No(path, why, variable) => write!(
                f,
                "your no is not stored ({}: {why}): it holds for this process only; {variable}=1 in the environment \
                 also says no",
                escaped(path.display())
            ),
            Self::State(path, why) => write!(f, "{}: {why}; remove it by hand", escaped(path.display())),
            Self::UnderWay => f.write_str(
                "your answer is stored and the queue is deleted, but a running upload did not stop: its process may still \
                 send its current request",
            ),
        }
    }
}

impl std::error::Error for NotStored {}

/// The text that a person must see before anything is recorded.
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

    /// Whether it must be shown now: the person has not answered, no source says no, and an earlier notice or answer, if
    /// there was one, covered less. With [`Preset::OptIn`] it is due until the person has answered: for a program that
    /// asks in a window. Other presets than these two ask nothing.
    pub fn is_due(&self) -> bool {
        self.due
    }

    /// Stores that a person has seen it, for example in a window. With [`Preset::FirstRun`] the wait begins now.
    ///
    /// # Errors
    /// If it can't be stored; then it does not count as shown.
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
    /// Stores a person's choice and applies it at once. Off also deletes the queue, the receipts, the ids and the
    /// installation's secret. On opens the pipeline, unless another source says no or this process has turned telemetry
    /// off before.
    ///
    /// Returns the decision that holds from now on. After [`Choice::On`] it may be off: a yes is stored, but does not
    /// override the no of another source, such as `DO_NOT_TRACK`; and a process that has turned telemetry off stays off
    /// until its next start ([`Reason::OffUntilRestart`]); one that was opened for a part ([`Reason::AgreedInPart`]) records
    /// that part until then. A program shows that decision, which prints its reason, in
    /// place of "on".
    ///
    /// If a no can't be stored in the folder for settings, it is stored in the folder for state; on a full disk the
    /// deletion makes room for it.
    ///
    /// A no waits for a running upload, in this process or another, which stops within about 50 ms whatever the network
    /// does; for two seconds at most. After `Ok`, no upload sends anything. Another process that forwards records stops
    /// as fast, but is not waited for.
    ///
    /// # Errors
    /// If this build can't send anything (then a yes is not stored), the answer can't be stored, the data can't be
    /// deleted, or a running upload does not stop. This process follows a no nevertheless; [`NotStored::No`] means that
    /// other processes do not know of it.
    pub fn set_consent(&self, choice: Choice) -> Result<Decision, NotStored> {
        let shared = &self.shared;
        match choice {
            Choice::On => shared.agree(Vec::new()),
            Choice::Off | Choice::OffKeepingReceipts => {
                let is_quiet = shared.disable(Reason::SaidNo);
                let refuse = || {
                    let stored = shared.answer(Answer::No);
                    (stored, shared.end_and_forget(choice == Choice::OffKeepingReceipts))
                };
                let (mut stored, mut forgotten) = refuse();
                if stored.is_err() || Facts::read_all(&shared.settings).stored.unusable.is_some() {
                    // The deletion may have made room.
                    (stored, forgotten) = refuse();
                }
                stored.and(forgotten)?;
                if is_quiet { Ok(shared.effective()) } else { Err(NotStored::UnderWay) }
            }
        }
    }

    /// Deletes the queue, the ids and the installation's secret: the next run that is on makes new ones. This process
    /// keeps its ids until it ends.
    ///
    /// It waits for a running upload, in this process or another, which notices the deletion within about 50 ms; for
    /// two seconds at most. After `Ok`, no deleted record is sent.
    ///
    /// # Errors
    /// If they can't be deleted, or a running upload does not stop.
    pub fn reset(&self) -> Result<(), NotStored> {
        let shared = &self.shared;
        shared.forget(true, Deletion::AfterNo)?;
        // After the deletion, because that is what stops the upload.
        shared.wait_for_end().map(drop)
    }

    /// The notice, for programs that show it themselves. See [`Telemetry::show_notice`].
    pub fn notice(&self) -> Notice {
        let shared = &self.shared;
        Notice { shared: Arc::clone(shared), text: shared.notice(shared.begins()), due: shared.is_notice_due() }
    }

    /// Writes the [notice](Telemetry::notice) to standard error if it is due, and stores that it was shown. Only if a
    /// person reads it: on a terminal whose foreground this process is in, not under a coding agent, not on Windows (where it
    /// is unknown whether a console is read), and only if it can be stored. [`Telemetry::run`] calls this by itself; programs
    /// with machine-readable output, or with a quiet option set, call [`Telemetry::suppress_notice`] before.
    pub fn show_notice(&self) {
        let shared = &self.shared;
        let Some(places) = shared.settings.own_places().filter(|_| shared.is_shown_by_itself()) else { return };
        if is_readable(&places) {
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

/// Whether a person reads standard error, and no coding agent in their place, and an answer can be stored.
pub(super) fn is_readable(places: &Places) -> bool {
    let is_agents = || agent(&|name| std::env::var_os(name)).is_some_and(|rule| rule.is_agent);
    is_read() && !is_agents() && is_writable(places)
}

impl Shared {
    pub(super) fn answer(&self, said: Answer) -> Result<(), NotStored> {
        let places = self.places()?;
        answer(&self.settings, &places, &said).map_err(|(why, path)| match (&said, why) {
            // A malformed file counts as no.
            (&Answer::No, AnswerError::File(_)) => NotStored::No(path, why, self.variable()),
            _ => NotStored::Answer(path, why),
        })
    }

    /// A variable that turns telemetry off with a `1`.
    fn variable(&self) -> &'static str {
        self.settings.opt_out.first().copied().unwrap_or("DO_NOT_TRACK")
    }

    /// Waits for a running upload, and deletes everything under its lock, so that no upload can restore anything. Store
    /// the no first.
    fn end_and_forget(&self, keep_receipts: bool) -> Result<(), NotStored> {
        let ended = self.wait_for_end();
        self.forget(keep_receipts, Deletion::AfterNo)?;
        ended.map(drop)
    }

    /// Waits for a running upload, and keeps others from starting while the returned guard lives.
    fn wait_for_end(&self) -> Result<impl Sized + use<>, NotStored> {
        let places = self.places()?;
        let wait = |state: &Path| {
            uploader::wait_for_end(state, UPLOAD_ENDS).map_err(|why| match why {
                FileError::Busy => NotStored::UnderWay,
                // This lock can't be taken, so a running upload can't be detected.
                why => NotStored::State(state.join(uploader::LOCK), why),
            })
        };
        places.state_folders().map(wait).collect::<Result<Vec<_>, _>>()
    }

    /// Deletes the queue, the ids and the secret.
    pub(super) fn forget(&self, keep_receipts: bool, when: Deletion) -> Result<(), NotStored> {
        let mut forgotten = Ok(());
        // Includes the folders that other values of the variables led to.
        for state in self.places()?.state_folders() {
            // One look where nothing is to delete: a program that is off starts as often as one that is on.
            let kept = || uploader::KEPT.into_iter().chain([ANSWERS, LATEST]);
            let is_kept = |name: &[u8]| kept().any(|kept| kept.as_bytes() == name);
            match Folder::open(state) {
                Ok(None) => continue,
                Ok(Some(folder)) if when == Deletion::AtStart && folder.has_only(is_kept) => continue,
                _ => {}
            }
            let here = uploader::forget(state, keep_receipts, when).and(identity::forget(state, when));
            // At a start it stays: a variable's no prolongs nothing.
            let here = here.and(if when == Deletion::AtStart { Ok(()) } else { forget_latest(state, when) });
            forgotten = forgotten.and(here.map_err(|why| NotStored::State(state.to_owned(), why)));
        }
        forgotten
    }

    /// The folders, only in the person's own session: the files of others are not touched.
    pub(super) fn places(&self) -> Result<Places, NotStored> {
        own_session().map_err(|why| why.map_or(NotStored::Nowhere, NotStored::Session))?;
        self.settings.own_places().filter(|_| self.settings.is_asked()).ok_or(NotStored::Nowhere)
    }

    /// Reads the facts again, after a yes: off may be on now.
    pub(super) fn decide_again(&self) -> Decision {
        let decision = self.effective();
        self.open(decision);
        match self.off_here(decision) {
            Some(reason) => {
                let here = Decision::off(reason);
                self.decided(here);
                here
            }
            None => decision,
        }
    }

    /// The stored installation, if there is one.
    pub(super) fn installation(&self) -> Option<Installation> {
        let tables = self.allowed();
        let rotation = tables.first()?.service.rotate;
        identity::look(&self.places().ok()?.state, rotation).ok()?
    }

    /// Whether this build can send anything.
    pub(super) fn can_send(&self) -> Result<(), NotStored> {
        match self.effective().reason {
            why @ (Reason::BuiltOff | Reason::NoTransport) => Err(NotStored::CannotSend(why)),
            _ => Ok(()),
        }
    }

    pub(super) fn is_notice_due(&self) -> bool {
        let Decision { mode, reason, .. } = self.decision();
        let is_due = match (mode, reason) {
            (Mode::Undecided, why) => !matches!(why, Reason::Waiting | Reason::ClockBehind),
            // Another notice, of all that it collects, may be waiting.
            (Mode::On, Reason::AgreedInPart(_)) => !matches!(
                Facts::read(&self.settings).stored.told,
                Some(NoticeState::Waiting | NoticeState::ClockBehind)
            ),
            _ => false,
        };
        // Of what is over, nobody is asked.
        let is_present = || self.settings.allowed(Decision::new(Mode::On, Reason::SaidYes), self.version()).is_ok();
        let asks = matches!(self.settings.preset, Preset::FirstRun(_) | Preset::OptIn) && !*lock(&self.is_quiet);
        asks && is_due && is_present()
    }

    /// Whether [`Telemetry::show_notice`] shows it: an opt-in needs a question, which is the program's to ask.
    fn is_shown_by_itself(&self) -> bool {
        self.settings.promised().is_some() && self.is_notice_due()
    }

    /// When recording begins, by the preset.
    pub(super) fn begins(&self) -> CollectionStart {
        self.settings.preset.into()
    }

    /// The notice for this start of recording.
    pub(super) fn notice(&self, begins: CollectionStart) -> String {
        let settings = &self.settings;
        let command = self.command();
        let wider = settings.own_places().map(|places| widenings(settings, &places)).unwrap_or_default();
        let only = Facts::read(settings).stored.only;
        let tables = settings.allowed(Decision { only, ..Decision::new(Mode::On, Reason::SaidYes) }, self.version());
        let tables = tables.unwrap_or_else(|_| settings.registries.clone());
        let agreed = settings.names_of(only);
        let purposes = settings.purposes().into_iter().map(|purpose| purpose.name);
        let excluded: Vec<_> = purposes.filter(|name| !agreed.contains(name)).collect();
        let ways = NoticeContext {
            excluded: &excluded,
            endpoint: (!settings.receiver.is_empty()).then_some(&*settings.receiver),
            command: command.as_deref(),
            place: self.place.as_deref(),
            variables: &settings.opt_out,
            telemetry: settings.telemetry,
            begins,
            opt_in: &settings.opt_in,
            wider: &wider,
            in_part: matches!(self.decision().reason, Reason::AgreedInPart(_)),
        };
        notice(&tables.iter().map(|&registry| registry as &_).collect::<Vec<_>>(), &ways)
    }
}
