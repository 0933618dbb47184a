//! Prompts: registered models with the tags that MLflow's own client recognizes.

use crate::{Client, Found, NotDone, usage};

/// The tag that makes a registered model, and a version of one, a prompt.
const IS_PROMPT: (&str, &str) = ("mlflow.prompt.is_prompt", "true");

/// The source of a prompt's version, which has no files.
const NO_FILES: &str = "dummy-source";

impl Client {
    /// Registers a prompt with its first version, and returns that version's number. The template may have variables
    /// like `{{name}}`.
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
