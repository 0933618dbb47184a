//! The switch: what is on can be turned off, and never on again.

use super::decision::Mode;
use super::facts::Facts;
use super::rules::decide;
use super::settings::Settings;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Whether it is still on: cheap to look at, and never on again once it is off.
#[derive(Clone)]
pub struct Switch(Arc<SwitchState>);

struct SwitchState {
    on: Arc<AtomicBool>,
    settings: Settings,
    /// How many are sending.
    sending: Mutex<usize>,
    ended: Condvar,
}

impl SwitchState {
    fn sending(&self) -> MutexGuard<'_, usize> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As long as it is there, something may be about to leave this process.
pub struct Sending(Arc<SwitchState>);

impl Drop for Sending {
    fn drop(&mut self) {
        *self.0.sending() -= 1;
        self.0.ended.notify_all();
    }
}

impl Switch {
    pub(crate) fn new(settings: Settings, on: bool) -> Self {
        let on = Arc::new(AtomicBool::new(on));
        Self(Arc::new(SwitchState { on, settings, sending: Mutex::new(0), ended: Condvar::new() }))
    }

    /// Notes that something is being sent, until what is returned is dropped. It is to look at the switch often, and to
    /// end soon after a no.
    pub fn sending(&self) -> Sending {
        *self.0.sending() += 1;
        Sending(Arc::clone(&self.0))
    }

    /// Waits until nothing is being sent, but no longer than this; `false` if something still is.
    pub fn wait(&self, most: Duration) -> bool {
        let sending = self.0.ended.wait_timeout_while(self.0.sending(), most, |sending| *sending > 0);
        *sending.unwrap_or_else(PoisonError::into_inner).0 == 0
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
