//! The threshold: what may be published of tables, so that nothing tells about fewer than k distinct units.
//!
//! # What is hidden
//!
//! A cell of fewer than k units is hidden. So is a cell of 0 records, so that a reader can't tell nobody from somebody.
//! A signal whose total is of fewer than k units is hidden as a whole.
//!
//! More cells are hidden, so that addition and subtraction of the published numbers give nothing about few either. A
//! *group* is a set of hidden cells of one table whose records can be had from the published numbers. Each group must
//! hold no record, or the records of at least k units for sure. Units don't add up, because one unit has records in
//! several cells; two lower bounds hold: a group has at least the units of its largest cell, and at least those of the
//! whole minus those of each other cell.
//!
//! - One attribute: the one group is all hidden cells together, because the total is published. If it is not of k units
//!   for sure, the smallest shown cell is hidden too. In particular no cell is hidden alone.
//! - Two attributes: the tables of the two are its margins. The values that these hide are not shown in the table, and
//!   count as one row or column, whose sum is known. So all margins are known, which is the case that D. Gusfield
//!   solved: a hidden cell can be had exactly if its edge is a bridge of the bipartite graph of hidden cells (A Graph
//!   Theoretic Approach to Statistical Data Security, SIAM J. Comput. 17(3), 1988). Groups are the cuts of that graph
//!   whose edges all lead the same way, from rows to columns (M.-Y. Kao, Efficient Detection and Protection of
//!   Information in Cross Tabulated Tables II: Minimal Linear Invariants, J. Comb. Optim. 1, 1997). `suppress::pair`
//!   says how they are found. The reader is taken to know which cells have no record, so that it does not help that
//!   counts are not negative.
//! - Several tables of two attributes: they must form no circle. Three tables over the pairs of three attributes tell
//!   counts that are in none of them: of two values each, the number of records with all first or all second values.
//! - An attribute with a list of values: its cells overlap. The total minus a cell is the number of records without the
//!   value, which must be 0 or of k units too. The records without any value are not shown: with two values, they would
//!   tell how many have both.
//!
//! The published number of units is rounded down to a multiple of k. Units can be subtracted too: those of the total minus
//! those of a cell are the units without a record in it, which may be few. Rounded, they tell a range of k.
//!
//! # What this does not protect from
//!
//! - Ranges. A hidden cell has at most the records of its group, and at least one record a unit. Who knows how this
//!   module chooses knows a little more: the cell that was hidden in addition is the smallest of at least k units.
//! - Knowledge from elsewhere: units that know their own records, attributes that a program records only together, two
//!   signals of which each record of one means one of the other, a table that someone else published.
//! - Records of one unit that are not told from those of another, such as installation ids that change within the period:
//!   then k ids may be fewer people.
//! - A cell of k units that all do the same: that it holds for each of them is known.

mod pair;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scruple_cli::counts::pairs::circle;

use crate::table::{Cell, Period, SignalName, Table};

/// How cells are hidden.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// k: the least number of distinct units of which a number may be published.
    pub threshold: u64,
    /// Whether cells are also hidden because of what can be had by subtraction. Only a test that shows what that is for
    /// says no.
    pub complementary: bool,
}

/// The records and units of a cell or a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The number of records.
    pub records: u64,
    /// The number of distinct units; of what is published, rounded down to a multiple of k.
    pub units: u64,
}

/// What is published of one signal in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The span or event.
    pub signal: SignalName,
    /// When the records were recorded.
    pub period: Period,
    /// Absent if it is of fewer than k units, or of none: then there is no table.
    pub total: Option<Count>,
    /// Those with attributes, sorted by their number and their keys.
    pub tables: Vec<PublishedTable>,
}

/// The shown cells of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedTable {
    /// The keys of the attributes, one or two.
    pub attributes: Vec<String>,
    /// A record may stand in several cells.
    pub overlaps: bool,
    /// In the given order.
    pub cells: Vec<PublishedCell>,
    /// The number of combinations of given labels that are not shown, without the empty label; none if it is not known. It
    /// is no secret only if the labels are not: if all members are declared.
    pub hidden: Option<u64>,
}

/// A cell that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedCell {
    /// The value of each attribute; empty for a record without it.
    pub labels: Vec<String>,
    /// At least k units.
    pub count: Count,
}

impl Rules {
    fn published(&self, cell: &Cell) -> PublishedCell {
        let rounded = cell.units - cell.units % self.threshold.max(1);
        PublishedCell { labels: cell.labels.clone(), count: Count { records: cell.records, units: rounded } }
    }
}

/// Tables that are not about the same records, or that tell too much together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    signal: SignalName,
    why: String,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the tables of {}: {}", self.signal, self.why)
    }
}

impl std::error::Error for Unfit {}

/// What may be published of tables; a cell for which `may_show` says no is hidden as well.
///
/// # Errors
/// A signal has no total in a period, tables of the same records don't add up, or tables of two attributes form a circle.
pub fn suppress(
    tables: &[Table],
    rules: Rules,
    may_show: impl Fn(&Table, &Cell) -> bool,
) -> Result<Vec<Published>, Unfit> {
    let mut signals: BTreeMap<(&SignalName, Period), Vec<&Table>> = BTreeMap::new();
    for table in tables {
        signals.entry((&table.signal, table.period)).or_default().push(table);
    }
    signals
        .into_iter()
        .map(|((signal, period), mut tables)| {
            tables.sort_by_key(|table| (table.attributes.len(), &table.attributes));
            let unfit = |why: String| Unfit { signal: signal.clone(), why };
            one_signal(signal, period, &tables, rules, &may_show).map_err(unfit)
        })
        .collect()
}

fn one_signal(
    signal: &SignalName,
    period: Period,
    tables: &[&Table],
    rules: Rules,
    may_show: &dyn Fn(&Table, &Cell) -> bool,
) -> Result<Published, String> {
    no_circle(tables)?;
    let mut totals = tables.iter().filter(|table| table.attributes.is_empty());
    let (Some(total), None) = (totals.next(), totals.next()) else {
        return Err(format!("there is not one total for {}", period.start));
    };
    let [whole] = total.cells.as_slice() else { return Err("a total has not one cell".to_owned()) };
    let is_shown = whole.units >= rules.threshold && may_show(total, whole);
    let hider = Hider { rules, whole: count(whole), is_shown, may_show };
    let mut of_one: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
    for table in tables.iter().filter(|table| table.attributes.len() == 1) {
        let shown = if table.overlaps { hider.lists(table)? } else { hider.parts(table)? };
        if of_one.insert(&table.attributes[0], shown).is_some() {
            return Err(format!("`{}` has two tables", table.attributes[0]));
        }
    }
    let margin = |key: &String| {
        let table = tables.iter().find(|table| table.attributes == [key.as_str()]).filter(|table| !table.overlaps);
        let table = table.ok_or_else(|| format!("`{key}` of a pair has no table of its own, or one that overlaps"))?;
        Ok::<_, String>(pair::Margin { cells: &table.cells, shown: &of_one[key.as_str()] })
    };
    let mut published = Vec::new();
    for table in tables.iter().filter(|table| !table.attributes.is_empty()) {
        let (shown, combinations) = match table.attributes.as_slice() {
            [key] => (of_one[key.as_str()].clone(), values(&table.cells)),
            [rows, columns] if rows != columns => {
                let (rows, columns) = (margin(rows)?, margin(columns)?);
                (hider.pair(table, rows, columns)?, values(rows.cells) * values(columns.cells))
            }
            other => return Err(format!("no table has the attributes {other:?}")),
        };
        let cells: Vec<_> = table.cells.iter().zip(shown).filter(|(_, shown)| *shown).map(|(cell, _)| cell).collect();
        published.push(PublishedTable {
            attributes: table.attributes.clone(),
            overlaps: table.overlaps,
            hidden: Some((combinations - values(cells.iter().copied())) as u64),
            cells: cells.iter().map(|cell| rules.published(cell)).collect(),
        });
    }
    let total = is_shown.then(|| rules.published(whole).count);
    // Which tables there are would tell whether there is a record.
    published.retain(|_| is_shown);
    Ok(Published { signal: signal.clone(), period, total, tables: published })
}

/// Hides the cells of one signal in one period.
struct Hider<'a> {
    rules: Rules,
    whole: Count,
    is_shown: bool,
    may_show: &'a dyn Fn(&Table, &Cell) -> bool,
}

impl Hider<'_> {
    /// Whether each cell would be shown if nothing could be had by subtraction.
    fn alone(&self, table: &Table) -> Vec<bool> {
        let alone = |cell: &Cell| self.is_shown && cell.units >= self.rules.threshold && (self.may_show)(table, cell);
        table.cells.iter().map(alone).collect()
    }

    /// The cells of a table of one attribute.
    fn parts(&self, table: &Table) -> Result<Vec<bool>, String> {
        let cells = &table.cells;
        sound(table, self.whole)?;
        let sum: u64 = cells.iter().map(|cell| cell.records).sum();
        if sum != self.whole.records {
            let (key, records) = (&table.attributes[0], self.whole.records);
            return Err(format!("the cells of `{key}` have {sum} records, and the total {records}"));
        }
        let units: u64 = cells.iter().map(|cell| cell.units).sum();
        if units < self.whole.units {
            let key = &table.attributes[0];
            return Err(format!(
                "the cells of `{key}` have {units} units, fewer than the total's {}",
                self.whole.units
            ));
        }
        let mut shown = self.alone(table);
        while self.rules.complementary && self.group_of_few(cells, &shown) {
            let smallest = (0..cells.len()).filter(|&index| shown[index]).min_by(|&a, &b| {
                let key = |cell: &Cell| (cell.units, cell.records);
                key(&cells[a]).cmp(&key(&cells[b])).then_with(|| cells[a].labels.cmp(&cells[b].labels))
            });
            // Without a shown cell the group is the total.
            let Some(smallest) = smallest else { break };
            shown[smallest] = false;
        }
        Ok(shown)
    }

    /// Whether the hidden cells together have records, but not of k units for sure.
    fn group_of_few(&self, cells: &[Cell], shown: &[bool]) -> bool {
        let of =
            |wanted: bool| cells.iter().zip(shown).filter(move |(_, shown)| **shown == wanted).map(|(cell, _)| cell);
        let largest = of(false).map(|cell| cell.units).max().unwrap_or(0);
        let elsewhere: u64 = of(true).map(|cell| cell.units).sum();
        let units = largest.max(self.whole.units.saturating_sub(elsewhere));
        of(false).any(|cell| cell.records > 0) && units < self.rules.threshold
    }

    /// The cells of an attribute with a list of values.
    fn lists(&self, table: &Table) -> Result<Vec<bool>, String> {
        sound(table, self.whole)?;
        let mut shown = self.alone(table);
        for (cell, shown) in table.cells.iter().zip(&mut shown).filter(|_| self.rules.complementary) {
            let few_elsewhere = cell.records < self.whole.records && cell.units_elsewhere < self.rules.threshold;
            *shown &= !few_elsewhere && cell.labels.iter().all(|label| !label.is_empty());
        }
        Ok(shown)
    }

    fn pair(&self, table: &Table, rows: pair::Margin<'_>, columns: pair::Margin<'_>) -> Result<Vec<bool>, String> {
        sound(table, self.whole)?;
        if table.overlaps {
            return Err(format!("the table of {:?} overlaps", table.attributes));
        }
        let grid = pair::Grid::new(table, rows, columns, self.alone(table))?;
        Ok(if self.rules.complementary { grid.suppressed(self.rules.threshold) } else { grid.shown() })
    }
}

/// The number of cells in which no label is empty. Whether there is another cell tells of few.
fn values<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> usize {
    cells.into_iter().filter(|cell| cell.labels.iter().all(|label| !label.is_empty())).count()
}

fn count(cell: &Cell) -> Count {
    Count { records: cell.records, units: cell.units }
}

/// Whether each cell is counted once, and has no more units than it can have.
fn sound(table: &Table, whole: Count) -> Result<(), String> {
    if let Some(cell) = table.cells.iter().find(|cell| cell.units > cell.records.min(whole.units)) {
        let (units, records) = (cell.units, cell.records);
        return Err(format!("{:?} of {:?} has {units} units in {records} records", cell.labels, table.attributes));
    }
    let mut labels = BTreeSet::new();
    match table.cells.iter().find(|cell| !labels.insert(&cell.labels)) {
        Some(cell) => Err(format!("two cells of {:?} are {:?}", table.attributes, cell.labels)),
        None => Ok(()),
    }
}

/// The tables of two attributes form no circle.
fn no_circle(tables: &[&Table]) -> Result<(), String> {
    let pairs = || tables.iter().filter_map(|table| <&[String; 2]>::try_from(table.attributes.as_slice()).ok());
    match circle(pairs().map(|pair| pair.each_ref().map(String::as_str))).and_then(|last| pairs().nth(last)) {
        Some([a, b]) => {
            let why = "with the other pairs it forms a circle, which tells numbers of no table; leave one pair out";
            Err(format!("the pair `{a}`, `{b}`: {why}"))
        }
        None => Ok(()),
    }
}
