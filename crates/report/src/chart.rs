//! A chart: one question, and what was published to answer it in each period.

use std::collections::BTreeSet;

use crate::ledger::Release;
use crate::suppress::{Count, PublishedCell, PublishedTable};
use crate::table::{Period, Question};

/// A question with its answers.
pub struct Chart<'a> {
    /// What is asked.
    pub question: &'a Question,
    /// Names the chart in addresses and files: lower-case letters, digits, `.`, `_` and `-`; no other chart has it.
    pub name: String,
    /// What is counted, in the plural.
    pub unit: &'a str,
    /// One a period, the earliest first; at least one.
    pub moments: Vec<Moment<'a>>,
}

/// The answer of one period.
pub struct Moment<'a> {
    /// When the records were recorded.
    pub period: Period,
    /// No number of fewer units is in it.
    pub threshold: u64,
    /// The schema URLs of the registries.
    pub registries: &'a [String],
    /// Of all records of the signal; none if it is hidden.
    pub total: Option<Count>,
    /// Whether a record may stand in several cells.
    pub overlaps: bool,
    /// The shown cells, in the order of the page.
    pub cells: Vec<&'a PublishedCell>,
    /// The number of hidden cells, if it is known and no secret.
    pub hidden: Option<u64>,
}

impl Moment<'_> {
    /// The records in hidden cells, if they can be had; none for lists and hidden totals.
    pub fn elsewhere(&self) -> Option<u64> {
        let shown: u64 = self.cells.iter().map(|cell| cell.count.records).sum();
        self.total.filter(|_| !self.overlaps).map(|total| total.records.saturating_sub(shown))
    }

    /// A cell by its labels.
    pub fn cell(&self, labels: &[String]) -> Option<&PublishedCell> {
        self.cells.iter().find(|cell| cell.labels == labels).copied()
    }
}

impl<'a> Chart<'a> {
    /// A chart for each question that a release by this unit answers.
    pub fn all(questions: &'a [Question], releases: &'a [Release], unit: &'a str) -> Vec<Self> {
        let mut names = BTreeSet::new();
        let mut charts = Vec::new();
        for question in questions {
            let of =
                releases.iter().filter(|release| release.published.signal == question.signal && release.unit == unit);
            let mut moments: Vec<_> = of.filter_map(|release| moment(question, release)).collect();
            moments.sort_by_key(|moment| moment.period);
            // Without a total there is nothing to divide.
            let is_told = question.attributes.is_empty() || moments.iter().any(|moment| moment.total.is_some());
            if is_told && !moments.is_empty() {
                charts.push(Self { question, name: name(question, &mut names), unit, moments });
            }
        }
        charts
    }

    /// The last period's answer.
    pub fn last(&self) -> &Moment<'a> {
        &self.moments[self.moments.len() - 1]
    }

    /// Whether it is about the total of a signal.
    pub fn is_total(&self) -> bool {
        self.question.attributes.is_empty()
    }
}

fn moment<'a>(question: &Question, release: &'a Release) -> Option<Moment<'a>> {
    let published = &release.published;
    let table = published.tables.iter().find(|table| table.attributes == question.attributes);
    let table = table.filter(|_| published.total.is_some());
    // A hidden total hides all tables alike.
    if table.is_none() && !question.attributes.is_empty() && published.total.is_some() {
        return None;
    }
    let hidden = |table: &PublishedTable| table.hidden.filter(|_| question.closed);
    let mut cells: Vec<&PublishedCell> = table.iter().flat_map(|table| &table.cells).collect();
    if !question.ordered {
        cells.sort_by(|a, b| b.count.records.cmp(&a.count.records).then_with(|| a.labels.cmp(&b.labels)));
    }
    Some(Moment {
        period: published.period,
        threshold: release.threshold,
        registries: &release.registries,
        total: published.total,
        overlaps: table.is_some_and(|table| table.overlaps),
        cells,
        hidden: table.and_then(hidden),
    })
}

/// Whether a chart can have this name.
pub fn is_chart_name(name: &str) -> bool {
    let is_safe = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '.' | '_' | '-');
    !matches!(name, "" | "index" | "report") && name.chars().all(is_safe) && !name.starts_with('.')
}

fn name(question: &Question, taken: &mut BTreeSet<String>) -> String {
    let parts: Vec<&str> =
        [question.called.as_str()].into_iter().chain(question.attributes.iter().map(String::as_str)).collect();
    let safe = |character: char| match character.to_ascii_lowercase() {
        safe @ ('a'..='z' | '0'..='9' | '.' | '_') => safe,
        _ => '-',
    };
    let name: String = parts.join("-").chars().map(safe).collect();
    // The page is `index`, and all charts are in `report`.
    let name = match name.trim_matches(['.', '-']) {
        "" | "index" | "report" => "chart".to_owned(),
        name => name.chars().take(100).collect(),
    };
    let with = |number: usize| if number == 1 { name.clone() } else { format!("{name}-{number}") };
    let free = (1..).map(with).find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}
