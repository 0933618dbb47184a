//! The pipelines of this process: one for each app.

use super::telemetry::{Shared, lock};
use crate::consent::{Decision, Reason};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

static RUNNING: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

/// The apps whose line is open. A second line of an app is a mistake, or a second copy of a library.
static CLAIMED: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// Whether a pipeline was built in this process.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// A pipeline of this process that is on, as any part of the program can ask for it.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

/// The first pipeline of this process that is on, or `None`: then nothing is recorded. It asks the environment and the
/// files again, for each pipeline: a library that calls it before it records need not know whose pipeline it is part of.
pub fn client() -> Option<Client> {
    // Asked without the lock: asking reads files.
    let running: Vec<_> = all().iter().filter_map(Weak::upgrade).collect();
    let on: Vec<_> = running.into_iter().filter(|inside| inside.is_on()).collect();
    on.into_iter().next().map(Client)
}

impl Client {
    /// Whose telemetry it is.
    pub fn app_id(&self) -> &'static str {
        self.0.settings.app_id()
    }

    /// What was decided, and why.
    pub fn decision(&self) -> Decision {
        self.0.decision()
    }

    /// Whether records are made and sent now. See [`Telemetry::is_on`](crate::Telemetry::is_on).
    pub fn is_on(&self) -> bool {
        self.0.is_on()
    }

    /// Off, at once and for good in this process. See [`Telemetry::disable`](crate::Telemetry::disable).
    pub fn disable(&self) {
        self.0.disable(Reason::Disabled);
    }
}

/// Whether this pipeline is the first of a program in this process. Only that one has processes of its own for uploads: one
/// that is built later need not be built again in them, and then nothing would end them before the program's work.
pub(super) fn is_first() -> bool {
    !BEGUN.swap(true, Ordering::Relaxed)
}

/// Takes the place of this app's one line in this process; `false` if it is taken.
pub(super) fn claim(app_id: &'static str) -> bool {
    let mut claimed = lock(&CLAIMED);
    let free = !claimed.contains(&app_id);
    if free {
        claimed.push(app_id);
    }
    free
}

/// A rehearsal is nobody's telemetry, unless it decides as a real run does.
pub(super) fn enter(inside: &Arc<Shared>) {
    if inside.settings.is_asked() {
        all().push(Arc::downgrade(inside));
    }
}

pub(super) fn leave(inside: &Arc<Shared>) {
    if inside.settings.is_asked() && inside.line().is_some() {
        lock(&CLAIMED).retain(|claimed| *claimed != inside.settings.app_id());
    }
    all().retain(|other| other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), Arc::as_ptr(inside)));
}

fn all() -> MutexGuard<'static, Vec<Weak<Shared>>> {
    lock(&RUNNING)
}
