//! What a registry's text has beyond its tables: the reasons.

use super::line::Line;
use std::borrow::Cow;

/// A reason.
pub(super) struct Remark<'a> {
    /// The word that begins the line: `service`, `attribute`, `span` or `event`.
    pub(super) subject: &'a str,
    /// The name or key; empty for the service.
    pub(super) name: Cow<'a, str>,
    /// The reason.
    pub(super) text: Cow<'a, str>,
}

/// The remarks in a registry's text. Lines that can't be read have none: they widen nothing.
pub(super) fn remarks<'a>(text: &'a str) -> impl Iterator<Item = Remark<'a>> {
    let may_be_one = |line: &&str| line.contains(" because ");
    text.split('\n').filter(may_be_one).filter_map(remark)
}

fn remark(text: &str) -> Option<Remark<'_>> {
    let mut line = Line(Some(text));
    let subject = line.word().ok()?;
    let name = if subject == "service" { Cow::default() } else { line.name().ok()? };
    line.word().ok().filter(|fact| *fact == "because")?;
    Some(Remark { subject, name, text: line.string().ok()? })
}
