//! Requests with a marker in every carrier that OTLP has.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use scruple::registry::{Registry, Signal, SignalKind, TimeResolution};
use scruple_cli::demo::usage::REGISTRY;
use sha2::{Digest as _, Sha256};

/// A request, and the markers in it.
pub struct Planted {
    pub signal: SignalKind,
    pub json: Vec<u8>,
    pub protobuf: Vec<u8>,
    pub markers: Vec<String>,
}

/// Hands out markers, others for each request.
struct Marks {
    request: u8,
    all: Vec<String>,
}

impl Marks {
    /// For one of at most ten requests.
    fn new(request: u8) -> Self {
        Self { request, all: Vec::new() }
    }

    fn text(&mut self, carrier: &str) -> String {
        let mark = format!("planted_{carrier}_{}_", self.request);
        self.all.push(mark.clone());
        mark
    }

    /// An id that is text.
    fn id<const N: usize>(&mut self, carrier: &str) -> Vec<u8> {
        let mut mark = format!("{}{carrier}", self.request);
        mark.extend(std::iter::repeat_n('_', N - mark.len()));
        self.all.push(mark.clone());
        mark.into_bytes()
    }

    /// A number that nothing else is.
    fn number(&mut self) -> u32 {
        let number = 4_024_010_000 + self.serial();
        self.all.push(number.to_string());
        number
    }

    /// One that fits an enumeration.
    fn small(&mut self) -> i32 {
        let number = 1_924_010_000 + self.serial();
        self.all.push(number.to_string());
        number.cast_signed()
    }

    /// A time whose nanoseconds are a marker, unless they may be said.
    fn time(&mut self, grain: TimeResolution, second: u64) -> u64 {
        if grain == TimeResolution::Nanosecond { second * 1_000_000_000 } else { self.nanoseconds(second) }
    }

    /// Nanoseconds in this second.
    fn nanoseconds(&mut self, second: u64) -> u64 {
        let fraction = 524_010_000 + self.serial();
        self.all.push(fraction.to_string());
        second * 1_000_000_000 + u64::from(fraction)
    }

    fn serial(&self) -> u32 {
        u32::from(self.request) * 1_000 + u32::try_from(self.all.len()).unwrap()
    }

    /// What the wrong values of a declared attribute look like, one of each type.
    fn wrong(&mut self, key: &str, carrier: &str) -> Vec<KeyValue> {
        let mark = |marks: &mut Self, kind: &str| marks.text(&format!("{carrier}-{kind}"));
        let nested = Value::KvlistValue(KeyValueList {
            values: vec![attribute(&mark(self, "nested-key"), text(&mark(self, "nested-value")))],
        });
        let list = Value::ArrayValue(ArrayValue {
            values: vec![
                any(text(&mark(self, "item"))),
                any(nested.clone()),
                any(Value::BytesValue(mark(self, "item-bytes").into())),
            ],
        });
        vec![
            attribute(key, text(&mark(self, "text"))),
            attribute(key, Value::IntValue(self.number().into())),
            attribute(key, Value::DoubleValue(f64::from(self.number()))),
            attribute(key, Value::BytesValue(mark(self, "bytes").into())),
            attribute(key, list),
            attribute(key, nested),
        ]
    }
}

/// Traces whose spans have this many events.
pub fn traces(events: u8, now: u64) -> Planted {
    let mut marks = Marks::new(events);
    let mut spans = Vec::new();
    // A marker in each field of a declared span.
    let mut span = declared_span(&mut marks, TimeResolution::Second, now);
    span.attributes = vec![
        attribute("demo.dataset.source", text("file")),
        attribute("demo.dataset.source", text(&marks.text("duplicate"))),
        attribute(&marks.text("span-key"), Value::BoolValue(true)),
        attribute("host.name", text(&marks.text("undeclared"))),
        attribute("redaction.masked.keys", text(&marks.text("redaction-masked"))),
        attribute("redaction.ignored.count", text(&marks.text("redaction-ignored"))),
        // Declared, but for another span.
        attribute("demo.library.version", text(&marks.text("elsewhere"))),
        attribute("demo.dataset.name", text(&marks.text("hash"))),
        attribute("huge", text(&format!("{}{}", marks.text("huge"), "x".repeat(200_000)))),
    ];
    for event in 0..events {
        let carrier = format!("event{event}");
        span.events.push(Event {
            time_unix_nano: marks.nanoseconds(now),
            name: if event == 0 { "demo.profile.saved".to_owned() } else { marks.text(&format!("{carrier}-name")) },
            attributes: vec![
                attribute("demo.result.scheme", text("s3")),
                attribute("demo.result.scheme", text(&marks.text(&format!("{carrier}-duplicate")))),
                attribute(&marks.text(&format!("{carrier}-key")), text(&marks.text(&format!("{carrier}-undeclared")))),
            ],
            dropped_attributes_count: marks.number(),
        });
        let wrong = marks.wrong("demo.result.scheme", &carrier);
        span.events.extend(wrong.into_iter().map(|attribute| Event {
            time_unix_nano: now * 1_000_000_000,
            name: "demo.profile.saved".to_owned(),
            attributes: vec![attribute],
            dropped_attributes_count: 0,
        }));
    }
    spans.push(span);
    // Each declared attribute of each type with wrong values, one a span, so that none hides behind another.
    for (name, key) in [
        ("demo.command", "demo.argument.names"),
        ("demo.command", "demo.label.chosen"),
        ("demo.command", "process.exit.code"),
        ("demo.load", "demo.dataset.format"),
        ("demo.load", "demo.dataset.name"),
        ("demo.outliers", "demo.outliers.share"),
        ("demo.profile", "demo.library.version"),
    ] {
        for attribute in marks.wrong(key, key) {
            spans.push(Span {
                name: name.to_owned(),
                attributes: vec![attribute],
                ..plain_span(REGISTRY, now, spans.len())
            });
        }
    }
    // Names that are not declared; the whole record is.
    for name in [marks.text("span-name"), format!("demo.load{}", marks.text("span-suffix")), String::new()] {
        let attributes = vec![attribute("demo.dataset.source", text(&marks.text(&format!("unnamed{}", spans.len()))))];
        spans.push(Span { name, attributes, ..plain_span(REGISTRY, now, spans.len()) });
    }
    traces_with(REGISTRY, spans, resource(REGISTRY, &mut marks), now, marks)
}

/// A request with these spans, and a declared one of each of some other programs.
fn traces_with(registry: &Registry<'_>, spans: Vec<Span>, resource: Resource, now: u64, mut marks: Marks) -> Planted {
    let name = spans[0].name.clone();
    let scope = Some(scope(&mut marks));
    let scope_spans = vec![ScopeSpans { scope, spans, schema_url: marks.text("scope-schema") }];
    let schema_url = marks.text("resource-schema");
    let mut resource_spans = vec![ResourceSpans { resource: Some(resource), scope_spans, schema_url }];
    resource_spans.extend(others(registry, &mut marks).into_iter().map(|resource| {
        let spans = vec![Span { name: name.clone(), ..plain_span(registry, now, 0) }];
        let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
        ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() }
    }));
    planted(SignalKind::Span, &ExportTraceServiceRequest { resource_spans }, marks)
}

/// The same for logs.
fn logs_with(
    registry: &Registry<'_>,
    log_records: Vec<LogRecord>,
    resource: Resource,
    now: u64,
    mut marks: Marks,
) -> Planted {
    let event_name = log_records[0].event_name.clone();
    let scope = Some(scope(&mut marks));
    let scope_logs = vec![ScopeLogs { scope, log_records, schema_url: marks.text("scope-schema") }];
    let schema_url = marks.text("resource-schema");
    let mut resource_logs = vec![ResourceLogs { resource: Some(resource), scope_logs, schema_url }];
    resource_logs.extend(others(registry, &mut marks).into_iter().map(|resource| {
        let log_records = vec![LogRecord { event_name: event_name.clone(), ..plain_log(now) }];
        let scope_logs = vec![ScopeLogs { log_records, ..ScopeLogs::default() }];
        ResourceLogs { resource: Some(resource), scope_logs, ..ResourceLogs::default() }
    }));
    planted(SignalKind::Event, &ExportLogsServiceRequest { resource_logs }, marks)
}

/// Traces of any registry: a marker in each field of each declared span and event, and the wrong values of each declared
/// attribute, one a span.
pub fn traces_of(registry: &Registry<'_>, events: usize, now: u64) -> Planted {
    let mut marks = Marks::new(u8::try_from(events).unwrap());
    let mut spans = Vec::new();
    for signal in registry.spans {
        let mut span = declared_span(&mut marks, signal.time, now);
        signal.name.clone_into(&mut span.name);
        span.attributes = undeclared(&mut marks);
        for event in registry.events.iter().cycle().take(events.min(registry.events.len() * 2)) {
            span.events.push(Event {
                time_unix_nano: marks.time(event.time, now),
                name: event.name.to_owned(),
                attributes: undeclared(&mut marks),
                dropped_attributes_count: marks.number(),
            });
            span.events.push(Event { name: marks.text("event-name"), ..span.events[0].clone() });
        }
        spans.push(span);
        for attribute in wrong(registry, signal, &mut marks) {
            let attributes = vec![attribute];
            spans.push(Span { name: signal.name.to_owned(), attributes, ..plain_span(registry, now, spans.len()) });
        }
    }
    for (signal, around) in registry.events.iter().zip(registry.spans.iter().cycle()).filter(|_| events > 0) {
        for attribute in wrong(registry, signal, &mut marks) {
            let time_unix_nano = now * 1_000_000_000;
            let event =
                Event { time_unix_nano, name: signal.name.to_owned(), attributes: vec![attribute], ..Event::default() };
            spans.push(Span {
                name: around.name.to_owned(),
                events: vec![event],
                ..plain_span(registry, now, spans.len())
            });
        }
    }
    for name in [marks.text("span-name"), String::new()] {
        let attributes = undeclared(&mut marks);
        spans.push(Span { name, attributes, ..plain_span(registry, now, spans.len()) });
    }
    traces_with(registry, spans, resource_of(registry, &mut marks), now, marks)
}

/// Logs of any registry, likewise.
pub fn logs_of(registry: &Registry<'_>, now: u64) -> Planted {
    let mut marks = Marks::new(9);
    let mut log_records = Vec::new();
    for signal in registry.events {
        let event_name = signal.name.to_owned();
        log_records.push(LogRecord {
            time_unix_nano: marks.time(signal.time, now),
            observed_time_unix_nano: marks.nanoseconds(1_234_567_890),
            severity_number: marks.small(),
            severity_text: marks.text("severity"),
            event_name: event_name.clone(),
            attributes: undeclared(&mut marks),
            dropped_attributes_count: marks.number(),
            flags: marks.number(),
            trace_id: marks.id::<16>("planted_logtrc"),
            span_id: marks.id::<8>("logspan"),
            body: Some(any(text(&marks.text("body")))),
        });
        for attribute in wrong(registry, signal, &mut marks) {
            let attributes = vec![attribute];
            log_records.push(LogRecord { event_name: event_name.clone(), attributes, ..plain_log(now) });
        }
    }
    for event_name in [marks.text("event-name"), String::new()] {
        log_records.push(LogRecord { event_name, attributes: undeclared(&mut marks), ..plain_log(now) });
    }
    logs_with(registry, log_records, resource_of(registry, &mut marks), now, marks)
}

fn undeclared(marks: &mut Marks) -> Vec<KeyValue> {
    vec![
        attribute(&marks.text("key"), Value::BoolValue(true)),
        attribute("host.name", text(&marks.text("undeclared"))),
        attribute("client.address", text(&marks.text("address"))),
        attribute("redaction.masked.keys", text(&marks.text("redaction"))),
        attribute("redaction.ignored.count", text(&marks.text("ignored"))),
        attribute("huge", text(&format!("{}{}", marks.text("huge"), "x".repeat(2_000)))),
    ]
}

/// The wrong values of each attribute of a signal.
fn wrong(registry: &Registry<'_>, signal: &Signal<'_>, marks: &mut Marks) -> Vec<KeyValue> {
    let used = signal.attributes.iter().map(|used| registry.attribute(used.attribute).unwrap());
    used.flat_map(|it| marks.wrong(it.key, it.key)).collect()
}

fn resource_of(registry: &Registry<'_>, marks: &mut Marks) -> Resource {
    let mut resource = resource(registry, marks);
    let declared = registry.resource.iter().map(|index| registry.attribute(*index).unwrap());
    let declared = declared.filter(|it| it.key != "service.name");
    resource.attributes.extend(declared.flat_map(|it| marks.wrong(it.key, it.key)));
    resource
}

/// Logs of every kind of body.
pub fn logs(now: u64) -> Planted {
    let mut marks = Marks::new(9);
    let nested = KeyValueList { values: vec![attribute(&marks.text("body-key"), text(&marks.text("body-value")))] };
    let bodies = [
        text(&marks.text("body")),
        Value::KvlistValue(nested),
        Value::BytesValue(marks.text("body-bytes").into()),
        Value::ArrayValue(ArrayValue { values: vec![any(text(&marks.text("body-item")))] }),
        Value::IntValue(marks.number().into()),
        Value::DoubleValue(f64::from(marks.number())),
    ];
    let mut records: Vec<_> =
        bodies.into_iter().map(|body| LogRecord { body: Some(any(body)), ..plain_log(now) }).collect();
    records.push(LogRecord {
        time_unix_nano: marks.nanoseconds(now),
        observed_time_unix_nano: marks.nanoseconds(1_234_567_890),
        severity_number: marks.small(),
        severity_text: marks.text("severity"),
        event_name: "demo.crash".to_owned(),
        attributes: vec![
            attribute("demo.crash.stage", text("load")),
            attribute("demo.crash.stage", text(&marks.text("log-duplicate"))),
            attribute("redaction.body.masked.keys", text(&marks.text("log-redaction"))),
            attribute(&marks.text("log-key"), text(&marks.text("log-undeclared"))),
        ],
        dropped_attributes_count: marks.number(),
        flags: marks.number(),
        trace_id: marks.id::<16>("planted_logtrc"),
        span_id: marks.id::<8>("logspan"),
        body: None,
    });
    for (name, key) in [
        ("demo.crash", "demo.crash.location"),
        ("demo.crash", "demo.crash.stage"),
        ("demo.dataset.loaded", "demo.dataset.rows"),
        ("demo.dataset.loaded", "demo.dataset.columns"),
        ("demo.profile.saved", "demo.result.scheme"),
    ] {
        for attribute in marks.wrong(key, key) {
            records.push(LogRecord { event_name: name.to_owned(), attributes: vec![attribute], ..plain_log(now) });
        }
    }
    for event_name in [marks.text("event-name"), format!("demo.crash{}", marks.text("event-suffix")), String::new()] {
        let attributes = vec![attribute("demo.crash.stage", text(&marks.text(&format!("unnamed{}", records.len()))))];
        records.push(LogRecord { event_name, attributes, ..plain_log(now) });
    }
    // One id without the other.
    records.push(LogRecord { trace_id: marks.id::<16>("planted_lonetrc"), flags: marks.number(), ..plain_log(now) });
    records.push(LogRecord { span_id: marks.id::<8>("lonespn"), ..plain_log(now) });
    logs_with(REGISTRY, records, resource(REGISTRY, &mut marks), now, marks)
}

/// A declared span with a declared event, and the event as a log, at these times; ids of one byte's value.
pub fn timed(trace: u8, span: u8, start: u64, end: u64, event: u64) -> [Vec<u8>; 2] {
    use prost::Message as _;
    let record = Span {
        trace_id: vec![trace; 16],
        span_id: vec![span; 8],
        name: "demo.load".to_owned(),
        start_time_unix_nano: start,
        end_time_unix_nano: end,
        events: vec![Event { time_unix_nano: event, name: "demo.profile.saved".to_owned(), ..Event::default() }],
        ..Span::default()
    };
    let scope_spans = vec![ScopeSpans { spans: vec![record], ..ScopeSpans::default() }];
    let traces =
        ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] };
    let log = LogRecord { time_unix_nano: event, event_name: "demo.crash".to_owned(), ..LogRecord::default() };
    let scope_logs = vec![ScopeLogs { log_records: vec![log], ..ScopeLogs::default() }];
    let logs = ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }] };
    [traces.encode_to_vec(), logs.encode_to_vec()]
}

/// A trace whose one attribute is a list in a list in a list.
pub fn deep(depth: usize) -> Vec<u8> {
    // Field 5 of AnyValue is a list, whose field 1 is an AnyValue: written by hand, since prost stops at 100.
    let wrap = |tag: u8, inner: Vec<u8>| {
        let mut out = vec![tag];
        prost::encoding::encode_varint(inner.len() as u64, &mut out);
        [out, inner].concat()
    };
    let mut value = wrap(0x0a, b"planted_deep_".to_vec());
    for _ in 0..depth {
        value = wrap(0x2a, wrap(0x0a, value));
    }
    let attribute = [wrap(0x0a, b"demo.argument.names".to_vec()), wrap(0x12, value)].concat();
    let second = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let time = (second * 1_000_000_000).to_le_bytes();
    let span = [
        wrap(0x0a, vec![1; 16]),
        wrap(0x12, vec![1; 8]),
        wrap(0x2a, b"demo.command".to_vec()),
        [&[0x39][..], &time, &[0x41], &time].concat(),
        wrap(0x4a, attribute),
    ];
    wrap(0x0a, wrap(0x12, wrap(0x12, span.concat())))
}

fn declared_span(marks: &mut Marks, grain: TimeResolution, now: u64) -> Span {
    Span {
        trace_id: marks.id::<16>("planted_traceid"),
        span_id: marks.id::<8>("spanid1"),
        parent_span_id: marks.id::<8>("parent1"),
        trace_state: format!("a={}", marks.text("state")),
        flags: marks.number(),
        name: "demo.load".to_owned(),
        kind: marks.small(),
        start_time_unix_nano: marks.time(grain, now - 1),
        end_time_unix_nano: marks.time(grain, now),
        dropped_attributes_count: marks.number(),
        dropped_events_count: marks.number(),
        dropped_links_count: marks.number(),
        links: vec![Link {
            trace_id: marks.id::<16>("planted_linkid"),
            span_id: marks.id::<8>("linkspn"),
            trace_state: format!("b={}", marks.text("link-state")),
            attributes: vec![attribute(&marks.text("link-key"), text(&marks.text("link-value")))],
            dropped_attributes_count: marks.number(),
            flags: marks.number(),
        }],
        status: Some(Status { message: marks.text("status-message"), code: marks.small() }),
        ..Span::default()
    }
}

/// A span in the registry's own trace.
fn plain_span(registry: &Registry<'_>, now: u64, index: usize) -> Span {
    Span {
        trace_id: Sha256::digest(registry.service.name)[..16].to_vec(),
        span_id: (index as u64 + 1).to_be_bytes().to_vec(),
        kind: 1,
        start_time_unix_nano: now * 1_000_000_000,
        end_time_unix_nano: now * 1_000_000_000,
        ..Span::default()
    }
}

fn plain_log(now: u64) -> LogRecord {
    let time = now * 1_000_000_000;
    LogRecord {
        time_unix_nano: time,
        observed_time_unix_nano: time,
        event_name: "demo.crash".to_owned(),
        ..LogRecord::default()
    }
}

/// What other programs call themselves, in a value of each type: alone, and after the program's name.
fn others(registry: &Registry<'_>, marks: &mut Marks) -> Vec<Resource> {
    let own = || attribute("service.name", text(registry.service.name));
    let alone: Vec<_> = marks.wrong("service.name", "other-program").into_iter().map(|name| vec![name]).collect();
    let after = marks.wrong("service.name", "second-name").into_iter().map(|name| vec![own(), name]);
    let all = alone.into_iter().chain(after);
    all.map(|attributes| Resource { attributes, ..Resource::default() }).collect()
}

/// The program's own resource: with one name, else all its records would be another program's.
fn resource(registry: &Registry<'_>, marks: &mut Marks) -> Resource {
    let mut attributes = vec![
        attribute("service.name", text(registry.service.name)),
        attribute("host.name", text(&marks.text("host"))),
        attribute("redaction.redacted.keys", text(&marks.text("resource-redaction"))),
        attribute("os.type", text("linux")),
        attribute("os.type", text(&marks.text("resource-duplicate"))),
        attribute("service.version", text(&marks.text("service-version"))),
        attribute("session.id", text(&marks.text("session"))),
        attribute("host.arch", text(&marks.text("arch"))),
        attribute(&marks.text("resource-key"), Value::BoolValue(true)),
    ];
    // A key may come several times; the Collector reads the first.
    attributes.extend(marks.wrong("os.version", "os-version"));
    Resource {
        attributes,
        dropped_attributes_count: marks.number(),
        entity_refs: vec![EntityRef {
            schema_url: marks.text("entity-schema"),
            r#type: marks.text("entity-type"),
            id_keys: vec![marks.text("entity-id")],
            description_keys: vec![marks.text("entity-description")],
        }],
    }
}

fn scope(marks: &mut Marks) -> InstrumentationScope {
    InstrumentationScope {
        name: marks.text("scope-name"),
        version: marks.text("scope-version"),
        attributes: vec![attribute(&marks.text("scope-key"), text(&marks.text("scope-value")))],
        dropped_attributes_count: marks.number(),
    }
}

fn planted<R: prost::Message + serde::Serialize>(signal: SignalKind, request: &R, marks: Marks) -> Planted {
    let json = serde_json::to_vec(request).unwrap();
    Planted { signal, json, protobuf: request.encode_to_vec(), markers: marks.all }
}

pub fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(any(value)), ..KeyValue::default() }
}

pub fn text(text: &str) -> Value {
    Value::StringValue(text.to_owned())
}

fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}
