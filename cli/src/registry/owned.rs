//! A registry that owns its texts.

use std::path::Path;

use bumpalo::Bump;
use scruple::registry::{Registry, snapshot};

use super::declared::{Attribute, Signal};
use super::finding::Finding;
use super::service::Service;
use super::sources::{Crate, CrateError, Sources};
use super::treatment::Treatment;

/// A registry that was read from YAML: checked, sorted, and its own.
#[derive(Debug)]
pub struct Owned {
    /// From the manifest.
    pub schema_url: String,
    /// What the program reports, in the manifest's words.
    pub description: Option<String>,
    /// The service annotation.
    pub service: Service,
    /// Those of the libraries that it is joined to.
    pub libraries: Vec<Service>,
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
    pub(super) version: String,
    pub(super) sources: Option<Sources>,
    pub(super) arena: Bump,
}

impl Owned {
    /// Sets what `service.version` says; empty until then, because YAML doesn't know it.
    #[must_use]
    pub fn with_version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// Sets the sources that a location may name; none until then, so that every location is withheld.
    #[must_use]
    pub fn with_sources(mut self, sources: Sources) -> Self {
        self.sources = Some(sources);
        self
    }

    /// Lists the sources that a location may name, if one is declared: those of a crate, or of the nearest one at or
    /// above the registry's folder.
    ///
    /// # Errors
    /// There is no such crate, or it can't be read.
    pub fn located(self, folder: &Path, in_crate: Option<&Path>) -> Result<Self, CrateError> {
        if !self.attributes.iter().any(|attribute| attribute.treatment == Treatment::Location) {
            return Ok(self);
        }
        Crate::of(folder, in_crate)?.sources(Path::new("")).map(|sources| self.with_sources(sources))
    }

    /// The sources that a location may name.
    pub fn sources(&self) -> Option<&Sources> {
        self.sources.as_ref()
    }

    /// The canonical text.
    pub fn text(&self) -> String {
        snapshot::text(&[&self.registry()])
    }

    /// The library's tables for the rest of the process, as `scruple::start` wants them.
    pub fn leak(self) -> &'static Registry<'static> {
        let owned: &'static Self = Box::leak(Box::new(self));
        Box::leak(Box::new(owned.registry()))
    }

    /// The attribute that a signal or the resource refers to.
    pub fn attribute(&self, index: u16) -> Option<&Attribute> {
        self.attributes.get(usize::from(index))
    }
}
