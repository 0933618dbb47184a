//! Records printed instead of sent: what the telemetry variable's `log` asks for.

use super::render::{Renderer, line};
use crate::privacy::{Clean, Record, Resource, Sink};
use crate::sync::lock;
use std::io::Write as _;
use std::sync::Mutex;

/// Prints each record to standard error, the resource before the first.
pub(super) struct DryRun(Mutex<Printed>);

struct Printed {
    renderer: Renderer,
    resource: Option<Clean<Resource>>,
}

impl DryRun {
    pub(super) fn new(resource: &Clean<Resource>) -> Self {
        Self(Mutex::new(Printed { renderer: Renderer::default(), resource: Some(resource.clone()) }))
    }
}

impl Sink for DryRun {
    fn accept(&self, record: &Clean<Record>) {
        let mut printed = lock(&self.0);
        let mut text = String::new();
        if let Some(resource) = printed.resource.take() {
            text.push_str("telemetry, not sent: with each record\n");
            for (key, value) in resource.attributes() {
                let value = printed.renderer.of_resource(key, value);
                text.push_str(&line(format_args!("    {key} = {value}")));
            }
        }
        text.push_str("telemetry, not sent: ");
        text.push_str(&printed.renderer.record(record));
        // A failed write means a closed standard error.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}
