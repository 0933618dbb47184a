//! The commands that show what a program sends, what is queued, and what was sent.

use super::render::{Renderer, declared, line};
use super::shared::Shared;
use super::telemetry::Telemetry;
use super::{resource, uploader};
use crate::privacy::{Declarations, Record};
use crate::registry::{Registry, SignalKind};
use crate::upload::{amount_elsewhere, waiting};

/// The kinds of signals, in the order in which they are shown, as words.
pub(super) const SIGNALS: [(SignalKind, &str); 2] = [(SignalKind::Span, "span"), (SignalKind::Event, "event")];

impl Telemetry {
    /// Everything that this program can send, decoded: the resource, and each record. It makes no id and sends nothing,
    /// and works while telemetry is off. Ids are shown as `session#1` unless `ids` is set: real ids do not belong in
    /// bug reports.
    pub fn show(&self, ids: bool) -> String {
        let shared = &self.shared;
        let mut renderer = Renderer::new(ids);
        let mut out = format!(
            "{}\nThis is what it sends when it is on; showing it sends nothing.\n\nWith each record:\n",
            self.status().headline()
        );
        for (key, value) in shared.with_each(&mut renderer) {
            out.push_str(&line(format_args!("    {key} = {value}")));
        }
        let allowed = shared.allowed();
        if let Ok(places) = shared.places() {
            out.push_str("\nWaiting to be sent:\n");
            let before = out.len();
            let receiver = shared.settings.queue();
            let show = |_: &_, record: &Record| out.push_str(&renderer.record(record));
            let sendable = Declarations { registries: &allowed, ..shared.declarations() };
            waiting(&places.state, &receiver, &sendable, show);
            if out.len() == before {
                out.push_str("    nothing that is finished\n");
            }
            if let Some(amount) = amount_elsewhere(&places.state, &receiver) {
                out.push_str(&line(format_args!("    {amount} for another receiver: never sent to this one")));
            }
        }
        for registry in &allowed {
            for (kind, word) in SIGNALS {
                for signal in registry.signals(kind) {
                    out.push('\n');
                    out.push_str(&line(format_args!("{word} {}: {}", signal.name, signal.brief)));
                    for carried in declared(registry, kind, signal, &shared.settings.opt_in) {
                        out.push_str(&line(format_args!("    {} = {}", carried.key, carried.values)));
                    }
                }
            }
        }
        let left_out = shared.left_out(&allowed);
        if !left_out.is_empty() {
            out.push_str(&line(format_args!("\nDeclared, and not sent: {}", left_out.join(", "))));
        }
        out
    }
}

impl Telemetry {
    /// The sent records that have receipts, decoded: of the last 30 days, and 1 MiB at most. Ids are shown as by
    /// [`Telemetry::show`].
    pub fn show_sent(&self, ids: bool) -> String {
        let mut renderer = Renderer::new(ids);
        let mut out = String::new();
        if let Ok(places) = self.shared.places() {
            let mut last = None;
            uploader::sent(&places.state, &self.shared.declarations(), |resource, record| {
                if last.as_ref() != Some(resource) {
                    last = Some(resource.clone());
                    out.push_str("with each of the following\n");
                    for (key, value) in resource.attributes() {
                        out.push_str(&line(format_args!("    {key} = {}", renderer.of_resource(key, value))));
                    }
                }
                out.push_str(&renderer.record(record));
            });
        }
        if out.is_empty() { "There are no receipts of sent records.\n".to_owned() } else { out }
    }
}

impl Shared {
    /// The attributes of every record: each key with its value, or with what the value will be.
    pub(super) fn with_each(&self, renderer: &mut Renderer) -> Vec<(String, String)> {
        let Some(registry) = self.settings.registries.first() else { return Vec::new() };
        let mut value = |key: &str, known| match (key, known) {
            (_, Some(value)) => value,
            ("session.id", None) => "a random id, new in every process".to_owned(),
            ("service.instance.id", None) => match self.installation() {
                Some(found) => renderer.id("installation", &found.secret.installation_id().to_string()),
                None => "a random id of this installation, made when it is on".to_owned(),
            },
            _ => "not known here".to_owned(),
        };
        let preview = resource::preview(registry, self.version()).into_iter();
        preview.map(|(key, known)| (value(&key, known), key)).map(|(value, key)| (key, value)).collect()
    }

    /// The tables of what is sent by the present decision; all, if nothing is.
    pub(super) fn allowed(&self) -> Vec<&'static Registry<'static>> {
        let allowed = self.settings.allowed(self.effective(), self.version());
        allowed.unwrap_or_else(|_| self.settings.registries.clone())
    }

    /// The names of the declared signals that are not sent: nobody has agreed to them, or they are past their end.
    pub(super) fn left_out(&self, allowed: &[&Registry<'_>]) -> Vec<&'static str> {
        let is_left_out = |kind, name: &str| {
            !allowed.iter().any(|registry| registry.signals(kind).iter().any(|signal| signal.name == name))
        };
        let all = self.settings.registries.iter().flat_map(|registry| registry.all_signals());
        all.filter(|(kind, signal)| is_left_out(*kind, signal.name)).map(|(_, signal)| signal.name).collect()
    }

    /// The registries and settings that limit what may be sent.
    pub(super) fn declarations(&self) -> Declarations<'_> {
        Declarations::all(&self.settings.registries, &self.settings.opt_in, self.version())
    }
}
