//! A registry that was read from YAML: the library's tables, and beside each what only people read.
//!
//! The tables borrow their texts for the rest of the process: a command reads a registry once, and ends. So neither
//! needs a lifetime of its own, and a program's generated constants are of the same type.

use std::path::Path;

use scruple::registry::{self as tables, ProgramSettings, Registry, SourceFile, Treatment, snapshot};

use super::finding::{Finding, Place, Rule};
use super::retention;
use super::sources::{Crate, CrateError, Sources};
use super::undocumented;

/// A warning that a reviewer accepted: `accept: {<name>: "why"}` in a `privacy` annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Which one.
    pub rule: Rule,
    /// Where it was accepted.
    pub place: Place,
}

/// A declared attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its table.
    pub table: tables::Attribute<'static>,
    /// The members of an enum, in the order of the table's; empty for a list of names.
    pub members: Vec<Member>,
    /// The rest of its words.
    pub prose: Prose,
    /// Who answers for it, and so on.
    pub governance: Governance,
    /// Where it is declared.
    pub place: Place,
    /// The warnings about it that were accepted.
    pub accepted: Vec<Accepted>,
}

impl Attribute {
    /// Each value of an enum, with its member.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &Member)> {
        self.table.treatment.members().iter().copied().zip(&self.members)
    }
}

/// What is said of the governance of a service, a signal or an attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Governance {
    /// Who answers for it.
    pub owner: Option<&'static str>,
    /// What it is collected to find out, or a link to that.
    pub question: Option<&'static str>,
    /// Its own purpose, and where that stands.
    pub purpose: Option<(&'static str, Place)>,
    /// Its own end, and where that stands.
    pub expires: Option<(tables::Expiry, Place)>,
}

impl Governance {
    /// The name of its own purpose.
    pub fn purpose(&self) -> Option<&'static str> {
        self.purpose.as_ref().map(|(name, _)| *name)
    }

    /// Its own end.
    pub fn expiry(&self) -> tables::Expiry {
        self.expires.as_ref().map(|(end, _)| *end).unwrap_or_default()
    }
}

/// What is said for people alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose {
    /// What else is to say.
    pub note: Option<&'static str>,
    /// The first example, if it is text that can be sent; the values of a list are joined.
    pub example: Option<String>,
    /// The values of all examples, however deep their lists.
    pub examples: Vec<String>,
}

/// What the table does not hold of an enum's member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name within the enum.
    pub id: String,
    /// What it means.
    pub brief: Option<&'static str>,
}

/// A declared span or event.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Its table.
    pub table: tables::Signal<'static>,
    /// What each of its attributes means here, where that differs; in the order of the table's.
    pub briefs: Vec<Option<&'static str>>,
    /// What else is to say about it.
    pub note: Option<&'static str>,
    /// Who answers for it, and so on.
    pub governance: Governance,
    /// The pairs of attributes that a report counts it by.
    pub charts: Vec<ChartPair>,
    /// Where its name is.
    pub place: Place,
    /// The warnings about it that were accepted.
    pub accepted: Vec<Accepted>,
}

/// Two attributes that a report counts together: what the annotation `chart` names. It is about the operator's report and not
/// about what is sent, so it is in no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartPair {
    /// The keys, and where they stand.
    pub keys: [(String, Place); 2],
}

impl ChartPair {
    /// The keys alone.
    pub fn names(&self) -> [&str; 2] {
        self.keys.each_ref().map(|(key, _)| key.as_str())
    }
}

impl Signal {
    /// Each reference to an attribute, with the attribute's brief where this signal has its own.
    pub fn uses(&self) -> impl Iterator<Item = (&'static tables::AttributeRef, Option<&'static str>)> {
        self.table.attributes.iter().zip(self.briefs.iter().copied())
    }
}

/// The `service` annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its table; the version is empty until [`Owned::with_version`], because YAML doesn't know it.
    pub table: tables::Service<'static>,
    /// Whether the rotation is given: what rotates needs it.
    pub rotates: bool,
    /// The resolution of durations, if it is given: otherwise it is that of a span's times.
    pub duration: Option<tables::TimeResolution>,
    /// How long the receiver keeps records.
    pub retention: Option<&'static str>,
    /// Who answers for it, and so on.
    pub governance: Governance,
    /// Where each of the table's purposes is described.
    pub described_at: Vec<Place>,
    /// Where the annotation is.
    pub place: Place,
    /// Where the value of each of its keys is, and that of `schema_url` in the manifest.
    pub values: Vec<(&'static str, Place)>,
    /// The warnings about it that were accepted.
    pub accepted: Vec<Accepted>,
}

impl Service {
    /// The days of the retention, if it is a duration.
    pub fn retention_days(&self) -> Option<u32> {
        self.retention.and_then(retention::days)
    }

    /// The place of a key's value; that of the annotation, if the key is absent.
    pub fn place_of(&self, key: &str) -> &Place {
        self.values.iter().find(|(known, _)| *known == key).map_or(&self.place, |(_, place)| place)
    }
}

/// A registry that was read from YAML: checked and sorted.
#[derive(Debug)]
pub struct Owned {
    /// From the manifest.
    pub schema_url: &'static str,
    /// What the program reports, in the manifest's words.
    pub description: Option<&'static str>,
    /// The service annotation.
    pub service: Service,
    /// Those of the libraries that it is joined to.
    pub libraries: Vec<tables::Service<'static>>,
    /// Every declared attribute, by key.
    pub attributes: Vec<Attribute>,
    /// The attributes of the resource: indices, ascending.
    pub resource: Vec<u16>,
    /// The declared spans, by name.
    pub spans: Vec<Signal>,
    /// The declared events, by name.
    pub events: Vec<Signal>,
    /// What should be known, though it stops nothing.
    pub warnings: Vec<Finding>,
    /// The path from the generated file to the crate of the sources that a location may name, with a slash at its end.
    pub sources_prefix: String,
}

impl Owned {
    /// The shortest retention of several versions in days, of those that are durations.
    pub fn shortest_retention(versions: &[Self]) -> Option<u32> {
        versions.iter().filter_map(|version| version.service.retention_days()).min()
    }

    /// The attributes of this library that a program with these settings can't have.
    pub fn undocumented(&self, program: &ProgramSettings<'_>) -> Vec<Finding> {
        let all = self.attributes.iter().map(|found| (found.table.key, &found.place, &found.table.treatment));
        undocumented::refused(program, all)
    }

    /// The tables, each list of them made anew.
    pub fn registry(&self) -> Registry<'static> {
        let signals = |all: &[Signal]| &*all.iter().map(|signal| signal.table).collect::<Vec<_>>().leak();
        Registry {
            schema_url: self.schema_url,
            service: self.service.table,
            attributes: self.attributes.iter().map(|attribute| attribute.table).collect::<Vec<_>>().leak(),
            resource: self.resource.clone().leak(),
            spans: signals(&self.spans),
            events: signals(&self.events),
        }
    }

    /// The tables, as `scruple::start` wants them.
    pub fn leak(&self) -> &'static Registry<'static> {
        Box::leak(Box::new(self.registry()))
    }

    /// Sets what `service.version` says.
    #[must_use]
    pub fn with_version(mut self, version: &str) -> Self {
        self.service.table.version = kept(version);
        self
    }

    /// Sets the sources that a location may name; none until then, so that every location is withheld.
    #[must_use]
    pub fn with_sources(mut self, sources: Sources) -> Self {
        self.sources_prefix = sources.prefix;
        let files = sources.files.into_iter().map(|(path, lines)| SourceFile { path: kept(path), lines });
        let sources = Treatment::Location { files: files.collect::<Vec<_>>().leak(), root: kept(sources.root) };
        self.locations_mut().for_each(|attribute| attribute.table.treatment = sources);
        self
    }

    /// Lists the sources that a location may name, if one is declared: those of a crate, or of the nearest one at or
    /// above the registry's folder.
    ///
    /// # Errors
    /// There is no such crate, or it can't be read.
    pub fn located(mut self, folder: &Path, in_crate: Option<&Path>) -> Result<Self, CrateError> {
        if self.locations_mut().next().is_none() {
            return Ok(self);
        }
        Crate::of(folder, in_crate)?.sources(Path::new("")).map(|sources| self.with_sources(sources))
    }

    fn locations_mut(&mut self) -> impl Iterator<Item = &mut Attribute> {
        self.attributes.iter_mut().filter(|found| matches!(found.table.treatment, Treatment::Location { .. }))
    }

    /// The canonical text.
    pub fn text(&self) -> String {
        snapshot::text(&[&self.registry()])
    }

    /// The attribute that a signal or the resource refers to.
    pub fn attribute(&self, index: u16) -> Option<&Attribute> {
        self.attributes.get(usize::from(index))
    }
}

/// A text that tables borrow, for the rest of the process.
pub fn kept(text: impl Into<Box<str>>) -> &'static str {
    Box::leak(text.into())
}
