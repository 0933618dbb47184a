//! The page and its files: nothing from data is markup, nothing is loaded, and no hidden number is in them.

/// The judge of the page.
#[path = "../../fixtures/src/axe.rs"]
mod axe;
#[path = "page/sample.rs"]
mod sample;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sample::{report, table, week};
use scruple_report::ledger::Verdict;
use scruple_report::publish::{Outcome, PublishError, PublishOptions, write};
use scruple_report::table::Report;
use sha2::{Digest, Sha256};

fn publish(folder: &Path, report: &Report) -> Result<Outcome, PublishError> {
    let options = PublishOptions { out: folder.join("out"), ledger: folder.join("ledger.jsonl"), revise: false };
    write(report, &options)
}

/// The files of a report by their names.
fn files(report: &Report) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    publish(folder.path(), report).unwrap();
    let read =
        |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap());
    let mut files: BTreeMap<_, _> =
        fs::read_dir(folder.path().join("out")).unwrap().map(|entry| read(entry.unwrap())).collect();
    files.insert("ledger.jsonl".to_owned(), fs::read_to_string(folder.path().join("ledger.jsonl")).unwrap());
    files
}

/// The tags of a page: name and attributes, without the style's text.
fn tags(page: &str) -> Vec<(String, String)> {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    let text = format!("{before}{after}");
    let tag = |part: &str| {
        let inside = part.split('>').next().unwrap();
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        (name.to_owned(), attributes.to_owned())
    };
    text.split('<').skip(1).map(tag).collect()
}

#[test]
fn nothing_from_data_is_markup() {
    let plain = files(&report(4));
    let hostile = "</style></title>\"><script>alert('x')</script><img src=//example.com onerror=alert(1)>&lt;\u{202e}";
    let mut report = report(4);
    report.title.push_str(hostile);
    report.licence.push_str(hostile);
    report.registries[0].push_str(hostile);
    report.unit.push_str(hostile);
    report.rotation.as_mut().unwrap().push_str(hostile);
    for question in &mut report.questions {
        question.brief.push_str(hostile);
        question.signal.name.push_str(hostile);
        question.called.push_str(hostile);
        question.attributes.iter_mut().for_each(|key| key.push_str(hostile));
    }
    for table in &mut report.tables {
        table.signal.name.push_str(hostile);
        table.attributes.iter_mut().for_each(|key| key.push_str(hostile));
        table.cells.iter_mut().flat_map(|cell| &mut cell.labels).for_each(|label| label.push_str(hostile));
    }
    let page = &files(&report)["index.html"];
    let names = |page: &str| tags(page).into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let count = |page: &str, tag: &str| tags(page).iter().filter(|(name, _)| name == tag).count();
    assert!(names(page).is_subset(&names(&plain["index.html"])), "{:?}", names(page));
    for tag in ["section", "h2", "h3", "figure", "a", "title"] {
        assert_eq!(count(page, tag), count(&plain["index.html"], tag), "{tag}");
    }
    for (_, attributes) in tags(page) {
        let links = attributes.split("href=\"").skip(1).map(|link| link.split('"').next().unwrap());
        let is_own = |link: &str| {
            let name = |name: &str| name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-'));
            link.strip_prefix('#').map_or_else(|| link.starts_with("data:") || name(link), name)
        };
        links.for_each(|link| assert!(is_own(link), "{link}"));
    }
}

#[test]
fn the_page_loads_nothing_and_its_policy_says_so() {
    let page = &files(&report(4))["index.html"];
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = STANDARD.encode(Sha256::digest(style));
    assert!(page.contains(&format!("content=\"default-src 'none'; style-src 'sha256-{hash}';")), "{page}");
    assert!(!style.contains("url(") && !style.contains("@import"));
    for (name, attributes) in tags(page) {
        assert!(!["script", "link", "img", "iframe", "object", "form"].contains(&name.as_str()), "{name}");
        assert!(
            !attributes.contains(" style=") && !attributes.contains("src=") && !attributes.contains(" on"),
            "{attributes}"
        );
    }
}

/// Neither the cell of few nor the one that protects it.
#[test]
fn no_hidden_number_is_in_a_file() {
    let mut report = report(1);
    report.tables.retain(|table| table.signal.name == "words.read");
    let cells: &[(&[&str], u64)] =
        &[(&["under 1 KiB"], 900_000), (&["1 KiB to 1 MiB"], 80_123), (&["over 1 MiB"], 4441)];
    report.tables[0] = table("words.read", week(0), &[], &[(&[], 984_564)]);
    report.tables[1] = table("words.read", week(0), &["words.size"], cells);
    report.tables[1].cells[2].units = 19;
    report.tables[0].cells[0].units = 300_000 + 26_708 + 19;
    let shown = files(&report);
    let hidden = ["4441", "4,441", "80123", "80,123", ",19]", " 19 ", ">19<"];
    for (name, text) in &shown {
        hidden.iter().for_each(|number| assert!(!text.contains(number), "{number} in {name}"));
    }
    let page = &shown["index.html"];
    let row = "2 values hidden: fewer than 20 installations, or would tell of fewer; together 84,564 records";
    assert!(page.contains(row), "{page}");
    report.tables[1].cells[2].units = 20;
    report.tables[0].cells[0].units += 1;
    assert!(files(&report)["index.html"].contains("4,441"), "the search finds what is shown");
}

#[test]
fn each_file_says_what_it_counts() {
    let shown = files(&report(4));
    let charts = shown.keys().filter(|name| name.ends_with(".csv")).count();
    assert_eq!(charts, report(4).questions.len());
    for (name, text) in shown.iter().filter(|(name, _)| name.ends_with(".csv")) {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let head = reader.headers().unwrap().clone();
        let column = |name: &str| head.iter().position(|column| column == name).unwrap();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        for row in &rows {
            assert_eq!(&row[column("unit")], "installations", "{name}");
            assert_eq!(&row[column("threshold")], "20");
            assert_eq!(&row[column("period_days")], "7");
            assert_eq!(&row[column("registries")], "https://telemetry.example.com/schemas/words/1.1.0");
            assert_eq!(&row[column("licence")], "CC-BY-4.0");
        }
        // The same numbers are in the JSON, and both are in the page.
        let json: serde_json::Value = serde_json::from_str(&shown[&name.replace(".csv", ".json")]).unwrap();
        assert_eq!((json["unit"].as_str(), json["licence"].as_str()), (Some("installations"), Some("CC-BY-4.0")));
        let periods = json["periods"].as_array().unwrap();
        let cells = periods.iter().flat_map(|period| match period.get("values") {
            Some(values) => values.as_array().unwrap().clone(),
            None => vec![period["total"].clone()],
        });
        let counts =
            |value: serde_json::Value| Some((value.get("records")?.to_string(), value["units_at_least"].to_string()));
        let counts: Vec<_> = cells.filter_map(counts).collect();
        let of_rows: Vec<_> = rows
            .iter()
            .map(|row| (row[column("records")].to_owned(), row[column("units_at_least")].to_owned()))
            .collect();
        assert_eq!(counts, of_rows, "{name}");
        for text in [text, &shown[&name.replace(".csv", ".json")]] {
            assert!(shown["index.html"].contains(&STANDARD.encode(text)), "{name}");
        }
    }
}

#[test]
fn one_unit_alone_is_hidden_and_the_page_says_so() {
    let mut report = report(1);
    report.tables.iter_mut().flat_map(|table| &mut table.cells).for_each(|cell| cell.units = cell.units.min(1));
    let shown = files(&report);
    assert!(shown["index.html"].contains("Hidden for the week of 2026-10-05: fewer than 20 installations."));
    for (name, text) in shown.iter().filter(|(name, _)| name.ends_with(".csv")) {
        assert_eq!(text.lines().count(), 1, "{name} has a head alone");
    }
}

#[test]
fn without_records_the_page_says_so() {
    let mut report = report(1);
    report.tables.clear();
    assert!(files(&report)["index.html"].contains("each signal has fewer than 20 installations, or none"));
}

#[test]
fn the_same_report_is_the_same_bytes() {
    let mut report = report(4);
    let first = files(&report);
    report.tables.reverse();
    assert_eq!(files(&report), first);
}

#[test]
fn earlier_periods_come_from_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let all = report(4);
    for index in 0..4 {
        let mut one = all.clone();
        one.tables.retain(|table| table.period == week(index));
        let outcome = publish(folder.path(), &one).unwrap();
        assert!(outcome.verdicts.iter().all(|(_, _, verdict)| *verdict == Verdict::New));
    }
    let page = |folder: &Path| fs::read_to_string(folder.join("out/words.run-os.type.csv")).unwrap();
    let together = files(&all);
    assert_eq!(page(folder.path()), together["words.run-os.type.csv"]);
    let again = publish(folder.path(), &all).unwrap();
    assert!(again.verdicts.iter().all(|(_, _, verdict)| *verdict == Verdict::Same));
    assert_eq!(fs::read_to_string(folder.path().join("out/index.html")).unwrap(), together["index.html"]);
}

#[test]
fn ten_thousand_members_are_a_hundred_rows_and_a_file() {
    let labels: Vec<String> = (0..10_000).map(|index| format!("member-{index}")).collect();
    let labels: Vec<[&str; 1]> = labels.iter().map(|label| [label.as_str()]).collect();
    let cells: Vec<(&[&str], u64)> = labels.iter().map(|label| (&label[..], 60)).collect();
    let mut report = report(1);
    report.tables =
        vec![table("words.run", week(0), &[], &[(&[], 600_000)]), table("words.run", week(0), &["os.type"], &cells)];
    let shown = files(&report);
    assert!(shown["index.html"].contains("9,900 more values are in the files below"));
    assert_eq!(shown["words.run-os.type.csv"].lines().count(), 10_001);
}

#[test]
fn a_folder_that_can_not_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("out"), "a file").unwrap();
    let error = publish(folder.path(), &report(1)).unwrap_err().to_string();
    assert!(error.contains("out can't be written"), "{error}");
}

#[test]
#[ignore = "needs chromium and axe-core: apt-get install chromium, npm install axe-core@4.14.1, and its axe.min.js in AXE_CORE"]
fn axe_finds_nothing() {
    axe::finds_nothing(&files(&report(8))["index.html"]);
}

#[test]
fn the_page_says_what_may_be_counted_twice() {
    let page = &files(&report(1))["index.html"];
    assert!(page.contains("An event has no id: one that was sent twice may be counted twice."), "{page}");
}

#[test]
fn no_cell_of_a_csv_file_is_a_formula_and_none_loses_its_value() {
    let labels = ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\u{ff1d}1", "'=1", "1=2"];
    let cells = labels.each_ref().map(|label| (std::slice::from_ref(label), 600));
    let mut report = report(1);
    report.licence = "=HYPERLINK(\"https://example.com\")".to_owned();
    report.tables =
        vec![table("words.run", week(0), &[], &[(&[], 6_000)]), table("words.run", week(0), &["os.type"], &cells)];
    let shown = files(&report);
    let mut reader = csv::Reader::from_reader(shown["words.run-os.type.csv"].as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let starts = |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}']);
    rows.iter().flatten().for_each(|cell| assert!(!starts(cell), "{cell:?}"));
    let values: BTreeSet<_> = rows.iter().map(|row| row[2].strip_prefix('\'').unwrap_or(&row[2])).collect();
    assert_eq!(values, labels.into());
}

#[test]
fn a_label_changes_the_direction_of_no_other_text() {
    let label = "a\u{202e}b\u{2066}c\u{61c}";
    let mut report = report(4);
    report.tables.retain(|table| table.attributes.len() < 2);
    for table in report.tables.iter_mut().filter(|table| table.attributes == ["os.type"]) {
        table.cells[0].labels[0] = label.to_owned();
    }
    let page = &files(&report)["index.html"];
    assert!(page.contains(&format!("<bdi>{label}</bdi>")));
    assert_eq!(page.matches(label).count(), page.matches(&format!("<bdi>{label}</bdi>")).count(), "{page}");
    assert!(page.contains("“a\\u{202e}b\\u{2066}c\\u{61c}” is the most frequent value"), "{page}");
}

#[test]
fn the_files_of_charts_that_are_gone_are_removed_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut report = report(1);
    publish(folder.path(), &report).unwrap();
    let out = folder.path().join("out");
    let names = || {
        let names = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect::<BTreeSet<_>>()
    };
    let mut expected = names();
    for pair in ["words.run-os.type-service.version.csv", "words.run-os.type-service.version.json"] {
        assert!(expected.remove(pair));
    }
    for own in ["notes.csv", "words.own.json"] {
        fs::write(out.join(own), "of the operator").unwrap();
        expected.insert(own.to_owned());
    }
    report.questions.retain(|question| question.attributes.len() < 2);
    report.tables.retain(|table| table.attributes.len() < 2);
    publish(folder.path(), &report).unwrap();
    assert_eq!(names(), expected);
}

#[test]
fn an_edited_list_of_charts_removes_nothing_but_files_of_charts() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(folder.path().join("words.csv"), "beside it").unwrap();
    for list in ["no JSON", "[]", "{\"charts\":[{\"name\":7},{\"name\":\"../words\"},{\"name\":\"\"}]}"] {
        fs::write(out.join("report.json"), list).unwrap();
        publish(folder.path(), &report(1)).unwrap();
    }
    assert!(folder.path().join("words.csv").exists());
    assert!(out.join("report.json").exists() && out.join("index.html").exists());
}
