//! The folders of a program's choice, its identity and an organisation's opt-out file.

#[cfg_attr(unix, path = "places/unix.rs")]
#[cfg_attr(windows, path = "places/windows.rs")]
mod system;

#[cfg(any(windows, test))]
mod profile;

#[cfg(windows)]
pub(crate) use system::has_folders;
pub(crate) use system::{home, is_spelled_out};

use crate::registry::is_app_id;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders of one app on this machine.
///
/// | what | where |
/// |---|---|
/// | choice | `$XDG_CONFIG_HOME/scruple/<app id>`, else `~/.config/scruple/<app id>` |
/// | secret, ids, queue, receipts | `$XDG_STATE_HOME/scruple/<app id>`, else `~/.local/state/scruple/<app id>` |
/// | no | all four: a no counts in each of them |
/// | organisation | `/etc/<app id>` and `/etc/scruple` |
///
/// On macOS, the folders without a variable are `~/Library/Application Support/scruple/settings/<app id>` and
/// `~/Library/Application Support/scruple/state/<app id>`.
///
/// On Windows, the first two are `scruple\settings\<app id>` and `scruple\state\<app id>` in the person's folder
/// `LocalAppData`; no variable leads elsewhere, and the organisation's word is in the registry.
///
/// XDG Base Directory Specification 0.8, section 3: a variable that is empty or not an absolute path is ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The folder of the stored choice.
    pub config: PathBuf,
    /// The default folder of the choice, if a variable leads elsewhere: a no there counts, so that a variable can't
    /// remove it.
    pub other_config: Option<PathBuf>,
    /// The folder of the secret, ids, queue and receipts. Apart from the settings: those are often published.
    pub state: PathBuf,
    /// The default folder for state, if a variable leads elsewhere: a no there counts.
    pub other_state: Option<PathBuf>,
}

impl Places {
    /// The folders of `app_id` in an environment; `None` without a home folder of the person's, or if the id can't be a
    /// folder's name.
    pub(crate) fn of(app_id: &str, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let [config, usual_config, state, usual_state] =
            system::bases(variable).filter(|_| is_app_id(app_id))?.map(|base| base.join(app_id));
        let other_config = (config != usual_config).then_some(usual_config);
        let other_state = (state != usual_state).then_some(usual_state);
        Some(Self { config, other_config, state, other_state })
    }

    /// The folders of an organisation's opt-out file, for this app and for all: they need no home folder. `None` if the
    /// id can't be a folder's name.
    #[cfg(unix)]
    pub(crate) fn organisation(app_id: &str, root: &Path) -> Option<[PathBuf; 2]> {
        is_app_id(app_id).then(|| [root.join("etc").join(app_id), root.join("etc/scruple")])
    }

    /// The folders for a no, in the order of writing; the last is read regardless of the variables.
    pub(crate) fn config_folders(&self) -> impl DoubleEndedIterator<Item = &Path> {
        std::iter::once(&self.config).chain(&self.other_config).map(PathBuf::as_path)
    }

    /// The folders for a no if those can't be written, in the same order.
    pub(crate) fn state_folders(&self) -> impl DoubleEndedIterator<Item = &Path> {
        std::iter::once(&self.state).chain(&self.other_state).map(PathBuf::as_path)
    }
}
