//! Tracking servers: the real one of MLflow, and small ones that answer as it does.

use super::http::{Request, Server};
use scruple_fixtures::until;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, OnceLock};

/// An answer that has what every call looks for.
pub const ANSWER: &str = r#"{"experiment_id": "1", "run": {"info": {"run_id": "r1"}},
    "model": {"info": {"model_id": "m-1"}}, "model_version": {"version": "1"},
    "trace": {"trace_info": {"trace_id": "tr-1"}}, "assessment": {"assessment_id": "a-1"}}"#;

/// A small server that does all that it is asked.
pub fn small() -> Server {
    Server::always("200 OK", ANSWER)
}

/// A small server that holds back its answers until it is told to give them: what runs against it stays where it is.
pub struct Holding {
    pub server: Server,
    gate: Arc<(Mutex<bool>, Condvar)>,
}

impl Holding {
    pub fn new() -> Self {
        let gate = Arc::<(Mutex<bool>, Condvar)>::default();
        let held = Arc::clone(&gate);
        let answer = move |_: &Request| {
            let open = held.0.lock().unwrap();
            drop(held.1.wait_while(open, |open| !*open).unwrap());
            ("200 OK", ANSWER.as_bytes().to_vec())
        };
        Self { server: Server::start(answer), gate }
    }

    /// Waits until somebody is held.
    pub fn until_held(&self) {
        until("a request", || !self.server.requests().is_empty());
    }

    pub fn release(&self) {
        *self.gate.0.lock().unwrap() = true;
        self.gate.1.notify_all();
    }
}

/// The real server: one for all tests of this process.
pub struct Mlflow {
    pub url: String,
    /// The folder with its programs.
    pub programs: PathBuf,
    /// The shell that ends the server, when its standard input is closed: as it is when this process ends.
    _shell: Child,
}

/// Starts the server, waits until the shell's standard input ends, and cleans up. `set -m` gives the server a process
/// group of its own, with its workers in it.
const SHELL: &str = r#"
set -m
"$1/mlflow" server --backend-store-uri "sqlite:///$2/mlflow.db" --default-artifact-root "$2/artifacts" \
  --host 127.0.0.1 --port "$3" --workers 1 >"$2/log" 2>&1 </dev/null &
echo started
read -r _
kill -TERM -- "-$!"
wait "$!"
rm -rf "$2"
"#;

impl Mlflow {
    pub fn get() -> &'static Self {
        static SERVER: OnceLock<Mlflow> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("server");
        let output = Command::new(script).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "examples/mlflow/server");
        let programs = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end());
        let folder = tempfile::tempdir().unwrap().keep();
        let address = super::http::nobody();
        let port = address.rsplit(':').next().unwrap();
        let mut shell = Command::new("bash");
        shell.args(["-c", SHELL, "mlflow"]).arg(&programs).arg(&folder).arg(port).current_dir(&folder);
        shell.env("MLFLOW_DISABLE_TELEMETRY", "true").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = shell.stderr(Stdio::null()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut said).unwrap();
        until("the MLflow server answers", || ureq::get(format!("{address}/health")).call().is_ok());
        Self { url: address, programs, _shell: shell }
    }

    /// Runs a Python program beside the real client.
    pub fn python(&self, script: &str, arguments: &[&str]) -> String {
        let mut python = Command::new(self.programs.join("python"));
        python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script)).args(arguments);
        python.env("MLFLOW_DISABLE_TELEMETRY", "true").current_dir(std::env::temp_dir());
        let output = python.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
