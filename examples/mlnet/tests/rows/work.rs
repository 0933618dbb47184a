//! The program's own work: what it finds out, how long it looks, and what it says of a mistake.

use super::person::{Person, own};
use std::fs;
use std::path::MAIN_SEPARATOR;

/// A run with these words, in a folder with both data sets, after `bad.csv` was written there.
#[track_caller]
fn check(line: &str, bad: &str, code: i32, said: &str) {
    let person = Person::new();
    for name in ["iris.csv", "ratings.csv"] {
        fs::copy(own("data").join(name), person.work().join(name)).unwrap();
    }
    fs::write(person.work().join("bad.csv"), bad).unwrap();
    let ran = person.run(line.split(' '));
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(ran.code == code && all.contains(said), "{line}: {}: {all}", ran.code);
}

const IRIS: &str = "classification --dataset iris.csv --label-col";

#[test]
fn each_task_learns_from_a_data_set() {
    check(&format!("{IRIS} species"), "", 0, "right: 1.000, on 30 rows that were kept for this\n");
    let width = "regression --dataset iris.csv --label-col petal_width";
    check(width, "", 0, "root mean squared error: 0.211, on 30 rows");
    let stars = "--dataset ratings.csv --user-col person --item-col film --rating-col stars";
    check(&format!("recommendation {stars}"), "", 0, "root mean squared error: 0.551, on 34 rows");
    check(
        &format!("train --task recommendation {stars} --output ."),
        "",
        0,
        &format!("saved .{MAIN_SEPARATOR}model.json\n"),
    );
}

#[test]
fn a_saved_model_predicts_as_before() {
    let person = Person::new();
    let iris = own("data/iris.csv").display().to_string();
    let arguments = ["classification", "--label-col=species", "--dataset", &iris, "--name=flowers", "-v=quiet"];
    let ran = person.run(arguments);
    assert_eq!((ran.code, ran.stdout + &ran.stderr), (0, String::new()), "quiet");
    let found = person.run(["predict", "--model=flowers.json", "--dataset", &iris]).stdout;
    let told = fs::read_to_string(&iris).unwrap();
    let right = found.lines().zip(told.lines().skip(1)).filter(|(found, row)| row.ends_with(found)).count();
    assert!((140..=150).contains(&right), "{right} of 150");
}

#[test]
fn the_time_is_a_budget() {
    check(&format!("{IRIS} species --train-time 0"), "", 0, "the best of 1 that were tried");
    check(&format!("{IRIS} species --train-time 86400"), "", 0, "the best of 36 that were tried");
    check(&format!("{IRIS} species --train-time 86401"), "", 2, "86401 is not in 0..=86400");
}

#[test]
fn a_mistake_is_reported_with_its_place_and_a_remedy() {
    let missing = std::io::Error::from_raw_os_error(2);
    let bad = "classification --dataset bad.csv --label-col kind";
    let rows = "1,a\n2,b\n".repeat(6);
    check("train --task magic -d iris.csv", "", 2, "no task \"magic\": --task takes classification, regression");
    check("train --task regression -d iris.csv", "", 2, "--task regression needs --label-col");
    check(&format!("{IRIS} species --name a/b"), "", 2, "--name \"a/b\": write a file's name without folders");
    check(&format!("{IRIS} color"), "", 1, "iris.csv: column \"color\", there is none: name one of sepal_length,");
    check(bad, "width,kind\n1,a\n", 1, "bad.csv: too few rows, 1: write at least 10");
    check(bad, &format!("width,kind\n{rows}1,2,3\n"), 1, "bad.csv: line 14, 3 values for 2 columns: write 2");
    check(bad, &format!("width,kind\n{rows},b\n"), 1, "bad.csv: line 14, column \"width\", there is nothing: write a");
    check(bad, "kind,kind\n", 1, "bad.csv: line 1, column \"kind\", a second column of this name");
    check(bad, "", 1, "bad.csv: it is empty: write a line of column names");
    let number = "regression --dataset bad.csv --label-col width";
    check(number, &format!("width,kind\n{rows}wide,b\n"), 1, "line 14, column \"width\", \"wide\" is no number");
    check("predict --model no.json --dataset iris.csv", "", 1, &format!("no.json: {missing}"));
    check("predict --model iris.csv --dataset iris.csv", "", 1, "iris.csv: expected value at line 1 column 1");
    check("classification --dataset no.csv --label-col x", "", 1, &format!("no.csv: {missing}"));
}
