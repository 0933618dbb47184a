//! Declared facts as the library's borrowed tables.

use bumpalo::Bump;
use scruple::registry as tables;

use super::declared::{Attribute, Signal, Use};
use super::sources::Sources;

/// The tables of a registry; what they borrow beside its texts is put into the arena.
pub fn build<'a>(owned: &'a super::Owned, arena: &'a Bump) -> tables::Registry<'a> {
    let attributes = owned.attributes.iter().map(|found| attribute(found, owned.sources.as_ref(), arena));
    tables::Registry {
        schema_url: &owned.schema_url,
        service: owned.service.table(&owned.version),
        attributes: arena.alloc_slice_fill_iter(attributes),
        resource: &owned.resource,
        spans: arena.alloc_slice_fill_iter(owned.spans.iter().map(|found| signal(found, arena))),
        events: arena.alloc_slice_fill_iter(owned.events.iter().map(|found| signal(found, arena))),
    }
}

fn attribute<'a>(found: &'a Attribute, sources: Option<&'a Sources>, arena: &'a Bump) -> tables::Attribute<'a> {
    tables::Attribute {
        key: &found.key,
        field: &found.field,
        brief: &found.brief,
        treatment: found.treatment.table(sources, arena),
        because: found.because.as_deref(),
    }
}

fn signal<'a>(found: &'a Signal, arena: &'a Bump) -> tables::Signal<'a> {
    let uses = found
        .uses
        .iter()
        .map(|Use { attribute, level, .. }| tables::AttributeRef { attribute: *attribute, level: *level });
    tables::Signal {
        kind: found.kind,
        time: found.time,
        at_most: found.at_most,
        because: found.because.as_deref(),
        ..tables::Signal::span(&found.name, &found.brief).attributes(arena.alloc_slice_fill_iter(uses))
    }
}
