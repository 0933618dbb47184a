//! Runs the program with the real pipeline, with the layer or the gate in front, and collects the data that left.
//!
//! Without `--to`, the records go to a receiver in this process, and its requests are checked. With `--to`, they go to
//! that endpoint, and a copy of each clean record from the pipeline is checked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scruple::check::Format;
use scruple::consent::{Decision, Mode};
use scruple::registry::{Endpoint, SignalKind};
use scruple::testing::Rehearsal;
use scruple::{Builder, Telemetry, encode};
use scruple::{Forward, ForwardCounts, LossReason};
use tracing_subscriber::layer::SubscriberExt;

use super::program::{Job, ProgramError, ProgramResult};
use super::recorded::Recorder;
use super::usage::REGISTRY;
use crate::receive::{Arrival, Ports, Protocol, Receiver, Refusal, StartError};

/// How long the demo waits at its end for an endpoint. A real program waits much less.
pub const BUDGET: Duration = Duration::from_secs(3);

/// How long the demo waits for its own receiver, which always answers, but late on a busy machine.
const OWN_BUDGET: Duration = Duration::from_secs(30);

/// How records get from `tracing` into the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Instrumentation {
    /// Through scruple's layer.
    Layer,
    /// Through tracing-opentelemetry, the SDK, and the gate.
    Sdk,
}

/// The settings of a run.
pub struct Stage<'a> {
    /// The layer or the gate.
    pub door: Instrumentation,
    /// The transport.
    pub protocol: Protocol,
    /// The endpoint; `None` for a receiver in this process.
    pub to: Option<&'a Endpoint>,
    /// Whether events are also written on their spans.
    pub span_events: bool,
    /// Whether variables and continuous integration are ignored.
    pub ignore_environment: bool,
}

/// A request that left, or a copy of a record that left.
pub struct SentData {
    /// Traces or logs.
    pub signal: SignalKind,
    /// The transport; `None` for a copy.
    pub protocol: Option<Protocol>,
    /// The encoding.
    pub format: Format,
    /// The body.
    pub bytes: Vec<u8>,
    /// Header names and values of a request.
    pub headers: Vec<(String, String)>,
}

/// The result of a run.
pub struct Run {
    /// The decision.
    pub decision: Decision,
    /// The program's result.
    pub work: Result<ProgramResult, ProgramError>,
    /// The recorded data.
    pub recorder: Recorder,
    /// The data that left.
    pub taken: Vec<SentData>,
    /// The requests that the receiver refused.
    pub refusals: Vec<Refusal>,
    /// The delivery counts.
    pub delivered: Delivered,
    /// The numbers of withheld values, by reason.
    pub withheld: Vec<(scruple::privacy::DropReason, u64)>,
}

/// The delivery counts at the end of the telemetry.
#[derive(PartialEq, Eq)]
pub struct Delivered {
    /// The number of records that the endpoint accepted.
    pub sent: u64,
    /// The number of records without an answer at the deadline.
    pub waiting: u64,
    /// The numbers of lost records, by reason.
    pub lost: Vec<(LossReason, u64)>,
}

impl Delivered {
    /// Threads that outlive the telemetry still change the counts, so they are read until two readings are equal.
    fn of(deliveries: &ForwardCounts) -> Self {
        let read =
            || Self { sent: deliveries.sent(), lost: deliveries.iter().collect(), waiting: deliveries.waiting() };
        let mut first = read();
        loop {
            let second = read();
            if first == second {
                return first;
            }
            first = second;
        }
    }

    /// The number of records that are not known to be accepted.
    pub fn missing(&self) -> u64 {
        self.waiting + self.lost.iter().map(|(_, count)| count).sum::<u64>()
    }
}

/// Why the program was not run.
pub enum NoRun {
    /// Telemetry is off.
    Off(Decision),
    /// The receiver did not start.
    Receiver(StartError),
}

impl Stage<'_> {
    /// The decision, without any file, socket or thread.
    pub fn decision(&self) -> Decision {
        self.builder().export(scruple::Exporter::requests(encode::Format::Json, |_, _| {})).build().decision()
    }

    /// Runs the program.
    ///
    /// # Errors
    /// If telemetry is off, or the receiver did not start.
    pub fn run(&self, job: &Job<'_>) -> Result<Run, NoRun> {
        let decision = self.decision();
        if decision.mode != Mode::On {
            return Err(NoRun::Off(decision));
        }
        let receiver = match self.to {
            Some(_) => None,
            None => Some(Receiver::start(Ports::ANY).map_err(NoRun::Receiver)?),
        };
        let endpoint = match (&receiver, self.to, self.protocol) {
            (_, Some(to), _) => to.to_string(),
            (Some(receiver), None, Protocol::Http) => format!("http://{}", receiver.http_addr),
            (Some(receiver), None, Protocol::Grpc) => format!("http://{}", receiver.grpc_addr),
            (None, None, _) => String::new(),
        };
        let forward = match self.protocol {
            Protocol::Http => Forward::http(),
            Protocol::Grpc => Forward::grpc(),
        };
        let deliveries = forward.deliveries();
        let copies = Arc::new(Mutex::new(Vec::new()));
        let budget = if self.to.is_some() { BUDGET } else { OWN_BUDGET };
        let mut builder = self.builder().endpoint(&endpoint).shutdown_timeout(budget).export(forward);
        if self.to.is_some() {
            let copies = Arc::clone(&copies);
            builder = builder.tee(encode::Format::Protobuf, move |signal, bytes| {
                copies.lock().unwrap_or_else(PoisonError::into_inner).push(SentData {
                    signal,
                    protocol: None,
                    format: Format::Protobuf,
                    bytes: bytes.to_vec(),
                    headers: Vec::new(),
                });
            });
        }
        let telemetry = builder.build();
        let decision = telemetry.decision();
        if decision.mode != Mode::On {
            return Err(NoRun::Off(decision));
        }
        let recorder = Recorder::default();
        let work = enter(&telemetry, self.door, &recorder, job);
        if work.is_err() {
            // A failed run shows no table, so nothing is sent.
            telemetry.disable();
        }
        let withheld = telemetry.drop_counts().iter().collect();
        drop(telemetry);
        let delivered = Delivered::of(&deliveries);
        let mut taken = std::mem::take(&mut *copies.lock().unwrap_or_else(PoisonError::into_inner));
        let mut refusals = Vec::new();
        for arrival in receiver.iter().flat_map(|receiver| receiver.arrivals.try_iter()) {
            match arrival {
                Arrival::Refusal(refusal) => refusals.push(refusal),
                Arrival::Request(request) => taken.push(SentData {
                    signal: request.signal,
                    protocol: Some(request.protocol),
                    format: request.format,
                    bytes: request.bytes.to_vec(),
                    headers: request.head.headers,
                }),
            }
        }
        Ok(Run { decision, work, recorder, taken, refusals, delivered, withheld })
    }

    /// A person who runs the demo opts in by that. Every opt-out still counts.
    fn builder(&self) -> Builder {
        let mut builder = scruple::start(REGISTRY);
        if self.span_events {
            builder = builder.span_events();
        }
        if self.ignore_environment {
            builder.rehearsal(Rehearsal::new())
        } else {
            builder.preset(scruple::Preset::OperatorConsent)
        }
    }
}

/// Runs the program under a subscriber of this thread, with the recorder and the layer or the gate.
fn enter(
    telemetry: &Telemetry,
    door: Instrumentation,
    recorder: &Recorder,
    job: &Job<'_>,
) -> Result<ProgramResult, ProgramError> {
    let registry = tracing_subscriber::registry().with(recorder.clone());
    let run = || job.run(telemetry);
    match door {
        Instrumentation::Layer => tracing::subscriber::with_default(registry.with(telemetry.layer()), run),
        Instrumentation::Sdk => tracing::subscriber::with_default(registry.with(telemetry.otel_layers()), run),
    }
}
