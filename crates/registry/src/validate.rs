//! Validates a registry's tables against the rules that the library relies on.

use super::{Attribute, AttributeRef, MAX_ATTRIBUTES, MAX_NAMES, MAX_TEXT, Registry, Signal, Treatment, is_printable};
use std::fmt;

/// The longest name or key, in bytes.
const MAX_NAME: usize = 128;

/// The rule that a registry's tables break. `scruple check` reports every violation with its place; this is for tables
/// that were not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRegistry {
    /// The app id can't name a folder: letters, digits, `-`, `_` and single dots inside, at most 128 bytes.
    AppId,
    /// The attributes are not sorted by key, or a key is duplicated or malformed.
    Attributes,
    /// The spans or events are not sorted by name, or a name is duplicated or malformed.
    Signals,
    /// A signal or the resource has a reference to a missing attribute, a duplicate reference, too many, or unsorted
    /// ones; or two attributes of a signal have the same field.
    Uses,
    /// A treatment has too many members, or they are too long, not printable, or unsorted.
    Members,
    /// A treatment's bounds do not ascend, do not match its members, or are below zero.
    Bounds,
    /// One program has more than 255 registries.
    TooMany,
}

impl fmt::Display for InvalidRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AppId => "its app id is not one that a folder can be named by",
            Self::Attributes => "its attributes are not sorted, not unique or not named as they have to be",
            Self::Signals => "its spans or events are not sorted, not unique or not named as they have to be",
            Self::Uses => "a signal or the resource refers to attributes that it can't have",
            Self::Members => "an attribute's members are not as its treatment needs them",
            Self::Bounds => "an attribute's bounds are not as its treatment needs them",
            Self::TooMany => "there are more than 255 registries",
        })
    }
}

impl std::error::Error for InvalidRegistry {}

impl Registry<'_> {
    /// # Errors
    /// The first rule of this module that is broken.
    pub fn validate(&self) -> Result<(), InvalidRegistry> {
        if !is_app_id(self.service.app_id) {
            return Err(InvalidRegistry::AppId);
        }
        if !grows(self.attributes.iter().map(|attribute| attribute.key)) || !self.attributes.iter().all(is_named) {
            return Err(InvalidRegistry::Attributes);
        }
        self.attributes.iter().try_for_each(|attribute| attribute.treatment.validate())?;
        for signals in [self.spans, self.events] {
            let named = signals.iter().all(|signal| is_name(signal.name));
            if !named || !grows(signals.iter().map(|signal| signal.name)) || u16::try_from(signals.len()).is_err() {
                return Err(InvalidRegistry::Signals);
            }
        }
        let in_range = |index: u16| usize::from(index) < self.attributes.len();
        let given =
            |index: &u16| self.attribute(*index).is_some_and(|a| matches!(a.treatment, Treatment::Given { .. }));
        let field = |used: &AttributeRef| self.attribute(used.attribute).map(|attribute| attribute.field);
        let one_field_each = |uses: &[AttributeRef]| {
            uses.iter().enumerate().all(|(at, used)| uses.iter().take(at).all(|other| field(other) != field(used)))
        };
        let uses = |signal: &Signal<'_>| {
            signal.attributes.len() <= MAX_ATTRIBUTES
                && grows(signal.attributes.iter().map(|used| used.attribute))
                && signal.attributes.iter().all(|used| in_range(used.attribute))
                && one_field_each(signal.attributes)
        };
        let resource = grows(self.resource.iter()) && self.resource.iter().all(given);
        if resource && self.spans.iter().chain(self.events).all(uses) { Ok(()) } else { Err(InvalidRegistry::Uses) }
    }
}

impl Treatment<'_> {
    /// Whether its members and bounds are as the library relies on.
    fn validate(&self) -> Result<(), InvalidRegistry> {
        let texts =
            |members: &[&str]| u16::try_from(members.len()).is_ok() && members.iter().all(|member| is_text(member));
        let exists =
            |members: &[&str], index: Option<u16>| index.is_none_or(|index| usize::from(index) < members.len());
        let (sound, bounded) = match *self {
            Self::Enum { members, otherwise } => (texts(members) && exists(members, otherwise), true),
            Self::Bucket { members, below } => {
                (texts(members), grows(below.iter()) && members.len() == below.len().saturating_add(1))
            }
            Self::UriScheme { members, otherwise, absent } => {
                (texts(members) && exists(members, otherwise) && exists(members, absent), true)
            }
            Self::Agent { members } | Self::Given { members, .. } => (texts(members), true),
            Self::Names { members } => (texts(members) && members.len() <= MAX_NAMES && grows(members.iter()), true),
            Self::Count { max } => (true, max >= 0),
            Self::Location { files, .. } => {
                (u16::try_from(files.len()).is_ok() && files.iter().all(|file| is_text(file.path)), true)
            }
            Self::Boolean | Self::Hash | Self::Sha256 { .. } | Self::Version => (true, true),
        };
        match (sound, bounded) {
            (false, _) => Err(InvalidRegistry::Members),
            (true, false) => Err(InvalidRegistry::Bounds),
            (true, true) => Ok(()),
        }
    }
}

fn is_named(attribute: &Attribute<'_>) -> bool {
    is_name(attribute.key)
}

/// It names the folder of the app's files, so it must be one path component.
fn is_app_id(text: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    text.len() <= MAX_NAME && text.split('.').all(part)
}

/// `^[a-z][a-z0-9_.]*$`
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte))
}

pub(super) fn is_text(text: &str) -> bool {
    text.len() <= MAX_TEXT && text.chars().all(is_printable)
}

/// Whether each element is greater than the one before.
pub(super) fn grows<T: PartialOrd>(mut list: impl Iterator<Item = T>) -> bool {
    let Some(mut last) = list.next() else { return true };
    list.all(|next| {
        let greater = last < next;
        last = next;
        greater
    })
}
