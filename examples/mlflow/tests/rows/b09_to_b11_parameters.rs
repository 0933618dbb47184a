//! Parameters of calls: members of lists and booleans, whatever a caller gives.

use super::stage::Stage;
use super::vendor::{here, scruple};
use mlflow::REGISTRY;
use scruple::registry::{Source, Treatment};
use std::collections::BTreeSet;
use std::fs;

/// More than the original, where this is a custom of its code: text is an error in the registry, and does not compile.
#[test]
fn b09_no_parameter_is_free_text() {
    for attribute in REGISTRY.attributes {
        let bounded = match attribute.treatment {
            Treatment::Boolean | Treatment::Enum { .. } | Treatment::UriScheme { .. } | Treatment::Names { .. } => true,
            Treatment::Given { source, .. } => source != Source::Installation,
            _ => false,
        };
        assert!(bounded, "{}", attribute.key);
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["manifest.yaml", "usage.yaml"] {
        fs::copy(here().join("telemetry").join(name), folder.path().join(name)).unwrap();
    }
    let file = folder.path().join("usage.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("    type: boolean\n", "    type: string\n    examples: [a]\n")).unwrap();
    let output = scruple(&["check"]).arg(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("error: a string without a treatment"), "{said}");
}

row!(b09_a_prompt_is_told_from_a_model, |stage: Stage| {
    let name = stage.name();
    assert_eq!(stage.run(&["model", &name]).code, 0);
    assert_eq!(stage.run(&["prompt", &format!("{name}-prompt"), "Say {{word}}."]).code, 0);
    let records = stage.spans();
    let registered = records.iter().filter(|record| record.name == "mlflow.create_registered_model");
    let found: BTreeSet<_> = registered.map(|record| record.get("mlflow.is_prompt").unwrap()).collect();
    assert_eq!(found, BTreeSet::from(["false", "true"]));
});

row!(
    /// Less than the original, where a language has a list of what is loaded: the caller names what it works with.
    b10_of_the_packages_in_use_those_on_the_list_are_told,
    |stage: Stage| {
        let experiment = stage.experiment();
        let uses = "ndarray,our-private-crate,linfa,linfa,NDARRAY,../candle-core";
        assert_eq!(stage.run(&["--uses", uses, "run", &experiment, "name"]).code, 0);
        let records = stage.spans();
        let run = records.iter().find(|record| record.name == "mlflow.create_run").unwrap();
        assert_eq!(run.get("mlflow.imports"), Some("linfa,ndarray"));
    }
);

row!(
    /// More than the original, whose event passes on the text that a caller gave as a flavor.
    b11_a_flavor_that_is_not_on_the_list_is_custom,
    |stage: Stage| {
        let experiment = stage.experiment();
        for flavor in ["linfa", "sklearn", "our-private-flavor", "Sklearn", ""] {
            let ran = stage.run(&["logged-model", &experiment, "name", flavor]);
            assert_eq!(ran.code, 0, "{flavor}: {}", ran.stderr);
        }
        let mut found: Vec<_> =
            stage.spans().iter().filter_map(|span| span.get("mlflow.model.flavor").map(str::to_owned)).collect();
        found.sort();
        assert_eq!(found, ["custom", "custom", "custom", "linfa", "sklearn"]);
    }
);
