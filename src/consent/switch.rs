//! The switch: can be turned off, and never on again.

use super::decision::Decision;
use super::environment::Variables;
use super::facts::Facts;
use super::rules::decide;
use super::settings::Settings;
use crate::sync::lock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Whether telemetry is still on: cheap to read, and never on again once it is off.
#[derive(Clone)]
pub struct Switch(Arc<SwitchState>);

struct SwitchState {
    on: Arc<AtomicBool>,
    /// The decision that the pipeline was opened with.
    began: Decision,
    settings: Settings,
    /// The environment at the start: another thread of the host may change it at any time, and in C nothing keeps a
    /// reader apart from a writer.
    variables: Variables,
    /// The number of senders.
    sending: Mutex<usize>,
    ended: Condvar,
}

impl SwitchState {
    fn sending(&self) -> MutexGuard<'_, usize> {
        lock(&self.sending)
    }
}

/// A guard: while it lives, data may leave this process.
pub struct Sending(Arc<SwitchState>);

impl Drop for Sending {
    fn drop(&mut self) {
        *self.0.sending() -= 1;
        self.0.ended.notify_all();
    }
}

impl Switch {
    pub(crate) fn new(settings: Settings, began: Decision) -> Self {
        let (on, variables) = (Arc::new(AtomicBool::new(true)), Variables::own(&settings));
        Self(Arc::new(SwitchState { on, began, settings, variables, sending: Mutex::new(0), ended: Condvar::new() }))
    }

    /// Registers a sender, until the guard is dropped. A sender must read the switch often, and stop soon after a no.
    pub fn sending(&self) -> Sending {
        *self.0.sending() += 1;
        Sending(Arc::clone(&self.0))
    }

    /// Waits until no sender is left, at most this long; `false` if one is left.
    pub fn wait(&self, most: Duration) -> bool {
        let sending = self.0.ended.wait_timeout_while(self.0.sending(), most, |sending| *sending > 0);
        *sending.unwrap_or_else(PoisonError::into_inner).0 == 0
    }

    /// The last known state: one load.
    pub fn is_on(&self) -> bool {
        self.0.on.load(Ordering::Relaxed)
    }

    /// The flag itself, for code that reads it for each record.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.on)
    }

    /// Reads the files again; a no turns the switch off permanently. The variables count as they were when the switch
    /// was made, so that any thread may ask.
    pub fn ask(&self) -> bool {
        self.ask_with(false)
    }

    /// As [`Switch::ask`], also with the variables of now: `getenv(3)` is not safe while another thread changes the
    /// environment, so no thread of ours does this.
    pub(crate) fn ask_with(&self, environment: bool) -> bool {
        self.ask_why(environment).is_some()
    }

    /// As [`Switch::ask_with`]: the decision, while the switch is on.
    pub(crate) fn ask_why(&self, environment: bool) -> Option<Decision> {
        let now = if self.is_on() { self.decide(environment) } else { return None };
        if !self.0.began.allows(now) {
            self.turn_off();
        }
        self.is_on().then_some(now)
    }

    /// The decision by the files, and by the variables of the start or of now.
    pub(crate) fn decide(&self, environment: bool) -> Decision {
        let SwitchState { settings, variables, .. } = &*self.0;
        decide(&if environment { Facts::read(settings) } else { Facts::read_since(settings, variables) })
    }

    /// Turns the switch off, at once and permanently.
    pub fn turn_off(&self) {
        self.0.on.store(false, Ordering::Relaxed);
    }
}
