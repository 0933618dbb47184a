//! YAML as nodes with positions: only the plain part of the language, and every mistake with its place.
//!
//! A registry is data that people review, so what makes YAML surprising is refused: anchors, aliases and tags,
//! several documents in a file, tabs, control characters, nesting deeper than [`MAX_DEPTH`], and a key that a
//! mapping holds twice. Scalars are kept as they were written; [`Scalar`] says what the core schema of YAML 1.2
//! (section 10.3.2) makes of a plain one.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::finding::{Finding, Place, Position, Rule};

/// How deep lists and mappings may be nested. The format itself needs nine levels.
pub const MAX_DEPTH: usize = 24;

/// A value and where it starts.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it starts.
    pub at: Position,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Value {
    /// Text, a number, a boolean or nothing.
    Scalar(Scalar, String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order it was written, without the repetitions.
    Map(Vec<(MapKey, Node)>),
}

/// What the core schema makes of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// Quoted, block or plain text.
    Text,
    /// A whole number.
    Integer,
    /// Any other number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// Nothing, `~` or `null`.
    Null,
}

/// A mapping's key and where it starts.
#[derive(Debug, Clone)]
pub struct MapKey {
    /// Where it starts.
    pub at: Position,
    /// What it says.
    pub name: String,
}

/// Reads the one document of a file. Findings are added; `None` says that nothing usable was found.
pub fn parse(file: &str, text: &str, findings: &mut Vec<Finding>) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let suspicious = characters(file, text, findings);
    // With a blank for each tab the rest of the file can still be read, and its other mistakes reported.
    let cleaned: String = text.chars().map(|c| if is_foreign(c) { ' ' } else { c }).collect();
    let mut reader = Reader { file, parser: Parser::new_from_str(&cleaned), findings, tangled: false };
    match reader.document() {
        Ok(node) => node,
        Err(finding) => {
            // Where tabs were, a syntax error is most likely the tab's.
            if !suspicious {
                findings.push(*finding);
            }
            None
        }
    }
}

/// Tabs and control characters: the first of each line is reported.
fn characters(file: &str, text: &str, findings: &mut Vec<Finding>) -> bool {
    let mut found = false;
    for (index, line) in text.lines().enumerate() {
        let Some((column, c)) = line.chars().enumerate().find(|(_, c)| is_foreign(*c)) else { continue };
        found = true;
        let at = Position { line: index + 1, column: column + 1 };
        let place = Place { file: file.to_owned(), at };
        findings.push(if c == '\t' {
            place.error(Rule::Syntax, "a tab", "indent and separate with blanks")
        } else {
            let message = format!("the control character {}", c.escape_unicode());
            place.error(Rule::Syntax, message, "delete it")
        });
    }
    found
}

fn is_foreign(c: char) -> bool {
    // YAML counts U+0085, U+2028 and U+2029 as control characters or breaks; `lines` does not.
    (c.is_control() && c != '\n' && c != '\r') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// What ends the reading of a file.
type Failure = Box<Finding>;

struct Reader<'a, 'text> {
    file: &'a str,
    parser: Parser<'text, StrInput<'text>>,
    findings: &'a mut Vec<Finding>,
    tangled: bool,
}

impl<'text> Reader<'_, 'text> {
    /// The file's one document; `None` if it is empty.
    fn document(&mut self) -> Result<Option<Node>, Failure> {
        let mut root = None;
        let mut documents = 0;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        let help = "put it into a file of its own";
                        self.report(position(&span), "a second document in this file", help);
                        return Ok(root);
                    }
                }
                event => root = Some(self.node(event, &span, 0)?),
            }
        }
    }

    fn node(&mut self, event: Event<'text>, span: &Span, depth: usize) -> Result<Node, Failure> {
        let at = position(span);
        if depth > MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(Box::new(self.place(at).error(Rule::Syntax, message, "write fewer brackets or levels")));
        }
        let value = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.plain(at, anchor, tag.is_some());
                let kind = if style == ScalarStyle::Plain { resolve(&text) } else { Scalar::Text };
                Value::Scalar(kind, text.into_owned())
            }
            Event::SequenceStart(anchor, tag) => {
                self.plain(at, anchor, tag.is_some());
                let mut items = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if event == Event::SequenceEnd {
                        break Value::List(items);
                    }
                    items.push(self.node(event, &span, depth + 1)?);
                }
            }
            Event::MappingStart(anchor, tag) => {
                self.plain(at, anchor, tag.is_some());
                self.mapping(depth)?
            }
            Event::Alias(_) => {
                self.tangle(at, "an alias");
                Value::Scalar(Scalar::Null, String::new())
            }
            // The parser's own order of events excludes these here.
            _ => Value::Scalar(Scalar::Null, String::new()),
        };
        Ok(Node { at, value })
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, Failure> {
        let mut entries: Vec<(MapKey, Node)> = Vec::new();
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(Value::Map(entries));
            }
            let key = self.node(event, &span, depth + 1)?;
            let (event, span) = self.next()?;
            let value = self.node(event, &span, depth + 1)?;
            let Value::Scalar(_, name) = key.value else {
                self.report(key.at, "a list or mapping as a key", "use a plain word as the key");
                continue;
            };
            if let Some(first) = lines.insert(name.clone(), key.at.line) {
                let message = format!("`{name}` is here twice; before in line {first}");
                let help = "keep one of the two";
                self.findings.push(self.place(key.at).error(Rule::Duplicate, message, help));
            } else {
                entries.push((MapKey { at: key.at, name }, value));
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'text>, Span), Failure> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(scan)) => {
                let at = Position { line: scan.marker().line().max(1), column: scan.marker().col() + 1 };
                // An alias without its anchor is reported by the parser itself.
                Err(self.broken(at, scan.info()))
            }
            None => Err(self.broken(Position { line: 1, column: 1 }, "it ends early")),
        }
    }

    fn broken(&self, at: Position, reason: &str) -> Failure {
        let help = "correct the indentation, quotes and brackets before this place";
        Box::new(self.place(at).error(Rule::Syntax, format!("this is not YAML: {reason}"), help))
    }

    fn plain(&mut self, at: Position, anchor: usize, tagged: bool) {
        if anchor > 0 {
            self.tangle(at, "an anchor");
        }
        if tagged {
            self.report(at, "a tag", "delete it: text is quoted, numbers and booleans are plain");
        }
    }

    /// Anchors and aliases come in numbers; the first of a file is enough.
    fn tangle(&mut self, at: Position, what: &str) {
        if !std::mem::replace(&mut self.tangled, true) {
            self.report(at, what, "write the value out where it is used: a registry is read by people");
        }
    }

    fn report(&mut self, at: Position, message: &str, help: &str) {
        self.findings.push(self.place(at).error(Rule::Syntax, message, help));
    }

    fn place(&self, at: Position) -> Place {
        Place { file: self.file.to_owned(), at }
    }
}

fn position(span: &Span) -> Position {
    Position { line: span.start.line().max(1), column: span.start.col() + 1 }
}

fn resolve(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return Scalar::Boolean,
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str, radix| !text.is_empty() && text.chars().all(|c: char| c.is_digit(radix));
    let based = |prefix, radix| text.strip_prefix(prefix).is_some_and(|rest| digits(rest, radix));
    if digits(unsigned, 10) || based("0x", 16) || based("0o", 8) {
        return Scalar::Integer;
    }
    let special = matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN");
    let numeric = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') && unsigned.parse::<f64>().is_ok();
    if special || numeric { Scalar::Float } else { Scalar::Text }
}
