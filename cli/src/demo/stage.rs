//! The run itself: the real pipeline with the layer or the SDK before it, and where its records go.
//!
//! Without `--to` they go to a receiver in this process, and what it received is judged. With `--to` they go there, and
//! a copy of each record is judged that the pipeline made of the same clean record.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scruple::check::Format;
use scruple::consent::{Decision, Mode};
use scruple::forward::{Forward, ForwardCounts, LossReason};
use scruple::registry::{Endpoint, SignalKind};
use scruple::testing::Rehearsal;
use scruple::{Builder, Telemetry, encode};
use tracing_subscriber::layer::SubscriberExt;

use super::program::{Job, NoWork, Work};
use super::recorded::Recorder;
use super::usage::REGISTRY;
use crate::receive::{Arrival, Ports, Protocol, Receiver, Refusal, StartError};

/// The variable that turns the demo's telemetry off.
pub const OPT_OUT: &str = "SCRUPLE_DEMO_OPTOUT";

/// How long the demo waits at its end for an endpoint. A program would not be held up so long.
pub const BUDGET: Duration = Duration::from_secs(3);

/// How long it waits for its own receiver, which always answers, on a busy machine later.
const OWN_BUDGET: Duration = Duration::from_secs(30);

/// How records get from `tracing` into the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Instrumentation {
    /// Through scruple's own layer.
    Layer,
    /// Through tracing-opentelemetry, the SDK, and the gate.
    Sdk,
}

/// How a run is set up.
pub struct Stage<'a> {
    /// The way in.
    pub door: Instrumentation,
    /// The exporter.
    pub protocol: Protocol,
    /// Where to; without it, to this process.
    pub to: Option<&'a Endpoint>,
    /// Whether events are also written on their spans.
    pub span_events: bool,
    /// Whether variables and continuous integration are not asked.
    pub ignore_environment: bool,
}

/// A request that left, or a copy of a record that did.
pub struct Taken {
    /// Traces or logs.
    pub signal: SignalKind,
    /// How it came; `None` for a copy.
    pub protocol: Option<Protocol>,
    /// The encoding.
    pub format: Format,
    /// The body.
    pub bytes: Vec<u8>,
    /// Header names and values, where it was a request.
    pub headers: Vec<(String, String)>,
}

/// What a run gave.
pub struct Run {
    /// What was decided.
    pub decision: Decision,
    /// What the program did.
    pub work: Result<Work, NoWork>,
    /// What it recorded.
    pub recorder: Recorder,
    /// What left.
    pub taken: Vec<Taken>,
    /// What the receiver refused.
    pub refusals: Vec<Refusal>,
    /// What became of the records on their way.
    pub delivered: Delivered,
    /// What was withheld, by reason.
    pub withheld: Vec<(scruple::privacy::DropReason, u64)>,
}

/// What became of the records by the time that the telemetry had ended.
#[derive(PartialEq, Eq)]
pub struct Delivered {
    /// How many the endpoint took.
    pub sent: u64,
    /// How many were on their way when the time was over.
    pub waiting: u64,
    /// How many were lost, by reason.
    pub lost: Vec<(LossReason, u64)>,
}

impl Delivered {
    /// What was left behind at the end still changes the counts: they are read until they stand still.
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

    /// How many the endpoint did not take, as far as is known.
    pub fn missing(&self) -> u64 {
        self.waiting + self.lost.iter().map(|(_, count)| count).sum::<u64>()
    }
}

/// Why there was no run.
pub enum NoRun {
    /// It was decided against.
    Off(Decision),
    /// There is nothing to send to.
    Receiver(StartError),
}

impl Stage<'_> {
    /// What would be decided: opens nothing and starts nothing.
    pub fn decision(&self) -> Decision {
        self.builder().export(scruple::Exporter::requests(encode::Format::Json, |_, _| {})).build().decision()
    }

    /// Runs the program.
    ///
    /// # Errors
    /// If telemetry is off, or there is no receiver.
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
                copies.lock().unwrap_or_else(PoisonError::into_inner).push(Taken {
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
            // A run that is not shown is not sent.
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
                Arrival::Request(request) => taken.push(Taken {
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

    /// Whoever runs the demo wants to see it: that is the yes. Every no still counts.
    fn builder(&self) -> Builder {
        let mut builder = scruple::start(REGISTRY).opt_out_variable(OPT_OUT);
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

/// Runs the program under a subscriber of this thread, with the door and the recorder in it.
fn enter(telemetry: &Telemetry, door: Instrumentation, recorder: &Recorder, job: &Job<'_>) -> Result<Work, NoWork> {
    let registry = tracing_subscriber::registry().with(recorder.clone());
    let run = || job.run(telemetry);
    match door {
        Instrumentation::Layer => tracing::subscriber::with_default(registry.with(telemetry.layer()), run),
        Instrumentation::Sdk => tracing::subscriber::with_default(registry.with(telemetry.otel_layers()), run),
    }
}
