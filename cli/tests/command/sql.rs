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

/// A duration in the registry is kept where the records are.
#[test]
fn the_retention_of_a_registry_is_kept_by_files_and_rows() {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/quickstart/telemetry");
    let text = fs::read_to_string(from.join("usage.yaml")).unwrap();
    let put = |name: &str, version: &str, retention: &str| {
        let folder = folder.path().join(name);
        fs::create_dir(&folder).unwrap();
        let manifest = format!("schema_url: https://telemetry.example.com/schemas/words/{version}\n");
        fs::write(folder.join("manifest.yaml"), manifest).unwrap();
        let changed = text.replace("retention: 90 days", &format!("retention: {retention}"));
        assert!(changed != text || retention == "90 days");
        fs::write(folder.join("usage.yaml"), changed).unwrap();
    };
    put("new", "2.0.0", "6 months");
    put("old", "1.0.0", "2 weeks");
    put("prose", "3.0.0", "As long as the study runs.");
    let written = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        let output = command.current_dir(folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    // Of several versions the shortest.
    for (versions, days) in [(&["new"][..], 180), (&["new", "old"], 14), (&["prose", "new"], 180), (&["prose"], 90)] {
        for kind in ["gateway", "gateway-kafka"] {
            let text = written(&[&["collector-config", "--kind", kind, "--backend", "clickhouse"], versions].concat());
            assert_eq!(text.matches(&format!("      max_days: {days}\n")).count(), 2, "{versions:?}");
            assert!(text.contains(&format!("files are deleted after {days} days, and")), "{versions:?}");
            assert!(text.contains(&format!("ttl: ${{env:SCRUPLE_RETENTION:-{}h}}", days * 24)), "{versions:?}");
        }
    }
    let clickhouse = |more: &[&str]| written(&[&["sql", "--dialect", "clickhouse"], more].concat());
    assert_eq!(clickhouse(&["new", "old"]).matches(" + toIntervalDay(14);").count(), 2);
    assert_eq!(clickhouse(&["new", "--retention", "30"]).matches(" + toIntervalDay(30);").count(), 2);
    assert!(!clickhouse(&["prose"]).contains("TTL"));
    // DuckDB reads the Collector's files, which are deleted by their rotation.
    assert!(!written(&["sql", "--dialect", "duckdb", "new"]).contains("TTL"));
}
