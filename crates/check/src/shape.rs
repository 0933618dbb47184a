//! The OTLP messages of traces and logs as tables: each field's number, JSON name and form.
//!
//! They are written from the OTLP 1.10.0 `.proto` files (`proto/opentelemetry`); `tests/registry/fields.rs` compares
//! them. A field without an entry is unknown, which is a finding.

/// The maximum number of fields of a message.
pub(super) const MAX_FIELDS: usize = 16;

/// A message.
pub(super) struct Shape {
    /// At most [`MAX_FIELDS`], in any order.
    pub fields: &'static [Field],
}

impl Shape {
    /// Finds a field by its number, with its position in the table.
    pub fn by_number(&self, number: u32) -> Option<(usize, &'static Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.number == number)
    }

    /// Finds a field by its JSON name, with its position in the table.
    pub fn by_name(&self, name: &str) -> Option<(usize, &'static Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.name == name)
    }
}

/// A field of a message.
pub(super) struct Field {
    pub number: u32,
    /// The lowerCamelCase name.
    pub name: &'static str,
    pub form: Form,
    /// Whether it is `repeated`.
    pub many: bool,
}

/// The type of a field, as far as the two encodings distinguish it.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Text,
    /// `bytes` that OTLP's JSON writes in hexadecimal.
    Id,
    /// `bytes` that JSON writes in base64.
    Bytes,
    Boolean,
    /// `int32` and enumerations: a varint.
    Signed32,
    /// `int64`: a varint; decimal text in JSON.
    Signed64,
    /// `uint32`: a varint.
    Unsigned32,
    Fixed32,
    /// Decimal text in JSON.
    Fixed64,
    Double,
    Message(&'static Shape),
}

/// `ExportTraceServiceRequest` and `TracesData`.
pub(super) static TRACES: Shape = Shape { fields: &[many(1, "resourceSpans", Form::Message(&RESOURCE_SPANS))] };

/// `ExportLogsServiceRequest` and `LogsData`.
pub(super) static LOGS: Shape = Shape { fields: &[many(1, "resourceLogs", Form::Message(&RESOURCE_LOGS))] };

static RESOURCE_SPANS: Shape = Shape {
    fields: &[
        one(1, "resource", Form::Message(&RESOURCE)),
        many(2, "scopeSpans", Form::Message(&SCOPE_SPANS)),
        one(3, "schemaUrl", Form::Text),
    ],
};

static SCOPE_SPANS: Shape = Shape {
    fields: &[
        one(1, "scope", Form::Message(&SCOPE)),
        many(2, "spans", Form::Message(&SPAN)),
        one(3, "schemaUrl", Form::Text),
    ],
};

static SPAN: Shape = Shape {
    fields: &[
        one(1, "traceId", Form::Id),
        one(2, "spanId", Form::Id),
        one(3, "traceState", Form::Text),
        one(4, "parentSpanId", Form::Id),
        one(5, "name", Form::Text),
        one(6, "kind", Form::Signed32),
        one(7, "startTimeUnixNano", Form::Fixed64),
        one(8, "endTimeUnixNano", Form::Fixed64),
        many(9, "attributes", Form::Message(&KEY_VALUE)),
        one(10, "droppedAttributesCount", Form::Unsigned32),
        many(11, "events", Form::Message(&EVENT)),
        one(12, "droppedEventsCount", Form::Unsigned32),
        many(13, "links", Form::Message(&LINK)),
        one(14, "droppedLinksCount", Form::Unsigned32),
        one(15, "status", Form::Message(&STATUS)),
        one(16, "flags", Form::Fixed32),
    ],
};

static EVENT: Shape = Shape {
    fields: &[
        one(1, "timeUnixNano", Form::Fixed64),
        one(2, "name", Form::Text),
        many(3, "attributes", Form::Message(&KEY_VALUE)),
        one(4, "droppedAttributesCount", Form::Unsigned32),
    ],
};

static LINK: Shape = Shape {
    fields: &[
        one(1, "traceId", Form::Id),
        one(2, "spanId", Form::Id),
        one(3, "traceState", Form::Text),
        many(4, "attributes", Form::Message(&KEY_VALUE)),
        one(5, "droppedAttributesCount", Form::Unsigned32),
        one(6, "flags", Form::Fixed32),
    ],
};

static STATUS: Shape = Shape { fields: &[one(2, "message", Form::Text), one(3, "code", Form::Signed32)] };

static RESOURCE_LOGS: Shape = Shape {
    fields: &[
        one(1, "resource", Form::Message(&RESOURCE)),
        many(2, "scopeLogs", Form::Message(&SCOPE_LOGS)),
        one(3, "schemaUrl", Form::Text),
    ],
};

static SCOPE_LOGS: Shape = Shape {
    fields: &[
        one(1, "scope", Form::Message(&SCOPE)),
        many(2, "logRecords", Form::Message(&LOG_RECORD)),
        one(3, "schemaUrl", Form::Text),
    ],
};

static LOG_RECORD: Shape = Shape {
    fields: &[
        one(1, "timeUnixNano", Form::Fixed64),
        one(2, "severityNumber", Form::Signed32),
        one(3, "severityText", Form::Text),
        one(5, "body", Form::Message(&ANY_VALUE)),
        many(6, "attributes", Form::Message(&KEY_VALUE)),
        one(7, "droppedAttributesCount", Form::Unsigned32),
        one(8, "flags", Form::Fixed32),
        one(9, "traceId", Form::Id),
        one(10, "spanId", Form::Id),
        one(11, "observedTimeUnixNano", Form::Fixed64),
        one(12, "eventName", Form::Text),
    ],
};

static RESOURCE: Shape = Shape {
    fields: &[
        many(1, "attributes", Form::Message(&KEY_VALUE)),
        one(2, "droppedAttributesCount", Form::Unsigned32),
        many(3, "entityRefs", Form::Message(&ENTITY_REF)),
    ],
};

static ENTITY_REF: Shape = Shape {
    fields: &[
        one(1, "schemaUrl", Form::Text),
        one(2, "type", Form::Text),
        many(3, "idKeys", Form::Text),
        many(4, "descriptionKeys", Form::Text),
    ],
};

static SCOPE: Shape = Shape {
    fields: &[
        one(1, "name", Form::Text),
        one(2, "version", Form::Text),
        many(3, "attributes", Form::Message(&KEY_VALUE)),
        one(4, "droppedAttributesCount", Form::Unsigned32),
    ],
};

static KEY_VALUE: Shape = Shape {
    fields: &[
        one(1, "key", Form::Text),
        one(2, "value", Form::Message(&ANY_VALUE)),
        one(3, "keyStrindex", Form::Signed32),
    ],
};

static ANY_VALUE: Shape = Shape {
    fields: &[
        one(1, "stringValue", Form::Text),
        one(2, "boolValue", Form::Boolean),
        one(3, "intValue", Form::Signed64),
        one(4, "doubleValue", Form::Double),
        one(5, "arrayValue", Form::Message(&ARRAY_VALUE)),
        one(6, "kvlistValue", Form::Message(&KEY_VALUE_LIST)),
        one(7, "bytesValue", Form::Bytes),
        one(8, "stringValueStrindex", Form::Signed32),
    ],
};

static ARRAY_VALUE: Shape = Shape { fields: &[many(1, "values", Form::Message(&ANY_VALUE))] };

static KEY_VALUE_LIST: Shape = Shape { fields: &[many(1, "values", Form::Message(&KEY_VALUE))] };

const fn one(number: u32, name: &'static str, form: Form) -> Field {
    Field { number, name, form, many: false }
}

const fn many(number: u32, name: &'static str, form: Form) -> Field {
    Field { number, name, form, many: true }
}
