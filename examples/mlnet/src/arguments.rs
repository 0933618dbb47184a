//! The command-line arguments.

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
    /// Trains a model that predicts the class of a row
    Classification(Labelled),
    /// Trains a model that predicts a number for a row
    Regression(Labelled),
    /// Trains a model that predicts a person's rating of an item
    Recommendation(Rated),
    /// Trains a model for the task in --task
    Train(Train),
    /// Prints the predictions of a saved model, one for each row
    Predict(Predict),
}

impl Command {
    /// The declared name.
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
    /// The column to predict
    #[arg(long, value_name = "COLUMN")]
    pub label_col: String,
    #[command(flatten)]
    pub training: Training,
}

#[derive(Args)]
pub struct Rated {
    /// The column with the people
    #[arg(long, value_name = "COLUMN")]
    pub user_col: String,
    /// The column with the rated items
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
    /// The column to predict: for classification and regression
    #[arg(long, value_name = "COLUMN")]
    pub label_col: Option<String>,
    /// The column with the people: for recommendation
    #[arg(long, value_name = "COLUMN")]
    pub user_col: Option<String>,
    /// The column with the rated items: for recommendation
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
    /// The columns to ignore
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub ignore_cols: Vec<String>,
    /// The time limit in seconds; at least one candidate is tried
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub train_time: u64,
    /// The folder to save the model in
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub output: PathBuf,
    /// The model's name, which is also its file's
    #[arg(long, default_value = "model")]
    pub name: String,
    /// How much to print
    #[arg(short, long, value_enum, default_value_t = Verbosity::Minimal)]
    pub verbosity: Verbosity,
}

#[derive(Args)]
pub struct Predict {
    /// A saved model
    #[arg(short, long, value_name = "FILE")]
    pub model: PathBuf,
    /// Comma-separated values, with the columns of the training
    #[arg(short, long, value_name = "FILE")]
    pub dataset: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Verbosity {
    /// Errors only
    Quiet,
    /// Also the score and the model's file
    Minimal,
    /// Also each candidate
    Diagnostic,
}
