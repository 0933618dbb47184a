//! The switch: what is on can be turned off, and never on again.

use super::{Facts, Mode, Settings, decide};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether it is still on: cheap to look at, and never on again once it is off.
#[derive(Clone)]
pub struct Switch(Arc<State>);

struct State {
    on: Arc<AtomicBool>,
    settings: Settings,
}

impl Switch {
    pub(crate) fn new(settings: Settings, on: bool) -> Self {
        Self(Arc::new(State { on: Arc::new(AtomicBool::new(on)), settings }))
    }

    /// As last known: one load.
    pub fn is_on(&self) -> bool {
        self.0.on.load(Ordering::Relaxed)
    }

    /// The flag itself, for those who look at it for each record.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.on)
    }

    /// Reads the facts again; a no turns it off for good.
    pub fn ask(&self) -> bool {
        if self.is_on() && !matches!(decide(&Facts::read(&self.0.settings)).mode, Mode::On | Mode::Log) {
            self.turn_off();
        }
        self.is_on()
    }

    /// Off, at once and for good.
    pub fn turn_off(&self) {
        self.0.on.store(false, Ordering::Relaxed);
    }
}
