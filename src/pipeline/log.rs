//! Records printed instead of sent: what the telemetry variable's `log` asks for.

use super::shown::{Shown, line};
use crate::privacy::{Clean, Record, Resource, Sink};
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

/// Prints each record to standard error, the resource before the first.
pub(super) struct Log(Mutex<Printed>);

struct Printed {
    shown: Shown,
    resource: Option<Clean<Resource>>,
}

impl Log {
    pub(super) fn new(resource: &Clean<Resource>) -> Self {
        Self(Mutex::new(Printed { shown: Shown::default(), resource: Some(resource.clone()) }))
    }
}

impl Sink for Log {
    fn accept(&self, record: &Clean<Record>) {
        let mut printed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        if let Some(resource) = printed.resource.take() {
            text.push_str("telemetry, not sent: with each record\n");
            for (key, value) in resource.attributes() {
                let value = printed.shown.of_resource(key, value);
                text.push_str(&line(format_args!("    {key} = {value}")));
            }
        }
        text.push_str("telemetry, not sent: ");
        text.push_str(&printed.shown.record(record));
        // Whoever closed standard error does not want to read it.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}
