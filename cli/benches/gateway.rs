//! What the generated configuration costs a Collector: CPU time a record, beside two peers, for registries of 1 to 1,000
//! spans and as many events, for two versions, and for the two systems of the examples.
//!
//! Each row starts the real Collector, sends requests of 500 records over OTLP/HTTP, and reads the CPU time of its process from
//! the system. The ratio is that to `batch` alone with the same requests. `redaction`, with a list of allowed keys, lets values
//! of any content pass. `alike`: all signals of the registry carry the same six attributes; `own`: each has six of its own.
//!
//! Needs what `collector-config/build collector` needs. `cargo bench -p scruple-cli --bench gateway [-- REQUESTS] [ROWS]`, where
//! ROWS is a part of the names of the rows to run.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use scruple::registry::{Attribute, Registry, Signal, SignalKind, Treatment};
use scruple_cli::collector_config::{CollectorKind, Options, generate};
use scruple_cli::registry::{self, Owned};

const RECORDS_A_REQUEST: usize = 500;
const PIPELINE: &str = "processors: [memory_limiter, filter/usage, transform/usage, filter/undeclared, batch, \
                        groupbyattrs, transform/schema]";
const PORTS: [&str; 4] = ["SCRUPLE_GRPC_PORT", "SCRUPLE_HTTP_PORT", "SCRUPLE_HEALTH_PORT", "SCRUPLE_METRICS_PORT"];

fn main() {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let requests = words.iter().find_map(|word| word.parse().ok()).unwrap_or(400);
    let wanted = words.iter().find(|word| word.parse::<usize>().is_err()).cloned().unwrap_or_default();
    let bench = Bench { collector: collector(), requests, wanted };
    println!("{requests} requests of {RECORDS_A_REQUEST} records\n");
    println!(
        "{:<44} {:>12} {:>7} {:>9} {:>8}",
        "registry, configuration", "µs a record", "ratio", "start s", "RSS MiB"
    );
    for (kind, word) in [(SignalKind::Span, "span"), (SignalKind::Event, "event")] {
        for (signals, own) in [(1, true), (10, true), (101, false), (101, true), (1000, false), (1000, true)] {
            let owned = invented(signals, own, "1.0.0");
            let (plural, own) = (if signals == 1 { "" } else { "s" }, if own { "own" } else { "alike" });
            bench.rows(&format!("{signals} {word}{plural}, {own}"), &owned, &[], kind, signals == 1);
        }
    }
    // The other version's schema URL alone differs, or each of its spans does.
    let [new, alike, changed] =
        [invented(101, false, "2.0.0"), invented(101, false, "1.0.0"), invented(101, true, "1.0.0")];
    bench.rows("101 spans, alike, an equal version", &new, &[&alike.registry()], SignalKind::Span, false);
    bench.rows("101 spans, alike, another version", &new, &[&changed.registry()], SignalKind::Span, false);
    for (name, folder, signal) in [
        ("the demo's events", "telemetry", SignalKind::Event),
        ("mlnet's spans", "../examples/mlnet/telemetry", SignalKind::Span),
        ("mlnet's events", "../examples/mlnet/telemetry", SignalKind::Event),
        ("mlflow's spans", "../examples/mlflow/telemetry", SignalKind::Span),
        ("mlflow's events", "../examples/mlflow/telemetry", SignalKind::Event),
    ] {
        let owned = registry::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("it is valid");
        bench.rows(name, &owned, &[], signal, false);
    }
}

struct Bench {
    collector: PathBuf,
    requests: usize,
    wanted: String,
}

impl Bench {
    /// Prints the rows of a registry: `batch` alone, the peer if it is asked for, and the generated configuration.
    fn rows(&self, name: &str, owned: &Owned, others: &[&Registry<'_>], signal: SignalKind, redacted: bool) {
        if !name.contains(&self.wanted) {
            return;
        }
        let registry = owned.registry();
        let ours = generate(&registry, others, &Options::of(CollectorKind::Gateway));
        assert_eq!(ours.matches(PIPELINE).count(), 2);
        let body = request(&registry, signal);
        let mut base = None;
        let mut row = |name: &str, configuration: &str| {
            let run = run(&self.collector, configuration, signal, &body, self.requests);
            let ratio = run.microseconds / *base.get_or_insert(run.microseconds);
            let (start, resident) = (run.start.as_secs_f64(), run.resident);
            println!("{name:<44} {:>12.1} {ratio:>7.2} {start:>9.2} {resident:>8}", run.microseconds);
        };
        row(&format!("{name}: batch alone"), &ours.replace(PIPELINE, "processors: [memory_limiter, batch]"));
        if redacted {
            row(&format!("{name}: redaction"), &redaction(&registry, &ours));
        }
        row(name, &ours);
    }
}

/// The Collector's executable, built if the cache lacks it.
fn collector() -> PathBuf {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("../collector-config/build");
    let output = Command::new(build).arg("collector").stderr(Stdio::inherit()).output().expect("it runs");
    assert!(output.status.success(), "collector-config/build collector failed");
    let line = String::from_utf8(output.stdout).expect("text");
    PathBuf::from(line.trim_end().strip_prefix("collector ").expect("the name, then the path"))
}

/// The same pipeline with the `redaction` processor, which knows keys and patterns of values that it masks.
fn redaction(registry: &Registry<'_>, ours: &str) -> String {
    let keys: Vec<_> = registry.attributes.iter().map(|attribute| attribute.key).collect();
    let processor = format!("redaction:\n    allow_all_keys: false\n    allowed_keys: [{}]", keys.join(", "));
    ours.replace(PIPELINE, "processors: [memory_limiter, redaction, batch]").replacen(
        "\nprocessors:\n",
        &format!("\nprocessors:\n  {processor}\n"),
        1,
    )
}

struct Run {
    microseconds: f64,
    start: Duration,
    resident: u64,
}

fn run(collector: &Path, configuration: &str, signal: SignalKind, body: &[u8], requests: usize) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let file = folder.join("collector.yaml");
    fs::write(&file, configuration).expect("it is written");
    // Another process may take a port before the Collector does.
    let started = (0..5).find_map(|_| start(collector, folder, &file)).expect("the Collector starts");
    let (child, port, start) = started;
    let agent = ureq::Agent::new_with_defaults();
    let path = if signal == SignalKind::Span { "traces" } else { "logs" };
    let url = format!("http://127.0.0.1:{port}/v1/{path}");
    let send = || {
        let answer = agent.post(&url).content_type("application/x-protobuf").send(body).expect("an answer");
        assert_eq!(answer.status(), 200);
    };
    (0..20).for_each(|_| send());
    let before = cpu(&child.0);
    (0..requests).for_each(|_| send());
    let spent = cpu(&child.0) - before;
    let records = u32::try_from(requests * RECORDS_A_REQUEST).expect("a count");
    Run { microseconds: spent / f64::from(records) * 1e6, start, resident: resident(&child.0) }
}

/// A Collector that answers, the port of its OTLP/HTTP receiver, and how long its start took. `None` if it ended instead.
fn start(collector: &Path, folder: &Path, file: &Path) -> Option<(Killed, String, Duration)> {
    let ports: Vec<_> = {
        let listeners: Vec<_> = (0..PORTS.len()).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
        listeners.iter().map(|port| port.local_addr().expect("bound").port().to_string()).collect()
    };
    let began = Instant::now();
    let child = Command::new(collector)
        .arg("--config")
        .arg(file)
        .current_dir(folder)
        .env_clear()
        .envs(PORTS.into_iter().zip(&ports))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut child = Killed(child);
    let health = format!("http://127.0.0.1:{}/", ports[2]);
    while !ureq::get(&health).call().is_ok_and(|answer| answer.status() == 200) {
        if child.0.try_wait().expect("its state").is_some() {
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Some((child, ports[1].clone(), began.elapsed()))
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // One that has ended already can't be killed.
        let _ = self.0.kill();
        self.0.wait().expect("it ends");
    }
}

/// The CPU time of a process so far, in seconds: fields 14 and 15 of proc_pid_stat(5), in units of 1/100 s.
fn cpu(child: &Child) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("its state");
    let fields: Vec<_> = stat.rsplit(')').next().expect("a name").split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().expect("a number") / 100.0).sum()
}

/// How much memory is resident, in MiB.
fn resident(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("its state");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.split_whitespace().next().expect("a number").parse::<u64>().expect("a number") / 1024
}

/// A value that passes.
fn value(attribute: &Attribute<'_>) -> Value {
    let text = |text: &str| Value::StringValue(text.to_owned());
    let any = |text: &str| AnyValue { value: Some(Value::StringValue(text.to_owned())) };
    match attribute.treatment {
        Treatment::Boolean => Value::BoolValue(true),
        Treatment::Count { .. } => Value::IntValue(1),
        Treatment::IntegerEnum { members, .. } => {
            Value::IntValue(members.last().and_then(|member| member.parse().ok()).unwrap_or_default())
        }
        Treatment::Names { members } => {
            Value::ArrayValue(ArrayValue { values: members.iter().take(2).map(|name| any(name)).collect() })
        }
        Treatment::Enum { members, .. }
        | Treatment::Bucket { members, .. }
        | Treatment::UriScheme { members, .. }
        | Treatment::Agent { members }
        | Treatment::Given { members, .. } => text(members.last().copied().unwrap_or("1.2.3")),
        Treatment::Hash => text(&"0123456789abcdef".repeat(2)),
        Treatment::Sha256 { .. } => text(&"0123456789abcdef".repeat(4)),
        Treatment::Version => text("1.2.3"),
        Treatment::Location { .. } => text("src/main.rs:1"),
    }
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// A request whose records take turns with the registry's signals, each with all of its attributes.
fn request(registry: &Registry<'_>, signal: SignalKind) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
    let now = u64::try_from(now).expect("before 2554");
    let attributes = |signal: &Signal<'_>| {
        let used = signal.attributes.iter().filter_map(|used| registry.attribute(used.attribute));
        used.map(|attribute| pair(attribute.key, value(attribute))).collect()
    };
    let resource = [("service.name", registry.service.name), ("service.version", "0.1.0")];
    let resource = resource.map(|(key, value)| pair(key, Value::StringValue(value.to_owned())));
    let resource = Some(Resource { attributes: resource.to_vec(), ..Default::default() });
    let scope =
        Some(InstrumentationScope { name: "scruple".to_owned(), version: "0.1.0".to_owned(), ..Default::default() });
    let schema_url = registry.schema_url.to_owned();
    if signal == SignalKind::Event {
        let log = |(number, signal): (usize, &Signal<'_>)| LogRecord {
            time_unix_nano: now,
            trace_id: (number as u128 + 1).to_be_bytes().to_vec(),
            span_id: (number as u64 + 1).to_be_bytes().to_vec(),
            event_name: signal.name.to_owned(),
            severity_number: 9,
            attributes: attributes(signal),
            ..LogRecord::default()
        };
        let log_records = (0..RECORDS_A_REQUEST).zip(registry.events.iter().cycle()).map(log).collect();
        let scope_logs = vec![ScopeLogs { scope, log_records, ..Default::default() }];
        return ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { resource, scope_logs, schema_url }] }
            .encode_to_vec();
    }
    let span = |(number, signal): (usize, &Signal<'_>)| Span {
        trace_id: (number as u128 + 1).to_be_bytes().to_vec(),
        span_id: (number as u64 + 1).to_be_bytes().to_vec(),
        name: signal.name.to_owned(),
        kind: 1,
        start_time_unix_nano: now - 1_000_000_000,
        end_time_unix_nano: now,
        attributes: attributes(signal),
        ..Span::default()
    };
    let spans = (0..RECORDS_A_REQUEST).zip(registry.spans.iter().cycle()).map(span).collect();
    let scope_spans = vec![ScopeSpans { scope, spans, ..Default::default() }];
    ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { resource, scope_spans, schema_url }] }
        .encode_to_vec()
}

/// A registry of so many spans and as many events, in files that are small enough to be read.
fn invented(signals: usize, own: bool, version: &str) -> Owned {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let put = |name: String, text: String| fs::write(folder.join(name), text).expect("it is written");
    put("manifest.yaml".to_owned(), format!("schema_url: https://example.com/schemas/bench/{version}\n"));
    put("service.yaml".to_owned(), SERVICE.to_owned());
    for (file, numbers) in (0..signals).collect::<Vec<_>>().chunks(50).enumerate() {
        let mut text = "file_format: definition/2\nattributes:\n".to_owned();
        if !own && file > 0 {
            text = "file_format: definition/2\n".to_owned();
        }
        for number in numbers.iter().filter(|number| own || **number == 0) {
            text.push_str(&ATTRIBUTES.replace("PREFIX", &format!("s{number:04}")));
        }
        for (list, head) in [("spans", SPAN), ("events", EVENT)] {
            writeln!(text, "{list}:").expect("it fits");
            for number in numbers {
                let prefix = if own { *number } else { 0 };
                let signal = format!("{head}{REST}").replace("NAME", &format!("s{number:04}"));
                text.push_str(&signal.replace("PREFIX", &format!("s{prefix:04}")));
            }
        }
        put(format!("signals{file}.yaml"), text);
    }
    registry::read(folder).expect("it is valid")
}

const SERVICE: &str = "\
file_format: definition/2
attributes:
  - {key: service.name, brief: The program., stability: stable, type: string, examples: [bench], annotations: {privacy: {from: app}}}
  - {key: service.version, brief: Its version., stability: stable, type: string, examples: ['0.1.0'], annotations: {privacy: {from: app}}}
entities:
  - type: service
    brief: The program that reports.
    stability: stable
    requirement_level: recommended
    identity: [{ref: service.name}]
    description: [{ref: service.version}]
    annotations:
      privacy:
        app_id: com.example.bench
        name: bench
        controller: The example project, privacy@example.com
        endpoint: https://telemetry.example.com
        rotate: monthly
        time: second
";

const ATTRIBUTES: &str = "
  - key: PREFIX.mode
    brief: How it ran.
    stability: development
    type:
      members:
        - {id: fast, value: fast, brief: Fast., stability: development}
        - {id: other, value: other, brief: Another., stability: development}
        - {id: safe, value: safe, brief: Safe., stability: development}
        - {id: slow, value: slow, brief: Slow., stability: development}
  - key: PREFIX.size
    brief: How large it was.
    stability: development
    type:
      members:
        - {id: a, value: '<10', brief: Small., stability: development, annotations: {privacy: {below: 10}}}
        - {id: b, value: '<100', brief: Middle., stability: development, annotations: {privacy: {below: 100}}}
        - {id: c, value: '<1000', brief: Large., stability: development, annotations: {privacy: {below: 1000}}}
        - {id: rest, value: '>=1000', brief: The rest., stability: development}
    annotations: {privacy: {from: bucket}}
  - {key: PREFIX.count, brief: How many., stability: development, type: int, examples: [1], annotations: {privacy: {from: count, max: 100}}}
  - {key: PREFIX.name, brief: Its name as a hash., stability: development, type: string, examples: [x], annotations: {privacy: {from: hash}}}
  - {key: PREFIX.flag, brief: Whether it was set., stability: development, type: boolean}
  - {key: PREFIX.version, brief: Of the library., stability: development, type: string, examples: ['1.2.3'], annotations: {privacy: {from: version}}}
";

const SPAN: &str = "
  - type: NAME.run
    name: {note: NAME.run}
    kind: internal";

const EVENT: &str = "
  - name: NAME.ran";

const REST: &str = "
    brief: One of many runs.
    stability: development
    requirement_level: recommended
    entity_associations: [service]
    attributes:
      - {ref: PREFIX.mode, requirement_level: recommended}
      - {ref: PREFIX.size, requirement_level: recommended}
      - {ref: PREFIX.count, requirement_level: recommended}
      - {ref: PREFIX.name, requirement_level: recommended}
      - {ref: PREFIX.flag, requirement_level: recommended}
      - {ref: PREFIX.version, requirement_level: recommended}
";
