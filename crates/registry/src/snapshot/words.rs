//! The words that sentences about changes are made of.

use super::terms::Attribute;
use crate::{Normalize, Rotation, SignalKind, Source, TreatmentKind};
use std::borrow::Cow;
use std::fmt;

/// What a sentence is about. Its name is escaped where it could steer a terminal.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Registry(&'a str),
    Resource(&'a str),
    Signal(SignalKind, &'a str),
    Attribute(&'a str),
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(name) | Self::Attribute(name) => write!(f, "{}", name.escape_debug()),
            Self::Resource(name) => write!(f, "every record of {}", name.escape_debug()),
            Self::Signal(SignalKind::Span, name) => write!(f, "the span {}", name.escape_debug()),
            Self::Signal(SignalKind::Event, name) => write!(f, "the event {}", name.escape_debug()),
        }
    }
}

/// Names, with commas between them.
pub(super) struct List<I>(pub(super) I);

impl<'a, I: Iterator<Item = &'a Cow<'a, str>> + Clone> fmt::Display for List<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.clone().enumerate().try_for_each(|(index, name)| {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}", name.escape_debug())
        })
    }
}

/// The buckets of an attribute, as in `"few" below 10, else "many"`.
pub(super) struct Buckets<'a>(pub(super) &'a Attribute<'a>);

impl fmt::Display for Buckets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(attribute) = self;
        attribute.below.iter().try_for_each(|(bound, label)| write!(f, "{label:?} below {bound}, "))?;
        let word = if attribute.below.is_empty() { "always" } else { "else" };
        attribute.rest.iter().try_for_each(|rest| write!(f, "{word} {rest:?}"))
    }
}

/// What an attribute's treatment makes of a value.
pub(super) fn treated(attribute: &Attribute<'_>) -> &'static str {
    let is_free = is_free(attribute);
    match attribute.way {
        TreatmentKind::Boolean => "true or false",
        TreatmentKind::Enum => "one of its values",
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

/// Whether it is set by the pipeline and has no members: any text of its source.
pub(super) fn is_free(attribute: &Attribute<'_>) -> bool {
    matches!(attribute.way, TreatmentKind::Given(_)) && attribute.members.is_empty()
}

pub(super) fn period(rotation: Rotation) -> &'static str {
    match rotation {
        Rotation::Daily => "for a day",
        Rotation::Monthly => "for 30 days",
        Rotation::Yearly => "for 365 days",
        Rotation::Never => "for good",
    }
}

pub(super) fn limit(at_most: u32) -> Cow<'static, str> {
    match at_most {
        u32::MAX => "without limit".into(),
        1 => "at most once".into(),
        _ => format!("at most {at_most} times").into(),
    }
}

pub(super) fn hashed(normalize: Normalize) -> &'static str {
    match normalize {
        Normalize::None => "as it is",
        Normalize::Lower => "in lower case",
        Normalize::Upper => "in upper case",
    }
}
