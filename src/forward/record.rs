//! Clean records as the SDK's span data and log records.
//!
//! Only the fields of a record are set. The sampled flag, our scope and severity 9 are constant; links, trace state, a
//! status description, a body, a target and severity text are never set, so there is nothing to drop.

use crate::encode::value::{SCOPE_NAME, SCOPE_VERSION, Text, WireValue, listed, wire};
use crate::privacy::{Clean, Record, Resource, SpanStatus, Value};
use crate::registry::{Attribute, SpanKind};
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::trace::{Event, SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, trace};
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Converts records to the types of the SDK's processors.
pub(super) struct SdkConverter {
    scope: InstrumentationScope,
    /// Log records have no constructor: this one comes from a logger without processors.
    blank: SdkLogRecord,
}

impl SdkConverter {
    pub(super) fn new() -> Self {
        let scope = InstrumentationScope::builder(SCOPE_NAME).with_version(SCOPE_VERSION).build();
        // An empty resource: the default one reads the environment.
        let empty = opentelemetry_sdk::Resource::builder_empty().build();
        let provider = SdkLoggerProvider::builder().with_resource(empty).build();
        Self { blank: provider.logger_with_scope(scope.clone()).create_log_record(), scope }
    }

    pub(super) fn scope(&self) -> &InstrumentationScope {
        &self.scope
    }

    pub(super) fn span(&self, record: &Clean<Record>) -> SpanData {
        let ids = record.ids();
        let mut events = SpanEvents::default();
        events.events = record
            .events()
            .iter()
            .map(|event| Event::new(event.signal().name, time(event.start()), attributes(event), 0))
            .collect();
        SpanData {
            span_context: SpanContext::new(
                TraceId::from_bytes(ids.trace),
                SpanId::from_bytes(ids.span),
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: SpanId::from_bytes(ids.parent),
            parent_span_is_remote: false,
            span_kind: match record.signal().kind {
                SpanKind::Internal => trace::SpanKind::Internal,
                SpanKind::Server => trace::SpanKind::Server,
                SpanKind::Client => trace::SpanKind::Client,
                SpanKind::Producer => trace::SpanKind::Producer,
                SpanKind::Consumer => trace::SpanKind::Consumer,
            },
            name: record.signal().name.into(),
            start_time: time(record.start()),
            end_time: time(record.end()),
            attributes: attributes(record),
            dropped_attributes_count: 0,
            events,
            links: SpanLinks::default(),
            status: match record.status() {
                SpanStatus::Unset => trace::Status::Unset,
                SpanStatus::Ok => trace::Status::Ok,
                SpanStatus::Error => trace::Status::error(""),
            },
            instrumentation_scope: self.scope.clone(),
        }
    }

    pub(super) fn log(&self, record: &Clean<Record>) -> SdkLogRecord {
        let mut log = self.blank.clone();
        log.set_event_name(record.signal().name);
        log.set_timestamp(time(record.start()));
        log.set_observed_timestamp(time(record.start()));
        log.set_severity_number(Severity::Info);
        for (_, attribute, value) in record.attributes() {
            if let Some(value) = any_value(attribute, value) {
                log.add_attribute(attribute.key, value);
            }
        }
        let ids = record.ids();
        if ids.span != [0; 8] {
            let (trace, span) = (TraceId::from_bytes(ids.trace), SpanId::from_bytes(ids.span));
            log.set_trace_context(trace, span, Some(TraceFlags::SAMPLED));
        }
        log
    }
}

/// The declared resource and the registry's schema URL, without the SDK's detectors.
pub(super) fn resource(resource: &Clean<Resource>) -> opentelemetry_sdk::Resource {
    let attributes = resource.attributes().map(|(key, value)| KeyValue::new(key, value.to_owned()));
    opentelemetry_sdk::Resource::builder_empty()
        .with_schema_url(attributes.collect::<Vec<_>>(), resource.schema_url())
        .build()
}

fn time(nanoseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

fn attributes(record: &Record) -> Vec<KeyValue> {
    let pairs = record
        .attributes()
        .filter_map(|(_, attribute, value)| Some(KeyValue::new(attribute.key, sdk_value(attribute, value)?)));
    pairs.collect()
}

fn sdk_value(attribute: &'static Attribute<'static>, value: &Value) -> Option<opentelemetry::Value> {
    Some(match wire(attribute, value)? {
        WireValue::Boolean(value) => opentelemetry::Value::Bool(value),
        WireValue::Integer(value) => opentelemetry::Value::I64(value),
        WireValue::Text(text) => opentelemetry::Value::String(string(text)),
        WireValue::List(members, bits) => {
            let names = listed(members, bits).map(|(_, name)| StringValue::from(name));
            opentelemetry::Value::Array(Array::String(names.collect()))
        }
    })
}

fn any_value(attribute: &'static Attribute<'static>, value: &Value) -> Option<AnyValue> {
    Some(match wire(attribute, value)? {
        WireValue::Boolean(value) => AnyValue::Boolean(value),
        WireValue::Integer(value) => AnyValue::Int(value),
        WireValue::Text(text) => AnyValue::String(string(text)),
        WireValue::List(members, bits) => {
            let names = listed(members, bits).map(|(_, name)| AnyValue::String(StringValue::from(name)));
            AnyValue::ListAny(Box::new(names.collect()))
        }
    })
}

fn string(text: Text<'static>) -> StringValue {
    match text {
        Text::Declared(text) => text.into(),
        Text::Digits(..) | Text::Line(..) => text.to_string().into(),
    }
}
