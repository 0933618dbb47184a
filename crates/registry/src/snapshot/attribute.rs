//! The facts of an attribute: from the tables, in the text, and compared.

use super::change::{ChangeKind, Direction};
use super::ends::own;
use super::line::Line;
use super::parse_error::{ParseError, ParseErrorKind};
use super::reader::{Lines, Topic, facts, hold};
use super::report::{About, Pair, more, pairs};
use super::writer::{Writer, string};
use crate as tables;
use crate::treatment::integer;
use crate::{Expiry, Normalize, Source, TreatmentKind};
use Direction::{Narrower, Other, Wider};
use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;

/// An attribute with the facts of every treatment; those of other treatments are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AttributeFacts<'a> {
    pub(super) key: Cow<'a, str>,
    pub(super) way: TreatmentKind,
    pub(super) brief: Cow<'a, str>,
    pub(super) because: Option<Cow<'a, str>>,
    /// Without what the service's is no later than.
    pub(super) expires: Expiry,
    pub(super) purpose: Option<Cow<'a, str>>,
    /// `None` if it is the key.
    pub(super) field: Option<Cow<'a, str>>,
    /// Sorted, without the labels of buckets.
    pub(super) members: Vec<Cow<'a, str>>,
    pub(super) otherwise: Option<Cow<'a, str>>,
    pub(super) absent: Option<Cow<'a, str>>,
    /// The exclusive bounds of the buckets in ascending order, each with its label.
    pub(super) below: Vec<(i64, Cow<'a, str>)>,
    /// The label of the bucket without a bound.
    pub(super) rest: Option<Cow<'a, str>>,
    pub(super) max: Option<i64>,
    pub(super) normalize: Option<Normalize>,
}

impl<'a> AttributeFacts<'a> {
    /// An attribute without facts but its key.
    fn new(key: Cow<'a, str>) -> Self {
        Self {
            key,
            way: TreatmentKind::Boolean,
            brief: Cow::default(),
            because: None,
            expires: Expiry::NEVER,
            purpose: None,
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

    /// The facts in the tables.
    pub(super) fn of(found: &tables::Attribute<'a>, service: Expiry) -> Self {
        let mut facts = Self::new(found.key.into());
        facts.way = found.treatment.kind();
        facts.brief = found.brief.into();
        facts.because = found.because.map(Cow::Borrowed);
        facts.expires = own(found.expires, service);
        facts.purpose = found.purpose.map(Cow::Borrowed);
        facts.field = (found.field != found.key).then(|| found.field.into());
        let member = |members: &[&'a str], index: Option<u16>| {
            index.and_then(|index| members.get(usize::from(index))).map(|member| Cow::from(*member))
        };
        let mut members = found.treatment.members();
        match found.treatment {
            tables::Treatment::Enum { otherwise, .. } | tables::Treatment::IntegerEnum { otherwise, .. } => {
                facts.otherwise = member(members, otherwise);
            }
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

    /// Reads the facts in the next lines.
    pub(super) fn read(lines: &mut Lines<'_, 'a>, topic: Topic<'a>) -> Result<Self, ParseError> {
        let mut found = Self::new(topic.name);
        let (mut way, mut wire) = (None, "");
        let words = facts(lines, topic.start, |fact, line| {
            match fact {
                "absent" => found.absent = Some(line.string()?),
                "because" => found.because = Some(line.string()?),
                "below" => found.below.push((line.number()?, line.string()?)),
                "brief" => found.brief = line.string()?,
                "expires" => found.expires.date = Some(line.date()?),
                "expires_version" => found.expires.version = Some(line.version()?),
                "field" => found.field = Some(line.string()?),
                "from" => way = Some(line.among(TreatmentKind::WORDS)?),
                "max" => found.max = Some(line.number()?),
                "member" => found.members.push(line.string()?),
                "normalize" => found.normalize = Some(line.among(Normalize::WORDS)?),
                "otherwise" => found.otherwise = Some(line.string()?),
                "purpose" => found.purpose = Some(line.purpose()?.into()),
                "rest" => found.rest = Some(line.string()?),
                "type" => wire = line.word()?,
                _ => return Err(ParseErrorKind::Unknown),
            }
            Ok(())
        })?;
        // The text is sorted by its bytes: escaped strings, and numbers as text.
        found.members.sort();
        found.below.sort();
        let wrong = |why| ParseError { line: topic.line, why };
        found.way = way.ok_or(wrong(ParseErrorKind::Missing))?;
        found.fit(wire, &words).map_err(wrong)?;
        Ok(found)
    }

    /// Checks that the facts of an attribute belong together.
    fn fit(&self, wire: &str, words: &[&str]) -> Result<(), ParseErrorKind> {
        let (needs, may) = own_facts(self.way);
        hold(words, &["brief", "type"])?;
        hold(words, needs)?;
        let common = ["because", "brief", "expires", "expires_version", "field", "from", "purpose", "type"];
        let may = |word: &&str| common.contains(word) || needs.contains(word) || may.contains(word);
        let is_member = |value: &Cow<'_, str>| self.members.binary_search(value).is_ok();
        let fits = words.iter().all(may)
            && wire == self.way.wire_type(!self.members.is_empty()).word()
            && (self.way != TreatmentKind::IntegerEnum || self.members.iter().all(|member| integer(member).is_some()))
            && self.otherwise.iter().chain(&self.absent).all(is_member)
            && self.field.as_ref() != Some(&self.key)
            && self.max.is_none_or(|max| max >= 0)
            && self.below.is_sorted_by(|(one, _), (next, _)| one < next);
        if fits { Ok(()) } else { Err(ParseErrorKind::Misfit) }
    }

    /// Writes the facts.
    pub(super) fn write(&self, lines: &mut Vec<String>) {
        let lines = &mut Writer { start: format!("attribute {}", string(&self.key)), lines };
        lines.fact("type", self.way.wire_type(!self.members.is_empty()).word());
        lines.fact("from", self.way.word());
        lines.texts("brief", [&self.brief]);
        lines.texts("because", &self.because);
        lines.expiry(self.expires);
        self.purpose.iter().for_each(|purpose| lines.fact("purpose", purpose));
        lines.texts("field", &self.field);
        lines.texts("member", &self.members);
        lines.texts("otherwise", &self.otherwise);
        lines.texts("absent", &self.absent);
        self.below.iter().for_each(|(bound, label)| lines.fact("below", format_args!("{bound} {}", string(label))));
        lines.texts("rest", &self.rest);
        self.max.iter().for_each(|max| lines.fact("max", max));
        self.normalize.iter().for_each(|normalize| lines.fact("normalize", normalize.word()));
    }

    /// Whether the pipeline sets it and it has no members: then it may be any text of its source.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.way, TreatmentKind::Given(_)) && self.members.is_empty()
    }
}

/// The facts that a treatment requires beside the common ones, and the facts that it allows.
fn own_facts(kind: TreatmentKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        TreatmentKind::Enum | TreatmentKind::IntegerEnum => (&["member"], &["otherwise"]),
        TreatmentKind::Bucket => (&["rest"], &["below"]),
        TreatmentKind::UriScheme => (&["member"], &["absent", "otherwise"]),
        TreatmentKind::Agent | TreatmentKind::Names => (&["member"], &[]),
        TreatmentKind::Count => (&["max"], &[]),
        TreatmentKind::Sha256 => (&["normalize"], &[]),
        TreatmentKind::Given(_) => (&[], &["member"]),
        TreatmentKind::Boolean | TreatmentKind::Hash | TreatmentKind::Version | TreatmentKind::Location => (&[], &[]),
    }
}

/// Reads the key of an attribute that is already declared.
pub(super) fn declared<'a>(
    line: &mut Line<'a>,
    attributes: &[AttributeFacts<'_>],
) -> Result<Cow<'a, str>, ParseErrorKind> {
    let key = line.name()?;
    let found = attributes.binary_search_by(|attribute| attribute.key.cmp(&key));
    found.map(|_| key).map_err(|_| ParseErrorKind::Undeclared)
}

pub(super) fn compare(
    old: &AttributeFacts<'_>,
    new: &AttributeFacts<'_>,
    (before, now): (Expiry, Expiry),
    about: &mut About<'_, '_>,
) -> ControlFlow<()> {
    if old.way != new.way || old.is_free() != new.is_free() {
        let direction =
            if (old.way, new.way) == (TreatmentKind::Sha256, TreatmentKind::Hash) { Narrower } else { Wider };
        let (before, now) = (treated(old), treated(new));
        about.say(direction, ChangeKind::Treatment, format_args!("is now {now}, before {before}"))?;
    } else {
        values(old, new, about)?;
    }
    if old.field != new.field {
        let field = new.field.as_ref().unwrap_or(&new.key).escape_debug();
        about.say(Other, ChangeKind::Field, format_args!("is now recorded in the field {field}"))?;
    }
    about.expiry((old.expires, before), (new.expires, now))?;
    match (&old.purpose, &new.purpose) {
        (None, None) => {}
        // It was sent for the purpose of its signal alone, and now needs a yes to both.
        (None, Some(now)) => about.say(Narrower, ChangeKind::Purpose, format_args!("is now also for {now}"))?,
        (Some(before), None) => about.say(Wider, ChangeKind::Purpose, format_args!("is no longer for {before}"))?,
        (Some(before), Some(now)) if before == now => {}
        (Some(before), Some(now)) => {
            about.say(Wider, ChangeKind::Purpose, format_args!("is now for {now}, before for {before}"))?
        }
    }
    about.brief(&old.brief, &new.brief)?;
    about.because(old.because.as_deref(), new.because.as_deref())
}

/// Compares the values that one treatment lets through.
fn values(old: &AttributeFacts<'_>, new: &AttributeFacts<'_>, about: &mut About<'_, '_>) -> ControlFlow<()> {
    for pair in pairs(&old.members, &new.members, |member| member) {
        match pair {
            Pair::New(member) => about.say(Wider, ChangeKind::Member, format_args!("may now also be {member:?}"))?,
            Pair::Gone(member) => {
                about.say(Narrower, ChangeKind::Member, format_args!("may no longer be {member:?}"))?
            }
            Pair::Both(..) => {}
        }
    }
    for (what, before, now, place) in [
        (ChangeKind::Otherwise, &old.otherwise, &new.otherwise, "for every other value"),
        (ChangeKind::Absent, &old.absent, &new.absent, "where there is no value"),
    ] {
        match now {
            _ if before == now => {}
            Some(now) => about.say(Wider, what, format_args!("is now {now:?} {place}"))?,
            None => about.say(Narrower, what, format_args!("is now withheld {place}"))?,
        }
    }
    if (&old.below, &old.rest) != (&new.below, &new.rest) {
        about.say(buckets(old, new), ChangeKind::Buckets, format_args!("is now {}", Buckets(new)))?;
    }
    if let (Some(before), Some(now)) = (old.max, new.max)
        && let Some(direction) = more(before, now)
    {
        about.say(direction, ChangeKind::Max, format_args!("may now be up to {now}, before up to {before}"))?;
    }
    if let (Some(before), Some(now)) = (old.normalize, new.normalize)
        && before != now
    {
        let direction = match (before, now) {
            (_, Normalize::None) => Wider,
            (Normalize::None, _) => Narrower,
            _ => Other,
        };
        let (before, now) = (hashed(before), hashed(now));
        about.say(direction, ChangeKind::Normalize, format_args!("is now hashed {now}, before {before}"))?;
    }
    ControlFlow::Continue(())
}

/// Buckets are narrower if the old label of a number determines the new one, and equal if only the labels changed. If
/// labels are unique, which `scruple check` requires, the first means: every new bound is an old one.
fn buckets(old: &AttributeFacts<'_>, new: &AttributeFacts<'_>) -> Direction {
    let bounds = old.below.iter().chain(&new.below).map(|(bound, _)| Some(*bound));
    let labels = bounds.chain([None]).map(|bound| (label(old, bound), label(new, bound)));
    let mut labels: Vec<_> = labels.collect();
    labels.sort_unstable();
    labels.dedup();
    let told_apart = |one: &[(_, _)]| matches!(one, [(before, _), (other, _)] if before == other);
    if labels.windows(2).any(told_apart) {
        return Wider;
    }
    let count = labels.len();
    let mut now: Vec<_> = labels.into_iter().map(|(_, now)| now).collect();
    now.sort_unstable();
    now.dedup();
    if now.len() < count { Narrower } else { Other }
}

/// The label of the numbers just below a bound; without one, of the numbers above all bounds.
fn label<'a>(attribute: &'a AttributeFacts<'_>, bound: Option<i64>) -> Option<&'a Cow<'a, str>> {
    let index = attribute.below.partition_point(|(below, _)| bound.is_none_or(|bound| *below < bound));
    attribute.below.get(index).map(|(_, label)| label).or(attribute.rest.as_ref())
}

/// The buckets of an attribute, as in `"few" below 10, else "many"`.
struct Buckets<'a>(&'a AttributeFacts<'a>);

impl fmt::Display for Buckets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(attribute) = self;
        attribute.below.iter().try_for_each(|(bound, label)| write!(f, "{label:?} below {bound}, "))?;
        let word = if attribute.below.is_empty() { "always" } else { "else" };
        attribute.rest.iter().try_for_each(|rest| write!(f, "{word} {rest:?}"))
    }
}

/// The result of an attribute's treatment, in words.
pub(super) fn treated(attribute: &AttributeFacts<'_>) -> &'static str {
    let is_free = attribute.is_free();
    match attribute.way {
        TreatmentKind::Boolean => "true or false",
        TreatmentKind::Enum => "one of its values",
        TreatmentKind::IntegerEnum => "one of its integers",
        TreatmentKind::Bucket => "the bucket of a number",
        TreatmentKind::UriScheme => "the scheme of a URI",
        TreatmentKind::Agent => "the coding agent that runs the program",
        TreatmentKind::Names => "the known names in a list",
        TreatmentKind::Count => "a number",
        TreatmentKind::Hash => "a keyed hash",
        TreatmentKind::Sha256 => "a plain SHA-256",
        TreatmentKind::Version => "a version",
        TreatmentKind::Location => "a place in the program's sources",
        TreatmentKind::Given(Source::App) if is_free => "what the program is",
        TreatmentKind::Given(Source::App) => "what the program is, as one of its values",
        TreatmentKind::Given(Source::Session) if is_free => "the id of a process",
        TreatmentKind::Given(Source::Session) => "the id of a process, as one of its values",
        TreatmentKind::Given(Source::Installation) if is_free => "the id of an installation",
        TreatmentKind::Given(Source::Installation) => "the id of an installation, as one of its values",
        TreatmentKind::Given(Source::System) if is_free => "what the system is",
        TreatmentKind::Given(Source::System) => "what the system is, as one of its values",
        TreatmentKind::Given(Source::Runtime) if is_free => "what the program was built with",
        TreatmentKind::Given(Source::Runtime) => "what the program was built with, as one of its values",
    }
}

fn hashed(normalize: Normalize) -> &'static str {
    match normalize {
        Normalize::None => "as it is",
        Normalize::Lower => "in lower case",
        Normalize::Upper => "in upper case",
    }
}
