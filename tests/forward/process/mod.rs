//! `forward` in a real second process: its environment, its subscribers, its runtimes, its end.
//!
//! The binary starts itself again with a role; without one it is the judge.

pub mod role;

use scruple_fixtures::process::needed;
use scruple_fixtures::{Arrived, LONG, grpc, http, tls, trials};
use std::collections::BTreeSet;
use std::io::{Read, Seek as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

trials! {
    the_environment_changes_no_sent_byte,
    the_environment_changes_no_batch_of_an_exporter,
    // In the place of the C library's function.
    #[cfg(target_os = "linux")]
    no_thread_and_no_record_reads_a_variable,
    the_systems_certificates_are_not_asked,
    a_crippled_default_of_the_process_does_no_harm,
    every_kind_of_program_sends_its_records,
    // Of signals.
    #[cfg(unix)]
    a_program_that_waits_for_signals_gets_them,
    // By the threads in /proc.
    #[cfg(target_os = "linux")]
    no_thread_outlives_the_telemetry,
    the_exit_code_is_the_programs,
    an_endpoint_that_drops_packets_delays_no_program,
    no_subscriber_gets_an_event_of_ours,
    no_logger_gets_a_line_of_ours,
    // Of numbers that are used again at once.
    #[cfg(unix)]
    a_host_that_closes_every_descriptor_keeps_its_sockets,
}

/// Every variable that the crates below `forward` read, with a value that would do harm; `{trap}` is a receiver that
/// nothing may reach.
const HOSTILE: &[(&str, &str)] = &[
    ("ALL_PROXY", "{trap}"),
    ("HTTPS_PROXY", "{trap}"),
    ("HTTP_PROXY", "{trap}"),
    ("NO_PROXY", ""),
    ("OTEL_ATTRIBUTE_COUNT_LIMIT", "0"),
    ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "1"),
    ("OTEL_BLRP_EXPORT_TIMEOUT", "1"),
    ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "1"),
    ("OTEL_BLRP_MAX_QUEUE_SIZE", "1"),
    ("OTEL_BLRP_SCHEDULE_DELAY", "1"),
    ("OTEL_BSP_EXPORT_TIMEOUT", "1"),
    ("OTEL_BSP_MAX_CONCURRENT_EXPORTS", "1"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "1"),
    ("OTEL_BSP_SCHEDULE_DELAY", "1"),
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nonexistent"),
    ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/nonexistent"),
    ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/nonexistent"),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "{trap}"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter2,user-agent=hunter2,content-type=text/plain"),
    ("OTEL_EXPORTER_OTLP_INSECURE", "true"),
    ("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "gzip"),
    ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "{trap}/v1/logs"),
    ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "api-key=hunter2"),
    ("OTEL_EXPORTER_OTLP_LOGS_INSECURE", "true"),
    ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json"),
    ("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "1"),
    ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "{trap}/v1/metrics"),
    ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "api-key=hunter2"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "1"),
    ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "{trap}/v1/traces"),
    ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=hunter2"),
    ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", "true"),
    ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
    ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "1"),
    ("OTEL_LOGS_EXPORTER", "console"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "1"),
    ("OTEL_METRIC_EXPORT_TIMEOUT", "1"),
    ("OTEL_PROPAGATORS", "none"),
    ("OTEL_RESOURCE_ATTRIBUTES", "user=alice,service.name=hunter2"),
    ("OTEL_SERVICE_NAME", "hunter2"),
    ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "0"),
    ("OTEL_SPAN_EVENT_COUNT_LIMIT", "0"),
    ("OTEL_SPAN_LINK_COUNT_LIMIT", "0"),
    ("OTEL_TRACES_EXPORTER", "none"),
    ("OTEL_TRACES_SAMPLER", "always_off"),
    ("OTEL_TRACES_SAMPLER_ARG", "0"),
    ("RUST_LOG", "trace"),
    ("RUST_MIN_STACK", "1"),
    ("SSLKEYLOGFILE", "/nonexistent/keys"),
    ("SSL_CERT_DIR", "/nonexistent"),
    ("SSL_CERT_FILE", "/nonexistent"),
    ("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ("TRACESTATE", "vendor=hunter2"),
    ("all_proxy", "{trap}"),
    ("http_proxy", "{trap}"),
    ("https_proxy", "{trap}"),
    ("no_proxy", ""),
];

fn the_environment_changes_no_sent_byte() {
    let trap = http::Server::start(http::Answer::Bytes(http::answer("200 OK", "", b"")));
    for receiver in receivers() {
        let mut runs = [false, true].map(|hostile| {
            let mut command = child("thrice", &receiver);
            for (name, value) in HOSTILE.iter().filter(|_| hostile) {
                command.env(name, value.replace("{trap}", &trap.url));
            }
            assert_eq!(end(command), Ended::quietly(0));
            let mut arrived = receiver.take();
            arrived.sort_by(|a, b| a.head.cmp(&b.head));
            arrived
        });
        assert_eq!(runs[0].len(), 2, "one request for each signal");
        let hostile = std::mem::take(&mut runs[1]);
        assert_eq!(runs[0], hostile, "{}", receiver.way);
    }
    assert_eq!(trap.take(), []);
}

fn the_environment_changes_no_batch_of_an_exporter() {
    for hostile in [false, true] {
        let mut command = started("thrice", "exporters", "http://127.0.0.1:9");
        command.envs(HOSTILE.iter().copied().filter(|_| hostile));
        let ended = end(command);
        let batches: BTreeSet<_> = ended.stdout.lines().collect();
        assert_eq!((batches, ended.stdout.lines().count()), (BTreeSet::from(["3 spans", "6 logs"]), 2), "{hostile}");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{hostile}");
    }
}

#[cfg(target_os = "linux")]
fn no_thread_and_no_record_reads_a_variable() {
    for receiver in receivers() {
        let ended = end(child("watch", &receiver));
        let wanted = Ended { stdout: "0 by this thread, 0 by others\n".to_owned(), ..Ended::quietly(0) };
        assert_eq!(ended, wanted, "{}", receiver.way);
    }
}

fn the_systems_certificates_are_not_asked() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (pem, tls) = tls::authority(b"http/1.1");
    let http = http::Server::with(http::Answer::Bytes(http::answer("200 OK", "", b"")), Some(tls));
    let (other, tls) = tls::authority(b"h2");
    let grpc = grpc::GrpcServer::with(vec![grpc::ok(b"")], Some(tls));
    for (way, url, arrivals, pem) in [("http", http.url, http.arrivals, pem), ("grpc", grpc.url, grpc.arrivals, other)]
    {
        let file = folder.join(format!("{way}.pem"));
        std::fs::write(&file, pem).unwrap();
        let mut command = started("plain", way, &url);
        command.env("SSL_CERT_FILE", &file).env("SSL_CERT_DIR", &folder);
        assert_eq!(end(command.env("OTEL_EXPORTER_OTLP_CERTIFICATE", &file)), Ended::quietly(0));
        assert_eq!(*arrivals.lock().unwrap(), [], "{way}");
    }
}

fn a_crippled_default_of_the_process_does_no_harm() {
    let (pem, tls) = tls::authority(b"http/1.1");
    let http = http::Server::with(http::Answer::Bytes(http::answer("200 OK", "", b"")), Some(tls));
    let (other, tls) = tls::authority(b"h2");
    let grpc = grpc::GrpcServer::with(vec![grpc::ok(b"")], Some(tls));
    for (way, url, arrivals, pem) in [("http", http.url, http.arrivals, pem), ("grpc", grpc.url, grpc.arrivals, other)]
    {
        assert_eq!(end(started("crippled", way, &url).env("AUTHORITY", pem)), Ended::quietly(0));
        assert_eq!(arrivals.lock().unwrap().len(), 2, "{way}");
    }
}

fn every_kind_of_program_sends_its_records() {
    for receiver in receivers() {
        for (role, times) in
            [("plain", 1), ("current_thread", 1), ("multi_thread", 1), ("inside_async", 2), ("twice", 3), ("exit", 1)]
        {
            assert_eq!(end(child(role, &receiver)), Ended::quietly(0), "{role}");
            assert_eq!(receiver.take().len(), 2 * times, "{role}, {}", receiver.way);
        }
    }
}

#[cfg(unix)]
fn a_program_that_waits_for_signals_gets_them() {
    for receiver in receivers() {
        assert_eq!(end(child("signals", &receiver)), Ended::quietly(0), "{}", receiver.way);
        assert_eq!(receiver.take().len(), 2, "{}", receiver.way);
    }
}

#[cfg(target_os = "linux")]
fn no_thread_outlives_the_telemetry() {
    for receiver in receivers() {
        assert_eq!(end(child("alone", &receiver)), Ended::quietly(0), "{}", receiver.way);
    }
}

fn the_exit_code_is_the_programs() {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
    let refused = format!("http://{address}");
    for way in ["http", "grpc"] {
        let command = started("seven", way, &refused);
        assert_eq!(end(command), Ended::quietly(7), "{way}");
    }
}

fn an_endpoint_that_drops_packets_delays_no_program() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Connections that nobody accepts, until the kernel answers no more.
    let waiting: Vec<_> = std::iter::from_fn(|| TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok())
        .take(10_000)
        .collect();
    assert!(waiting.len() < 10_000, "the backlog has no end");
    for way in ["http", "grpc"] {
        // The export timeout is an hour: only the budget can end this.
        assert_eq!(end(started("seven", way, &format!("http://{address}"))), Ended::quietly(7), "{way}");
    }
}

/// A run of a role against each receiver, in plain and over TLS.
fn heard(role: &str, check: impl Fn(Ended, &str)) {
    for receiver in receivers() {
        check(end(child(role, &receiver)), receiver.way);
    }
    let (pem, tls) = tls::authority(b"http/1.1");
    let http = http::Server::with(http::Answer::Bytes(http::answer("200 OK", "", b"")), Some(tls));
    let (other, tls) = tls::authority(b"h2");
    let grpc = grpc::GrpcServer::with(vec![grpc::ok(b"")], Some(tls));
    for (way, url, arrivals, pem) in [("http", http.url, http.arrivals, pem), ("grpc", grpc.url, grpc.arrivals, other)]
    {
        check(end(started(role, way, &url).env("AUTHORITY", pem)), way);
        assert!(!arrivals.lock().unwrap().is_empty(), "{way}");
    }
}

fn no_subscriber_gets_an_event_of_ours() {
    let hosts =
        ["forward::support event shop.closed", "forward::support event shop.paid", "forward::support span shop.order"];
    let check = |ended: Ended, way: &str, sdks: &[&str]| {
        let heard: BTreeSet<_> =
            ended.stdout.lines().filter(|line| line.contains("::") || line.contains(" event ")).collect();
        // The program's undeclared event, whose name is its place; and a delay of a millisecond that was over too soon.
        let other = ["forward::support event event ", "opentelemetry_sdk event BatchSpanProcessor.ExportingDue"];
        let own = |line: &&&str| !other.iter().any(|other| line.starts_with(other));
        assert_eq!(heard.iter().filter(own).copied().collect::<Vec<_>>(), [&hosts, sdks].concat(), "{way}");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{way}");
    };
    heard("listen", |ended, way| check(ended, way, &[]));
    // What `forward` says it can't silence, which also shows that the SDK does speak here.
    let sdks = [
        "opentelemetry_sdk event BatchLogProcessor.ThreadStarted",
        "opentelemetry_sdk event BatchSpanProcessor.ThreadStarted",
    ];
    check(end(started("listen", "exporters", "http://127.0.0.1:9")), "exporters", &sdks);
}

fn no_logger_gets_a_line_of_ours() {
    heard("log", |ended, way| {
        let heard: BTreeSet<_> = ended.stdout.lines().filter_map(|line| line.split("::").next()).collect();
        // Where another package of this build has switched on what rustls writes, it is heard here too.
        let rustls = heard.iter().filter(|target| **target == "rustls" && logs_of_rustls()).count();
        assert_eq!(heard.len(), rustls, "{way}: {heard:?}");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    });
}

#[cfg(unix)]
fn a_host_that_closes_every_descriptor_keeps_its_sockets() {
    use std::io::Write as _;
    // Below gRPC is a runtime that panics where its descriptors are gone.
    let [receiver, _] = receivers();
    let (told, mut tell) = std::io::pipe().unwrap();
    let mut command = child("daemon", &receiver);
    command.stdin(told);
    thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            while receiver.arrivals.lock().unwrap().len() < 2 && start.elapsed() < LONG {
                thread::sleep(Duration::from_millis(1));
            }
            receiver.take();
            tell.write_all(b"go on\n").unwrap();
        });
        assert_eq!(end(command), Ended::quietly(0));
    });
    assert!(!receiver.take().is_empty(), "it is sent on a connection of its own");
}

/// Whether rustls writes to `log` in this build, found out by a handshake of its own.
fn logs_of_rustls() -> bool {
    let mut command = started("handshake", "none", "none");
    !end(&mut command).stdout.is_empty()
}

pub struct Receiver {
    pub way: &'static str,
    pub url: String,
    arrivals: scruple_fixtures::Arrivals,
}

impl Receiver {
    pub fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrivals.lock().unwrap())
    }
}

pub fn receivers() -> [Receiver; 2] {
    let http = http::Server::start(http::Answer::Bytes(http::answer("200 OK", "", b"")));
    let grpc = grpc::GrpcServer::start(grpc::ok(b""));
    [
        Receiver { way: "http", url: http.url, arrivals: http.arrivals },
        Receiver { way: "grpc", url: grpc.url, arrivals: grpc.arrivals },
    ]
}

fn child(role: &str, receiver: &Receiver) -> Command {
    started(role, receiver.way, &receiver.url)
}

pub fn started(role: &str, way: &str, endpoint: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env_clear().envs(needed()).args([&format!("role={role}"), way, endpoint]);
    command
}

#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn quietly(code: i32) -> Self {
        Self { code: Some(code), stdout: String::new(), stderr: String::new() }
    }
}

/// Runs a command to its end; one that would run for ever fails.
pub fn end(mut command: impl std::borrow::BorrowMut<Command>) -> Ended {
    let command = command.borrow_mut();
    // Nothing is logged to a pipe of Windows, which may be full.
    let mut log = tempfile::tempfile().unwrap();
    let stderr = if cfg!(windows) { log.try_clone().unwrap().into() } else { Stdio::piped() };
    let mut child: Child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
    let start = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if start.elapsed() > LONG {
            child.kill().unwrap();
            panic!("it does not end: {command:?}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let mut ended = Ended { code, stdout: String::new(), stderr: String::new() };
    child.stdout.unwrap().read_to_string(&mut ended.stdout).unwrap();
    match child.stderr {
        Some(mut pipe) => pipe.read_to_string(&mut ended.stderr).unwrap(),
        None => log.rewind().and_then(|()| log.read_to_string(&mut ended.stderr)).unwrap(),
    };
    ended
}
