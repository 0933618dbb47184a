//! The annotation `chart` is about a report, and not about what is sent.

use std::fs;

use scruple_cli::registry::{ChartPair, Owned, read};

const MANIFEST: &str = "schema_url: https://example.com/schemas/a/1.0.0\n";

const USAGE: &str = "\
file_format: definition/2
attributes:
  - {key: a.flag, brief: A flag., stability: stable, type: boolean}
  - {key: service.name, brief: The program., stability: stable, type: string, annotations: {privacy: {from: app}}}
  - {key: os.type, brief: The system., stability: stable, type: string, annotations: {privacy: {from: system}}}
attribute_groups:
  - {id: a.group, visibility: internal, attributes: [{ref: a.flag}]}
entities:
  - type: service
    brief: The program.
    stability: stable
    identity: [{ref: service.name}]
    description: [{ref: os.type}]
    annotations:
      privacy: {app_id: com.example.a, name: a, controller: Us, endpoint: \"https://example.com\", accept: {placeholder: A test.}}
spans:
  - type: a.span
    kind: internal
    name: {note: a.span}
    brief: A span of a test.
    stability: stable
    attributes: [{ref_group: a.group}]
    annotations: {chart: CHART, other.tool: {key: value}}
events:
  - {name: a.event, brief: An event of a test., stability: stable, attributes: [{ref: a.flag}], annotations: {chart: CHART}}
";

fn registry(span: &str, event: &str) -> Owned {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("manifest.yaml"), MANIFEST).expect("a file");
    let usage = USAGE.replacen("CHART", span, 1).replacen("CHART", event, 1);
    fs::write(folder.path().join("usage.yaml"), usage).expect("a file");
    read(folder.path()).expect("it is valid")
}

#[test]
fn a_chart_names_attributes_of_groups_and_of_the_resource_and_a_spans_own_facts() {
    let owned =
        registry("[[a.flag, os.type], [otel.status_code, a.flag], [otel.duration, a.flag]]", "[[os.type, a.flag]]");
    let names = |charts: &[ChartPair]| charts.iter().map(|pair| pair.names().join(",")).collect::<Vec<_>>();
    assert_eq!(names(&owned.spans[0].charts), ["a.flag,os.type", "otel.status_code,a.flag", "otel.duration,a.flag"]);
    assert_eq!(names(&owned.events[0].charts), ["os.type,a.flag"]);
}

#[test]
fn a_chart_is_in_no_table_and_not_in_the_text_that_a_person_agrees_to() {
    let (with, without) = (registry("[[a.flag, os.type]]", "[[os.type, a.flag]]"), registry("[]", "[]"));
    assert_eq!(with.registry(), without.registry());
    assert_eq!(with.text(), without.text());
    assert_eq!(with.warnings.len(), without.warnings.len());
}
