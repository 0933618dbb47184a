//! Every treatment, span kind and status arrives as our encoder has it, over our own transports and by way of the SDK.

use crate::support::rehearsal;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Status;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::logs::tonic::group_logs_by_resource_and_scope;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use proptest::prelude::*;
use prost::Message;
use scruple::encode::Format;
use scruple::forward::Forward;
use scruple::registry::{
    AttributeRef, Normalize, Registry, Signal, SignalKind, SourceFile, SpanKind, TimeResolution, Treatment,
};
use scruple_fixtures::source::FixedClock;
use scruple_fixtures::tables::{attribute, used};
use scruple_fixtures::{
    LONG,
    http::{Answer, Server, answer},
    trials,
};
use std::sync::{Arc, Mutex};
use tracing_subscriber::prelude::*;

trials! { the_arrived_values_are_the_encoders }

/// What a program may say in one span and its event.
#[derive(Debug, Clone)]
struct Said {
    kind: usize,
    status: &'static str,
    boolean: bool,
    number: i64,
    text: String,
    member: &'static str,
    list: Vec<&'static str>,
    version: [u16; 3],
    line: u32,
}

fn said() -> impl Strategy<Value = Said> {
    let member = prop::sample::select(vec!["a", "b", "c d", "\"'\\", "ü", "none of them"]);
    let status = prop::sample::select(vec!["ok", "ERROR", "", "else"]);
    let list = prop::collection::vec(member.clone(), 0..5);
    (0..5usize, status, any::<bool>(), any::<i64>(), any::<String>(), member, list, any::<[u16; 3]>(), any::<u32>())
        .prop_map(|(kind, status, boolean, number, text, member, list, version, line)| Said {
            kind,
            status,
            boolean,
            number,
            text,
            member,
            list,
            version,
            line,
        })
}

macro_rules! say {
    ($said:expr, $($name:literal)+) => {
        match $said.kind {
            $(kind if NAMES[kind] == $name => say(tracing::info_span!(
                $name,
                all.boolean = $said.boolean,
                all.bucket = $said.number,
                all.count = $said.number,
                all.enumeration = $said.member,
                all.hash = $said.text.as_str(),
                all.integer = $said.number % 30 - 15,
                all.location = format!("src/main.rs:{}", $said.line % 200),
                all.names = ?$said.list,
                all.scheme = $said.text.as_str(),
                all.sha = $said.text.as_str(),
                all.version = format!("{}.{}.{}-rc", $said.version[0] % 10_001, $said.version[1], $said.version[2]),
                otel.status_code = $said.status,
            ), $said),)+
            _ => unreachable!(),
        }
    };
}

fn say(span: tracing::Span, said: &Said) {
    span.in_scope(|| {
        tracing::event!(
            name: "all.event",
            tracing::Level::INFO,
            { all.boolean = said.boolean, all.names = ?said.list, all.count = said.number, all.hash = said.text.as_str() }
        );
    });
}

/// The bodies of opentelemetry-otlp's exporters, in their canonical form.
#[derive(Debug, Clone, Default)]
struct Bodies {
    all: Arc<Mutex<Vec<Vec<u8>>>>,
    resource: Arc<ResourceAttributesWithSchema>,
}

impl Bodies {
    fn set(&mut self, resource: &Resource) {
        let mut resource = ResourceAttributesWithSchema::from(resource);
        // The SDK keeps them in a hash map.
        resource.attributes.0.sort_by(|a, b| a.key.cmp(&b.key));
        self.resource = Arc::new(resource);
    }

    fn keep(&self, request: &impl Message) -> OTelSdkResult {
        self.all.lock().unwrap().push(request.encode_to_vec());
        Ok(())
    }
}

impl SpanExporter for Bodies {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut request =
            ExportTraceServiceRequest { resource_spans: group_spans_by_resource_and_scope(batch, &self.resource) };
        for span in request.resource_spans.iter_mut().flat_map(|part| &mut part.scope_spans[0].spans) {
            // Bit 8 says that it is known whether the parent is remote; a status without information may be left out.
            span.flags &= 0xff;
            span.status.take_if(|status| *status == Status::default());
        }
        self.keep(&request)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.set(resource);
    }
}

impl LogExporter for Bodies {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let resource_logs = group_logs_by_resource_and_scope(&batch, &self.resource);
        self.keep(&ExportLogsServiceRequest { resource_logs })
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.set(resource);
    }
}

/// Both requests, by our encoder, over HTTP and through the SDK, for one span with an event in it.
fn check(said: &Said) {
    let encoded = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&encoded);
    let take = move |_: SignalKind, bytes: &[u8]| keep.lock().unwrap().push(bytes.to_vec());
    run(scruple::start(&REGISTRY).export(scruple::Exporter::requests(Format::Protobuf, take)), said);

    let server = Server::start(Answer::Bytes(answer("200 OK", "", b"")));
    run(scruple::start(&REGISTRY).endpoint(&server.url).export(Forward::http()).shutdown_timeout(LONG), said);
    let mut arrived: Vec<_> = server.take().into_iter().map(|arrived| arrived.message).collect();
    let mut encoded = encoded.lock().unwrap().clone();
    arrived.sort();
    encoded.sort();
    assert_eq!(arrived, encoded);

    let bodies = Bodies::default();
    let forward = Forward::exporters(bodies.clone(), bodies.clone());
    run(scruple::start(&REGISTRY).export(forward).shutdown_timeout(LONG), said);
    let mut exported = bodies.all.lock().unwrap().clone();
    exported.sort();
    assert_eq!(exported, encoded);
}

fn run(builder: scruple::Builder, said: &Said) {
    // Times of the SDK have the resolution of the system's: 100 ns on Windows.
    let rehearsal = rehearsal().clock(FixedClock::at(1_700_000_000_123_456_700));
    let telemetry = builder.rehearsal(rehearsal).span_events().build();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        say!(said, "all.client" "all.consumer" "all.internal" "all.producer" "all.server");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    fn the_arrived_values_are_the_encoders(said in said()) {
        check(&said);
    }
}

const INTEGERS: &[&str] = &["-9223372036854775808", "-1", "0", "14"];

const MEMBERS: &[&str] = &["\"'\\", "a", "b", "c d", "ü"];

const NAMES: [&str; 5] = ["all.client", "all.consumer", "all.internal", "all.producer", "all.server"];

const fn all(index: usize, kind: SpanKind) -> Signal<'static> {
    const USES: [AttributeRef; 11] = {
        let mut uses = [used(0); 11];
        let mut index = 0;
        while index < 11 {
            uses[index as usize].attribute = index;
            index += 1;
        }
        uses
    };
    Signal::span(NAMES[index], "").kind(kind).attributes(&USES).time(TimeResolution::Nanosecond)
}

static REGISTRY: Registry<'static> =
    Registry::new("https://all.example/schemas/1.0.0", crate::support::REGISTRY.service.name("all"))
        .attributes(&[
            attribute("all.boolean", Treatment::Boolean),
            attribute("all.bucket", Treatment::Bucket { members: &["few", "some", "many"], below: &[10, 1_000_000] }),
            attribute("all.count", Treatment::Count { max: i64::MAX }),
            attribute("all.enumeration", Treatment::Enum { members: MEMBERS, otherwise: Some(1) }),
            attribute("all.hash", Treatment::Hash),
            attribute("all.integer", Treatment::IntegerEnum { members: INTEGERS, otherwise: Some(1) }),
            attribute(
                "all.location",
                Treatment::Location { files: &[SourceFile::new("src/main.rs", 100)], root: "/src" },
            ),
            attribute("all.names", Treatment::Names { members: MEMBERS }),
            attribute(
                "all.scheme",
                Treatment::UriScheme { members: &["file", "https"], otherwise: Some(1), absent: Some(0) },
            ),
            attribute("all.sha", Treatment::Sha256 { normalize: Normalize::Lower }),
            attribute("all.version", Treatment::Version),
        ])
        .spans(&[
            all(0, SpanKind::Client),
            all(1, SpanKind::Consumer),
            all(2, SpanKind::Internal),
            all(3, SpanKind::Producer),
            all(4, SpanKind::Server),
        ])
        .events(&[Signal::event("all.event", "")
            .attributes(&[used(0), used(2), used(4), used(6)])
            .time(TimeResolution::Nanosecond)]);
