//! HTML: markup is text of this program's source, and everything else is escaped.

use crate::encode::base64;
use crate::registry::escaped;
use sha2::{Digest as _, Sha256};
use std::fmt::Display;

/// The style of pages: of this one, and of the public page that `scruple docs` writes.
pub const PAGE_STYLE: &str = include_str!("style.css");

/// The style of what the public page does not have.
const RECORDS_STYLE: &str = include_str!("records.css");

/// A document that grows.
pub(super) struct Html(String);

/// A part of a text, not escaped.
pub(super) enum Part {
    Plain(String),
    /// What a machine reads.
    Code(String),
    Strong(&'static str),
}

/// Plain text.
pub(super) fn plain(text: impl Into<String>) -> Part {
    Part::Plain(text.into())
}

/// What a machine reads.
pub(super) fn code(text: impl Into<String>) -> Part {
    Part::Code(text.into())
}

impl Html {
    /// A document whose policy (Content Security Policy Level 3) allows its own style and nothing else: no script, no
    /// request, no form.
    pub(super) fn new(title: &str) -> Self {
        let style = format!("{PAGE_STYLE}{RECORDS_STYLE}");
        let hash = base64(&Sha256::digest(style.as_bytes()));
        let mut html = Self(String::new());
        html.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.markup("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
        html.text(hash).markup("'; base-uri 'none'; form-action 'none'\">\n");
        html.markup("<meta name=\"referrer\" content=\"no-referrer\">\n<title>").text(title).markup("</title>\n");
        // The hash is that of these bytes.
        html.markup("<style>").markup(PAGE_STYLE).markup(RECORDS_STYLE).markup("</style>\n</head>\n<body>\n<main>\n");
        html.markup("<h1>").text(title).markup("</h1>\n");
        html
    }

    /// The whole document.
    pub(super) fn finish(mut self) -> String {
        self.markup("</main>\n</body>\n</html>\n");
        self.0
    }

    /// Adds text of this program's source as it is.
    pub(super) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds any text, escaped: for the content of an element and for an attribute's value in double quotes. Characters
    /// that change the display of their neighbours are escaped as on a terminal.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        for c in escaped(text).chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Adds parts of a text.
    pub(super) fn parts(&mut self, parts: &[Part]) -> &mut Self {
        for part in parts {
            match part {
                Part::Plain(text) => self.text(text),
                Part::Code(text) => self.markup("<code>").text(text).markup("</code>"),
                Part::Strong(text) => self.markup("<strong>").text(text).markup("</strong>"),
            };
        }
        self
    }

    pub(super) fn paragraph(&mut self, parts: &[Part]) {
        self.markup("<p>").parts(parts).markup("</p>\n");
    }

    /// The beginning of a section; the anchor is a word.
    pub(super) fn section(&mut self, (anchor, text): (&'static str, &'static str)) {
        self.markup("<h2 id=\"").markup(anchor).markup("\"><a href=\"#").markup(anchor).markup("\">");
        self.markup(text).markup("</a></h2>\n");
    }

    pub(super) fn list(&mut self, items: &[Vec<Part>]) {
        self.markup("<ul>\n");
        for item in items {
            self.markup("<li>").parts(item).markup("</li>\n");
        }
        self.markup("</ul>\n");
    }

    /// Rows of as many cells as there are columns. The roles stay when a narrow screen shows the cells as blocks.
    pub(super) fn table(&mut self, head: &[&'static str], rows: &[Vec<Vec<Part>>]) {
        self.markup("<div class=\"table\"><table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">");
        for name in head {
            self.markup("<th scope=\"col\" role=\"columnheader\">").markup(name).markup("</th>");
        }
        self.markup("</tr></thead>\n<tbody role=\"rowgroup\">\n");
        for row in rows {
            self.markup("<tr role=\"row\">");
            for (name, cell) in head.iter().zip(row) {
                self.markup("<td role=\"cell\" data-head=\"").markup(name).markup("\">").parts(cell).markup("</td>");
            }
            self.markup("</tr>\n");
        }
        self.markup("</tbody>\n</table></div>\n");
    }

    /// Terms, each with its text.
    pub(super) fn terms<'t>(
        &mut self,
        start: &'static str,
        terms: impl IntoIterator<Item = (impl Into<String>, &'t str)>,
        term: fn(String) -> Part,
    ) {
        self.markup(start);
        for (name, text) in terms {
            self.markup("<dt>").parts(&[term(name.into())]).markup("</dt><dd>").text(text).markup("</dd>\n");
        }
        self.markup("</dl>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::{Html, code, plain};

    /// Adds a text to each place that takes one; no character of it begins an element, an attribute or a reference.
    #[test]
    fn no_text_becomes_markup() {
        let text = "</style><script>alert(1)</script>&lt;' onload=\"x\" \u{202e}\u{0}\n";
        let shown = "&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;&#39; onload=&quot;x&quot; \
                     \\u{202e}\\u{0}\\u{a}";
        let mut html = Html::new(text);
        html.paragraph(&[plain(text), code(text)]);
        html.list(&[vec![plain(text)]]);
        html.table(&["Key", "Value"], &[vec![vec![code(text)], vec![plain(text)]]]);
        html.terms("<dl>\n", [(text, text)], code);
        let page = html.finish();
        assert_eq!(page.matches(shown).count(), 9, "{page}");
        assert!(!page.replace(shown, "").contains("script"), "{page}");
    }
}
