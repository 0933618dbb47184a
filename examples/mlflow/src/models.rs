//! Logged models, registered models and their versions.

use crate::rest::{pairs, text};
use crate::tracking::{MOST, found};
use crate::{Client, Found, NotDone, SourceSdk, usage};
use serde_json::json;
use tracing::Span;

impl Client {
    /// Logs a model of some flavor, for instance `sklearn`, and returns its id.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn create_logged_model(&self, experiment: &str, name: &str, flavor: &str) -> Result<String, NotDone> {
        let open = |sdk| -> Span {
            let span: Span = usage::create_logged_model(sdk).into();
            // The caller's text: the registry's treatment maps it to a member or to `custom`.
            span.record("mlflow.model.flavor", flavor);
            span
        };
        self.tracked(open, || {
            self.needs_tracking()?;
            let body = json!({"experiment_id": experiment, "name": name, "tags": pairs(&[("flavor", flavor)])});
            let answer = self.rest.post("2.0/mlflow/logged-models", &body)?;
            let id = text(&answer, "/model/info/model_id", "model's id")?;
            let ready = json!({"model_id": id, "status": "LOGGED_MODEL_READY"});
            self.rest.patch(&format!("2.0/mlflow/logged-models/{id}"), &ready)?;
            Ok(id)
        })
    }

    /// Registers a model.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn create_registered_model(&self, name: &str, tags: &[(&str, &str)]) -> Result<(), NotDone> {
        self.register(name, tags, false)
    }

    /// Creates a version of a registered model from the place of its files, and returns its number.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn create_model_version(&self, name: &str, source: &str, tags: &[(&str, &str)]) -> Result<String, NotDone> {
        self.version(name, source, tags, false)
    }

    /// The logged models of an experiment.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn search_logged_models(&self, experiment: &str) -> Result<Vec<Found>, NotDone> {
        self.needs_tracking()?;
        let answer = self.rest.post("2.0/mlflow/logged-models/search", &json!({"experiment_ids": [experiment]}))?;
        Ok(found(&answer["models"], "/info/model_id", "/info/name"))
    }

    /// The registered models that match a filter, for instance `name LIKE 'a%'`; an empty one matches all but prompts.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn search_registered_models(&self, filter: &str) -> Result<Vec<Found>, NotDone> {
        self.needs_tracking()?;
        let query = [("filter", filter), ("max_results", MOST)];
        let answer = self.rest.get("2.0/mlflow/registered-models/search", &query)?;
        Ok(found(&answer["registered_models"], "/name", "/name"))
    }

    /// The versions of a registered model, by their numbers.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn search_model_versions(&self, name: &str) -> Result<Vec<Found>, NotDone> {
        self.needs_tracking()?;
        // The server's filters have no escapes: a name with a single quote needs double quotes.
        let quote = if name.contains('\'') { '"' } else { '\'' };
        let filter = format!("name = {quote}{name}{quote}");
        let query = [("filter", filter.as_str()), ("max_results", MOST)];
        let answer = self.rest.get("2.0/mlflow/model-versions/search", &query)?;
        Ok(found(&answer["model_versions"], "/version", "/name"))
    }

    pub(crate) fn register(&self, name: &str, tags: &[(&str, &str)], is_prompt: bool) -> Result<(), NotDone> {
        let open = |sdk: SourceSdk| {
            let span = usage::create_registered_model(sdk);
            span.is_prompt(is_prompt);
            span
        };
        self.tracked(open, || {
            self.needs_tracking()?;
            let body = json!({"name": name, "tags": pairs(tags)});
            self.rest.post("2.0/mlflow/registered-models/create", &body).map(drop)
        })
    }

    pub(crate) fn version(
        &self,
        name: &str,
        source: &str,
        tags: &[(&str, &str)],
        is_prompt: bool,
    ) -> Result<String, NotDone> {
        let open = |sdk: SourceSdk| {
            let span = usage::create_model_version(sdk);
            span.is_prompt(is_prompt);
            span
        };
        self.tracked(open, || {
            self.needs_tracking()?;
            // The server needs a logged model's id as well as the source that contains it.
            let model = source.strip_prefix("models:/").filter(|rest| rest.starts_with("m-"));
            let body = json!({"name": name, "source": source, "model_id": model, "tags": pairs(tags)});
            let answer = self.rest.post("2.0/mlflow/model-versions/create", &body)?;
            text(&answer, "/model_version/version", "version")
        })
    }
}
