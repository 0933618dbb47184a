//! What an author may set about `forward`.

use super::deliveries::ForwardCounts;
use std::time::Duration;

/// What an author may set.
pub(super) struct Options {
    pub(super) delay: Option<Duration>,
    pub(super) queue: usize,
    pub(super) timeout: Duration,
    pub(super) certificate: Option<Vec<u8>>,
    pub(super) deliveries: ForwardCounts,
}
