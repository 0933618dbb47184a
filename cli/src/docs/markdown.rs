//! A page as Markdown: CommonMark 0.31 with GitHub's tables.
//!
//! A paragraph, an item and a row are one line each, so that nothing in a text can begin a block but its first
//! character. What could be markup is escaped (`markup`).

use super::page::{Block, Page, Part};
use crate::markup::escaped;

/// The page as a file.
pub fn write(page: &Page) -> String {
    let mut out = format!("# {}\n", escaped(&page.title));
    for block in &page.blocks {
        out.push('\n');
        match block {
            Block::Heading { level, anchor, text } => {
                out.extend(std::iter::repeat_n('#', usize::from(*level)));
                out.push_str(&format!(" <a id=\"{anchor}\"></a>{}\n", line(text)));
            }
            Block::Paragraph(text) => out.push_str(&format!("{}\n", line(text))),
            Block::List(items) => items.iter().for_each(|item| out.push_str(&format!("- {}\n", line(item)))),
            Block::Table { head, rows } => {
                row(&mut out, head.iter().map(|cell| escaped(cell)));
                row(&mut out, head.iter().map(|_| "---".to_owned()));
                rows.iter().for_each(|cells| row(&mut out, cells.iter().map(|cell| line(cell))));
            }
        }
    }
    out
}

fn row(out: &mut String, cells: impl Iterator<Item = String>) {
    cells.for_each(|cell| out.push_str(&format!("| {cell} ")));
    out.push_str("|\n");
}

fn line(text: &[Part]) -> String {
    text.iter().map(part).collect()
}

fn part(part: &Part) -> String {
    match part {
        Part::Plain(text) => escaped(text),
        Part::Code(text) => code(text),
        Part::Strong(text) => format!("**{}**", escaped(text)),
        Part::Section(text, anchor) => format!("[{}](#{anchor})", code(text)),
        // The characters of a link are checked, and so is its scheme.
        Part::Address(address) => format!("<{address}>"),
    }
}

/// A code span; text where no span holds it: with a backtick, or, in a table, a bar; or with blanks at its ends.
fn code(text: &str) -> String {
    if text.is_empty() || text.contains(['`', '|']) || text.trim() != text {
        return escaped(text);
    }
    format!("`{text}`")
}
