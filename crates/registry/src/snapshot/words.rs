//! Parts of the sentences about changes.

use crate::SignalKind;
use std::borrow::Cow;
use std::fmt;

/// The subject of a sentence. Its name is escaped, so that it can't steer a terminal.
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

/// Names with commas between them.
pub(super) struct List<I>(pub(super) I);

impl<'a, I: Iterator<Item = &'a Cow<'a, str>> + Clone> fmt::Display for List<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.clone().enumerate().try_for_each(|(index, name)| {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}", name.escape_debug())
        })
    }
}
