//! The demo's profile of a data set.

use scruple_cli::demo::dataset::Dataset;
use scruple_cli::demo::work::{LIBRARY_VERSION, Outliers, Profile};

/// Profiles a data set, and compares the number of rows and of rows with an outlier, or the message.
fn check(dataset: &Dataset, expected: Result<(usize, usize), &str>) {
    let found = Profile::of(dataset).map(|profile| profile.outliers(dataset));
    let found = found.map(|Outliers { rows, outside }| (rows, outside)).map_err(|error| error.to_string());
    assert_eq!(found, expected.map_err(str::to_owned));
}

fn table(text: &str) -> Dataset {
    Dataset::parse("d.csv", text.as_bytes(), None).unwrap()
}

/// A data set with one column of values and alternating classes.
fn column(values: &[f64]) -> Dataset {
    let rows: String = values.iter().zip(0..).map(|(value, row)| format!("{value},{}\n", row % 2)).collect();
    table(&format!("a,kind\n{rows}"))
}

#[test]
fn the_bundled_data_set_is_profiled() {
    let iris = Dataset::bundled(None).unwrap();
    // 2.0, 4.1, 4.2 and 4.4 cm: the sepal widths beyond 2.05 and 4.05.
    check(&iris, Ok((150, 4)));
    // The values of R's `summary(iris)`.
    let summaries = [
        ("sepal_length", [4.3, 5.1, 5.8, 6.4, 7.9], 35),
        ("sepal_width", [2.0, 2.8, 3.0, 3.3, 4.4], 23),
        ("petal_length", [1.0, 1.6, 4.35, 5.1, 6.9], 43),
        ("petal_width", [0.1, 0.3, 1.3, 1.8, 2.5], 22),
    ];
    let profile = Profile::of(&iris).unwrap();
    assert_eq!(profile.columns.len(), summaries.len());
    for (column, (name, summary, distinct)) in profile.columns.iter().zip(summaries) {
        assert_eq!((column.name.as_str(), column.distinct), (name, distinct));
        let near = column.summary.iter().zip(summary).all(|(found, expected)| (found - expected).abs() < 1e-9);
        assert!(near, "{column:?}");
    }
    assert_eq!(profile.distinct(), 43);
}

#[test]
fn quartiles_lie_between_the_nearest_values() {
    let summary = |values: &[f64]| Profile::of(&column(values)).unwrap().columns[0].summary;
    assert_eq!(summary(&[4.0, 1.0, 3.0, 2.0]), [1.0, 1.75, 2.5, 3.25, 4.0]);
    assert_eq!(summary(&[5.0, 1.0, 2.0, 4.0, 3.0]), [1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(summary(&[7.0, 7.0, 7.0, 7.0]), [7.0; 5]);
}

#[test]
fn a_value_beyond_the_fences_is_an_outlier_and_one_on_them_is_not() {
    // Quartiles 2 and 4: the fences are -1 and 7.
    check(&column(&[1.0, 2.0, 3.0, 4.0, 7.0]), Ok((5, 0)));
    check(&column(&[1.0, 2.0, 3.0, 4.0, 7.5]), Ok((5, 1)));
    check(&column(&[-1.0, 2.0, 3.0, 4.0, 5.0]), Ok((5, 0)));
    check(&column(&[-1.5, 2.0, 3.0, 4.0, 5.0]), Ok((5, 1)));
    // Two outliers in one row count once.
    check(&table("a,b,kind\n1,1,x\n2,2,y\n3,3,x\n4,4,y\n9,9,x\n"), Ok((5, 1)));
}

#[test]
fn a_share_in_per_cent_is_rounded_down() {
    assert_eq!(Outliers { rows: 30, outside: 27 }.per_cent(), 90);
    assert_eq!(Outliers { rows: 3, outside: 2 }.per_cent(), 66);
    assert_eq!(Outliers { rows: 0, outside: 0 }.per_cent(), 0);
}

#[test]
fn quartiles_need_four_rows() {
    check(&column(&[1.0, 1.0, 1.0, 9.0]), Ok((4, 1)));
    check(&column(&[1.0, 1.0, 9.0]), Err("3 rows: quartiles need at least 4"));
}

#[test]
fn equal_rows_are_profiled() {
    let text: String = (0..40).map(|row| format!("1,1,{}\n", row % 2)).collect();
    let alike = table(&format!("a,b,kind\n{text}"));
    check(&alike, Ok((40, 0)));
    assert_eq!(Profile::of(&alike).unwrap().distinct(), 1);
}

#[test]
fn extreme_numbers_are_profiled() {
    let ends: Vec<f64> = (0..40).map(|row| [-1.7e308, 1.7e308][row % 2]).collect();
    check(&column(&ends), Ok((40, 0)));
    let profile = Profile::of(&column(&ends)).unwrap();
    assert!(profile.columns[0].summary.iter().all(|value| value.is_finite()), "{:?}", profile.columns);
    assert_eq!(profile.to_string(), "a: -1.70e308 to 1.70e308, the middle half -1.70e308 to 1.70e308; 2 distinct\n");
}

#[test]
fn the_same_data_set_gives_the_same_profile() {
    let iris = Dataset::bundled(None).unwrap();
    let profile = || Profile::of(&iris).unwrap().to_string();
    let first = profile();
    assert!(first.starts_with("sepal_length: 4.3 to 7.9, the middle half 5.1 to 6.4; 35 distinct\n"), "{first}");
    assert!((0..50).all(|_| profile() == first), "{first}");
}

#[test]
fn the_reported_version_is_that_of_the_library() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")).unwrap();
    assert!(lock.contains(&format!("name = \"csv\"\nversion = \"{LIBRARY_VERSION}\"\n")));
}
