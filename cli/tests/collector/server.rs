//! The example's server under load: no request fails or waits for a receiver, and each record arrives or is counted.

use crate::components::forms::found;
use crate::components::program::PRIVATE;
use crate::components::{Collector, Jaeger, Left, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use scruple_cli::collector_config::{CollectorKind, Options};
use scruple_cli::registry;
use scruple_fixtures::caller::Caller;
use scruple_fixtures::grpc::{GrpcAnswer, GrpcServer};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const CLIENTS: u64 = 8;

/// As many quotes as the server takes.
const QUOTES: u64 = 100;

/// A port that nothing listens on.
const NOWHERE: &str = "http://127.0.0.1:1";

/// How long a stop may take: half the time after which a request without an answer would end.
const STOP: Duration = Duration::from_secs(5);

struct Server {
    child: Child,
    stderr: BufReader<ChildStderr>,
    authority: String,
    _folder: tempfile::TempDir,
}

/// What the server says of its records in the end.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    sent: u64,
    lost: u64,
}

fn built() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_scruple")).ancestors().nth(2).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline", "--package", "server"]).env("CARGO_TARGET_DIR", target);
    assert!(cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success());
    target.join("debug/quotes")
}

impl Server {
    /// As another user on a read-only root, where this process may arrange that.
    fn start(usage: &str, traces: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("quotes");
        fs::copy(built(), &program).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = if rustix::process::getuid().is_root() {
            let other = "mount --make-rprivate / && mount -o remount,bind,ro / && ! touch /quotes 2>/dev/null && \
                         exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$0\"";
            let mut command = Command::new("unshare");
            command.args(["--mount", "sh", "-c", other]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // Without a home.
        command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").current_dir("/");
        command.env("QUOTES_LISTEN", "127.0.0.1:0").env("QUOTES_USAGE", usage).env("QUOTES_TRACES", traces);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.starts_with("usage telemetry: on: "), "{line}");
        line.clear();
        stderr.read_line(&mut line).unwrap();
        let authority = line.trim_end().strip_prefix("listening on ").unwrap().to_owned();
        let server = Self { child, stderr, authority, _folder: folder };
        server.add();
        server
    }

    fn call(&self) -> Caller {
        Caller::connect(&self.authority).unwrap()
    }

    fn add(&self) {
        let mut caller = self.call();
        for number in 0..QUOTES {
            let text = PRIVATE[number as usize % PRIVATE.len()];
            assert_eq!(caller.call("POST", "/quotes", "", text.as_bytes()).unwrap().0, 201);
        }
    }

    /// Each gets the answer that it would get without telemetry.
    fn ask(&self, requests: u64) {
        let work = |client: u64| {
            let mut caller = self.call();
            for number in 0..requests / CLIENTS {
                let (path, status) = match (client + number) % 4 {
                    0 => ("/quotes", 200),
                    1 => ("/quotes/7", 200),
                    2 => ("/quotes/alice.liddell", 400),
                    _ => ("/nowhere", 404),
                };
                assert_eq!(caller.call("GET", path, "", b"").unwrap().0, status, "{path}");
            }
        };
        thread::scope(|scope| (0..CLIENTS).for_each(|client| drop(scope.spawn(move || work(client)))));
    }

    fn counts(&self) -> String {
        String::from_utf8(self.call().call("GET", "/usage", "", b"").unwrap().1).unwrap()
    }

    fn stop(mut self) -> Counts {
        let begun = Instant::now();
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{said}");
        assert!(begun.elapsed() < STOP, "{:?}: {said}", begun.elapsed());
        let last = said.lines().last().unwrap().strip_prefix("usage telemetry: ").unwrap();
        println!("{last}");
        let numbers = last.split(", ").map(|part| part.split(' ').next().unwrap().parse::<u64>());
        let numbers: Vec<_> = numbers.map_while(Result::ok).take(3).collect();
        let [sent, 0, lost] = numbers[..] else { panic!("{last}") };
        Counts { sent, lost }
    }
}

/// On the ports of one that has ended, if there was one.
fn collector(ports: Option<[u16; 4]>) -> Collector {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/server/telemetry");
    let owned = registry::read(&folder).unwrap();
    let options = Options::of(CollectorKind::Gateway);
    match ports {
        Some(ports) => Collector::again(&owned.registry(), &options, ports),
        None => Collector::of(&owned.registry(), &options, &[]),
    }
}

/// What a server records: a span for each request, and an event for each quote.
fn recorded(requests: u64) -> u64 {
    requests + 2 * QUOTES
}

fn arrived(left: &Left) -> u64 {
    let in_lines =
        |lines: &[String], text: &str| lines.iter().map(|line| line.matches(text).count() as u64).sum::<u64>();
    in_lines(&left.traces, r#""name":"quotes.request""#) + in_lines(&left.logs, r#""eventName":"quotes.added""#)
}

#[test]
#[ignore = "needs Jaeger and the Collector: collector-config/build"]
fn each_record_of_100_000_requests_arrives_or_is_counted() {
    const REQUESTS: u64 = 100_000;
    let (collector, jaeger) = (collector(None), Jaeger::start());
    let server = Server::start(&collector.grpc, &jaeger.grpc);
    let begun = Instant::now();
    server.ask(REQUESTS);
    println!("{REQUESTS} requests in {:?}", begun.elapsed());
    let Counts { sent, lost } = server.stop();
    let left = collector.stop();
    assert_eq!((sent + lost, arrived(&left)), (recorded(REQUESTS), sent));
    assert_eq!(found(PRIVATE, &[left.traces.join("\n"), left.logs.join("\n"), left.log].join("\n")), [""; 0]);
    let shown = wait_for(|| {
        Some(jaeger.ask("/api/traces?service=quotes&limit=100")).filter(|shown| shown.contains("/quotes/alice.liddell"))
    });
    let shown = shown.expect("the server's own traces have its paths");
    assert!(!shown.contains("quotes.request"), "its usage is not in its traces: {shown}");
    jaeger.kill();
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a_receiver_that_is_down_slow_or_restarted_fails_no_request_and_no_stop() {
    const REQUESTS: u64 = 8_000;
    let down = Server::start(NOWHERE, NOWHERE);
    down.ask(REQUESTS);
    assert_eq!(down.stop(), Counts { sent: 0, lost: recorded(REQUESTS) });
    let silent = GrpcServer::start(GrpcAnswer::default());
    let slow = Server::start(&silent.url, NOWHERE);
    slow.ask(REQUESTS);
    assert_eq!(slow.stop(), Counts { sent: 0, lost: recorded(REQUESTS) });
    let first = collector(None);
    let server = Server::start(&first.grpc, NOWHERE);
    server.ask(REQUESTS);
    let ports = first.ports;
    let mut all = arrived(&first.stop());
    server.ask(REQUESTS);
    let again = collector(Some(ports));
    server.ask(REQUESTS);
    wait_for(|| server.counts().contains(" 0 waiting").then_some(())).expect("nothing waits for ever");
    let Counts { sent, lost } = server.stop();
    all += arrived(&again.stop());
    assert_eq!(sent + lost, recorded(3 * REQUESTS));
    // A request that was accepted as its Collector ended may have been answered too late.
    assert!((sent..=sent + 512).contains(&all), "{sent} sent, {all} arrived");
}
