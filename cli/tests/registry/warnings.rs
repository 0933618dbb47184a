//! What a reviewer would ask about is warned of at its place, with a remedy, until somebody accepts it.
//!
//! The cases are in `warnings.txt`: the names of the warnings that have to be found, or `none`, and a title; lines of
//! `warnings.yaml` (which has no warning) that go (`-`) and that come (`+`), and of its manifest that come (`*`, a `schema_url` in place of its own); and what
//! was found. `UPDATE_GOLDEN=1` rewrites what was found, and not the names.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use scruple::registry::{Date, ReleaseNumber};
use scruple_cli::registry::{self, Colour, Finding, Now, Owned, Rule, WARNINGS};

const MANIFEST: &str = "schema_url: https://words.internal/schemas/a/1.0.0\n";
const BASE: &str = include_str!("../warnings.yaml");

/// The registry with edits, an empty line between two: `-` lines go, `+` lines come in their place.
fn edited(edits: &str, title: &str) -> String {
    edits.split("\n\n").fold(BASE.to_owned(), |yaml, edit| {
        let side = |sign: char| -> String {
            edit.lines().filter_map(|line| line.strip_prefix(sign)).map(|line| format!("{line}\n")).collect()
        };
        let (gone, come) = (side('-'), side('+'));
        assert_eq!(yaml.matches(&gone).count(), 1, "{title}: the lines that go are there once");
        let come = match come.find("{{members ") {
            Some(start) => numbered(&come, start),
            None => come,
        };
        yaml.replace(&gone, &come)
    })
}

/// Writes `{{members N STEP}}` out: members with bounds if there is a step between them.
fn numbered(text: &str, start: usize) -> String {
    let end = text[start..].find("}}").expect("an end") + start;
    let numbers: Vec<i64> = text[start + "{{members ".len()..end].split(' ').map(|n| n.parse().expect("n")).collect();
    let (count, step) = (numbers[0], numbers.get(1).copied());
    let member = |nth: i64| match step.filter(|_| nth + 1 < count) {
        Some(step) => {
            format!("{{id: m{nth}, value: m{nth}, annotations: {{privacy: {{below: {}}}}}}}", (nth + 1) * step)
        }
        None => format!("{{id: m{nth}, value: m{nth}}}"),
    };
    let members: Vec<String> = (0..count).map(member).collect();
    format!("{}{}{}", &text[..start], members.join(", "), &text[end + 2..])
}

fn read(yaml: &str, manifest: &str) -> Result<Owned, Vec<Finding>> {
    let folder = tempfile::tempdir().expect("a folder");
    let url = if manifest.contains("schema_url: ") { "" } else { MANIFEST };
    fs::write(folder.path().join("manifest.yaml"), format!("{url}{manifest}")).expect("a file");
    fs::write(folder.path().join("case.yaml"), yaml).expect("a file");
    registry::read(folder.path())
}

/// What is warned of in a case; every warning has a place and a remedy.
#[track_caller]
fn check(edit: &str, wanted: &BTreeSet<&str>, title: &str) -> String {
    let manifest: String =
        edit.lines().filter_map(|line| line.strip_prefix('*')).map(|line| format!("{line}\n")).collect();
    let owned = read(&edited(edit, title), &manifest).unwrap_or_else(|findings| panic!("{title}: {findings:?}"));
    assert!(owned.warnings.is_sorted(), "{title}: in the order of the files");
    let now = Now { day: Date::parse("2027-06-01").expect("a day"), version: ReleaseNumber::parse("1.2") };
    let warnings = [owned.warnings.clone(), owned.ends(now)].concat();
    let mut out = String::new();
    for warning in &warnings {
        assert!(warning.line > 0 && warning.column > 0 && !warning.help.is_empty(), "{title}: {warning:?}");
        let folder = Path::new(&warning.file).parent().expect("a folder").display().to_string();
        out.push_str(&warning.render(Colour::Off).to_string().replace(&format!("{folder}/"), ""));
    }
    let found: Vec<String> = warnings.iter().map(|warning| name(warning.rule)).collect();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(&found, wanted, "{title}\n{out}");
    out
}

#[test]
fn a_questionable_declaration_is_warned_of_at_its_place() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/warnings.txt");
    let old = fs::read_to_string(&golden).expect("the cases are there");
    let (mut new, mut seen) = (String::new(), BTreeSet::new());
    for case in old.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (edit, _) = rest.split_once("--- found\n").expect("a line after the edit");
        let (names, _) = title.split_once(": ").expect("names before the title");
        let wanted: BTreeSet<&str> = names.split(' ').filter(|name| *name != "none").collect();
        let found = check(edit, &wanted, title);
        seen.extend(wanted);
        new.push_str(&format!("=== {title}\n{edit}--- found\n{found}\n"));
    }
    for (name, _) in WARNINGS {
        assert!(seen.contains(name), "no case warns of {name}");
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &new).expect("it can be written");
        return;
    }
    let differs = old.lines().zip(new.lines()).enumerate().find(|(_, (is, found))| is != found);
    assert!(old == new, "line, (is, found): {differs:?}; UPDATE_GOLDEN=1 rewrites");
}

#[test]
fn the_names_of_warnings_are_those_in_json() {
    for (shown, rule) in WARNINGS {
        assert_eq!(name(rule), shown);
    }
}

#[test]
fn an_accepted_warning_changes_no_notice_or_page() {
    let plain = read(BASE, "").expect("it is sound");
    let accepted = BASE.replace("max: 100}", "max: 100, accept: {idle_brief: Seen.}}");
    assert_ne!(accepted, BASE);
    assert_eq!(read(&accepted, "").expect("it is sound").text(), plain.text());
}

#[test]
fn this_projects_registries_have_no_warnings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in [
        "cli/telemetry",
        "examples/quickstart/telemetry",
        "examples/mlflow/telemetry",
        "examples/mlnet/telemetry",
        "examples/server/telemetry",
    ] {
        let owned = registry::read(&root.join(folder)).expect("it is sound");
        assert_eq!(owned.warnings, [], "{folder}");
    }
}

fn name(rule: Rule) -> String {
    serde_json::to_value(rule).expect("a name").as_str().expect("a text").to_owned()
}
