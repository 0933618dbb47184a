//! Each declared part of the demo is recorded by some run, but for those that its story has no place for.

use std::fs;

use scruple::testing::coverage;
use scruple_cli::demo::usage::REGISTRY;

use super::to::{arrived, receiver};
use super::{demo, end};

/// What no run of the demo records, and why.
const UNREACHED: [(&str, &str); 8] = [
    ("demo.profile.distinct of span demo.profile", "only a program that opts in sends it, and the demo does not"),
    ("demo.crash.stage = load", "the demo panics in one place, in its profile"),
    ("demo.crash.stage = outliers", "as above"),
    ("demo.crash.stage = save", "as above"),
    ("demo.result.scheme = custom_scheme", "the demo saves to one place, an object store"),
    ("demo.result.scheme = file", "as above"),
    ("demo.result.scheme = https", "as above"),
    ("demo.result.scheme = none", "as above"),
];

/// A data set with so many rows, whose lines have about so many bytes; of a hundred rows, twice so many have an outlier.
fn rows(count: usize, bytes: usize, outliers: usize) -> String {
    let cell = "1".repeat(bytes / 2);
    let number = |row: usize, first: usize| {
        if (first..first + outliers).contains(&(row % 100)) { 1_000_000 } else { row % 10 }
    };
    let row = |row: usize| format!("{}.{cell},{}.5,{}\n", number(row, 0), number(row, 50), ["a", "b"][row % 2]);
    format!("width,height,kind\n{}", (0..count).map(row).collect::<String>())
}

#[test]
fn every_declared_part_is_recorded() {
    let (receiver, [(_, to), _]) = receiver();
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let output = end(&mut demo(&[&["--to", &to, "--protocol", "http"], more].concat()));
        assert_eq!(output.code, Some(0), "{}{}", output.out, output.err);
    };
    run(&["--json", "--door", "layer", "--span-events", "--ignore-environment"]);
    for (name, count, bytes, outliers) in
        [("few.csv", 30, 8, 0), ("some.data", 300, 40, 5), ("more.txt", 3_000, 40, 12), ("many", 30_000, 60, 0)]
    {
        let file = folder.path().join(name);
        fs::write(&file, rows(count, bytes, outliers)).unwrap();
        run(&["--dataset", file.to_str().unwrap(), "--label", "kind"]);
    }
    let requests = arrived(&receiver).into_iter().map(|request| (request.signal, request.bytes));
    coverage(&[REGISTRY], requests, &UNREACHED).unwrap();
}
