//! The accepted data sets, and the messages for the others.

use std::path::Path;

use scruple_cli::demo::dataset::{Dataset, MAX_BYTES, MAX_CLASSES, MAX_COLUMNS, MAX_VALUES};

/// Reads `text`, and compares its rows, columns and classes, or the message.
fn check(text: impl AsRef<[u8]>, label: Option<&str>, expected: Result<(usize, usize, &[&str]), &str>) {
    let found = Dataset::parse("d.csv", text.as_ref(), label);
    match (&found, expected) {
        (Ok(data), Ok((rows, columns, classes))) => {
            assert_eq!((data.rows(), data.columns()), (rows, columns));
            assert_eq!(data.classes, classes);
        }
        (Err(mistake), Err(message)) => assert_eq!(mistake.to_string(), message),
        (Ok(data), Err(message)) => panic!("{} rows were read, not refused with: {message}", data.rows()),
        (Err(mistake), Ok(_)) => panic!("refused: {mistake}"),
    }
}

#[test]
fn the_bundled_data_set_is_fishers() {
    let iris = Dataset::bundled(None).unwrap();
    assert_eq!((iris.rows(), iris.columns(), iris.bytes), (150, 5, 3858));
    assert_eq!(iris.features, ["sepal_length", "sepal_width", "petal_length", "petal_width"]);
    assert_eq!(iris.classes, ["setosa", "versicolor", "virginica"]);
    // The means of Fisher's Table II, in centimetres.
    let mean = |class: usize, feature: usize| {
        let rows = iris.targets.iter().zip(&iris.values[feature]).filter(|(target, _)| **target == class);
        rows.map(|(_, value)| value).sum::<f64>() / 50.0
    };
    let means = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]];
    for (class, expected) in means.iter().enumerate() {
        for (feature, expected) in expected.iter().enumerate() {
            assert!((mean(class, feature) - expected).abs() < 1e-9, "{class} {feature}: {}", mean(class, feature));
        }
    }
}

#[test]
fn valid_tables_are_read() {
    check("a,b,kind\n1,2,x\n3,4,y\n", None, Ok((2, 3, &["x", "y"])));
    check(
        "a,b,kind\n1,2,x\n3,4,y\n",
        Some("a"),
        Err(
            "d.csv, line 2, column 3 (\"kind\"): \"x\" where a number should be: write one such as 5.1, or name the column with the classes with --label",
        ),
    );
    check("kind,a\nx,1\ny,2\nx,3", Some("kind"), Ok((3, 2, &["x", "y"])));
    check("\u{feff}a,kind\r\n1,x\r\n\r\n2,y\r\n", None, Ok((2, 2, &["x", "y"])));
    check(" a , kind \n 1 ,\" x, or so \"\n-2e3, y\n", None, Ok((2, 2, &["x, or so", "y"])));
    check("a,kind\n1,0\n2,1\n", None, Ok((2, 2, &["0", "1"])));
}

#[test]
fn invalid_tables_are_refused_with_a_remedy() {
    let rows: &[(&str, &str)] = &[
        ("", "d.csv: empty: it needs a line of column names, and under it a line of numbers and a class for each row"),
        (
            "\n\r\n\n",
            "d.csv: empty: it needs a line of column names, and under it a line of numbers and a class for each row",
        ),
        ("a,kind\n", "d.csv: no rows: under the names, write a line of numbers and a class for each row"),
        (
            "a,kind\n1,x\n2,x\n",
            "d.csv, column 2 (\"kind\"): the same class in each row: name a column with at least two different values with --label",
        ),
        (
            "1,2,x\n3,4,y\n",
            "d.csv, line 1: numbers where the names of the columns should be: add a first line such as width,height,kind",
        ),
        ("kind\nx\ny\n", "d.csv, line 1: a single column: it needs numbers and a class, separated by commas"),
        (
            "a;b;kind\n1;2;x\n",
            "d.csv, line 1: a single column: its values seem to be separated by ';', separate them by commas",
        ),
        (
            "a\tkind\n1\tx\n",
            "d.csv, line 1: a single column: its values seem to be separated by '\\t', separate them by commas",
        ),
        ("a,,kind\n1,2,x\n", "d.csv, line 1, column 2: a column without a name: give it one"),
        ("a,b,a\n1,2,x\n", "d.csv, line 1, column 3 (\"a\"): a second column of this name: give it another"),
        (
            "a,b,kind\n1,2,x\n3,y\n",
            "d.csv, line 3: 2 values where the first line names 3 columns: write 3, and quote a text that has a comma in it",
        ),
        (
            "a,b,kind\n1,2,x,4\n",
            "d.csv, line 2: 4 values where the first line names 3 columns: write 3, and quote a text that has a comma in it",
        ),
        (
            "a,b,kind\n1,2,x\n\n\n3,,y\n",
            "d.csv, line 5, column 2 (\"b\"): nothing: write a value, or leave the row out",
        ),
        (
            "a,b,kind\r\n1,2,x\r\n\r\n3,4,\r\n",
            "d.csv, line 4, column 3 (\"kind\"): nothing: write a value, or leave the row out",
        ),
        (
            "a,kind\n5.1cm,x\n",
            "d.csv, line 2, column 1 (\"a\"): \"5.1cm\" where a number should be: write one such as 5.1, or name the column with the classes with --label",
        ),
        (
            "a,kind\nNaN,x\n",
            "d.csv, line 2, column 1 (\"a\"): \"NaN\" where a number should be: write one such as 5.1, or name the column with the classes with --label",
        ),
        (
            "a,kind\n1e999,x\n",
            "d.csv, line 2, column 1 (\"a\"): \"1e999\" where a number should be: write one such as 5.1, or name the column with the classes with --label",
        ),
        (
            "a,kind\n\"\u{1b}[31m\n2\",x\n",
            "d.csv, line 2, column 1 (\"a\"): \"\\u{1b}[31m\\n2\" where a number should be: write one such as 5.1, or name the column with the classes with --label",
        ),
        (
            "a,kind\n\"1,x\n2,y\n",
            "d.csv, line 2: 1 value where the first line names 2 columns: write 2, and quote a text that has a comma in it",
        ),
        ("a,kind\n1,x\0\n", "d.csv: not UTF-8 text: save it as comma-separated values in UTF-8"),
    ];
    for (text, message) in rows {
        check(text, None, Err(message));
    }
    let long = "9".repeat(5_000) + "z";
    let shown = format!(
        "d.csv, line 2, column 1 (\"a\"): \"{}…\" where a number should be: write one such as 5.1, or name the column with the classes with --label",
        "9".repeat(40)
    );
    check(format!("a,kind\n{long},x\n"), None, Err(&shown));
    check(b"a,kind\n1,\xff\n", None, Err("d.csv: not UTF-8 text: save it as comma-separated values in UTF-8"));
    check(
        "a,kind\n1,x\n",
        Some("sort"),
        Err("d.csv, line 1: no column \"sort\": --label takes one of \"a\", \"kind\""),
    );
}

#[test]
fn a_table_at_a_limit_is_read_and_one_above_it_is_refused() {
    let table = |columns: usize, rows: usize, classes: usize| {
        let mut text: String = (1..columns).map(|column| format!("c{column},")).collect();
        text.push_str("kind\n");
        let cells = "1,".repeat(columns - 1);
        (0..rows).for_each(|row| text.push_str(&format!("{cells}k{}\n", row % classes)));
        text
    };
    check(table(MAX_COLUMNS + 1, 2, 2), None, Err("d.csv, line 1: 1001 columns: leave at most 1000"));
    check(table(MAX_COLUMNS, 2, 2), None, Ok((2, MAX_COLUMNS, &["k0", "k1"])));
    check(table(MAX_COLUMNS, MAX_VALUES / (MAX_COLUMNS - 1), 2), None, Ok((200, MAX_COLUMNS, &["k0", "k1"])));
    check(table(2, MAX_VALUES + 1, 2), None, Err("d.csv, line 200002: over 200000 numbers: take a part of the rows"));
    let message = "d.csv, line 52, column 2 (\"kind\"): over 50 different classes: name a column with fewer different values with --label";
    check(table(2, 500, MAX_CLASSES + 1), None, Err(message));
}

#[test]
fn unreadable_files_are_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| match Dataset::open(path, None) {
        Ok(_) => panic!("{} was read", path.display()),
        Err(mistake) => mistake.to_string().replace(&path.display().to_string(), "FILE"),
    };
    assert_eq!(refused(&folder.path().join("none.csv")), "FILE: entity not found: name a file that you may read");
    // Windows opens no folder as a file, and has no named pipe in a folder.
    #[cfg(unix)]
    {
        assert_eq!(refused(folder.path()), "FILE: not a regular file: name a file of comma-separated values");
        assert_eq!(refused(Path::new("/dev/zero")), "FILE: not a regular file: name a file of comma-separated values");
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(refused(&pipe), "FILE: not a regular file: name a file of comma-separated values");
    }
    let huge = folder.path().join("huge.csv");
    std::fs::File::create(&huge).unwrap().set_len(MAX_BYTES as u64 + 1).unwrap();
    assert_eq!(refused(&huge), "FILE: over 16 MiB: take a part of its rows");
}

#[test]
fn the_name_of_a_data_set_is_the_file_name_without_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("patients.csv");
    std::fs::write(&path, "a,kind\n1,x\n2,y\n").unwrap();
    assert_eq!(Dataset::open(&path, None).unwrap().name, "patients.csv");
}
