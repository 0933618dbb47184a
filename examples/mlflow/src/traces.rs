//! Traces of a program's requests to a model, and assessments of these traces.

use crate::rest::{now, text};
use crate::tracking::found;
use crate::{Client, Found, NotDone, ended, usage};
use serde_json::{Value, json};
use tracing::Span;

/// A started trace. It is sent to the server when it is [ended](Trace::end).
#[must_use = "a trace that is dropped never reaches the server"]
pub struct Trace<'a> {
    client: &'a Client,
    experiment: String,
    name: String,
    request: String,
    begin: u64,
    /// The span of the call, open as long as the trace. The span of a dropped trace has no status: its result is
    /// unknown.
    span: Span,
}

/// A person's assessment of a trace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Judgement<'a> {
    /// A rating of the answer.
    Feedback(&'a str),
    /// The expected answer.
    Expectation(&'a str),
}

impl Client {
    /// Starts a trace of one request in an experiment.
    pub fn start_trace(&self, experiment: &str, name: &str, request: &str) -> Trace<'_> {
        Trace {
            client: self,
            experiment: experiment.to_owned(),
            name: name.to_owned(),
            request: request.to_owned(),
            begin: now(),
            span: self.open(usage::start_trace),
        }
    }

    /// The newest hundred traces of an experiment.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn search_traces(&self, experiment: &str) -> Result<Vec<Found>, NotDone> {
        let place = json!({"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}});
        let answer = self.rest.post("3.0/mlflow/traces/search", &json!({"locations": [place]}))?;
        Ok(found(&answer["traces"], "/trace_id", "/tags/mlflow.traceName"))
    }

    /// Logs a person's assessment of a trace, and returns the assessment's id.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn log_assessment(
        &self,
        trace: &str,
        name: &str,
        person: &str,
        judgement: Judgement<'_>,
    ) -> Result<String, NotDone> {
        self.tracked(usage::log_assessment, || {
            let time = rfc3339(now());
            let mut assessment = json!({
                "assessment_name": name, "trace_id": trace, "valid": true, "create_time": time,
                "last_update_time": time, "source": {"source_type": "HUMAN", "source_id": person},
            });
            match judgement {
                Judgement::Feedback(value) => assessment["feedback"] = json!({"value": value}),
                Judgement::Expectation(value) => assessment["expectation"] = json!({"value": value}),
            }
            let path = format!("3.0/mlflow/traces/{trace}/assessments");
            let answer = self.rest.post(&path, &json!({"assessment": assessment}))?;
            text(&answer, "/assessment/assessment_id", "assessment's id")
        })
    }
}

impl Trace<'_> {
    /// Ends the trace with the model's answer, sends it to the server, and returns its id.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn end(self, response: &str) -> Result<String, NotDone> {
        ended(&self.span, || {
            let body = json!({"trace": {"trace_info": self.info(response)}});
            let answer = self.client.rest.post("3.0/mlflow/traces", &body)?;
            text(&answer, "/trace/trace_info/trace_id", "trace's id")
        })
    }

    fn info(&self, response: &str) -> Value {
        let milliseconds = now().saturating_sub(self.begin);
        let place = json!({"experiment_id": self.experiment});
        json!({
            "trace_id": format!("tr-{}", uuid::Uuid::new_v4().simple()),
            "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": place},
            "request_preview": self.request,
            "response_preview": response,
            "request_time": rfc3339(self.begin),
            "execution_duration": format!("{}.{:03}s", milliseconds / 1_000, milliseconds % 1_000),
            "state": "OK",
            "tags": {"mlflow.traceName": self.name},
        })
    }
}

/// A time in milliseconds in the form of protobuf's JSON.
fn rfc3339(milliseconds: u64) -> String {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_millis(milliseconds);
    humantime::format_rfc3339_millis(time).to_string()
}
