//! Builds that a vendor makes for others, in which it is off.

use super::person::Ran;
use super::stage::Stage;
use super::vendor::here;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the program in another way, and gives where it is. The compiled dependencies are shared with the workspace
/// (`build.build-dir`, Rust 1.91; an older cargo compiles them again).
fn build(name: &str, options: &[&str], variables: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("builds").join(name);
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline", "-p", "mlflow-example", "--bin", "mlflow-example"]).args(options);
    cargo.env("CARGO_TARGET_DIR", &folder).env("CARGO_BUILD_BUILD_DIR", shared);
    cargo.envs(variables.iter().copied()).env_remove("RUSTFLAGS");
    assert!(cargo.current_dir(here()).status().unwrap().success(), "{name}");
    folder.join("debug/mlflow-example")
}

#[track_caller]
fn check(program: &Path, options: &[&str], because: &str) {
    let stage = Stage::small();
    let mut tour = stage.person.command(program);
    tour.args(options).args(["--tracking-uri", &stage.tracking, "tour", "name"]);
    let ran = stage.end(tour);
    assert_eq!(ran.code, 0, "the program's own work is the same: {}", ran.stderr);
    let ran: Ran = stage.person.command(program).args(["telemetry", "status"]).output().unwrap().into();
    let headline = format!("mlflow telemetry is off: {because}\n");
    assert!(ran.code == 10 && ran.stdout.starts_with(&headline), "{}", ran.stdout);
    // Not even a yes turns it on.
    let ran: Ran = stage.person.command(program).args(["telemetry", "on"]).output().unwrap().into();
    let error = format!("error: {because}: a yes changes nothing here, and is not stored\n");
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr), (2, "", error));
    assert!(!stage.person.answers().exists());
    let mut tour = stage.person.command(program);
    tour.args(options).args(["--tracking-uri", &stage.tracking, "tour", "name"]);
    assert_eq!(stage.end(tour).code, 0);
    assert_eq!(stage.person.files(), [stage.person.state().join("stamp")], "nothing is recorded");
    assert_eq!(stage.requests().len(), 0);
}

/// The organisation's file is `b14_an_organisations_file_holds_in_a_clean_environment`.
#[test]
#[cfg_attr(windows, ignore = "needs cargo beside it, which Wine has not")]
fn b19_a_build_without_transport_is_off() {
    let program = build("none", &["--no-default-features"], &[]);
    check(&program, &[], "this build can't send records");
    assert!(has(&program, "mlflow.create_experiment"));
    assert!(!has(&program, "/mlflow.policy"), "the code that asks and sends is not in it");
}

/// Whether the program's file has this text in it.
fn has(program: &Path, text: &str) -> bool {
    std::fs::read(program).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
}

/// What only a program has that can send.
const SENDS: [&str; 3] = ["SCRUPLE_UPLOADER", "scruple-upload", "/v1/traces"];

#[test]
#[cfg_attr(windows, ignore = "needs cargo beside it, which Wine has not")]
fn b19_a_build_with_the_vendors_no_is_off() {
    let program = build("off", &[], &[("SCRUPLE_OFF", "1")]);
    let this = Path::new(env!("CARGO_BIN_EXE_mlflow-example"));
    let stage = Stage::small();
    check(&program, &["--telemetry-to", stage.receiver()], "SCRUPLE_OFF was set when the program was built");
    SENDS.into_iter().for_each(|text| assert!(!has(&program, text) && has(this, text), "{text}"));
}
