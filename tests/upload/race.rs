//! `off` against uploads, round after round: receivers that stall at each step, recorders that go on, and kills.
//!
//! A lane is a process with a home of its own. In each round it puts files that it recorded once into the queue, begins a
//! telemetry whose thread uploads them at once over a real socket, says no at a chance moment, and looks at what the
//! receiver's side of the socket had got by then and what still comes. A byte that comes is one that left after the no:
//! whatever it is, nothing of a request leaves in another way. The kernel has a millisecond for what is between the two
//! sockets.

use super::person::{APP, Person};
use super::registry::REGISTRY;
use scruple::consent::Preset;
use scruple::encode::Format;
use scruple::testing::Rehearsal;
use scruple::{Choice, NotStored, Telemetry, Upload};
use scruple_fixtures::{http, person, tls, trials};
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tracing_subscriber::prelude::*;

trials! {
    no_record_leaves_or_stays_after_off,
    no_record_stays_of_killed_processes,
    ; "needs minutes":
    no_record_leaves_or_stays_after_off_in_twenty_thousand_rounds,
    no_record_stays_of_three_hundred_killed_processes,
}

fn no_record_leaves_or_stays_after_off() {
    lanes(2, 20);
}

fn no_record_stays_of_killed_processes() {
    kills(6);
}

fn no_record_leaves_or_stays_after_off_in_twenty_thousand_rounds() {
    lanes(16, 1_250);
}

fn no_record_stays_of_three_hundred_killed_processes() {
    kills(300);
}

/// The role of a process that runs a lane.
pub const LANE: &str = "lane";

/// What the receiver does with what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Receiver {
    /// It reads nothing: over TLS, the handshake stalls.
    Deaf,
    /// It reads a little, and no more: the body stalls.
    Slow,
    /// It reads everything, and answers nothing.
    Silent,
    /// It takes everything.
    Taking,
    /// It asks to be asked later.
    Refusing,
}

const RECEIVERS: [Receiver; 5] =
    [Receiver::Deaf, Receiver::Slow, Receiver::Silent, Receiver::Taking, Receiver::Refusing];

/// The receiver's side of a connection, and how many bytes came.
struct Connection {
    socket: TcpStream,
    tls: Option<rustls::ServerConnection>,
    read: u64,
    text: Vec<u8>,
    answered: bool,
}

impl Connection {
    /// How many bytes had come by now.
    fn came(&self) -> u64 {
        self.read + rustix::io::ioctl_fionread(&self.socket).unwrap_or(0)
    }

    /// Reads what there is, and answers what is whole.
    fn serve(&mut self, receiver: Receiver) {
        let most = match receiver {
            Receiver::Deaf => 0,
            Receiver::Slow if self.text.is_empty() => 1024,
            Receiver::Slow => 0,
            _ => 64 * 1024,
        };
        let mut bytes = vec![0; most];
        let Ok(read @ 1..) = self.socket.read(&mut bytes) else { return };
        self.read += read as u64;
        match &mut self.tls {
            None => self.text.extend_from_slice(&bytes[..read]),
            Some(tls) => {
                let mut rest = &bytes[..read];
                while !rest.is_empty() && tls.read_tls(&mut rest).is_ok() {
                    let Ok(state) = tls.process_new_packets() else { return };
                    let mut plain = vec![0; state.plaintext_bytes_to_read()];
                    let _ = tls.reader().read_exact(&mut plain);
                    self.text.extend(plain);
                }
            }
        }
        let answer = match receiver {
            Receiver::Taking => http::answer("200 OK", "", b"{}"),
            Receiver::Refusing => http::answer("503 No", "retry-after: 60\r\n", b""),
            _ => Vec::new(),
        };
        let is_whole = || {
            let text = String::from_utf8_lossy(&self.text);
            let (head, body) = text.split_once("\r\n\r\n")?;
            let length: usize = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
            Some(body.len() >= length)
        };
        let answer = if !self.answered && is_whole() == Some(true) { answer } else { Vec::new() };
        self.answered |= !answer.is_empty();
        match &mut self.tls {
            None => drop(self.socket.write_all(&answer)),
            Some(tls) => {
                let _ = tls.writer().write_all(&answer);
                while tls.wants_write() && tls.write_tls(&mut self.socket).is_ok() {}
            }
        }
    }

    /// Reads to the end, and says how many bytes came in all.
    fn end(mut self) -> u64 {
        let begun = Instant::now();
        let mut bytes = [0; 64 * 1024];
        loop {
            match self.socket.read(&mut bytes) {
                Ok(0) => return self.read,
                Ok(read) => self.read += read as u64,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    assert!(begun.elapsed() < Duration::from_secs(20), "a connection is still open after the no");
                    thread::sleep(Duration::from_micros(200));
                }
                Err(_) => return self.read,
            }
        }
    }
}

/// Sets a flag at the end, a panic's too: a thread that looks at it ends.
struct Sets<'a>(&'a AtomicBool);

impl Drop for Sets<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Serves what connects, until it is over.
fn serve(
    listener: &TcpListener,
    config: Option<&Arc<rustls::ServerConfig>>,
    receiver: Receiver,
    is_over: &AtomicBool,
    has_begun: &AtomicBool,
) -> Vec<Connection> {
    let mut connections = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        accept(listener, config, &mut connections);
        has_begun.fetch_or(!connections.is_empty(), Ordering::Relaxed);
        connections.iter_mut().for_each(|connection| connection.serve(receiver));
        thread::sleep(Duration::from_micros(200));
    }
    connections
}

fn accept(listener: &TcpListener, config: Option<&Arc<rustls::ServerConfig>>, connections: &mut Vec<Connection>) {
    while let Ok((socket, _)) = listener.accept() {
        socket.set_nonblocking(true).unwrap();
        let tls = config.map(|config| rustls::ServerConnection::new(Arc::clone(config)).unwrap());
        connections.push(Connection { socket, tls, read: 0, text: Vec::new(), answered: false });
    }
}

/// A small generator, so that a round can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// What a lane has of its own.
struct Lane {
    home: PathBuf,
    url: String,
    pem: Option<String>,
}

impl Lane {
    fn state(&self) -> PathBuf {
        person::state_of(&self.home, APP)
    }

    fn config(&self) -> PathBuf {
        person::settings(&self.home, APP)
    }

    fn begin(&self, is_grpc: bool) -> Telemetry {
        let mut upload = Upload::new().in_thread().format(Format::Json).gzip(false);
        if let Some(pem) = &self.pem {
            upload = upload.certificate(pem.clone());
        }
        if is_grpc {
            upload = upload.grpc();
        }
        let builder = scruple::start(&REGISTRY).preset(Preset::OptIn).endpoint(&self.url).export(upload);
        builder.rehearsal(Rehearsal::new().asking().root(&self.home)).build()
    }
}

fn record(telemetry: &Telemetry, mut goes_on: impl FnMut() -> bool) {
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        while goes_on() {
            tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "one", asked.name = "a private name");
        }
    });
}

/// Every file below a folder, with its content.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push((path.clone(), fs::read(&path).unwrap())) }
    }
    found
}

/// What a no leaves in the folder for state: no file with anything in it. Wine keeps a deleted file while somebody records
/// into it, and replaces no file that another thread has open: a no is stored in this folder then.
#[track_caller]
fn nothing_is_left(state: &Path, what: &str, is_recording: bool) {
    let is_kept = |path: &Path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        cfg!(windows) && (name == "telemetry.toml" || is_recording && name.starts_with(".gone."))
    };
    let left: Vec<_> = files(state)
        .into_iter()
        .filter(|(path, _)| !path.ends_with("stamp") && !path.ends_with("upload.lock") && !is_kept(path))
        .collect();
    let named: Vec<_> = left.iter().map(|(path, content)| (path, String::from_utf8_lossy(content))).collect();
    assert!(left.is_empty(), "{what}: {named:?}");
}

/// The program of a lane: `lane rounds=N seed=N [tls]`.
pub fn run(rounds: u64, seed: u64, is_tls: bool) -> ExitCode {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    // So small that most of a body waits on the other side.
    rustix::net::sockopt::set_socket_recv_buffer_size(&listener, 4096).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (pem, config) = tls::authority(b"http/1.1");
    let (pem, config) = if is_tls { (Some(pem), Some(config)) } else { (None, None) };
    let url = if is_tls { format!("https://localhost:{port}") } else { format!("http://127.0.0.1:{port}") };
    let lane = Lane { home: std::env::var_os(person::HOME).unwrap().into(), url, pem };
    // What a person said, and what waits: made once by the program itself.
    let telemetry = lane.begin(false);
    telemetry.set_consent(Choice::On).unwrap();
    let mut left = 30;
    record(&telemetry, || {
        left -= 1;
        left > 0
    });
    drop(telemetry);
    let (said, waiting) = (files(&lane.config()), files(&lane.state().join("queue")));
    assert!(!said.is_empty() && !waiting.is_empty());
    let mut dice = Dice(seed);
    let (mut connected, mut sent, mut again) = (0, 0, 0);
    for round in 0..rounds {
        let (receiver, after) = (RECEIVERS[dice.roll(5) as usize], Duration::from_micros(dice.roll(12_000)));
        let (is_grpc, is_elsewhere, records) = (!is_tls && dice.roll(5) == 0, dice.roll(2) == 0, dice.roll(3) == 0);
        let is_early = dice.roll(4) == 0;
        let what = format!("seed {seed}, round {round}: {receiver:?} {after:?} {is_grpc} {is_elsewhere} {records}");
        for folder in [lane.config(), lane.state()] {
            let _ = fs::remove_dir_all(folder);
        }
        for (path, content) in said.iter().chain(&waiting) {
            write(path, content);
        }
        let (is_over, is_off, has_begun) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
        let telemetry = lane.begin(is_grpc);
        let mut connections = thread::scope(|threads| {
            let server = threads.spawn(|| serve(&listener, config.as_ref(), receiver, &is_over, &has_begun));
            if records {
                threads.spawn(|| {
                    record(&telemetry, || {
                        thread::sleep(Duration::from_micros(300));
                        !is_off.load(Ordering::Relaxed)
                    });
                });
            }
            // From when the uploader connects, or from when it is begun.
            let begun = Instant::now();
            while !is_early && !has_begun.load(Ordering::Relaxed) && begun.elapsed() < Duration::from_secs(1) {
                thread::sleep(Duration::from_micros(200));
            }
            thread::sleep(after);
            let _ends = [Sets(&is_over), Sets(&is_off)];
            // As another process says it, or this one.
            let says_no = || {
                if is_elsewhere {
                    lane.begin(is_grpc).set_consent(Choice::Off)
                } else {
                    telemetry.set_consent(Choice::Off)
                }
            };
            let mut said = says_no();
            // On a machine that has other things to do, it may say so.
            while matches!(said, Err(NotStored::UnderWay)) {
                again += 1;
                said = says_no();
            }
            thread::sleep(Duration::from_millis(1));
            is_over.store(true, Ordering::Relaxed);
            said.unwrap_or_else(|why| panic!("{what}: {why}"));
            let connections = server.join().unwrap();
            nothing_is_left(&lane.state(), &what, true);
            connections
        });
        accept(&listener, config.as_ref(), &mut connections);
        let came: Vec<_> = connections.iter().map(Connection::came).collect();
        drop(telemetry);
        let ended: Vec<_> = connections.into_iter().map(Connection::end).collect();
        let late = ended.iter().zip(&came).map(|(all, then)| all.saturating_sub(*then)).sum::<u64>();
        assert_eq!(late, 0, "{what}: bytes came after the no");
        let mut more = Vec::new();
        accept(&listener, config.as_ref(), &mut more);
        assert_eq!(more.len(), 0, "{what}: a connection came after the no");
        nothing_is_left(&lane.state(), &what, false);
        connected += u64::from(!came.is_empty());
        sent += came.iter().sum::<u64>();
    }
    println!("{rounds} rounds, {connected} with a connection, {sent} bytes before a no, {again} said again");
    ExitCode::SUCCESS
}

fn write(path: &Path, content: &[u8]) {
    let folder = path.parent().unwrap();
    if !folder.exists() {
        person::make_private(folder);
    }
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.write(true).create(true).truncate(true).open(path).unwrap();
    file.write_all(content).unwrap();
}

/// A home that costs no disk, where there is one: a round writes through to the disk a dozen times.
fn home() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Runs lanes, at once where each has a home of its own.
fn lanes(lanes: u64, rounds: u64) {
    let begun = Instant::now();
    let at_once = if cfg!(windows) { 1 } else { lanes };
    let mut connected = 0;
    for first in (0..lanes).step_by(usize::try_from(at_once).unwrap()) {
        let start = |lane: u64| {
            let person = Person::at(home());
            let tls = if lane.is_multiple_of(2) { "tls" } else { "" };
            fs::write(person.home().join("endpoint"), "").unwrap();
            let child = person.start(&format!("{LANE} rounds={rounds} seed={lane} {tls}"));
            (person, child)
        };
        let running: Vec<_> = (first..lanes.min(first + at_once)).map(start).collect();
        for (_person, child) in running {
            let output = child.wait_with_output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
            println!("{}", printed.trim_end());
            connected += printed.split(' ').nth(2).unwrap().parse::<u64>().unwrap();
        }
    }
    println!("{} rounds in {:?}", lanes * rounds, begun.elapsed());
    assert!(connected > lanes * rounds / 4, "in most rounds nothing had begun: {connected}");
}

/// Programs and uploaders that are killed at a chance moment, and then a no.
fn kills(rounds: u64) {
    let mut dice = Dice(7);
    for round in 0..rounds {
        let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
        let person = Person::new(&format!("http://{}", deaf.local_addr().unwrap()));
        person.run("fresh record=30");
        person.later();
        let mut uploader = person.uploader().spawn().unwrap();
        let mut program = person.start("fresh record=200 wait");
        thread::sleep(Duration::from_millis(dice.roll(60)));
        let is_killed_before = dice.roll(2) == 0;
        let kill = |program: &mut std::process::Child, uploader: &mut std::process::Child| {
            let _ = program.kill();
            super::off::kill(uploader);
        };
        if is_killed_before {
            kill(&mut program, &mut uploader);
            person.run("no");
        } else {
            let mut says_no = person.start("no");
            thread::sleep(Duration::from_millis(dice.roll(30)));
            kill(&mut program, &mut uploader);
            assert!(says_no.wait().unwrap().success());
        }
        let came: Vec<_> = std::iter::from_fn(|| {
            deaf.set_nonblocking(true).unwrap();
            deaf.accept().ok()
        })
        .map(|(socket, _)| {
            socket.set_nonblocking(true).unwrap();
            let socket = Connection { socket, tls: None, read: 0, text: Vec::new(), answered: false };
            (socket.came(), socket)
        })
        .collect();
        for (then, socket) in came {
            assert!(socket.end() <= then, "round {round}: bytes came after the no");
        }
        program.wait().unwrap();
        nothing_is_left(&person.state(), &format!("round {round}"), false);
    }
}
