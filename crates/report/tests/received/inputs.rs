//! Whatever the input, the numbers are right or there is an error that says what to do: the program as a process.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::made::{MONDAY, Random, SCHEMA, TODAY, changed, lines, processes, registry};

/// A folder with a file of random lines.
pub struct Input {
    pub folder: TempDir,
    lines: Vec<String>,
}

impl Input {
    pub fn new() -> Self {
        let mut random = Random(7);
        let lines = processes(&mut random, 10, 60).iter().flat_map(lines).collect();
        Self { folder: tempfile::tempdir().unwrap(), lines }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    pub fn run(&self, registries: &[&Path], inputs: &[&Path], more: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple-report"));
        command.args(registries).arg("--input").args(inputs).arg("--out").arg(self.path("report"));
        Ran(command.args(["--json", "--today", TODAY]).args(more).output().unwrap())
    }

    /// The records that count of one input, and the reasons of those that don't.
    fn of(&self, input: &Path) -> (i32, u64, Vec<(String, u64)>) {
        let ran = self.run(&[&registry()], &[input], &[]);
        (ran.code(), ran.records(), ran.reasons())
    }
}

pub struct Ran(pub Output);

impl Ran {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    pub fn error(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.0.stdout).unwrap_or_else(|error| panic!("{error}: {:?}", self.0))
    }

    #[track_caller]
    pub fn records(&self) -> u64 {
        self.json()["signals"].as_array().unwrap().iter().map(|signal| signal["records"].as_u64().unwrap()).sum()
    }

    #[track_caller]
    pub fn reasons(&self) -> Vec<(String, u64)> {
        let json = self.json();
        let reasons = json["refused"]["reasons"].as_object().unwrap();
        reasons.iter().map(|(reason, records)| (reason.clone(), records.as_u64().unwrap())).collect()
    }

    /// Nothing was written, and the message has this in it.
    #[track_caller]
    pub fn fails_with(&self, text: &str) {
        assert_eq!(self.code(), 2, "{:?}", self.0);
        assert!(self.error().contains(text), "{:?}", self.0);
    }
}

/// What a Collector writes with `compression: zstd`.
fn messages(lines: &[String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        let frame = zstd::encode_all(line.as_bytes(), 0).unwrap();
        bytes.extend(u32::try_from(frame.len()).unwrap().to_be_bytes());
        bytes.extend(frame);
    }
    bytes
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compressed_files_count_as_plain_ones_do() {
    let input = Input::new();
    let text = input.text();
    let plain = input.of(&input.write("plain.jsonl", &text));
    assert!(plain.0 == 0 && plain.1 > 50 && plain.2.is_empty());
    let (first, second) = text.split_at(text.len() / 2);
    let files = [
        input.write("a.jsonl.gz", gzip(&text)),
        input.write("parts.jsonl.gz", [gzip(first), gzip(second)].concat()),
        input.write("a.jsonl.zst", zstd::encode_all(text.as_bytes(), 0).unwrap()),
        input.write("messages.jsonl", messages(&input.lines)),
    ];
    for file in files {
        assert_eq!(input.of(&file), plain, "{}", file.display());
    }
}

#[test]
fn a_folder_stands_for_the_rotated_files_in_it_and_a_file_counts_once() {
    let input = Input::new();
    let whole = input.of(&input.write("whole.jsonl", input.text()));
    let folder = input.path("received");
    fs::create_dir_all(folder.join("older")).unwrap();
    let (one, other) = input.lines.split_at(20);
    fs::write(folder.join("usage.jsonl"), one.join("\n")).unwrap();
    fs::write(folder.join("older/usage-2026-11-30T16-24-54.123.jsonl.gz"), gzip(&other.join("\n"))).unwrap();
    fs::write(folder.join("notes.txt"), "no records").unwrap();
    assert_eq!(input.of(&folder), whole);
    let again = input.run(&[&registry()], &[&folder, &folder.join("older/../usage.jsonl")], &[]);
    assert_eq!((again.code(), again.records(), again.reasons()), whole);
}

#[test]
fn what_is_cut_off_is_counted_with_its_reason_and_the_rest_counts() {
    let input = Input::new();
    let whole = input.of(&input.write("whole.jsonl", input.text())).1;
    let text = input.text();
    let cut = &text[..text.len() - 9];
    let (code, records, reasons) = input.of(&input.write("cut.jsonl", cut));
    assert!(code == 1 && records < whole && records > whole / 2);
    assert!(reasons.len() == 1 && reasons[0].0.starts_with("not exactly one JSON value"), "{reasons:?}");
    let compressed = messages(&input.lines);
    let cut = input.write("messages.jsonl", &compressed[..compressed.len() - 3]);
    let (code, records, reasons) = input.of(&cut);
    assert!(code == 1 && records < whole && records > whole / 2);
    assert_eq!(reasons, [("a compressed message is cut off or broken".to_owned(), 1)]);
    let compressed = gzip(&text);
    let cut = input.write("cut.jsonl.gz", &compressed[..compressed.len() - 12]);
    let (code, _, reasons) = input.of(&cut);
    assert_eq!(code, 1);
    assert_eq!(reasons.last().unwrap().0, "the compressed data ends early or is broken");
}

#[test]
fn a_foreign_record_is_counted_with_its_reason_and_place_and_without_its_text() {
    let input = Input::new();
    let whole = input.of(&input.write("whole.jsonl", input.text())).1;
    let foreign = input.lines[0].replace("press.p", "secret.p").replace("press.l", "secret.l");
    let metrics = "{\"resourceMetrics\":[]}";
    let file = input.write("mixed.jsonl", [&input.text(), foreign.as_str(), "\n", metrics, "\nhello\n"].concat());
    let ran = input.run(&[&registry()], &[&file], &[]);
    assert_eq!((ran.code(), ran.records()), (1, whole));
    let reasons = ran.reasons();
    let has = |text: &str| reasons.iter().any(|(reason, _)| reason.contains(text));
    assert!(has("undeclared") && has("metrics, which no registry can declare") && has("not exactly one JSON value"));
    let first = ran.json()["refused"]["first"][0].clone();
    assert_eq!(first["line"], input.lines.len() as u64 + 1);
    assert!(first["file"].as_str().unwrap().ends_with("mixed.jsonl"));
    assert!(!String::from_utf8(ran.0.stdout).unwrap().contains("secret"));
}

#[test]
fn a_time_that_has_not_come_is_a_wrong_clock() {
    let input = Input::new();
    let whole = input.of(&input.write("whole.jsonl", input.text())).1;
    let ahead = input.lines[0].replace(&MONDAY.to_string()[..3], "979");
    let (code, records, reasons) = input.of(&input.write("ahead.jsonl", input.text() + &ahead));
    assert_eq!((code, records), (1, whole));
    assert!(reasons.iter().any(|(reason, _)| reason.contains("clock")), "{reasons:?}");
}

#[test]
fn a_time_before_all_programs_is_a_wrong_clock_and_makes_no_period() {
    let input = Input::new();
    let whole = input.of(&input.write("whole.jsonl", input.text())).1;
    // 40 installations whose clocks begin at 1970: more than the threshold.
    let mut made = processes(&mut Random(8), 40, 400);
    let records = made.iter_mut().flat_map(|process| &mut process.records);
    records.zip(1..).for_each(|(record, second)| record.start = second * 1_000_000_000);
    let behind: String = made.iter().flat_map(lines).map(|line| line + "\n").collect();
    let sent: usize = made.iter().map(|process| process.records.len()).sum();
    let file = input.write("behind.jsonl", input.text() + &behind);
    let ran = input.run(&[&registry()], &[&file], &["--period", "day"]);
    assert_eq!((ran.code(), ran.records()), (1, whole));
    assert_eq!(ran.reasons(), [("a time before 2025: the clock of the program was wrong".to_owned(), sent as u64)]);
    let page = fs::read_to_string(input.path("report/public/index.html")).unwrap();
    assert!(!page.contains("1970"));
}

#[test]
fn versions_are_joined_where_they_agree_and_told_where_not() {
    let input = Input::new();
    let old_url = SCHEMA.replace("2.0.0", "1.0.0");
    let changes = [("/2.0.0", "/1.0.0"), ("mono, sans, serif", "mono, sans, serif, slab"), ("max: 300", "max: 500")];
    let old = changed(input.folder.path(), "old", &changes);
    let older = input.text().replace(SCHEMA, &old_url);
    let file = input.write("both.jsonl", input.text() + &older.replace("0\",\"spanId\":\"", "1\",\"spanId\":\""));
    let alone = input.run(&[&registry()], &[&file], &[]);
    assert_eq!(alone.code(), 1);
    let of_other: u64 = alone.reasons().iter().map(|(_, records)| records).sum();
    assert!(alone.reasons().iter().all(|(reason, _)| reason.contains("schema URL")), "{:?}", alone.reasons());
    let both = input.run(&[&registry(), &old], &[&file], &[]);
    assert_eq!(both.code(), 0, "{}", both.error());
    let doubles: u64 = both.json()["signals"].as_array().unwrap().iter().map(|s| s["doubles"].as_u64().unwrap()).sum();
    assert_eq!(both.records() + doubles, alone.records() + of_other);
    let differences = both.json()["differences"].to_string();
    assert!(differences.contains("press.fonts") && differences.contains("press.copies"), "{differences}");
    assert!(!differences.contains("press.pages"));
    let twice = input.run(&[&registry(), &registry()], &[&file], &[]);
    twice.fails_with("name each once");
}

#[test]
fn ten_thousand_values_are_counted_each() {
    let input = Input::new();
    let mut random = Random(1);
    let made = processes(&mut random, 9, 30_000);
    let texts = made.iter().filter(|process| !process.records.is_empty()).take(10_000).enumerate();
    let text: String = texts
        .flat_map(|(number, process)| {
            let version = format!("0.{}.{}", number / 5_000, number % 5_000);
            let old = format!("{{\"stringValue\":\"{}\"}}", process.resource["service.version"]);
            lines(process)
                .into_iter()
                .map(move |line| line.replace(&old, &format!("{{\"stringValue\":\"{version}\"}}")) + "\n")
        })
        .collect();
    let file = input.write("wide.jsonl", text);
    let ran = input.run(&[&registry()], &[&file], &["--period", "month"]);
    assert_eq!((ran.code(), ran.reasons()), (0, Vec::new()), "{}", ran.error());
}

#[test]
fn without_a_record_there_is_an_error_that_says_so() {
    let input = Input::new();
    let run = |path: &Path| input.run(&[&registry()], &[path], &[]);
    run(&input.write("empty.jsonl", "\n\n")).fails_with("there is no record in these files");
    run(&input.write("foreign.jsonl", "hello\n")).fails_with("name the registry of the program that sent them");
    fs::create_dir(input.path("nothing")).unwrap();
    run(&input.path("nothing")).fails_with("no file in it has a name that ends in .json or .jsonl");
    run(&input.path("missing.jsonl")).fails_with("missing.jsonl: ");
}

#[test]
fn a_folder_that_can_not_be_written_to_is_an_error_that_names_it() {
    let input = Input::new();
    let file = input.write("whole.jsonl", input.text());
    let not_a_folder = input.write("report", "a file");
    let ran = input.run(&[&registry()], &[&file], &[]);
    ran.fails_with(not_a_folder.to_str().unwrap());
}

#[test]
fn a_pair_that_no_signal_has_is_an_error_before_anything_is_read() {
    let input = Input::new();
    let file = input.write("whole.jsonl", input.text());
    let run = |pair: &str| input.run(&[&registry()], &[&file], &["--pair", pair]);
    run("press.format,press.forms").fails_with("press.format,press.forms: no span or event has both");
    run("press.format,press.fonts").fails_with("a list");
    run("press.format,session.id").fails_with("no span or event has both");
    run("press.format").fails_with("two different keys");
}

#[test]
#[cfg(unix)]
fn what_the_operator_keeps_is_for_the_owner_alone_and_nothing_else_is_left() {
    use std::os::unix::fs::PermissionsExt;
    let input = Input::new();
    let file = input.write("whole.jsonl", input.text());
    assert_eq!(input.run(&[&registry()], &[&file], &[]).code(), 0);
    let records = input.path("report/records");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&records), 0o700);
    for name in ["press.print.parquet", "press.loaded.parquet"] {
        assert_eq!(mode(&records.join(name)), 0o600);
    }
    assert_eq!(fs::read_dir(&records).unwrap().count(), 2);
    let hidden = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
    assert!(!fs::read_dir(input.path("report")).unwrap().any(|entry| hidden(entry.unwrap())));
}

#[test]
fn what_a_killed_run_has_left_is_removed_and_does_not_block() {
    let input = Input::new();
    let file = input.write("whole.jsonl", input.text());
    for left in [".partial", ".partial-1", ".partial-77"] {
        fs::create_dir_all(input.path("report").join(left)).unwrap();
        fs::write(input.path("report").join(left).join("0.parquet"), "ids").unwrap();
    }
    fs::write(input.path("report/.partially-mine"), "of the operator").unwrap();
    fs::create_dir(input.path("report/records")).unwrap();
    fs::write(input.path("report/records/press.gone.partial"), "ids").unwrap();
    let ran = input.run(&[&registry()], &[&file], &[]);
    assert_eq!(ran.code(), 0, "{}", ran.error());
    let files = fs::read_dir(input.path("report")).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = files.filter(|name| name.to_string_lossy().starts_with(".partial")).collect();
    assert_eq!(left, [".partially-mine"]);
    assert!(!input.path("report/records/press.gone.partial").exists());
}

/// A process that ends with the test, also if this fails.
#[cfg(unix)]
struct WaitingRun(Child);

#[cfg(unix)]
impl Drop for WaitingRun {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that waits for its input, and the folder of its private files.
#[cfg(unix)]
fn waiting(input: &Input) -> (WaitingRun, PathBuf) {
    let pipe = input.path("pipe.jsonl");
    // Nobody writes into it, so the program waits.
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple-report"));
    command.arg(registry()).arg("--input").arg(&pipe).arg("--out").arg(input.path("report"));
    let mut waiting = WaitingRun(command.spawn().unwrap());
    let partial = input.path("report/.partial");
    while !partial.exists() {
        assert_eq!(waiting.0.try_wait().unwrap(), None, "it waits");
        thread::sleep(Duration::from_millis(5));
    }
    (waiting, partial)
}

#[test]
#[cfg(unix)]
fn a_signal_leaves_no_private_file() {
    let input = Input::new();
    let (mut child, partial) = waiting(&input);
    let process = rustix::process::Pid::from_child(&child.0);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.0.wait().unwrap().code(), Some(130));
    assert!(!partial.exists());
}

#[test]
#[cfg(unix)]
fn two_runs_do_not_share_a_folder_and_only_its_private_part_is_closed() {
    use std::os::unix::fs::PermissionsExt;
    let input = Input::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    fs::create_dir(input.path("report")).unwrap();
    fs::set_permissions(input.path("report"), fs::Permissions::from_mode(0o755)).unwrap();
    let (child, partial) = waiting(&input);
    assert_eq!((mode(&input.path("report")), mode(&partial)), (0o755, 0o700));
    let file = input.write("whole.jsonl", input.text());
    let second = input.run(&[&registry()], &[&file], &[]);
    drop(child);
    second.fails_with("another report is being written to this folder");
    assert!(partial.exists(), "the second run leaves the first one's files alone");
    assert_eq!(input.run(&[&registry()], &[&file], &[]).code(), 0);
    assert!(!partial.exists());
    assert_eq!(mode(&input.path("report")), 0o755);
}
