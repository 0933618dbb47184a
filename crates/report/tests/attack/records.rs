//! Made-up records, the tables over them, and what of their atoms the published numbers are sums of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use scruple_registry::SignalKind;
use scruple_report::suppress::Published;
use scruple_report::table::{Cell, Period, SignalName, Table};

use super::Random;

/// A record: its unit, and the value of each attribute.
pub type Record = (u32, Vec<usize>);

/// The attributes of made-up records, and the pairs that have tables.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The number of values of each attribute.
    pub values: Vec<usize>,
    pub pairs: Vec<(usize, usize)>,
}

pub const NAMES: [&str; 4] = ["a", "b", "c", "d"];

pub fn run() -> SignalName {
    SignalName { name: "run".to_owned(), kind: SignalKind::Span }
}

pub fn week() -> Period {
    Period { start: NaiveDate::from_ymd_opt(2026, 11, 2).unwrap(), days: 7 }
}

impl Shape {
    pub fn records(&self, random: &mut Random, most: usize) -> Vec<Record> {
        let units = 1 + random.below(most / 2);
        let sticky: Vec<bool> = self.values.iter().map(|_| random.below(2) == 0).collect();
        let own: Vec<Vec<usize>> =
            (0..units).map(|_| self.values.iter().map(|&values| random.skewed(values)).collect()).collect();
        let record = |random: &mut Random| {
            let unit = random.below(units);
            let value = |(index, &values): (usize, &usize)| {
                if sticky[index] && random.below(8) > 0 { own[unit][index] } else { random.skewed(values) }
            };
            (unit as u32, self.values.iter().enumerate().map(value).collect())
        };
        (0..1 + random.below(most)).map(|_| record(random)).collect()
    }

    /// The total, a table an attribute, and those of the pairs.
    pub fn tables(&self, records: &[Record]) -> Vec<Table> {
        let mut tables = vec![table(records, &[], |_| Vec::new(), vec![Vec::new()])];
        for (index, &values) in self.values.iter().enumerate() {
            let all = (0..values).map(|value| vec![value]).collect();
            tables.push(table(records, &[NAMES[index]], |record| vec![record[index]], all));
        }
        for &(a, b) in &self.pairs {
            tables.push(table(records, &[NAMES[a], NAMES[b]], |record| vec![record[a], record[b]], Vec::new()));
        }
        tables
    }

    /// The atoms: with `support`, only those whose value or pair of values a record has; a reader may know these.
    pub fn atoms(&self, records: &[Record], known: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let mut atoms = vec![Vec::new()];
        for &values in &self.values {
            atoms =
                atoms.iter().flat_map(|atom| (0..values).map(|value| [atom.clone(), vec![value]].concat())).collect();
        }
        let is_known = |atom: &Vec<usize>| {
            let alone = (0..atom.len()).all(|a| records.iter().any(|(_, record)| record[a] == atom[a]));
            let both = |&(a, b): &(usize, usize)| {
                records.iter().any(|(_, record)| record[a] == atom[a] && record[b] == atom[b])
            };
            alone && known.iter().all(both)
        };
        atoms.into_iter().filter(is_known).collect()
    }

    /// Which atoms each published number is the sum of.
    pub fn sums(&self, published: &Published, atoms: &[Vec<usize>]) -> Vec<Vec<bool>> {
        let total = published.total.iter().map(|_| vec![true; atoms.len()]);
        let cells = published.tables.iter().flat_map(|table| {
            let of = |key: &String| NAMES.iter().position(|name| name == key).unwrap();
            let of: Vec<_> = table.attributes.iter().map(of).collect();
            table.cells.iter().map(move |cell| {
                let value =
                    |atom: &Vec<usize>| of.iter().zip(&cell.labels).all(|(&of, label)| atom[of].to_string() == *label);
                atoms.iter().map(value).collect()
            })
        });
        total.chain(cells).collect()
    }
}

fn table(records: &[Record], keys: &[&str], of: impl Fn(&[usize]) -> Vec<usize>, declared: Vec<Vec<usize>>) -> Table {
    let mut cells: BTreeMap<Vec<usize>, (u64, BTreeSet<u32>)> =
        declared.into_iter().map(|labels| (labels, Default::default())).collect();
    for (unit, record) in records {
        let (records, units) = cells.entry(of(record)).or_default();
        *records += 1;
        units.insert(*unit);
    }
    let cell = |(labels, (records, units)): (Vec<usize>, (u64, BTreeSet<u32>))| Cell {
        labels: labels.iter().map(usize::to_string).collect(),
        records,
        units: units.len() as u64,
        units_elsewhere: 0,
    };
    Table {
        signal: run(),
        attributes: keys.iter().map(|key| (*key).to_owned()).collect(),
        period: week(),
        overlaps: false,
        cells: cells.into_iter().map(cell).collect(),
    }
}
