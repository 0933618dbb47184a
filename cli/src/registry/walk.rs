//! Walks nodes and says what is wrong with them: known keys, text, numbers, words out of a few.
//!
//! Each reader reports what it refuses and returns `None`; its caller goes on with the rest, so that one run reports
//! every mistake.

use super::declared::kept;
use super::finding::{Finding, Place, Position, Rule};
use super::names;
use super::nodes::{MapKey, Node, Scalar, Value};

/// One file on its way through the rules.
pub struct Walk<'a> {
    /// The file, as findings name it.
    pub file: &'a str,
    /// What was found so far.
    pub findings: &'a mut Vec<Finding>,
}

/// A mapping whose keys were checked.
#[derive(Clone, Copy)]
pub struct Fields<'n> {
    /// Where it starts.
    pub at: Position,
    what: &'n str,
    entries: &'n [(MapKey, Node)],
}

impl<'n> Fields<'n> {
    /// The value of a key; an empty one (`key:`) counts as not there.
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).filter(|node| !is_null(node))
    }

    /// Whether a key is there without a value.
    pub fn is_empty(&self, name: &str) -> bool {
        self.entry(name).is_some_and(is_null)
    }

    /// The keys that are in neither list: where each stands, what is wrong, and what to write instead.
    fn unknown(&self, known: &[&str], reported: &[&str]) -> Vec<(Position, String, String)> {
        let is_unknown = |key: &&MapKey| !known.contains(&key.name.as_str()) && !reported.contains(&key.name.as_str());
        let what = self.what;
        let describe = |key: &MapKey| {
            let help = match names::nearest(&key.name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? {what} may have {}", among(known)),
                None => format!("{what} may have {}", among(known)),
            };
            (key.at, format!("{what} has no key `{}`", cut(&key.name)), help)
        };
        self.entries.iter().map(|(key, _)| key).filter(is_unknown).map(describe).collect()
    }

    fn entry(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }
}

impl<'a> Walk<'a> {
    /// A place in this file.
    pub fn place(&self, at: Position) -> Place {
        Place { file: self.file.to_owned(), at }
    }

    /// Reports an error.
    pub fn error(&mut self, at: Position, rule: Rule, message: impl Into<String>, help: impl Into<String>) {
        let finding = self.place(at).error(rule, message, help);
        self.findings.push(finding);
    }

    /// Reports a warning.
    pub fn warning(&mut self, at: Position, rule: Rule, message: impl Into<String>, help: impl Into<String>) {
        let finding = self.place(at).warning(rule, message, help);
        self.findings.push(finding);
    }

    /// A mapping with no other keys than these.
    pub fn fields<'n>(&mut self, node: &'n Node, what: &'n str, known: &[&str]) -> Option<Fields<'n>> {
        self.fields_but(node, what, known, &[])
    }

    /// A mapping with no other keys than these, and some that the caller reports.
    pub fn fields_but<'n>(
        &mut self,
        node: &'n Node,
        what: &'n str,
        known: &[&str],
        reported: &[&str],
    ) -> Option<Fields<'n>> {
        let fields = self.any_fields(node, what, known)?;
        for (at, message, help) in fields.unknown(known, reported) {
            self.error(at, Rule::UnknownKey, message, help);
        }
        Some(fields)
    }

    /// A mapping with keys of other tools beside these; those that are not read are warned of.
    pub fn fields_among_others<'n>(&mut self, node: &'n Node, what: &'n str, known: &[&str]) -> Option<Fields<'n>> {
        let fields = self.any_fields(node, what, known)?;
        for (at, message, help) in fields.unknown(known, &[]) {
            self.warning(at, Rule::ManifestKey, message, help);
        }
        Some(fields)
    }

    /// A mapping, whatever keys it has; `known` are those to write if it is none.
    fn any_fields<'n>(&mut self, node: &'n Node, what: &'n str, known: &[&str]) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            let help = format!("write a mapping with {}", among(known));
            self.error(node.at, Rule::Shape, format!("{what} is {}, not a mapping", shape(node)), help);
            return None;
        };
        Some(Fields { at: node.at, what, entries })
    }

    /// The value of a key that has to be there.
    pub fn need<'n>(&mut self, fields: Fields<'n>, key: &str) -> Option<&'n Node> {
        let node = fields.get(key);
        if node.is_none() {
            let message = format!("{} has no `{key}`", fields.what);
            self.error(fields.at, Rule::MissingKey, message, format!("add `{key}: …`"));
        }
        node
    }

    /// The `privacy` node of `annotations`, if there is one.
    pub fn privacy<'n>(&mut self, annotations: &'n Node) -> Option<&'n Node> {
        self.annotation(annotations, "privacy", "privacy: {from: …}")
    }

    /// The node of `annotations` with this name, if there is one, and how it is written. Other keys are other tools', but for
    /// a misspelt one.
    pub fn annotation<'n>(&mut self, annotations: &'n Node, name: &str, written: &str) -> Option<&'n Node> {
        let fields = self.any_fields(annotations, "`annotations`", &[name])?;
        for (key, _) in fields.entries {
            if key.name != name && names::nearest(&key.name.to_lowercase(), [name]).is_some() {
                let message = format!("`annotations` has no key `{}`", cut(&key.name));
                self.error(key.at, Rule::UnknownKey, message, format!("did you mean `{name}`? Otherwise rename it"));
            }
        }
        if fields.is_empty(name) {
            let message = format!("`{name}` says nothing");
            self.error(fields.at, Rule::MissingKey, message, format!("delete it, or write `{written}`"));
        }
        fields.get(name)
    }

    /// The items of a list.
    pub fn items<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        let Value::List(items) = &node.value else {
            let message = format!("`{what}` is {}, not a list", shape(node));
            self.error(node.at, Rule::Shape, message, "write a list: `- …` lines, or `[…]`");
            return None;
        };
        Some(items)
    }

    /// The items of a list that may be left out.
    pub fn optional_items<'n>(&mut self, fields: Fields<'n>, key: &str) -> &'n [Node] {
        fields.get(key).and_then(|node| self.items(node, key)).unwrap_or_default()
    }

    /// Text, quoted or plain.
    pub fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        if let Value::Scalar(Scalar::Text, text) = &node.value {
            return Some(text);
        }
        let help = match &node.value {
            Value::Scalar(Scalar::Null, _) => format!("write a text after `{what}:`"),
            Value::Scalar(_, text) => format!("quote it: {what}: \"{}\"", cut(text)),
            Value::List(_) | Value::Map(_) => "write a single text".to_owned(),
        };
        self.error(node.at, Rule::Shape, format!("`{what}` is {}, not text", shape(node)), help);
        None
    }

    /// A sentence for people, with its white space evened out.
    pub fn sentence(&mut self, node: &Node, what: &str) -> Option<&'static str> {
        let text = self.text(node, what)?;
        let sentence = names::sentence(text);
        if sentence.is_none() {
            let message = format!("`{what}` is empty, over {} bytes, or not printable", names::MAX_SENTENCE);
            self.error(node.at, Rule::Text, message, "write one or two plain sentences, without control characters");
        }
        sentence.map(kept)
    }

    /// The sentence of a key that has to be there.
    pub fn need_sentence(&mut self, fields: Fields<'_>, key: &str) -> Option<&'static str> {
        let node = self.need(fields, key)?;
        self.sentence(node, key)
    }

    /// The sentence of a key that may be left out.
    pub fn optional_sentence(&mut self, fields: Fields<'_>, key: &str) -> Option<&'static str> {
        fields.get(key).and_then(|node| self.sentence(node, key))
    }

    /// A signal's name or an attribute's key.
    pub fn name<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let text = self.text(node, what)?;
        if !names::is_name(text) {
            self.error(
                node.at,
                Rule::Name,
                format!("`{}` can't be a name", cut(text)),
                "use lower-case letters, digits, `_` and `.`, a letter first, at most 128 bytes",
            );
            return None;
        }
        Some(text)
    }

    /// One word out of a few.
    pub fn choice<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let text = match &node.value {
            Value::Scalar(_, text) => text.as_str(),
            Value::List(_) | Value::Map(_) => {
                let help = format!("write {}", among(&known));
                self.error(node.at, Rule::Shape, format!("`{what}` is {}, not a word", shape(node)), help);
                return None;
            }
        };
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let help = match names::nearest(text, known.iter().copied()) {
                Some(near) if known.len() > 1 => format!("did you mean `{near}`? It may be {}", among(&known)),
                _ => format!("write {}", among(&known)),
            };
            self.error(node.at, Rule::Value, format!("`{what}` can't be `{}`", cut(text)), help);
        }
        found
    }

    /// A decimal whole number within `i64`.
    pub fn integer(&mut self, node: &Node, what: &str) -> Option<i64> {
        let number = match &node.value {
            Value::Scalar(Scalar::Integer, text) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let message = format!("`{what}` is not a whole number of at most 64 bits");
            self.error(node.at, Rule::Value, message, format!("write digits, as in `{what}: 100`"));
        }
        number
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, node: &Node, what: &str) {
        if !matches!(&node.value, Value::Scalar(Scalar::Boolean, _)) {
            let message = format!("`{what}` is {}, not a boolean", shape(node));
            self.error(node.at, Rule::Shape, message, format!("write `{what}: true` or `{what}: false`"));
        }
    }
}

fn is_null(node: &Node) -> bool {
    matches!(node.value, Value::Scalar(Scalar::Null, _))
}

/// What a node is, in words.
fn shape(node: &Node) -> &'static str {
    match &node.value {
        Value::Scalar(Scalar::Text, _) => "text",
        Value::Scalar(Scalar::Integer | Scalar::Float, _) => "a number",
        Value::Scalar(Scalar::Boolean, _) => "a boolean",
        Value::Scalar(Scalar::Null, _) => "empty",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

/// A few words as a person would list them.
pub fn among(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "nothing".to_owned(),
    }
}

/// The beginning of a text that may be long.
pub fn cut(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
