//! A trained model with its input columns, as it is saved in a file.

use crate::column::{Column, matrix};
use crate::table::{Mistake, Table};
use serde::{Deserialize, Serialize};
use smartcore::error::Failed;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::ridge_regression::RidgeRegression;
use smartcore::tree::decision_tree_classifier::DecisionTreeClassifier;
use smartcore::tree::decision_tree_regressor::DecisionTreeRegressor;

pub type Matrix = DenseMatrix<f64>;

#[derive(Serialize, Deserialize)]
pub struct Model {
    pub task: Task,
    pub columns: Vec<Column>,
    /// The classes of a classification.
    pub classes: Vec<String>,
    pub learnt: Learnt,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    Classification,
    Regression,
    Recommendation,
}

#[derive(Serialize, Deserialize)]
pub enum Learnt {
    Classes(DecisionTreeClassifier<f64, u32, Matrix, Vec<u32>>),
    Numbers(DecisionTreeRegressor<f64, f64, Matrix, Vec<f64>>),
    Weights(RidgeRegression<f64, f64, Matrix, Vec<f64>>),
}

impl Learnt {
    /// Predicts a number for each row; for a class, its index.
    ///
    /// # Errors
    /// If the library refuses the rows.
    pub fn predict(&self, rows: &Matrix) -> Result<Vec<f64>, Failed> {
        match self {
            Self::Classes(tree) => Ok(tree.predict(rows)?.into_iter().map(f64::from).collect()),
            Self::Numbers(tree) => tree.predict(rows),
            Self::Weights(weights) => weights.predict(rows),
        }
    }
}

impl Model {
    /// Predicts a text for each row.
    ///
    /// # Errors
    /// If the table lacks one of the columns, or the library refuses the rows.
    pub fn predict(&self, table: &Table) -> Result<Vec<String>, NoPrediction> {
        let rows = matrix(&self.columns, table).map_err(NoPrediction::Table)?;
        let found = self.learnt.predict(&rows).map_err(NoPrediction::Library)?;
        let text = |found: f64| match self.task {
            Task::Classification => self.classes.get(found as usize).cloned().unwrap_or_default(),
            Task::Regression | Task::Recommendation => format!("{found:.3}"),
        };
        Ok(found.into_iter().map(text).collect())
    }
}

pub enum NoPrediction {
    Table(Mistake),
    Library(Failed),
}
