//! `scruple sql`: what it writes matches its golden files (`UPDATE_GOLDEN=1` rewrites these), and what it refuses.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("sql").args(arguments).output().unwrap()
}

#[test]
fn the_views_of_the_demo_match_their_golden_files() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql");
    for (name, options) in [
        ("clickhouse.sql", &["--dialect", "clickhouse", "--retention", "90"][..]),
        ("duckdb.sql", &["--dialect", "duckdb", "--period", "month", "--folder", "/srv/usage"]),
        ("grafana.json", &["--dialect", "clickhouse", "--grafana"]),
    ] {
        let output = run(&[&["telemetry"], options].concat());
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let is = String::from_utf8(output.stdout).unwrap();
        let path = here.join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(&here).unwrap();
            fs::write(&path, &is).unwrap();
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        assert!(is == wanted, "{name} is not as it was: UPDATE_GOLDEN=1 rewrites it");
    }
}

#[test]
fn a_file_is_written_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("views.sql");
    let file = path.to_str().unwrap();
    let check = |options: &[&str], expected| {
        let output = run(&[&["telemetry", "--dialect", "duckdb"], options].concat());
        assert_eq!(output.status.code(), Some(expected), "{}", String::from_utf8_lossy(&output.stderr));
    };
    check(&["--check", file], 1);
    check(&["--out", file], 0);
    check(&["--check", file], 0);
    check(&["--check", file, "--threshold", "21"], 1);
}

#[test]
fn what_it_cannot_do_is_refused_with_what_to_do() {
    let check = |arguments: &[&str], says: &str| {
        let output = run(arguments);
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {words}");
        assert!(words.contains(says) && output.stdout.is_empty(), "{arguments:?}: {words}");
    };
    check(&["telemetry"], "--dialect");
    check(&["nowhere", "--dialect", "duckdb"], "there is no such folder");
    check(&["telemetry", "--dialect", "duckdb", "--retention", "9"], "rotation");
    check(&["telemetry", "--dialect", "clickhouse", "--retention", "0"], "1..=36500");
    check(&["telemetry", "--dialect", "duckdb", "--grafana"], "ClickHouse");
    check(&["telemetry", "--dialect", "duckdb", "--folder", "a*b"], "write a folder");
    check(&["telemetry", "--dialect", "clickhouse", "--schema", "a\"b"], "write a name");
    check(&["telemetry", "--dialect", "clickhouse", "--check", "one", "--out", "two"], "cannot be used with");
}
