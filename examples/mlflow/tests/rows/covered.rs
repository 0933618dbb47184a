//! Each declared part is recorded by some call: what nobody records is not declared.

use super::http::nobody;
use super::stage::Stage;
use scruple::SignalKind;
use scruple::testing::coverage;

/// What no call of these tests can record, and why.
const UNREACHED: [(&str, &str); 2] = [
    ("os.type = darwin", "the tests run on another system"),
    (if cfg!(windows) { "os.type = linux" } else { "os.type = windows" }, "the tests run on another system"),
];

#[test]
fn every_declared_part_is_recorded() {
    let stage = Stage::small();
    assert_eq!(stage.run(&["tour", &stage.name()]).code, 0);
    let experiment = stage.experiment();
    let members = |key: &str| {
        let attribute = mlflow::REGISTRY.attributes.iter().find(|attribute| attribute.key == key).unwrap();
        attribute.treatment.members()
    };
    for flavor in members("mlflow.model.flavor") {
        assert_eq!(stage.run(&["logged-model", &experiment, "name", flavor]).code, 0, "{flavor}");
    }
    let uses = members("mlflow.imports").join(",");
    assert_eq!(stage.run(&["--uses", &uses, "run", &experiment, "name"]).code, 0);
    for sdk in ["skinny", "tracing"] {
        assert_eq!(stage.run(&["--sdk", sdk, "trace", &experiment, "name", "request", "answer"]).code, 0, "{sdk}");
    }
    let https = nobody().replace("http:", "https:");
    for scheme in members("mlflow.tracking.scheme") {
        let uri = if *scheme == "https" { https.clone() } else { format!("{scheme}://place") };
        stage.end(stage.against(&uri, &["experiment", "name"]));
    }
    let mut unset = stage.person.program();
    unset.args(["--telemetry-to", stage.receiver(), "--telemetry-policy", &stage.policy, "experiment", "name"]);
    stage.end(unset);
    stage.drain();
    let requests = stage.requests().into_iter().map(|request| {
        let is_span = request.head.starts_with("POST /v1/traces ");
        let body = super::records::plain(&request);
        (if is_span { SignalKind::Span } else { SignalKind::Event }, body)
    });
    coverage(&[mlflow::REGISTRY], requests, &UNREACHED).unwrap();
}
