//! The workspace that README's commands and `cargo install scruple-cli` build has no engine of the report's: Arrow and Parquet
//! take minutes. And no crate that links a program for Windows with COM.

use std::fs;
use std::path::Path;

fn lock(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The packages in a lock file whose names begin with one of these.
fn packages<'l>(lock: &'l str, beginnings: &[&str]) -> Vec<&'l str> {
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    names.filter(|name| beginnings.iter().any(|beginning| name.starts_with(beginning))).collect()
}

#[test]
fn only_the_reports_own_workspace_has_arrow_and_parquet() {
    let engines = ["arrow", "parquet", "datafusion"];
    assert_eq!(packages(&lock("Cargo.lock"), &engines), [] as [&str; 0]);
    assert!(packages(&lock("crates/report/Cargo.lock"), &engines).contains(&"parquet"), "the control");
}

/// COM loads user32 and gdi32. A program for the console that has loaded one of them hears of no logoff and shutdown (Windows
/// API, `SetConsoleCtrlHandler`), and starts more slowly.
#[test]
fn no_program_is_linked_with_com() {
    let of_com = ["windows-core", "windows-result", "windows-strings"];
    assert_eq!(packages(&lock("Cargo.lock"), &of_com), [] as [&str; 0]);
    assert!(packages(&lock("crates/report/Cargo.lock"), &of_com).contains(&"windows-core"), "the control");
}
