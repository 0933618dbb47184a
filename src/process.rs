//! The identity of this process: a fork is another process, with a copy of the parent's memory.
//!
//! Values that must differ in both processes (random numbers, a session, open spans), and values that may stay locked
//! in the child (a lock of a parent's thread, which the child does not have), are kept per process.
//!
//! `getpid` is a system call and costs as much as a record. Instead, a handler of `pthread_atfork` counts, which the C
//! library runs in the child of every `fork`. A bare system call `clone` does not run it.

use forkguard::Guard;
use std::sync::{Mutex, OnceLock};

/// The process in which this value was made.
pub(crate) struct Process(Id);

enum Id {
    Forks(Guard),
    /// On platforms without such a handler.
    Number(u32),
}

impl Process {
    pub(crate) fn this() -> Self {
        Self(Guard::try_new().map_or_else(|_| Id::Number(std::process::id()), Id::Forks))
    }

    #[inline]
    pub(crate) fn is_this(&self) -> bool {
        match &self.0 {
            // A guard reports a fork only once, so a copy is asked.
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
    /// A value, starting with this process's.
    pub(crate) fn new(value: T) -> Self {
        Self { process: Process::this(), value, making: Mutex::new(()), next: OnceLock::new() }
    }

    /// This process's value, made from its parent's at the first call. `None` while another thread makes it, and
    /// permanently if a thread of the parent was making it at the time of the fork: this never blocks.
    #[inline]
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
