//! The folders of a program's choice, its identity and an organisation's opt-out file.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

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

/// The folders of all apps, below the home folder.
struct Usual {
    config: &'static str,
    state: &'static str,
}

const XDG: Usual = Usual { config: ".config/scruple", state: ".local/state/scruple" };

/// File System Programming Guide, "Where to put your app's files".
const MACOS: Usual = Usual {
    config: "Library/Application Support/scruple/settings",
    state: "Library/Application Support/scruple/state",
};

impl Places {
    /// The folders of `app_id` in an environment; `None` without an absolute home folder, or if the id is not one path
    /// component.
    pub(crate) fn of(app_id: &str, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        Self::below(if cfg!(target_os = "macos") { &MACOS } else { &XDG }, app_id, variable)
    }

    fn below(usual: &Usual, app_id: &str, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME").filter(|_| is_component(app_id))?;
        let own = |base: PathBuf| base.join("scruple").join(app_id);
        let (usual_config, usual_state) = (home.join(usual.config).join(app_id), home.join(usual.state).join(app_id));
        let config = absolute("XDG_CONFIG_HOME").map_or_else(|| usual_config.clone(), own);
        let state = absolute("XDG_STATE_HOME").map_or_else(|| usual_state.clone(), own);
        let other_config = (config != usual_config).then_some(usual_config);
        let other_state = (state != usual_state).then_some(usual_state);
        Some(Self { config, other_config, state, other_state })
    }

    /// The folders of an organisation's opt-out file, for this app and for all: they need no home folder. `None` if the
    /// id is not one path component.
    pub(crate) fn organisation(app_id: &str, root: &Path) -> Option<[PathBuf; 2]> {
        is_component(app_id).then(|| [root.join("etc").join(app_id), root.join("etc/scruple")])
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

fn is_component(app_id: &str) -> bool {
    let mut parts = Path::new(app_id).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
}

#[cfg(test)]
mod tests {
    use super::{MACOS, Places, XDG};
    use std::ffi::OsString;
    use std::path::Path;

    #[test]
    fn each_system_has_its_folders_and_a_variable_leads_elsewhere() {
        let home = |name: &str| (name == "HOME").then(|| OsString::from("/home/jane"));
        let check = |usual, config: &str, state: &str| {
            let places = Places::below(usual, "words", &home).unwrap();
            let Places { config: found, other_config: None, state: found_state, other_state: None } = places else {
                panic!("no variable is set");
            };
            assert_eq!((found.as_path(), found_state.as_path()), (Path::new(config), Path::new(state)));
            let elsewhere = |name: &str| home(name).or_else(|| (name == "XDG_CONFIG_HOME").then(|| "/else".into()));
            let places = Places::below(usual, "words", &elsewhere).unwrap();
            assert_eq!(places.config, Path::new("/else/scruple/words"));
            assert_eq!(places.other_config.as_deref(), Some(Path::new(config)), "a no there counts");
            assert_eq!(places.state, Path::new(state));
        };
        check(&XDG, "/home/jane/.config/scruple/words", "/home/jane/.local/state/scruple/words");
        check(
            &MACOS,
            "/home/jane/Library/Application Support/scruple/settings/words",
            "/home/jane/Library/Application Support/scruple/state/words",
        );
    }
}
