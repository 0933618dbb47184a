//! Nothing about few can be had from several releases, and the ledger refuses what it can't allow.

mod attack;
#[path = "attack/records.rs"]
mod records;

use std::fs;
use std::path::Path;

use attack::{Random, Truth};
use chrono::{Days, NaiveDate};
use records::{Record, Shape, run, week};
use scruple_report::ledger::{Counting, Ledger, LedgerError, Verdict};
use scruple_report::suppress::{Published, Rules, suppress};
use scruple_report::table::{Cell, Period, Table};

fn terms(threshold: u64, revise: bool) -> Counting<'static> {
    Counting { unit: "installations", registries: &[], rules: Rules { threshold, complementary: true }, revise }
}

/// Opens the ledger, releases the tables, and saves it.
fn release(path: &Path, tables: &[Table], terms: Counting<'_>) -> Result<Vec<(Published, Verdict)>, LedgerError> {
    let mut ledger = Ledger::open(path)?;
    let judged = ledger.release(tables, terms)?;
    ledger.save()?;
    Ok(judged)
}

/// What happens to the records between releases; a reader may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Come,
    Go,
    Both,
}

impl Change {
    /// The next release's records.
    fn apply(self, shape: &Shape, random: &mut Random, records: &[Record], first: u32) -> Vec<Record> {
        let mut next = records.to_vec();
        if random.below(4) == 0 {
            return next;
        }
        let many = random.below(2) == 0;
        if self != Self::Come {
            next.retain(|_| random.below(if many { 3 } else { 15 }) > 0);
        }
        if self != Self::Go {
            let mut new = shape.records(random, if many { 300 } else { 6 });
            // Some of their units are new.
            let known = random.below(2) == 0;
            new.iter_mut().filter(|(unit, _)| !known || unit % 2 == 0).for_each(|(unit, _)| *unit += first);
            next.extend(new);
        }
        next
    }

    /// The releases that one record may be in, as bits.
    fn patterns(self, releases: usize) -> Vec<usize> {
        let all = 1..1_usize << releases;
        match self {
            Self::Come => (0..releases).map(|first| (1 << releases) - (1 << first)).collect(),
            Self::Go => (0..releases).map(|last| (2 << last) - 1).collect(),
            Self::Both => all.collect(),
        }
    }
}

/// What was found, and how many releases there were.
#[derive(Debug, Default)]
struct Found {
    sets: usize,
    new: usize,
    same: usize,
    revised: usize,
    shown_in_revisions: usize,
    refused: usize,
}

/// Atoms are the values of a record and the releases that it was in.
fn sequence(shape: &Shape, seed: u64, with_ledger: bool, found: &mut Found) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("ledger.jsonl")).unwrap();
    let mut random = Random(seed);
    let change = [Change::Come, Change::Go, Change::Both][seed as usize % 3];
    let threshold = 2 + random.below(3);
    let values: Vec<Vec<usize>> = shape.atoms(&every(shape), &[]);
    let releases = if values.len() < 3 { 3 } else { 2 };
    let mut all: Vec<Vec<Record>> = Vec::new();
    let mut published = Vec::new();
    let mut records = shape.records(&mut random, 60);
    for number in 0..releases {
        let tables = shape.tables(&records);
        if with_ledger {
            match ledger.release(&tables, terms(threshold as u64, true)) {
                Ok(judged) => {
                    let (one, verdict) = judged.into_iter().next().unwrap();
                    match verdict {
                        Verdict::New => found.new += 1,
                        Verdict::Same => found.same += 1,
                        Verdict::Kept(_) => panic!("a revision keeps nothing"),
                        Verdict::Revised => {
                            found.revised += 1;
                            found.shown_in_revisions += one.tables.iter().map(|table| table.cells.len()).sum::<usize>();
                        }
                    }
                    published.push(one);
                    all.push(records.clone());
                }
                Err(LedgerError::Refused(_)) => found.refused += 1,
                Err(error) => panic!("{error}"),
            }
        } else {
            let rules = terms(threshold as u64, true).rules;
            published.push(suppress(&tables, rules, |_, _| true).unwrap().remove(0));
            all.push(records.clone());
        }
        records = change.apply(shape, &mut random, &records, 100 * (number + 1));
    }
    // A record is the same in two releases if it stands at the same place among equal ones.
    let patterns = change.patterns(all.len());
    let mut truth = Truth { atoms: values.len() * patterns.len(), records: Vec::new() };
    let mut counts: std::collections::BTreeMap<(&Record, usize), usize> = Default::default();
    for (number, records) in all.iter().enumerate() {
        let mut nth: std::collections::BTreeMap<&Record, usize> = Default::default();
        for record in records {
            let nth = nth.entry(record).or_default();
            *counts.entry((record, *nth)).or_default() |= 1 << number;
            *nth += 1;
        }
    }
    for ((record, _), pattern) in counts {
        let value = values.iter().position(|value| *value == record.1).unwrap();
        let pattern = patterns.iter().position(|known| *known == pattern).unwrap();
        truth.records.push((record.0, value * patterns.len() + pattern));
    }
    let sums: Vec<Vec<bool>> = published
        .iter()
        .enumerate()
        .flat_map(|(number, published)| {
            let patterns = &patterns;
            let spread = move |sum: Vec<bool>| {
                let atom =
                    |atom: usize| sum[atom / patterns.len()] && patterns[atom % patterns.len()] & (1 << number) != 0;
                (0..sum.len() * patterns.len()).map(atom).collect::<Vec<bool>>()
            };
            shape.sums(published, &values).into_iter().map(spread).collect::<Vec<_>>()
        })
        .collect();
    let sets = truth.had_of_few(&sums, threshold);
    if with_ledger {
        assert!(
            sets.is_empty(),
            "seed {seed}, {shape:?}, k {threshold}: {sets:?} of {values:?}, {published:#?}\n{all:?}"
        );
    }
    found.sets += sets.len();
}

/// A record of every value.
fn every(shape: &Shape) -> Vec<Record> {
    let mut all = vec![(0, Vec::new())];
    for &values in &shape.values {
        all = all
            .iter()
            .flat_map(|(_, done)| (0..values).map(|value| (0, [done.clone(), vec![value]].concat())))
            .collect();
    }
    all
}

#[track_caller]
fn check(values: &[usize], pairs: &[(usize, usize)], sequences: u64) {
    let shape = Shape { values: values.to_vec(), pairs: pairs.to_vec() };
    let (mut found, mut without) = (Found::default(), Found::default());
    for seed in 0..sequences {
        sequence(&shape, seed, true, &mut found);
        if seed < sequences / 4 {
            sequence(&shape, seed, false, &mut without);
        }
    }
    println!("{values:?} {pairs:?}: {found:?}; without a ledger {} sets", without.sets);
    assert_eq!(found.sets, 0);
    assert!(without.sets > 0, "the attack finds something where it can");
    assert!(found.revised > 0 && found.shown_in_revisions > 0 && found.refused > 0, "{found:?}");
}

#[test]
fn two_releases_of_one_attribute() {
    check(&[5], &[], 300);
    check(&[3], &[], 300);
}

#[test]
fn three_releases_of_one_attribute() {
    check(&[2], &[], 300);
}

#[test]
fn two_releases_of_a_pair() {
    check(&[2, 2], &[(0, 1)], 60);
    check(&[2, 3], &[(0, 1)], 40);
}

fn total(period: Period, records: u64, units: u64) -> Vec<Table> {
    let whole = Cell { labels: Vec::new(), records, units, units_elsewhere: 0 };
    vec![Table { signal: run(), attributes: Vec::new(), period, overlaps: false, cells: vec![whole] }]
}

fn period(start: u32, days: u32) -> Period {
    Period { start: NaiveDate::from_ymd_opt(2026, 11, start).unwrap(), days }
}

#[track_caller]
fn refused(result: Result<Vec<(Published, Verdict)>, LedgerError>, words: &[&str]) {
    let error = result.unwrap_err().to_string();
    assert!(words.iter().all(|word| error.contains(word)), "{error}");
}

#[test]
fn other_numbers_of_a_period_need_a_revision_and_a_difference_of_many() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let verdict = |records, units, revise| {
        release(&path, &total(week(), records, units), terms(20, revise)).map(|judged| judged[0].1)
    };
    assert_eq!(verdict(100, 50, false).unwrap(), Verdict::New);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(verdict(100, 50, false).unwrap(), Verdict::Same);
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "nothing was added");
    // What was published stays, and a new period is published beside it.
    let both = [total(week(), 140, 90), total(period(16, 7), 70, 60)].concat();
    let judged = release(&path, &both, terms(20, false)).unwrap();
    assert_eq!(judged.iter().map(|(_, verdict)| *verdict).collect::<Vec<_>>(), [Verdict::Kept(1), Verdict::New]);
    assert_eq!(judged[0].0.total.unwrap().records, 100);
    assert!(fs::read_to_string(&path).unwrap().starts_with(&text));
    let few = release(&path, &total(week(), 101, 51), terms(20, true));
    let numbers = ["`run`", "the week of 2026-11-02", "100 records of at least 40", "101 records of at least 40"];
    refused(few, &[&numbers[..], &["can't be revised", "fewer than 20 installations"]].concat());
    assert_eq!(verdict(140, 90, true).unwrap(), Verdict::Revised);
    refused(release(&path, &total(week(), 101, 51), terms(20, true)), &["can't be revised"]);
    // Hidden once, hidden for ever.
    let next = period(9, 7);
    release(&path, &total(next, 30, 19), terms(20, false)).unwrap();
    let later = release(&path, &total(next, 100, 90), terms(20, true)).unwrap();
    assert_eq!(later[0].1, Verdict::Same);
    assert_eq!(later[0].0.total, None);
    let sessions = Counting { unit: "sessions", ..terms(20, true) };
    refused(release(&path, &total(week(), 140, 90), sessions), &["by installations", "by sessions"]);
}

/// A total and the cells of one attribute, each with as many units as records.
fn one_attribute(cells: &[(&str, u64)]) -> Vec<Table> {
    let cell = |(label, units): &(&str, u64)| Cell {
        labels: vec![(*label).to_owned()],
        records: *units,
        units: *units,
        units_elsewhere: 0,
    };
    let sum = cells.iter().map(|(_, units)| units).sum();
    let mut tables = total(week(), sum, sum);
    let cells = cells.iter().map(cell).collect();
    tables.push(Table { attributes: vec!["os".to_owned()], cells, ..tables[0].clone() });
    tables
}

#[test]
fn a_revision_does_not_tell_how_the_hidden_records_changed() {
    for (hidden, shown) in [(3, 1), (4, 0), (2, 0)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let before = one_attribute(&[("linux", 50), ("macos", 3), ("windows", 25)]);
        let first = release(&path, &before, terms(20, false)).unwrap();
        assert_eq!(first[0].0.tables[0].cells.len(), 1, "linux alone is shown");
        let after = one_attribute(&[("linux", 100), ("macos", hidden), ("windows", 25)]);
        let second = release(&path, &after, terms(20, true)).unwrap();
        assert_eq!(second[0].1, Verdict::Revised);
        assert_eq!(second[0].0.tables[0].cells.len(), shown, "{hidden}");
    }
}

#[test]
fn periods_that_overlap_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    release(&path, &total(period(2, 7), 100, 50), terms(20, false)).unwrap();
    for (start, days) in [(1, 30), (2, 1), (8, 1), (1, 2), (8, 7)] {
        let overlap = release(&path, &total(period(start, days), 900, 500), terms(20, true));
        refused(overlap, &["overlaps", "the week of 2026-11-02"]);
    }
    for (start, days) in [(1, 1), (9, 7)] {
        release(&path, &total(period(start, days), 100, 50), terms(20, false)).unwrap();
    }
    let both = [total(period(16, 7), 100, 50), total(period(20, 1), 100, 50)].concat();
    refused(release(&path, &both, terms(20, false)), &["the week of 2026-11-16", "2026-11-20"]);
}

#[test]
fn a_ledger_is_read_strictly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    release(&path, &total(period(2, 7), 100, 50), terms(20, false)).unwrap();
    release(&path, &total(period(9, 7), 10, 5), terms(20, false)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("10,5"), "no hidden number is in it: {text}");
    let cases = [
        ("", String::new(), ":1:1: no ledger"),
        ("another version", text.replacen("report 1", "report 2", 1), ":1:1: a ledger of another version"),
        ("a cut", text[..text.len() - 9].to_owned(), ":3:"),
        ("a space", text.replacen("\"days\":7", "\"days\": 7", 1), ":2:59: the line is not as it was written"),
        ("another field", text.replacen("\"days\":7", "\"days\":7,\"by\":1", 1), ":2:"),
        ("a date", text.replacen("2026-11-02", "2026-11-32", 1), ":2:1: `start` is no date"),
        ("a kind", text.replacen("\"span\"", "\"metric\"", 1), ":2:1: `kind` is neither `span` nor `event`"),
        ("no days", text.replacen("\"days\":7", "\"days\":0", 1), ":2:1: `days` is 0"),
    ];
    for (what, wrong, message) in cases {
        fs::write(&path, wrong).unwrap();
        let error = Ledger::open(&path).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(&format!("ledger.jsonl{message}")), "{what}: {error}");
    }
}

#[test]
fn two_processes_do_not_share_a_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let held = Ledger::open(&path).unwrap();
    assert!(matches!(Ledger::open(&path), Err(LedgerError::Locked(_))));
    drop(held);
    Ledger::open(&path).unwrap();
}

#[test]
fn the_last_days_of_time_are_a_period() {
    let last = Period { start: NaiveDate::MAX.checked_sub_days(Days::new(1)).unwrap(), days: 7 };
    assert!(last.overlaps(&last));
    assert_eq!(last.end(), NaiveDate::MAX);
}
