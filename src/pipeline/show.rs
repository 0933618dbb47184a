//! The commands that show what a program sends, what is queued, and what was sent.

use super::render::{Renderer, attributes, line, resolution};
use super::shared::Shared;
use super::telemetry::Telemetry;
use super::{resource, uploader};
use crate::privacy::{Declarations, Record};
use crate::upload::{amount_elsewhere, waiting};

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
        let Some(registry) = shared.settings.registries.first() else { return out };
        for (key, value) in resource::preview(registry, shared.version()) {
            let value = match (key.as_str(), value) {
                (_, Some(value)) => value,
                ("session.id", None) => "a random id, new in every process".to_owned(),
                ("service.instance.id", None) => match shared.installation() {
                    Some(found) => renderer.id("installation", &found.secret.installation_id().to_string()),
                    None => "a random id of this installation, made when it is on".to_owned(),
                },
                _ => "not known here".to_owned(),
            };
            out.push_str(&line(format_args!("    {key} = {value}")));
        }
        if let Ok(places) = shared.places() {
            out.push_str("\nWaiting to be sent:\n");
            let before = out.len();
            let receiver = shared.settings.queue();
            let show = |_: &_, record: &Record| out.push_str(&renderer.record(record));
            waiting(&places.state, &receiver, &shared.declarations(), show);
            if out.len() == before {
                out.push_str("    nothing that is finished\n");
            }
            if let Some(amount) = amount_elsewhere(&places.state, &receiver) {
                out.push_str(&line(format_args!("    {amount} for another receiver: never sent to this one")));
            }
        }
        for registry in &shared.settings.registries {
            for span in registry.spans {
                out.push('\n');
                out.push_str(&line(format_args!("span {}: {}", span.name, span.brief)));
                out.push_str(&format!("    begin and end = {}\n", resolution(span.time)));
                if span.duration != span.time {
                    out.push_str(&format!("    duration = {}\n", resolution(span.duration)));
                }
                out.push_str("    status = ok | error\n");
                out.push_str(&attributes(registry, span, &shared.settings.opt_in));
            }
            for event in registry.events {
                out.push('\n');
                out.push_str(&line(format_args!("event {}: {}", event.name, event.brief)));
                out.push_str(&format!("    time = {}\n", resolution(event.time)));
                out.push_str(&attributes(registry, event, &shared.settings.opt_in));
            }
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
    /// The registries and settings that limit what may be sent.
    fn declarations(&self) -> Declarations<'_> {
        Declarations {
            registries: &self.settings.registries,
            opt_in: &self.settings.opt_in,
            version: self.version(),
            narrow: None,
        }
    }
}
