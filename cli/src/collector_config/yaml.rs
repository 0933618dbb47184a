//! Writes YAML: lines, comments, blocks and quoted expressions.

use std::fmt::Display;

use crate::words;

/// The maximum width of a comment, in characters; the template indents all of it by two more blanks.
const WIDTH: usize = 116;

/// YAML text, indented by two blanks for each block.
#[derive(Debug, Default)]
pub struct Yaml {
    text: String,
    depth: usize,
}

impl Yaml {
    /// Writes a line.
    pub fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.push_str(&"  ".repeat(self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// Writes a comment, broken between words.
    pub fn comment(&mut self, text: &str) {
        comment(text, WIDTH - 2 * self.depth).lines().for_each(|line| self.line(line));
    }

    /// Writes a line, and the block below it one step further in.
    pub fn block(&mut self, head: &str, inside: impl FnOnce(&mut Self)) {
        self.line(head);
        self.depth += 1;
        inside(self);
        self.depth -= 1;
    }

    /// Writes expressions as a list.
    pub fn list(&mut self, expressions: &[impl Display]) {
        for expression in expressions {
            self.line(&format!("- {}", quoted(&expression.to_string())));
        }
    }

    /// Writes a group: its context, the condition if there is one, and a list of expressions.
    pub fn group(&mut self, context: &str, condition: Option<&str>, head: &str, expressions: &[impl Display]) {
        self.grouped(context, condition, |yaml| yaml.block(head, |yaml| yaml.list(expressions)));
    }

    /// Writes a group with the statements of an earlier one, by their anchor.
    pub fn shared(&mut self, context: &str, condition: Option<&str>, anchor: &str) {
        self.grouped(context, condition, |yaml| yaml.line(&format!("statements: *{anchor}")));
    }

    fn grouped(&mut self, context: &str, condition: Option<&str>, inside: impl FnOnce(&mut Self)) {
        self.block(&format!("- context: {context}"), |yaml| {
            if let Some(condition) = condition {
                yaml.block("conditions:", |yaml| yaml.list(&[condition.to_owned()]));
            }
            inside(yaml);
        });
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }
}

/// A comment with lines of at most `width` characters, broken between words. Line breaks and control characters in the
/// text are left out, so they can't end the comment.
pub fn comment(text: &str, width: usize) -> String {
    let text: String = text.chars().filter(|c| !is_break(*c)).collect();
    let options = words::options(width).initial_indent("# ").subsequent_indent("# ");
    textwrap::fill(&text, options)
}

/// A YAML scalar in single quotes, with doubled single quotes. Dollars are doubled too, because the Collector expands
/// single ones.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('$', "$$"))
}

/// Whether YAML reads a character as a line break, or refuses it.
fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}
