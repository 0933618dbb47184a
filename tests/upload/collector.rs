//! The same at a real Collector: 200 programs at once, some of them killed, and a Collector that is restarted meanwhile.

use super::person::{Person, distinct, records_in};
use super::registry::REGISTRY;
use scruple::check::{Format, check};
use scruple::registry::SignalKind;
use scruple_fixtures::{
    collector::{Collector, free},
    trials, until,
};
use std::fs;
use std::net::{IpAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PROCESSES: u64 = 200;
const RECORDS: u64 = 50;

trials! {
    ; "needs the Collector":
    ten_thousand_records_of_many_processes_arrive_once,
    all_written_records_of_killed_processes_arrive,
    a_collector_that_is_restarted_loses_nothing,
    records_arrive_in_each_form_and_over_each_protocol,
    the_connection_is_encrypted_and_may_use_a_proxy,
}

/// This machine's address beyond loopback: nothing is sent to ask for it.
fn address() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect("192.0.2.1:9").expect("a network interface beyond loopback");
    socket.local_addr().unwrap().ip()
}

/// A Collector for log records over HTTP, which may have the port of one that was there before.
fn start(port: u16) -> Collector {
    let protocols = format!("http: {{endpoint: '127.0.0.1:{port}'}}");
    Collector::start(tempfile::tempdir().unwrap(), &protocols, "json")
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn arrived(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("logs")).unwrap_or_default();
    text.lines().flat_map(records_in).collect()
}

/// Ends it, and gives the records that it wrote; the second opinion has nothing to say of any request.
fn stop(collector: Collector) -> Vec<String> {
    let folder = collector.stop();
    for line in fs::read_to_string(folder.path().join("logs")).unwrap_or_default().lines() {
        // The Collector writes an empty body where there was none.
        let line = line.replace("\"body\":{},", "");
        let findings = check(&[&REGISTRY], SignalKind::Event, Format::Json, line.as_bytes());
        assert!(findings.is_empty(), "{:?}", findings.first());
    }
    arrived(folder.path())
}

/// Runs all programs at once: each records so many, and ends as it is told.
fn record(person: &Person, how: impl Fn(u64) -> (u64, &'static str)) -> u64 {
    let all: Vec<_> = (0..PROCESSES).map(|nth| (nth, how(nth))).collect();
    let running: Vec<_> = all
        .iter()
        .map(|(nth, (records, end))| person.start(&format!("roomy number={nth} record={records} {end}")))
        .collect();
    running.into_iter().for_each(|mut one| assert!(one.wait().is_ok()));
    all.iter().map(|(_, (records, _))| records).sum()
}

/// Each record that was written has arrived, once.
#[track_caller]
fn all_arrived(written: u64, arrived: &[String]) {
    println!("{written} written, {} arrived, {} distinct", arrived.len(), distinct(arrived));
    assert_eq!((arrived.len() as u64, distinct(arrived) as u64), (written, written));
}

/// All that the programs record, each as it is told, arrives once.
fn arrives_once(how: impl Fn(u64) -> (u64, &'static str)) {
    let port = free();
    let collector = start(port);
    let person = Person::new(&url(port));
    let written = record(&person, how);
    person.drain();
    all_arrived(written, &stop(collector));
}

fn ten_thousand_records_of_many_processes_arrive_once() {
    arrives_once(|_| (RECORDS, ""));
}

fn all_written_records_of_killed_processes_arrive() {
    arrives_once(|nth| if nth % 10 == 3 { (nth % RECORDS, "kill") } else { (RECORDS, "") });
}

fn a_collector_that_is_restarted_loses_nothing() {
    let port = free();
    let collector = start(port);
    let person = Person::new(&url(port));
    let mut written = record(&person, |_| (RECORDS / 2, ""));
    person.drain();
    let mut arrived = stop(collector);
    // Nobody listens while these are made, and one uploader finds that out.
    let more: Vec<_> =
        (PROCESSES..2 * PROCESSES).map(|nth| person.start(&format!("roomy number={nth} record=25"))).collect();
    more.into_iter().for_each(|mut one| assert!(one.wait().is_ok()));
    written += PROCESSES * 25;
    let collector = start(port);
    person.drain();
    arrived.extend(stop(collector));
    all_arrived(written, &arrived);
}

fn records_arrive_in_each_form_and_over_each_protocol() {
    let (http, grpc) = (free(), free());
    let protocols = format!("http: {{endpoint: '127.0.0.1:{http}'}}, grpc: {{endpoint: '127.0.0.1:{grpc}'}}");
    let collector = Collector::start(tempfile::tempdir().unwrap(), &protocols, "json");
    let forms = [
        ("json", http),
        ("json gzip", http),
        ("protobuf", http),
        ("protobuf gzip", http),
        ("grpc", grpc),
        ("grpc gzip", grpc),
    ];
    for (nth, (form, port)) in forms.into_iter().enumerate() {
        let person = Person::new(&url(port));
        fs::write(person.home().join("upload"), form).unwrap();
        person.run(&format!("fresh number={nth} record=10"));
        person.drain();
        let status = person.run("status");
        // By the receipts, and by the report of the last upload.
        assert_eq!(status.matches("10 records").count(), 2, "{form}: {status}");
        assert_eq!(status.matches("sent 10 records").count(), 1, "{form}: {status}");
    }
    let arrived = stop(collector);
    assert_eq!((arrived.len(), distinct(&arrived)), (60, 60));
}

/// A forward proxy: the real tinyproxy.
struct Proxy(Child, tempfile::TempDir, u16);

impl Proxy {
    fn start() -> Self {
        let (port, folder) = (free(), tempfile::tempdir().unwrap());
        let log = folder.path().join("log").display().to_string();
        let configuration = format!("Port {port}\nListen 127.0.0.1\nLogFile \"{log}\"\nLogLevel Connect\nTimeout 60\n");
        let file = folder.path().join("tinyproxy.conf");
        fs::write(&file, configuration).unwrap();
        let mut command = Command::new("tinyproxy");
        command.arg("-d").arg("-c").arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("tinyproxy, of the package of that name");
        until("the proxy listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self(child, folder, port)
    }

    fn connections(&self) -> usize {
        fs::read_to_string(self.1.path().join("log")).unwrap_or_default().matches("CONNECT ").count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn the_connection_is_encrypted_and_may_use_a_proxy() {
    let (http, grpc, address) = (free(), free(), address());
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed([address.to_string()]).unwrap();
    fs::write(folder.path().join("certificate.pem"), made.cert.pem()).unwrap();
    fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let tls = "tls: {cert_file: certificate.pem, key_file: key.pem}";
    let protocols =
        format!("http: {{endpoint: '{address}:{http}', {tls}}}, grpc: {{endpoint: '{address}:{grpc}', {tls}}}");
    let collector = Collector::start(folder, &protocols, "json");
    let authority = collector.folder().join("certificate.pem");
    let proxy = Proxy::start();
    let over = format!("http://127.0.0.1:{}", proxy.2);
    let mut expected = 0;
    let mut check =
        |form: &str, port: u16, is_authors: bool, environment: &[(&str, &str)], records: usize, hops: usize| {
            let person = Person::new(&format!("https://{address}:{port}"));
            fs::write(person.home().join("upload"), form).unwrap();
            if is_authors {
                fs::copy(&authority, person.home().join("authority.pem")).unwrap();
            }
            person.run("fresh record=2");
            let before = proxy.connections();
            assert!(person.uploader().envs(environment.iter().copied()).output().unwrap().status.success());
            expected += records;
            let what = format!("{form} {environment:?}");
            assert_eq!(person.waiting(), usize::from(records == 0), "{what}");
            assert!(proxy.connections() - before >= hops && (hops > 0 || proxy.connections() == before), "{what}");
        };
    let file = authority.to_str().unwrap();
    for (form, port) in [("protobuf gzip", http), ("grpc", grpc)] {
        check(form, port, false, &[], 0, 0);
        check(form, port, false, &[("SSL_CERT_FILE", "/nowhere")], 0, 0);
        check(form, port, false, &[("SSL_CERT_FILE", file)], 2, 0);
        check(form, port, true, &[], 2, 0);
        // The author's own authorities are the only ones, whatever a variable says.
        check(form, port, true, &[("SSL_CERT_FILE", "/nowhere")], 2, 0);
        check(form, port, true, &[("HTTPS_PROXY", &over)], 2, 1);
        check(form, port, true, &[("https_proxy", &over), ("NO_PROXY", "example.com, *")], 2, 0);
        check(form, port, true, &[("HTTPS_PROXY", &over), ("NO_PROXY", &address.to_string())], 2, 0);
        check(form, port, true, &[("HTTPS_PROXY", "http://127.0.0.1:9")], 0, 0);
        check(form, port, true, &[("HTTPS_PROXY", "gopher://127.0.0.1")], 0, 0);
        check(form, port, true, &[("HTTP_PROXY", &over)], 2, 0);
        check(form, port, true, &[("ALL_PROXY", &over)], 2, 1);
    }
    until("all of it is written", || arrived(collector.folder()).len() == expected);
    assert_eq!(stop(collector).len(), expected);
}
