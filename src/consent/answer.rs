//! A person's stored answers: the texts that they were shown, and the answer to each.
//!
//! `telemetry.toml` in the folder for settings ([`Places`]), to be read by people too:
//!
//! ```toml
//! format = 1
//! app_id = "com.example.words"
//! no = "2026-11-24T10:00:00Z"      # when the person said no; then no agreement counts
//!
//! [[agreed]]                       # one for each text: two versions of a program may be installed side by side
//! how = "yes"                      # or "told": the notice was shown
//! at = "2026-11-24T10:00:00Z"
//! boot = "5f0c3a91d27b64e8 86210"  # only if told: the id of the boot and the seconds since it, if known
//! wait = "day"                     # only if told: the wait that the notice promised; or "next_run"
//! receiver = "https://telemetry.example.com"
//! opt_in = ["words.language"]      # attributes that the program sends although the registry has them as `opt_in`
//! only = ["failures"]              # the purposes that the person agreed to; absent for all
//! text = '''…'''                   # the registries' canonical text, with the controller of the data
//! ```
//!
//! Later versions keep the wait that a notice promised. No notice is stored or counts while the clock is behind the
//! build of the program: in 1970, a day would be over as soon as the clock is set. (An earlier version may well have
//! shown one before this version was built.) A notice from more than a day in the future is ignored, and a new one
//! replaces it. Until the machine is rebooted, the wait must also be over by the boot clock, which can't be set: the
//! wall clock may have been a day behind.
//!
//! A yes to some purposes holds for every version: it takes the place of every other agreement, and a later notice counts
//! for these purposes only. A yes to everything takes its place.
//!
//! An answer covers what a program collects if the text that was agreed to is not narrower; that is computed from the
//! text, not from a hash or a version number by the author. A file that is not exactly of this form is a no, and is
//! left unchanged. A no is written to both folders for settings, and if one of them fails, to the folders for state
//! too: a no counts in each of them. Except for a no that is written in place, every change is made under the folder's
//! lock, to the content that was read under it: a notice never removes a no, and of a yes and a no the later one counts.

mod file;
mod refusal;

pub(crate) use file::{ANSWERS, Answer};

use super::notice::news;
use super::settings::{AgreementKey, Settings};
use super::stored::{AnswerError, NoticeState, Stored};
use super::tables::{RegistryTables, is_same};
use crate::files::{Folder, Places};
use crate::limits::MAX_AGREEMENTS;
use crate::registry::snapshot::{ChangeKind, first_wider};
use crate::registry::{Expiry, Registry};
use file::{Agreed, How, put, read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The stored answers, compared with what the program collects now.
pub(super) fn stored(settings: &Settings, places: &Places) -> Stored {
    let mut stored = Stored::default();
    let mut look = |folder: &Path| match read(folder, settings.app_id()) {
        Ok(kept) => {
            stored.no |= kept.no.is_some();
            // A variable may lead to other folders than those of a yes to some purposes.
            stored.only = kept.agreed.iter().fold(stored.only, |only, agreed| only.and(agreed.purposes(settings)));
            Some(kept)
        }
        Err(why) => {
            stored.unusable = stored.unusable.or(Some(why));
            None
        }
    };
    let kept = look(&places.config).unwrap_or_default();
    places.config_folders().skip(1).chain(places.state_folders()).for_each(|folder| drop(look(folder)));
    if stored.no || stored.unusable.is_some() {
        return stored;
    }
    let now = settings.clock.now();
    // While the clock is behind, no notice counts, stored or new.
    let is_behind = settings.is_clock_behind() && settings.promised().is_some();
    for agreed in &kept.agreed {
        let covers = match covers(agreed, settings) {
            Ok(covers) => covers,
            // A malformed file can't be trusted in part.
            Err(why) => return Stored { unusable: Some(why), ..Stored::default() },
        };
        if let Cover::Part(what) = covers
            && counts(agreed, settings, now)
        {
            stored.part = Some(what);
        }
        let covers = covers.all();
        if agreed.how == How::Yes {
            stored.yes = if stored.yes == Some(Ok(())) { stored.yes } else { Some(covers) };
        } else {
            let told = covers.map_or_else(|what| Some(NoticeState::Wider(what)), |()| agreed.told(settings, now));
            stored.told = match (stored.told, told) {
                (Some(NoticeState::Over), _) | (_, Some(NoticeState::Over)) => Some(NoticeState::Over),
                (Some(NoticeState::Waiting), _) | (_, Some(NoticeState::Waiting)) => Some(NoticeState::Waiting),
                (before, told) => told.or(before),
            };
        }
    }
    stored.told = if is_behind { Some(NoticeState::ClockBehind) } else { stored.told };
    stored
}

/// Stores an answer.
pub(crate) fn answer(settings: &Settings, places: &Places, answer: &Answer) -> Result<(), (AnswerError, PathBuf)> {
    if *answer == Answer::No {
        return refusal::refuse(settings, places);
    }
    // A yes must remove a no in every folder.
    for (nth, folder) in places.config_folders().enumerate() {
        put(settings, folder, answer, nth == 0).map_err(|why| (why, folder.join(ANSWERS)))?;
    }
    if matches!(answer, Answer::Yes { .. }) { refusal::withdraw(places) } else { Ok(()) }
}

/// Whether an answer can be stored: writes a test file, because a notice that can't be stored is not shown.
pub(crate) fn is_writable(places: &Places) -> bool {
    Folder::make(&places.config).and_then(|folder| folder.is_writable()).is_ok()
}

/// The widenings since the last text that the person was shown or agreed to, in words; empty if there was none.
pub(crate) fn widenings(settings: &Settings, places: &Places) -> Vec<String> {
    let Ok(kept) = read(&places.config, settings.app_id()) else { return Vec::new() };
    let Some(last) = kept.agreed.last() else { return Vec::new() };
    let Ok(before) = last.said() else { return Vec::new() };
    let receiver = (last.receiver != settings.receiver).then(|| format!("The receiver: {}.", settings.receiver));
    let now = settings.said().only(&|name| last.is_for(name));
    receiver.into_iter().chain(news(&before, &now, &settings.tables(), &settings.opt_in)).collect()
}

/// The tables of what the last agreement covers that counts and covers a part; `None` if there is none any more.
pub(super) fn agreed_part(settings: &Settings, places: &Places) -> Option<RegistryTables> {
    let now = settings.clock.now();
    let kept = read(&places.config, settings.app_id()).ok()?;
    let counts =
        |agreed: &&Agreed| matches!(covers(agreed, settings), Ok(Cover::Part(_))) && counts(agreed, settings, now);
    let agreed = kept.agreed.iter().rev().find(counts)?;
    // Without waiting, as in `covers`.
    let mut known = PARTS.try_lock().ok();
    let is_known = |known: &&AgreedPart| agreed.is_of(&known.agreement) && is_same(&known.of, &settings.registries);
    if let Some(part) = known.as_deref().and_then(|known| known.iter().find(is_known)) {
        return Some(part.tables.clone());
    }
    let tables = agreed.said().ok()?.narrow(&settings.registries, &settings.opt_in).ok()?;
    if let Some(known) = &mut known {
        let of = settings.registries.clone();
        known.push(AgreedPart { agreement: agreed.key(), of, tables: tables.clone() });
    }
    Some(tables)
}

/// The tables of the parts that were agreed to: each made once in a process, since tables are never freed.
static PARTS: Mutex<Vec<AgreedPart>> = Mutex::new(Vec::new());

/// An agreement, and the tables of what it covers of a program's.
struct AgreedPart {
    agreement: AgreementKey,
    of: RegistryTables,
    tables: RegistryTables,
}

/// Whether a yes, or a notice whose wait is over, counts as an agreement to the text that it has.
fn counts(agreed: &Agreed, settings: &Settings, now: u64) -> bool {
    let is_told = || {
        settings.promised().is_some()
            && !settings.is_clock_behind()
            && agreed.told(settings, now) == Some(NoticeState::Over)
    };
    agreed.how == How::Yes || is_told()
}

/// How much of what a program collects an agreement covers.
#[derive(Clone, Copy)]
enum Cover {
    All,
    /// Not this, among others.
    Part(ChangeKind),
    /// For this reason.
    Nothing(ChangeKind),
}

impl Cover {
    fn all(self) -> Result<(), ChangeKind> {
        match self {
            Self::All => Ok(()),
            Self::Part(what) | Self::Nothing(what) => Err(what),
        }
    }
}

/// How much an agreement covers of what is collected now.
fn covers(agreed: &Agreed, settings: &Settings) -> Result<Cover, AnswerError> {
    // Without waiting: a forked process may have a copy of the lock that stays locked.
    let is_same = |known: &AgreementKey| agreed.is_of(known);
    let is_known = || settings.covered.try_lock().is_ok_and(|covered| covered.iter().any(is_same));
    if agreed.receiver == settings.receiver && is_known() {
        return Ok(Cover::All);
    }
    let told = agreed.said()?;
    if agreed.receiver != settings.receiver {
        return Ok(Cover::Nothing(ChangeKind::Endpoint));
    }
    let wider = first_wider(&told, &settings.said().only(&|name| agreed.is_for(name)));
    if wider.is_none()
        && let Ok(mut covered) = settings.covered.try_lock()
        && covered.len() < MAX_AGREEMENTS
    {
        covered.push(agreed.key());
    }
    Ok(match wider {
        None => Cover::All,
        Some(what) => {
            let is_over =
                |registry: &Registry<'_>, end: Expiry| end.is_over(settings.latest_of_all(), registry.service.version);
            // What is over on both sides asks for a new answer, as what was never told does.
            let part = told.allows(&settings.tables(), &is_over);
            match part {
                Ok(()) => Cover::Part(what),
                Err(ChangeKind::Signal) => Cover::Nothing(what),
                Err(why) => Cover::Nothing(why),
            }
        }
    })
}
