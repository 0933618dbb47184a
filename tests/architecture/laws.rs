//! The laws in the crate's documentation: each file and test that they name exists.

use std::fs;
use std::path::{Path, PathBuf};

/// Every source file below a folder, and the text of all.
fn text_below(folder: PathBuf) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| match path.extension() {
        _ if path.is_dir() => text_below(path),
        Some(extension) if extension == "rs" => fs::read_to_string(path).unwrap(),
        _ => String::new(),
    };
    entries.map(read).collect()
}

#[test]
fn each_test_that_a_law_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let (_, laws) = text.split_once("//! # Laws\n").unwrap();
    let laws: Vec<_> = laws.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let tests = text_below(root.join("tests")) + &text_below(root.join("cli/tests"));
    let laws = laws.join(" ");
    let quoted = || laws.split('`').skip(1).step_by(2);
    let paths: Vec<_> = quoted().filter(|quoted| quoted.contains("tests/")).collect();
    let names: Vec<_> = quoted().filter(|quoted| quoted.matches('_').count() > 2).collect();
    assert!(paths.len() > 20 && names.len() > 15, "{} files and {} tests", paths.len(), names.len());
    for path in paths {
        assert!(root.join(path).exists(), "{path}");
    }
    for name in names {
        assert!(tests.contains(&format!("fn {name}(")), "{name}");
    }
}
