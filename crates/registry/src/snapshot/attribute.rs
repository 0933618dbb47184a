//! The facts about an attribute: from the tables and in the text.

use super::line::Line;
use super::parse_error::{ParseError, ParseErrorKind};
use super::reader::{Lines, Topic, facts, hold};
use super::writer::{Writer, string};
use crate as tables;
use crate::{Normalize, TreatmentKind};
use std::borrow::Cow;

/// An attribute: each fact that may be said of one. Those that its treatment does not have are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) key: Cow<'a, str>,
    pub(super) way: TreatmentKind,
    pub(super) brief: Cow<'a, str>,
    pub(super) because: Option<Cow<'a, str>>,
    /// None: it is the key.
    pub(super) field: Option<Cow<'a, str>>,
    /// Sorted, without those of buckets.
    pub(super) members: Vec<Cow<'a, str>>,
    pub(super) otherwise: Option<Cow<'a, str>>,
    pub(super) absent: Option<Cow<'a, str>>,
    /// The exclusive bounds of the buckets, growing, each with its label.
    pub(super) below: Vec<(i64, Cow<'a, str>)>,
    /// The label of the bucket without a bound.
    pub(super) rest: Option<Cow<'a, str>>,
    pub(super) max: Option<i64>,
    pub(super) normalize: Option<Normalize>,
}

impl<'a> Attribute<'a> {
    /// One of which nothing but the key is known yet.
    fn new(key: Cow<'a, str>) -> Self {
        Self {
            key,
            way: TreatmentKind::Boolean,
            brief: Cow::default(),
            because: None,
            field: None,
            members: Vec::new(),
            otherwise: None,
            absent: None,
            below: Vec::new(),
            rest: None,
            max: None,
            normalize: None,
        }
    }

    /// What the tables say.
    pub(super) fn of(found: &tables::Attribute<'a>) -> Self {
        let mut facts = Self::new(found.key.into());
        facts.way = found.treatment.kind();
        facts.brief = found.brief.into();
        facts.because = found.because.map(Cow::Borrowed);
        facts.field = (found.field != found.key).then(|| found.field.into());
        let member = |members: &[&'a str], index: Option<u16>| {
            index.and_then(|index| members.get(usize::from(index))).map(|member| Cow::from(*member))
        };
        let mut members = found.treatment.members();
        match found.treatment {
            tables::Treatment::Enum { otherwise, .. } => facts.otherwise = member(members, otherwise),
            tables::Treatment::UriScheme { otherwise, absent, .. } => {
                facts.otherwise = member(members, otherwise);
                facts.absent = member(members, absent);
            }
            tables::Treatment::Bucket { below, .. } => {
                facts.below = below.iter().copied().zip(members.iter().map(|member| Cow::from(*member))).collect();
                facts.rest = members.get(below.len()).map(|member| Cow::from(*member));
                members = &[];
            }
            tables::Treatment::Count { max } => facts.max = Some(max),
            tables::Treatment::Sha256 { normalize } => facts.normalize = Some(normalize),
            tables::Treatment::Boolean
            | tables::Treatment::Agent { .. }
            | tables::Treatment::Names { .. }
            | tables::Treatment::Hash
            | tables::Treatment::Version
            | tables::Treatment::Location { .. }
            | tables::Treatment::Given { .. } => {}
        }
        facts.members = members.iter().map(|member| Cow::from(*member)).collect();
        facts.members.sort();
        facts.members.dedup();
        facts
    }

    /// What the lines from here on say.
    pub(super) fn read(lines: &mut Lines<'_, 'a>, topic: Topic<'a>) -> Result<Self, ParseError> {
        let mut found = Self::new(topic.name);
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
        found.fit(wire, &words).map_err(wrong)?;
        Ok(found)
    }

    /// Whether the facts about an attribute, and their words, go together.
    fn fit(&self, wire: &str, words: &[&str]) -> Result<(), ParseErrorKind> {
        let (needs, may) = own_facts(self.way);
        hold(words, &["brief", "type"])?;
        hold(words, needs)?;
        let common = ["because", "brief", "field", "from", "type"];
        let may = |word: &&str| common.contains(word) || needs.contains(word) || may.contains(word);
        let is_member = |value: &Cow<'_, str>| self.members.binary_search(value).is_ok();
        let fits = words.iter().all(may)
            && wire == self.way.type_word(!self.members.is_empty())
            && self.otherwise.iter().chain(&self.absent).all(is_member)
            && self.field.as_ref() != Some(&self.key)
            && self.max.is_none_or(|max| max >= 0)
            && self.below.is_sorted_by(|(one, _), (next, _)| one < next);
        if fits { Ok(()) } else { Err(ParseErrorKind::Misfit) }
    }

    /// Writes them.
    pub(super) fn write(&self, lines: &mut Vec<String>) {
        let lines = &mut Writer { start: format!("attribute {}", string(&self.key)), lines };
        lines.fact("type", self.way.type_word(!self.members.is_empty()));
        lines.fact("from", self.way.word());
        lines.texts("brief", [&self.brief]);
        lines.texts("because", &self.because);
        lines.texts("field", &self.field);
        lines.texts("member", &self.members);
        lines.texts("otherwise", &self.otherwise);
        lines.texts("absent", &self.absent);
        self.below.iter().for_each(|(bound, label)| lines.fact("below", format_args!("{bound} {}", string(label))));
        lines.texts("rest", &self.rest);
        self.max.iter().for_each(|max| lines.fact("max", max));
        self.normalize.iter().for_each(|normalize| lines.fact("normalize", normalize.word()));
    }

    /// Whether it is set by the pipeline and has no members: any text of its source.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.way, TreatmentKind::Given(_)) && self.members.is_empty()
    }
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

/// The key of an attribute that was declared before.
pub(super) fn declared<'a>(line: &mut Line<'a>, attributes: &[Attribute<'_>]) -> Result<Cow<'a, str>, ParseErrorKind> {
    let key = line.name()?;
    let found = attributes.binary_search_by(|attribute| attribute.key.cmp(&key));
    found.map(|_| key).map_err(|_| ParseErrorKind::Undeclared)
}
