//! A client library for an MLflow tracking server, which records how it is used and leaves it to the program whether
//! anything of that is ever sent.
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
//! The library records ten things with `tracing`: that it is used at all (`mlflow.import`), and nine kinds of calls, each
//! as a span with a status. It starts nothing: without a pipeline these are disabled callsites. A program that wants the
//! library's telemetry says [`telemetry`] in its first line; one with a registry of its own says
//! `.library(mlflow::REGISTRY)` to its own builder. What may leave, and what becomes of the texts that callers give (a
//! tracking URI, a flavor, names of packages), is in `telemetry/usage.yaml`, and nowhere in this code. But for this: of a
//! tracking URI only the scheme is recorded at all, since the host's own subscriber sees the fields as they are.
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
mod usage; // written by `scruple codegen`, held current by its `--check`

pub use evaluate::Scorer;
pub use policy::ask_at;
pub use rest::NotDone;
pub use traces::{Judgement, Trace};
pub use tracking::Found;
pub use usage::{REGISTRY, SourceSdk};

use scruple::consent::Preset;
use tracing::Span;

/// The variable that says no, whatever it holds but `0`, `false`, `no` and `off`.
pub const OPT_OUT: &str = "MLFLOW_DISABLE_TELEMETRY";

/// Begins the telemetry of a program that has none of its own: on until somebody says no, as the documentation says, and
/// with the vendor's signed policy, without which nothing is sent.
pub fn telemetry() -> scruple::Builder {
    let builder = scruple::start(REGISTRY).preset(Preset::Documented).opt_out_variable(OPT_OUT);
    ask_at(builder, policy::URL)
}

/// A tracking server, as one of the three packages of this library.
pub struct Client {
    uri: Option<String>,
    sdk: SourceSdk,
    uses: Vec<String>,
    rest: rest::Rest,
}

impl Client {
    /// The whole library. Without a URI each call fails, and says so.
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

    /// Names packages that the program uses: of those, the registry lists which may be told.
    #[must_use]
    pub fn using<'a>(mut self, packages: impl IntoIterator<Item = &'a str>) -> Self {
        self.uses.extend(packages.into_iter().map(str::to_owned));
        self
    }

    fn new(sdk: SourceSdk, uri: Option<&str>) -> Self {
        let _ = scruple::client(); // for its asking, as in `open`
        // Rust runs nothing when a library is imported; a program's first client is its import.
        let mut import = usage::import(sdk);
        if let Some(uri) = uri {
            import = import.tracking_scheme(rest::scheme(uri));
        }
        import.emit();
        Self { uri: uri.map(str::to_owned), sdk, uses: Vec::new(), rest: rest::Rest::new(uri) }
    }

    /// One of the nine calls: it is asked again whether anything may be recorded, and how the call went is its status.
    fn tracked<S: Into<Span>, T>(
        &self,
        open: impl FnOnce(SourceSdk) -> S,
        call: impl FnOnce() -> Result<T, NotDone>,
    ) -> Result<T, NotDone> {
        ended(&self.open(open), call)
    }

    /// A span of one of the nine calls, with what every one of them has.
    fn open<S: Into<Span>>(&self, open: impl FnOnce(SourceSdk) -> S) -> Span {
        // For its asking: a no in the environment or in a file holds from this call on.
        let _ = scruple::client();
        let span: Span = open(self.sdk).into();
        if let Some(uri) = &self.uri {
            span.record("mlflow.tracking.scheme", rest::scheme(uri));
        }
        span
    }

    /// What the package has to have for a call.
    fn needs(&self, has_it: fn(SourceSdk) -> bool, what: &'static str) -> Result<(), NotDone> {
        if has_it(self.sdk) { Ok(()) } else { Err(NotDone::NotInPackage(self.sdk.as_str(), what)) }
    }

    /// Everything but traces.
    fn needs_tracking(&self) -> Result<(), NotDone> {
        self.needs(|sdk| sdk != SourceSdk::MlflowTracing, "experiments, runs and models: take `skinny` or `full`")
    }
}

/// Makes a call in its span, whose status says how it ended.
fn ended<T>(span: &Span, call: impl FnOnce() -> Result<T, NotDone>) -> Result<T, NotDone> {
    let done = span.in_scope(call);
    span.record("otel.status_code", if done.is_ok() { "ok" } else { "error" });
    done
}
