//! The operator's rows: each attribute in a column of its own type.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::Command;

use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{DataType, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::made::{Random, TODAY, lines, processes, registry};

#[test]
fn a_member_that_is_an_integer_is_one_in_its_column() {
    let made = processes(&mut Random(11), 10, 200);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.jsonl");
    fs::write(&file, made.iter().flat_map(lines).collect::<Vec<_>>().join("\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple-report"));
    command.arg(registry()).arg("--input").arg(&file).arg("--out").arg(folder.path().join("report"));
    let output = command.args(["--today", TODAY]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = File::open(folder.path().join("report/records/press.print.parquet")).unwrap();
    let mut found: BTreeMap<Option<i64>, u64> = BTreeMap::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(rows).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let column = batch.column_by_name("press.exit").unwrap();
        assert_eq!(*column.data_type(), DataType::Int64);
        for number in column.as_primitive::<Int64Type>() {
            *found.entry(number).or_default() += 1;
        }
    }
    let mut expected: BTreeMap<Option<i64>, u64> = BTreeMap::new();
    for record in made.iter().flat_map(|process| &process.records).filter(|record| record.is_span) {
        let number = record.values.get("press.exit").map(|values| values[0].parse().unwrap());
        *expected.entry(number).or_default() += 1;
    }
    assert_eq!(found, expected);
    assert_eq!(found.len(), 4, "three members, and none");
}
