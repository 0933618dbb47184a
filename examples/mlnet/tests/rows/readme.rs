//! The README's table: every row of the design, with a test that has its number.

use super::person::own;
use std::fs;

#[test]
fn each_row_links_to_its_test() {
    let readme = fs::read_to_string(own("README.md")).unwrap();
    for row in 1..=16 {
        let begin = format!("| A{row} ");
        let line = readme.lines().find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("{begin}"));
        let links: Vec<_> = line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        let has_test = |link: &&str| fs::read_to_string(own(link)).unwrap().contains(&format!("fn a{row:02}_"));
        assert!(links.iter().any(has_test), "{line}");
    }
}
