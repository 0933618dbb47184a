//! A page as Markdown: CommonMark 0.31 with GitHub's tables.
//!
//! A paragraph, an item and a row are one line each, so that nothing in a text can begin a block but its first
//! character. What could be markup is escaped: by a backslash (CommonMark, section 2.4), or as an entity (2.5) where
//! other readers of Markdown know no backslash (`<`, `>`, `&`), or a table would be cut (`|`).

use super::page::{Block, Page, Part};

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

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A number of an ordered list is digits, then `.` or `)`.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (index, c) in text.char_indices() {
        let follows = |end: &str| text.get(index..).is_some_and(|rest| rest.starts_with(end));
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' => out.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' => out.extend(['\\', c]),
            '#' | '+' | '-' | '=' if index == 0 => out.extend(['\\', c]),
            '.' | ')' if index == digits && digits > 0 => out.extend(['\\', c]),
            // What GitHub makes a link of.
            ':' if follows("://") => out.extend(['\\', c]),
            '.' if text.get(..index).is_some_and(|before| before.to_ascii_lowercase().ends_with("www")) => {
                out.extend(['\\', c]);
            }
            _ => out.push(c),
        }
    }
    out
}
