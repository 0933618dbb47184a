//! The program that the judge starts: everything in the table, through one door and out one way.

use super::around::{self, THREAD};
use super::carrier::{self, Carrier, Plant};
use super::host::Host;
use super::registry;
use super::spans::START;
use super::support;
use opentelemetry::trace::{Span, Tracer};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{LogExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::logs::{BatchLogProcessor, LogProcessor};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanProcessor};
use scruple::Telemetry;
use scruple::encode::Format;
use scruple::forward::Forward;
use scruple::gate::LogGate;
use scruple::testing::Rehearsal;
use scruple_fixtures::{LONG, caller::Caller, source::FixedClock};
use std::io::Write;
use std::process::ExitCode;
use std::thread;
use tracing::{Level, event, info_span};
use tracing_subscriber::prelude::*;

pub fn play(door: &str, way: &str, endpoint: &str) -> ExitCode {
    let carriers = carrier::all();
    let program = || match door {
        "control" => control(way, &carriers),
        _ => through(door, &telemetry(way, endpoint), &carriers),
    };
    thread::scope(|threads| {
        thread::Builder::new().name(THREAD.to_owned()).spawn_scoped(threads, program).unwrap().join().unwrap();
    });
    ExitCode::SUCCESS
}

fn through(door: &str, telemetry: &Telemetry, carriers: &[Carrier]) {
    match door {
        "layer" => {
            let subscriber = tracing_subscriber::registry().with(telemetry.layer());
            tracing::subscriber::with_default(subscriber, || traced(carriers));
        }
        "otel_layers" => {
            let subscriber = tracing_subscriber::registry().with(telemetry.otel_layers());
            tracing::subscriber::with_default(subscriber, || traced(carriers));
        }
        "providers" => {
            let (tracers, loggers) = telemetry.providers();
            let host = Host { tracers, loggers };
            host.traced(|| traced(carriers));
            called(&host, carriers);
        }
        "gates" => {
            let (spans, logs) = telemetry.gates();
            piped(carriers, spans, Some(logs));
        }
        "span_gate" => piped(carriers, telemetry.span_gate(), None::<LogGate>),
        other => panic!("no door {other}"),
    }
}

/// The stock SDK and its stock exporters, set up by the environment alone.
fn control(way: &str, carriers: &[Carrier]) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _inside = runtime.enter();
    let (spans, logs) = match way {
        "grpc" => (
            SpanExporter::builder().with_tonic().build().unwrap(),
            LogExporter::builder().with_tonic().build().unwrap(),
        ),
        _ => {
            let protocol = Protocol::HttpBinary;
            let spans = SpanExporter::builder().with_http().with_protocol(protocol).with_http_client(Client);
            let logs = LogExporter::builder().with_http().with_protocol(protocol).with_http_client(Client);
            (spans.build().unwrap(), logs.build().unwrap())
        }
    };
    piped(carriers, BatchSpanProcessor::builder(spans).build(), Some(BatchLogProcessor::builder(logs).build()));
}

/// The whole program in a host's own pipeline.
fn piped(carriers: &[Carrier], spans: impl SpanProcessor + 'static, logs: Option<impl LogProcessor + 'static>) {
    let host = Host::new(carriers, spans, logs);
    host.traced(|| traced(carriers));
    called(&host, carriers);
    host.tracers.shutdown().unwrap();
    host.loggers.shutdown().unwrap();
}

/// What the macros of `tracing` plant, alone and inside the host's context.
fn traced(carriers: &[Carrier]) {
    for carrier in carriers {
        if let Plant::Traced(plant) = carrier.plant {
            plant(carrier.planted());
        }
    }
    let _inside = around::context(carriers).attach();
    info_span!("d.all", s.mode = "slow").in_scope(|| event!(name: "d.event", Level::INFO, { s.mode = "slow" }));
    event!(name: "d.event", Level::INFO, { s.mode = "slow" });
}

/// What the OpenTelemetry API plants, alone and inside the host's context.
fn called(host: &Host, carriers: &[Carrier]) {
    for carrier in carriers {
        if let Plant::Host(plant) = carrier.plant {
            plant(host, carrier.planted());
        }
    }
    let _inside = around::context(carriers).attach();
    let mut span = host.tracer().start("d.all");
    span.add_event("d.event", Vec::new());
    span.end();
    host.log(|_| {});
}

fn telemetry(way: &str, endpoint: &str) -> Telemetry {
    let rehearsal = Rehearsal::new().clock(FixedClock::at(START));
    let builder = scruple::start(&support::REGISTRY).library(&registry::REGISTRY).rehearsal(rehearsal);
    let builder = builder.endpoint(endpoint).shutdown_timeout(LONG).span_events();
    // Each request after its length.
    let write = |_, bytes: &[u8]| {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(&u32::try_from(bytes.len()).unwrap().to_be_bytes()).unwrap();
        stdout.write_all(bytes).unwrap();
        stdout.flush().unwrap();
    };
    match way {
        "http" => builder.export(Forward::http()),
        "grpc" => builder.export(Forward::grpc()),
        "json" => builder.export(scruple::Exporter::requests(Format::Json, write)),
        "protobuf" => builder.export(scruple::Exporter::requests(Format::Protobuf, write)),
        other => panic!("no way {other}"),
    }
    .build()
}

/// The stock exporter's request as it is, over a client that adds nothing of the environment.
#[derive(Debug)]
struct Client;

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let authority = head.uri.authority().ok_or("a receiver")?.as_str();
        let headers = head
            .headers
            .iter()
            .filter(|(name, _)| *name != "content-length")
            .map(|(name, value)| Ok(format!("{name}: {}\r\n", value.to_str()?)));
        let headers = headers.collect::<Result<String, HttpError>>()?;
        let mut caller = Caller::connect(authority)?;
        let (status, answer) = caller.call(head.method.as_str(), head.uri.path(), &headers, &body)?;
        Ok(Response::builder().status(status).body(answer.into())?)
    }
}
