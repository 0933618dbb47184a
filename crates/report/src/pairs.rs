//! The pairs of attributes that each signal is counted by: those that its registry names as charts, then those of the
//! command line.

use scruple_cli::counts::columns::{AllColumns, SignalColumns};
use scruple_cli::counts::pairs::circle;
use scruple_cli::registry::{ChartPair, Owned, Signal};
use scruple_registry::SignalKind;

use crate::dimension::dimensions;
use crate::failed::{ReportError, Result};

/// Two keys.
pub type Pair = [String; 2];

/// The pairs of each signal, in the order of `columns`, and what the registries name and can't be counted.
///
/// Of a signal's charts, those of the first registry that declares it count, which is the current one: those of another
/// version could form a circle with them.
///
/// # Errors
/// A pair of the command line is of no signal or of a list, or forms a circle with others.
pub fn of_signals(columns: &AllColumns, registries: &[Owned], asked: &[Pair]) -> Result<(Vec<Vec<Pair>>, Vec<String>)> {
    asked.iter().try_for_each(|pair| exists(pair, columns))?;
    let (mut all, mut left_out) = (Vec::new(), Vec::new());
    for signal in &columns.signals {
        let mut pairs: Vec<Pair> = Vec::new();
        for pair in charts(signal, registries).iter().map(|chart| chart.names().map(str::to_owned)) {
            match countable(signal, &pair) {
                Ok(()) => pairs.push(pair),
                Err(why) => {
                    left_out
                        .push(format!("{}: the chart of {} and {} is left out: {why}", signal.name, pair[0], pair[1]));
                }
            }
        }
        for pair in asked.iter().filter(|pair| countable(signal, pair).is_ok()) {
            let [one, other] = pair;
            if pairs.iter().any(|known| known.contains(one) && known.contains(other)) {
                continue;
            }
            pairs.push(pair.clone());
            if circle(pairs.iter().map(|pair| pair.each_ref().map(String::as_str))).is_some() {
                return Err(ReportError::Input(format!(
                    "--pair {one},{other}: with the other pairs of {}, from the command line and its charts in the registry, it \
                     forms a circle, which tells numbers of no table; leave one pair out",
                    signal.name
                )));
            }
        }
        all.push(pairs);
    }
    Ok((all, left_out))
}

/// What the first registry that declares the signal names.
fn charts<'a>(signal: &SignalColumns, registries: &'a [Owned]) -> &'a [ChartPair] {
    let of = |owned: &'a Owned| -> Option<&'a Signal> {
        let declared = if signal.kind == SignalKind::Span { &owned.spans } else { &owned.events };
        declared.iter().find(|declared| declared.table.name == signal.own_name())
    };
    registries.iter().find_map(of).map_or(&[], |declared| &declared.charts)
}

/// Whether a signal can be counted by both, and by each once.
fn countable(signal: &SignalColumns, pair: &Pair) -> Result<(), &'static str> {
    let all = dimensions(signal);
    let of = |key: &String| all.iter().find(|dimension| dimension.key(signal) == *key);
    match pair.each_ref().map(of) {
        [Some(one), Some(other)] if !one.is_list(signal) && !other.is_list(signal) => Ok(()),
        [Some(_), Some(_)] => Err("one of them is a list, whose values overlap"),
        _ => Err("not both are attributes with values to count"),
    }
}

/// Some signal has both attributes of a pair, and none as lists.
fn exists([one, other]: &Pair, columns: &AllColumns) -> Result<()> {
    let has = |signal: &&SignalColumns, key: &String| dimensions(signal).iter().any(|it| it.key(signal) == *key);
    let mut both = columns.signals.iter().filter(|signal| has(signal, one) && has(signal, other)).peekable();
    if both.peek().is_none() {
        let why = "no span or event has both attributes with values to count";
        return Err(ReportError::Input(format!("--pair {one},{other}: {why}")));
    }
    match both.find_map(|signal| countable(signal, &[one.clone(), other.clone()]).err()) {
        Some(why) => Err(ReportError::Input(format!("--pair {one},{other}: {why}"))),
        None => Ok(()),
    }
}
