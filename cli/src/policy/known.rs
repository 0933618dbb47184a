//! Checks a policy's names against registries: an undeclared name is most likely misspelt, and turns off nothing.

use std::collections::BTreeSet;

use scruple::policy::Payload;
use scruple::registry::{Attribute, Registry, Treatment};

use crate::named;
use crate::registry::names::nearest;
use crate::registry::{Finding, Place, Position, Rule};

/// The registries of one program: its own, then those of its libraries.
pub(super) struct Known {
    registries: Vec<Registry<'static>>,
    /// The folders, for messages.
    folders: String,
}

impl Known {
    /// Reads the registries in folders.
    ///
    /// # Errors
    /// The registries' mistakes.
    pub(super) fn read(folders: &[String]) -> Result<Self, Vec<Finding>> {
        let registries = folders.iter().map(|folder| named::read(folder).map(|owned| owned.registry()));
        let registries = registries.collect::<Result<_, _>>()?;
        Ok(Self { registries, folders: folders.join(" or ") })
    }

    /// The program's id; `None` without a registry.
    pub(super) fn app_id(&self) -> Option<&str> {
        self.registries.first().map(|registry| registry.service.app_id)
    }

    /// Everything in a policy that the registries do not declare; nothing without a registry. `place` maps an option's
    /// name to the place for its findings: the option itself, or the policy's file.
    pub(super) fn findings(&self, payload: &Payload, place: &dyn Fn(&str) -> String) -> Vec<Finding> {
        let Some(app_id) = self.app_id() else { return Vec::new() };
        let mut findings = Vec::new();
        if payload.app_id != app_id {
            let message = format!("`{}` is not the program of {}", payload.app_id, self.folders);
            findings.push(error(place("--app-id"), message, format!("its id is `{app_id}`")));
        }
        let signals = self.registries.iter().flat_map(|registry| registry.spans.iter().chain(registry.events));
        let signals: BTreeSet<&str> = signals.map(|signal| signal.name).collect();
        for name in &payload.disabled_signals {
            self.look_up(name, "span or event", &signals, place("--disable-signal"), &mut findings);
        }
        let keys: BTreeSet<&str> = self.attributes().map(|attribute| attribute.key).collect();
        for key in &payload.disabled_attributes {
            self.look_up(key, "attribute", &keys, place("--disable-attribute"), &mut findings);
        }
        for off in &payload.off_where {
            if !self.look_up(&off.key, "attribute", &keys, place("--off-where"), &mut findings) {
                continue;
            }
            let Some(values) = self.values(&off.key) else {
                let message = format!("`{}` has no members, so no value of it can be turned off", off.key);
                let help = "name an attribute that is an enum, a list of names or a boolean";
                findings.push(error(place("--off-where"), message, help.to_owned()));
                continue;
            };
            for member in &off.members {
                let what = format!("member of `{}`", off.key);
                self.look_up(member, &what, &values, place("--off-where"), &mut findings);
            }
        }
        findings
    }

    fn attributes(&self) -> impl Iterator<Item = &'static Attribute<'static>> {
        self.registries.iter().flat_map(|registry| registry.attributes)
    }

    fn look_up(
        &self,
        word: &str,
        what: &str,
        known: &BTreeSet<&str>,
        place: String,
        findings: &mut Vec<Finding>,
    ) -> bool {
        if known.contains(word) {
            return true;
        }
        let help = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "the registry has none".to_owned(),
            None => format!("the registry has {}", some(known)),
        };
        findings.push(error(place, format!("there is no {what} `{word}` in {}", self.folders), help));
        false
    }

    /// The values of an attribute on the wire; `None` if they can't be listed.
    fn values(&self, key: &str) -> Option<BTreeSet<&'static str>> {
        let mut values = BTreeSet::new();
        for attribute in self.attributes().filter(|found| found.key == key) {
            match attribute.treatment {
                Treatment::Boolean => values.extend(["false", "true"]),
                other => values.extend(other.members()),
            }
        }
        (!values.is_empty()).then_some(values)
    }
}

fn error(file: String, message: String, help: String) -> Finding {
    Place { file, at: Position::default() }.error(Rule::Reference, message, help)
}

/// The first few of a list.
fn some(known: &BTreeSet<&str>) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = known.iter().take(SHOWN).map(|word| format!("`{word}`")).collect();
    if known.len() > SHOWN {
        shown.push(format!("{} more", known.len() - SHOWN));
    }
    shown.join(", ")
}
