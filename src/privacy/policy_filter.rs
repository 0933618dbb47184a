//! What narrows further than the registry does.

/// A policy, as far as records are concerned: each question is about something that may be sent, and is answered with
/// whether it still may. So nothing that is not declared is ever asked about, and no answer adds anything.
pub trait PolicyFilter: Send + Sync {
    /// Whether anything of the process may be sent whose files have this number in their names.
    fn process(&self, stem: u64) -> bool;

    /// Whether anything of a program of this version may be sent, with what it says of itself.
    fn program(&self, version: &str, resource: &[(&'static str, String)]) -> bool;

    /// Whether a span or an event of this name may be sent, with all that it says.
    fn record(&self, name: &str, attributes: &[(&'static str, String)]) -> bool;

    /// Whether the attribute with this key may be sent, of the resource or of any record.
    fn attribute(&self, key: &str) -> bool;
}
