//! What is not declared does not compile, and what is compiles without a warning.
//!
//! A package outside of the workspace includes the generated files and is checked by clippy, once: each case is a
//! binary of its own, so that one run of cargo judges them all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use scruple_cli::{codegen, registry};
use scruple_fixtures::nested::{profiles, workspace};

/// A body of `main`, and the code of the error that it has to run into; `""` for none.
const CASES: [(&str, &str); 14] = [
    // Nothing used at all, as on the first day.
    ("let _ = usage::REGISTRY;", ""),
    ("usage::command(usage::Task::Regression).dataset_size(3).ok();", ""),
    ("usage::saved(usage::Format::Zip).dataset_size(3).emit();", ""),
    // A value, attribute or name that is not declared.
    ("usage::command(usage::Task::Clustering);", "E0599"),
    ("usage::command(usage::Task::Regression).user_name(\"me\");", "E0599"),
    ("usage::saved(usage::Format::Zip).dataset_name(\"a.csv\").emit();", "E0599"),
    ("usage::predict();", "E0425"),
    // A required attribute left out, or one too many.
    ("usage::command();", "E0061"),
    ("usage::crash(usage::Task::Regression);", "E0061"),
    // A value of another type; text where an enum is declared.
    ("usage::command(\"regression\");", "E0308"),
    ("usage::command(usage::Task::Regression).dataset_size(\"3\");", "E0308"),
    // What is detected or set is not recorded.
    ("usage::command(usage::Task::Regression).agent(\"x\");", "E0599"),
    // A span that is closed at once, and an event that is never recorded.
    ("usage::train();", "unused_must_use"),
    ("usage::saved(usage::Format::Zip);", "unused_must_use"),
];

#[test]
#[cfg_attr(windows, ignore = "needs cargo beside it, which Wine has not")]
fn a_mistake_is_a_compile_error_and_nothing_else_is() {
    let found = errors(&package());
    for (index, (body, expected)) in CASES.iter().enumerate() {
        let expected: Vec<&str> = [*expected].into_iter().filter(|code| !code.is_empty()).collect();
        let found = found.get(&format!("case{index}")).cloned().unwrap_or_default();
        assert_eq!(found, expected, "{body}");
    }
}

/// The package's folder: the same on every run, so that its dependencies are checked only once.
fn package() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    let put = |name: String, text: &str| fs::write(folder.join(name), text).expect("a file");
    let copy = |from: PathBuf, to: &str| {
        fs::copy(from, folder.join(to)).expect("a file");
    };
    fs::create_dir_all(folder.join("src/bin")).expect("a folder");
    let manifest = format!(
        "[package]\nname = \"compiled\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         scruple = {{ path = {root:?}, default-features = false }}\n\
         scruple-registry = {{ path = {types:?} }}\n\
         tracing = {{ version = \"0.1\", default-features = false, features = [\"std\"] }}\n\
         [lints.rust]\nmissing_docs = \"deny\"\nwarnings = \"deny\"\n[lints.clippy]\nall = \"deny\"\n{profiles}",
        profiles = profiles(),
        root = workspace(),
        types = workspace().join("crates/registry"),
    );
    put("Cargo.toml".to_owned(), &manifest);
    copy(workspace().join("Cargo.lock"), "Cargo.lock");
    // The sources whose lines are counted lie elsewhere: `src/main.rs` would be a target of its own.
    fs::create_dir_all(folder.join("sources")).expect("a folder");
    for source in ["main.rs", "train.rs", "usage.rs"] {
        copy(here.join("tests/program/src").join(source), &format!("sources/{source}"));
    }
    for (from, prefix, to) in [("src/usage.rs", "../src/", "src/usage.rs"), ("awkward.rs", "src/", "src/awkward.rs")] {
        let text = fs::read_to_string(here.join("tests/program").join(from)).expect("a file");
        let included = |prefix: &str| format!("::core::include_bytes!(\"{prefix}");
        put(to.to_owned(), &text.replace(&included(prefix), &included("../sources/")));
    }
    // The two systems' are written anew. No crate is theirs yet: a location may name no file, which compiles as well.
    let (light, full) = (codegen::Tables::ScrupleRegistry, codegen::Tables::Scruple);
    for (system, tables) in [("mlflow", light), ("mlnet", full)] {
        let owned = registry::read(&here.join("../examples").join(system).join("telemetry")).expect("sound");
        put(format!("src/{system}.rs"), &codegen::generate(&owned, system, tables));
    }
    // As a library's public modules all are held to `missing_docs`.
    let modules = "pub mod awkward;\npub mod mlflow;\npub mod mlnet;\npub mod usage;\n";
    // A program joins the registry of a library that has the types alone.
    let joins = "/// Joins.\npub fn joins() -> scruple::Builder {\n    \
                 scruple::start(usage::REGISTRY).library(mlflow::REGISTRY)\n}\n";
    put("src/lib.rs".to_owned(), &format!("//! A library.\n{modules}{joins}"));
    for (index, (body, _)) in CASES.iter().enumerate() {
        let main = format!("//! A case.\n#[path = \"../usage.rs\"]\nmod usage;\nfn main() {{\n    {body}\n}}\n");
        put(format!("src/bin/case{index}.rs"), &main);
    }
    folder
}

/// The codes of the errors and warnings in each target.
fn errors(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["clippy", "--offline", "--keep-going", "--message-format=json"]).current_dir(folder);
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    cargo.env("CARGO_TARGET_DIR", shared).env_remove("RUSTFLAGS");
    let output = cargo.output().expect("cargo is there");
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: serde_json::Value = serde_json::from_str(line).expect("a message");
        if let (Some(target), Some(code)) =
            (message["target"]["name"].as_str(), message["message"]["code"]["code"].as_str())
        {
            assert_ne!(target, "scruple", "{line}");
            found.entry(target.to_owned()).or_default().push(code.to_owned());
        }
    }
    assert!(!found.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(found.get("compiled"), None, "the generated files are sound");
    found
}
