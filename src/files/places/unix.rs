//! The folders of all apps: XDG's, or those of macOS.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders below the home folder, where no variable leads elsewhere.
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

/// The person's home folder.
pub(crate) fn home(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    absolute(variable, "HOME")
}

/// The folder for choices and its default, and the one for state and its default.
pub(super) fn bases(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<[PathBuf; 4]> {
    below(if cfg!(target_os = "macos") { &MACOS } else { &XDG }, variable)
}

fn below(usual: &Usual, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<[PathBuf; 4]> {
    let home = home(variable)?;
    let (usual_config, usual_state) = (home.join(usual.config), home.join(usual.state));
    let or_usual =
        |name, usual: &PathBuf| absolute(variable, name).map_or_else(|| usual.clone(), |base| base.join("scruple"));
    let (config, state) = (or_usual("XDG_CONFIG_HOME", &usual_config), or_usual("XDG_STATE_HOME", &usual_state));
    Some([config, usual_config, state, usual_state])
}

/// Not asked there: to follow the links of a path takes a look at each folder on it.
pub(crate) fn is_spelled_out(_: &Path) -> bool {
    false
}

fn absolute(variable: &dyn Fn(&str) -> Option<OsString>, name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::{MACOS, XDG, below};
    use std::ffi::OsString;
    use std::path::PathBuf;

    #[test]
    fn each_system_has_its_folders_and_a_variable_leads_elsewhere() {
        let home = |name: &str| (name == "HOME").then(|| OsString::from("/home/jane"));
        let check = |usual, config: &str, state: &str| {
            let (config, state) = (PathBuf::from(config), PathBuf::from(state));
            assert_eq!(below(usual, &home), Some([&config, &config, &state, &state].map(PathBuf::clone)));
            let elsewhere = |name: &str| home(name).or_else(|| (name == "XDG_CONFIG_HOME").then(|| "/else".into()));
            let other = PathBuf::from("/else/scruple");
            assert_eq!(below(usual, &elsewhere), Some([&other, &config, &state, &state].map(PathBuf::clone)));
            let relative = |name: &str| home(name).or_else(|| (name == "XDG_STATE_HOME").then(|| "else".into()));
            assert_eq!(below(usual, &relative), Some([&config, &config, &state, &state].map(PathBuf::clone)));
        };
        check(&XDG, "/home/jane/.config/scruple", "/home/jane/.local/state/scruple");
        let macos = "/home/jane/Library/Application Support/scruple";
        check(&MACOS, &format!("{macos}/settings"), &format!("{macos}/state"));
        assert_eq!(below(&XDG, &|_| None), None);
    }
}
