//! What both benches of whole processes have: how long an uploader is waited for, and the table.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
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

/// Runs an uploader to its end, as this program starts one, and shows its process to `each` meanwhile.
pub fn upload(program: &mut Command, app_id: &str, mut each: impl FnMut(u32)) {
    let mark = format!("{app_id} starter 0000000000000001");
    let file = rustix::fs::memfd_create(c"mark", rustix::fs::MemfdFlags::CLOEXEC).expect("a file in memory");
    let mut file = File::from(file);
    file.write_all(mark.as_bytes()).expect("it is written");
    let mut starter = program.env("SCRUPLE_UPLOADER", mark).stdin(file).spawn().expect("it starts");
    let session = starter.id().to_string();
    assert!(starter.wait().expect("it ends").success());
    let all = || std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids: Vec<u32> = all().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let is_there = |id: &u32| stat(&id.to_string()).is_some_and(|stat| stat[3] == session && stat[0] != "Z");
    if let Some(uploader) = ids.into_iter().find(is_there) {
        while is_there(&uploader) {
            each(uploader);
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The fields of a process that follow its name: its state is the first, its session the fourth.
fn stat(process: &str) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

/// The files that wait, for any receiver.
pub fn waiting(state: &Path) -> Vec<PathBuf> {
    let inside = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    inside(state.join("queue")).flat_map(inside).collect()
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
