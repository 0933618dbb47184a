//! Declared facts as the library's borrowed tables.

use bumpalo::Bump;
use scruple::registry as tables;

use super::declared::{Attribute, Signal, Use};
use super::owned::Owned;
use super::sources::Sources;

impl Owned {
    /// The library's tables. Each call builds them anew, and they live as long as this registry.
    pub fn registry(&self) -> tables::Registry<'_> {
        // What the tables borrow beside the registry's texts is put into the arena.
        let arena = &self.arena;
        let attributes = self.attributes.iter().map(|found| attribute(found, self.sources.as_ref(), arena));
        tables::Registry {
            schema_url: &self.schema_url,
            service: self.service.table(&self.version),
            attributes: arena.alloc_slice_fill_iter(attributes),
            resource: &self.resource,
            spans: arena.alloc_slice_fill_iter(self.spans.iter().map(|found| signal(found, arena))),
            events: arena.alloc_slice_fill_iter(self.events.iter().map(|found| signal(found, arena))),
        }
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
