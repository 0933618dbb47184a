//! Many records within a limit of memory that is the system's and not the program's own.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::Command;

use serde_json::Value;

use crate::made::{Random, lines, processes, registry};

/// The address space, in KiB: that of the process, its libraries and its threads.
const LIMIT: &str = "2000000";

#[test]
#[ignore = "needs time, and half a kilobyte of disk a record: RECORDS=10000000 cargo test --release -- --ignored many"]
fn many_records_are_counted_within_two_gigabytes() {
    let records = std::env::var("RECORDS").map_or(200_000, |records| records.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.jsonl");
    let mut out = BufWriter::new(File::create(&file).unwrap());
    let (mut random, mut sent) = (Random(1), 0);
    while sent < records {
        for process in processes(&mut random, 100, 1_000) {
            sent += process.records.len() as u64;
            lines(&process).iter().for_each(|line| writeln!(out, "{line}").unwrap());
        }
    }
    out.into_inner().unwrap().sync_all().unwrap();
    let mut limited = Command::new("sh");
    limited.args(["-c", &format!("ulimit -v {LIMIT} && exec \"$@\""), "sh", env!("CARGO_BIN_EXE_scruple-report")]);
    limited.arg(registry()).arg("--input").arg(&file).args(["--memory", "64", "--json", "--out"]);
    let output = limited.arg(folder.path().join("report")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let signals = summary["signals"].as_array().unwrap().iter();
    assert_eq!(signals.map(|signal| signal["records"].as_u64().unwrap()).sum::<u64>(), sent);
}
