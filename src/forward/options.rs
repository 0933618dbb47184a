//! The author's settings for `forward`.

use super::deliveries::ForwardCounts;
use std::time::Duration;

/// The longest delay and timeout: more could overflow a clock.
pub(super) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The author's settings.
pub(super) struct Options {
    pub(super) delay: Option<Duration>,
    pub(super) queue: usize,
    pub(super) timeout: Duration,
    pub(super) certificate: Option<Vec<u8>>,
    pub(super) deliveries: ForwardCounts,
}
