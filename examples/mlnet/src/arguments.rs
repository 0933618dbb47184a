//! The arguments, as clap reads them.

use crate::usage::CommandName;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Trains models on data sets, and uses them.
#[derive(Parser)]
#[command(name = "mlnet", version = crate::VERSION)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Trains a model that finds the class of a row
    Classification(Labelled),
    /// Trains a model that finds a number for a row
    Regression(Labelled),
    /// Trains a model that finds how a person would rate an item
    Recommendation(Rated),
    /// Trains a model for the task that --task names
    Train(Train),
    /// Prints what a model that was saved finds for each row
    Predict(Predict),
}

impl Command {
    /// Its name, as it is declared.
    pub fn name(&self) -> CommandName {
        match self {
            Self::Classification(_) => CommandName::Classification,
            Self::Regression(_) => CommandName::Regression,
            Self::Recommendation(_) => CommandName::Recommendation,
            Self::Train(_) => CommandName::Train,
            Self::Predict(_) => CommandName::Predict,
        }
    }
}

#[derive(Args)]
pub struct Labelled {
    /// The column to find
    #[arg(long, value_name = "COLUMN")]
    pub label_col: String,
    #[command(flatten)]
    pub training: Training,
}

#[derive(Args)]
pub struct Rated {
    /// The column that says who rated
    #[arg(long, value_name = "COLUMN")]
    pub user_col: String,
    /// The column that says what was rated
    #[arg(long, value_name = "COLUMN")]
    pub item_col: String,
    /// The column with the ratings
    #[arg(long, value_name = "COLUMN")]
    pub rating_col: String,
    #[command(flatten)]
    pub training: Training,
}

#[derive(Args)]
pub struct Train {
    /// classification, regression or recommendation
    #[arg(long)]
    pub task: String,
    /// The column to find: for classification and regression
    #[arg(long, value_name = "COLUMN")]
    pub label_col: Option<String>,
    /// The column that says who rated: for recommendation
    #[arg(long, value_name = "COLUMN")]
    pub user_col: Option<String>,
    /// The column that says what was rated: for recommendation
    #[arg(long, value_name = "COLUMN")]
    pub item_col: Option<String>,
    /// The column with the ratings: for recommendation
    #[arg(long, value_name = "COLUMN")]
    pub rating_col: Option<String>,
    #[command(flatten)]
    pub training: Training,
}

#[derive(Args)]
pub struct Training {
    /// Comma-separated values, with a line of column names
    #[arg(short, long, value_name = "FILE")]
    pub dataset: PathBuf,
    /// Columns that are not looked at
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub ignore_cols: Vec<String>,
    /// How many seconds to try candidates, at least one and at most all
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub train_time: u64,
    /// The folder to save the model in
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub output: PathBuf,
    /// The model's name, and its file's
    #[arg(long, default_value = "model")]
    pub name: String,
    /// How much to say
    #[arg(short, long, value_enum, default_value_t = Verbosity::Minimal)]
    pub verbosity: Verbosity,
}

#[derive(Args)]
pub struct Predict {
    /// A model that was saved
    #[arg(short, long, value_name = "FILE")]
    pub model: PathBuf,
    /// Comma-separated values, with the columns that the model was trained on
    #[arg(short, long, value_name = "FILE")]
    pub dataset: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Verbosity {
    /// Nothing but errors
    Quiet,
    /// The score, and where the model is
    Minimal,
    /// Each candidate too
    Diagnostic,
}
