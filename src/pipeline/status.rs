//! The status: the decision, and the value of every source, for a person and for a machine.

mod text;

pub use crate::consent::SourceStatus;

use super::policy;
use super::render::timestamp;
use super::shared::{Shared, is_open};
use super::telemetry::Telemetry;
use super::uploader::{self, Upload};
use crate::consent::{BUILT_OFF, Decision, Facts, Mode, PurposeSet, Reason, decide, sources};
use crate::privacy::DropReason;
use crate::registry::{Expiry, escaped_json};
use crate::spool::{Loss, losses, sum_losses};
use crate::upload::report::UploadReport;
use crate::upload::{Amount, amount_elsewhere, amount_waiting};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// The decision, its reason, and the value of every source, computed anew as for a process that begins now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The decision.
    pub decision: Decision,
    /// Why this process records nothing although the decision is on, if that is so: it has turned telemetry off before,
    /// or another pipeline of the program is on.
    pub off_here: Option<Reason>,
    /// The program's id.
    pub app_id: &'static str,
    /// The program's name.
    pub name: &'static str,
    /// The command that leads to the telemetry subcommands, as in `words telemetry`, if the program has them.
    pub command: Option<String>,
    /// The controller of the data.
    pub controller: &'static str,
    /// The origin of the receiver: scheme, host and port.
    pub receiver: String,
    /// Every source, in the order of the rules: the first that decides wins. After them come the sources that keep
    /// recorded data from being sent.
    pub sources: Vec<SourceStatus>,
    /// The folder of the stored answer, and the folder of the secret and ids.
    pub folders: Option<(PathBuf, PathBuf)>,
    /// Records in the queue.
    pub waiting: Option<Amount>,
    /// Records in the queue of another receiver, as an earlier version of the program may have had: they are not sent
    /// to this receiver, and are deleted by age, by a no, or by a reset.
    pub waiting_elsewhere: Option<Amount>,
    /// Sent records that have a receipt.
    pub sent: Option<Amount>,
    /// The last upload that had anything to send.
    pub last_upload: Option<UploadReport>,
    /// The time until an upload is due; `None` if the next process that ends may upload.
    pub next_upload: Option<Duration>,
    /// The end of the backoff after a failure, in seconds since the Unix epoch.
    pub paused_until: Option<u64>,
    /// Records lost before they were sent: those of this process, and of all that are noted on disk.
    pub lost: Vec<(Loss, u64)>,
    /// Whether the installation has a secret; if the secret rotates, its age and its remaining lifetime, in seconds.
    pub identity: Option<Option<(u64, u64)>>,
    /// The level of a global filter that hides declared spans and events: a filter on the program's whole subscriber
    /// hides them from every layer, ours too. The most verbose level that it enables, if that is less than
    /// [`INFO`](LevelFilter::INFO) and records are made.
    pub hidden: Option<LevelFilter>,
    /// Whether a subscriber has a layer of this telemetry, or a gate was taken: otherwise nothing is recorded.
    pub in_subscriber: bool,
    /// The only purposes that the sources agree to; `None` if they agree to all.
    pub purposes: Option<Vec<&'static str>>,
    /// What has an end: the name of the program, a signal or an attribute, its end, and whether that has come.
    pub ends: Vec<(&'static str, Expiry, bool)>,
    /// Values and records that were withheld, by reason: in this process, and in all that are noted on disk.
    pub withheld: Vec<(DropReason, u64)>,
}

impl Status {
    /// The exit code of a command that shows the status: 0 on, 10 off, 11 undecided. `log` gives 10.
    pub fn exit_code(&self) -> u8 {
        match self.decision.mode {
            Mode::On => 0,
            Mode::Off | Mode::Log => 10,
            Mode::Undecided => 11,
        }
    }

    /// The mode as a word: `on`, `log`, `off` or `undecided`.
    pub fn mode(&self) -> &'static str {
        self.decision.mode.as_str()
    }

    /// The status as one JSON object.
    pub fn to_json(&self) -> String {
        let sources = self
            .sources
            .iter()
            .map(|source| json!({ "name": source.name, "value": source.value, "is_no": source.is_no }));
        let object = json!({
            "mode": self.mode(),
            "because": self.decision.reason.to_string(),
            "off_in_this_process": self.off_here.map(|reason| reason.to_string()),
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
            "last_upload": self.last_upload.as_ref().map(|report| json!({
                "at": timestamp(report.at),
                "end": report.end.code(),
                "http_status": report.status,
                "sent": report.sent,
                "rejected": report.rejected,
                "withheld": by_reason(&report.withheld),
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
            "purposes": self.purposes,
            "ends": self.ends.iter().map(|(name, end, is_over)| json!({
                "name": name,
                "last_day": end.date.map(|date| date.to_string()),
                "before_version": end.version.map(|version| version.to_string()),
                "is_over": is_over,
            })).collect::<Vec<_>>(),
            "withheld": by_reason(&self.withheld),
        });
        escaped_json(&object.to_string())
    }
}

/// The policy is checked last, and for sending only: without records there is nothing to check it for.
const POLICY: &str = "policy";

/// An error in the proxy or trust settings of the environment.
const NETWORK: &str = "way to the receiver";

fn by_reason(withheld: &[(DropReason, u64)]) -> Value {
    withheld.iter().map(|(why, count)| (why.to_string(), Value::from(*count))).collect()
}

fn amount_to_json(amount: Amount) -> Value {
    json!({ "records": amount.records, "bytes": amount.bytes })
}

impl Telemetry {
    /// The decision for a process that begins now, and the value of every source.
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
        let decision = self.standing_with(decide(&facts));
        let next = self.upload.as_ref().zip(state.as_deref()).filter(|_| decision.mode == Mode::On);
        let (mut lost, mut withheld) = (self.lost(state.as_deref()), Vec::new());
        lost.retain(|&(loss, count)| match loss {
            Loss::Withheld(why) => {
                withheld.push((why, count));
                false
            }
            _ => true,
        });
        let (next_upload, paused_until) = next.map_or((None, None), |(upload, state)| upload.next(settings, state));
        Status {
            decision,
            off_here: self.off_here(decision),
            app_id: settings.app_id(),
            name: service.map_or("", |service| service.name),
            command: self.command(),
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
            lost,
            identity,
            hidden: self.hidden(),
            in_subscriber: self.is_placed.load(Ordering::Relaxed),
            withheld,
            purposes: (decision.only != PurposeSet::ALL).then(|| settings.names_of(decision.only)),
            ends: settings.named_ends(self.version()),
        }
    }

    /// What was lost and what was withheld: on disk, and in this process as far as that is not there.
    fn lost(&self, state: Option<&Path>) -> Vec<(Loss, u64)> {
        let own = self.pipeline().map(|pipeline| pipeline.recorder.lost()).unwrap_or_default();
        let own = own.into_iter().map(|(why, count)| (Loss::Records(why), count));
        let dropped = self.drop_counts.unnoted().into_iter().map(|(why, count)| (Loss::Withheld(why), count));
        sum_losses(&state.map(losses).unwrap_or_default(), &own.chain(dropped).collect::<Vec<_>>())
    }

    /// The decision for a process that begins now, and the errors that only opening the pipeline finds.
    pub(super) fn standing(&self) -> Decision {
        self.standing_with(self.effective())
    }

    fn standing_with(&self, effective: Decision) -> Decision {
        match self.decision() {
            built if built.mode == Mode::Off && is_open(effective.mode) && !is_of_this_run(built.reason) => built,
            _ if is_open(effective.mode) => {
                self.settings.allowed(effective, self.version()).map_or_else(Decision::off, |_| effective)
            }
            _ => effective,
        }
    }

    /// See [`Status::hidden`].
    pub(super) fn hidden(&self) -> Option<LevelFilter> {
        let level = LevelFilter::current();
        let is_hidden = is_open(self.decision().mode) && level < LevelFilter::INFO;
        // Without the layer, the level is that of other subscribers, or of none.
        let is_seen = self.is_placed.load(Ordering::Relaxed) && tracing::dispatcher::has_been_set();
        (is_hidden && is_seen).then_some(level)
    }

    fn sources(&self, facts: &Facts) -> Vec<SourceStatus> {
        let settings = &self.settings;
        let mut list = sources(settings, facts);
        let mut add = |name: &str, value, is_no| list.push(SourceStatus { name: name.to_owned(), value, is_no });
        let upload = self.upload.as_ref().filter(|_| !BUILT_OFF);
        let error = upload.and_then(|upload| upload.network_error(&settings.receiver));
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

/// Whether the reason for off holds for this process only.
fn is_of_this_run(reason: Reason) -> bool {
    // The next process finds a stored no too.
    matches!(
        reason,
        Reason::Informational(_) | Reason::Disabled | Reason::OffUntilRestart | Reason::Twice | Reason::SaidNo
    )
}
