//! The demo's real work: a decision tree learns the classes of a data set, and is scored on rows it has not seen.
//!
//! The learning is the library's, [`linfa_trees`]: CART with Gini impurity. Every fifth row of each class, in the
//! file's order, is kept for the score, so the same file is always split the same way, and each class that has five
//! rows is tried.

use std::fmt;

use linfa::prelude::*;
use linfa_trees::{DecisionTree, TreeNode};
use ndarray::{Axis, Ix1};

use super::dataset::Dataset;

/// The version of the library that learns.
pub const LIBRARY_VERSION: &str = "0.8.1";

/// How deep a tree may grow.
const MAX_DEPTH: usize = 6;

/// A row in so many is kept for the score.
const KEPT: usize = 5;

/// The rows to learn from, and the rows to score with.
pub struct Split {
    learnt: linfa::Dataset<f64, usize, Ix1>,
    kept: linfa::Dataset<f64, usize, Ix1>,
}

/// What was learnt.
pub struct Model {
    tree: DecisionTree<f64, usize>,
    classes: Vec<String>,
}

/// How well a model does on rows it has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// The rows it was tried on: at least one.
    pub rows: usize,
    /// How many of them it put in the right class.
    pub right: usize,
}

impl Score {
    /// The share of rows in the right class, in per cent, rounded down.
    pub fn per_cent(self) -> usize {
        (self.right * 100).checked_div(self.rows).unwrap_or(0)
    }
}

/// Why there is nothing to learn or to score.
#[derive(Debug)]
pub enum WorkError {
    /// No class has the rows of which one could be kept.
    TooFewRows {
        /// How many rows the largest class has.
        most: usize,
    },
    /// The library refused.
    Learning(linfa::Error),
}

impl Split {
    /// Splits a data set: every fifth row of each class is kept for the score.
    ///
    /// # Errors
    /// If no class has five rows.
    pub fn of(dataset: &Dataset) -> Result<Self, WorkError> {
        let mut seen = vec![0_usize; dataset.classes.len()];
        let (mut learnt, mut kept) = (Vec::new(), Vec::new());
        for (row, class) in dataset.targets.iter().enumerate() {
            let Some(count) = seen.get_mut(*class) else { continue };
            *count += 1;
            if count.is_multiple_of(KEPT) { kept.push(row) } else { learnt.push(row) }
        }
        if kept.is_empty() {
            return Err(WorkError::TooFewRows { most: seen.into_iter().max().unwrap_or(0) });
        }
        let part = |rows: &[usize]| {
            linfa::Dataset::new(dataset.values.select(Axis(0), rows), dataset.targets.select(Axis(0), rows))
                .with_feature_names(dataset.features.clone())
        };
        Ok(Self { learnt: part(&learnt), kept: part(&kept) })
    }

    /// How many rows there are to learn from.
    pub fn rows(&self) -> usize {
        self.learnt.nsamples()
    }
}

impl Model {
    /// Learns from the rows that are not kept.
    ///
    /// # Errors
    /// If the library refuses them.
    pub fn train(dataset: &Dataset, split: &Split) -> Result<Self, WorkError> {
        let tree = DecisionTree::params().max_depth(Some(MAX_DEPTH)).fit(&split.learnt).map_err(WorkError::Learning)?;
        Ok(Self { tree, classes: dataset.classes.clone() })
    }

    /// Tries the model on the rows that were kept.
    pub fn score(&self, split: &Split) -> Score {
        let found = self.tree.predict(&split.kept);
        let right = found.iter().zip(split.kept.targets()).filter(|(found, class)| found == class).count();
        Score { rows: split.kept.nsamples(), right }
    }

    /// How many decisions lead to a class, at most.
    pub fn depth(&self) -> usize {
        self.tree.max_depth()
    }
}

/// The tree as rules, one a line: what `demo` saves.
impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rules(f, self.tree.root_node(), 0)
    }
}

impl Model {
    fn rules(&self, f: &mut fmt::Formatter<'_>, node: &TreeNode<f64, usize>, indent: usize) -> fmt::Result {
        if let Some(class) = node.prediction() {
            let class = self.classes.get(class).map_or("?", String::as_str);
            return writeln!(f, "{:indent$}{class}", "");
        }
        let (_, value, _) = node.split();
        let name = node.feature_name().map_or("?", String::as_str);
        for (sign, child) in ["<", ">="].into_iter().zip(node.children()) {
            writeln!(f, "{:indent$}{name} {sign} {value}:", "")?;
            if let Some(child) = child {
                self.rules(f, child, indent + 2)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for WorkError {}

impl fmt::Display for WorkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewRows { most } => write!(
                f,
                "the largest class has {most} rows: at least one class needs {KEPT}, of which one is kept for the score"
            ),
            Self::Learning(error) => write!(f, "the tree could not be learnt: {error}"),
        }
    }
}
