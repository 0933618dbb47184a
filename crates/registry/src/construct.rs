//! Constructors of the tables for generated code, which a new field of a table must not break.

use super::{
    Attribute, AttributeRef, Registry, RequirementLevel, Service, Signal, SourceFile, SpanKind, TimeResolution,
    Treatment,
};

#[doc(hidden)]
impl<'a> Registry<'a> {
    pub const fn new(schema_url: &'a str, service: Service<'a>) -> Self {
        Self { schema_url, service, attributes: &[], resource: &[], spans: &[], events: &[] }
    }

    #[must_use]
    pub const fn schema_url(mut self, schema_url: &'a str) -> Self {
        self.schema_url = schema_url;
        self
    }

    #[must_use]
    pub const fn service(mut self, service: Service<'a>) -> Self {
        self.service = service;
        self
    }

    #[must_use]
    pub const fn attributes(mut self, attributes: &'a [Attribute<'a>]) -> Self {
        self.attributes = attributes;
        self
    }

    #[must_use]
    pub const fn resource(mut self, resource: &'a [u16]) -> Self {
        self.resource = resource;
        self
    }

    #[must_use]
    pub const fn spans(mut self, spans: &'a [Signal<'a>]) -> Self {
        self.spans = spans;
        self
    }

    #[must_use]
    pub const fn events(mut self, events: &'a [Signal<'a>]) -> Self {
        self.events = events;
        self
    }
}

#[doc(hidden)]
impl<'a> Attribute<'a> {
    /// Recorded in the field of the same name as the key.
    pub const fn new(key: &'a str, brief: &'a str, treatment: Treatment<'a>) -> Self {
        Self { key, field: key, brief, treatment, because: None }
    }

    #[must_use]
    pub const fn field(mut self, field: &'a str) -> Self {
        self.field = field;
        self
    }

    #[must_use]
    pub const fn because(mut self, because: &'a str) -> Self {
        self.because = Some(because);
        self
    }
}

#[doc(hidden)]
impl<'a> Signal<'a> {
    pub const fn span(name: &'a str, brief: &'a str) -> Self {
        Self {
            name,
            brief,
            kind: SpanKind::Internal,
            attributes: &[],
            time: TimeResolution::Second,
            at_most: u32::MAX,
            because: None,
        }
    }

    /// The tables of an event have the same form as a span's.
    pub const fn event(name: &'a str, brief: &'a str) -> Self {
        Self::span(name, brief)
    }

    #[must_use]
    pub const fn kind(mut self, kind: SpanKind) -> Self {
        self.kind = kind;
        self
    }

    #[must_use]
    pub const fn attributes(mut self, attributes: &'a [AttributeRef]) -> Self {
        self.attributes = attributes;
        self
    }

    #[must_use]
    pub const fn time(mut self, time: TimeResolution) -> Self {
        self.time = time;
        self
    }

    #[must_use]
    pub const fn at_most(mut self, at_most: u32) -> Self {
        self.at_most = at_most;
        self
    }

    #[must_use]
    pub const fn because(mut self, because: &'a str) -> Self {
        self.because = Some(because);
        self
    }
}

#[doc(hidden)]
impl AttributeRef {
    pub const fn new(attribute: u16, level: RequirementLevel) -> Self {
        Self { attribute, level }
    }
}

#[doc(hidden)]
impl<'a> SourceFile<'a> {
    pub const fn new(path: &'a str, lines: u32) -> Self {
        Self { path, lines }
    }
}
