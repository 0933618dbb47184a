//! The counts of random records are those of a plain count, whatever the order, the files, the doubles and the memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate};
use clap::Parser;
use scruple_report::collect::{Collected, collect};
use scruple_report::options::ReportOptions;
use scruple_report::table::Table;

use crate::made::{DAY, MadeCell, MadeRecord, Random, TODAY, expected, lines, processes, registry};

/// Collects with these arguments after the registry.
pub fn collected(folder: &Path, inputs: &[impl AsRef<Path>], more: &[impl AsRef<str>]) -> Collected {
    let mut arguments = vec!["scruple-report".into(), registry().into_os_string(), "--input".into()];
    arguments.extend(inputs.iter().map(|path| path.as_ref().as_os_str().to_owned()));
    arguments.extend(["--out".into(), folder.join("report").into_os_string()]);
    arguments.extend(more.iter().map(|argument| argument.as_ref().into()));
    if !more.iter().any(|argument| argument.as_ref() == "--today") {
        arguments.extend(["--today".into(), TODAY.into()]);
    }
    collect(&ReportOptions::parse_from(arguments), &|_| {}).unwrap().unwrap()
}

/// Sends some spans twice, and changes the order of all lines.
pub fn shuffle(random: &mut Random, mut all: Vec<String>) -> Vec<String> {
    let is_double = |line: &&String, random: &mut Random| line.starts_with("{\"resourceSpans") && random.percent(10);
    let doubles: Vec<_> = all.iter().filter(|line| is_double(line, random)).cloned().collect();
    all.extend(doubles);
    for place in (1..all.len()).rev() {
        all.swap(place, usize::try_from(random.below(place as u64 + 1)).unwrap());
    }
    all
}

/// The cells that are not empty.
pub fn counted(tables: &[Table]) -> BTreeMap<MadeCell, (u64, u64)> {
    let mut cells = BTreeMap::new();
    for table in tables {
        let day = (table.period.start - NaiveDate::default()).num_days();
        let signal = if table.signal.name == "press.print" { "press.print" } else { "press.loaded" };
        for cell in table.cells.iter().filter(|cell| cell.records > 0) {
            let key = (signal, u64::try_from(day).unwrap(), table.attributes.clone(), cell.labels.clone());
            assert_eq!(cells.insert(key, (cell.records, cell.units)), None, "{cell:?} is twice in {table:?}");
        }
    }
    cells
}

/// The attributes that are counted together.
pub const PAIRS: [(&str, &str); 2] = [("os.type", "press.format"), ("press.color", "otel.duration")];

#[test]
fn every_cell_of_random_records_is_that_of_a_plain_count() {
    for seed in 0..40 {
        let mut random = Random(seed);
        let (installations, number) = (1 + random.below(30), random.below(300) + 1);
        let made = processes(&mut random, installations, number);
        let all: Vec<_> = made.iter().flat_map(lines).collect();
        if all.is_empty() {
            continue;
        }
        let all = shuffle(&mut random, all);
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["a.jsonl", "b.jsonl"].map(|name| folder.path().join(name));
        let (first, second) = all.split_at(all.len() / 3);
        fs::write(&one, first.join("\n")).unwrap();
        fs::write(&other, second.join("\n") + "\n\n").unwrap();
        let pairs = PAIRS.map(|(one, other)| format!("--pair={one},{other}"));
        let collected = collected(folder.path(), &[&one, &other], &pairs);
        assert_eq!(collected.summary.refused.records, 0, "{:?}", collected.summary.refused);
        let counted = counted(&collected.tables);
        let expected = expected(&made, &PAIRS);
        for (cell, numbers) in &expected {
            assert_eq!(counted.get(cell), Some(numbers), "seed {seed}: {cell:?}");
        }
        assert_eq!(counted.len(), expected.len(), "seed {seed}");
    }
}

#[test]
fn a_cell_of_a_list_knows_the_units_of_all_other_records() {
    let mut random = Random(99);
    let made = processes(&mut random, 12, 200);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.jsonl");
    fs::write(&file, made.iter().flat_map(lines).collect::<Vec<_>>().join("\n")).unwrap();
    let collected = collected(folder.path(), &[&file], &["--period", "month"]);
    let mut checked = 0;
    for table in collected.tables.iter().filter(|table| table.overlaps) {
        assert_eq!(table.attributes, ["press.fonts"]);
        for cell in &table.cells {
            let label = &cell.labels[0];
            let mut elsewhere = BTreeSet::new();
            for process in &made {
                let is_other = |record: &&MadeRecord| {
                    let day = NaiveDate::default() + Days::new(record.start / DAY);
                    let fonts = record.values.get("press.fonts");
                    let is_inside = fonts.map_or(label.is_empty(), |fonts| fonts.contains(label));
                    record.is_span && table.period.start <= day && day < table.period.end() && !is_inside
                };
                if process.records.iter().any(|record| is_other(&record)) {
                    elsewhere.extend(process.resource.get("service.instance.id"));
                }
            }
            assert_eq!(cell.units_elsewhere, elsewhere.len() as u64, "{cell:?}");
            checked += 1;
        }
    }
    assert!(checked >= 8);
}

#[test]
fn a_period_that_has_not_ended_is_in_no_table() {
    let mut random = Random(5);
    let made = processes(&mut random, 12, 200);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.jsonl");
    fs::write(&file, made.iter().flat_map(lines).collect::<Vec<_>>().join("\n")).unwrap();
    // 2026-10-12 is a Monday, and the first week begins at 2026-09-28.
    let of = |today: &str| {
        let collected = collected(folder.path(), &[&file], &["--today", today]);
        let periods: BTreeSet<_> = collected.tables.iter().map(|table| table.period.start.to_string()).collect();
        assert_eq!(collected.summary.refused.records, 0, "a record after that day is no mistake");
        let not_ended: u64 = collected.summary.signals.iter().map(|signal| signal.not_ended).sum();
        (periods.into_iter().collect::<Vec<_>>(), not_ended)
    };
    let (sunday, waiting) = of("2026-10-11");
    assert_eq!(sunday, ["2026-09-28"]);
    let (monday, fewer) = of("2026-10-12");
    assert_eq!(monday, ["2026-09-28", "2026-10-05"]);
    assert!(0 < fewer && fewer < waiting);
}
