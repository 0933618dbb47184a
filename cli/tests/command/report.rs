//! `scruple report` passes its arguments and the exit code through, and says how to get the program.
//!
//! The program that it starts here is this command under the other name: it answers with what it was given.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Copies this command into a folder under each of these names.
fn install(folder: &Path, names: &[&str]) {
    for name in names {
        fs::copy(env!("CARGO_BIN_EXE_scruple"), folder.join(format!("{name}{EXE_SUFFIX}"))).unwrap();
    }
}

fn report(command: &Path, path: &Path, arguments: &[&str]) -> Output {
    let command = command.join(format!("scruple{EXE_SUFFIX}"));
    Command::new(command).arg("report").args(arguments).env("PATH", path).output().unwrap()
}

#[test]
fn the_program_beside_this_one_gets_all_arguments() {
    let folder = tempfile::tempdir().unwrap();
    install(folder.path(), &["scruple", "scruple-report"]);
    let run = |arguments: &[&str]| report(folder.path(), Path::new(""), arguments);
    let check = run(&["check", "--json", "nowhere"]);
    assert_eq!(check.status.code(), Some(2));
    assert!(String::from_utf8(check.stdout).unwrap().contains("\"ok\": false"));
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().contains("codegen"), "the help of the other program");
}

#[test]
fn the_exit_code_is_that_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    install(folder.path(), &["scruple", "scruple-report"]);
    let file = folder.path().join("TELEMETRY.md");
    fs::write(&file, "not current").unwrap();
    let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("telemetry");
    let [registry, file] = [&registry, &file].map(|path| path.to_str().unwrap());
    let stale = report(folder.path(), Path::new(""), &["docs", registry, "--check", file]);
    assert_eq!(stale.status.code(), Some(1), "{}", String::from_utf8_lossy(&stale.stderr));
}

#[test]
fn the_program_is_searched_for_in_path_after_that() {
    let [here, path] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    install(here.path(), &["scruple"]);
    install(path.path(), &["scruple-report"]);
    let version = report(here.path(), path.path(), &["--version"]);
    assert!(version.status.success());
    assert!(String::from_utf8(version.stdout).unwrap().contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn without_the_program_the_message_says_how_to_get_it() {
    let [here, path] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    install(here.path(), &["scruple"]);
    let output = report(here.path(), path.path(), &["telemetry"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("cargo install scruple-report"));
}
