//! Which process this is: after a `fork` it is another one, with a copy of everything the first had in memory.
//!
//! What must not be the same in both (random numbers, a session, open spans), and what may be locked for ever there (a
//! thread of the parent's that had a lock is not in the child), is kept for each process.
//!
//! `getpid` is a system call and costs as much as a record. A counter is kept instead by a handler of `pthread_atfork`,
//! which the C library runs in the child of every `fork`. A bare system call `clone` runs none.

use forkguard::Guard;
use std::sync::{Mutex, OnceLock};

/// The process in which it was made.
pub(crate) struct Process(Id);

enum Id {
    Forks(Guard),
    /// Where there is no handler.
    Number(u32),
}

impl Process {
    pub(crate) fn this() -> Self {
        Self(Guard::try_new().map_or_else(|_| Id::Number(std::process::id()), Id::Forks))
    }

    pub(crate) fn is_this(&self) -> bool {
        match &self.0 {
            // A guard tells it once; the copy is told.
            Id::Forks(guard) => !guard.clone().detected_fork(),
            Id::Number(number) => *number == std::process::id(),
        }
    }
}

/// A value that each process makes for itself.
pub(crate) struct PerProcess<T> {
    process: Process,
    value: T,
    making: Mutex<()>,
    next: OnceLock<Box<Self>>,
}

impl<T> PerProcess<T> {
    /// With this process's.
    pub(crate) fn new(value: T) -> Self {
        Self { process: Process::this(), value, making: Mutex::new(()), next: OnceLock::new() }
    }

    /// This process's, which is made of its parent's where there is none yet. `None` while another thread makes it, and
    /// for good if one of the parent's did at the time of the fork: nothing is waited for.
    pub(crate) fn get(&self, make: impl Fn(&T) -> T) -> Option<&T> {
        let mut current = self;
        while !current.process.is_this() {
            current = match current.next.get() {
                Some(next) => next,
                None => {
                    let _making = current.making.try_lock().ok()?;
                    current.next.get_or_init(|| Box::new(Self::new(make(&current.value))))
                }
            };
        }
        Some(&current.value)
    }
}
