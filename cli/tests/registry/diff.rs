//! Each change of a registry has its verdict and its words, forth and back.
//!
//! The changes are in `diff.txt`: the verdicts and a title; lines of the registry below that go (`-`) and that come
//! (`+`); and what `scruple diff` says of the change, then of the one back. `UPDATE_GOLDEN=1` rewrites what is said, and
//! not the verdicts.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::markup::{HOSTILE, markdown};

const MANIFEST: &str = "schema_url: https://example.com/schemas/words/1.0.0\n";

const BASE: &str = include_str!("../diff.yaml");

fn diff(in_folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.arg("diff").args(arguments).current_dir(in_folder).env_remove("CLICOLOR_FORCE").output().expect("it runs")
}

fn put(folder: &Path, yaml: &str) -> PathBuf {
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join("manifest.yaml"), MANIFEST).expect("a file");
    fs::write(folder.join("words.yaml"), yaml).expect("a file");
    folder.to_owned()
}

/// What is said of a change, in a folder with `old` and `new`.
#[track_caller]
fn check(change: [&str; 2], verdict: &str, title: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder.path().join("old"), change[0]);
    put(&folder.path().join("new"), change[1]);
    let output = diff(folder.path(), &["old", "new"]);
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let (code, end) = match verdict {
        "same" => (0, "The same is collected.\n"),
        "narrower" => (0, "Less is collected: earlier agreements still cover it.\n"),
        "wider" => (
            3,
            "More is collected: users who agreed before are asked again.\nThe schema URL is the one before: the \
             receiver can't tell records of the two apart. Give it a new version in `manifest.yaml`.\n",
        ),
        "asks-otherwise" => (
            3,
            "The program asks in another way before it records: of users who have not answered, more may be collected.\n",
        ),
        other => panic!("{title}: no verdict {other}"),
    };
    assert_eq!(output.status.code(), Some(code), "{title}\n{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.ends_with(end), "{title}: {verdict} was expected\n{said}");
    assert!(output.stderr.is_empty(), "{title}: {}", String::from_utf8_lossy(&output.stderr));
    said.strip_suffix(end).expect("it was there").trim_end().to_owned()
}

#[test]
fn each_change_has_its_direction_and_its_sentence() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff.txt");
    let old = fs::read_to_string(&golden).expect("the changes are there");
    let cases: Vec<&str> = old.split("=== ").skip(1).collect();
    assert!(cases.len() >= 40, "{} changes", cases.len());
    let new: String = cases.into_iter().map(rewritten).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &new).expect("it can be written");
        return;
    }
    let differs = old.lines().zip(new.lines()).enumerate().find(|(_, (is, said))| is != said);
    assert!(old == new, "line, (is, said): {differs:?}; UPDATE_GOLDEN=1 rewrites");
}

/// A case with what is said of it now.
fn rewritten(case: &str) -> String {
    let (title, rest) = case.split_once('\n').expect("a title");
    let (edit, _) = rest.split_once("--- forth\n").expect("a line after the change");
    let (verdicts, _) = title.split_once(": ").expect("verdicts before the title");
    let (forth, back) = verdicts.split_once(' ').expect("two verdicts");
    let side = |sign: char| edit.lines().filter_map(|line| line.strip_prefix(sign)).collect::<Vec<_>>().join("\n");
    let (gone, come) = (side('-'), side('+'));
    assert_eq!(BASE.matches(&gone).count(), 1, "{title}: the lines that go are there once");
    let edited = BASE.replace(&gone, &come);
    let forth = check([BASE, &edited], forth, title);
    let back = check([&edited, BASE], back, title);
    format!("=== {title}\n{edit}--- forth\n{forth}\n--- back\n{back}\n\n")
}

#[test]
fn no_text_of_a_registry_is_markup() {
    // Where a person writes text; a member is quoted, the rest is not.
    let saying = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        BASE.replace("controller: The example project", &format!("controller: {quoted}"))
            .replace("brief: Whether the input was closed.", &format!("brief: {quoted}"))
            .replace("{id: line, value: line}", &format!("{{id: line, value: {quoted}}}"))
            .replace("events:\n", &format!("events:\n  - {{name: words.odd, brief: {quoted}, stability: stable}}\n"))
            .replace("attributes:\n  - {key: service.name", &format!(
                "attributes:\n  - {{key: words.new, brief: {quoted}, stability: stable, type: boolean}}\n  - {{key: service.name"
            ))
    };
    let told = |text: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        put(&folder.path().join("old"), BASE);
        put(&folder.path().join("new"), &saying(text));
        let output = diff(folder.path(), &["old", "new"]);
        assert_eq!(output.status.code(), Some(3), "{text}: {}", String::from_utf8_lossy(&output.stderr));
        markdown(&String::from_utf8(output.stdout).expect("UTF-8"))
    };
    // A quoted text has backslashes of its own.
    let plain = |text: &str| text.replace('\\', "");
    let wanted = told("harmless");
    assert!(wanted.text.matches("harmless").count() >= 5, "{}", wanted.text);
    for text in HOSTILE {
        let is = told(text);
        assert_eq!(is.tags, wanted.tags, "{text}");
        assert_eq!(plain(&is.text), plain(&wanted.text.replace("harmless", text)), "{text}");
    }
}

/// The kinds of change that are in the table, each as JSON has it: kind and group.
const KINDS: [&str; 52] = [
    "absent gone",
    "absent new",
    "at_most coarser",
    "at_most finer",
    "attribute gone",
    "attribute new",
    "because neither",
    "brief neither",
    "buckets coarser",
    "buckets finer",
    "buckets neither",
    "carried gone",
    "carried new",
    "client_address gone",
    "client_address new",
    "controller others",
    "endpoint neither",
    "endpoint others",
    "expires coarser",
    "expires finer",
    "field neither",
    "kind neither",
    "level gone",
    "level neither",
    "level new",
    "link neither",
    "max coarser",
    "max finer",
    "member gone",
    "member new",
    "normalize neither",
    "normalize stronger",
    "normalize weaker",
    "otherwise gone",
    "otherwise new",
    "preset stronger",
    "preset weaker",
    "program others",
    "purpose new",
    "purpose stronger",
    "registry gone",
    "registry new",
    "retention neither",
    "rotation stronger",
    "rotation weaker",
    "service_name neither",
    "signal gone",
    "signal new",
    "time coarser",
    "time finer",
    "treatment stronger",
    "treatment weaker",
];

#[test]
fn json_names_the_kind_and_the_group_of_each_change() {
    let cases = include_str!("../diff.txt");
    let mut seen = BTreeSet::new();
    for case in cases.split("=== ").skip(1) {
        let (_, rest) = case.split_once('\n').expect("a title");
        let (edit, _) = rest.split_once("--- forth\n").expect("a line after the change");
        let side = |sign: char| edit.lines().filter_map(|line| line.strip_prefix(sign)).collect::<Vec<_>>().join("\n");
        let folder = tempfile::tempdir().expect("a folder");
        put(&folder.path().join("old"), BASE);
        put(&folder.path().join("new"), &BASE.replace(&side('-'), &side('+')));
        for sides in [["old", "new"], ["new", "old"]] {
            let output = diff(folder.path(), &[&sides[..], &["--json"]].concat());
            let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            for change in said["changes"].as_array().expect("a list") {
                let word = |name: &str| change[name].as_str().expect("a word").to_owned();
                seen.insert(format!("{} {}", word("what"), word("group")));
            }
        }
    }
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), KINDS);
}

#[test]
fn a_preset_that_asks_less_is_wider() {
    let yaml = |preset: &str| {
        format!(
            "file_format: definition/2\nattributes:\n  - {{key: service.name, brief: B., stability: stable, type: string, \
             annotations: {{privacy: {{from: app}}}}}}\nentities:\n  - type: service\n    brief: B.\n    stability: stable\n    \
             identity: [{{ref: service.name}}]\n    annotations:\n      privacy: {{app_id: com.example.a, name: a, \
             controller: Us, endpoint: \"https://example.com\"{preset}}}\n"
        )
    };
    let presets = ["opt-in", "first-run", "next-run", "documented"];
    let direction = |old: &str, new: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        for (side, preset) in [("old", old), ("new", new)] {
            put(&folder.path().join(side), &yaml(&format!(", preset: {preset}")));
        }
        let output = diff(folder.path(), &["old", "new", "--json"]);
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let changes = said["changes"].as_array().expect("a list");
        if old == new {
            assert!(changes.is_empty() && output.status.success(), "{old}: {said}");
            return "same".to_owned();
        }
        assert_eq!((changes.len(), &changes[0]["what"]), (1, &"preset".into()), "{said}");
        let text = format!("com.example.a now has the preset {new}, before {old}.");
        assert_eq!(changes[0]["text"], text);
        assert_eq!(changes[0]["direction"], said["verdict"], "{said}");
        let code = if said["verdict"] == "wider" { 3 } else { 0 };
        assert_eq!(output.status.code(), Some(code), "{said}");
        said["verdict"].as_str().expect("a word").to_owned()
    };
    for (before, old) in presets.iter().enumerate() {
        for (now, new) in presets.iter().enumerate() {
            let expected = match now.cmp(&before) {
                Ordering::Less => "narrower",
                Ordering::Equal => "same",
                Ordering::Greater => "wider",
            };
            assert_eq!(direction(old, new), expected, "{old} to {new}");
        }
        // Another person answers: whether that is more can't be told.
        assert_eq!(direction(old, "operator-consent"), "wider");
        assert_eq!(direction("operator-consent", old), "wider");
    }
}

#[test]
fn another_schema_url_is_neither_wider_nor_narrower() {
    let folder = tempfile::tempdir().expect("a folder");
    for (side, manifest) in [("old", MANIFEST), ("new", &MANIFEST.replace("1.0.0", "1.1.0"))] {
        put(&folder.path().join(side), BASE);
        fs::write(folder.path().join(side).join("manifest.yaml"), manifest).expect("a file");
    }
    let output = diff(folder.path(), &["old", "new", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let [change] = &said["changes"].as_array().expect("a list")[..] else { panic!("{said}") };
    assert_eq!((&change["what"], &change["group"]), (&"schema_url".into(), &"neither".into()));
    // Who says more with a URL of its own can be told apart.
    put(
        &folder.path().join("new"),
        &BASE.replacen(
            "attributes:\n",
            "attributes:\n  - {key: words.new, brief: It is new., stability: stable, type: boolean}\n",
            1,
        ),
    );
    fs::write(folder.path().join("new/manifest.yaml"), MANIFEST.replace("1.0.0", "1.1.0")).expect("a file");
    let said = String::from_utf8(diff(folder.path(), &["old", "new"]).stdout).expect("UTF-8");
    assert!(said.ends_with("More is collected: users who agreed before are asked again.\n"), "{said}");
}
