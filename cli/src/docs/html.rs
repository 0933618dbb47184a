//! A page as one HTML file: no script, nothing from elsewhere, and its own policy (Content Security Policy Level 3) that
//! keeps it so.
//!
//! The macro escapes all that is put between its tags; what is not escaped is the style, which is the library's. On a
//! narrow screen the rows of a table become blocks, each cell with the name of its column.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use scruple::PAGE_STYLE;

use super::page::{Block, Page, Part};

/// Nothing is loaded, sent or framed; only the style below counts.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page as a file.
pub fn write(page: &Page) -> String {
    let page = html! {
        (DOCTYPE) (BREAK)
        html lang="en" { (BREAK)
            head { (BREAK)
                meta charset="utf-8"; (BREAK)
                meta name="viewport" content="width=device-width, initial-scale=1"; (BREAK)
                meta http-equiv="Content-Security-Policy" content=(POLICY); (BREAK)
                meta name="referrer" content="no-referrer"; (BREAK)
                title { (page.title) } (BREAK)
                style { (BREAK) (PreEscaped(PAGE_STYLE)) } (BREAK)
            } (BREAK)
            body { (BREAK)
                main { (BREAK)
                    h1 { (page.title) } (BREAK)
                    @for part in &page.blocks { (block(part)) (BREAK) }
                } (BREAK)
            } (BREAK)
        } (BREAK)
    };
    page.into_string()
}

/// A file of many lines can be compared line by line.
const BREAK: PreEscaped<&str> = PreEscaped("\n");

fn block(block: &Block) -> Markup {
    match block {
        Block::Heading { level: 2, anchor, text } => html! {
            h2 id=(anchor) { a href={ "#" (anchor) } { (parts(text)) } }
        },
        Block::Heading { anchor, text, .. } => html! {
            h3 id=(anchor) { a href={ "#" (anchor) } { (parts(text)) } }
        },
        Block::Paragraph(text) => html! { p { (parts(text)) } },
        Block::List(items) => html! {
            ul { (BREAK) @for item in items { li { (parts(item)) } (BREAK) } }
        },
        Block::Table { head, rows } => html! {
            div class="table" { table { (BREAK)
                thead { tr { @for name in head { th scope="col" { (name) } } } } (BREAK)
                tbody { (BREAK)
                    @for row in rows {
                        tr { @for (name, cell) in head.iter().zip(row) { td data-head=(name) { (parts(cell)) } } } (BREAK)
                    }
                } (BREAK)
            } }
        },
    }
}

fn parts(text: &[Part]) -> Markup {
    html! {
        @for part in text {
            @match part {
                Part::Plain(text) => (text),
                Part::Code(text) => code { (text) },
                Part::Strong(text) => strong { (text) },
                Part::Section(text, anchor) => a href={ "#" (anchor) } { code { (text) } },
                Part::Address(address) => a href=(address) rel="noreferrer" { (address) },
            }
        }
    }
}
