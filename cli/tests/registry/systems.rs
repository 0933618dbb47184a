//! The registries of the two systems that scruple has to do in full, a command line and a library: row by row, what they
//! declare.
//!
//! A row's facts are lines of the canonical text, which is what a person agrees to. What no registry can say (that
//! nothing is sent for `--help`, how an opt-out is spelt) is tested with the programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use scruple::registry::{Registry, Source, Treatment};
use scruple_cli::registry::{self, Owned};

#[test]
fn every_registry_of_a_program_passes_check_without_a_finding() {
    fn check(folder: &Path) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        let output = command.args(["check", "--json"]).arg(folder).output().expect("it runs");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(output.status.success(), "{}: {report:#}", folder.display());
        assert_eq!(report["findings"], serde_json::json!([]), "{}", folder.display());
        // The library has the last word, when the program starts.
        assert_eq!(read(folder).registry().validate(), Ok(()), "{}", folder.display());
    }
    check(&here("telemetry"));
    check(&here("../examples/mlnet/telemetry"));
    check(&here("../examples/mlflow/telemetry"));
    check(&here("../examples/quickstart/telemetry"));
}

#[test]
fn every_row_of_the_command_line_is_declared() {
    let text = system("../examples/mlnet/telemetry").text();
    let check = |row: &str, facts: &[&str]| said(&text, row, facts);
    check(
        "A1 command",
        &[
            r#"attribute "mlnet.command.name" from enum"#,
            r#"attribute "mlnet.command.name" member "recommendation""#,
            r#"span "mlnet.command" attribute "mlnet.command.name" required"#,
        ],
    );
    check(
        "A2 parameter names",
        &[
            r#"attribute "mlnet.argument.names" from names"#,
            r#"attribute "mlnet.argument.names" member "--dataset""#,
            r#"attribute "mlnet.argument.names" member "--label-col""#,
            r#"attribute "mlnet.argument.names" member "--name""#,
            r#"attribute "mlnet.argument.names" member "--output""#,
            r#"attribute "mlnet.argument.names" member "--train-time""#,
            r#"attribute "mlnet.argument.names" member "--verbosity""#,
            r#"span "mlnet.command" attribute "mlnet.argument.names" required"#,
        ],
    );
    check(
        "A3 machine id",
        &[
            r#"attribute "service.instance.id" from installation"#,
            r#"resource "service.instance.id""#,
            "service rotate monthly",
        ],
    );
    check("A4 time", &[r#"span "mlnet.command" time second"#, "service time second"]);
    check("A6 dataset name", &[r#"attribute "mlnet.dataset.name" from hash"#]);
    check(
        "A7 dataset size",
        &[
            r#"attribute "mlnet.dataset.size" from bucket"#,
            r#"attribute "mlnet.dataset.size" below 1048576 "<1MiB""#,
            r#"attribute "mlnet.dataset.size" rest ">=100MiB""#,
        ],
    );
    check("A8 system", &[r#"resource "os.type""#, r#"resource "os.version""#]);
    check(
        "A9 task",
        &[
            r#"attribute "mlnet.task" member "classification""#,
            r#"attribute "mlnet.task" member "recommendation""#,
            r#"attribute "mlnet.task" member "regression""#,
            r#"attribute "mlnet.task" otherwise "other""#,
        ],
    );
    check("A10 version", &[r#"attribute "service.version" from app"#, r#"resource "service.version""#]);
    check(
        "A11 crashes",
        &[
            r#"attribute "mlnet.crash.location" from location"#,
            r#"event "mlnet.crash" attribute "mlnet.crash.location" recommended"#,
        ],
    );
    check(
        "A14 disclosure",
        &[
            r#"service controller "The example project, privacy@example.com""#,
            r#"service link "https://telemetry.example.com/about/mlnet""#,
        ],
    );
    check("A15 secure transport", &[r#"service endpoint "https://telemetry.example.com""#]);
    check("beside the rows", &[r#"service app_id "com.example.mlnet""#]);
}

#[test]
fn every_row_of_the_library_is_declared() {
    let text = system("../examples/mlflow/telemetry").text();
    let check = |row: &str, facts: &[&str]| said(&text, row, facts);
    let calls = "create_experiment create_run create_logged_model create_registered_model create_model_version \
        create_prompt start_trace log_assessment evaluate";
    check("B1 session", &[r#"attribute "session.id" from session"#, r#"resource "session.id""#]);
    check(
        "B2 source SDK",
        &[
            r#"attribute "mlflow.source_sdk" member "mlflow""#,
            r#"attribute "mlflow.source_sdk" member "mlflow-skinny""#,
            r#"attribute "mlflow.source_sdk" member "mlflow-tracing""#,
        ],
    );
    check(
        "B3 versions",
        &[
            r#"resource "service.version""#,
            r#"resource "process.runtime.name""#,
            r#"resource "process.runtime.version""#,
        ],
    );
    check("B4 operating system", &[r#"resource "os.type""#, r#"resource "os.version""#]);
    let schemes = ["file", "sqlite", "mysql", "postgresql", "mssql", "https", "http", "custom_scheme", "None"]
        .map(|scheme| format!(r#"attribute "mlflow.tracking.scheme" member "{scheme}""#));
    check("B5 tracking URI scheme", &schemes.each_ref().map(String::as_str));
    check(
        "B5 tracking URI scheme",
        &[
            r#"attribute "mlflow.tracking.scheme" from uri_scheme"#,
            r#"attribute "mlflow.tracking.scheme" absent "None""#,
            r#"attribute "mlflow.tracking.scheme" otherwise "custom_scheme""#,
        ],
    );
    for call in calls.split(' ') {
        check(
            "B6 event name, B8 time, duration",
            &[
                &format!(r#"span "mlflow.{call}" time ns"#),
                &format!(r#"span "mlflow.{call}" attribute "mlflow.source_sdk" required"#),
                &format!(r#"span "mlflow.{call}" attribute "mlflow.tracking.scheme" recommended"#),
            ],
        );
        let because = format!(r#"span "mlflow.{call}" because "#);
        assert!(text.lines().any(|line| line.starts_with(&because)), "B8: {call} says why");
    }
    check("B6 event name", &[r#"event "mlflow.import" attribute "mlflow.source_sdk" required"#]);
    check(
        "B9 parameters",
        &[
            r#"attribute "mlflow.is_prompt" from boolean"#,
            r#"span "mlflow.create_registered_model" attribute "mlflow.is_prompt" recommended"#,
            r#"span "mlflow.create_model_version" attribute "mlflow.is_prompt" recommended"#,
        ],
    );
    check(
        "B10 create_run imports",
        &[
            r#"attribute "mlflow.imports" from names"#,
            r#"span "mlflow.create_run" attribute "mlflow.imports" recommended"#,
        ],
    );
    check(
        "B11 create_logged_model flavor",
        &[
            r#"attribute "mlflow.model.flavor" from enum"#,
            r#"attribute "mlflow.model.flavor" otherwise "custom""#,
            r#"span "mlflow.create_logged_model" attribute "mlflow.model.flavor" recommended"#,
        ],
    );
    check("beside the rows", &[r#"service app_id "com.example.mlflow""#]);
}

#[test]
fn neither_registry_has_content_that_its_kind_forbids() {
    fn check(folder: &str, may_hold: fn(&Treatment<'_>) -> bool) {
        let owned = system(folder);
        let Registry { attributes, .. } = owned.registry();
        let wrong: Vec<&str> = attributes.iter().filter(|one| !may_hold(&one.treatment)).map(|one| one.key).collect();
        assert!(wrong.is_empty(), "{folder}: {wrong:?}");
    }
    // A plain hash of a hardware address wants a feature, a reason and a registry of its own.
    check("../examples/mlnet/telemetry", |treatment| !matches!(treatment, Treatment::Sha256 { .. }));
    // A library that is documented and shows no notice: nothing that outlives a process, booleans and members only, and
    // no place in the sources of the program that it is part of.
    check("../examples/mlflow/telemetry", |treatment| match treatment {
        Treatment::Boolean | Treatment::Enum { .. } | Treatment::UriScheme { .. } | Treatment::Names { .. } => true,
        Treatment::Given { source, .. } => *source != Source::Installation,
        _ => false,
    });
}

#[track_caller]
fn said(text: &str, row: &str, facts: &[&str]) {
    for fact in facts {
        assert!(text.lines().any(|line| line == *fact), "{row}: {fact}\n{text}");
    }
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn system(folder: &str) -> Owned {
    read(&here(folder))
}

fn read(folder: &Path) -> Owned {
    registry::read(folder).unwrap_or_else(|findings| panic!("{findings:#?}"))
}
