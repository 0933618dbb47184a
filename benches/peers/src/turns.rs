//! Runs examples/quickstart and its peers in turns, in a network of its own: `benches/peers/quickstart` starts it.

mod rows;

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const HOST: &str = "telemetry.example.com";
const RUNS: usize = 50;
/// Of what takes about a second.
const SLOW_RUNS: usize = 5;
/// How long an uploader is waited for that may get no answer.
const SETTLED: Duration = Duration::from_millis(300);
/// What one run of the quickstart records: its span and an event.
const RECORDS: usize = 2;

fn main() {
    let programs: Vec<_> = std::env::args().skip(1).map(|path| fs::canonicalize(path).expect("a program")).collect();
    let [words, none, bare] = &programs[..] else { panic!("three programs") };
    assert!(Command::new("ip").args(["link", "set", "lo", "up"]).status().expect("ip").success());
    let folder = tempfile::tempdir().expect("a folder");
    let hosts = folder.path().join("hosts");
    fs::write(&hosts, "").expect("it is written");
    assert!(Command::new("mount").arg("--bind").arg(&hosts).arg("/etc/hosts").status().expect("mount").success());
    let authority = folder.path().join("authority.pem");
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).expect("a certificate");
    fs::write(&authority, made.cert.pem()).expect("it is written");
    for state in ["refused", "swallowed", "unresolved"] {
        fs::write(&hosts, if state == "unresolved" { String::new() } else { format!("127.0.0.1 {HOST}\n") }).unwrap();
        // Nobody accepts; the system takes connections in all the same.
        let deaf = (state == "swallowed").then(|| TcpListener::bind("127.0.0.1:443").expect("port 443"));
        let [plain, otlp, due, not_due] = ["none", "bare", "due", "not due"].map(|_| Machine::new(words));
        let mut times = [const { Vec::new() }; 4];
        not_due.run(words);
        rows::settle(&not_due.state(), SETTLED);
        for nth in 0..RUNS {
            times[0].push(plain.run(none));
            if nth < SLOW_RUNS {
                times[1].push(otlp.run(bare));
            }
            due.forget(&["stamp", "pause"]);
            times[2].push(due.run(words));
            rows::settle(&due.state(), SETTLED);
            times[3].push(not_due.run(words));
        }
        drop(deaf);
        fs::write(&hosts, format!("127.0.0.1 {HOST}\n")).unwrap();
        serve(made.cert.der().clone(), made.signing_key.serialize_der());
        let ends = [due.delivered(words, &authority), not_due.delivered(words, &authority)];
        let ends = [
            String::new(),
            String::new(),
            format!("{} of {}", ends[0], RUNS * RECORDS),
            format!("{} of {}", ends[1], (RUNS + 1) * RECORDS),
        ];
        rows::table(state, times, ends);
        // The port is free again for the next state.
        let _ = std::net::TcpStream::connect("127.0.0.1:443").and_then(|mut last| last.write_all(b"end"));
        thread::sleep(Duration::from_millis(100));
    }
}

/// A person who said yes.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new(words: &Path) -> Self {
        let machine = Self(tempfile::tempdir().expect("a folder"));
        fs::write(machine.0.path().join("text"), "three short words\n").expect("it is written");
        assert!(machine.command(words).args(["telemetry", "on"]).status().expect("it runs").success());
        machine
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.0.path()).current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Milliseconds.
    fn run(&self, program: &Path) -> f64 {
        let mut command = self.command(program);
        command.arg("text");
        let start = Instant::now();
        assert!(command.status().expect("it runs").success(), "{}", program.display());
        start.elapsed().as_secs_f64() * 1e3
    }

    fn state(&self) -> PathBuf {
        self.0.path().join(".local/state/scruple/com.example.words")
    }

    fn forget(&self, names: &[&str]) {
        for name in names {
            let _ = fs::remove_file(self.state().join(name));
        }
    }

    /// How many records have a receipt once the receiver is there.
    fn delivered(&self, words: &Path, authority: &Path) -> usize {
        let start = Instant::now();
        while !rows::waiting(&self.state()).is_empty() && start.elapsed() < Duration::from_secs(120) {
            self.forget(&["stamp", "pause"]);
            rows::upload(self.command(words).env("SSL_CERT_FILE", authority), "com.example.words", |_| ());
        }
        rows::receipts(&self.state())
    }
}

/// A receiver over TLS that takes everything, until somebody speaks no TLS.
fn serve(certificate: CertificateDer<'static>, key: Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:443").expect("port 443");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("TLS");
    let key = PrivatePkcs8KeyDer::from(key).into();
    let config = Arc::new(builder.with_no_client_auth().with_single_cert(vec![certificate], key).expect("a key"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut reader = BufReader::new(StreamOwned::new(tls, stream));
            loop {
                let mut length = 0;
                let mut line = String::new();
                loop {
                    line.clear();
                    match reader.read_line(&mut line) {
                        Ok(1..) if line.trim().is_empty() => break,
                        Ok(1..) => {}
                        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => return,
                        _ => break,
                    }
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap_or(0);
                    }
                }
                if line.is_empty() {
                    break;
                }
                let _ = std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink());
                let _ = reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            }
        }
    });
}
