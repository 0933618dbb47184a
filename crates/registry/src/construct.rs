//! Constructors of the tables for generated code, which a new field of a table must not break.

use super::{
    Attribute, AttributeRef, Registry, RequirementLevel, Rotation, Service, Signal, SourceFile, SpanKind,
    TimeResolution, Treatment,
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
impl<'a> Service<'a> {
    pub const fn new(app_id: &'a str, name: &'a str, version: &'a str, controller: &'a str, endpoint: &'a str) -> Self {
        Self {
            app_id,
            name,
            version,
            controller,
            endpoint,
            link: None,
            client_address: false,
            rotate: Rotation::Monthly,
            time: TimeResolution::Second,
            because: None,
        }
    }

    #[must_use]
    pub const fn app_id(mut self, app_id: &'a str) -> Self {
        self.app_id = app_id;
        self
    }

    #[must_use]
    pub const fn name(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    #[must_use]
    pub const fn version(mut self, version: &'a str) -> Self {
        self.version = version;
        self
    }

    #[must_use]
    pub const fn controller(mut self, controller: &'a str) -> Self {
        self.controller = controller;
        self
    }

    #[must_use]
    pub const fn endpoint(mut self, endpoint: &'a str) -> Self {
        self.endpoint = endpoint;
        self
    }

    #[must_use]
    pub const fn link(mut self, link: &'a str) -> Self {
        self.link = Some(link);
        self
    }

    #[must_use]
    pub const fn client_address(mut self) -> Self {
        self.client_address = true;
        self
    }

    #[must_use]
    pub const fn rotate(mut self, rotate: Rotation) -> Self {
        self.rotate = rotate;
        self
    }

    #[must_use]
    pub const fn time(mut self, time: TimeResolution) -> Self {
        self.time = time;
        self
    }

    #[must_use]
    pub const fn because(mut self, because: &'a str) -> Self {
        self.because = Some(because);
        self
    }
}

#[doc(hidden)]
impl<'a> Attribute<'a> {
    /// Recorded in the field of its key.
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

    /// Its tables differ from a span's in nothing but where they stand.
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
