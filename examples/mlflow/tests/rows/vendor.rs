//! The command `scruple`, as a vendor has it: an example of this package.

use std::env::consts::EXE_EXTENSION;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// This example's folder.
pub fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The command, to be run in this example's folder.
pub fn scruple(arguments: &[&str]) -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let program = BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_BIN_EXE_mlflow-example")).with_file_name("examples");
        let program = folder.join("vendor").with_extension(EXE_EXTENSION);
        // Cargo builds examples with all tests of a package, and not with one that it is asked for.
        if !program.exists() {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["build", "--quiet", "--offline", "-p", "mlflow-example", "--example", "vendor"]);
            assert!(cargo.current_dir(here()).status().unwrap().success());
        }
        program
    });
    let mut command = Command::new(program);
    command.args(arguments).current_dir(here());
    command
}

/// A policy with these options, signed with the example's key.
pub fn policy(serial: u64, options: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mlflow.policy");
    let serial = serial.to_string();
    let common = ["policy", "sign", "--key", "policy-key.pem", "--registry", "telemetry", "--days", "30"];
    let mut sign = scruple(&common);
    let output = sign.args(["--serial", &serial]).args(options).arg("--out").arg(&file).output().unwrap();
    assert!(output.status.success(), "{options:?}: {}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(file).unwrap()
}
