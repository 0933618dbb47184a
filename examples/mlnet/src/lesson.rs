//! The training data: the rows of a data set as numbers, with the value to predict for each.

use crate::column::{Column, MOST_TEXTS, matrix};
use crate::model::{Matrix, Task};
use crate::search::FEWEST_ROWS;
use crate::table::{Fault, Mistake, Table};

/// The maximum number of people, and of items, in a recommendation.
const MOST_RATED: usize = 300;

/// The columns of a task.
pub enum Columns {
    Label(String),
    Rating { user: String, item: String, rating: String },
}

pub struct Lesson {
    /// The input columns.
    pub columns: Vec<Column>,
    pub rows: Matrix,
    /// The classes of a classification.
    pub classes: Vec<String>,
    /// The value to predict for each row; for a class, its index.
    pub wanted: Vec<f64>,
}

impl Lesson {
    /// # Errors
    /// If the table lacks a column, or a column can't be learnt from.
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
                let inputs = table.columns.iter().filter(|name| *name != label && !ignored.contains(name));
                (inputs.map(|name| Column::guess(table, name)).collect::<Result<_, _>>()?, label)
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
