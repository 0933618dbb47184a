//! The completion scripts match their golden files; `UPDATE_GOLDEN=1` rewrites these.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_completions_match_their_golden_files() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        let output = command.args(["completions", shell]).output().unwrap();
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
        let is = String::from_utf8(output.stdout).unwrap();
        let path = here.join(format!("tests/completions/{shell}.golden"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &is).unwrap();
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        assert!(is == wanted, "{shell} is not as it was: UPDATE_GOLDEN=1 rewrites it");
    }
}
