//! The program: it records, and ends in some way. Its starter and its uploader are this program too, and get no further
//! than `start` and `build`.

#[cfg(unix)]
use super::host;
use super::person::{APP, Person};
use super::{arguments, marks, off, policy, race, registry};
#[cfg(target_os = "linux")]
use super::{environment, threads};
use scruple::consent::Preset;
use scruple::encode::Format;
use scruple::spool::Limits;
use scruple::testing::Rehearsal;
use scruple::{Choice, Upload};
use scruple_fixtures::source::FixedClock;
use scruple_fixtures::{person, process};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tracing_subscriber::prelude::*;

pub const ROLE: &str = "UPLOADS_ROLE";
pub const UPLOADER: &str = "SCRUPLE_UPLOADER";
/// The role of a process that starts an uploader, and waits for it.
pub const STARTER: &str = "starter";

/// A process that is started for an upload: its variable, and the file that is its standard input and holds the same.
pub fn mark<'c>(command: &'c mut Command, stage: &str) -> &'c mut Command {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mark = format!("com.example.asked {stage} {number:016x}");
    let mut file = process::nameless_file();
    file.write_all(mark.as_bytes()).unwrap();
    command.env(UPLOADER, mark).stdin(file)
}

/// An uploader, or a process that starts it and waits for it.
pub fn start_at_once(person: &Person) -> Command {
    let mut command = person.command(STARTER);
    // No process starts an uploader for another there.
    if cfg!(windows) {
        mark(command.env_remove(ROLE), "uploader");
    }
    command
}

#[cfg(windows)]
pub fn start_uploader() -> ExitCode {
    unreachable!("there is no starter")
}

#[cfg(unix)]
pub fn start_uploader() -> ExitCode {
    use std::os::unix::process::CommandExt as _;
    rustix::process::setsid().expect("a session of its own");
    let mut uploader = Command::new(std::env::current_exe().unwrap());
    mark(uploader.env_remove(ROLE).process_group(0), "uploader");
    if uploader.status().unwrap().success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How a line begins that says what a listener heard.
pub const HEARD: &str = "heard ";

/// Hears every record of `log`, and every span and event of others than this program.
struct Listener;

impl log::Log for Listener {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        println!("{HEARD}log {} {}", record.level(), record.target());
    }

    fn flush(&self) {}
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Listener {
    fn on_new_span(
        &self,
        span: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        hear(span.metadata());
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        hear(event.metadata());
    }
}

fn hear(metadata: &tracing::Metadata<'_>) {
    if metadata.target() != module_path!() {
        println!("{HEARD}tracing {} {}", metadata.level(), metadata.target());
    }
}

fn listen() {
    static LOGGER: Listener = Listener;
    log::set_logger(&LOGGER).expect("there is no other");
    log::set_max_level(log::LevelFilter::Trace);
}

pub fn play() -> ExitCode {
    let home = std::env::var(person::HOME).expect("a home");
    let endpoint = std::fs::read_to_string(Path::new(&home).join("endpoint"));
    let endpoint = endpoint.or_else(|_| std::env::var("RECEIVER")).expect("an endpoint");
    let role = std::env::var(ROLE).unwrap_or_default();
    let has = |word: &str| role.split(' ').any(|found| found == word);
    let number = |name: &str| -> Option<u64> {
        role.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
    };
    if has(race::LANE) {
        return race::run(number("rounds").unwrap_or(0), number("seed").unwrap_or(0), has("tls"));
    }
    marks::before(Path::new(&home), &role);
    if Path::new(&home).join("two").exists() && !has("second") {
        marks::work(Path::new(&home));
        return ExitCode::SUCCESS;
    }
    let days =
        std::fs::read_to_string(Path::new(&home).join("days")).map_or(0, |days| days.parse::<u64>().expect("a number"));
    let begin = 1_795_000_000 + days * 86_400 + number("number").unwrap_or(0) * 100;
    // A second for each record, so that each has a time of its own; the seconds of one process are its number's.
    let clock = FixedClock::at(begin * 1_000_000_000).step(1_000_000_000);
    let words = std::fs::read_to_string(Path::new(&home).join("upload")).unwrap_or_default();
    let chosen = |word: &str| words.split(' ').any(|found| found == word);
    let format = if chosen("protobuf") { Format::Protobuf } else { Format::Json };
    let mut upload = Upload::new().format(format).gzip(chosen("gzip"));
    if chosen("grpc") {
        upload = upload.grpc();
    }
    if let Ok(pem) = std::fs::read(Path::new(&home).join("authority.pem")) {
        upload = upload.certificate(pem);
    }
    if has("roomy") || role.is_empty() {
        upload = upload.limits(Limits::new().bytes(100 << 20));
    }
    if has("few") {
        upload = upload.limits(Limits::new().records(2));
    }
    if let Some(seconds) = number("every") {
        upload = upload.every(Duration::from_secs(seconds));
    }
    if let Some(records) = number("batch") {
        upload = upload.batch_appends(records);
    }
    if has("thread") {
        upload = upload.in_thread();
    }
    #[cfg(unix)]
    if has("bare") {
        host::close_streams();
    }
    // Of nothing that it declares anything about the installation has to be stored.
    let is_library = Path::new(&home).join("library").exists();
    let is_loose = is_library || Path::new(&home).join("loose").exists();
    let tables = match std::fs::read_to_string(Path::new(&home).join("tables")).as_deref() {
        Ok("purposes") => &registry::PURPOSES,
        Ok("ending") => &registry::ENDING,
        Ok("wider") => &registry::WIDER,
        _ if is_loose => &registry::DOCUMENTED,
        _ => &registry::REGISTRY,
    };
    let mut builder = scruple::start(tables)
        .preset(if is_library { Preset::Documented } else { Preset::OptIn })
        .endpoint(&endpoint)
        .telemetry_variable("ASKED_TELEMETRY")
        .rehearsal(Rehearsal::new().asking().clock(clock).root(&home))
        .export(upload);
    if has("given") {
        builder = builder.preset(scruple::Preset::OperatorConsent);
    }
    if has("patient") {
        // A loaded machine takes longer than the default.
        builder = builder.shutdown_timeout(Duration::from_secs(60));
    }
    if let Ok(url) = std::fs::read_to_string(Path::new(&home).join("policy-url")) {
        builder = builder.policy(policy::source(url));
    }
    if has("listen") {
        listen();
    }
    let telemetry = builder.build();
    if role.is_empty() {
        marks::work(Path::new(&home));
    }
    let listener = has("listen").then_some(Listener);
    let subscriber = tracing_subscriber::registry().with(telemetry.layer()).with(listener);
    tracing::subscriber::set_global_default(subscriber).expect("there is no other");
    if has("yes") {
        telemetry.set_consent(Choice::On).expect("it is stored");
    }
    if has("no") {
        telemetry.set_consent(Choice::Off).expect("it is stored");
    }
    if has("reset") {
        telemetry.reset().expect("it is deleted");
    }
    if has("fresh") {
        let state = person::state_of(Path::new(&home), APP);
        let stamp = std::fs::File::create(state.join("stamp")).expect("the folder is there");
        stamp.set_modified(SystemTime::now()).expect("a time");
    }
    for _ in 0..number("span").unwrap_or(0) {
        drop(tracing::info_span!("asked.run"));
    }
    if has("parsed") {
        arguments::parse(&telemetry);
    }
    if has("flagged") {
        arguments::parse_flag(&telemetry);
    }
    #[cfg(target_os = "linux")]
    if has("watch") {
        environment::watch(&telemetry, Path::new(&home));
    }
    #[cfg(target_os = "linux")]
    if has("forbid") {
        threads::forbid_processes();
    }
    for _ in 0..number("record").unwrap_or(0) {
        tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "one", asked.name = "a private name");
    }
    for _ in 0..number("left").unwrap_or(0) {
        tracing::event!(name: "asked.left", tracing::Level::INFO, asked.kind = "one", asked.name = "a private name");
    }
    for _ in 0..number("third").unwrap_or(0) {
        tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "three");
    }
    for _ in 0..number("odd").unwrap_or(0) {
        tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "zzprivate", asked.other = "zzprivate");
    }
    if has("forbidden") {
        off::forbid(Path::new(&home), has("variable"));
    }
    for _ in 0..number("more").unwrap_or(0) {
        tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "one");
    }
    #[cfg(unix)]
    if has("forks") {
        return off::fork_and_say_no(&telemetry, Path::new(&home));
    }
    #[cfg(unix)]
    if has("daemon") {
        off::fork(Path::new(&home));
    }
    #[cfg(target_os = "linux")]
    if has("signals") {
        threads::wait_for_signals();
    }
    #[cfg(unix)]
    if has("bare") {
        return host::write_to_streams(&telemetry, &Path::new(&home).join("enough"));
    }
    #[cfg(unix)]
    if has("host") {
        return host::work(telemetry, has("early"));
    }
    if has("hook") {
        std::panic::set_hook(Box::new(|_| println!("the program's own hook")));
        telemetry.on_panic(|place| {
            println!("{place}");
            tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "two", asked.name = %place);
        });
    }
    if has("listen") {
        let state = person::state_of(Path::new(&home), APP);
        let begun = Instant::now();
        let is_taken = || std::fs::read_dir(state.join("sent")).is_ok_and(|receipts| receipts.count() > 0);
        let is_refused = || state.join("pause").exists();
        while !is_taken() && !is_refused() && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(5));
        }
        println!("{}", if is_taken() { "it was taken" } else { "it was not" });
    }
    if has("wait") {
        std::thread::sleep(Duration::from_secs(60));
    }
    if has("decide") {
        println!("{:?} {:?}", telemetry.decision().mode, telemetry.decision().reason);
    }
    let page = ("page", telemetry.show_html());
    for (word, text) in [("show", telemetry.show(false)), ("sent", telemetry.show_sent(false)), page] {
        if has(word) {
            println!("{text}");
        }
    }
    if has("disabled") {
        telemetry.disable();
    }
    if has("send") {
        match telemetry.send(|taken| println!("taken {taken}")) {
            Ok(report) => println!("{}: {report}", report.end.code()),
            Err(decision) => println!("not sent: {:?}", decision.reason),
        }
    }
    if has("json") {
        println!("{}", telemetry.status().to_json());
    }
    if has("status") {
        println!("{}", telemetry.status());
    }
    if has("vanish") {
        marks::vanish(has("killed"));
    }
    #[cfg(target_os = "linux")]
    if has("elsewhere") {
        marks::bear_elsewhere();
    }
    match role.split(' ').next_back() {
        Some("kill") => process::kill_this_one(),
        #[expect(clippy::disallowed_methods, reason = "one of the ways in which a host ends")]
        Some("abort") => std::process::abort(),
        Some("exit") => std::process::exit(3),
        Some("panic") => panic!("on purpose"),
        _ => {}
    }
    ExitCode::SUCCESS
}
