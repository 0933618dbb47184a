//! Sorts one signal's records by unit and by record id, with DataFusion: in memory up to a limit, and beyond it on disk.
//!
//! In this order the doubles of a record follow each other, and so do all records of a unit. So one pass finds the doubles
//! and counts the distinct units of any number of cells, exactly, with one number for each cell. A group-by for each table
//! would have to hold or spill the units of each cell.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, BooleanArray, FixedSizeBinaryArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::error::Result;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext, ident};
use futures::StreamExt;

use crate::batch::{BATCH, RECORD, UNIT};

/// The two cores of a small machine. The memory that a query needs grows with them.
const PARTITIONS: usize = 2;

/// The engine, with its limit of memory and its folder for what exceeds it.
pub struct Sorter {
    session: SessionContext,
    runtime: tokio::runtime::Runtime,
}

impl Sorter {
    /// Sorts within this number of bytes, and spills into the folder.
    ///
    /// # Errors
    /// The engine can't be started.
    pub fn new(bytes: usize, folder: PathBuf) -> Result<Self> {
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![folder]))
            .with_max_temp_directory_size(u64::MAX);
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(bytes)))
            .with_disk_manager_builder(disk)
            .build_arc()?;
        let config = SessionConfig::new().with_target_partitions(PARTITIONS).with_batch_size(BATCH);
        let session = SessionContext::new_with_config_rt(config, environment);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(PARTITIONS).build()?;
        Ok(Self { session, runtime })
    }

    /// Calls `each` with the sorted batches of a file of [`batch::schema`](crate::batch::schema), without doubles. Returns
    /// the number of doubles.
    ///
    /// # Errors
    /// The file can't be read, the folder can't be written to, or `each` fails.
    pub fn each(&self, path: &Path, each: &mut dyn FnMut(&RecordBatch) -> Result<()>) -> Result<u64> {
        self.runtime.block_on(async {
            let path = path.display().to_string();
            let table = self.session.read_parquet(path, ParquetReadOptions::default()).await?;
            let by = ["unit", "record"].map(|column| ident(column).sort(true, true));
            let mut stream = table.sort(by.to_vec())?.execute_stream().await?;
            let (mut last, mut doubles) = (None, 0);
            while let Some(batch) = stream.next().await {
                let batch = batch?;
                let is_first = first_of_each(&batch, &mut last);
                let more = is_first.false_count() as u64;
                doubles += more;
                if more == 0 {
                    each(&batch)?;
                } else {
                    each(&filter_record_batch(&batch, &is_first)?)?;
                }
            }
            Ok(doubles)
        })
    }
}

/// Which records are not doubles of the one before; `last` is the id of the last record of the batch before.
fn first_of_each(batch: &RecordBatch, last: &mut Option<Vec<u8>>) -> BooleanArray {
    let [units, records] = [UNIT, RECORD].map(|column| batch.column(column).as_fixed_size_binary());
    let key = |row: usize| [bytes(units, row), bytes(records, row)].concat();
    let is_double = |row: usize| match row.checked_sub(1) {
        _ if records.is_null(row) => false,
        Some(before) => {
            records.is_valid(before)
                && records.value(row) == records.value(before)
                && bytes(units, row) == bytes(units, before)
        }
        None => last.as_ref().is_some_and(|last| *last == key(row)),
    };
    let is_first = (0..batch.num_rows()).map(|row| Some(!is_double(row))).collect();
    let end = batch.num_rows().checked_sub(1);
    *last = end.and_then(|row| records.is_valid(row).then(|| key(row)));
    is_first
}

fn bytes(ids: &FixedSizeBinaryArray, row: usize) -> &[u8] {
    if ids.is_valid(row) { ids.value(row) } else { &[] }
}
