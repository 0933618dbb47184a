//! No policy: what a build has in its place that can't send.

pub(crate) const URL: &str = "";

/// Nothing is asked for in this build, because nothing is sent.
pub fn ask_at(builder: scruple::Builder, _: &str) -> scruple::Builder {
    builder
}
