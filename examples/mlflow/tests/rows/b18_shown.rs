//! What a person can read: the documentation, what would be sent, what was sent, and what arrives.

use super::stage::Stage;
use super::vendor::{here, scruple};
use mlflow::REGISTRY;
use scruple_fixtures::until;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

#[test]
fn b18_the_documentation_is_current_and_names_everything() {
    // The command is the example program's, and not the library's.
    let check = ["docs", "telemetry", "--command", "mlflow-example telemetry", "--check", "TELEMETRY.md"];
    let output = scruple(&check).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(here().join("TELEMETRY.md")).unwrap();
    let signals = REGISTRY.spans.iter().chain(REGISTRY.events).map(|signal| signal.name);
    for name in signals.chain(REGISTRY.attributes.iter().map(|attribute| attribute.key)) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

row!(
    /// More than the original: what waits and what was sent is kept where its person can read it.
    b18_what_waits_and_what_was_sent_can_be_read,
    |stage: Stage| {
        let shown = |what: &[&str]| stage.run(&[&["telemetry", "show"], what].concat()).stdout;
        assert!(shown(&["--sent"]).contains("There are no receipts"), "{}", shown(&["--sent"]));
        stage.experiment();
        let waiting = shown(&[]);
        assert!(waiting.contains("\nmlflow.create_experiment 20"), "{waiting}");
        stage.drain();
        let sent = shown(&["--sent"]);
        assert!(sent.contains("mlflow.create_experiment 20") && sent.contains("mlflow.source_sdk = mlflow\n"), "{sent}");
    }
);

/// More than the original: with a receiver on one's own machine, the calls can be inspected, and checked.
#[test]
fn b18_a_local_viewer_shows_the_sent_records() {
    let mut viewer = scruple(&["receive", "telemetry", "--grpc-port", "0", "--http-port", "0"]);
    let mut viewer = viewer.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let said = Arc::new(Mutex::new(String::new()));
    let (out, err) = (viewer.stdout.take().unwrap(), viewer.stderr.take().unwrap());
    let hear = |stream: Box<dyn std::io::Read + Send>| {
        let said = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines() {
                *said.lock().unwrap() += &format!("{}\n", line.unwrap());
            }
        });
    };
    hear(Box::new(out));
    hear(Box::new(err));
    let url = || {
        let said = said.lock().unwrap();
        let line = said.lines().find(|line| line.contains("HTTP") && line.contains("127.0.0.1:"))?;
        let port: String = line.rsplit("127.0.0.1:").next()?.chars().take_while(char::is_ascii_digit).collect();
        Some(format!("http://127.0.0.1:{port}"))
    };
    until("it says where it listens", || url().is_some());
    let stage = Stage::small().to(&url().unwrap());
    stage.experiment();
    stage.drain();
    until("it shows what arrived", || said.lock().unwrap().contains("mlflow.create_experiment"));
    if cfg!(windows) {
        // No process there sends Ctrl-C to one other, which the viewer answers with its exit code.
        let shown = || said.lock().unwrap().matches("mlflow.create_experiment").count();
        let before = shown();
        stage.experiment();
        stage.drain();
        until("it shows what came later, and so all of the first", || shown() > before);
        viewer.kill().unwrap();
        viewer.wait().unwrap();
        assert!(!said.lock().unwrap().contains("finding"), "all that arrived is declared: {}", said.lock().unwrap());
        return;
    }
    std::process::Command::new("kill").args(["-INT", &viewer.id().to_string()]).status().unwrap();
    let code = viewer.wait().unwrap().code();
    assert_eq!(code, Some(0), "all that arrived is declared: {}", said.lock().unwrap());
}
