//! Reads a registry: a folder of YAML in Weaver's `definition/2` format with `privacy` annotations.
//!
//! [`read()`] either understands every word of a folder or refuses it, with all that is wrong in one go. It returns the
//! library's tables, and beside each what only people read (`declared`).
//!
//! The steps, each a file: `folder` (bytes, within limits), `older` (Weaver's older format), `nodes` (YAML with positions), `walk`, `declarations` and `refs`
//! (keys and words), `prose` (what is for people alone), `chart` and `chart_keys` (what a report counts together), `governance` (owner, question, purpose and end), `settings` (how the program asks), `undocumented` (the attributes that `preset: documented` refuses), `treat` and `members` (the treatments), `resolve` (references
//! and everything that spans files), `warnings` and `accept` (what a reviewer should see). `also` joins several registries to one.

mod accept;
mod also;
mod chart;
mod chart_keys;
mod declarations;
mod declared;
mod endpoint;
mod ends;
mod finding;
mod folder;
mod given;
mod governance;
mod members;
pub(crate) mod names;
mod nodes;
mod older;
mod prose;
mod refs;
mod reserved;
mod resolve;
mod retention;
mod service;
mod settings;
mod sources;
mod treat;
mod undocumented;
mod walk;
mod warnings;

use std::path::Path;

pub use self::also::{NotJoined, joined};
pub use self::declared::{Accepted, Attribute, ChartPair, Governance, Member, Owned, Prose, Service, Signal};
pub use self::endpoint::{UrlError, admit_endpoint, admit_link};
pub use self::ends::{Now, WARN_DAYS};
pub use self::finding::{Colour, Finding, Place, Position, Rendered, Rule, Severity, WARNINGS, escaped};
pub use self::folder::MAX_FILE;
pub use self::sources::{Crate, CrateError, Sources};

use self::walk::Walk;

/// Reads the registry in a folder.
///
/// # Errors
/// Everything that is wrong with it, sorted by place; never empty.
pub fn read(path: &Path) -> Result<Owned, Vec<Finding>> {
    read_as(path, &path.display().to_string())
}

/// Reads the registry in a folder that findings call by another name.
///
/// # Errors
/// As of [`read()`].
pub fn read_as(path: &Path, name: &str) -> Result<Owned, Vec<Finding>> {
    let mut findings = Vec::new();
    let folder = folder::read(path, name, &mut findings);
    let root = Place { file: name.to_owned(), at: Position::default() };
    let manifest = folder.manifest.as_ref().and_then(|text| {
        let mut walk = Walk { file: &text.name, findings: &mut findings };
        declarations::manifest(&mut walk, text)
    });
    let mut declarations = declarations::Declarations::default();
    // Without any file there is nothing to say about what the files lack.
    let is_empty = folder.definitions.is_empty();
    let (older, definitions): (Vec<_>, Vec<_>) = folder.definitions.into_iter().partition(older::is_older);
    match older.split_first() {
        Some((first, others)) => findings.push(older::finding(&root, &first.name, others.len())),
        None => findings.extend(folder.no_manifest),
    }
    if is_empty && findings.is_empty() {
        let help = "add a file that begins with `file_format: definition/2`";
        findings.push(root.error(Rule::MissingKey, "no file declares anything", help));
    }
    for text in &definitions {
        let mut walk = Walk { file: &text.name, findings: &mut findings };
        declarations::definition(&mut walk, text, &mut declarations);
    }
    // A file that could not be read or parsed may hold what others refer to.
    let unread = findings.iter().any(|finding| finding.rule == Rule::Unreadable && finding.file != root.file);
    declarations.lost_file |= unread || !older.is_empty();
    let lost_file = declarations.lost_file;
    let mut across = Vec::new();
    let resolved = if is_empty { None } else { resolve::resolve(&root, declarations, &mut across) };
    if lost_file {
        across.retain(|finding| finding.rule != Rule::Reference);
    }
    findings.extend(across);
    findings.sort();
    findings.dedup();
    let is_sound = findings.iter().all(|finding| finding.severity == Severity::Warning);
    if is_sound && (manifest.is_none() || resolved.is_none()) {
        // Each step reports what it refuses. Should one forget, the registry is refused all the same.
        findings.push(root.error(Rule::Unreadable, "this registry can't be understood", "compare it with an example"));
    }
    let (Some(manifest), Some(resolved), true) = (manifest, resolved, is_sound) else {
        return Err(findings);
    };
    let declarations::Manifest { schema_url: (schema_url, place), description } = manifest;
    let resolve::Resolved { mut service, attributes, resource, spans, events } = resolved;
    service.values.push(("schema_url", place));
    let (libraries, warnings) = (Vec::new(), Vec::new());
    let mut owned = Owned {
        schema_url,
        description,
        service,
        libraries,
        attributes,
        resource,
        spans,
        events,
        warnings,
        sources_prefix: String::new(),
    };
    owned.warnings = warnings::all(&owned, findings);
    Ok(owned)
}
