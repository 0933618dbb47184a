//! What the demo learns.

use scruple_cli::demo::dataset::Dataset;
use scruple_cli::demo::work::{LIBRARY_VERSION, Model, Score, Split};

/// Learns and scores a data set: the rows that were tried and how many of them were right; or the message.
fn check(dataset: &Dataset, expected: Result<(usize, usize), &str>) {
    let found = Split::of(dataset).and_then(|split| Ok(Model::train(dataset, &split)?.score(&split)));
    let found = found.map(|Score { rows, right }| (rows, right)).map_err(|error| error.to_string());
    assert_eq!(found, expected.map_err(str::to_owned));
}

fn table(text: &str) -> Dataset {
    Dataset::parse("d.csv", text.as_bytes(), None).unwrap()
}

#[test]
fn the_bundled_data_set_is_learnt() {
    check(&Dataset::bundled(None).unwrap(), Ok((30, 27)));
}

#[test]
fn a_score_in_per_cent_is_rounded_down() {
    assert_eq!(Score { rows: 30, right: 27 }.per_cent(), 90);
    assert_eq!(Score { rows: 3, right: 2 }.per_cent(), 66);
    assert_eq!(Score { rows: 0, right: 0 }.per_cent(), 0);
}

#[test]
fn a_class_with_five_rows_is_tried() {
    check(&table("a,kind\n1,x\n1,x\n1,x\n1,x\n1,x\n9,y\n"), Ok((1, 1)));
    let few = "the largest class has 4 rows: at least one class needs 5, of which one is kept for the score";
    check(&table("a,kind\n1,x\n1,x\n1,x\n1,x\n9,y\n"), Err(few));
}

#[test]
fn rows_that_cannot_be_told_apart_are_learnt_all_the_same() {
    let text: String = (0..40).map(|row| format!("1,1,{}\n", row % 2)).collect();
    check(&table(&format!("a,b,kind\n{text}")), Ok((8, 4)));
}

#[test]
fn numbers_at_the_ends_of_their_range_are_learnt() {
    let text: String = (0..40).map(|row| format!("{},{}\n", ["-1.7e308", "1.7e308"][row % 2], row % 2)).collect();
    check(&table(&format!("a,kind\n{text}")), Ok((8, 8)));
}

#[test]
fn the_same_data_set_gives_the_same_tree() {
    let iris = Dataset::bundled(None).unwrap();
    let tree = || Model::train(&iris, &Split::of(&iris).unwrap()).unwrap().to_string();
    let first = tree();
    assert!(first.starts_with("petal_"), "{first}");
    assert!((0..50).all(|_| tree() == first), "{first}");
}

#[test]
fn the_version_told_is_that_of_the_library() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")).unwrap();
    assert!(lock.contains(&format!("name = \"linfa-trees\"\nversion = \"{LIBRARY_VERSION}\"\n")));
}
