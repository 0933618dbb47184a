//! Validates a registry's tables against the rules that the library relies on.

use super::app_id::{MAX_NAME, is_app_id};
use super::invalid::{InvalidRegistry, grows};
use super::{Attribute, AttributeRef, MAX_ATTRIBUTES, Purpose, Registry, Signal, Treatment};

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
        if !(resource && self.spans.iter().chain(self.events).all(uses)) {
            return Err(InvalidRegistry::Uses);
        }
        let own = self.attributes.iter().map(|attribute| attribute.expires);
        let ends = own.chain(self.spans.iter().chain(self.events).map(|signal| signal.expires));
        if ends.chain([self.service.expires]).any(|end| end.date.is_some_and(|date| !date.is_valid())) {
            return Err(InvalidRegistry::Expiry);
        }
        let described = self.service.purposes;
        let is_sound = |purpose: &Purpose<'_>| Purpose::is_name(purpose.name) && !purpose.brief.is_empty();
        let sound = grows(described.iter().map(|purpose| purpose.name))
            && described.iter().chain(&self.purposes()).all(is_sound);
        if sound { Ok(()) } else { Err(InvalidRegistry::Purposes) }
    }
}

fn is_named(attribute: &Attribute<'_>) -> bool {
    is_name(attribute.key)
}

/// Whether a text has the form of a declared name: `^[a-z][a-z0-9_.]*$`, at most 128 bytes.
pub fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte))
}
