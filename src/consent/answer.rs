//! A person's stored answers: what they were told, and what they said to it.
//!
//! `telemetry.toml` in the folder for settings ([`Places`]), to be read by people too:
//!
//! ```toml
//! format = 1
//! app_id = "com.example.words"
//! no = "2026-11-24T10:00:00Z"      # when they said no; then nothing else counts
//!
//! [[agreed]]                       # one for each text: two versions of a program may be there side by side
//! how = "yes"                      # or "told": the notice was shown
//! at = "2026-11-24T10:00:00Z"
//! boot = "5f0c3a91d27b64e8 86210"  # only if told: which boot of the machine it was, and the second of it, if known
//! wait = "day"                     # only if told: what the notice promised; or "next_run"
//! receiver = "https://telemetry.example.com"
//! opt_in = ["words.language"]      # attributes that the program sends although the registry has them as `opt_in`
//! text = '''…'''                   # the registries' canonical text, with who answers for the data
//! ```
//!
//! The wait that a notice promised is kept, whatever a later version asks for. None is stored while the clock is behind
//! the build of the program that would show it, and none counts then: in 1970, a day would be over as soon as the clock
//! is set. (An earlier version may well have shown it before this one was built.) A notice that was shown more than a day
//! in the future is as if there was none, and a new one takes its place. As long as the machine is not started again, the
//! wait is over only if it is by that clock too, which nobody sets: a clock that was a day behind, say.
//!
//! An answer covers what a program collects if what it was given to is not narrower; that is worked out from the text, not
//! from a hash or a number of the author's. A file that is not exactly of this form says no, and is left as it is. A no
//! is written to both folders for settings, and if one of them can't take it, to the folders for state too: a no counts in
//! each of them. The file of a yes never takes one away that was written in the meantime, since whoever changes the file
//! holds the folder's lock.

mod file;
mod refusal;

pub(crate) use file::{ANSWERS, Answer};

use super::settings::Settings;
use super::stored::{AnswerError, NoticeState, Stored};
use crate::files::{Folder, Places};
use crate::registry::snapshot::{ChangeKind, Direction, changes, first_wider};
use file::{Agreed, How, put, read};
use std::path::{Path, PathBuf};

/// What is stored, against what the program collects now.
pub(super) fn stored(settings: &Settings, places: &Places) -> Stored {
    let mut stored = Stored::default();
    let mut look = |folder: &Path| match read(folder, settings.app_id()) {
        Ok(kept) => {
            stored.no |= kept.no.is_some();
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
    // No notice counts then, also none that is in the file.
    let is_behind = settings.is_clock_behind() && settings.promised().is_some();
    for agreed in &kept.agreed {
        let covers = match covers(agreed, settings) {
            Ok(covers) => covers,
            // Whatever else is in the file, it is not what was written.
            Err(why) => return Stored { unusable: Some(why), ..Stored::default() },
        };
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
pub(crate) fn answer(settings: &Settings, places: &Places, answer: Answer) -> Result<(), (AnswerError, PathBuf)> {
    if answer == Answer::No {
        return refusal::refuse(settings, places);
    }
    // A yes has to take away a no that is elsewhere.
    for (nth, folder) in places.config_folders().enumerate() {
        put(settings, folder, answer, nth == 0).map_err(|why| (why, folder.join(ANSWERS)))?;
    }
    if answer == Answer::Yes { refusal::withdraw(places) } else { Ok(()) }
}

/// Whether an answer could be stored, found out by writing something: a notice that can't be remembered is not shown.
pub(crate) fn is_writable(places: &Places) -> bool {
    Folder::make(&places.config).and_then(|folder| folder.is_writable()).is_ok()
}

/// What is wider than anything that the person was told or agreed to, in words; empty if they never were.
pub(crate) fn told(settings: &Settings, places: &Places) -> Vec<String> {
    let Ok(kept) = read(&places.config, settings.app_id()) else { return Vec::new() };
    let Some(last) = kept.agreed.last() else { return Vec::new() };
    let Ok(told) = last.said() else { return Vec::new() };
    let changes = changes(&told, &settings.said());
    let wider = changes.iter().filter(|change| change.direction == Direction::Wider).map(|change| format!("{change}."));
    let receiver = (last.receiver != settings.receiver).then(|| format!("{} receives it.", settings.receiver));
    receiver.into_iter().chain(wider).collect()
}

/// Whether what a person agreed to covers what is collected now; if not, what is wider.
fn covers(agreed: &Agreed, settings: &Settings) -> Result<Result<(), ChangeKind>, AnswerError> {
    let told = agreed.said()?;
    if agreed.receiver != settings.receiver {
        return Ok(Err(ChangeKind::Endpoint));
    }
    Ok(first_wider(&told, &settings.said()).map_or(Ok(()), Err))
}
