//! The facts of one registry: from the tables, in the text, and compared.

use super::attribute::{self, AttributeFacts, declared, treated};
use super::change::{ChangeKind, Direction};
use super::ends::own;
use super::line::Line;
use super::parse_error::{ParseError, ParseErrorKind};
use super::reader::{Topic, hold};
use super::report::{About, Pair, Report, pairs};
use super::service::{self, ServiceFacts};
use super::signal::{self, SignalFacts};
use super::words::{List, Subject};
use super::writer::{Writer, string};
use crate::{Purpose, Registry, SignalKind};
use Direction::{Narrower, Other, Wider};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// The facts of one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RegistryFacts<'a> {
    schema_url: Cow<'a, str>,
    pub(super) service: ServiceFacts<'a>,
    /// The keys of the resource, sorted.
    pub(super) resource: Vec<Cow<'a, str>>,
    /// The registry's own descriptions of the purposes that it has, sorted by name; the other purposes have common ones.
    pub(super) described: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Sorted by key.
    pub(super) attributes: Vec<AttributeFacts<'a>>,
    /// Sorted by name.
    pub(super) spans: Vec<SignalFacts<'a>>,
    /// Sorted by name.
    pub(super) events: Vec<SignalFacts<'a>>,
}

impl<'a> RegistryFacts<'a> {
    /// A registry without facts.
    fn new() -> Self {
        Self {
            schema_url: Cow::default(),
            service: ServiceFacts::new(),
            resource: Vec::new(),
            described: Vec::new(),
            attributes: Vec::new(),
            spans: Vec::new(),
            events: Vec::new(),
        }
    }

    /// The facts in the tables.
    pub(super) fn of(registry: &Registry<'a>) -> Self {
        let key = |index: u16| registry.attribute(index).map_or("", |attribute| attribute.key);
        let signals = |is| {
            let mut signals: Vec<_> =
                registry.signals(is).iter().map(|found| SignalFacts::of(is, found, registry)).collect();
            signals.sort_by(|one, other| one.name.cmp(&other.name));
            signals
        };
        let mut resource: Vec<Cow<'_, str>> = registry.resource.iter().map(|index| key(*index).into()).collect();
        resource.sort();
        let mut attributes: Vec<_> =
            registry.attributes.iter().map(|found| AttributeFacts::of(found, registry.service.expires)).collect();
        attributes.sort_by(|one, other| one.key.cmp(&other.key));
        let purposes = registry.purposes();
        let described = purposes.iter().filter(|purpose| Purpose::common(purpose.name) != Some(purpose.brief));
        Self {
            schema_url: registry.schema_url.into(),
            service: ServiceFacts::of(&registry.service),
            resource,
            described: described.map(|purpose| (purpose.name.into(), purpose.brief.into())).collect(),
            attributes,
            spans: signals(SignalKind::Span),
            events: signals(SignalKind::Event),
        }
    }

    /// Reads the facts in the lines of one registry; `first` is the number of the first line.
    fn read(lines: &[&'a str], first: usize) -> Result<Self, ParseError> {
        let numbered = || (first..).zip(lines.iter().copied());
        let version = numbered().find(|(_, text)| text.starts_with("registry "));
        if version.is_none_or(|(_, text)| text != "registry 1") {
            return Err(ParseError { line: version.map_or(first, |(line, _)| line), why: ParseErrorKind::Version });
        }
        let unsorted = numbered().skip(1).zip(numbered()).find(|((_, text), (_, last))| text <= last);
        if let Some(((line, _), _)) = unsorted {
            return Err(ParseError { line, why: ParseErrorKind::Order });
        }
        let mut found = Self::new();
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
                "attribute" => found.attributes.push(AttributeFacts::read(&mut lines, topic()?)?),
                "event" => {
                    found.events.push(SignalFacts::read(&mut lines, SignalKind::Event, topic()?, &found.attributes)?)
                }
                "span" => {
                    found.spans.push(SignalFacts::read(&mut lines, SignalKind::Span, topic()?, &found.attributes)?)
                }
                "service" => found.service = ServiceFacts::read(&mut lines, line)?,
                _ => {
                    lines.next();
                    let twice = words.last() == Some(&word);
                    found.single(word, left, twice).map_err(wrong)?;
                }
            }
            words.push(word);
        }
        let wrong = |why| ParseError { line: first, why };
        hold(&words, &["schema_url", "service"]).map_err(wrong)?;
        found.fit().map_err(wrong)?;
        Ok(found)
    }

    /// Reads a fact that has a line of its own.
    fn single(&mut self, word: &str, mut line: Line<'a>, twice: bool) -> Result<(), ParseErrorKind> {
        match word {
            "purpose" => {
                let name = line.purpose()?;
                if self.described.last().is_some_and(|(last, _)| last == name) {
                    return Err(ParseErrorKind::Double);
                }
                self.described.push((name.into(), line.string()?));
            }
            "resource" => self.resource.push(declared(&mut line, &self.attributes)?),
            _ if twice => return Err(ParseErrorKind::Double),
            "schema_url" => self.schema_url = line.string()?,
            "registry" if line.0 == Some("1") => line.0 = None,
            _ => return Err(ParseErrorKind::Unknown),
        }
        line.end()
    }

    /// Checks that no fact contradicts another or repeats what follows from the others.
    fn fit(&self) -> Result<(), ParseErrorKind> {
        let signals = self.spans.iter().chain(&self.events).map(|signal| signal.expires);
        let mut ends = self.attributes.iter().map(|attribute| attribute.expires).chain(signals);
        let purposes = self.purposes();
        let is_common = |name: &str, brief: &str| Purpose::common(name) == Some(brief);
        let is_used = |name: &str| purposes.binary_search(&name).is_ok();
        let fits = ends.all(|end| own(end, self.service.expires) == end)
            && self.described.iter().all(|(name, brief)| is_used(name) && !is_common(name, brief));
        if !fits {
            return Err(ParseErrorKind::Misfit);
        }
        let is_described = |name: &&str| Purpose::common(name).is_some() || self.description(name).is_some();
        if purposes.iter().all(is_described) { Ok(()) } else { Err(ParseErrorKind::Missing) }
    }

    /// The names of all purposes, sorted.
    pub(super) fn purposes(&self) -> Vec<&str> {
        let signals = self.spans.iter().chain(&self.events).map(|signal| signal.purpose.as_ref());
        let mut names: Vec<_> =
            self.attributes.iter().filter_map(|found| found.purpose.as_deref()).chain(signals).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The registry's own description of a purpose.
    pub(super) fn description(&self, name: &str) -> Option<&str> {
        self.described.iter().find(|(described, _)| described == name).map(|(_, brief)| brief.as_ref())
    }

    /// The canonical text.
    pub(super) fn write(&self) -> String {
        let mut lines = vec!["registry 1\n".to_owned(), format!("schema_url {}\n", string(&self.schema_url))];
        lines.extend(self.resource.iter().map(|key| format!("resource {}\n", string(key))));
        lines.extend(self.described.iter().map(|(name, brief)| format!("purpose {name} {}\n", string(brief))));
        self.service.write(&mut Writer { start: "service".to_owned(), lines: &mut lines });
        self.attributes.iter().for_each(|attribute| attribute.write(&mut lines));
        self.spans.iter().chain(&self.events).for_each(|signal| signal.write(&mut lines));
        lines.sort_unstable();
        lines.concat()
    }
}

/// Reads the facts of each registry in a text, in the order of the text.
pub(super) fn read(text: &str) -> Result<Vec<RegistryFacts<'_>>, ParseError> {
    let Some(body) = text.strip_suffix('\n') else {
        return Err(ParseError { line: text.split('\n').count(), why: ParseErrorKind::Unfinished });
    };
    let lines: Vec<&str> = body.split('\n').collect();
    let (mut found, mut first) = (Vec::<RegistryFacts<'_>>::new(), 1);
    for lines in lines.split(|line| line.is_empty()) {
        let terms = RegistryFacts::read(lines, first)?;
        if found.iter().any(|other| other.service.app_id == terms.service.app_id) {
            return Err(ParseError { line: first, why: ParseErrorKind::Double });
        }
        found.push(terms);
        first += lines.len() + 1;
    }
    Ok(found)
}

pub(super) fn compare(old: &RegistryFacts<'_>, new: &RegistryFacts<'_>, report: &mut Report<'_>) -> ControlFlow<()> {
    let mut about = About { subject: Subject::Registry(&new.service.app_id), report };
    service::compare(&old.service, &new.service, &mut about)?;
    if old.schema_url != new.schema_url {
        about.say(Other, ChangeKind::SchemaUrl, format_args!("now has the schema URL {:?}", new.schema_url))?;
    }
    purposes(old, new, &mut about)?;
    for pair in pairs(&old.resource, &new.resource, |key| key) {
        let mut about = About { subject: Subject::Resource(&new.service.app_id), report };
        match pair {
            Pair::New(key) => {
                about.say(Wider, ChangeKind::Carried, format_args!("now also carries {}", key.escape_debug()))?
            }
            Pair::Gone(key) => {
                about.say(Narrower, ChangeKind::Carried, format_args!("no longer carries {}", key.escape_debug()))?;
            }
            Pair::Both(..) => {}
        }
    }
    let ends = (old.service.expires, new.service.expires);
    for pair in pairs(&old.attributes, &new.attributes, |attribute| &attribute.key) {
        let (Pair::Gone(one) | Pair::New(one) | Pair::Both(_, one)) = pair;
        let mut about = About { subject: Subject::Attribute(&one.key), report };
        match pair {
            Pair::New(now) => about.say(Wider, ChangeKind::Attribute, format_args!("is new: {}", treated(now)))?,
            Pair::Gone(_) => about.say(Narrower, ChangeKind::Attribute, format_args!("is no longer declared"))?,
            Pair::Both(before, now) if before != now => attribute::compare(before, now, ends, &mut about)?,
            Pair::Both(..) => {}
        }
    }
    for (is, old, new) in [(SignalKind::Span, &old.spans, &new.spans), (SignalKind::Event, &old.events, &new.events)] {
        for pair in pairs(old, new, |signal| &signal.name) {
            let (Pair::Gone(one) | Pair::New(one) | Pair::Both(_, one)) = pair;
            let mut about = About { subject: Subject::Signal(is, &one.name), report };
            match pair {
                Pair::New(now) if now.carries.is_empty() => {
                    about.say(Wider, ChangeKind::Signal, format_args!("is new"))?
                }
                Pair::New(now) => {
                    let keys = List(now.carries.iter().map(|(key, _)| key));
                    about.say(Wider, ChangeKind::Signal, format_args!("is new, and carries {keys}"))?;
                }
                Pair::Gone(_) => about.say(Narrower, ChangeKind::Signal, format_args!("is gone"))?,
                Pair::Both(before, now) if before != now => signal::compare(before, now, ends, &mut about)?,
                Pair::Both(..) => {}
            }
        }
    }
    ControlFlow::Continue(())
}

/// Compares the purposes that a person is asked about. Another description is wider: a yes was given to the old one.
fn purposes(old: &RegistryFacts<'_>, new: &RegistryFacts<'_>, about: &mut About<'_, '_>) -> ControlFlow<()> {
    for pair in pairs(&old.purposes(), &new.purposes(), |name| name) {
        match pair {
            Pair::New(name) => about.say(Wider, ChangeKind::Purpose, format_args!("now also collects for {name}"))?,
            Pair::Gone(name) => {
                about.say(Narrower, ChangeKind::Purpose, format_args!("no longer collects for {name}"))?
            }
            Pair::Both(_, name) if old.description(name) != new.description(name) => {
                let now = new.description(name).or_else(|| Purpose::common(name)).unwrap_or_default();
                about.say(Wider, ChangeKind::Purpose, format_args!("now describes the purpose {name} as {now:?}"))?;
            }
            Pair::Both(..) => {}
        }
    }
    ControlFlow::Continue(())
}
