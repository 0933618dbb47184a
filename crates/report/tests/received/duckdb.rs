//! DuckDB counts the same over the same lines, cell by cell: an engine that shares nothing with this one.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::counts::{PAIRS, collected, counted, shuffle};
use crate::made::{Random, lines, processes};

/// The data sets of one process of Python.
const AT_ONCE: u64 = 50;

/// A cell as the script prints it.
type RecountedCell = (String, u64, Vec<String>, Vec<String>, u64, u64);

#[test]
#[ignore = "needs DuckDB: python3 -m pip install duckdb==2.0.0, its python in DUCKDB_PYTHON"]
fn duckdb_counts_the_same_in_every_cell_of_random_data_sets() {
    let python = std::env::var_os("DUCKDB_PYTHON").unwrap_or_else(|| "python3".into());
    let sets = std::env::var("DATA_SETS").map_or(200, |sets| sets.parse().unwrap());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/received/recount.py");
    let mut cells = 0;
    for first in (0..sets).step_by(usize::try_from(AT_ONCE).unwrap()) {
        let folder = tempfile::tempdir().unwrap();
        let mut all = Vec::new();
        for seed in first..sets.min(first + AT_ONCE) {
            let mut random = Random(seed + 1_000_000);
            let (installations, number) = (1 + random.below(30), random.below(120) + 2);
            let made = processes(&mut random, installations, number);
            let texts = shuffle(&mut random, made.iter().flat_map(lines).collect());
            let file = folder.path().join(format!("{seed}.jsonl"));
            fs::write(&file, texts.join("\n")).unwrap();
            all.push(file);
        }
        let output = Command::new(&python).arg(script).args(&all).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let recounts = String::from_utf8(output.stdout).unwrap();
        assert_eq!(recounts.lines().count(), all.len());
        for (file, recount) in all.iter().zip(recounts.lines()) {
            let ours = counted(
                &collected(folder.path(), &[file], &PAIRS.map(|(one, other)| format!("--pair={one},{other}"))).tables,
            );
            let theirs: Vec<RecountedCell> =
                serde_json::from_str::<Value>(recount).and_then(serde_json::from_value).unwrap();
            for (signal, week, keys, labels, records, units) in &theirs {
                let signal = if signal == "press.print" { "press.print" } else { "press.loaded" };
                let cell = (signal, *week, keys.clone(), labels.clone());
                assert_eq!(ours.get(&cell), Some(&(*records, *units)), "{}: {cell:?}", file.display());
            }
            assert_eq!(ours.len(), theirs.len(), "{}", file.display());
            cells += theirs.len();
        }
    }
    println!("{sets} data sets, {cells} cells");
}
