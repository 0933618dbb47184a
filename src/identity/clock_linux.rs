//! The clock of the operating system, with Linux's coarse reading: the last tick, at most 10 ms ago, for a quarter of
//! the cost (clock_gettime(2), `CLOCK_REALTIME_COARSE`).

use super::{Boot, Clock};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// The clock of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        nanoseconds(clock_gettime(ClockId::Realtime))
    }

    fn coarse(&self) -> u64 {
        nanoseconds(clock_gettime(ClockId::RealtimeCoarse))
    }

    /// `/proc/sys/kernel/random/boot_id` (random(4)) and `CLOCK_BOOTTIME`.
    fn boot(&self) -> Option<Boot> {
        let id = std::fs::read("/proc/sys/kernel/random/boot_id").ok().filter(|id| !id.is_empty())?;
        let seconds = clock_gettime(ClockId::Boottime).tv_sec;
        Some(Boot::new(&id, u64::try_from(seconds).unwrap_or_default()))
    }
}

fn nanoseconds(time: Timespec) -> u64 {
    let (seconds, rest) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
    seconds.unwrap_or_default().saturating_mul(1_000_000_000).saturating_add(rest.unwrap_or_default())
}
