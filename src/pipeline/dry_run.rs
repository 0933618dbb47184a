//! The mode `log`: records and the reasons for withheld values are printed, and nothing is sent.

use super::render::{Renderer, line};
use crate::privacy::{Clean, DropCounts, DropReport, Record, Resource, Sink};
use crate::sync::lock;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Prints each record to standard error, the resource before the first, and at the end the drop counts.
pub(super) struct DryRun(Mutex<Printed>);

struct Printed {
    renderer: Renderer,
    resource: Option<Clean<Resource>>,
    /// Until they are printed.
    drop_counts: Option<Arc<DropCounts>>,
}

impl DryRun {
    pub(super) fn new(resource: &Clean<Resource>, drop_counts: &Arc<DropCounts>) -> Self {
        Self(Mutex::new(Printed {
            renderer: Renderer::default(),
            resource: Some(resource.clone()),
            drop_counts: Some(Arc::clone(drop_counts)),
        }))
    }

    /// Prints a dropped value or record: its names and the reason, never the value.
    pub(super) fn dropped(dropped: &DropReport<'_>) {
        print(&line(format_args!("telemetry, withheld: {dropped}")));
    }
}

/// A failed write means a closed standard error.
fn print(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
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
        print(&text);
    }

    fn close(&self, _: Duration) {
        let counts = lock(&self.0).drop_counts.take();
        if let Some(counts) = counts.filter(|counts| counts.iter().next().is_some()) {
            print(&line(format_args!("telemetry, withheld in all: {counts}")));
        }
    }
}
