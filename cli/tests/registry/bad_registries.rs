//! Each mistake that a registry can hold is refused at its place, with a remedy.
//!
//! The cases are in `bad_registries.txt`: a title, the file `case.yaml`, and what was found. Beside it lie a manifest and
//! `base.yaml`, which are sound; a title that begins with `manifest:` replaces the manifest instead, one that begins
//! with `alone:` leaves `base.yaml` out. `UPDATE_GOLDEN=1` rewrites the findings.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use scruple_cli::registry::{self, Colour, Finding, Rule};

const MANIFEST: &str = "schema_url: https://example.com/schemas/a/1.0.0\n";

const BASE: &str = "\
file_format: definition/2
attributes:
  - {key: base.flag, brief: A flag., stability: stable, type: boolean}
  - {key: base.hash, brief: A hash., stability: stable, type: string, annotations: {privacy: {from: hash, field: hashed}}}
  - {key: service.name, brief: The program., stability: stable, type: string, annotations: {privacy: {from: app}}}
attribute_groups:
  - {id: base.group, visibility: internal, attributes: [{ref: base.flag}]}
entities:
  - type: service
    brief: The program.
    stability: stable
    identity: [{ref: service.name}]
    annotations:
      privacy: {app_id: com.example.a, name: a, controller: Us, endpoint: \"https://example.com\", rotate: monthly}
spans:
  - {type: base.span, kind: internal, name: {note: base.span}, brief: A span., stability: stable}
events:
  - {name: base.event, brief: An event., stability: stable}
";

#[test]
fn every_mistake_is_refused_at_its_place_with_a_remedy() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_registries.txt");
    let old = fs::read_to_string(&golden).expect("the cases are there");
    let (new, rules) = rewritten(&old);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &new).expect("the cases can be written");
    } else {
        let differs = old.lines().zip(new.lines()).enumerate().find(|(_, (old, new))| old != new);
        assert_eq!(old.lines().count(), new.lines().count(), "first: {differs:?}; UPDATE_GOLDEN=1 rewrites");
        assert!(old == new, "line, (is, found): {differs:?}; UPDATE_GOLDEN=1 rewrites");
    }
    // Those that a text of lines can't hold are in `command.rs`.
    let elsewhere = ["unreadable", "location", "reversible"];
    for rule in RULES {
        let name = name(rule);
        assert!(rules.contains(&name) || elsewhere.contains(&name.as_str()), "no case breaks the rule {name}");
    }
}

/// All cases with what is found now, and the rules that they break.
fn rewritten(cases: &str) -> (String, BTreeSet<String>) {
    let (mut out, mut rules) = (String::new(), BTreeSet::new());
    for case in cases.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (yaml, _) = rest.split_once("--- found\n").expect("a line between the YAML and the findings");
        let findings = check(title, yaml);
        writeln!(out, "=== {title}\n{yaml}--- found").expect("a string");
        for finding in findings {
            write!(out, "{}", finding.render(Colour::Off)).expect("a string");
            rules.insert(name(finding.rule));
        }
        out.push('\n');
    }
    (out, rules)
}

/// What is wrong with a case; every finding has a place and a remedy.
fn check(title: &str, yaml: &str) -> Vec<Finding> {
    let folder = tempfile::tempdir().expect("a folder");
    let is_manifest = title.starts_with("manifest:");
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    put("manifest.yaml", if is_manifest { yaml } else { MANIFEST });
    if !is_manifest {
        put("case.yaml", yaml);
    }
    if !title.starts_with("alone:") {
        put("base.yaml", BASE);
    }
    let mut findings = registry::read(folder.path()).expect_err(title);
    assert!(!findings.is_empty(), "{title}");
    assert!(findings.is_sorted(), "{title}: in the order of the files");
    for finding in &mut findings {
        let is_whole = finding.file == folder.path().display().to_string();
        assert!(is_whole || (finding.line > 0 && finding.column > 0), "{title}: {finding:?} has no place");
        assert!(!finding.help.is_empty(), "{title}: {finding:?} has no remedy");
        let prefix = folder.path().display().to_string();
        for text in [&mut finding.file, &mut finding.message, &mut finding.help] {
            *text = text.replace(&format!("{prefix}/"), "").replace(&prefix, ".");
        }
    }
    findings
}

fn name(rule: Rule) -> String {
    serde_json::to_value(rule).expect("a name").as_str().expect("a text").to_owned()
}

const RULES: [Rule; 21] = [
    Rule::Unreadable,
    Rule::Syntax,
    Rule::Shape,
    Rule::UnknownKey,
    Rule::MissingKey,
    Rule::Duplicate,
    Rule::Reference,
    Rule::Name,
    Rule::Text,
    Rule::Value,
    Rule::Type,
    Rule::Treatment,
    Rule::Member,
    Rule::Bucket,
    Rule::Limit,
    Rule::Because,
    Rule::Endpoint,
    Rule::Resource,
    Rule::Unsupported,
    Rule::Location,
    Rule::Reversible,
];
