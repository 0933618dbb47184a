//! Each declared part is recorded by some run: what nobody records is not declared.

use super::person::{Person, own};
use scruple::SignalKind;
use scruple::testing::coverage;
use std::fs::{self, File};

#[path = "../../src/usage.rs"]
mod usage;

/// What no run of these tests can record, and why.
const UNREACHED: [(&str, &str); 2] = [
    ("os.type = darwin", "the tests run on another system"),
    (if cfg!(windows) { "os.type = linux" } else { "os.type = windows" }, "the tests run on another system"),
];

#[test]
fn every_declared_part_is_recorded() {
    const MIB: u64 = 1 << 20;
    let person = Person::new().says_yes();
    let dataset = |name: &str| own("data").join(name).display().to_string();
    let (iris, ratings) = (dataset("iris.csv"), dataset("ratings.csv"));
    let ratings = [
        "--dataset",
        &ratings,
        "--user-col",
        "person",
        "--item-col",
        "film",
        "--rating-col",
        "stars",
        "--train-time",
        "0",
    ];
    let rows = ["--dataset", &iris, "--label-col", "species", "--train-time", "0"];
    let runs: [(&[&str], &[&str]); 6] = [
        (
            &["classification", "--ignore-cols", "petal_width", "--output", ".", "--name", "m", "--verbosity", "quiet"],
            &rows,
        ),
        (&["regression"], &["--dataset", &iris, "--label-col", "petal_width", "--train-time", "0"]),
        (&["recommendation"], &ratings),
        (&["train", "--task", "classification"], &rows),
        (&["train", "--task", "clustering"], &rows),
        (&["predict", "--model", "m.json"], &["--dataset", &iris]),
    ];
    for (command, more) in runs {
        person.run(command.iter().chain(more));
    }
    for size in [MIB, 10 * MIB, 100 * MIB] {
        let file = person.work().join("large.csv");
        File::create(&file).unwrap().set_len(size).unwrap();
        person.run(["predict".as_ref(), "--model".as_ref(), "m.json".as_ref(), "--dataset".as_ref(), file.as_os_str()]);
    }
    person.crash([["classification"].as_slice(), &rows].concat());
    let files = person.waiting();
    let lines = files.iter().flat_map(|file| {
        let text = fs::read_to_string(file).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let lines = lines.map(|line| {
        let is_span = line.starts_with("{\"resourceSpans\"");
        (if is_span { SignalKind::Span } else { SignalKind::Event }, line)
    });
    coverage(&[usage::REGISTRY], lines, &UNREACHED).unwrap();
}
