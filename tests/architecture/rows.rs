//! The README's table of the rows of two published designs: each has a test that is named after it.

use std::fs;
use std::path::Path;

#[test]
fn each_row_has_a_test_that_is_named_after_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for (system, rows) in [('A', 16), ('B', 19)] {
        for row in 1..=rows {
            let begin = format!("| {system}{row} ");
            let line = readme.lines().find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("no {begin}"));
            let (_, link) = line.split_once("[`").unwrap_or_else(|| panic!("{line}"));
            let (test, file) =
                link.split_once("`](").and_then(|(test, rest)| Some((test, rest.split_once(')')?.0))).unwrap();
            assert!(test.starts_with(&format!("{}{row:02}_", system.to_ascii_lowercase())), "{line}");
            let text = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("{line}"));
            let is_there = |before: &str, after: &str| text.contains(&format!("{before}{test}{after}"));
            // A row of the library's example is run twice, by a macro.
            assert!(is_there("fn ", "()") || is_there("", ","), "{line}");
        }
    }
}
