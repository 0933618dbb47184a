//! A client library for an MLflow tracking server, which records its own use; the program decides whether any of that
//! is sent.
//!
//! ```no_run
//! # fn main() -> Result<(), mlflow::NotDone> {
//! let client = mlflow::Client::full(Some("http://127.0.0.1:5000"));
//! let experiment = client.create_experiment("a name")?;
//! let run = client.create_run(&experiment, "first")?;
//! client.log(&run, &[("alpha", "0.5")], &[("loss", 0.25)], &[("team", "blue")])?;
//! # Ok(()) }
//! ```
//!
//! # Telemetry
//!
//! The library records ten signals with `tracing`: its first use (`mlflow.import`), and nine kinds of calls, each as a
//! span with a status. It starts no pipeline; without one, the callsites are disabled. A program that wants the
//! library's telemetry calls [`telemetry`] in its first line; a program with its own registry adds
//! `.library(mlflow::REGISTRY)` to its own builder. `telemetry/usage.yaml` alone declares the data that may leave, and
//! the treatment of the callers' texts (a tracking URI, a flavor, package names). There is one exception: the code
//! records only the scheme of a tracking URI, since the host's own subscriber sees the fields before any treatment.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod evaluate;
mod models;
#[cfg_attr(not(feature = "telemetry"), path = "policy/nowhere.rs")]
mod policy;
mod prompts;
mod rest;
mod traces;
mod tracking;
mod usage; // written by `scruple codegen`, checked by `scruple codegen --check`

pub use evaluate::Scorer;
pub use policy::ask_at;
pub use rest::NotDone;
pub use traces::{Judgement, Trace};
pub use tracking::Found;
pub use usage::{REGISTRY, SourceSdk};

use tracing::Span;

/// Starts the telemetry of a program without its own: it is on until an opt-out, as documented, for instance by the variable
/// `MLFLOW_DISABLE_TELEMETRY`, and needs the vendor's signed policy, without which nothing is sent.
pub fn telemetry() -> scruple::Builder {
    ask_at(scruple::start(REGISTRY), policy::URL)
}

/// A client for a tracking server, as one of the three packages of this library.
pub struct Client {
    uri: Option<String>,
    sdk: SourceSdk,
    uses: Vec<String>,
    rest: rest::Rest,
}

impl Client {
    /// The whole library. Without a URI, each call fails with [`NotDone::NoUri`].
    pub fn full(uri: Option<&str>) -> Self {
        Self::new(SourceSdk::Mlflow, uri)
    }

    /// The library without [`Client::evaluate`].
    pub fn skinny(uri: Option<&str>) -> Self {
        Self::new(SourceSdk::MlflowSkinny, uri)
    }

    /// Traces and their assessments only.
    pub fn tracing(uri: Option<&str>) -> Self {
        Self::new(SourceSdk::MlflowTracing, uri)
    }

    /// Names packages that the program uses; only those that the registry lists are reported.
    #[must_use]
    pub fn using<'a>(mut self, packages: impl IntoIterator<Item = &'a str>) -> Self {
        self.uses.extend(packages.into_iter().map(str::to_owned));
        self
    }

    fn new(sdk: SourceSdk, uri: Option<&str>) -> Self {
        let _ = scruple::client(); // reads the opt-outs again, as in `open`
        // Rust has no hook for the import of a library, so each new client counts as one.
        let mut import = usage::import(sdk);
        if let Some(uri) = uri {
            import = import.tracking_scheme(rest::scheme(uri));
        }
        import.emit();
        Self { uri: uri.map(str::to_owned), sdk, uses: Vec::new(), rest: rest::Rest::new(uri) }
    }

    /// Runs one of the nine calls in its span, after the opt-outs are read again.
    fn tracked<S: Into<Span>, T>(
        &self,
        open: impl FnOnce(SourceSdk) -> S,
        call: impl FnOnce() -> Result<T, NotDone>,
    ) -> Result<T, NotDone> {
        ended(&self.open(open), call)
    }

    /// Opens the span of one of the nine calls, with the attributes that all of them have.
    fn open<S: Into<Span>>(&self, open: impl FnOnce(SourceSdk) -> S) -> Span {
        // It reads the environment and the files again, so a new opt-out holds from this call on.
        let _ = scruple::client();
        let span: Span = open(self.sdk).into();
        if let Some(uri) = &self.uri {
            span.record("mlflow.tracking.scheme", rest::scheme(uri));
        }
        span
    }

    /// Fails if the client's package does not have a call.
    fn needs(&self, has_it: fn(SourceSdk) -> bool, what: &'static str) -> Result<(), NotDone> {
        if has_it(self.sdk) { Ok(()) } else { Err(NotDone::NotInPackage(self.sdk.as_str(), what)) }
    }

    /// Fails for the package `tracing`, which has traces only.
    fn needs_tracking(&self) -> Result<(), NotDone> {
        self.needs(|sdk| sdk != SourceSdk::MlflowTracing, "experiments, runs and models: take `skinny` or `full`")
    }
}

/// Makes a call in its span, and records the result as the span's status.
fn ended<T>(span: &Span, call: impl FnOnce() -> Result<T, NotDone>) -> Result<T, NotDone> {
    let done = span.in_scope(call);
    span.record("otel.status_code", if done.is_ok() { "ok" } else { "error" });
    done
}
