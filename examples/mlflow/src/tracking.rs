//! Experiments and runs, with their params, metrics and tags.

use crate::rest::{now, pairs, text};
use crate::{Client, NotDone, usage};
use serde_json::{Value, json};

/// A result of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The server's id.
    pub id: String,
    /// The name for people.
    pub name: String,
}

/// The maximum number of a search's results, as text for a query.
pub(crate) const MOST: &str = "1000";

impl Client {
    /// Creates an experiment, and returns its id.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn create_experiment(&self, name: &str) -> Result<String, NotDone> {
        self.tracked(usage::create_experiment, || {
            self.needs_tracking()?;
            let answer = self.rest.post("2.0/mlflow/experiments/create", &json!({"name": name}))?;
            text(&answer, "/experiment_id", "experiment's id")
        })
    }

    /// The experiments that match a filter, for instance `name LIKE 'a%'`; an empty one matches all.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn search_experiments(&self, filter: &str) -> Result<Vec<Found>, NotDone> {
        self.needs_tracking()?;
        let body = json!({"filter": filter, "max_results": 1_000});
        let answer = self.rest.post("2.0/mlflow/experiments/search", &body)?;
        Ok(found(&answer["experiments"], "/experiment_id", "/name"))
    }

    /// Creates a run in an experiment, and returns its id.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn create_run(&self, experiment: &str, name: &str) -> Result<String, NotDone> {
        let open = |sdk| {
            let span = usage::create_run(sdk);
            span.imports(&self.uses.iter().map(String::as_str).collect::<Vec<_>>());
            span
        };
        self.tracked(open, || {
            self.needs_tracking()?;
            let body = json!({"experiment_id": experiment, "run_name": name, "start_time": now()});
            let answer = self.rest.post("2.0/mlflow/runs/create", &body)?;
            text(&answer, "/run/info/run_id", "run's id")
        })
    }

    /// The runs of an experiment that match a filter, for instance `metrics.loss < 0.5`; an empty one matches all.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn search_runs(&self, experiment: &str, filter: &str) -> Result<Vec<Found>, NotDone> {
        self.needs_tracking()?;
        let body = json!({"experiment_ids": [experiment], "filter": filter, "max_results": 1_000});
        let answer = self.rest.post("2.0/mlflow/runs/search", &body)?;
        Ok(found(&answer["runs"], "/info/run_id", "/info/run_name"))
    }

    /// Logs params, metrics and tags of a run.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn log(
        &self,
        run: &str,
        params: &[(&str, &str)],
        metrics: &[(&str, f64)],
        tags: &[(&str, &str)],
    ) -> Result<(), NotDone> {
        self.needs_tracking()?;
        let metric = |(key, value): &(&str, f64)| json!({"key": key, "value": value, "timestamp": now(), "step": 0});
        let metrics: Value = metrics.iter().map(metric).collect();
        let body = json!({"run_id": run, "params": pairs(params), "metrics": metrics, "tags": pairs(tags)});
        self.rest.post("2.0/mlflow/runs/log-batch", &body).map(drop)
    }

    /// Ends a run.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn finish_run(&self, run: &str) -> Result<(), NotDone> {
        self.needs_tracking()?;
        let body = json!({"run_id": run, "status": "FINISHED", "end_time": now()});
        self.rest.post("2.0/mlflow/runs/update", &body).map(drop)
    }
}

/// The items of a list in an answer; the server omits an empty list.
pub(crate) fn found(list: &Value, id: &str, name: &str) -> Vec<Found> {
    let part = |one: &Value, pointer| one.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|one| Found { id: part(one, id), name: part(one, name) }).collect()
}
