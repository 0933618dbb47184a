//! Searches for the candidate with the best score on unseen rows, within a time limit.
//!
//! The learning is smartcore's: decision trees (CART) for classes and numbers, ridge regression for numbers and
//! ratings. Of each five rows, in the file's order, three are for training, one for the choice of the candidate, one
//! for the final score. The same file is always split in the same way.

use crate::model::{Learnt, Matrix, Task};
use smartcore::error::Failed;
use smartcore::linalg::basic::arrays::{Array, Array2};
use smartcore::linear::ridge_regression::{RidgeRegression, RidgeRegressionParameters};
use smartcore::tree::decision_tree_classifier::{DecisionTreeClassifier, DecisionTreeClassifierParameters};
use smartcore::tree::decision_tree_regressor::{DecisionTreeRegressor, DecisionTreeRegressorParameters};
use std::time::{Duration, Instant};

/// The minimum number of rows: with fewer, there are no rows for a score.
pub const FEWEST_ROWS: usize = 10;

/// A learning method with its parameters.
#[derive(Debug, Clone, Copy)]
pub enum Candidate {
    ClassTree { depth: u16, leaf: usize },
    NumberTree { depth: u16, leaf: usize },
    Ridge { alpha: f64 },
}

impl Candidate {
    /// The candidates of a task, the simplest first.
    pub fn of(task: Task) -> Vec<Self> {
        let trees = |make: fn(u16, usize) -> Self| {
            (1..=12).flat_map(move |depth| [1, 3, 10].map(|leaf| make(depth, leaf))).collect::<Vec<_>>()
        };
        let ridges = (-3..=3).map(|power| Self::Ridge { alpha: 10_f64.powi(power) });
        match task {
            Task::Classification => trees(|depth, leaf| Self::ClassTree { depth, leaf }),
            Task::Regression => ridges.chain(trees(|depth, leaf| Self::NumberTree { depth, leaf })).collect(),
            Task::Recommendation => ridges.collect(),
        }
    }

    fn learn(self, rows: &Matrix, wanted: &[f64]) -> Result<Learnt, Failed> {
        let numbers = wanted.to_vec();
        Ok(match self {
            Self::ClassTree { depth, leaf } => {
                let classes = numbers.into_iter().map(|class| class as u32).collect();
                let ways =
                    DecisionTreeClassifierParameters::default().with_max_depth(depth).with_min_samples_leaf(leaf);
                Learnt::Classes(DecisionTreeClassifier::fit(rows, &classes, ways)?)
            }
            Self::NumberTree { depth, leaf } => {
                let ways = DecisionTreeRegressorParameters::default().with_max_depth(depth).with_min_samples_leaf(leaf);
                Learnt::Numbers(DecisionTreeRegressor::fit(rows, &numbers, ways)?)
            }
            Self::Ridge { alpha } => {
                let ways = RidgeRegressionParameters::default().with_alpha(alpha).with_normalize(false);
                Learnt::Weights(RidgeRegression::fit(rows, &numbers, ways)?)
            }
        })
    }
}

/// The result of a search.
pub struct Found {
    pub learnt: Learnt,
    pub candidate: Candidate,
    /// The number of tried candidates.
    pub tried: usize,
    /// The share of right classes, or the root of the mean squared error.
    pub score: f64,
    /// The number of rows for the score.
    pub scored: usize,
}

/// Tries candidates until the time is over, at least one, and calls `each` with each score.
///
/// # Errors
/// If the library refuses all of them.
pub fn search(
    task: Task,
    rows: &Matrix,
    wanted: &[f64],
    time: Duration,
    mut each: impl FnMut(&Candidate, f64),
) -> Result<Found, Failed> {
    let end = Instant::now() + time;
    let part = |is_in: fn(usize) -> bool| {
        let indexes: Vec<_> = (0..wanted.len()).filter(|row| is_in(row % 5)).collect();
        (rows.take(&indexes, 0), indexes.iter().map(|row| wanted[*row]).collect::<Vec<_>>())
    };
    let (learnt, choosing, kept) = (part(|fifth| fifth < 3), part(|fifth| fifth == 3), part(|fifth| fifth == 4));
    let mut best: Option<(Candidate, f64)> = None;
    let (mut tried, mut refused) = (0, None);
    for candidate in Candidate::of(task) {
        let scored = candidate.learn(&learnt.0, &learnt.1).and_then(|model| score(task, &model, &choosing));
        match scored {
            Ok(score) => {
                tried += 1;
                each(&candidate, score);
                if best.is_none_or(|(_, so_far)| is_better(task, score, so_far)) {
                    best = Some((candidate, score));
                }
            }
            Err(error) => refused = Some(error),
        }
        if best.is_some() && Instant::now() >= end {
            break;
        }
    }
    let Some((candidate, _)) = best else { return Err(refused.unwrap_or_else(|| Failed::fit("no candidate"))) };
    let both = part(|fifth| fifth < 4);
    let learnt = candidate.learn(&both.0, &both.1)?;
    let score = score(task, &learnt, &kept)?;
    Ok(Found { learnt, candidate, tried, score, scored: kept.1.len() })
}

fn is_better(task: Task, score: f64, so_far: f64) -> bool {
    if task == Task::Classification { score > so_far } else { score < so_far }
}

fn score(task: Task, learnt: &Learnt, (rows, wanted): &(Matrix, Vec<f64>)) -> Result<f64, Failed> {
    debug_assert_eq!(rows.shape().0, wanted.len(), "a wanted value for each row");
    let found = learnt.predict(rows)?;
    let mean = |each: fn(f64, f64) -> f64| {
        found.iter().zip(wanted).map(|(found, wanted)| each(*found, *wanted)).sum::<f64>() / wanted.len() as f64
    };
    Ok(match task {
        Task::Classification => mean(|found, wanted| f64::from(found == wanted)),
        Task::Regression | Task::Recommendation => mean(|found, wanted| (found - wanted).powi(2)).sqrt(),
    })
}
