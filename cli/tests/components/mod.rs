//! The Collector and Jaeger as processes: found or built, started on free ports, stopped, and what they left behind.

pub mod declared;
pub mod demo;
pub mod forms;
pub mod invented;
pub mod planted;
pub mod program;
pub mod records;
pub mod registries;
pub mod several;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use scruple::registry::Registry;
use scruple_cli::collector_config::{Options, generate};
use scruple_fixtures::signals::terminate;

/// How long a component may take to start, to end, or to show what it was sent. A passing test waits far less.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The folder with the configurations.
pub fn configurations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../collector-config")
}

/// The component's executable, built if the cache lacks it.
pub fn binary(name: &str) -> PathBuf {
    let output = Command::new(configurations().join("build")).arg(name).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "collector-config/build {name} failed");
    let line = String::from_utf8(output.stdout).unwrap();
    PathBuf::from(line.trim_end().strip_prefix(name).expect("it prints the name and the path").trim_start())
}

/// Whether a component accepts configurations, and what it says if not.
pub fn validate(name: &str, files: &[&str]) {
    let mut command = Command::new(binary(name));
    command.arg("validate").args(config_arguments(files));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{files:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A running component in a folder of its own. It is killed when dropped.
pub struct Component {
    child: Child,
    folder: tempfile::TempDir,
}

/// What a component left: what it wrote into files, line by line, and its log.
pub struct Left {
    pub traces: Vec<String>,
    pub logs: Vec<String>,
    pub log: String,
}

impl Component {
    /// Starts it with these configurations (files of collector-config, or `yaml:…`) and variables, and waits until it
    /// answers with 200 at `health`. `None` if it ended instead, perhaps because another process took a port.
    fn start(name: &str, files: &[&str], variables: &[(&str, String)], health: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = Command::new(binary(name))
            .args(config_arguments(files))
            .current_dir(folder.path())
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut component = Self { child, folder };
        let healthy = wait_for(|| {
            let ended = component.child.try_wait().unwrap().is_some();
            // Who took a port meanwhile may answer never.
            let soon = agent().get(health).config().timeout_global(Some(Duration::from_secs(1))).build();
            let answers = soon.call().is_ok_and(|answer| answer.status() == 200);
            (ended || answers).then_some(answers && !ended)
        });
        let Some(healthy) = healthy else { panic!("{name} does not become healthy: {}", component.log()) };
        healthy.then_some(component)
    }

    /// What it wrote to its standard output and error so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Asks it to end, waits until it has, and reads what it left.
    pub fn stop(mut self) -> Left {
        self.terminate();
        self.left()
    }

    fn terminate(&mut self) {
        assert!(terminate(&mut self.child), "{}", self.log());
    }

    fn kill(mut self) -> Left {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.left()
    }

    fn left(&self) -> Left {
        Left { traces: self.lines("traces.jsonl"), logs: self.lines("logs.jsonl"), log: self.log() }
    }

    /// The lines of a file that it wrote, if it did.
    fn lines(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

impl Drop for Component {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running Collector.
pub struct Collector {
    component: Component,
    pub http: String,
    pub grpc: String,
    metrics: String,
    #[cfg_attr(windows, expect(dead_code, reason = "for a server that is told to end by a signal"))]
    pub ports: [u16; 4],
}

impl Collector {
    /// With these configurations, on free ports.
    pub fn start(files: &[&str], variables: &[(&str, String)]) -> Self {
        (0..3).find_map(|_| Self::on(free_ports(), files, variables)).expect("the Collector starts")
    }

    fn on(ports: [u16; 4], files: &[&str], variables: &[(&str, String)]) -> Option<Self> {
        let [grpc, http, health, metrics] = ports;
        let mut all = vec![
            ("SCRUPLE_GRPC_PORT", grpc.to_string()),
            ("SCRUPLE_HTTP_PORT", http.to_string()),
            ("SCRUPLE_HEALTH_PORT", health.to_string()),
            ("SCRUPLE_METRICS_PORT", metrics.to_string()),
        ];
        all.extend_from_slice(variables);
        let health = format!("http://127.0.0.1:{health}/");
        let component = Component::start("collector", files, &all, &health)?;
        let [http, grpc, metrics] = [http, grpc, metrics].map(|port| format!("http://127.0.0.1:{port}"));
        Some(Self { component, http, grpc, metrics, ports })
    }

    pub fn gateway() -> Self {
        Self::start(&["gateway.yaml"], &[])
    }

    /// A Collector of this kind for a registry.
    pub fn of(registry: &Registry<'_>, options: &Options, variables: &[(&str, String)]) -> Self {
        let (_folder, file) = written(registry, options);
        Self::start(&[file.to_str().unwrap()], variables)
    }

    /// The same on the ports of one that has ended.
    #[cfg_attr(windows, expect(dead_code, reason = "for a server that is told to end by a signal"))]
    pub fn again(registry: &Registry<'_>, options: &Options, ports: [u16; 4]) -> Self {
        let (_folder, file) = written(registry, options);
        Self::on(ports, &[file.to_str().unwrap()], &[]).expect("its ports are free again")
    }

    /// The gateway without what cleans.
    pub fn control() -> Self {
        let none = |signal| format!("yaml:service::pipelines::{signal}::processors: [memory_limiter]");
        Self::start(&["gateway.yaml", &none("traces"), &none("logs")], &[])
    }

    /// Posts a request, and gives the status of the answer.
    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> u16 {
        let url = format!("{}{path}", self.http);
        agent().post(url).content_type(content_type).send(body).unwrap().status().as_u16()
    }

    /// Posts a protobuf request that is compressed.
    pub fn post_gzip(&self, path: &str, body: &[u8]) -> u16 {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(body).unwrap();
        let request = agent().post(format!("{}{path}", self.http)).content_type("application/x-protobuf");
        request.header("content-encoding", "gzip").send(gzip.finish().unwrap()).unwrap().status().as_u16()
    }

    pub fn stop(self) -> Left {
        self.component.stop()
    }

    /// Ends it at once, without a chance to write anything, and reads what it left.
    pub fn kill(self) -> Left {
        self.component.kill()
    }

    /// Its metrics so far, in Prometheus's text format.
    pub fn metrics(&self) -> String {
        agent().get(format!("{}/metrics", self.metrics)).call().unwrap().body_mut().read_to_string().unwrap()
    }

    /// What it has written so far.
    pub fn left(&self) -> Left {
        self.component.left()
    }
}

/// A configuration in a folder that is removed with the first part.
fn written(registry: &Registry<'_>, options: &Options) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("written.yaml");
    fs::write(&file, generate(registry, &[], options)).unwrap();
    (folder, file)
}

/// A running Jaeger.
pub struct Jaeger {
    component: Component,
    pub http: String,
    pub grpc: String,
    query: String,
}

impl Jaeger {
    pub fn start() -> Self {
        let attempt = || {
            let [http, grpc, query, query_grpc, health] = free_ports();
            let variables = [
                ("SCRUPLE_JAEGER_PORT", http.to_string()),
                ("SCRUPLE_JAEGER_GRPC_PORT", grpc.to_string()),
                ("SCRUPLE_QUERY_PORT", query.to_string()),
                ("SCRUPLE_QUERY_GRPC_PORT", query_grpc.to_string()),
                ("SCRUPLE_JAEGER_HEALTH_PORT", health.to_string()),
            ];
            let health = format!("http://127.0.0.1:{health}/status");
            let component = Component::start("jaeger", &["jaeger-server.yaml"], &variables, &health)?;
            let [http, grpc, query] = [http, grpc, query].map(|port| format!("http://127.0.0.1:{port}"));
            Some(Self { component, http, grpc, query })
        };
        (0..3).find_map(|_| attempt()).expect("Jaeger starts")
    }

    /// The port of its OTLP over HTTP.
    pub fn port(&self) -> String {
        self.http.rsplit(':').next().unwrap().to_owned()
    }

    /// Asks the query API.
    pub fn ask(&self, path: &str) -> String {
        let mut answer = agent().get(format!("{}{path}", self.query)).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    }

    /// Ends it at once, and reads what it left: asked to end, it waits ten seconds for who has asked it something.
    pub fn kill(self) -> Left {
        self.component.kill()
    }

    pub fn stop(self) -> Left {
        self.component.stop()
    }
}

/// Asks again and again until there is an answer, at most until the deadline.
pub fn wait_for<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + DEADLINE;
    loop {
        match ask() {
            None if Instant::now() < end => thread::sleep(Duration::from_millis(20)),
            answer => return answer,
        }
    }
}

pub fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(DEADLINE));
    config.build().into()
}

fn config_arguments(files: &[&str]) -> Vec<String> {
    let argument = |file: &&str| match file.strip_prefix("yaml:") {
        Some(_) => format!("--config={file}"),
        None => format!("--config={}", configurations().join(file).display()),
    };
    files.iter().map(argument).collect()
}

/// Ports of loopback that nobody listens on, all different.
pub fn free_ports<const N: usize>() -> [u16; N] {
    ports(N).try_into().unwrap()
}

/// As many of them as are asked for. None is given twice: between this and the component's start it is anybody's, also
/// another test's that starts one at the same time.
fn ports(number: usize) -> Vec<u16> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap();
    let (mut held, mut ports) = (Vec::new(), Vec::new());
    while ports.len() < number {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        held.push(listener);
        ports.extend(given.insert(port).then_some(port));
    }
    ports
}
