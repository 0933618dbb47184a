//! Rust names for what a registry declares: derived from the names there, the same on every run.
//!
//! Where all signals share their first segment, the program's namespace, it is left out of theirs and of the
//! attributes' names: `mlnet.dataset.size` becomes `dataset_size` and `DatasetSize`. A keyword gets a `_` at its end.
//! Of two that would be alike, the later in the registry's order gets a word or number at its end; spans come before
//! events, and both before enums.

use std::collections::BTreeSet;

use scruple::registry::Treatment;

use crate::registry::{Attribute, Owned, Signal};

/// The names of everything that is written.
pub struct Names {
    /// For each attribute, its enum, if it has one.
    pub enums: Vec<Option<Enum>>,
    /// For each span.
    pub spans: Vec<Typed>,
    /// For each event.
    pub events: Vec<Typed>,
}

/// The names of an enum and of its variants, in the order of the members.
pub struct Enum {
    /// The type.
    pub name: String,
    /// The variants.
    pub variants: Vec<String>,
}

/// The names of a signal's type and function, and of its attributes in the order of their keys.
pub struct Typed {
    /// The type.
    pub name: String,
    /// The function.
    pub function: String,
    /// Setters and parameters.
    pub attributes: Vec<String>,
}

/// Names that a span's setters may not take: `tracing::Span` has them, they are written for every span, or `tracing`'s
/// macro, in which a required one is a variable, calls a function of this name (`debug`, `display`).
const SPAN: [&str; 22] = [
    "clone",
    "debug",
    "deref",
    "display",
    "enter",
    "entered",
    "fail",
    "field",
    "follows_from",
    "has_field",
    "id",
    "in_scope",
    "into",
    "is_disabled",
    "is_none",
    "metadata",
    "ok",
    "or_current",
    "record",
    "span",
    "with_collector",
    "with_subscriber",
];

/// Names that an event's setters may not take.
const EVENT: [&str; 3] = ["clone", "emit", "into"];

impl Names {
    /// Names everything in a registry.
    pub fn of(owned: &Owned) -> Self {
        let namespace = namespace(owned);
        let short = |name: &str| -> String {
            namespace.and_then(|space| name.strip_prefix(space)?.strip_prefix('.')).unwrap_or(name).to_owned()
        };
        let (mut types, mut functions) = (TakenNames::default(), TakenNames::default());
        let mut typed = |signals: &[Signal], suffix: &str, reserved: &[&str]| -> Vec<Typed> {
            signals
                .iter()
                .map(|signal| {
                    let name = short(signal.table.name);
                    let mut taken = TakenNames::from(reserved);
                    let key = |attribute: Option<&Attribute>| attribute.map_or("", |found| found.table.key);
                    let attributes =
                        signal.table.attributes.iter().map(|used| short(key(owned.attribute(used.attribute))));
                    Typed {
                        name: types.give(&camel(&name), suffix),
                        function: functions.give(&snake(&name), &suffix.to_ascii_lowercase()),
                        attributes: attributes.map(|name| taken.give(&snake(&name), "value")).collect(),
                    }
                })
                .collect()
        };
        let spans = typed(&owned.spans, "Span", &SPAN);
        let events = typed(&owned.events, "Event", &EVENT);
        let enums = owned.attributes.iter().map(|attribute| {
            let (Treatment::Enum { .. } | Treatment::IntegerEnum { .. }) = attribute.table.treatment else {
                return None;
            };
            let mut taken = TakenNames::default();
            let variants = attribute.members.iter().map(|member| taken.give(&camel(&member.id), "Value")).collect();
            Some(Enum { name: types.give(&camel(&short(attribute.table.key)), "Value"), variants })
        });
        Self { enums: enums.collect(), spans, events }
    }
}

/// The first segment of every signal's name, if they share it and each has another.
fn namespace(owned: &Owned) -> Option<&'static str> {
    let mut names = owned.spans.iter().chain(&owned.events).map(|signal| signal.table.name.split_once('.'));
    let (first, _) = names.next()??;
    names.all(|name| name.is_some_and(|(space, _)| space == first)).then_some(first)
}

/// Names that are taken in one place.
#[derive(Default)]
struct TakenNames {
    names: BTreeSet<String>,
}

impl TakenNames {
    fn from(reserved: &[&str]) -> Self {
        Self { names: reserved.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// The wanted name, or that with a suffix, or that with the first free number from 2.
    fn give(&mut self, wanted: &str, suffix: &str) -> String {
        let joint =
            if wanted.starts_with(|c: char| c.is_ascii_uppercase()) || wanted.ends_with('_') { "" } else { "_" };
        let longer = format!("{wanted}{joint}{suffix}");
        let numbered = (2..).map(|number: u32| format!("{longer}{number}"));
        let mut candidates = [wanted.to_owned(), longer.clone()].into_iter().chain(numbered);
        let free = candidates.find(|candidate| !self.names.contains(candidate)).unwrap_or(longer);
        self.names.insert(free.clone());
        free
    }
}

/// `dataset.size` as `dataset_size`.
fn snake(name: &str) -> String {
    let mut words: Vec<&str> = words(name).collect();
    if words.is_empty() {
        words.push("unnamed");
    }
    let joined = words.join("_").to_ascii_lowercase();
    if joined.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n{joined}")
    } else if KEYWORDS.contains(&joined.as_str()) {
        format!("{joined}_")
    } else {
        joined
    }
}

/// `dataset.size` as `DatasetSize`.
fn camel(name: &str) -> String {
    let mut joined = String::new();
    for word in words(name) {
        let (head, tail) = word.split_at(1);
        joined.push_str(&head.to_ascii_uppercase());
        let shouted = word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        joined.push_str(&if shouted { tail.to_ascii_lowercase() } else { tail.to_owned() });
    }
    if joined.is_empty() || joined.starts_with(|c: char| c.is_ascii_digit()) || joined == "Self" {
        joined.insert(0, 'V');
    }
    joined
}

/// The letters and digits between everything else; names are ASCII.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

/// Strict and reserved keywords of every edition (The Rust Reference, "Keywords").
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "_",
];
