//! Checks the keys of charts: attributes of the signal or the resource, which a report counts by their values.

use std::collections::BTreeMap;

use scruple::registry::{Attribute, SignalKind};

use super::declarations::ParsedAttribute;
use super::declared::{ChartPair, Signal};
use super::finding::{Finding, Rule};
use super::names;
use crate::counts::columns::{AttributeColumn, ColumnForm};
use crate::counts::pairs::circle;
use crate::counts::{DURATION_KEY, STATUS_KEY};

/// What a signal can be counted by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// A record has one value.
    Once,
    /// A record may have several.
    Overlapping,
    /// Its values are ids, hashes or the program's name.
    Never,
    /// It was refused where it is declared.
    Unknown,
}

/// Checks the pairs of all spans and of all events. Without the `resource` nothing is known of what is missing.
pub fn check(
    attributes: &[ParsedAttribute],
    resource: Option<&[u16]>,
    [spans, events]: [&[Signal]; 2],
    findings: &mut Vec<Finding>,
) {
    let Some(resource) = resource else { return };
    for (kind, signals) in [(SignalKind::Span, spans), (SignalKind::Event, events)] {
        for signal in signals.iter().filter(|signal| !signal.charts.is_empty()) {
            let own = signal.table.attributes.iter().map(|used| used.attribute);
            let all = own.chain(resource.iter().copied()).filter_map(|index| attributes.get(usize::from(index)));
            let mut known: BTreeMap<_, _> =
                all.map(|attribute| (attribute.key.0.as_str(), counted(attribute))).collect();
            if kind == SignalKind::Span {
                known.extend([STATUS_KEY, DURATION_KEY].map(|key| (key, Counted::Once)));
            }
            keys(signal, &known, findings);
            circles(&signal.charts, findings);
        }
    }
}

fn counted(attribute: &ParsedAttribute) -> Counted {
    let Some(treated) = &attribute.treated else { return Counted::Unknown };
    match AttributeColumn::of(&Attribute::new(&attribute.key.0, "", treated.treatment)) {
        column if !column.is_tabled => Counted::Never,
        column if column.form == ColumnForm::Texts => Counted::Overlapping,
        _ => Counted::Once,
    }
}

fn keys(signal: &Signal, known: &BTreeMap<&str, Counted>, findings: &mut Vec<Finding>) {
    for (key, place) in signal.charts.iter().flat_map(|pair| &pair.keys) {
        let (rule, message, help) = match known.get(key.as_str()) {
            Some(Counted::Once | Counted::Unknown) => continue,
            Some(Counted::Overlapping) => {
                let help = "name attributes of which a record has one value: the numbers of a list's values overlap";
                (Rule::Value, format!("`{key}` is a list"), help.to_owned())
            }
            Some(Counted::Never) => {
                let help =
                    "name attributes whose values may be published; ids, hashes and the program's name are not counted";
                (Rule::Value, format!("`{key}` is not counted by its values"), help.to_owned())
            }
            None => {
                let help = match names::nearest(key, known.keys().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name attributes of this signal or of the resource".to_owned(),
                };
                (Rule::Reference, format!("`{}` has no attribute `{key}`", signal.table.name), help)
            }
        };
        findings.push(place.error(rule, message, help));
    }
}

/// Reports the first pair that is there twice, or forms a circle with others.
fn circles(pairs: &[ChartPair], findings: &mut Vec<Finding>) {
    let Some(last) = circle(pairs.iter().map(ChartPair::names)).and_then(|last| pairs.get(last)) else { return };
    let (one, other) = (&last.keys[0].0, &last.keys[1].0);
    let is_it = |pair: &&ChartPair| pair.names().contains(&one.as_str()) && pair.names().contains(&other.as_str());
    let (rule, message, help) = match pairs.iter().find(is_it).filter(|first| *first != last) {
        Some(first) => {
            let message = format!("`{one}` and `{other}` are paired twice; first at {}", first.keys[0].1.short());
            (Rule::Duplicate, message, "delete one of the two")
        }
        None => {
            let message = format!("`{one}` and `{other}` form a circle with other pairs");
            (
                Rule::Value,
                message,
                "delete one pair of the circle: its tables would tell numbers that none of them shows",
            )
        }
    };
    findings.push(last.keys[0].1.error(rule, message, help));
}
