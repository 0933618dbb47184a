//! Prompts: registered models with the tags by which MLflow's own client knows them.

use crate::{Client, Found, NotDone, usage};

/// What makes a registered model, and a version of one, a prompt.
const IS_PROMPT: (&str, &str) = ("mlflow.prompt.is_prompt", "true");

/// What stands where a model's version names its files.
const NO_FILES: &str = "dummy-source";

impl Client {
    /// Registers a prompt with its first version, and gives that one's number. The template has variables as in
    /// `{{name}}`.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn create_prompt(&self, name: &str, template: &str) -> Result<String, NotDone> {
        self.tracked(usage::create_prompt, || {
            self.register(name, &[IS_PROMPT], true)?;
            let tags = [IS_PROMPT, ("mlflow.prompt.text", template), ("_mlflow_prompt_type", "text")];
            self.version(name, NO_FILES, &tags, true)
        })
    }

    /// The prompts.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub fn search_prompts(&self) -> Result<Vec<Found>, NotDone> {
        self.search_registered_models("tag.`mlflow.prompt.is_prompt` = 'true'")
    }
}
