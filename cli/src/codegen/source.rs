//! Rust source as it is written: lines, indentation, doc comments and literals that cannot be broken out of.

use crate::words;

/// Lines of Rust.
#[derive(Default)]
pub struct Source {
    text: String,
    depth: usize,
}

/// The widest doc comment, in characters.
const WIDTH: usize = 96;

impl Source {
    /// One line, indented; an empty one has no blanks.
    pub fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n("    ", self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// A line that opens a block, the block's lines, and the line that closes it.
    pub fn block(&mut self, open: &str, close: &str, lines: impl FnOnce(&mut Self)) {
        self.line(open);
        self.depth += 1;
        lines(self);
        self.depth -= 1;
        self.line(close);
    }

    /// A paragraph of plain text as a doc comment: `marker` is `///` or `//!`.
    pub fn doc(&mut self, marker: &str, text: &str) {
        let words: Vec<_> = text.split_whitespace().map(plain).collect();
        let start = format!("{marker} ");
        let options = words::options(WIDTH - 4 * self.depth).initial_indent(&start).subsequent_indent(&start);
        textwrap::wrap(&words.join(" "), options).iter().for_each(|line| self.line(line.trim_end()));
    }

    /// What was written.
    pub fn finish(self) -> String {
        self.text
    }
}

/// A Rust string literal.
pub fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// A word that Markdown shows as it is (CommonMark 0.31, section 2.4), wherever on a line it comes to stand.
fn plain(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let numbered = word.strip_suffix(['.', ')']).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    for (index, c) in word.char_indices() {
        let anywhere = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '|');
        let first = index == 0 && matches!(c, '#' | '+' | '-' | '=');
        let list = numbered && matches!(c, '.' | ')');
        // A bare URL would be a warning of rustdoc's.
        let url = c == ':' && word.get(index..).is_some_and(|rest| rest.starts_with("://"));
        if anywhere || first || list || url {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
