//! Counts one signal's sorted records: for each period the total, the values of each attribute, and pairs of them.
//!
//! The records arrive by unit. So a cell counts its distinct units exactly with one number: the last unit that it has seen.

use std::collections::{BTreeMap, HashMap};

use crate::failed::{ReportError, Result};
use arrow::array::{AsArray, Int32Array, RecordBatch};
use arrow::datatypes::{Date32Type, Int32Type, Int64Type};
use chrono::{Days, NaiveDate};

use crate::batch::{END, OWN, PERIOD, START, STATUS, UNIT};
use crate::calendar;
use crate::codes::{Codes, list};
use crate::dimension::{ABSENT, Dimension, dimensions};
use crate::pairs::Pair;
use crate::table::{Cell, Period, SignalName, Table};
use crate::window::{PeriodState, Window};
use scruple_cli::counts::PeriodLength;
use scruple_cli::counts::buckets::{of_duration, of_number};
use scruple_cli::counts::columns::{ColumnForm, SignalColumns};

/// The maximum number of cells of one table of pairs.
const MOST_CELLS: usize = 1_000_000;

/// The counts of one signal.
pub struct SignalCounts {
    signal: SignalColumns,
    dimensions: Vec<Dimension>,
    splits: Vec<Split>,
    /// The place of each period in the tables' lists, or why it has none.
    periods: BTreeMap<i32, PeriodPlace>,
    whole: Vec<Period>,
    window: Window,
    length: PeriodLength,
    /// The number of records in periods that have not ended.
    pub not_ended: u64,
    /// The number of records in periods that the retention cuts.
    pub cut: u64,
    unit: u64,
    last_unit: Vec<u8>,
    /// The members of each list's text, by its number: for a column of lists.
    lists: Vec<Vec<Vec<bool>>>,
}

#[derive(Clone, Copy)]
enum PeriodPlace {
    At(usize),
    NotEnded,
    Cut,
}

/// One table, in all periods.
struct Split {
    /// Indices of dimensions: none, one or two.
    by: Vec<usize>,
    cells: Vec<SplitCells>,
}

#[derive(Clone)]
enum SplitCells {
    /// By code; the first is for records without a value.
    Line(Vec<UnitCount>),
    /// By member of a list; the first is for records without a list. Each with the count of the other records.
    List(Vec<(UnitCount, UnitCount)>),
    Grid(HashMap<(i32, i32), UnitCount>),
}

/// The records and distinct units of a cell.
#[derive(Debug, Clone, Copy, Default)]
struct UnitCount {
    records: u64,
    units: u64,
    last: u64,
}

impl UnitCount {
    /// Counts a record; the unit 0 is none.
    fn add(&mut self, unit: u64) {
        self.records += 1;
        if unit != 0 && self.last != unit {
            self.units += 1;
            self.last = unit;
        }
    }
}

impl SignalCounts {
    /// Counts by each attribute, and by `pairs`. Periods that are not whole in
    /// `window` are left out: their numbers would change.
    pub fn new(signal: &SignalColumns, pairs: &[Pair], window: Window, length: PeriodLength) -> Self {
        let dimensions = dimensions(signal);
        let place = |key: &str| dimensions.iter().position(|dimension| dimension.key(signal) == key);
        let mut by = vec![Vec::new()];
        by.extend((0..dimensions.len()).map(|index| vec![index]));
        by.extend(pairs.iter().filter_map(|[one, other]| Some(vec![place(one)?, place(other)?])));
        let splits = by.into_iter().map(|by| Split { by, cells: Vec::new() }).collect();
        let lists = vec![Vec::new(); dimensions.len()];
        let (signal, periods, whole) = (signal.clone(), BTreeMap::new(), Vec::new());
        let (not_ended, cut, unit, last_unit) = (0, 0, 0, Vec::new());
        Self { signal, dimensions, splits, periods, whole, window, length, not_ended, cut, unit, last_unit, lists }
    }

    /// Counts a sorted batch.
    ///
    /// # Errors
    /// A pair has too many cells.
    pub fn add(&mut self, batch: &RecordBatch, codes: &[Codes]) -> Result<()> {
        let units = self.units(batch);
        let periods = self.periods(batch);
        let columns: Vec<_> = self.dimensions.iter().map(|dimension| self.codes(batch, *dimension)).collect();
        for (index, column) in columns.iter().enumerate() {
            if self.is_list(index) {
                self.learn_lists(index, column, codes);
            }
        }
        let rows = || {
            periods.iter().zip(&units).enumerate().filter_map(|(row, (period, unit))| Some((row, (*period)?, *unit)))
        };
        for split in &mut self.splits {
            match *split.by.as_slice() {
                [] => {
                    for (_, period, unit) in rows() {
                        if let Some(SplitCells::Line(cells)) = split.cells.get_mut(period) {
                            at(cells, ABSENT).add(unit);
                        }
                    }
                }
                [index] => {
                    let (column, lists) = (&columns[index], &self.lists[index]);
                    for (row, period, unit) in rows() {
                        match split.cells.get_mut(period) {
                            Some(SplitCells::Line(cells)) => at(cells, column[row]).add(unit),
                            Some(SplitCells::List(cells)) => {
                                let members = usize::try_from(column[row]).ok().and_then(|code| lists.get(code));
                                for (place, (inside, outside)) in cells.iter_mut().enumerate() {
                                    let is_inside = match (place.checked_sub(1), members) {
                                        (None, members) => members.is_none(),
                                        (Some(member), Some(members)) => members.get(member) == Some(&true),
                                        (Some(_), None) => false,
                                    };
                                    if is_inside { inside } else { outside }.add(unit);
                                }
                            }
                            _ => {}
                        }
                    }
                }
                [one, other] => {
                    for (row, period, unit) in rows() {
                        let Some(SplitCells::Grid(cells)) = split.cells.get_mut(period) else { continue };
                        cells.entry((columns[one][row], columns[other][row])).or_default().add(unit);
                        if cells.len() > MOST_CELLS {
                            let keys = [one, other].map(|index| self.dimensions[index].key(&self.signal));
                            return Err(ReportError::Input(format!(
                                "{}: over {MOST_CELLS} different pairs of {} and {}: leave out this --pair, or chart of the registry",
                                self.signal.name, keys[0], keys[1]
                            )));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A number for the unit of each row; 0 for none.
    fn units(&mut self, batch: &RecordBatch) -> Vec<u64> {
        let ids = batch.column(UNIT).as_fixed_size_binary();
        let mut numbers = Vec::with_capacity(batch.num_rows());
        for id in ids {
            numbers.push(match id {
                None => 0,
                Some(id) => {
                    if self.unit == 0 || self.last_unit != id {
                        self.unit += 1;
                        self.last_unit = id.to_owned();
                    }
                    self.unit
                }
            });
        }
        numbers
    }

    /// The place of each row's period; `None` if it is not whole.
    fn periods(&mut self, batch: &RecordBatch) -> Vec<Option<usize>> {
        let days = batch.column(PERIOD).as_primitive::<Date32Type>().values();
        let mut places = Vec::with_capacity(days.len());
        for day in days {
            let place = match self.periods.get(day) {
                Some(place) => *place,
                None => self.begin(*day),
            };
            places.push(match place {
                PeriodPlace::At(place) => Some(place),
                PeriodPlace::NotEnded => {
                    self.not_ended += 1;
                    None
                }
                PeriodPlace::Cut => {
                    self.cut += 1;
                    None
                }
            });
        }
        places
    }

    /// Adds a period to each table, if it is whole.
    fn begin(&mut self, day: i32) -> PeriodPlace {
        let epoch = NaiveDate::default();
        let days = Days::new(day.unsigned_abs().into());
        let start = if day < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
        let start = start.unwrap_or(NaiveDate::MAX);
        let period = Period { start, days: calendar::days(self.length, start) };
        let place = match self.window.period(&period) {
            PeriodState::Whole => PeriodPlace::At(self.whole.len()),
            PeriodState::NotEnded => PeriodPlace::NotEnded,
            PeriodState::Cut => PeriodPlace::Cut,
        };
        if let PeriodPlace::At(_) = place {
            self.whole.push(period);
            for split in &mut self.splits {
                let declared = |index: &usize| self.dimensions[*index].declared(&self.signal) + 1;
                let size = split.by.first().map_or(1, declared);
                let is_list = matches!(split.by.as_slice(), [index] if self.dimensions[*index].is_list(&self.signal));
                split.cells.push(match split.by.len() {
                    2 => SplitCells::Grid(HashMap::new()),
                    _ if is_list => SplitCells::List(vec![Default::default(); size]),
                    _ => SplitCells::Line(vec![UnitCount::default(); size]),
                });
            }
        }
        self.periods.insert(day, place);
        place
    }

    fn is_list(&self, index: usize) -> bool {
        self.dimensions.get(index).is_some_and(|dimension| dimension.is_list(&self.signal))
    }

    /// Which members the lists of a batch have.
    fn learn_lists(&mut self, index: usize, column: &[i32], codes: &[Codes]) {
        let Dimension::Column(place) = self.dimensions[index] else { return };
        let members = &self.signal.columns[place].members;
        let known = &mut self.lists[index];
        for code in column {
            while usize::try_from(*code).is_ok_and(|code| known.len() <= code) {
                let number = i32::try_from(known.len()).unwrap_or(i32::MAX);
                let of_list: Vec<_> = list(codes[place].text(number)).collect();
                known.push(members.iter().map(|member| of_list.contains(&member.as_str())).collect());
            }
        }
    }

    /// The code of each row, or [`ABSENT`].
    fn codes(&self, batch: &RecordBatch, dimension: Dimension) -> Vec<i32> {
        let code = |bucket: usize| i32::try_from(bucket).unwrap_or(ABSENT);
        let texts = |codes: &Int32Array| codes.iter().map(|code| code.unwrap_or(ABSENT)).collect();
        match dimension {
            Dimension::Status => texts(batch.column(STATUS).as_primitive::<Int32Type>()),
            Dimension::Duration => {
                let [starts, ends] = [START, END].map(|place| batch.column(place).as_primitive::<Int64Type>().values());
                let pairs = starts.iter().zip(ends);
                pairs.map(|(start, end)| code(of_duration(end.wrapping_sub(*start).cast_unsigned()))).collect()
            }
            Dimension::Column(place) => {
                let column = batch.column(OWN + place);
                match self.signal.columns[place].form {
                    ColumnForm::Int => {
                        let values = column.as_primitive::<Int64Type>().iter();
                        values.map(|value| value.map_or(ABSENT, |value| code(of_number(value)))).collect()
                    }
                    _ => texts(column.as_primitive::<Int32Type>()),
                }
            }
        }
    }

    /// All tables of the periods that are whole.
    pub fn tables(&self, codes: &[Codes]) -> Vec<Table> {
        let mut all = Vec::new();
        for split in &self.splits {
            let attributes: Vec<_> = split.by.iter().map(|index| self.dimensions[*index].key(&self.signal)).collect();
            for (period, cells) in self.whole.iter().zip(&split.cells) {
                let label = |index: usize, code: i32| self.dimensions[split.by[index]].label(&self.signal, codes, code);
                let mut overlaps = false;
                let cells = match cells {
                    SplitCells::Line(counts) if split.by.is_empty() => {
                        counts.iter().map(|count| cell(Vec::new(), *count, 0)).collect()
                    }
                    SplitCells::Line(counts) => {
                        let declared = self.dimensions[split.by[0]].declared(&self.signal);
                        // Declared members that no record has; and records without a value, if there are any.
                        let is_shown =
                            |(place, count): &(usize, &UnitCount)| (1..=declared).contains(place) || count.records > 0;
                        let code = |place: usize| i32::try_from(place).map_or(ABSENT, |place| place - 1);
                        let shown = counts.iter().enumerate().filter(is_shown);
                        shown.map(|(place, count)| cell(vec![label(0, code(place))], *count, 0)).collect()
                    }
                    SplitCells::List(counts) => {
                        overlaps = true;
                        let members = &self.member_labels(split.by[0]);
                        let shown = counts
                            .iter()
                            .zip(members)
                            .filter(|((count, _), label)| count.records > 0 || !label.is_empty());
                        shown.map(|((count, other), label)| cell(vec![label.clone()], *count, other.units)).collect()
                    }
                    SplitCells::Grid(counts) => {
                        let mut sorted: Vec<_> = counts.iter().collect();
                        sorted.sort_unstable_by_key(|(codes, _)| **codes);
                        let labels = |(one, other): (i32, i32)| vec![label(0, one), label(1, other)];
                        sorted.into_iter().map(|(codes, count)| cell(labels(*codes), *count, 0)).collect()
                    }
                };
                let (signal, attributes, period) = (signal_name(&self.signal), attributes.clone(), *period);
                all.push(Table { signal, attributes, period, overlaps, cells });
            }
        }
        all
    }

    /// The empty label, then the members of a list's column.
    fn member_labels(&self, index: usize) -> Vec<String> {
        let members = match self.dimensions[index] {
            Dimension::Column(place) => self.signal.columns[place].members.as_slice(),
            Dimension::Status | Dimension::Duration => &[],
        };
        [String::new()].into_iter().chain(members.iter().cloned()).collect()
    }

    /// What each table counts by: of all periods alike.
    pub fn dimensions(&self) -> impl Iterator<Item = Vec<Dimension>> {
        self.splits.iter().map(|split| split.by.iter().map(|index| self.dimensions[*index]).collect())
    }
}

/// The key of a signal in tables and in the ledger.
pub fn signal_name(signal: &SignalColumns) -> SignalName {
    SignalName { name: signal.own_name().to_owned(), kind: signal.kind }
}

fn cell(labels: Vec<String>, count: UnitCount, units_elsewhere: u64) -> Cell {
    Cell { labels, records: count.records, units: count.units, units_elsewhere }
}

/// The cell of a code, which is made if it is new.
fn at(cells: &mut Vec<UnitCount>, code: i32) -> &mut UnitCount {
    let place = usize::try_from(code.saturating_add(1)).unwrap_or(0);
    if cells.len() <= place {
        cells.resize(place + 1, UnitCount::default());
    }
    &mut cells[place]
}
