//! YAML as it is written down: lines, comments, blocks and quoted expressions.

use crate::words;

/// The widest comment here, in characters: the template puts all of it two blanks further in.
const WIDTH: usize = 116;

/// Text that grows line by line, indented by two blanks a block.
#[derive(Debug, Default)]
pub struct Yaml {
    text: String,
    depth: usize,
}

impl Yaml {
    /// A line.
    pub fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.push_str(&"  ".repeat(self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// A comment, broken between words.
    pub fn comment(&mut self, text: &str) {
        comment(text, WIDTH - 2 * self.depth).lines().for_each(|line| self.line(line));
    }

    /// A line, and what is below it one step further in.
    pub fn block(&mut self, head: &str, inside: impl FnOnce(&mut Self)) {
        self.line(head);
        self.depth += 1;
        inside(self);
        self.depth -= 1;
    }

    /// Expressions as a list.
    pub fn list(&mut self, expressions: &[String]) {
        for expression in expressions {
            self.line(&format!("- {}", quoted(expression)));
        }
    }

    /// All of it.
    pub fn finish(self) -> String {
        self.text
    }
}

/// A comment of lines of at most so many characters, broken between words. What is not printable can't end it: it is
/// left out.
pub fn comment(text: &str, width: usize) -> String {
    let text: String = text.chars().filter(|c| !is_break(*c)).collect();
    let options = words::options(width).initial_indent("# ").subsequent_indent("# ");
    textwrap::fill(&text, options)
}

/// A YAML scalar in single quotes, in which only they are doubled; and each dollar, because the Collector expands
/// single ones.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('$', "$$"))
}

/// What YAML takes for the end of a line, or does not take at all.
fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}
