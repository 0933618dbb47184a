//! Weaver's older format, which has other keys in every file: one finding for a folder.

use super::finding::{Finding, Place, Rule};
use super::folder::TextFile;

/// Whether a file lists `groups` at its top, and does not begin a file of the format that is read.
pub fn is_older(text: &TextFile) -> bool {
    let is_read = |line: &str| line.starts_with("file_format:") && line.contains("definition/2");
    text.text.lines().any(|line| line.starts_with("groups:")) && !text.text.lines().any(is_read)
}

/// The finding for a folder with such files.
pub fn finding(root: &Place, first: &str, others: usize) -> Finding {
    let more = match others {
        0 => String::new(),
        1 => " and in another file".to_owned(),
        more => format!(" and in {more} other files"),
    };
    let help = "declare what the program reports as `attributes`, `entities`, `spans` and `events`, in files that begin \
                with `file_format: definition/2` beside a `manifest.yaml`; a folder of its own leaves the older files to \
                their tools, and `scruple init` writes an example";
    root.error(Rule::Unsupported, format!("Weaver's older format: `groups` in {first}{more}"), help)
}
