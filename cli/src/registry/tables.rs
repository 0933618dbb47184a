//! Declared facts as the library's borrowed tables.

use bumpalo::Bump;
use scruple::registry as tables;

use super::declared::{Attribute, Member, Service, Signal, Treatment, Use};
use super::sources::Sources;

/// The tables of a registry; what they borrow beside its texts is put into the arena.
pub fn build<'a>(owned: &'a super::Owned, arena: &'a Bump) -> tables::Registry<'a> {
    let attributes = owned.attributes.iter().map(|found| attribute(found, owned.sources.as_ref(), arena));
    tables::Registry {
        schema_url: &owned.schema_url,
        service: service(&owned.service, &owned.version),
        attributes: arena.alloc_slice_fill_iter(attributes),
        resource: &owned.resource,
        spans: arena.alloc_slice_fill_iter(owned.spans.iter().map(|found| signal(found, arena))),
        events: arena.alloc_slice_fill_iter(owned.events.iter().map(|found| signal(found, arena))),
    }
}

fn service<'a>(found: &'a Service, version: &'a str) -> tables::Service<'a> {
    tables::Service {
        app_id: &found.app_id,
        name: &found.name,
        version,
        controller: &found.controller,
        endpoint: &found.endpoint,
        link: found.link.as_deref(),
        client_address: found.client_address,
        rotate: found.rotate,
        time: found.time,
        because: found.because.as_deref(),
    }
}

fn attribute<'a>(found: &'a Attribute, sources: Option<&'a Sources>, arena: &'a Bump) -> tables::Attribute<'a> {
    tables::Attribute {
        key: &found.key,
        field: &found.field,
        brief: &found.brief,
        treatment: treatment(&found.treatment, sources, arena),
        because: found.because.as_deref(),
    }
}

fn treatment<'a>(found: &'a Treatment, sources: Option<&'a Sources>, arena: &'a Bump) -> tables::Treatment<'a> {
    match found {
        Treatment::Boolean => tables::Treatment::Boolean,
        Treatment::Enum { members, otherwise } => {
            tables::Treatment::Enum { members: values(members, arena), otherwise: *otherwise }
        }
        Treatment::Bucket { members, below } => tables::Treatment::Bucket { members: values(members, arena), below },
        Treatment::UriScheme { members, otherwise, absent } => {
            tables::Treatment::UriScheme { members: values(members, arena), otherwise: *otherwise, absent: *absent }
        }
        Treatment::Agent { members } => tables::Treatment::Agent { members: values(members, arena) },
        Treatment::Names { members } => {
            let members = arena.alloc_slice_fill_iter(members.iter().map(String::as_str));
            tables::Treatment::Names { members }
        }
        Treatment::Count { max } => tables::Treatment::Count { max: *max },
        Treatment::Hash => tables::Treatment::Hash,
        Treatment::Sha256 { normalize } => tables::Treatment::Sha256 { normalize: *normalize },
        Treatment::Version => tables::Treatment::Version,
        Treatment::Location => location(sources, arena),
        Treatment::Given { source, members } => {
            tables::Treatment::Given { source: *source, members: values(members, arena) }
        }
    }
}

/// Without the program's sources, no file may be named: every location is withheld.
fn location<'a>(sources: Option<&'a Sources>, arena: &'a Bump) -> tables::Treatment<'a> {
    let Some(sources) = sources else { return tables::Treatment::Location { files: &[], root: "" } };
    let files = sources.files.iter().map(|(path, lines)| tables::SourceFile { path, lines: *lines });
    tables::Treatment::Location { files: arena.alloc_slice_fill_iter(files), root: &sources.root }
}

fn values<'a>(members: &'a [Member], arena: &'a Bump) -> &'a [&'a str] {
    arena.alloc_slice_fill_iter(members.iter().map(|member| member.value.as_str()))
}

fn signal<'a>(found: &'a Signal, arena: &'a Bump) -> tables::Signal<'a> {
    let uses = found
        .uses
        .iter()
        .map(|Use { attribute, level, .. }| tables::AttributeRef { attribute: *attribute, level: *level });
    tables::Signal {
        name: &found.name,
        brief: &found.brief,
        kind: found.kind,
        attributes: arena.alloc_slice_fill_iter(uses),
        time: found.time,
        at_most: found.at_most,
        because: found.because.as_deref(),
    }
}
