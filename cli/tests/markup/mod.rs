//! Texts that look like markup, and how a page in Markdown is read.

use pulldown_cmark::{Event, Options, Parser};

/// What a text may try.
pub const HOSTILE: [&str; 18] = [
    // What begins a block of HTML without a `>`.
    "<script src=x",
    "<!-- hidden",
    "<div class=x",
    "<?x",
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>&lt;b&gt; &amp;",
    "a | b || c \\| d \\\\| e",
    "`code` ``more`` `",
    "*a* **b** _c_ __d__ ~~e~~ $f$",
    "[a](https://example.com) ![b](c) [^1] [x]: y",
    "# not a heading",
    "- not an item",
    "1. not an item",
    "12) not an item",
    "> not a quote",
    "--- === +++",
    "https://example.com www.example.com \\<",
    "\" onclick=\"x' {#id} :: --- -->",
];

/// How a page is built, and what it says.
#[derive(Debug, PartialEq)]
pub struct Built {
    pub tags: Vec<String>,
    pub text: String,
}

/// Reads Markdown with all that GitHub adds to it.
pub fn markdown(page: &str) -> Built {
    let mut built = Built { tags: Vec::new(), text: String::new() };
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    for event in Parser::new_ext(page, options) {
        match event {
            Event::Text(text) => built.text.push_str(&text),
            // Code or text: a text that no code span holds is text.
            Event::Code(text) => built.text.push_str(&text),
            Event::SoftBreak => built.text.push(' '),
            other => built.tags.push(format!("{other:?}")),
        }
    }
    built
}
