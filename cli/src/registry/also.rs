//! Several registries as one: the program's, and those of the libraries that it reports for.
//!
//! What a program sends is what `scruple::start(…).library(…)` joins: its own resource, who it is and where it sends, and
//! the spans and events of all. So the rest of a library's service annotation is left out here as well, and so are the
//! attributes that only its resource has. Where two declare a record of one name, the first is the one that counts. An
//! attribute of one key may be declared twice, each for its own records.

use scruple::registry::{AttributeRef, Purpose};

use super::{Attribute, Governance, Owned, Signal};

/// Joins registries, the program's own first.
///
/// # Errors
/// There are too many attributes, no registry, or one of them twice.
pub fn joined(registries: Vec<Owned>) -> Result<Owned, NotJoined> {
    let mut all = registries.into_iter();
    let program = all.next().ok_or(NotJoined::Nothing)?;
    all.try_fold(program, Owned::also)
}

/// Why registries can't be joined.
#[derive(Debug)]
pub enum NotJoined {
    /// There is none.
    Nothing,
    /// There are more attributes than 65,535.
    TooMany,
    /// Two have this app id.
    Twice(&'static str),
}

impl std::fmt::Display for NotJoined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("no registry is named: name the program's folder first"),
            Self::TooMany => f.write_str("these registries declare over 65,535 attributes: name fewer of them"),
            Self::Twice(app_id) => write!(f, "two of these registries have the app id {app_id}: name each once"),
        }
    }
}

impl std::error::Error for NotJoined {}

impl Owned {
    /// This registry and a library's.
    fn also(mut self, library: Self) -> Result<Self, NotJoined> {
        let Self { attributes, spans, events, warnings, service, .. } = library;
        let service = service.table;
        let mut others = std::iter::once(&self.service.table).chain(&self.libraries);
        if others.any(|other| other.app_id == service.app_id) {
            return Err(NotJoined::Twice(service.app_id));
        }
        self.warnings.extend(warnings);
        self.libraries.push(service);
        self.describe(service.purposes);
        let mut moved = Moved { attributes, to: Vec::new() };
        for (mine, more) in [(&mut self.spans, spans), (&mut self.events, events)] {
            for mut signal in more {
                if mine.iter().any(|other| other.table.name == signal.table.name) {
                    continue;
                }
                // What a library's service says of all its signals.
                signal.table.purpose = signal.table.purpose.or(Some(service.purpose));
                signal.table.expires = signal.table.expires.or_earlier(service.expires);
                moved.signal(&mut signal, &mut self.attributes)?;
                mine.push(signal);
            }
        }
        Ok(self)
    }

    /// Adds a library's descriptions of purposes; of two of one name the first counts.
    fn describe(&mut self, more: &[Purpose<'static>]) {
        let own = self.service.table.purposes;
        let is_new = |purpose: &&Purpose<'_>| own.iter().all(|known| known.name != purpose.name);
        let mut all: Vec<_> = own.iter().chain(more.iter().filter(is_new)).copied().collect();
        all.sort_by_key(|purpose| purpose.name);
        self.service.table.purposes = all.leak();
    }
}

/// A library's attributes, and where those that were needed are now.
struct Moved {
    attributes: Vec<Attribute>,
    to: Vec<(u16, u16)>,
}

impl Moved {
    fn signal(&mut self, signal: &mut Signal, mine: &mut Vec<Attribute>) -> Result<(), NotJoined> {
        let mut uses = Vec::new();
        for used in signal.table.attributes {
            let known = self.to.iter().find(|(from, _)| *from == used.attribute).map(|(_, to)| *to);
            let to = match known {
                Some(to) => to,
                None => self.attribute(used.attribute, mine)?,
            };
            uses.push(AttributeRef::new(to, used.level));
        }
        signal.table.attributes = uses.leak();
        Ok(())
    }

    fn attribute(&mut self, from: u16, mine: &mut Vec<Attribute>) -> Result<u16, NotJoined> {
        let Some(attribute) = self.attributes.get(usize::from(from)) else { return Ok(from) };
        // What both declare alike is told once.
        let unplaced = |found: &Attribute| {
            let Governance { owner, question, .. } = found.governance;
            let governance = Governance { owner, question, ..Governance::default() };
            Attribute { place: attribute.place.clone(), governance, ..found.clone() }
        };
        let alike = |other: &Attribute| unplaced(other) == unplaced(attribute);
        let index = mine.iter().position(alike).unwrap_or_else(|| {
            mine.push(attribute.clone());
            mine.len() - 1
        });
        let to = u16::try_from(index).map_err(|_| NotJoined::TooMany)?;
        self.to.push((from, to));
        Ok(to)
    }
}
