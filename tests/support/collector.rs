//! The real Collector, which writes what it receives to files.

use super::caller::Caller;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The executable, built if the cache lacks it.
fn binary() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("collector-config/build");
    let output = Command::new(script).arg("collector").stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "collector-config/build collector");
    let line = String::from_utf8(output.stdout).unwrap();
    PathBuf::from(line.trim_end().strip_prefix("collector").unwrap().trim_start())
}

/// A port that nobody has.
pub fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A Collector that writes the requests that it receives to `traces` and `logs` in its folder.
pub struct Collector {
    child: Child,
    folder: tempfile::TempDir,
    is_ready: String,
}

impl Collector {
    /// Begins with the files that are in its folder. `protocols` are those of its receiver, in YAML; `format` is that of
    /// its files, `json` or `proto`.
    pub fn start(folder: tempfile::TempDir, protocols: &str, format: &str) -> Self {
        let health = free();
        let configuration = format!(
            "extensions: {{health_check: {{endpoint: '127.0.0.1:{health}'}}}}\n\
             receivers: {{otlp: {{protocols: {{{protocols}}}}}}}\n\
             exporters: {{file/traces: {{path: traces, format: {format}}}, file/logs: {{path: logs, format: {format}}}}}\n\
             service:\n  extensions: [health_check]\n  telemetry: {{metrics: {{level: none}}}}\n  pipelines:\n    \
             traces: {{receivers: [otlp], exporters: [file/traces]}}\n    \
             logs: {{receivers: [otlp], exporters: [file/logs]}}\n"
        );
        fs::write(folder.path().join("collector.yaml"), configuration).unwrap();
        let mut command = Command::new(binary());
        command.args(["--config", "collector.yaml"]).current_dir(folder.path()).env_clear();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut started = Self { child, folder, is_ready: format!("127.0.0.1:{health}") };
        started.wait();
        started
    }

    fn wait(&mut self) {
        let begun = Instant::now();
        let is_ready = |authority: &str| Caller::connect(authority)?.call("GET", "/", "", b"");
        while !is_ready(&self.is_ready).is_ok_and(|(status, _)| status == 200) {
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(self.child.try_wait().unwrap().is_none(), "the Collector has ended: {}", log());
            assert!(begun.elapsed() < Duration::from_secs(60), "the Collector does not listen: {}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it, and gives its folder.
    pub fn stop(mut self) -> tempfile::TempDir {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        self.folder
    }
}
