//! What a release tells together with an earlier one of the same signal and period.

use std::collections::{BTreeMap, BTreeSet};

use crate::suppress::{Count, Published, PublishedTable};

/// Cells of a table by their labels.
type Cells<'a> = BTreeMap<&'a [String], Count>;

/// The first number that is not the same, in words.
pub fn difference(old: &Published, new: &Published) -> Option<String> {
    let words = |count: Option<Count>| match count {
        Some(Count { records, units }) => format!("{records} records of at least {units}"),
        None => "hidden".to_owned(),
    };
    if old.total != new.total {
        return Some(format!("the total was {}, and is {}", words(old.total), words(new.total)));
    }
    let (before, after) = (all(old), all(new));
    let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    let key = keys.into_iter().find(|key| before.get(*key) != after.get(*key))?;
    let (attributes, labels) = key;
    let (was, is) = (words(before.get(key).copied()), words(after.get(key).copied()));
    Some(format!("{} {labels:?} was {was}, and is {is}", attributes.join(", ")))
}

/// The number of tables with another number, the total among them.
pub fn different_tables(old: &Published, new: &Published) -> usize {
    let (before, after) = (all(old), all(new));
    let keys = before.keys().chain(after.keys()).filter(|key| before.get(*key) != after.get(*key));
    let tables: BTreeSet<_> = keys.map(|(attributes, _)| attributes).collect();
    usize::from(old.total != new.total) + tables.len()
}

/// Whether the total changed, but not by at least `threshold` units for sure.
pub fn total_of_few(old: &Published, new: &Published, threshold: u64) -> bool {
    matches!((old.total, new.total), (Some(old), Some(new)) if of_few(old, new, threshold))
}

/// The attributes of the tables of which something is shown that tells of few together with the earlier release.
pub fn tables_of_few(old: &Published, new: &Published, threshold: u64) -> Vec<Vec<String>> {
    let (Some(before), Some(after)) = (old.total, new.total) else { return Vec::new() };
    let grown = grown(before, after);
    let few = |table: &&PublishedTable| {
        let cells = changes(old, table);
        let Some(cells) = cells else { return true };
        let near = cells.values().any(|(before, after)| of_few(*before, *after, threshold));
        let changes: BTreeMap<_, _> =
            cells.iter().map(|(key, (before, after))| (*key, self::grown(*before, *after))).collect();
        let elsewhere = if table.overlaps {
            changes.values().any(|change| *change != grown)
        } else if let [rows, columns] = table.attributes.as_slice() {
            line_elsewhere(old, new, rows, 0, &changes) || line_elsewhere(old, new, columns, 1, &changes)
        } else {
            changes.values().sum::<i128>() != grown
        };
        near || elsewhere
    };
    let shown = new.tables.iter().filter(|table| !table.cells.is_empty());
    shown.filter(few).map(|table| table.attributes.clone()).collect()
}

/// Whether a row (`side` 0) or a column (1) has a change that is not one of its shown cells.
fn line_elsewhere(
    old: &Published,
    new: &Published,
    key: &str,
    side: usize,
    changes: &BTreeMap<&[String], i128>,
) -> bool {
    let margin = new.tables.iter().find(|table| table.attributes == [key]);
    let Some(margin) = margin.and_then(|table| changes_of(old, table)) else { return true };
    let mut left: BTreeMap<&str, i128> = margin.iter().map(|(labels, change)| (labels[0].as_str(), *change)).collect();
    for (labels, change) in changes {
        *left.entry(labels[side].as_str()).or_default() -= change;
    }
    left.values().any(|change| *change != 0)
}

fn changes_of<'a>(old: &Published, table: &'a PublishedTable) -> Option<BTreeMap<&'a [String], i128>> {
    let cells = changes(old, table)?;
    Some(cells.into_iter().map(|(labels, (before, after))| (labels, grown(before, after))).collect())
}

/// Each shown cell before and after; none if one was not shown before.
fn changes<'a>(old: &Published, table: &'a PublishedTable) -> Option<BTreeMap<&'a [String], (Count, Count)>> {
    let before = old.tables.iter().find(|old| old.attributes == table.attributes)?;
    let before = cells(before);
    let change = |(labels, after): (&'a [String], Count)| Some((labels, (*before.get(labels)?, after)));
    cells(table).into_iter().map(change).collect()
}

/// A difference that is not 0 and need not be of `threshold` units. Each number of units is rounded down by less than that.
fn of_few(old: Count, new: Count, threshold: u64) -> bool {
    let far = |old: u64, new: u64, least: u64| old.abs_diff(new) >= least;
    let is_far = far(old.records, new.records, threshold) && far(old.units, new.units, threshold.saturating_mul(2));
    let one_way = (old.records < new.records) == (old.units < new.units);
    old != new && !(is_far && one_way)
}

fn grown(old: Count, new: Count) -> i128 {
    i128::from(new.records) - i128::from(old.records)
}

fn cells(table: &PublishedTable) -> Cells<'_> {
    table.cells.iter().map(|cell| (cell.labels.as_slice(), cell.count)).collect()
}

/// All cells by attributes and labels.
fn all(published: &Published) -> BTreeMap<(&[String], &[String]), Count> {
    let of = |table| cells(table).into_iter();
    published
        .tables
        .iter()
        .flat_map(|table| of(table).map(|(labels, count)| ((table.attributes.as_slice(), labels), count)))
        .collect()
}
