//! The pairs that a registry names as charts are counted, and those of the command line beside them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::made::{Random, changed, processes, registry};
use crate::published::{all, run_of, write};

/// A line of the registry, and the same with a chart.
const SPAN: &str = "annotations: {privacy: {duration: ms,";

struct Charted {
    folder: TempDir,
    input: PathBuf,
}

impl Charted {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let input = write(folder.path(), &processes(&mut Random(3), 100, 1_000));
        Self { folder, input }
    }

    /// The registry with a chart of its span, and with other changes.
    fn registry(&self, name: &str, chart: &str, changes: &[(&str, &str)]) -> PathBuf {
        let with = SPAN.replace("{privacy", &format!("{{chart: {chart}, privacy"));
        changed(self.folder.path(), name, &[&[(SPAN, with.as_str())], changes].concat())
    }

    /// The pairs that were counted of the span, by the exit code 0.
    #[track_caller]
    fn pairs(&self, registries: &[&Path], more: &[&str]) -> Vec<Value> {
        let _ = std::fs::remove_dir_all(self.folder.path().join("report"));
        let output = run_of(registries, &self.folder, &self.input, &[&["--period", "month"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let charts = all(&self.folder)["charts"].as_array().unwrap().clone();
        let pairs = charts.into_iter().filter(|chart| chart["attributes"].as_array().unwrap().len() == 2);
        pairs.map(|chart| chart["attributes"].clone()).collect()
    }

    #[track_caller]
    fn fails(&self, registry: &Path, more: &[&str], text: &str) {
        let output = run_of(&[registry], &self.folder, &self.input, more);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(text), "{error}");
        assert!(!self.folder.path().join("report").exists(), "nothing is read or written");
    }
}

#[test]
fn a_chart_of_the_registry_is_counted_and_the_command_line_adds_to_it() {
    let charted = Charted::new();
    assert_eq!(charted.pairs(&[&registry()], &[]), [] as [Value; 0]);
    let with = charted.registry("with", "[[os.type, press.format], [press.color, otel.duration]]", &[]);
    let named = [json!(["os.type", "press.format"]), json!(["press.color", "otel.duration"])];
    assert_eq!(charted.pairs(&[&with], &[]), named);
    let added = json!(["press.color", "press.format"]);
    let more = ["--pair", "press.color,press.format", "--pair", "press.format,os.type"];
    assert_eq!(charted.pairs(&[&with], &more), [named.as_slice(), &[added]].concat(), "a pair counts once");
}

#[test]
fn a_chart_that_can_not_be_counted_is_an_error_with_its_place() {
    let charted = Charted::new();
    let of = |name: &str, chart: &str| charted.registry(name, chart, &[]);
    let list = of("list", "[[os.type, press.fonts]]");
    let usage = std::fs::read_to_string(list.join("usage.yaml")).unwrap();
    let line = usage.lines().position(|line| line.contains("chart:")).unwrap() + 1;
    charted.fails(&list, &[], &format!("usage.yaml:{line}:37: error: `press.fonts` is a list"));
    charted.fails(&of("none", "[[os.type, press.form]]"), &[], "did you mean `press.format`?");
    let circle = "[[os.type, press.format], [press.format, press.color], [os.type, press.color]]";
    charted.fails(&of("circle", circle), &[], "form a circle");
    let two = of("two", "[[os.type, press.format], [press.format, press.color]]");
    charted.fails(
        &two,
        &["--pair", "press.color,os.type"],
        "--pair press.color,os.type: with the other pairs of press.print",
    );
}

#[test]
fn the_charts_are_those_of_the_first_version_without_what_another_declares_as_a_hash() {
    let charted = Charted::new();
    let new = charted.registry("new", "[[os.type, press.format], [press.color, press.format]]", &[]);
    let old = "[[press.format, press.copies], [press.copies, os.type]]";
    let hash = "type: string\n    annotations: {privacy: {from: hash}}";
    let old = charted.registry("old", old, &[("/2.0.0", "/1.0.0"), ("type: boolean", hash)]);
    assert_eq!(charted.pairs(&[&new, &old], &["--json"]), [json!(["os.type", "press.format"])]);
    let output = run_of(&[&new, &old], &charted.folder, &charted.input, &["--json", "--period", "month"]);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told = "press.print: the chart of press.color and press.format is left out: not both are attributes with values to count";
    assert!(summary["differences"].as_array().unwrap().contains(&json!(told)), "{summary}");
}
