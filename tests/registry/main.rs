//! Law 6, narrow only: what a registry says, what of a request is declared, and that a policy only takes away.

/// Tables that no `scruple check` has seen turn telemetry off, and nothing panics.
mod broken_tables;
/// What is declared passes, and any one thing else is found, in both encodings.
mod check;
/// The records of a test cover a registry, or it is named what they lack.
mod covered;
/// What is an endpoint, and that everybody who reads one reads the same.
mod endpoint;
/// Every field of every OTLP message is decided.
mod fields;
/// Requests, protos and tables to change.
#[path = "../support/otlp/mod.rs"]
mod otlp;
/// What of a signed policy verifies, what is refused and why, and that it only ever narrows.
mod policy;
/// Each change of a registry has its verdict and sentence, and texts are read strictly.
mod said;
/// What a person is shown of a registry before anything is recorded.
mod shown;
/// The variants of an enum, read from its source.
#[path = "../support/variants.rs"]
mod variants;
