//! No telemetry.

use tracing_subscriber::prelude::*;

pub fn telemetry(work: impl FnOnce()) {
    tracing_subscriber::registry().init();
    work();
}
