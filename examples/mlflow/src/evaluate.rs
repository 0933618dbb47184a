//! Evaluation: compares a model's predictions with the truth, and logs metrics of a run.

use crate::{Client, NotDone, SourceSdk, usage};

/// A metric of predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scorer {
    /// The share of right predictions.
    Accuracy,
    /// The mean of the squared differences.
    MeanSquaredError,
    /// The mean of the absolute differences.
    MeanAbsoluteError,
}

impl Scorer {
    /// The metric's name.
    pub const fn metric(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy_score",
            Self::MeanSquaredError => "mean_squared_error",
            Self::MeanAbsoluteError => "mean_absolute_error",
        }
    }

    #[expect(clippy::float_cmp, reason = "classes are exact numbers")]
    fn of_one(self, predicted: f64, truth: f64) -> f64 {
        match self {
            Self::Accuracy => f64::from(u8::from(predicted == truth)),
            Self::MeanSquaredError => (predicted - truth).powi(2),
            Self::MeanAbsoluteError => (predicted - truth).abs(),
        }
    }
}

impl Client {
    /// Predicts each row with a model, scores the predictions against the truths, and logs the scores as metrics of a
    /// run.
    ///
    /// # Errors
    /// No rows, or a score that is not finite; see also [`NotDone`].
    pub fn evaluate<R>(
        &self,
        run: &str,
        model: impl Fn(&R) -> f64,
        rows: &[(R, f64)],
        scorers: &[Scorer],
    ) -> Result<Vec<(&'static str, f64)>, NotDone> {
        self.tracked(usage::evaluate, || {
            self.needs(|sdk| sdk == SourceSdk::Mlflow, "evaluation: take `full`")?;
            let count = u32::try_from(rows.len()).ok().filter(|count| *count > 0);
            let count = count.ok_or(NotDone::NotAScore("an evaluation needs rows"))?;
            let predicted: Vec<f64> = rows.iter().map(|(row, _)| model(row)).collect();
            let score = |scorer: &Scorer| {
                let each = predicted.iter().zip(rows).map(|(predicted, (_, truth))| scorer.of_one(*predicted, *truth));
                (scorer.metric(), each.sum::<f64>() / f64::from(count))
            };
            let scores: Vec<_> = scorers.iter().map(score).collect();
            if scores.iter().any(|(_, score)| !score.is_finite()) {
                return Err(NotDone::NotAScore("a prediction or a truth is not a finite number"));
            }
            self.log(run, &[], &scores, &[])?;
            Ok(scores)
        })
    }
}
