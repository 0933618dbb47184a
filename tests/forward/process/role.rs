//! The programs that the judge starts.

#[cfg(target_os = "linux")]
use crate::getenv;
use crate::support::{RECORDS, REGISTRY, program, rehearsal, run};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use scruple::testing::Rehearsal;
use scruple::{Forward, LossReason, Preset};
use scruple_fixtures::LONG;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tracing_subscriber::prelude::*;

/// What the process was started to be, if it was not started to run tests.
pub fn asked() -> Option<ExitCode> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [role, way, endpoint] = arguments.as_slice() else { return None };
    role.strip_prefix("role=").map(|role| play(role, way, endpoint))
}

fn play(role: &str, way: &str, endpoint: &str) -> ExitCode {
    let telemetry = || build(way, endpoint, |forward| forward.delay(LONG), LONG);
    match role {
        "plain" => run(telemetry()),
        // With a pause, so that a shorter delay or a smaller batch would make more requests of it.
        "thrice" => {
            let telemetry = telemetry();
            let subscriber = tracing_subscriber::registry().with(telemetry.layer());
            tracing::subscriber::with_default(subscriber, || {
                for _ in 0..3 {
                    program();
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
        "current_thread" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _inside = runtime.enter();
            run(telemetry());
        }
        "multi_thread" => {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
            let telemetry = telemetry();
            runtime.block_on(async { tokio::spawn(async move { run(telemetry) }).await.unwrap() });
        }
        "inside_async" => {
            for mut builder in
                [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()]
            {
                builder.enable_all().build().unwrap().block_on(async { run(telemetry()) });
            }
        }
        "twice" => {
            let (first, second) = (telemetry(), telemetry());
            run(first);
            run(second);
            run(telemetry());
        }
        #[cfg(target_os = "linux")]
        "watch" => {
            let forward = if way == "grpc" { Forward::grpc() } else { Forward::http() };
            let forward = forward.delay(A_MOMENT);
            let counts = forward.deliveries();
            let telemetry = scruple::start(&REGISTRY)
                .rehearsal(Rehearsal::new().asking())
                .preset(Preset::OperatorConsent)
                .endpoint(endpoint)
                .export(forward)
                .build();
            let before = getenv::calls();
            let subscriber = tracing_subscriber::registry().with(telemetry.layer());
            tracing::subscriber::with_default(subscriber, || {
                scruple_fixtures::until("records were sent", || {
                    program();
                    assert!(telemetry.is_on_by_files());
                    counts.sent() > 2 * RECORDS
                });
            });
            let after = getenv::calls();
            println!("{} by this thread, {} by others", after.0 - before.0, after.1 - before.1);
        }
        "server" => {
            let root = std::env::var_os("ROOT").unwrap_or_else(|| "/".into());
            let start = || {
                let rehearsal = Rehearsal::new().asking().root(&root);
                let forward = if way == "grpc" { Forward::grpc() } else { Forward::http() };
                let builder = scruple::start(&REGISTRY).rehearsal(rehearsal).preset(Preset::OperatorConsent);
                builder.endpoint(endpoint).export(forward).shutdown_timeout(LONG).build()
            };
            let telemetry = start();
            if !telemetry.is_on() {
                drop(start());
            }
            run(telemetry);
        }
        "withdrawn" => {
            let rehearsal = Rehearsal::new().asking().root("/nonexistent");
            let forward = if way == "grpc" { Forward::grpc() } else { Forward::http() };
            let builder = scruple::start(&REGISTRY).rehearsal(rehearsal).preset(Preset::OperatorConsent);
            let telemetry = builder.endpoint(endpoint).export(forward.delay(LONG)).shutdown_timeout(LONG).build();
            let subscriber = tracing_subscriber::registry().with(telemetry.layer());
            tracing::subscriber::with_default(subscriber, program);
            #[expect(
                clippy::disallowed_methods,
                reason = "the host changes its own environment: that is what is tested"
            )]
            // SAFETY: no other thread reads the environment, as another test shows.
            unsafe {
                std::env::set_var("DO_NOT_TRACK", "1");
            }
            drop(telemetry);
        }
        "exit" => {
            let telemetry = telemetry();
            let subscriber = tracing_subscriber::registry().with(telemetry.layer());
            tracing::subscriber::set_global_default(subscriber).unwrap();
            program();
            telemetry.exit(0);
        }
        "crippled" => {
            let ring = rustls::crypto::ring::default_provider();
            let crippled = rustls::crypto::CryptoProvider { cipher_suites: Vec::new(), ..ring };
            crippled.install_default().unwrap();
            run(telemetry());
        }
        "alone" => {
            run(telemetry());
            // They may still be on their way out; for ever is what the judge does not wait for.
            while std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() > 1) {
                thread::sleep(A_MOMENT);
            }
        }
        #[cfg(unix)]
        "signals" => {
            use nix::sys::signal::{SigSet, Signal, kill};
            use nix::unistd::Pid;

            let telemetry = telemetry();
            // As a daemon does: what is sent to the process must come to this thread.
            let own = SigSet::from_iter([Signal::SIGTERM, Signal::SIGCHLD, Signal::SIGHUP]);
            own.thread_block().unwrap();
            for signal in &own {
                kill(Pid::this(), signal).unwrap();
                // It is busy meanwhile, so that another thread could take it.
                thread::sleep(Duration::from_millis(50));
                assert_eq!(own.wait(), Ok(signal));
            }
            run(telemetry);
        }
        #[cfg(unix)]
        "daemon" => return daemon(build(way, endpoint, |forward| forward.delay(A_MOMENT), LONG)),
        "busy_server" => server(way, endpoint, Duration::from_millis(200)),
        "unanswered" => unanswered(way, endpoint),
        "patient" => server(way, endpoint, LONG),
        "seven" => {
            let hour = Duration::from_secs(3600);
            run(build(way, endpoint, |forward| forward.timeout(hour), Duration::from_millis(50)));
            return ExitCode::from(7);
        }
        "listen" => {
            let listener = Listener::default();
            // Everywhere, so that it hears the threads of others too.
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(listener.clone())).unwrap();
            let telemetry = build(way, endpoint, |forward| forward.delay(A_MOMENT).queue(2), LONG);
            let subscriber = tracing_subscriber::registry().with(telemetry.layer()).with(listener.clone());
            busy(way, telemetry, subscriber);
            listener.0.lock().unwrap().iter().for_each(|line| println!("{line}"));
        }
        "log" => {
            listen();
            let telemetry = build(way, endpoint, |forward| forward.delay(A_MOMENT), LONG);
            let subscriber = tracing_subscriber::registry().with(telemetry.layer());
            busy(way, telemetry, subscriber);
            heard();
        }
        "handshake" => {
            listen();
            let roots = rustls::RootCertStore::empty();
            let ring = Arc::new(rustls::crypto::ring::default_provider());
            let config = rustls::ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions();
            let config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
            let name = "localhost".try_into().unwrap();
            rustls::ClientConnection::new(Arc::new(config), name).unwrap();
            heard();
        }
        other => panic!("no role {other}"),
    }
    ExitCode::SUCCESS
}

const A_MOMENT: Duration = Duration::from_millis(1);

/// Sends, closes every descriptor but the standard streams as a daemon does, opens sockets of its own, and sends again. It
/// fails if any of its own was written to, changed or closed.
#[cfg(unix)]
fn daemon(telemetry: scruple::Telemetry) -> ExitCode {
    use std::io::{ErrorKind, Read as _};
    use std::os::unix::net::UnixStream;
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    let is_untouched = tracing::subscriber::with_default(subscriber, || {
        program();
        // Until the judge has what was sent.
        std::io::stdin().read_line(&mut String::new()).unwrap();
        for number in 3..64 {
            // SAFETY: what is closed belongs to code that has to cope with it; that is what is tested.
            let _ = unsafe { libc::close(number) };
        }
        let own: Vec<_> = (0..12).map(|_| UnixStream::pair().unwrap()).collect();
        program();
        drop(telemetry);
        own.into_iter().flat_map(|(one, other)| [one, other]).all(|mut socket| {
            let is_open = rustix::net::sockopt::socket_linger(&socket) == Ok(None);
            // One that was closed must not be closed again here.
            is_open && socket.set_nonblocking(true).is_ok() && {
                let read = socket.read(&mut [0; 64]);
                std::mem::forget(socket);
                read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
            }
        })
    });
    // Nothing here is in a state to be taken down.
    std::process::exit(i32::from(!is_untouched))
}

fn build(way: &str, endpoint: &str, change: impl FnOnce(Forward) -> Forward, budget: Duration) -> scruple::Telemetry {
    let mut forward = match way {
        "exporters" => Forward::exporters(Prints("spans"), Prints("logs")),
        "grpc" => Forward::grpc(),
        _ => Forward::http(),
    };
    if let Ok(pem) = std::env::var("AUTHORITY") {
        forward = forward.certificate(pem);
    }
    let builder = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint(endpoint);
    builder.export(change(forward)).shutdown_timeout(budget).build()
}

/// An author's exporter, which prints the number of records in each batch.
#[derive(Debug)]
struct Prints(&'static str);

impl SpanExporter for Prints {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        println!("{} {}", batch.len(), self.0);
        Ok(())
    }
}

impl LogExporter for Prints {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        println!("{} {}", batch.iter().count(), self.0);
        Ok(())
    }
}

/// A server whose receiver never answers, with an export timeout of an hour: a record that waited for room would wait for
/// ever. It prints how many records it made, how many wait, how many are lost as the queue is full, how many the status
/// says are lost, and by how many KiB its memory grew after the queue was full.
fn unanswered(way: &str, endpoint: &str) {
    let mut counts = None;
    let forward = |forward: Forward| {
        counts = Some(forward.deliveries());
        forward.delay(A_MOMENT).timeout(Duration::from_secs(3600))
    };
    let telemetry = build(way, endpoint, forward, Duration::from_millis(50));
    let counts = counts.unwrap();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(telemetry.layer())).unwrap();
    let fill = || (0..4_000).for_each(|_| program());
    fill();
    let before = peak();
    (0..9).for_each(|_| fill());
    let told: u64 = telemetry.status().lost.iter().map(|(_, count)| count).sum();
    let (waiting, full) = (counts.waiting(), counts.lost(LossReason::Full));
    println!("{} {waiting} {full} {told} {}", 40_000 * RECORDS, peak() - before);
}

/// The most memory that was resident, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// How many threads record, and how often each runs the program: some 20,000 records.
const WORK: (u64, u64) = (4, 1_667);

/// A busy server, and a span that outlives its telemetry. It prints how many records it made, how many were sent, and how
/// many were lost.
fn server(way: &str, endpoint: &str, budget: Duration) {
    let mut counts = None;
    let forward = |forward: Forward| {
        counts = Some(forward.deliveries());
        forward.delay(Duration::from_millis(20))
    };
    let telemetry = build(way, endpoint, forward, budget);
    let counts = counts.unwrap();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(telemetry.layer())).unwrap();
    let lost = || counts.iter().map(|(_, count)| count).sum::<u64>();
    let late = tracing::info_span!("shop.order");
    thread::scope(|scope| {
        for _ in 0..WORK.0 {
            scope.spawn(|| (0..WORK.1).for_each(|_| program()));
        }
    });
    // Two queues, and a request of each.
    assert!(counts.waiting() <= 2 * (2048 + 512), "{counts}");
    let before = lost();
    let told: u64 = telemetry.status().lost.iter().map(|(_, count)| count).sum();
    assert!((before..=lost()).contains(&told), "{told} in the status, {before} before");
    drop(telemetry);
    drop(late);
    assert_eq!((counts.waiting(), counts.lost(LossReason::Closed)), (0, 1), "{counts}");
    println!("{} {} {}", WORK.0 * WORK.1 * RECORDS + 1, counts.sent(), lost());
}

/// A program whose queue overflows, whose endpoint fails at the end, and which pauses in between.
fn busy(way: &str, telemetry: scruple::Telemetry, subscriber: impl tracing::Subscriber + Send + Sync + 'static) {
    tracing::subscriber::with_default(subscriber, || {
        (0..100).for_each(|_| program());
        thread::sleep(Duration::from_millis(50));
        program();
    });
    drop(telemetry);
    let refused = build(way, "http://127.0.0.1:1", |forward| forward.delay(A_MOMENT), LONG);
    run(refused);
    // Its threads come to their end meanwhile.
    thread::sleep(Duration::from_millis(50));
}

/// Hears every span and event.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<String>>>);

impl Listener {
    fn hear(&self, what: &str, metadata: &tracing::Metadata<'_>) {
        self.0.lock().unwrap().push(format!("{} {what} {}", metadata.target(), metadata.name()));
    }
}

impl<S> tracing_subscriber::Layer<S> for Listener
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    fn on_new_span(
        &self,
        span: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        self.hear("span", span.metadata());
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        self.hear("event", event.metadata());
    }
}

static LOGGER: Logger = Logger(Mutex::new(Vec::new()));

fn listen() {
    log::set_logger(&LOGGER).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
}

/// Prints what was heard.
fn heard() {
    LOGGER.0.lock().unwrap().iter().for_each(|line| println!("{line}"));
}

/// Hears every log record.
struct Logger(Mutex<Vec<String>>);

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0.lock().unwrap().push(record.target().to_owned());
    }

    fn flush(&self) {}
}
