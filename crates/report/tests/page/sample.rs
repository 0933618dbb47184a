//! A report of a made-up program over eight weeks.

use chrono::{Days, NaiveDate};
use scruple_registry::SignalKind;
use scruple_report::table::{Cell, Period, Question, Report, SignalName, Table};

/// The Monday of the first week.
fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, 5).unwrap()
}

pub fn week(index: u64) -> Period {
    Period { start: first() + Days::new(7 * index), days: 7 }
}

fn span(name: &str) -> SignalName {
    SignalName { name: name.to_owned(), kind: SignalKind::Span }
}

fn question(signal: &str, attributes: &[&str], brief: &str, ordered: bool, closed: bool) -> Question {
    let attributes = attributes.iter().map(|key| (*key).to_owned()).collect();
    Question { signal: span(signal), called: signal.to_owned(), attributes, brief: brief.to_owned(), ordered, closed }
}

/// A table whose cells have a unit in three records.
pub fn table(signal: &str, period: Period, attributes: &[&str], cells: &[(&[&str], u64)]) -> Table {
    let cell = |(labels, records): &(&[&str], u64)| Cell {
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        records: *records,
        units: records.div_ceil(3),
        units_elsewhere: 100,
    };
    Table {
        signal: span(signal),
        attributes: attributes.iter().map(|key| (*key).to_owned()).collect(),
        period,
        overlaps: attributes == ["words.arguments"],
        cells: cells.iter().map(cell).collect(),
    }
}

pub fn report(weeks: u64) -> Report {
    let questions = vec![
        question("words.run", &[], "One run of the program", false, true),
        question("words.run", &["otel.status_code"], "How it ended", false, true),
        question("words.run", &["otel.duration"], "How long it took", true, true),
        question("words.run", &["os.type"], "The operating system", false, true),
        question("words.run", &["service.version"], "The version of the program", false, false),
        question(
            "words.run",
            &["words.arguments"],
            "Names of the command-line arguments that were given, never their values",
            false,
            true,
        ),
        question(
            "words.run",
            &["os.type", "service.version"],
            "The version of the program on each operating system",
            false,
            false,
        ),
        question("words.read", &[], "The input was read", false, true),
        question("words.read", &["words.size"], "The size of the input, as a bucket", true, true),
        question("words.crash", &[], "The program ended with a panic", false, true),
    ];
    let mut tables = Vec::new();
    for index in 0..weeks {
        let (at, more) = (week(index), 40 * index);
        let run = |attributes: &[&str], cells: &[(&[&str], u64)]| table("words.run", at, attributes, cells);
        // The second version takes over.
        let (old, new) = (90 - 10 * index.min(8), 10 + 10 * index);
        let pairs: &[(&[&str], u64)] = &[
            (&["linux", "1.0.0"], 8 * old),
            (&["linux", "1.1.0"], 8 * new),
            (&["linux", "0.9.0"], 59),
            (&["linux", "2.0.0-dev"], 2),
            (&["windows", "1.0.0"], 3 * old),
            (&["windows", "1.1.0"], 3 * new + more),
            (&["macos", "1.0.0"], 70),
            (&["macos", "1.1.0"], 90 + more),
            (&["macos", "0.9.0"], 4),
            (&["macos", "2.0.0-dev"], 1),
            (&["freebsd", "1.1.0"], 45),
            (&["netbsd", "1.1.0"], 5),
        ];
        let all = pairs.iter().map(|(_, records)| records).sum();
        let of = |side: usize, label: &str| {
            pairs.iter().filter(|(labels, _)| labels[side] == label).map(|(_, records)| records).sum::<u64>()
        };
        tables.push(run(&[], &[(&[], all)]));
        tables.push(run(
            &["otel.status_code"],
            &[(&["ok"], all - 160 - index), (&["error"], 90 + index), (&["unset"], 70)],
        ));
        tables.push(run(
            &["otel.duration"],
            &[
                (&["under 1 ms"], 120),
                (&["1 ms to 10 ms"], all - 840),
                (&["10 ms to 100 ms"], 490),
                (&["100 ms to 1 s"], 220),
                (&["over 1 s"], 10),
            ],
        ));
        let systems = ["linux", "windows", "macos", "freebsd", "netbsd", "solaris", ""];
        tables.push(run(&["os.type"], &systems.each_ref().map(|label| (std::slice::from_ref(label), of(0, label)))));
        let versions = ["1.0.0", "1.1.0", "0.9.0", "2.0.0-dev"];
        tables.push(run(
            &["service.version"],
            &versions.each_ref().map(|label| (std::slice::from_ref(label), of(1, label))),
        ));
        tables.push(run(
            &["words.arguments"],
            &[
                (&["--lines"], 640 + more),
                (&["--quiet"], 480),
                (&["<script>alert(1)</script>"], 90),
                (&["--seldom"], 7),
                (&[""], 200),
            ],
        ));
        tables.push(run(&["os.type", "service.version"], pairs));
        let read = |attributes: &[&str], cells: &[(&[&str], u64)]| table("words.read", at, attributes, cells);
        tables.push(read(&[], &[(&[], 900 + more)]));
        tables.push(read(
            &["words.size"],
            &[(&["under 1 KiB"], 500 + more), (&["1 KiB to 1 MiB"], 370), (&["over 1 MiB"], 30)],
        ));
        let crashes = if index % 3 == 0 { 12 } else { 66 + index };
        tables.push(table("words.crash", at, &[], &[(&[], crashes)]));
    }
    Report {
        title: "How words is used".to_owned(),
        unit: "installations".to_owned(),
        rotation: Some("The id of an installation changes every 30 days: who uses the program before and after counts twice in a month, and hardly ever in a week.".to_owned()),
        retention: None,
        threshold: 20,
        licence: "CC-BY-4.0".to_owned(),
        registries: vec!["https://telemetry.example.com/schemas/words/1.1.0".to_owned()],
        questions,
        tables,
    }
}
