//! What both benches of whole processes have: how long an uploader is waited for, and the table.

use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const NAMES: [&str; 4] =
    ["no telemetry", "bare opentelemetry-otlp", "scruple, starting an uploader", "scruple, none is due"];

/// Waits until the uploader that was started has ended, for so long at most: it may wait for an answer.
pub fn settle(state: &Path, most: Duration) {
    let lock = state.join("upload.lock");
    let start = Instant::now();
    thread::sleep(Duration::from_millis(5));
    while start.elapsed() < most && !File::open(&lock).is_ok_and(|file| file.try_lock().is_ok()) {
        thread::sleep(Duration::from_millis(2));
    }
}

/// How many records have a receipt.
pub fn receipts(state: &Path) -> usize {
    let sent = std::fs::read_dir(state.join("sent")).into_iter().flatten().flatten();
    sent.map(|file| std::fs::read_to_string(file.path()).map_or(0, |text| text.lines().count())).sum()
}

/// Prints a row for each of [`NAMES`], of times in milliseconds; the ends are what was delivered.
pub fn table(state: &str, times: [Vec<f64>; 4], ends: [String; 4]) {
    println!("\n{state:<34} {:>10} {:>10} {:>10}   delivered", "median ms", "p95 ms", "more ms");
    let mut first = None;
    for ((name, mut times), end) in NAMES.iter().zip(times).zip(ends) {
        times.sort_by(f64::total_cmp);
        let (median, p95) = (times[times.len() / 2], times[times.len() * 95 / 100]);
        let more = median - *first.get_or_insert(median);
        println!("{name:<34} {median:>10.2} {p95:>10.2} {more:>10.2}   {end}");
    }
}
