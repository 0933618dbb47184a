//! What is to be learnt: the rows of a data set as numbers, and what is to be found for each.

use crate::column::{Column, MOST_TEXTS, matrix};
use crate::model::{Matrix, Task};
use crate::search::FEWEST_ROWS;
use crate::table::{Fault, Mistake, Table};

/// The most people, and the most items, of a recommendation.
const MOST_RATED: usize = 300;

/// The columns that a task is about.
pub enum Columns {
    Label(String),
    Rating { user: String, item: String, rating: String },
}

pub struct Lesson {
    /// What is looked at.
    pub columns: Vec<Column>,
    pub rows: Matrix,
    /// The classes, where one is to be found.
    pub classes: Vec<String>,
    /// What is to be found; of a class, its place among the classes.
    pub wanted: Vec<f64>,
}

impl Lesson {
    /// # Errors
    /// If the table lacks a column, or what is in it can't be learnt.
    pub fn of(task: Task, table: &Table, columns: &Columns, ignored: &[String]) -> Result<Self, Mistake> {
        if table.rows.len() < FEWEST_ROWS {
            return Err(Fault::TooFewRows { found: table.rows.len(), wanted: FEWEST_ROWS }.alone());
        }
        for column in ignored {
            table.index(column)?;
        }
        let (columns, label) = match columns {
            Columns::Rating { user, item, rating } => {
                let columns = [user, item].map(|column| Column::texts(table, column, MOST_RATED));
                (columns.into_iter().collect::<Result<Vec<_>, _>>()?, rating)
            }
            Columns::Label(label) => {
                table.index(label)?;
                let looked_at = table.columns.iter().filter(|name| *name != label && !ignored.contains(name));
                (looked_at.map(|name| Column::guess(table, name)).collect::<Result<_, _>>()?, label)
            }
        };
        let (classes, wanted) = match task {
            Task::Classification => {
                let (index, classes) = (table.index(label)?, table.texts(label, MOST_TEXTS)?);
                let class = |cell: &String| classes.iter().position(|class| class == cell);
                let wanted = table.rows.iter().filter_map(|row| class(&row.cells[index])).map(|class| class as f64);
                (classes.clone(), wanted.collect())
            }
            Task::Regression | Task::Recommendation => (Vec::new(), table.numbers(label)?),
        };
        Ok(Self { rows: matrix(&columns, table)?, columns, classes, wanted })
    }
}
