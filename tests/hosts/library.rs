//! A library with telemetry, as a host in another language loads it.

#[path = "../consent/asked/registry.rs"]
#[expect(dead_code, reason = "the other registries are for other tests")]
mod registry;

use scruple::testing::Rehearsal;
use scruple::{Choice, Format, Preset, Telemetry, Upload};
use std::sync::{Mutex, OnceLock};
use tracing_subscriber::prelude::*;

static TELEMETRY: OnceLock<Mutex<Option<Telemetry>>> = OnceLock::new();

fn with<R>(work: impl FnOnce(&Telemetry) -> R) -> Option<R> {
    TELEMETRY.get()?.lock().ok()?.as_ref().map(work)
}

/// Starts the telemetry, to the receiver of the variable, and says yes.
#[unsafe(no_mangle)]
pub extern "C" fn hosted_start() {
    let endpoint = std::env::var("RECEIVER").unwrap_or_default();
    let telemetry = scruple::start(&registry::REGISTRY)
        .preset(Preset::OptIn)
        .endpoint(&endpoint)
        .rehearsal(Rehearsal::new().asking())
        .export(Upload::new().format(Format::Json).gzip(false))
        .build();
    let _ = tracing_subscriber::registry().with(telemetry.layer()).try_init();
    let _ = telemetry.set_consent(Choice::On);
    let _ = TELEMETRY.set(Mutex::new(Some(telemetry)));
}

#[unsafe(no_mangle)]
pub extern "C" fn hosted_is_on() -> bool {
    with(Telemetry::is_on_by_files).unwrap_or_default()
}

#[unsafe(no_mangle)]
pub extern "C" fn hosted_record() {
    tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "one");
}

#[unsafe(no_mangle)]
pub extern "C" fn hosted_stop() {
    if let Some(telemetry) = TELEMETRY.get() {
        telemetry.lock().ok().and_then(|mut telemetry| telemetry.take());
    }
}
