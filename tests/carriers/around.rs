//! What is around a program: its pipeline's resource, its OpenTelemetry context, its variables, its thread.

use super::carrier::{Carrier, Plant, Variables};
use super::host;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};

/// The name of the thread in which programs run.
pub const THREAD: &str = "qz-name-of-the-thread-qz";

const TRACE: &str = "qz-host-trace-id";
const SPAN: &str = "qz-spnid";

pub fn carriers() -> Vec<Carrier> {
    let resource = |name, plant| Carrier::named(name, Plant::Resource(plant));
    let context = |name, plant| Carrier::named(name, Plant::Context(plant));
    let general = |name, variable, value| Carrier::named(name, Plant::Variable(Variables::General, variable, value));
    let signal = |name, variable, value| Carrier::named(name, Plant::Variable(Variables::Signal, variable, value));
    let value_of = |marker: &str, _: &str| format!("x-key={marker}");
    let name_of = |marker: &str, _: &str| format!("{marker}=value");
    vec![
        resource("value of a resource attribute", |r, m| r.with_attribute(KeyValue::new("host.name", m))),
        resource("key of a resource attribute", |r, m| r.with_attribute(KeyValue::new(m, true))),
        resource("list in the resource", |r, m| {
            r.with_attribute(KeyValue::new("list", Value::Array(Array::String(vec![StringValue::from(m)]))))
        }),
        resource("declared key in the resource", |r, m| r.with_attribute(KeyValue::new("os.type", m))),
        resource("schema URL of the resource", |r, m| r.with_schema_url([], m)),
        context("value of baggage", |c, m| c.with_baggage(baggage(c, "key", m))),
        context("key of baggage", |c, m| c.with_baggage(baggage(c, m, "value"))),
        context("value of the host's trace state", |c, m| remote(c, "vendor", m)),
        context("key of the host's trace state", |c, m| remote(c, m, "value")),
        Carrier::text_of("trace id of the host's context", TRACE, Plant::Always),
        Carrier::text_of("span id of the host's context", SPAN, Plant::Always),
        Carrier::text_of("trace ids of the host's SDK", host::TRACE, Plant::Always),
        Carrier::text_of("span ids of the host's SDK", host::SPAN, Plant::Always),
        Carrier::text_of("name of the thread", THREAD, Plant::Always),
        general("value in OTEL_RESOURCE_ATTRIBUTES", "OTEL_RESOURCE_ATTRIBUTES", value_of),
        general("key in OTEL_RESOURCE_ATTRIBUTES", "OTEL_RESOURCE_ATTRIBUTES", name_of),
        general("OTEL_SERVICE_NAME", "OTEL_SERVICE_NAME", |m, _| m.to_owned()),
        general("value in OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS", value_of),
        general("name in OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS", name_of),
        general("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT", path),
        signal("value in OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", value_of),
        signal("name in OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", name_of),
        signal("value in OTEL_EXPORTER_OTLP_LOGS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS", value_of),
        signal("name in OTEL_EXPORTER_OTLP_LOGS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS", name_of),
        signal("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", path),
        signal("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", path),
    ]
}

/// The host's context, with all that the table plants in it.
pub fn context(carriers: &[Carrier]) -> Context {
    let mut context = Context::new();
    for carrier in carriers {
        if let Plant::Context(plant) = carrier.plant {
            context = plant(&context, carrier.planted());
        }
    }
    context
}

fn path(marker: &str, url: &str) -> String {
    format!("{url}/{marker}")
}

fn baggage(context: &Context, key: &'static str, value: &'static str) -> Vec<KeyValue> {
    let others = context.baggage().into_iter().map(|(key, (value, _))| KeyValue::new(key.clone(), value.clone()));
    others.chain([KeyValue::new(key, value)]).collect()
}

/// A remote parent that has one more member in its trace state.
fn remote(context: &Context, key: &str, value: &str) -> Context {
    let state = context.span().span_context().trace_state().insert(key, value).unwrap();
    context.with_remote_span_context(span_context(TRACE, SPAN, state))
}

/// The names of a span somewhere else; the texts have 16 and 8 bytes.
pub fn span_context(trace: &str, span: &str, state: TraceState) -> SpanContext {
    let trace = TraceId::from_bytes(trace.as_bytes().try_into().unwrap());
    let span = SpanId::from_bytes(span.as_bytes().try_into().unwrap());
    SpanContext::new(trace, span, TraceFlags::SAMPLED, true, state)
}
