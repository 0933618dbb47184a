//! What was collected, as a report for the public: the words about the unit, and the questions of the registry.

use scruple_registry::Rotation;

use crate::collect::{Collected, Tabled};
use crate::options::ReportOptions;
use crate::publish::PublishOptions;
use crate::table::{Question, Report};
use scruple_cli::counts::columns::Unit;

/// The report of what was collected.
pub fn report(collected: &Collected, options: &ReportOptions) -> Report {
    let (unit, rotation) = words(collected.unit);
    Report {
        title: format!("How {} is used", collected.program),
        unit: unit.to_owned(),
        rotation: Some(rotation.to_owned()),
        threshold: options.threshold,
        licence: options.licence.clone(),
        registries: collected.schema_urls.clone(),
        questions: collected.tabled.iter().map(question).collect(),
        tables: collected.tables.clone(),
    }
}

/// Where it is published.
pub fn place(options: &ReportOptions) -> PublishOptions {
    let ledger = options.ledger.clone().unwrap_or_else(|| options.out.join("ledger.jsonl"));
    PublishOptions { out: options.out.join("public"), ledger, revise: options.revise }
}

fn question(tabled: &Tabled) -> Question {
    Question {
        signal: tabled.signal.clone(),
        attributes: tabled.attributes.clone(),
        brief: tabled.brief.clone(),
        ordered: tabled.is_ordered,
        closed: tabled.is_closed,
    }
}

/// What is counted, and how long its id lasts.
fn words((unit, rotation): (Unit, Rotation)) -> (&'static str, &'static str) {
    match (unit, rotation) {
        (Unit::Installation, Rotation::Daily) => (
            "installations",
            "An installation has a random id, which changes every day. One that is used on two days counts as two.",
        ),
        (Unit::Installation, Rotation::Monthly) => (
            "installations",
            "An installation has a random id, which changes every 30 days. One whose id changes within a period counts as two.",
        ),
        (Unit::Installation, Rotation::Yearly) => (
            "installations",
            "An installation has a random id, which changes every 365 days. One whose id changes within a period counts as two.",
        ),
        (Unit::Installation, Rotation::Never) => {
            ("installations", "An installation has a random id, which does not change.")
        }
        (Unit::Session, _) => (
            "sessions",
            "A session is one run of the program, with a random id of its own. Nothing tells which runs are of one installation.",
        ),
        (Unit::None, _) => (
            "installations",
            "The records have no id that tells one installation from another, so no number can be shown.",
        ),
    }
}
