//! No policy, for a build that can't send.

pub(crate) const URL: &str = "";

/// Does nothing: this build sends nothing and needs no policy.
pub fn ask_at(builder: scruple::Builder, _: &str) -> scruple::Builder {
    builder
}
