//! The restrictions of a policy, beyond the registry's.

/// A policy as a filter of records. Each method is called with declared content that may be sent, and returns whether
/// it still may. So no undeclared content reaches a policy, and no result adds anything.
pub trait PolicyFilter: Send + Sync {
    /// Whether a process may send anything; this number is in the names of its files.
    fn process(&self, stem: u64) -> bool;

    /// Whether a program of this version, with this resource, may send anything.
    fn program(&self, version: &str, resource: &[(&'static str, String)]) -> bool;

    /// Whether a span or an event of this name, with these attributes, may be sent.
    fn record(&self, name: &str, attributes: &[(&'static str, String)]) -> bool;

    /// Whether the attribute with this key may be sent, in the resource or in any record.
    fn attribute(&self, key: &str) -> bool;
}
