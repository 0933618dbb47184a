//! Sorts one signal's records by unit and by record id: in memory up to a limit, and beyond it by runs on the disk.
//!
//! In this order the doubles of a record follow each other, and so do all records of a unit. So one pass finds the doubles
//! and counts the distinct units of any number of cells, exactly, with one number for each cell. A group-by for each table
//! would have to hold or spill the units of each cell.
//!
//! Records are read until half of the limit is full; sorted, they are a run. More than one run is merged, [`FAN_IN`] at
//! once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{filter_record_batch, interleave_record_batch};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::batch::{BATCH, RECORD, UNIT};
use crate::failed::{ReportError, Result};
use crate::parquet_file::PartialParquet;

/// The runs that are merged at once: each has a batch and some pages in memory.
const FAN_IN: usize = 64;

/// What is sorted by: the unit, then the record's own id; what is absent comes first.
type SortKey = (Option<[u8; 16]>, Option<[u8; 24]>);

/// Takes sorted batches.
type Sink<'s> = dyn FnMut(&RecordBatch) -> Result<()> + 's;

/// A limit of memory, and a folder for what exceeds it.
pub struct Sorter {
    bytes: usize,
    folder: PathBuf,
}

impl Sorter {
    /// Sorts within this number of bytes, and writes runs into the folder.
    pub fn new(bytes: usize, folder: PathBuf) -> Self {
        Self { bytes, folder }
    }

    /// Calls `each` with the sorted batches of a file of [`batch::schema`](crate::batch::schema), without doubles. Returns
    /// the number of doubles.
    ///
    /// # Errors
    /// The file can't be read, the folder can't be written to, or `each` fails.
    pub fn each(&self, path: &Path, each: &mut Sink<'_>) -> Result<u64> {
        let (mut last, mut doubles) = (None, 0);
        self.sorted(path, &mut |batch| {
            let is_first = first_of_each(batch, &mut last);
            let more = is_first.false_count() as u64;
            doubles += more;
            if more == 0 { each(batch) } else { each(&filter_record_batch(batch, &is_first)?) }
        })?;
        Ok(doubles)
    }

    fn sorted(&self, path: &Path, sink: &mut Sink<'_>) -> Result<()> {
        let (mut runs, mut number) = (Vec::new(), 0);
        let mut next = || {
            number += 1;
            self.folder.join(format!("run-{number}.parquet"))
        };
        let (mut batches, mut bytes) = (Vec::new(), 0);
        for batch in Batches::open(path)? {
            let batch = batch?;
            bytes += batch.get_array_memory_size() + batch.num_rows() * size_of::<(SortKey, (u32, u32))>();
            batches.push(batch);
            if bytes > self.bytes / 2 {
                runs.push(run(next(), &mut |sink| sort(&std::mem::take(&mut batches), sink))?);
                bytes = 0;
            }
        }
        if runs.is_empty() {
            return sort(&batches, sink);
        }
        runs.push(run(next(), &mut |sink| sort(&std::mem::take(&mut batches), sink))?);
        while runs.len() > FAN_IN {
            let some: Vec<_> = runs.drain(..FAN_IN).collect();
            runs.push(run(next(), &mut |sink| merge(&some, sink))?);
        }
        merge(&runs, sink)
    }
}

/// Writes a run; a run of nothing has no file.
fn run(path: PathBuf, write: &mut dyn FnMut(&mut Sink<'_>) -> Result<()>) -> Result<PathBuf> {
    let mut file = None;
    write(&mut |batch| {
        if file.is_none() {
            file = Some(PartialParquet::temporary(&path, &batch.schema())?);
        }
        file.as_mut().map_or(Ok(()), |file| file.write(batch))
    })?;
    file.map_or(Ok(()), PartialParquet::finish)?;
    Ok(path)
}

/// The batches of a file.
struct Batches {
    reader: ParquetRecordBatchReader,
    path: PathBuf,
}

impl Batches {
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| ReportError::at(path, error))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|it| it.with_batch_size(BATCH).build());
        let reader = reader.map_err(|error| ReportError::parquet(path, error))?;
        Ok(Self { reader, path: path.to_owned() })
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(batch.map_err(|error| ReportError::parquet(&self.path, error.into())))
    }
}

/// Sorts batches in memory.
fn sort(batches: &[RecordBatch], sink: &mut Sink<'_>) -> Result<()> {
    let mut order: Vec<(SortKey, (u32, u32))> = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for (place, batch) in (0..).zip(batches) {
        order.extend((0..).zip(0..batch.num_rows()).map(|(number, row)| (key(batch, row), (place, number))));
    }
    order.sort_unstable();
    let all: Vec<_> = batches.iter().collect();
    for rows in order.chunks(BATCH) {
        let rows: Vec<_> = rows.iter().map(|(_, (batch, row))| (*batch as usize, *row as usize)).collect();
        sink(&interleave_record_batch(&all, &rows)?)?;
    }
    Ok(())
}

/// A run that is merged: its current batch is the one in this place of the merge's list.
struct Run {
    reader: Batches,
    place: usize,
    row: usize,
}

/// Merges sorted files, and removes them.
fn merge(paths: &[PathBuf], sink: &mut Sink<'_>) -> Result<()> {
    let (mut batches, mut runs, mut heads) = (Vec::new(), Vec::new(), BinaryHeap::new());
    for path in paths.iter().filter(|path| path.exists()) {
        let mut reader = Batches::open(path)?;
        if let Some(batch) = reader.next() {
            let (batch, place) = (batch?, batches.len());
            heads.push(Reverse((key(&batch, 0), runs.len())));
            batches.push(batch);
            runs.push(Run { reader, place, row: 0 });
        }
    }
    let mut rows = Vec::with_capacity(BATCH);
    while let Some(mut head) = heads.peek_mut() {
        let run: &mut Run = &mut runs[head.0.1];
        rows.push((run.place, run.row));
        run.row += 1;
        if run.row == batches[run.place].num_rows() {
            match run.reader.next() {
                Some(batch) => {
                    (run.place, run.row) = (batches.len(), 0);
                    batches.push(batch?);
                    head.0.0 = key(&batches[run.place], 0);
                }
                None => {
                    run.place = usize::MAX;
                    PeekMut::pop(head);
                }
            }
        } else {
            head.0.0 = key(&batches[run.place], run.row);
        }
        if rows.len() == BATCH {
            emit(&mut batches, &mut runs, &mut rows, sink)?;
        }
    }
    emit(&mut batches, &mut runs, &mut rows, sink)?;
    for path in paths.iter().filter(|path| path.exists()) {
        fs::remove_file(path).map_err(|error| ReportError::at(path, error))?;
    }
    Ok(())
}

/// Hands over the collected rows, and keeps only the batches that still have some.
fn emit(
    batches: &mut Vec<RecordBatch>,
    runs: &mut [Run],
    rows: &mut Vec<(usize, usize)>,
    sink: &mut Sink<'_>,
) -> Result<()> {
    if !rows.is_empty() {
        sink(&interleave_record_batch(&batches.iter().collect::<Vec<_>>(), rows)?)?;
        rows.clear();
    }
    let mut kept = Vec::new();
    for run in runs.iter_mut() {
        if let Some(batch) = batches.get(run.place) {
            run.place = kept.len();
            kept.push(batch.clone());
        }
    }
    *batches = kept;
    Ok(())
}

fn key(batch: &RecordBatch, row: usize) -> SortKey {
    let [units, records] = [UNIT, RECORD].map(|column| batch.column(column).as_fixed_size_binary());
    let unit = units.is_valid(row).then(|| units.value(row).try_into().ok()).flatten();
    let record = records.is_valid(row).then(|| records.value(row).try_into().ok()).flatten();
    (unit, record)
}

/// Which records are not doubles of the one before; `last` is the key of the last record of the batch before.
fn first_of_each(batch: &RecordBatch, last: &mut Option<SortKey>) -> BooleanArray {
    let mut is_first = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let key = key(batch, row);
        is_first.push(key.1.is_none() || *last != Some(key));
        *last = Some(key);
    }
    BooleanArray::from(is_first)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, FixedSizeBinaryArray, Int64Array};

    use super::*;

    /// Records with few different keys, each with a number of its own.
    fn batches(records: u64) -> Vec<RecordBatch> {
        let mut state = 1_u64;
        let mut below = |number: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % number
        };
        let mut batch = |number: i64, length: u64| {
            let mut ids = |width: usize, different: u64| {
                let id = |value: u64| [vec![0; width - 8], value.to_be_bytes().to_vec()].concat();
                let ids: Vec<_> = (0..length).map(|_| Some(below(different)).filter(|id| *id > 0).map(id)).collect();
                let width = i32::try_from(width).unwrap();
                Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(ids.into_iter(), width).unwrap())
            };
            let (unit, record): (ArrayRef, ArrayRef) = (ids(16, 40), ids(24, 3_000));
            let numbers: ArrayRef = Arc::new((0..length.cast_signed()).map(|row| number + row).collect::<Int64Array>());
            RecordBatch::try_from_iter_with_nullable([
                ("unit", unit, true),
                ("record", record, true),
                ("n", numbers, false),
            ])
            .unwrap()
        };
        (0..records.div_ceil(1_000)).map(|place| batch((place * 1_000).cast_signed(), 1_000)).collect()
    }

    /// The keys in their order, and how many doubles there were.
    fn sorted(folder: &Path, bytes: usize, records: u64) -> (Vec<SortKey>, u64) {
        let path = folder.join("records.parquet");
        let batches = batches(records);
        let mut file = PartialParquet::temporary(&path, &batches[0].schema()).unwrap();
        batches.iter().for_each(|batch| file.write(batch).unwrap());
        file.finish().unwrap();
        let mut keys = Vec::new();
        let sorter = Sorter::new(bytes, folder.to_owned());
        let doubles = sorter.each(&path, &mut |batch| {
            keys.extend((0..batch.num_rows()).map(|row| key(batch, row)));
            Ok(())
        });
        fs::remove_file(&path).unwrap();
        (keys, doubles.unwrap())
    }

    #[test]
    fn runs_on_the_disk_are_merged_to_what_memory_gives() {
        let folder = tempfile::tempdir().unwrap();
        // Each batch of 8,192 records is a run of its own: these are more runs than are merged at once.
        let records = 540_000;
        let whole = sorted(folder.path(), usize::MAX, records);
        assert!(whole.0.is_sorted() && whole.1 > 100_000);
        assert_eq!(whole.0.len() as u64 + whole.1, records);
        let with_id = whole.0.iter().filter(|key| key.1.is_some());
        assert!(with_id.clone().zip(with_id.skip(1)).all(|(one, next)| one != next));
        assert_eq!(sorted(folder.path(), 1, records), whole);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
