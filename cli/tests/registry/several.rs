//! A program and the libraries that it reports for: check, docs and collector-config take all their folders at once.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use scruple_cli::registry::{self, Owned, joined};

const PROGRAM: &str = include_str!("../warnings.yaml");

/// A library whose `words.unit` has other members than the program's, whose `words.files` is the same, and whose
/// `words.read` nobody hears of: the program's own is the one that counts.
const LIBRARY: &str = "file_format: definition/2
attributes:
  - {key: service.name, brief: The library., stability: stable, type: string, annotations: {privacy: {from: app}}}
  - {key: os.type, brief: The system., stability: stable, type: string, annotations: {privacy: {from: system}}}
  - {key: words.files, brief: How many there were., stability: stable, type: int, annotations: {privacy: {from: count, max: 100}}}
  - key: words.unit
    brief: What the library counts.
    stability: stable
    type:
      members: [{id: page, value: page}, {id: sheet, value: sheet}]
entities:
  - type: service
    brief: The library that reports.
    stability: stable
    identity: [{ref: service.name}]
    description: [{ref: os.type}]
    annotations: {privacy: {app_id: internal.pages, name: pages, controller: Another, endpoint: \"https://another.words.internal\", rotate: monthly, time: second}}
events:
  - {name: pages.turned, brief: A page was turned., stability: stable, attributes: [{ref: words.files}, {ref: words.unit}]}
  - {name: words.read, brief: Not this one., stability: stable, attributes: [{ref: words.unit}]}
";

/// A folder with both registries.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, yaml) in [("words", PROGRAM), ("pages", LIBRARY)] {
        let registry = folder.path().join(name);
        fs::create_dir(&registry).expect("a folder");
        let schema = format!("schema_url: https://words.internal/schemas/{name}/1.0.0\n");
        fs::write(registry.join("manifest.yaml"), schema).expect("a file");
        fs::write(registry.join("all.yaml"), yaml).expect("a file");
    }
    folder
}

/// Runs the command: what it says on standard output and on standard error.
#[track_caller]
fn check(folder: &Path, arguments: &[&str], code: i32) -> [String; 2] {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    let output: Output =
        command.args(arguments).current_dir(folder).env_remove("CLICOLOR_FORCE").output().expect("it runs");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said:?}");
    said
}

/// An event of the library, as the program sends it.
fn turned(unit: &str) -> String {
    let unit = format!("{{\"key\":\"words.unit\",\"value\":{{\"stringValue\":\"{unit}\"}}}}");
    let program = r#"{"key":"service.name","value":{"stringValue":"words"}}"#;
    let time = r#""timeUnixNano":"1790000000000000000","observedTimeUnixNano":"1790000000000000000""#;
    let record = format!(r#"{{{time},"severityNumber":9,"eventName":"pages.turned","attributes":[{unit}]}}"#);
    let scope = r#""scope":{"name":"scruple","version":"0.1.0"}"#;
    format!(
        r#"{{"resourceLogs":[{{"resource":{{"attributes":[{program}]}},"scopeLogs":[{{{scope},"logRecords":[{record}]}}]}}]}}"#
    )
}

#[test]
fn records_are_checked_against_all_registries_together() {
    let folder = project();
    let path = folder.path();
    fs::write(path.join("sound.jsonl"), turned("page")).expect("a file");
    fs::write(path.join("wrong.jsonl"), turned("line")).expect("a file");
    let [told, _] = check(path, &["check", "words", "pages", "--against", "sound.jsonl"], 0);
    let lines: Vec<_> = told.lines().map(|line| line.split_once(": ").expect("a name")).collect();
    assert_eq!(lines[0].0, "words");
    assert_eq!(lines[1].0, "pages");
    assert_eq!(lines[2], ("sound.jsonl", "1 line, 1 record: all of it declared"));
    // Its members are the library's, and the program alone declares no such event.
    let [_, said] = check(path, &["check", "words", "pages", "--against", "wrong.jsonl"], 1);
    assert!(said.contains("(words.unit): not a string that is a declared member"), "{said}");
    check(path, &["check", "words", "--against", "sound.jsonl"], 1);
    // The program is the first one.
    let [_, said] = check(path, &["check", "pages", "words", "--against", "sound.jsonl"], 1);
    assert!(said.contains("service.name"), "{said}");
    let [report, _] = check(path, &["check", "words", "pages", "--against", "sound.jsonl", "--json"], 0);
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["registry"], serde_json::json!({"attributes": 13, "resource": 5, "spans": 1, "events": 3}));
}

#[test]
fn a_mistake_in_any_registry_is_reported() {
    let folder = project();
    fs::write(folder.path().join("pages/all.yaml"), "file_format: definition/2\nspam: 1\n").expect("a file");
    for arguments in [&["check"][..], &["docs"], &["collector-config"], &["notice"]] {
        let [told, said] = check(folder.path(), &[arguments, &["words", "pages"]].concat(), 2);
        assert!(said.contains("pages/all.yaml:2:1: error: a definition file has no key `spam`"), "{said}");
        assert!(!told.contains("pages"), "{told}");
        check(folder.path(), arguments, 2);
    }
}

#[test]
fn the_tables_of_a_library_have_no_source_files() {
    let folder = project();
    let with = LIBRARY.replace(
        "entities:\n",
        "  - {key: words.place, brief: Where it failed., stability: stable, type: string, annotations: {privacy: {from: location}}}\nentities:\n",
    );
    fs::write(
        folder.path().join("pages/all.yaml"),
        with.replace("{ref: words.unit}", "{ref: words.unit}, {ref: words.place}"),
    )
    .expect("a file");
    let [_, said] = check(folder.path(), &["collector-config", "words", "pages"], 2);
    assert!(said.contains("`words.place` is a location, and this crate is a library"), "{said}");
}

#[test]
fn the_page_shows_each_declaration_once_with_its_own_values() {
    let folder = project();
    let [page, _] = check(folder.path(), &["docs", "words", "pages"], 0);
    let anchors: Vec<_> = page.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let times = |anchor: &str| anchors.iter().filter(|found| **found == anchor).count();
    for anchor in ["event-pages.turned", "event-words.read", "attribute-words.files", "attribute-words.unit-2"] {
        assert_eq!(times(anchor), 1, "{anchor}: {anchors:?}");
    }
    let section = |anchor: &str| {
        let from = page.find(&format!("<a id=\"{anchor}\">")).expect("a section");
        page[from..].split("\n##").next().expect("its text").to_owned()
    };
    assert!(section("attribute-words.unit").contains("| `line` |"));
    assert!(section("attribute-words.unit-2").contains("| `page` |"));
    assert!(section("event-pages.turned").contains("[`words.unit`](#attribute-words.unit-2)"));
    assert!(section("event-words.read").contains("The input was read"));
    assert!(page.contains("Also for its libraries**: pages (`internal.pages`)"));
    // Who answers for it is the program's, and so is what goes with each record.
    assert!(!page.contains("Another") && !page.contains("os.type"), "{page}");
    let update = "scruple docs words pages --out page.md";
    let [_, said] = check(folder.path(), &["docs", "words", "pages", "--check", "page.md"], 1);
    assert!(said.contains(update), "{said}");
    let [html, _] = check(folder.path(), &["docs", "words", "pages", "--format", "html"], 0);
    assert!(html.contains("href=\"#attribute-words.unit-2\"") && html.contains("id=\"attribute-words.unit-2\""));
}

#[test]
fn a_collector_keeps_the_declared_data_of_each_registry() {
    let folder = project();
    let [both, _] = check(folder.path(), &["collector-config", "words", "pages"], 0);
    // The group of statements of this event: from its condition to the next group.
    let has = |context: &str, event: &str, member: &str| {
        let name = if context == "log" { "log.event_name" } else { "spanevent.name" };
        let (_, group) = both.split_once(&format!("- '{name} == \"{event}\"'")).unwrap();
        let (group, _) = group.split_once("- context:").unwrap();
        group.contains(&format!(r#"set({context}.cache["words.unit"], {context}.attributes["words.unit"]) where "#))
            && group.contains(&format!(r#"{context}.attributes["words.unit"] == "{member}""#))
    };
    for context in ["log", "spanevent"] {
        assert!(has(context, "pages.turned", "page"));
        assert!(!has(context, "pages.turned", "line"));
        // The library's record of that name is never sent.
        assert!(!has(context, "words.read", "page"));
    }
    assert!(!both.contains("os.type") && !both.contains("another.words.internal"));
    let [alone, _] = check(folder.path(), &["collector-config", "words"], 0);
    assert!(!alone.contains("pages"));
}

#[test]
fn joined_registries_match_those_of_the_program() {
    let folder = project();
    let read = |name: &str| registry::read(&folder.path().join(name)).expect("it is sound");
    let alone = read("words");
    let mut again = read("pages");
    again.service.table.app_id = "com.example.leaves";
    let all = joined(vec![read("words"), read("pages"), again]).expect("few enough");
    let names = |owned: &Owned| owned.events.iter().map(|signal| signal.table.name).collect::<Vec<_>>();
    assert_eq!(names(&all), ["words.read", "pages.turned"]);
    assert_eq!((&all.service, &all.resource, &all.schema_url), (&alone.service, &alone.resource, &alone.schema_url));
    assert_eq!(all.attributes[..alone.attributes.len()], alone.attributes);
    assert_eq!(all.attributes.len(), alone.attributes.len() + 1, "the library's own `words.unit`");
    assert!(joined(Vec::new()).is_err());
}

#[test]
fn a_registry_is_accepted_once() {
    let folder = project();
    let [_, said] = check(folder.path(), &["docs", "words", "pages", "words"], 2);
    assert!(said.contains("two of these registries have the app id internal.words: name each once"), "{said}");
    // A program's other version has a schema URL of its own.
    let [_, said] = check(folder.path(), &["collector-config", "words", "pages", "words"], 2);
    let url = "https://words.internal/schemas/words/1.0.0";
    assert!(said.contains(&format!("have the app id internal.words and the schema URL {url}: name each")), "{said}");
    let [_, said] = check(folder.path(), &["collector-config", "words", "pages", "pages"], 2);
    assert!(said.contains("two of these registries have the app id internal.pages: name each once"), "{said}");
}

/// The same folder with another version of the program: it counts pages, and reads as before.
fn versions() -> tempfile::TempDir {
    let folder = project();
    let registry = folder.path().join("later");
    fs::create_dir(&registry).expect("a folder");
    let schema = "schema_url: https://words.internal/schemas/words/2.0.0\n";
    fs::write(registry.join("manifest.yaml"), schema).expect("a file");
    fs::write(registry.join("all.yaml"), PROGRAM.replace("{id: word, value: word}", "{id: page, value: page}"))
        .expect("a file");
    folder
}

#[test]
fn a_collector_judges_each_version_by_its_own_declarations() {
    let folder = versions();
    let [old, _] = check(folder.path(), &["collector-config", "words"], 0);
    let [both, _] = check(folder.path(), &["collector-config", "later", "words", "pages"], 0);
    let is_old = r#"(resource.schema_url == "https://words.internal/schemas/words/1.0.0")"#;
    // Records of any other schema URL are the current version's.
    let is_new = r#"resource.schema_url != "https://words.internal/schemas/words/1.0.0""#;
    let groups = |text: &str, condition: &str| text.matches(&format!("- '{condition}'\n")).count();
    assert_eq!(groups(&both, &format!(r#"(span.name == "words.run") and {is_new}"#)), 1);
    assert_eq!(groups(&both, &format!(r#"(span.name == "words.run") and {is_old}"#)), 1);
    // What both declare alike costs no condition more, on a span and as a log; nor does the resource.
    for name in ["spanevent.name", "log.event_name"] {
        assert_eq!(groups(&both, &format!(r#"{name} == "words.read""#)), 1, "{name}");
        // A library belongs to the version that it is named after.
        assert_eq!(groups(&both, &format!(r#"({name} == "pages.turned") and {is_old}"#)), 1, "{name}");
    }
    let resources = |text: &str| text.matches("set(resource.attributes, resource.cache)").count();
    assert_eq!((resources(&old), resources(&both)), (1, 1));
    let urls = "#   https://words.internal/schemas/words/2.0.0\n#   https://words.internal/schemas/words/1.0.0\n";
    assert!(both.contains(urls), "{both}");
    for url in ["2.0.0", "1.0.0"] {
        let url = format!("https://words.internal/schemas/words/{url}");
        let kept = format!(r#"set(resource.schema_url, "{url}") where resource.attributes["schema url"] == "{url}""#);
        assert!(both.contains(&kept), "{both}");
    }
}

#[test]
fn a_record_is_judged_by_the_version_of_its_schema_url() {
    let folder = versions();
    let path = folder.path();
    let line = |version: &str, unit: &str| {
        let url = format!(r#""schemaUrl":"https://words.internal/schemas/words/{version}","#);
        turned(unit).replace("pages.turned", "words.turned").replace(r#""scopeLogs""#, &format!(r#"{url}"scopeLogs""#))
    };
    let event =
        "  - {name: words.turned, brief: A page was turned., stability: stable, attributes: [{ref: words.unit}]}\n";
    for name in ["words", "later"] {
        let file = path.join(name).join("all.yaml");
        fs::write(&file, fs::read_to_string(&file).expect("a file") + event).expect("a file");
    }
    let judged = |lines: &[String], registries: &[&str], violations: usize| {
        fs::write(path.join("kept.jsonl"), lines.join("\n")).expect("a file");
        let arguments = [&["check"], registries, &["--against", "kept.jsonl"]].concat();
        let [_, said] = check(path, &arguments, i32::from(violations > 0));
        assert_eq!(said.matches("error:").count(), violations, "{said}");
    };
    let [old, new] = [("1.0.0", "word"), ("2.0.0", "page")].map(|(version, unit)| line(version, unit));
    judged(&[old.clone(), new.clone()], &["later", "pages", "words"], 0);
    judged(&[old.clone(), new.clone()], &["words", "later"], 0);
    // Each by its own, not by both.
    judged(&[line("1.0.0", "page"), line("2.0.0", "word")], &["later", "words"], 2);
    // A schema URL that is not declared, and a member that is not the first version's.
    judged(&[line("3.0.0", "word"), line("3.0.0", "page")], &["later", "words"], 3);
    judged(&[old], &["later"], 2);
    judged(&[new], &["later"], 0);
}
