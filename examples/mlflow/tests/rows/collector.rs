//! The real Collector, with the configuration that this example has beside its registry.

use super::http;
use super::records::{self, Record};
use scruple_fixtures::until;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct Collector {
    pub url: String,
    child: Child,
    folder: tempfile::TempDir,
}

impl Collector {
    pub fn start() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let build = here.join("../../collector-config/build");
        let output = Command::new(build).arg("collector").stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "collector-config/build collector");
        let said = String::from_utf8(output.stdout).unwrap();
        let binary = said.trim_end().strip_prefix("collector ").unwrap();
        let [url, grpc, health, metrics] = [(); 4].map(|()| http::nobody());
        let port = |url: &str| url.rsplit(':').next().unwrap().to_owned();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(binary);
        command.arg(format!("--config={}", here.join("collector.yaml").display())).current_dir(folder.path());
        command.env_clear().env("SCRUPLE_HTTP_PORT", port(&url)).env("SCRUPLE_GRPC_PORT", port(&grpc));
        command.env("SCRUPLE_HEALTH_PORT", port(&health)).env("SCRUPLE_METRICS_PORT", port(&metrics));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        until("the Collector is healthy", || ureq::get(&health).call().is_ok());
        Self { url, child, folder }
    }

    /// Ends it, and gives the folder with what it has written.
    pub fn end(mut self) -> tempfile::TempDir {
        let ended = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(ended.success() && self.child.wait().unwrap().success());
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Ends it, and gives what it has written.
    pub fn stop(self) -> Vec<Record> {
        records_in(&self.end())
    }

    /// All that it has written, as it is.
    pub fn text(&self) -> String {
        let read = |name| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        read("traces.jsonl") + &read("logs.jsonl")
    }
}

/// The records in the files of a Collector.
pub fn records_in(folder: &tempfile::TempDir) -> Vec<Record> {
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    let lines = read("traces.jsonl") + &read("logs.jsonl");
    lines.lines().flat_map(|line| records::of_json(&serde_json::from_str(line).unwrap())).collect()
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
