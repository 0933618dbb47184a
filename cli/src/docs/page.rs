//! A page before it has a form: blocks of text whose parts are text, code or links, and what leads to its sections.

use crate::registry::{Attribute, Owned, Signal};

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// What it is called.
    pub title: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Debug, Clone)]
pub enum Block {
    /// The beginning of a section.
    Heading {
        /// From 2: the title is the only one of level 1.
        level: u8,
        /// What links lead to: letters, digits, `-`, `_` and `.`.
        anchor: String,
        /// What it says.
        text: Text,
    },
    /// Sentences.
    Paragraph(Text),
    /// One thing after the other.
    List(Vec<Text>),
    /// Rows of as many cells as there are columns.
    Table {
        /// What the columns are.
        head: Vec<&'static str>,
        /// The rows.
        rows: Vec<Vec<Text>>,
    },
}

/// Text with parts.
pub type Text = Vec<Part>;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// As it is read.
    Plain(String),
    /// As a machine reads it.
    Code(String),
    /// The label of what follows.
    Strong(String),
    /// Code that leads to a section of this page, by its anchor.
    Section(String, String),
    /// An address that leads there.
    Address(String),
}

/// Plain text.
pub fn plain(text: impl Into<String>) -> Part {
    Part::Plain(text.into())
}

/// Code.
pub fn code(text: impl Into<String>) -> Part {
    Part::Code(text.into())
}

/// The anchor of an attribute's section: libraries may each declare a key in their own way.
pub fn anchor(attribute: &Attribute, owned: &Owned, index: usize) -> String {
    let key = attribute.table.key;
    match owned.attributes.iter().take(index).filter(|before| before.table.key == key).count() {
        0 => format!("attribute-{key}"),
        before => format!("attribute-{key}-{}", before + 1),
    }
}

/// The section that tells about a signal.
pub fn signal_section(kind: &str, signal: &Signal) -> Part {
    let name = signal.table.name;
    Part::Section(name.to_owned(), format!("{kind}-{name}"))
}

/// A label, and what is to say.
pub fn fact(label: &str, mut text: Text) -> Text {
    text.splice(0..0, [Part::Strong(label.to_owned()), plain(": ")]);
    text
}

impl Page {
    /// Begins a section.
    pub fn heading(&mut self, level: u8, anchor: impl Into<String>, text: Text) {
        self.blocks.push(Block::Heading { level, anchor: anchor.into(), text });
    }

    /// Adds a paragraph, unless there is nothing in it.
    pub fn paragraph(&mut self, text: Text) {
        if !text.is_empty() {
            self.blocks.push(Block::Paragraph(text));
        }
    }

    /// Adds a list, unless there is nothing in it.
    pub fn list(&mut self, items: Vec<Text>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    /// Adds a table.
    pub fn table(&mut self, head: &[&'static str], rows: Vec<Vec<Text>>) {
        self.blocks.push(Block::Table { head: head.to_vec(), rows });
    }
}
