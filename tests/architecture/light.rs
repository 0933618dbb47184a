//! The workspace that README's commands and `cargo install scruple-cli` build has no engine of the report's: Arrow and Parquet
//! take minutes.

use std::fs;
use std::path::Path;

/// The packages in a lock file that are parts of an engine.
fn heavy(lock: &str) -> Vec<&str> {
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    names.filter(|name| ["arrow", "parquet", "datafusion"].iter().any(|heavy| name.starts_with(heavy))).collect()
}

#[test]
fn only_the_reports_own_workspace_has_arrow_and_parquet() {
    let lock = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    assert_eq!(heavy(&lock("Cargo.lock")), [] as [&str; 0]);
    assert!(heavy(&lock("crates/report/Cargo.lock")).contains(&"parquet"), "the control");
}
