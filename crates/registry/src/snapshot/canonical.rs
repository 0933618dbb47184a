//! Reads canonical texts back, strictly: whatever their one writer would not have written is refused.
//!
//! Lines are sorted, so that those about one subject stand together, attributes come before what carries them, and a
//! fact that is said twice follows itself.

use super::line::Line;
use super::terms::{Attribute, RegistryFacts, Signal};
use crate::{Normalize, RequirementLevel, Rotation, SignalKind, SpanKind, TimeResolution, TreatmentKind};
use std::borrow::Cow;
use std::fmt;
use std::iter::{Copied, Peekable, Zip};
use std::ops::RangeFrom;
use std::slice;

/// Where a text is not canonical, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseError {
    /// The line, from 1. Where a fact is missing, or facts do not fit, the first line about that subject.
    pub line: usize,
    /// What is wrong there.
    pub why: ParseErrorKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The text does not end in a line feed.
    Unfinished,
    /// It is not written in version 1 of the grammar.
    Version,
    /// The line is not greater than the one before.
    Order,
    /// It is no fact of the grammar, or not in the form that the writer gives it.
    Unknown,
    /// It says again what can be said once.
    Double,
    /// A fact is missing.
    Missing,
    /// It names an attribute that the registry does not declare.
    Undeclared,
    /// The facts about an attribute do not go together.
    Misfit,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            ParseErrorKind::Unfinished => "the text does not end in a line feed",
            ParseErrorKind::Version => "it is not version 1 of the grammar",
            ParseErrorKind::Order => "it is not sorted, or repeated",
            ParseErrorKind::Unknown => "it is no fact of the grammar",
            ParseErrorKind::Double => "it is said twice",
            ParseErrorKind::Missing => "a fact is missing",
            ParseErrorKind::Undeclared => "the attribute is not declared",
            ParseErrorKind::Misfit => "the facts do not go together",
        };
        write!(f, "line {}: {why}", self.line)
    }
}

impl std::error::Error for ParseError {}

/// The terms of each registry in a text, in its order.
pub(super) fn read(text: &str) -> Result<Vec<RegistryFacts<'_>>, ParseError> {
    let Some(body) = text.strip_suffix('\n') else {
        return Err(ParseError { line: text.split('\n').count(), why: ParseErrorKind::Unfinished });
    };
    let lines: Vec<&str> = body.split('\n').collect();
    let (mut found, mut first) = (Vec::<RegistryFacts<'_>>::new(), 1);
    for lines in lines.split(|line| line.is_empty()) {
        let terms = registry(lines, first)?;
        if found.iter().any(|other| other.app_id == terms.app_id) {
            return Err(ParseError { line: first, why: ParseErrorKind::Double });
        }
        found.push(terms);
        first += lines.len() + 1;
    }
    Ok(found)
}

/// The lines that are left, with their numbers.
type Lines<'l, 'a> = Peekable<Zip<RangeFrom<usize>, Copied<slice::Iter<'l, &'a str>>>>;

/// What lines are about.
struct Topic<'a> {
    /// The number of the first, from 1.
    line: usize,
    /// How each begins, up to its fact.
    start: &'a str,
    /// The name in it.
    name: Cow<'a, str>,
}

fn registry<'a>(lines: &[&'a str], first: usize) -> Result<RegistryFacts<'a>, ParseError> {
    let numbered = || (first..).zip(lines.iter().copied());
    let version = numbered().find(|(_, text)| text.starts_with("registry "));
    if version.is_none_or(|(_, text)| text != "registry 1") {
        return Err(ParseError { line: version.map_or(first, |(line, _)| line), why: ParseErrorKind::Version });
    }
    let unsorted = numbered().skip(1).zip(numbered()).find(|((_, text), (_, last))| text <= last);
    if let Some(((line, _), _)) = unsorted {
        return Err(ParseError { line, why: ParseErrorKind::Order });
    }
    let mut terms = RegistryFacts::new();
    let (mut lines, mut words) = (numbered().peekable(), Vec::new());
    while let Some((line, text)) = lines.peek().copied() {
        let wrong = |why| ParseError { line, why };
        let mut left = Line(Some(text));
        let word = left.word().map_err(wrong)?;
        let mut topic = || {
            let name = left.name().map_err(wrong)?;
            let start = text.strip_suffix(left.0.unwrap_or_default()).unwrap_or(text);
            Ok(Topic { line, start, name })
        };
        match word {
            "attribute" => terms.attributes.push(attribute(&mut lines, topic()?)?),
            "event" => terms.events.push(signal(&mut lines, SignalKind::Event, topic()?, &terms.attributes)?),
            "span" => terms.spans.push(signal(&mut lines, SignalKind::Span, topic()?, &terms.attributes)?),
            "service" => service(&mut lines, line, &mut terms)?,
            _ => {
                lines.next();
                let twice = words.last() == Some(&word);
                single(word, left, &mut terms, twice).map_err(wrong)?;
            }
        }
        words.push(word);
    }
    hold(&words, &["schema_url", "service"]).map_err(|why| ParseError { line: first, why })?;
    Ok(terms)
}

/// A fact that is a line of its own.
fn single<'a>(
    word: &str,
    mut line: Line<'a>,
    terms: &mut RegistryFacts<'a>,
    twice: bool,
) -> Result<(), ParseErrorKind> {
    match word {
        "resource" => terms.resource.push(declared(&mut line, &terms.attributes)?),
        _ if twice => return Err(ParseErrorKind::Double),
        "schema_url" => terms.schema_url = line.string()?,
        "registry" if line.0 == Some("1") => line.0 = None,
        _ => return Err(ParseErrorKind::Unknown),
    }
    line.end()
}

/// Reads the facts of one subject, and gives their words.
fn facts<'a>(
    lines: &mut Lines<'_, 'a>,
    start: &str,
    mut read: impl FnMut(&'a str, &mut Line<'a>) -> Result<(), ParseErrorKind>,
) -> Result<Vec<&'a str>, ParseError> {
    let mut words = Vec::new();
    while let Some((number, text)) = lines.next_if(|(_, text)| text.starts_with(start)) {
        let mut line = Line(text.get(start.len()..));
        let mut fact = || {
            let word = line.word()?;
            if words.last() == Some(&word) && !["attribute", "below", "member"].contains(&word) {
                return Err(ParseErrorKind::Double);
            }
            words.push(word);
            read(word, &mut line)?;
            line.end()
        };
        fact().map_err(|why| ParseError { line: number, why })?;
    }
    Ok(words)
}

/// Whether all needed words are there.
fn hold(words: &[&str], needed: &[&str]) -> Result<(), ParseErrorKind> {
    if needed.iter().all(|needed| words.contains(needed)) { Ok(()) } else { Err(ParseErrorKind::Missing) }
}

/// The key of an attribute that was declared before.
fn declared<'a>(line: &mut Line<'a>, attributes: &[Attribute<'_>]) -> Result<Cow<'a, str>, ParseErrorKind> {
    let key = line.name()?;
    let found = attributes.binary_search_by(|attribute| attribute.key.cmp(&key));
    found.map(|_| key).map_err(|_| ParseErrorKind::Undeclared)
}

fn service<'a>(lines: &mut Lines<'_, 'a>, first: usize, terms: &mut RegistryFacts<'a>) -> Result<(), ParseError> {
    let words = facts(lines, "service ", |fact, line| {
        match fact {
            "app_id" => terms.app_id = line.string()?,
            "because" => terms.because = Some(line.string()?),
            "client_address" => terms.client_address = line.among(&[("three_octets", true)])?,
            "controller" => terms.controller = line.string()?,
            "endpoint" => terms.endpoint = line.string()?,
            "link" => terms.link = Some(line.string()?),
            "name" => terms.name = line.string()?,
            "rotate" => terms.rotate = line.among(Rotation::WORDS)?,
            "time" => terms.time = line.among(TimeResolution::WORDS)?,
            _ => return Err(ParseErrorKind::Unknown),
        }
        Ok(())
    })?;
    let needed = ["app_id", "controller", "endpoint", "name", "rotate", "time"];
    hold(&words, &needed).map_err(|why| ParseError { line: first, why })
}

fn signal<'a>(
    lines: &mut Lines<'_, 'a>,
    is: SignalKind,
    topic: Topic<'a>,
    attributes: &[Attribute<'_>],
) -> Result<Signal<'a>, ParseError> {
    let mut found = Signal::new(is, topic.name);
    let words = facts(lines, topic.start, |fact, line| {
        match fact {
            "at_most" => {
                // What is not limited has no such fact.
                let limit = u32::try_from(line.number()?).ok().filter(|limit| *limit < u32::MAX);
                found.at_most = limit.ok_or(ParseErrorKind::Unknown)?;
            }
            "attribute" => {
                let key = declared(line, attributes)?;
                if found.carries.last().is_some_and(|(last, _)| *last == key) {
                    return Err(ParseErrorKind::Double);
                }
                found.carries.push((key, line.among(RequirementLevel::WORDS)?));
            }
            "because" => found.because = Some(line.string()?),
            "brief" => found.brief = line.string()?,
            "kind" if is == SignalKind::Span => found.kind = line.among(SpanKind::WORDS)?,
            "time" => found.time = line.among(TimeResolution::WORDS)?,
            _ => return Err(ParseErrorKind::Unknown),
        }
        Ok(())
    })?;
    let needed: &[&str] = match is {
        SignalKind::Span => &["brief", "kind", "time"],
        SignalKind::Event => &["brief", "time"],
    };
    hold(&words, needed).map_err(|why| ParseError { line: topic.line, why })?;
    Ok(found)
}

fn attribute<'a>(lines: &mut Lines<'_, 'a>, topic: Topic<'a>) -> Result<Attribute<'a>, ParseError> {
    let mut found = Attribute::new(topic.name);
    let (mut way, mut wire) = (None, "");
    let words = facts(lines, topic.start, |fact, line| {
        match fact {
            "absent" => found.absent = Some(line.string()?),
            "because" => found.because = Some(line.string()?),
            "below" => found.below.push((line.number()?, line.string()?)),
            "brief" => found.brief = line.string()?,
            "field" => found.field = Some(line.string()?),
            "from" => way = Some(line.among(TreatmentKind::WORDS)?),
            "max" => found.max = Some(line.number()?),
            "member" => found.members.push(line.string()?),
            "normalize" => found.normalize = Some(line.among(Normalize::WORDS)?),
            "otherwise" => found.otherwise = Some(line.string()?),
            "rest" => found.rest = Some(line.string()?),
            "type" => wire = line.word()?,
            _ => return Err(ParseErrorKind::Unknown),
        }
        Ok(())
    })?;
    // Their quotes and escapes are sorted in the text, not they.
    found.members.sort();
    found.below.sort();
    let wrong = |why| ParseError { line: topic.line, why };
    found.way = way.ok_or(wrong(ParseErrorKind::Missing))?;
    fit(&found, wire, &words).map_err(wrong)?;
    Ok(found)
}

/// Whether the facts about an attribute, and their words, go together.
fn fit(found: &Attribute<'_>, wire: &str, words: &[&str]) -> Result<(), ParseErrorKind> {
    let (needs, may) = own_facts(found.way);
    hold(words, &["brief", "type"])?;
    hold(words, needs)?;
    let common = ["because", "brief", "field", "from", "type"];
    let may = |word: &&str| common.contains(word) || needs.contains(word) || may.contains(word);
    let is_member = |value: &Cow<'_, str>| found.members.binary_search(value).is_ok();
    let fits = words.iter().all(may)
        && wire == found.way.type_word(!found.members.is_empty())
        && found.otherwise.iter().chain(&found.absent).all(is_member)
        && found.field.as_ref() != Some(&found.key)
        && found.max.is_none_or(|max| max >= 0)
        && found.below.is_sorted_by(|(one, _), (next, _)| one < next);
    if fits { Ok(()) } else { Err(ParseErrorKind::Misfit) }
}

/// The facts that a treatment needs, beside those of every attribute, and the facts that it may have.
fn own_facts(kind: TreatmentKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        TreatmentKind::Enum => (&["member"], &["otherwise"]),
        TreatmentKind::Bucket => (&["rest"], &["below"]),
        TreatmentKind::UriScheme => (&["member"], &["absent", "otherwise"]),
        TreatmentKind::Agent | TreatmentKind::Names => (&["member"], &[]),
        TreatmentKind::Count => (&["max"], &[]),
        TreatmentKind::Sha256 => (&["normalize"], &[]),
        TreatmentKind::Given(_) => (&[], &["member"]),
        TreatmentKind::Boolean | TreatmentKind::Hash | TreatmentKind::Version | TreatmentKind::Location => (&[], &[]),
    }
}
