//! Reads a registry: a folder of YAML in Weaver's `definition/2` format with `privacy` annotations.
//!
//! [`read()`] either understands every word of a folder or refuses it, with all that is wrong in one go. What it
//! returns owns its texts; [`Owned::registry`] lends them as the library's tables.
//!
//! The steps, each a file: `folder` (bytes, within limits), `nodes` (YAML with positions), `walk`, `read` and `refs`
//! (keys and words), `prose` (what is for people alone), `treat` and `members` (the treatments), `resolve` (references
//! and everything that spans files), `tables` (the library's types), `warnings` and `accept`
//! (what a reviewer should see). `also` joins several registries to one.

mod accept;
mod also;
mod cardinality;
mod declared;
mod endpoint;
mod finding;
mod folder;
mod members;
pub(crate) mod names;
mod nodes;
mod prose;
mod read;
mod refs;
mod resolve;
mod service;
mod sources;
mod tables;
mod treat;
mod walk;
mod warnings;

use std::path::Path;

use bumpalo::Bump;
use scruple::registry::{Registry, snapshot};

pub use self::also::{NotJoined, joined};
pub use self::declared::{Accepted, Attribute, Member, Service, Signal, Treatment, Use};
pub use self::endpoint::{Refused, admit_endpoint};
pub use self::finding::{Colour, Finding, Place, Position, Rendered, Rule, Severity, WARNINGS, escaped};
pub use self::folder::MAX_FILE;
pub use self::sources::{Crate, CrateError, Sources};

use self::walk::Walk;

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
    version: String,
    sources: Option<Sources>,
    arena: Bump,
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

    /// The library's tables. Each call builds them anew, and they live as long as this registry.
    pub fn registry(&self) -> Registry<'_> {
        tables::build(self, &self.arena)
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

/// Reads the registry in a folder.
///
/// # Errors
/// Everything that is wrong with it, sorted by place; never empty.
pub fn read(path: &Path) -> Result<Owned, Vec<Finding>> {
    let mut findings = Vec::new();
    let folder = folder::read(path, &mut findings);
    let root = Place { file: path.display().to_string(), at: Position::default() };
    let manifest = folder.manifest.as_ref().and_then(|text| {
        let mut walk = Walk { file: &text.name, findings: &mut findings };
        read::manifest(&mut walk, text)
    });
    let mut declarations = read::Declarations::default();
    // Without any file there is nothing to say about what the files lack.
    let is_empty = folder.definitions.is_empty();
    if is_empty && findings.is_empty() {
        let help = "add a file that begins with `file_format: definition/2`";
        findings.push(root.error(Rule::MissingKey, "no file declares anything", help));
    }
    for text in &folder.definitions {
        let mut walk = Walk { file: &text.name, findings: &mut findings };
        read::definition(&mut walk, text, &mut declarations);
    }
    // A file that could not be read or parsed may hold what others refer to.
    let unread = findings.iter().any(|finding| finding.rule == Rule::Unreadable && finding.file != root.file);
    declarations.lost_file |= unread;
    let lost_file = declarations.lost_file;
    let mut across = Vec::new();
    let resolved = if is_empty { None } else { resolve::resolve(&root, declarations, &mut across) };
    if lost_file {
        across.retain(|finding| finding.rule != Rule::Reference);
    }
    findings.extend(across);
    findings.sort();
    findings.dedup();
    if findings.is_empty() && (manifest.is_none() || resolved.is_none()) {
        // Each step reports what it refuses. Should one forget, the registry is refused all the same.
        findings.push(root.error(Rule::Unreadable, "this registry can't be understood", "compare it with an example"));
    }
    let (Some(manifest), Some(resolved), true) = (manifest, resolved, findings.is_empty()) else {
        return Err(findings);
    };
    let read::Manifest { schema_url, description } = manifest;
    let resolve::Resolved { service, attributes, resource, spans, events } = resolved;
    let warnings = warnings::all(&service, &attributes, &resource, [&spans, &events]);
    let (libraries, version, sources, arena) = (Vec::new(), String::new(), None, Bump::new());
    Ok(Owned {
        schema_url,
        description,
        service,
        libraries,
        attributes,
        resource,
        spans,
        events,
        warnings,
        version,
        sources,
        arena,
    })
}
