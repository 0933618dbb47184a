//! The work of the commands: read a data set, search for a model, print its score, and save it.

use crate::arguments::{Command, Predict, Rated, Train, Training, Verbosity};
use crate::lesson::{Columns, Lesson};
use crate::model::{Model, NoPrediction, Task};
use crate::search::{Candidate, search};
use crate::table::{Fault, Mistake, Table};
use crate::usage;
use indicatif::{ProgressBar, ProgressStyle};
use smartcore::error::Failed;
use std::fmt;
use std::fs::File;
use std::io::{Write as _, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tracing::debug;

/// Runs a command. Exit code: 0, 1 if a file is invalid, 2 if an argument is invalid.
pub fn run(command: Command, span: &usage::Command) -> ExitCode {
    let done = match command {
        Command::Classification(it) => train(Task::Classification, Columns::Label(it.label_col), it.training, span),
        Command::Regression(it) => train(Task::Regression, Columns::Label(it.label_col), it.training, span),
        Command::Recommendation(it) => train(Task::Recommendation, it.columns(), it.training, span),
        Command::Train(it) => it.run(span),
        Command::Predict(it) => predict(&it, span),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    debug!(%error, "failed");
    // A closed standard error changes nothing.
    let _ = writeln!(stderr(), "error: {error}");
    ExitCode::from(if matches!(error, Error::Usage(_)) { 2 } else { 1 })
}

impl Rated {
    fn columns(&self) -> Columns {
        Columns::Rating { user: self.user_col.clone(), item: self.item_col.clone(), rating: self.rating_col.clone() }
    }
}

impl Train {
    fn run(self, span: &usage::Command) -> Result<(), Error> {
        // The typed text: the registry's treatment maps it to a member.
        span.record("mlnet.task", self.task.as_str());
        let needs = |what: &str| Error::Usage(format!("--task {} needs {what}", self.task));
        let label = || self.label_col.clone().ok_or_else(|| needs("--label-col"));
        let (task, columns) = match self.task.as_str() {
            "classification" => (Task::Classification, Columns::Label(label()?)),
            "regression" => (Task::Regression, Columns::Label(label()?)),
            "recommendation" => {
                let user = self.user_col.clone().ok_or_else(|| needs("--user-col"))?;
                let item = self.item_col.clone().ok_or_else(|| needs("--item-col"))?;
                let rating = self.rating_col.clone().ok_or_else(|| needs("--rating-col"))?;
                (Task::Recommendation, Columns::Rating { user, item, rating })
            }
            other => {
                let what = format!("no task {other:?}: --task takes classification, regression or recommendation");
                return Err(Error::Usage(what));
            }
        };
        train(task, columns, self.training, span)
    }
}

fn train(task: Task, columns: Columns, how: Training, span: &usage::Command) -> Result<(), Error> {
    span.task(match task {
        Task::Classification => usage::Task::Classification,
        Task::Regression => usage::Task::Regression,
        Task::Recommendation => usage::Task::Recommendation,
    });
    let path = how.model()?;
    let table = read(&how.dataset, span)?;
    let lesson = Lesson::of(task, &table, &columns, &how.ignore_cols)
        .map_err(|mistake| Error::Dataset(how.dataset.clone(), mistake))?;
    let bar = how.bar(task);
    let found = search(task, &lesson.rows, &lesson.wanted, Duration::from_secs(how.train_time), |candidate, score| {
        bar.inc(1);
        if how.verbosity >= Verbosity::Diagnostic {
            bar.suspend(|| say(&format!("{candidate:?}: {score:.3}")));
        }
    });
    bar.finish_and_clear();
    let found = found.map_err(Error::Learning)?;
    if how.verbosity >= Verbosity::Minimal {
        let what = if task == Task::Classification { "right" } else { "root mean squared error" };
        say(&format!("{what}: {:.3}, on {} rows that were kept for this", found.score, found.scored));
        say(&format!("{:?}, the best of {} that were tried", found.candidate, found.tried));
    }
    let model = Model { task, columns: lesson.columns, classes: lesson.classes, learnt: found.learnt };
    save(&model, &path).map_err(|error| Error::Model(path.clone(), error.to_string()))?;
    if how.verbosity >= Verbosity::Minimal {
        say(&format!("saved {}", path.display()));
    }
    Ok(())
}

fn predict(what: &Predict, span: &usage::Command) -> Result<(), Error> {
    let table = read(&what.dataset, span)?;
    let no_model = |why: String| Error::Model(what.model.clone(), why);
    let text = std::fs::read_to_string(&what.model).map_err(|error| no_model(error.to_string()))?;
    let model: Model = serde_json::from_str(&text).map_err(|error| no_model(error.to_string()))?;
    let found = model.predict(&table).map_err(|why| match why {
        NoPrediction::Table(mistake) => Error::Dataset(what.dataset.clone(), mistake),
        NoPrediction::Library(error) => Error::Learning(error),
    })?;
    found.iter().for_each(|found| say(found));
    Ok(())
}

/// Reads a data set, and records the name and the size of its file.
fn read(path: &Path, span: &usage::Command) -> Result<Table, Error> {
    let wrong = |mistake| Error::Dataset(path.to_owned(), mistake);
    let unreadable = |error| wrong(Fault::Unreadable(error).alone());
    let file = File::open(path).map_err(unreadable)?;
    span.dataset_size(file.metadata().map_err(unreadable)?.len());
    if let Some(name) = path.file_name() {
        span.dataset_name(&name.to_string_lossy());
    }
    let table = Table::read(file).map_err(wrong)?;
    debug!(path = %path.display(), columns = ?table.columns, first = ?table.rows.first().map(|row| &row.cells), "read");
    Ok(table)
}

impl Training {
    /// The model's file.
    fn model(&self) -> Result<PathBuf, Error> {
        let is_name = !self.name.is_empty() && !self.name.contains(['/', '\\']) && self.name != "..";
        let no_name = || Error::Usage(format!("--name {:?}: write a file's name without folders", self.name));
        if is_name { Ok(self.output.join(format!("{}.json", self.name))) } else { Err(no_name()) }
    }

    /// A progress bar on standard error, shown only on a terminal.
    fn bar(&self, task: Task) -> ProgressBar {
        if self.verbosity == Verbosity::Quiet {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:30} {pos} of {len} candidates, {elapsed}");
        ProgressBar::new(Candidate::of(task).len() as u64)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}

fn save(model: &Model, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    serde_json::to_writer(File::create(path)?, model)?;
    Ok(())
}

/// Prints a line, and panics on a failure like `println!`, but with a location in the program's own source.
fn say(line: &str) {
    writeln!(stdout(), "{line}").unwrap_or_else(|error| panic!("cannot print {line:?}: {error}"));
}

/// Why a command failed.
enum Error {
    Usage(String),
    Dataset(PathBuf, Mistake),
    Model(PathBuf, String),
    Learning(Failed),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => f.write_str(what),
            Self::Dataset(path, mistake) => write!(f, "{}: {mistake}", path.display()),
            Self::Model(path, what) => write!(f, "{}: {what}", path.display()),
            Self::Learning(error) => write!(f, "the library refuses: {error}"),
        }
    }
}
