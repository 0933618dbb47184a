//! The program's commands: each calls the library and prints the answer.

use crate::options::Options;
use clap::{Subcommand, ValueEnum};
use mlflow::{Client, Found, Judgement, NotDone, Scorer};
use scruple::Telemetry;
use std::fmt;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Command {
    /// Create an experiment, and print its id
    Experiment { name: String },
    /// Create a run, log to it, end it, and print its id
    Run {
        experiment: String,
        name: String,
        /// Params, as in alpha=0.5
        #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
        param: Vec<(String, String)>,
        /// Metrics, as in loss=0.25
        #[arg(long, value_name = "KEY=NUMBER", value_parser = number)]
        metric: Vec<(String, f64)>,
        /// Tags, as in team=blue
        #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
        tag: Vec<(String, String)>,
    },
    /// Log a model of some flavor, and print its id
    LoggedModel { experiment: String, name: String, flavor: String },
    /// Register a model
    Model { name: String },
    /// Create a version of a registered model from the place of its files, and print its number
    Version { name: String, source: String },
    /// Register a prompt with its first version, and print that version's number
    Prompt { name: String, template: String },
    /// Log a trace of one request and its answer, and print its id
    Trace { experiment: String, name: String, request: String, response: String },
    /// Start a trace and never end it
    Lose { experiment: String, name: String, request: String },
    /// Log a person's assessment of a trace, and print the assessment's id
    Assess { trace: String, name: String, person: String, value: String },
    /// Score predictions and log the metrics: a file with a prediction, a comma and the truth on each line
    Evaluate {
        run: String,
        file: PathBuf,
        #[arg(long, value_enum, default_value = "accuracy")]
        metric: Vec<Metric>,
    },
    /// List the experiments, or the content of one experiment
    List { experiment: Option<String> },
    /// Do one run in each of several processes of this program
    Sweep { experiment: String, processes: u32 },
    /// Create one item of each kind, with names that begin with NAME
    Tour { name: String },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Metric {
    Accuracy,
    MeanSquaredError,
    MeanAbsoluteError,
}

/// Why a command failed.
pub enum Failed {
    Call(NotDone),
    File(PathBuf, std::io::Error),
    /// A line of the file is not a prediction, a comma and a truth.
    Line(usize),
    Process(std::io::Error),
    /// The number of processes of a sweep that failed.
    Sweep(u32),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(why) => why.fmt(f),
            Self::File(path, error) => write!(f, "{} can't be read: {error}", path.display()),
            Self::Line(line) => write!(f, "line {line} is not a prediction, a comma and the truth, as in 1,0"),
            Self::Process(error) => write!(f, "a process of the sweep can't be started: {error}"),
            Self::Sweep(count) => write!(f, "{count} processes of the sweep failed; see their errors above"),
        }
    }
}

impl From<NotDone> for Failed {
    fn from(why: NotDone) -> Self {
        Self::Call(why)
    }
}

impl Command {
    /// Runs the command, and returns its output.
    pub fn run(self, options: &Options, telemetry: &Telemetry) -> Result<String, Failed> {
        let client = &options.client();
        let output = match self {
            Self::Experiment { name } => client.create_experiment(&name)?,
            Self::Run { experiment, name, param, metric, tag } => {
                let run = client.create_run(&experiment, &name)?;
                let metrics: Vec<_> = metric.iter().map(|(key, value)| (key.as_str(), *value)).collect();
                client.log(&run, &borrowed(&param), &metrics, &borrowed(&tag))?;
                client.finish_run(&run)?;
                run
            }
            Self::LoggedModel { experiment, name, flavor } => {
                client.create_logged_model(&experiment, &name, &flavor)?
            }
            Self::Model { name } => client.create_registered_model(&name, &[]).map(|()| name)?,
            Self::Version { name, source } => client.create_model_version(&name, &source, &[])?,
            Self::Prompt { name, template } => client.create_prompt(&name, &template)?,
            Self::Trace { experiment, name, request, response } => {
                client.start_trace(&experiment, &name, &request).end(&response)?
            }
            Self::Lose { experiment, name, request } => {
                drop(client.start_trace(&experiment, &name, &request));
                "lost".to_owned()
            }
            Self::Assess { trace, name, person, value } => {
                client.log_assessment(&trace, &name, &person, Judgement::Feedback(&value))?
            }
            Self::Evaluate { run, file, metric } => evaluate(client, &run, &file, &metric)?,
            Self::List { experiment: None } => lines("experiment", &client.search_experiments("")?),
            Self::List { experiment: Some(experiment) } => list(client, &experiment)?,
            Self::Sweep { experiment, processes } => sweep(options, telemetry, &experiment, processes)?,
            Self::Tour { name } => tour(client, &name)?,
        };
        Ok(format!("{}\n", output.trim_end()))
    }
}

fn evaluate(client: &Client, run: &str, file: &Path, metrics: &[Metric]) -> Result<String, Failed> {
    let text = std::fs::read_to_string(file).map_err(|error| Failed::File(file.to_owned(), error))?;
    let row = |(index, line): (usize, &str)| {
        let row =
            line.split_once(',').and_then(|(one, other)| Some((one.trim().parse().ok()?, other.trim().parse().ok()?)));
        row.ok_or(Failed::Line(index + 1))
    };
    let rows: Vec<(f64, f64)> = text.lines().enumerate().map(row).collect::<Result<_, _>>()?;
    let scorers: Vec<_> = metrics.iter().map(|metric| metric.scorer()).collect();
    let scores = client.evaluate(run, |prediction| *prediction, &rows, &scorers)?;
    Ok(scores.iter().map(|(metric, score)| format!("{metric} {score}\n")).collect())
}

impl Metric {
    fn scorer(self) -> Scorer {
        match self {
            Self::Accuracy => Scorer::Accuracy,
            Self::MeanSquaredError => Scorer::MeanSquaredError,
            Self::MeanAbsoluteError => Scorer::MeanAbsoluteError,
        }
    }
}

fn list(client: &Client, experiment: &str) -> Result<String, Failed> {
    let models = client.search_registered_models("")?;
    let mut output = lines("run", &client.search_runs(experiment, "")?);
    output += &lines("logged model", &client.search_logged_models(experiment)?);
    output += &lines("trace", &client.search_traces(experiment)?);
    for model in &models {
        output += &lines("version", &client.search_model_versions(&model.name)?);
    }
    output += &lines("prompt", &client.search_prompts()?);
    Ok(output)
}

fn lines(what: &str, found: &[Found]) -> String {
    found.iter().map(|found| format!("{what} {} {}\n", found.id, found.name)).collect()
}

/// Starts this program again for each run; the child processes inherit the session id.
fn sweep(options: &Options, telemetry: &Telemetry, experiment: &str, processes: u32) -> Result<String, Failed> {
    let program = std::env::current_exe().map_err(Failed::Process)?;
    let mut failed = 0;
    for nth in 0..processes {
        let mut child = std::process::Command::new(&program);
        telemetry.propagate_session(&mut child);
        options.hand_on(&mut child);
        child.args(["run", experiment, &format!("sweep {nth}"), "--param", &format!("nth={nth}")]);
        let status = child.status().map_err(Failed::Process)?;
        failed += u32::from(!status.success());
    }
    if failed > 0 { Err(Failed::Sweep(failed)) } else { Ok(format!("{processes} runs")) }
}

fn tour(client: &Client, name: &str) -> Result<String, Failed> {
    let experiment = client.create_experiment(&format!("{name} experiment"))?;
    let run = client.create_run(&experiment, &format!("{name} run"))?;
    client.log(&run, &[("alpha", "0.5")], &[("loss", 0.25)], &[("team", name)])?;
    let rows = [(1.0, 1.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0)];
    client.evaluate(&run, |row| *row, &rows, &[Scorer::Accuracy, Scorer::MeanSquaredError])?;
    client.finish_run(&run)?;
    let logged = client.create_logged_model(&experiment, &format!("{name}-logged"), "linfa")?;
    let model = format!("{name}-model");
    client.create_registered_model(&model, &[("team", name)])?;
    client.create_model_version(&model, &format!("models:/{logged}"), &[("stage", "first")])?;
    client.create_prompt(&format!("{name}-prompt"), "Say {{word}}.")?;
    let trace = client.start_trace(&experiment, &format!("{name} trace"), "a question").end("an answer")?;
    client.log_assessment(&trace, "helpful", name, Judgement::Feedback("yes"))?;
    client.log_assessment(&trace, "wanted", name, Judgement::Expectation("an answer"))?;
    Ok(format!("experiment {experiment}\nrun {run}\nlogged model {logged}\ntrace {trace}"))
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("write it as a name, `=` and a value, as in alpha=0.5")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn number(text: &str) -> Result<(String, f64), &'static str> {
    let (key, value) = pair(text)?;
    value.parse().map(|value| (key, value)).map_err(|_| "a metric is a number, as in loss=0.25")
}
