//! The facts of a span or an event: from the tables, in the text, and compared.

use super::attribute::{AttributeFacts, declared};
use super::change::{ChangeKind, Direction};
use super::ends::own;
use super::parse_error::{ParseError, ParseErrorKind};
use super::reader::{Lines, Topic, facts, hold};
use super::report::{About, Pair, more, pairs};
use super::writer::{Writer, string};
use crate as tables;
use crate::{Expiry, Purpose, Registry, RequirementLevel, SignalKind, SpanKind, TimeResolution};
use Direction::{Narrower, Other, Wider};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// A span or an event with its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignalFacts<'a> {
    is: SignalKind,
    pub(super) name: Cow<'a, str>,
    brief: Cow<'a, str>,
    because: Option<Cow<'a, str>>,
    /// Without what the service's is no later than.
    pub(super) expires: Expiry,
    pub(super) purpose: Cow<'a, str>,
    /// The kind of a span; internal for an event.
    pub(super) kind: SpanKind,
    pub(super) time: TimeResolution,
    /// `None` if it is that of times.
    pub(super) duration: Option<TimeResolution>,
    /// `u32::MAX` means no limit.
    pub(super) at_most: u32,
    /// The keys it may carry, sorted.
    pub(super) carries: Vec<(Cow<'a, str>, RequirementLevel)>,
}

impl<'a> SignalFacts<'a> {
    /// A signal without facts but its name.
    fn new(is: SignalKind, name: Cow<'a, str>) -> Self {
        Self {
            is,
            name,
            brief: Cow::default(),
            because: None,
            expires: Expiry::NEVER,
            purpose: Purpose::USAGE.into(),
            kind: SpanKind::Internal,
            time: TimeResolution::Day,
            duration: None,
            at_most: u32::MAX,
            carries: Vec::new(),
        }
    }

    /// The facts in the tables.
    pub(super) fn of(is: SignalKind, found: &tables::Signal<'a>, registry: &Registry<'a>) -> Self {
        let key = |index: u16| registry.attribute(index).map_or("", |attribute| attribute.key);
        let mut facts = Self::new(is, found.name.into());
        facts.brief = found.brief.into();
        facts.because = found.because.map(Cow::Borrowed);
        facts.expires = own(found.expires, registry.service.expires);
        facts.purpose = registry.purpose(found).into();
        facts.time = found.time;
        facts.at_most = found.at_most;
        if is == SignalKind::Span {
            facts.kind = found.kind;
            facts.duration = Some(found.duration).filter(|own| *own != found.time);
        }
        facts.carries = found.attributes.iter().map(|used| (key(used.attribute).into(), used.level)).collect();
        facts.carries.sort_by(|(one, _), (other, _)| one.cmp(other));
        facts
    }

    /// Reads the facts in the next lines.
    pub(super) fn read(
        lines: &mut Lines<'_, 'a>,
        is: SignalKind,
        topic: Topic<'a>,
        attributes: &[AttributeFacts<'_>],
    ) -> Result<Self, ParseError> {
        let mut found = Self::new(is, topic.name);
        let words = facts(lines, topic.start, |fact, line| {
            match fact {
                "at_most" => {
                    // A signal without a limit has no such fact.
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
                "expires" => found.expires.date = Some(line.date()?),
                "expires_version" => found.expires.version = Some(line.version()?),
                "kind" if is == SignalKind::Span => found.kind = line.among(SpanKind::WORDS)?,
                "purpose" => {
                    // That of usage is not written.
                    let purpose = Some(line.purpose()?).filter(|purpose| *purpose != Purpose::USAGE);
                    found.purpose = purpose.ok_or(ParseErrorKind::Unknown)?.into();
                }
                "time" => found.time = line.among(TimeResolution::WORDS)?,
                "duration" if is == SignalKind::Span => found.duration = Some(line.among(TimeResolution::WORDS)?),
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

    /// Writes the facts.
    pub(super) fn write(&self, lines: &mut Vec<String>) {
        let lines = &mut Writer { start: format!("{} {}", self.is.word(), string(&self.name)), lines };
        lines.texts("brief", [&self.brief]);
        lines.texts("because", &self.because);
        lines.expiry(self.expires);
        if self.purpose != Purpose::USAGE {
            lines.fact("purpose", &self.purpose);
        }
        lines.fact("time", self.time.word());
        if let Some(duration) = self.duration {
            lines.fact("duration", duration.word());
        }
        if self.is == SignalKind::Span {
            lines.fact("kind", self.kind.word());
        }
        if self.at_most < u32::MAX {
            lines.fact("at_most", self.at_most);
        }
        for (key, level) in &self.carries {
            lines.fact("attribute", format_args!("{} {}", string(key), level.word()));
        }
    }
}

pub(super) fn compare(
    old: &SignalFacts<'_>,
    new: &SignalFacts<'_>,
    (before, now): (Expiry, Expiry),
    about: &mut About<'_, '_>,
) -> ControlFlow<()> {
    for pair in pairs(&old.carries, &new.carries, |(key, _)| key) {
        let (Pair::Gone((key, _)) | Pair::New((key, _)) | Pair::Both(_, (key, _))) = pair;
        let key = key.escape_debug();
        match pair {
            Pair::New((_, RequirementLevel::OptIn)) => {
                about.say(Wider, ChangeKind::Carried, format_args!("now also carries {key} if the program opts in"))?;
            }
            Pair::New(_) => about.say(Wider, ChangeKind::Carried, format_args!("now also carries {key}"))?,
            Pair::Gone(_) => about.say(Narrower, ChangeKind::Carried, format_args!("no longer carries {key}"))?,
            Pair::Both((_, before), (_, now)) if before == now => {}
            Pair::Both((_, RequirementLevel::OptIn), _) => {
                about.say(
                    Wider,
                    ChangeKind::Level,
                    format_args!("now carries {key}, before only if the program opted in"),
                )?;
            }
            Pair::Both(_, (_, RequirementLevel::OptIn)) => {
                about.say(
                    Narrower,
                    ChangeKind::Level,
                    format_args!("now carries {key} only if the program opts in"),
                )?;
            }
            Pair::Both(_, (_, RequirementLevel::Required)) => {
                about.say(Other, ChangeKind::Level, format_args!("now requires {key}"))?;
            }
            Pair::Both(_, (_, RequirementLevel::Recommended)) => {
                about.say(Other, ChangeKind::Level, format_args!("no longer requires {key}"))?;
            }
        }
    }
    about.resolutions((old.time, old.duration), (new.time, new.duration))?;
    if let Some(direction) = more(old.at_most, new.at_most) {
        let (before, now) = (limit(old.at_most), limit(new.at_most));
        about.say(
            direction,
            ChangeKind::AtMost,
            format_args!("is now reported {now} by a process, before {before}"),
        )?;
    }
    if old.kind != new.kind {
        let (before, now) = (old.kind.word(), new.kind.word());
        about.say(Other, ChangeKind::Kind, format_args!("is now of the kind {now}, before {before}"))?;
    }
    about.expiry((old.expires, before), (new.expires, now))?;
    if old.purpose != new.purpose {
        // It may never have been agreed to for this one.
        let (before, now) = (&old.purpose, &new.purpose);
        about.say(Wider, ChangeKind::Purpose, format_args!("is now for {now}, before for {before}"))?;
    }
    about.brief(&old.brief, &new.brief)?;
    about.because(old.because.as_deref(), new.because.as_deref())
}

fn limit(at_most: u32) -> Cow<'static, str> {
    match at_most {
        u32::MAX => "without limit".into(),
        1 => "at most once".into(),
        _ => format!("at most {at_most} times").into(),
    }
}
