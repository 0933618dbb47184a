//! The first-run notices of the registries in this repository, as a person reads them. `UPDATE_GOLDEN=1` rewrites them.

use std::fs;
use std::path::Path;

use scruple::consent::{Begins, Wait, Ways, notice};
use scruple_cli::registry;

#[track_caller]
fn check(name: &str, folder: &str, ways: &Ways<'_>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let owned = registry::read(&root.join(folder)).unwrap();
    let is = notice(&[&owned.registry()], ways);
    assert!(is.lines().all(|line| line.chars().count() <= 80), "{is}");
    let path = root.join("tests/notices").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &is).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(is, wanted, "{name}: UPDATE_GOLDEN=1 rewrites");
}

#[test]
fn the_notices_are_as_they_were() {
    let first_run = |command, variables| {
        let begins = Begins::AfterNotice(Wait::Day);
        Ways { endpoint: None, command, variables, telemetry: None, begins, wider: &[] }
    };
    check("demo", "telemetry", &first_run(Some("scruple telemetry"), &["SCRUPLE_DEMO_OPTOUT"]));
    let mlnet = &["MLNET_TELEMETRY_OPTOUT", "DOTNET_CLI_TELEMETRY_OPTOUT"];
    check("mlnet", "../tests/registries/mlnet", &first_run(Some("mlnet telemetry"), mlnet));
    let mlflow = &["MLFLOW_DISABLE_TELEMETRY"];
    check(
        "mlflow",
        "../tests/registries/mlflow",
        &Ways { begins: Begins::AfterNotice(Wait::NextRun), ..first_run(None, mlflow) },
    );
    let words = Ways { telemetry: Some("WORDS_TELEMETRY"), ..first_run(Some("words telemetry"), &[]) };
    check("quickstart", "../examples/quickstart/telemetry", &words);
    // The same of a program that waits for a yes, and of one that has it.
    let asks = Ways { begins: Begins::AfterYes, ..words };
    check("asks", "../examples/quickstart/telemetry", &asks);
    check("on", "../examples/quickstart/telemetry", &Ways { begins: Begins::Already, ..words });
}
