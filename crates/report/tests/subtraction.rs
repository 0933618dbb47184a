//! Nothing about few can be had from what is published, by any addition and subtraction.

mod attack;
#[path = "attack/records.rs"]
mod records;

use std::collections::BTreeSet;

use attack::{Random, Truth};
use records::{NAMES, Record, Shape, run, week};
use scruple_report::suppress::{Published, Rules, suppress};
use scruple_report::table::{Cell, Table};

/// How many sets of few were found, and what was shown, over many random tables.
#[derive(Debug, Default)]
struct Found {
    sets: usize,
    shown: usize,
    of_many: usize,
}

fn rules(threshold: u64, complementary: bool) -> Rules {
    Rules { threshold, complementary }
}

fn published(tables: &[Table], rules: Rules) -> Published {
    let mut all = suppress(tables, rules, |_, _| true).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The pairs of which something is shown.
fn shown_pairs(published: &Published) -> Vec<(usize, usize)> {
    let of = |key: &String| NAMES.iter().position(|name| name == key).unwrap();
    let shown = published.tables.iter().filter(|table| table.attributes.len() == 2 && !table.cells.is_empty());
    shown.map(|table| (of(&table.attributes[0]), of(&table.attributes[1]))).collect()
}

/// Records by the atoms that they are in.
fn truth(records: &[Record], atoms: &[Vec<usize>]) -> Truth {
    let atom = |record: &Vec<usize>| atoms.iter().position(|atom| atom == record).unwrap();
    Truth { atoms: atoms.len(), records: records.iter().map(|(unit, record)| (*unit, atom(record))).collect() }
}

fn attacked(shape: &Shape, seed: u64, complementary: bool, found: &mut Found) {
    let mut random = Random(seed);
    let records = shape.records(&mut random, 60);
    let threshold = 2 + random.below(4);
    let tables = shape.tables(&records);
    let published = published(&tables, rules(threshold as u64, complementary));
    let atoms = shape.atoms(&records, &shown_pairs(&published));
    let sets = truth(&records, &atoms).had_of_few(&shape.sums(&published, &atoms), threshold);
    if complementary {
        assert!(
            sets.is_empty(),
            "seed {seed}, {shape:?}, k {threshold}: {sets:?} of {atoms:?}, {published:#?}\n{records:?}"
        );
    }
    // The units without a record in a cell are those of the total minus those of the cell: neither is told exactly.
    let counts =
        published.tables.iter().flat_map(|table| table.cells.iter().map(|cell| cell.count)).chain(published.total);
    counts.for_each(|count| assert!(count.units.is_multiple_of(threshold as u64) && count.units >= threshold as u64));
    found.sets += sets.len();
    found.shown += published.tables.iter().map(|table| table.cells.len()).sum::<usize>();
    let many = |table: &Table| table.cells.iter().filter(|cell| cell.units >= threshold as u64).count();
    found.of_many += tables.iter().filter(|table| !table.attributes.is_empty()).map(many).sum::<usize>();
}

#[track_caller]
fn check(name: &str, values: &[usize], pairs: &[(usize, usize)], tables: u64) {
    let shape = Shape { values: values.to_vec(), pairs: pairs.to_vec() };
    let (mut found, mut without) = (Found::default(), Found::default());
    for seed in 0..tables {
        attacked(&shape, seed, true, &mut found);
        if seed < tables / 10 {
            attacked(&shape, seed, false, &mut without);
        }
    }
    println!("{name}: {found:?}; without complementary suppression {without:?}");
    assert_eq!(found.sets, 0);
    assert!(without.sets > 0, "the attack finds something where it can");
    assert!(found.shown > 0, "something is shown");
}

#[test]
fn one_attribute() {
    check("one attribute", &[6], &[], 3000);
}

#[test]
fn several_attributes_of_one_signal() {
    check("two attributes", &[3, 4], &[], 1000);
    check("three attributes", &[2, 2, 2], &[], 500);
}

#[test]
fn a_pair_with_its_margins() {
    check("2 x 3", &[2, 3], &[(0, 1)], 2000);
    check("3 x 3", &[3, 3], &[(0, 1)], 2000);
    check("3 x 4", &[3, 4], &[(0, 1)], 1000);
    check("4 x 4", &[4, 4], &[(0, 1)], 100);
}

#[test]
fn two_pairs_that_share_an_attribute() {
    check("2 x 2 and 2 x 2", &[2, 2, 2], &[(0, 1), (1, 2)], 400);
    check("3 x 2 and 2 x 2", &[3, 2, 2], &[(0, 1), (1, 2)], 200);
}

#[test]
fn three_pairs_in_a_circle_are_refused() {
    let shape = Shape { values: vec![2, 2, 2], pairs: vec![(0, 1), (1, 2), (0, 2)] };
    let tables = shape.tables(&shape.records(&mut Random(1), 60));
    let error = suppress(&tables, rules(2, true), |_, _| true).unwrap_err().to_string();
    assert!(error.contains("`run`") && error.contains("`b`, `c`") && error.contains("leave one pair out"), "{error}");
}

/// An attribute with a list of values: an atom is a set of values.
#[test]
fn a_list_of_values() {
    let (mut found, mut without) = (0, 0);
    for seed in 0..1000 {
        let mut random = Random(seed);
        let values = 2 + random.below(2);
        let units = 1 + random.below(20);
        let records: Vec<(u32, usize)> =
            (0..1 + random.below(60)).map(|_| (random.below(units) as u32, random.skewed(1 << values))).collect();
        let threshold = 2 + random.below(4);
        let distinct = |inside: &dyn Fn(usize) -> bool| {
            let of = records.iter().filter(|(_, atom)| inside(*atom));
            of.clone().map(|(unit, _)| unit).collect::<BTreeSet<_>>().len() as u64
        };
        let cell = |label: String, inside: &dyn Fn(usize) -> bool| Cell {
            labels: vec![label],
            records: records.iter().filter(|(_, atom)| inside(*atom)).count() as u64,
            units: distinct(inside),
            units_elsewhere: distinct(&|atom| !inside(atom)),
        };
        let mut total = cell(String::new(), &|_| true);
        total.labels.clear();
        let mut cells: Vec<_> =
            (0..values).map(|value| cell(value.to_string(), &|atom| atom & (1 << value) != 0)).collect();
        cells.push(cell(String::new(), &|atom| atom == 0));
        let table = |keys: &[&str], overlaps, cells| Table {
            signal: run(),
            attributes: keys.iter().map(|key| (*key).to_owned()).collect(),
            period: week(),
            overlaps,
            cells,
        };
        let tables = [table(&[], false, vec![total]), table(&["names"], true, cells)];
        let truth = Truth { atoms: 1 << values, records: records.clone() };
        for complementary in [true, false] {
            let published = published(&tables, rules(threshold as u64, complementary));
            let mut sums: Vec<Vec<bool>> = published.total.iter().map(|_| vec![true; 1 << values]).collect();
            for cell in published.tables.iter().flat_map(|table| &table.cells) {
                let inside =
                    |atom: usize| cell.labels[0].parse().map_or(atom == 0, |value: u32| atom & (1 << value) != 0);
                sums.push((0..1 << values).map(inside).collect());
            }
            let sets = truth.had_of_few(&sums, threshold).len();
            *(if complementary { &mut found } else { &mut without }) += sets;
        }
    }
    println!("a list: {found} sets; without complementary suppression {without}");
    assert_eq!(found, 0);
    assert!(without > 0);
}

/// A record without the attribute has a cell, which a table without such records does not have.
#[test]
fn the_number_of_hidden_values_does_not_tell_whether_a_record_has_none() {
    let hidden = |cells: &[(&str, u64)]| {
        let cell = |labels: &[&str], units: u64| Cell {
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            records: units,
            units,
            units_elsewhere: 0,
        };
        let table = |keys: &[&str], cells: Vec<Cell>| Table {
            signal: run(),
            attributes: keys.iter().map(|key| (*key).to_owned()).collect(),
            period: week(),
            overlaps: false,
            cells,
        };
        let sum = cells.iter().map(|(_, units)| units).sum();
        let of_a: Vec<_> = cells.iter().map(|(label, units)| cell(&[label], *units)).collect();
        let pairs = cells.iter().map(|(label, units)| cell(&[label, "x"], *units)).collect();
        let tables = [
            table(&[], vec![cell(&[], sum)]),
            table(&["a"], of_a),
            table(&["b"], vec![cell(&["x"], sum)]),
            table(&["a", "b"], pairs),
        ];
        published(&tables, rules(20, true)).tables.iter().map(|table| table.hidden).collect::<Vec<_>>()
    };
    let without = hidden(&[("linux", 50), ("windows", 25), ("macos", 3)]);
    assert_eq!(without, [Some(2), Some(0), Some(2)]);
    assert_eq!(hidden(&[("linux", 50), ("windows", 25), ("macos", 3), ("", 1)]), without);
}
