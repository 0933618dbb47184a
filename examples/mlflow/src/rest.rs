//! The tracking server's REST API: requests, answers and errors.

use serde_json::{Value, json};
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time limit of a request.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Why a call failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotDone {
    /// No tracking URI was given.
    NoUri,
    /// The tracking URI's scheme is not supported. The error holds only the scheme, since the rest may have a password.
    Scheme(String),
    /// The client's package does not have this call.
    NotInPackage(&'static str, &'static str),
    /// The server can't be reached, or does not answer.
    Unreachable(Box<ureq::Error>),
    /// The server refused the request, with this code and message.
    Refused(String, String),
    /// The answer lacks this part.
    Answer(&'static str),
    /// An evaluation has no rows, or a score is not finite.
    NotAScore(&'static str),
}

impl fmt::Display for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUri => f.write_str(
                "there is no tracking URI: name the server, as in http://127.0.0.1:5000 (`mlflow server` starts one)",
            ),
            Self::Scheme(scheme) => write!(
                f,
                "{scheme:?} is not supported: this client speaks http:// and https:// only. For a file or a database, start \
                 a server on it with `mlflow server --backend-store-uri URI`, and name that server"
            ),
            Self::NotInPackage(package, rest) => write!(f, "the package {package} has no {rest}"),
            Self::Unreachable(error) => write!(f, "the tracking server can't be reached: {error}"),
            Self::Refused(code, message) => write!(f, "the tracking server refused the request: {code}: {message}"),
            Self::Answer(what) => write!(f, "the tracking server's answer has no {what}: is it an MLflow server?"),
            Self::NotAScore(what) => write!(f, "there is no score: {what}"),
        }
    }
}

impl std::error::Error for NotDone {}

/// A client for the server's base address, or the unsupported scheme of the URI.
pub(crate) struct Rest {
    base: Result<String, Option<String>>,
    agent: ureq::Agent,
}

impl Rest {
    pub(crate) fn new(uri: Option<&str>) -> Self {
        let spoken = uri.and_then(|uri| uri.split_once("://")).map(|(scheme, _)| scheme.to_ascii_lowercase());
        let is_server = spoken.is_some_and(|scheme| scheme == "http" || scheme == "https");
        let base = uri.filter(|_| is_server).map(|uri| uri.trim_end_matches('/').to_owned());
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT));
        Self { base: base.ok_or_else(|| uri.map(|uri| scheme(uri).to_owned())), agent: config.build().into() }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, NotDone> {
        let request = self.agent.post(self.url(path)?).content_type("application/json");
        answer(request.send(body.to_string()))
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Result<Value, NotDone> {
        let request = self.agent.patch(self.url(path)?).content_type("application/json");
        answer(request.send(body.to_string()))
    }

    pub(crate) fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, NotDone> {
        let mut request = self.agent.get(self.url(path)?);
        for (name, value) in query {
            request = request.query(name, value);
        }
        answer(request.call())
    }

    fn url(&self, path: &str) -> Result<String, NotDone> {
        match &self.base {
            Ok(base) => Ok(format!("{base}/api/{path}")),
            Err(Some(scheme)) => Err(NotDone::Scheme(scheme.clone())),
            Err(None) => Err(NotDone::NoUri),
        }
    }
}

/// The scheme of a tracking URI with its colon; `.`, as for a folder, if the URI has no scheme.
pub(crate) fn scheme(uri: &str) -> &str {
    match uri.find(':') {
        Some(colon) => &uri[..=colon],
        None if uri.is_empty() => uri,
        None => ".",
    }
}

fn answer(answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value, NotDone> {
    let unreachable = |error| NotDone::Unreachable(Box::new(error));
    let mut answered = answered.map_err(unreachable)?;
    let text = answered.body_mut().read_to_string().map_err(unreachable)?;
    let value = serde_json::from_str::<Value>(&text);
    if answered.status().is_success() {
        return value.map_err(|_| NotDone::Answer("JSON"));
    }
    let value = value.unwrap_or_default();
    let part = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let code = if value["error_code"].is_string() { part("error_code") } else { answered.status().to_string() };
    Err(NotDone::Refused(code, part("message")))
}

/// A text in an answer.
pub(crate) fn text(answer: &Value, pointer: &str, what: &'static str) -> Result<String, NotDone> {
    answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned).ok_or(NotDone::Answer(what))
}

/// Names and values in the server's JSON form.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

/// Now, in milliseconds.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
