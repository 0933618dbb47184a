//! `scruple demo` as a process: what it says has left, and what is private in it.

use std::fs;
use std::process::{Command, Stdio};

use scruple::check::Seen;
use serde_json::Value;

/// What the demo plants, and what this module plants in its surroundings: home, user, the data set's folder, name,
/// column and classes.
pub const PRIVATE: [&str; 12] = [
    "jane",
    "ward-7",
    "T0KEN-5b1cd0e7",
    "patients-of",
    "janes-laptop",
    "example.org",
    "alice.liddell",
    "wonderland",
    "rabbit-hole",
    "Mock Turtle",
    "Hatter",
    "Dormouse",
];

/// A name and its attributes as text, sorted.
pub type Named = (String, Vec<(String, String)>);

/// Runs it against an endpoint, and gives what it says has left: spans and events.
pub fn run(to: &str, protocol: &str, door: &str) -> Vec<Named> {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("alice.liddell");
    fs::create_dir(&home).unwrap();
    let dataset = home.join("rabbit-hole.csv");
    let rows: String = (0..40).map(|row| format!("{row},{},{}\n", row % 7, ["Hatter", "Dormouse"][row % 2])).collect();
    fs::write(&dataset, format!("Mock Turtle,wonderland,class\n{rows}")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_scruple"))
        .env_clear()
        .envs([("HOME", &home), ("USER", &"alice.liddell".into())])
        .args(["demo", "--ignore-environment", "--span-events", "--json"])
        .args(["--to", to, "--protocol", protocol, "--door", door])
        .arg("--dataset")
        .arg(&dataset)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("jane.doe"), "the control: it shows what it recorded");
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let left = shown["records"].as_array().unwrap().iter().filter(|record| record["left"] == true);
    let mut left: Vec<Named> = left
        .map(|record| {
            let fields = record["fields"].as_array().unwrap().iter();
            let fields = fields.filter(|field| field["left"].is_string() && field["name"] != "otel.status_code");
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let fields = fields.map(|field| (text(&field["name"]), text(&field["left"])));
            named(text(&record["name"]), fields.collect())
        })
        .collect();
    left.sort();
    left
}

/// The same of what arrived.
pub fn arrived(seen: impl IntoIterator<Item = Seen>) -> Vec<Named> {
    let mut all: Vec<_> = seen.into_iter().map(|seen| named(seen.name, seen.attributes)).collect();
    all.sort();
    all
}

pub fn named(name: String, mut attributes: Vec<(String, String)>) -> Named {
    attributes.sort();
    (name, attributes)
}
