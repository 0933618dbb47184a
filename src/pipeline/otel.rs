//! `forward` as a pipeline's exporter.

use super::Exporter;
use crate::forward::Forward;

impl From<Forward> for Exporter {
    fn from(forward: Forward) -> Self {
        Self::open(move |opening| forward.open(opening.endpoint, opening.resource, opening.switch, opening.rehearsal))
    }
}
