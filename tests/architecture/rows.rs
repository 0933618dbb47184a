//! The READMEs of the two examples list each row of their published designs, with a test that is named after it.

use std::fs;
use std::path::Path;

#[test]
fn each_row_has_a_test_that_is_named_after_it() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for (example, system, rows) in [("mlnet", 'A', 16), ("mlflow", 'B', 19)] {
        let folder = examples.join(example);
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        for row in 1..=rows {
            let begin = format!("| {system}{row} ");
            let line = readme.lines().find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("no {begin}"));
            let test = format!("{}{row:02}_", system.to_ascii_lowercase());
            let mut links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            let has_test = |link: &str| {
                let text = fs::read_to_string(folder.join(link)).unwrap_or_else(|why| panic!("{link}: {why}"));
                // A row of the library's example is run twice, by a macro.
                text.lines().map(str::trim_start).any(|line| {
                    let name = line.strip_prefix("fn ").or_else(|| line.strip_prefix("row!(")).unwrap_or(line);
                    name.starts_with(&test)
                })
            };
            assert!(links.any(has_test), "{line}");
        }
    }
}
