//! The status: what is decided, and what every source says, for a person and for a machine.

mod text;

pub use crate::consent::SourceStatus;

use super::policy;
use super::render::timestamp;
use super::shared::Shared;
use super::telemetry::Telemetry;
use super::uploader::{self, Upload};
use crate::consent::{Decision, Facts, Mode, Reason, sources};
use crate::privacy::DropReason;
use crate::registry::escaped_json;
use crate::spool::{Loss, losses};
use crate::sync::lock;
use crate::upload::report::UploadReport;
use crate::upload::{Amount, amount_elsewhere, amount_waiting};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// What is decided, why, and what every source says. It is worked out anew, as for a process that begins now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// What holds.
    pub decision: Decision,
    /// The program's id.
    pub app_id: &'static str,
    /// The program's name.
    pub name: &'static str,
    /// How a person reaches the commands that change this, as in `words telemetry`, if the program has them.
    pub command: Option<String>,
    /// Who answers for the data.
    pub controller: &'static str,
    /// Who receives: scheme, host and port.
    pub receiver: String,
    /// Every source, in the order in which they are asked: the first that decides wins. Behind them stands what only keeps
    /// what was recorded from being sent.
    pub sources: Vec<SourceStatus>,
    /// The folder with the answer, and that with secret and ids.
    pub folders: Option<(PathBuf, PathBuf)>,
    /// What waits to be sent.
    pub waiting: Option<Amount>,
    /// What waits for another receiver than this one, as an earlier version of the program may have had: it is not sent to
    /// this one, and goes when it is too old, with a no, or with a reset.
    pub waiting_elsewhere: Option<Amount>,
    /// What was sent and has a receipt.
    pub sent: Option<Amount>,
    /// How the last upload ended that had anything to send.
    pub last_upload: Option<UploadReport>,
    /// How long it is until an upload is due; `None` where the next process that ends may upload.
    pub next_upload: Option<Duration>,
    /// Until when the receiver is left alone after a failure, in seconds since the Unix epoch.
    pub paused_until: Option<u64>,
    /// What was lost before it could be sent, of all processes.
    pub lost: Vec<(Loss, u64)>,
    /// Whether the installation has a secret, and if that changes, how old it is and how long it will still be used, in
    /// seconds.
    pub identity: Option<Option<(u64, u64)>>,
    /// A filter on the program's whole subscriber hides declared spans and events from every layer, ours too: the most
    /// verbose level that it lets through, where that is less than [`INFO`](LevelFilter::INFO) and records are made.
    pub hidden: Option<LevelFilter>,
    /// Whether a layer of this telemetry was put into a subscriber, or a gate was taken: without one nothing is recorded.
    pub in_subscriber: bool,
    /// What was withheld so far in this process.
    pub withheld: Vec<(DropReason, u64)>,
}

impl Status {
    /// The exit code of a command that shows it: 0 on, 10 off, 11 undecided. Printing instead of sending is 10.
    pub fn exit_code(&self) -> u8 {
        match self.decision.mode {
            Mode::On => 0,
            Mode::Off | Mode::Log => 10,
            Mode::Undecided => 11,
        }
    }

    /// What follows, in a word: `on`, `log`, `off` or `undecided`.
    pub fn mode(&self) -> &'static str {
        self.decision.mode.as_str()
    }

    /// The same as one JSON object.
    pub fn to_json(&self) -> String {
        let sources = self
            .sources
            .iter()
            .map(|source| json!({ "name": source.name, "value": source.value, "is_no": source.is_no }));
        let withheld = self.withheld.iter().map(|(why, count)| (why.to_string(), Value::from(*count)));
        let object = json!({
            "mode": self.mode(),
            "because": self.decision.reason.to_string(),
            "app_id": self.app_id,
            "name": self.name,
            "command": self.command,
            "controller": self.controller,
            "receiver": self.receiver,
            "sources": sources.collect::<Vec<_>>(),
            "config_folder": self.folders.as_ref().map(|(config, _)| config.display().to_string()),
            "state_folder": self.folders.as_ref().map(|(_, state)| state.display().to_string()),
            "waiting": self.waiting.map(amount_to_json),
            "waiting_elsewhere": self.waiting_elsewhere.map(amount_to_json),
            "sent": self.sent.map(amount_to_json),
            "last_upload": self.last_upload.map(|report| json!({
                "at": timestamp(report.at),
                "end": report.end.code(),
                "http_status": report.status,
                "sent": report.sent,
                "rejected": report.rejected,
                "withheld": report.withheld,
                "foreign_files": report.foreign,
            })),
            "next_upload_in_seconds": self.next_upload.map(|left| left.as_secs()),
            "paused_until": self.paused_until.map(timestamp),
            "lost": self.lost.iter().map(|(loss, count)| (loss.code().to_owned(), Value::from(*count)))
                .collect::<serde_json::Map<_, _>>(),
            "identity": self.identity.map(|rotates| {
                let (age, left) = rotates.unzip();
                json!({ "age_seconds": age, "rotates_in_seconds": left })
            }),
            "hidden_below": self.hidden.map(|level| level.to_string()),
            "in_subscriber": self.in_subscriber,
            "withheld": withheld.collect::<serde_json::Map<_, _>>(),
        });
        escaped_json(&object.to_string())
    }
}

/// The source that decides last, and about what is sent only: without records there would be nothing to ask it for.
const POLICY: &str = "policy";

/// What the environment says of the way to the receiver, where that can't be used.
const NETWORK: &str = "way to the receiver";

fn amount_to_json(amount: Amount) -> Value {
    json!({ "records": amount.records, "bytes": amount.bytes })
}

impl Telemetry {
    /// What is decided for a process that begins now, and what every source says.
    pub fn status(&self) -> Status {
        self.shared.status()
    }
}

impl Shared {
    fn status(&self) -> Status {
        let settings = &self.settings;
        let facts = Facts::read_all(settings);
        let service = settings.registries.first().map(|registry| &registry.service);
        let now = settings.clock.now();
        let seconds = |nanoseconds: u64| nanoseconds / 1_000_000_000;
        let identity = self.installation().map(|found| {
            let age = seconds(now.saturating_sub(found.began));
            found.ends.map(|ends| (age, seconds(ends.saturating_sub(now))))
        });
        let state = self.places().ok().map(|places| places.state);
        let next = self.upload.as_ref().zip(state.as_deref());
        let (next_upload, paused_until) = next.map_or((None, None), |(upload, state)| upload.next(settings, state));
        Status {
            decision: self.standing(),
            app_id: settings.app_id(),
            name: service.map_or("", |service| service.name),
            command: lock(&self.command).clone(),
            controller: service.map_or("", |service| service.controller),
            receiver: settings.receiver.clone(),
            sources: self.sources(&facts),
            folders: settings.own_places().map(|places| (places.config, places.state)),
            waiting: state.as_deref().and_then(|state| amount_waiting(state, &settings.queue())),
            waiting_elsewhere: state.as_deref().and_then(|state| amount_elsewhere(state, &settings.queue())),
            sent: state.as_deref().and_then(uploader::amount_sent),
            last_upload: state.as_deref().and_then(UploadReport::read),
            next_upload,
            paused_until,
            lost: state.as_deref().map(losses).unwrap_or_default(),
            identity,
            hidden: self.hidden(),
            in_subscriber: self.is_placed.load(Ordering::Relaxed),
            withheld: self.drop_counts.iter().collect(),
        }
    }

    /// What holds: what is decided for a process that begins now, and what only opening the pipeline could find out.
    pub(super) fn standing(&self) -> Decision {
        let effective = self.effective();
        match self.decision() {
            built if built.mode == Mode::Off && is_open(effective.mode) && !is_of_this_run(built.reason) => built,
            _ => effective,
        }
    }

    /// See [`Status::hidden`].
    pub(super) fn hidden(&self) -> Option<LevelFilter> {
        let level = LevelFilter::current();
        let is_hidden = is_open(self.decision().mode) && level < LevelFilter::INFO;
        (is_hidden && tracing::dispatcher::has_been_set()).then_some(level)
    }

    fn sources(&self, facts: &Facts) -> Vec<SourceStatus> {
        let settings = &self.settings;
        let mut list = sources(settings, facts);
        let mut add = |name: &str, value, is_no| list.push(SourceStatus { name: name.to_owned(), value, is_no });
        let error = self.upload.as_ref().and_then(|upload| upload.network_error(&settings.receiver));
        if let Some(why) = error.filter(|_| settings.is_asked()) {
            add(NETWORK, why, true);
        }
        if let Some(places) = settings.own_places().filter(|_| self.upload.as_ref().is_some_and(Upload::has_policy)) {
            let (said, is_no) = policy::last(&places.state);
            add(POLICY, said, is_no);
        }
        list
    }
}

/// Whether a pipeline is opened for it.
fn is_open(mode: Mode) -> bool {
    matches!(mode, Mode::On | Mode::Log)
}

/// Whether the reason for off is this process's alone.
fn is_of_this_run(reason: Reason) -> bool {
    // A no that is stored is found by the next process too.
    matches!(reason, Reason::Informational(_) | Reason::Disabled | Reason::Twice | Reason::SaidNo)
}
