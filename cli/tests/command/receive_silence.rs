//! The receiver's servers record nothing to the program's subscriber.

use std::sync::atomic::{AtomicUsize, Ordering};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use scruple_cli::receive::{Ports, Receiver};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Counts the records of the receiver's threads, and those of other threads.
static RECEIVER: AtomicUsize = AtomicUsize::new(0);
static OTHERS: AtomicUsize = AtomicUsize::new(0);

struct Count;

impl Count {
    fn count() {
        let receiver = std::thread::current().name() == Some("otlp-receiver");
        if receiver { &RECEIVER } else { &OTHERS }.fetch_add(1, Ordering::Relaxed);
    }
}

impl Subscriber for Count {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Self::count();
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        Self::count();
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn the_servers_record_nothing_to_the_programs_subscriber() {
    // The subscriber is the whole process's.
    scruple_fixtures::alone!();
    tracing::subscriber::set_global_default(Count).unwrap();
    let receiver = Receiver::start(Ports::ANY).unwrap();
    let url = format!("http://{}", receiver.grpc_addr);
    let mut client = TraceServiceClient::connect(url).await.unwrap();
    client.export(ExportTraceServiceRequest::default()).await.unwrap();
    drop(receiver);
    // The control: the client uses the same HTTP/2 library, and its records are counted.
    assert!(OTHERS.load(Ordering::Relaxed) > 0);
    assert_eq!(RECEIVER.load(Ordering::Relaxed), 0);
}
