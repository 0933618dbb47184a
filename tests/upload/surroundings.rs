//! What an uploader finds around it: the road of the environment, and the host's loggers.

use super::person::Person;
use super::program::HEARD;
use scruple_fixtures::process::no_text;
use scruple_fixtures::{grpc, http, proxy::Proxy, tls, trials};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

trials! {
    an_invalid_certificate_file_delays_no_uploader,
    an_uploading_thread_emits_no_event,
    an_upload_uses_the_environments_network_settings_or_sends_nothing,
    invalid_network_settings_are_in_the_status,
}

const NAME: &str = "telemetry.asked.example";

/// Waits for the end of a process that may never end.
fn ends(child: &mut Child) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(30) {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

fn an_invalid_certificate_file_delays_no_uploader() {
    let receiver = super::person::Receiver::new();
    let person = Person::new(&receiver.0.url);
    person.run("fresh record=2");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("large"), vec![b' '; (1 << 20) + 1]).unwrap();
    fs::write(at("none"), "no certificate").unwrap();
    #[cfg(unix)]
    {
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        std::os::unix::fs::symlink(at("pipe"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("link"), at("far")).unwrap();
    }
    let devices =
        if cfg!(unix) { ["/dev/zero", "/dev/tty", "/proc/kmsg"] } else { ["NUL", "CON", r"\\.\PIPE\scruple"] };
    let files = devices.into_iter().chain(["/", "/nowhere"]).map(str::to_owned);
    for file in files.chain(["pipe", "link", "far", "large", "none"].map(at)) {
        person.later();
        let mut uploader = person.uploader().env("SSL_CERT_FILE", &file).spawn().unwrap();
        assert!(ends(&mut uploader), "{file} holds the uploader up");
        assert_eq!((receiver.records().len(), person.waiting()), (0, 1), "{file}");
    }
}

/// Each way out, with the variables that it needs.
fn an_uploading_thread_emits_no_event() {
    let (pem, tls) = tls::authority_of(&["localhost", NAME], b"http/1.1");
    let taken = || http::Answer::Bytes(http::answer("200 OK", "", b"{}"));
    let (plain, secure) = (http::Server::start(taken()), http::Server::with(taken(), Some(tls)));
    let (other, tls) = tls::authority_of(&["localhost", NAME], b"h2");
    let (called, called_securely) =
        (grpc::GrpcServer::start(grpc::ok(b"")), grpc::GrpcServer::with(vec![grpc::ok(b"")], Some(tls)));
    let port = |url: &str| url.rsplit(':').next().unwrap().parse().unwrap();
    let far = |url: &str| format!("https://{NAME}:{}", port(url));
    let over = |url: &str| Proxy::start(port(url), "HTTP/1.1 200 OK\r\n\r\n", None);
    let (proxy, proxy_of_calls) = (over(&secure.url), over(&called_securely.url));
    let none = "http://127.0.0.1:9".to_owned();
    let ways = [
        ("json", plain.url, &pem, None),
        ("json gzip", secure.url.clone(), &pem, None),
        ("json", far(&secure.url), &pem, Some(&proxy)),
        ("json", none.clone(), &pem, None),
        ("grpc", called.url, &other, None),
        ("grpc", called_securely.url.clone(), &other, None),
        ("grpc", far(&called_securely.url), &other, Some(&proxy_of_calls)),
        ("grpc", none.clone(), &other, None),
    ];
    let logs = logs_of_rustls();
    for (form, url, pem, proxy) in ways {
        let person = Person::new(&url);
        fs::write(person.home().join("authority.pem"), pem).unwrap();
        fs::write(person.home().join("upload"), form).unwrap();
        person.run("fresh record=2");
        person.later();
        let mut listening = person.command("thread listen record=1");
        if let Some(proxy) = proxy {
            listening.env("HTTPS_PROXY", format!("http://{}", proxy.address));
        }
        let output = listening.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let mut heard: BTreeSet<_> = printed.lines().filter_map(|line| line.strip_prefix(HEARD)).collect();
        // Where another package of this build has switched on what rustls writes, it is heard here too.
        heard.retain(|heard| !(logs && heard.starts_with("log ") && heard.contains(" rustls")));
        let is_sent = url != none;
        assert!(printed.contains(if is_sent { "it was taken" } else { "it was not" }), "{form} {url}: {printed}");
        assert_eq!(heard, BTreeSet::new(), "{form} {url}");
    }
}

/// Whether rustls writes to `log` in this build, found out by what it says of a certificate that is none.
fn logs_of_rustls() -> bool {
    static HEARD: AtomicBool = AtomicBool::new(false);
    struct Logger;
    impl log::Log for Logger {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &log::Record<'_>) {
            HEARD.fetch_or(record.target().starts_with("rustls"), Ordering::Relaxed);
        }

        fn flush(&self) {}
    }
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let nothing = rustls::pki_types::CertificateDer::from(Vec::new());
    rustls::RootCertStore::empty().add_parsable_certificates([nothing]);
    log::set_max_level(log::LevelFilter::Off);
    HEARD.load(Ordering::Relaxed)
}

/// What comes of an upload in an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It is sent over the proxy.
    Sent,
    /// The same, and the proxy is told who asks.
    SentWithCredentials,
    /// Nothing is sent, and the proxy is not asked.
    Nothing,
    /// Nothing is sent, since the proxy refuses.
    Refused,
}

/// The variables of an environment; `{plain}`, `{secure}` and `{refusing}` are the addresses of proxies.
type Variables = &'static [(&'static str, &'static [u8])];

const ROADS: &[(&str, Variables, Then)] = &[
    ("json", &[("HTTPS_PROXY", b"http://{plain}")], Then::Sent),
    ("json", &[("https_proxy", b"http://{plain}/")], Then::Sent),
    ("json", &[("HTTPS_PROXY", b"{plain}")], Then::Sent),
    ("json", &[("HTTPS_PROXY", b"https://{secure}")], Then::Sent),
    ("json", &[("ALL_PROXY", b"http://{plain}")], Then::Sent),
    ("json", &[("all_proxy", b"http://{plain}")], Then::Sent),
    ("json", &[("HTTPS_PROXY", b"http://{plain}"), ("ALL_PROXY", b"socks5://{plain}")], Then::Sent),
    ("json", &[("HTTPS_PROXY", b""), ("ALL_PROXY", b"http://{plain}")], Then::Sent),
    ("json", &[("HTTPS_PROXY", b"http://{plain}"), ("NO_PROXY", b"other, 10.0.0.0/8 asked.example:1")], Then::Sent),
    ("json", &[("HTTPS_PROXY", b"http://alice:s%3Acret@{plain}")], Then::SentWithCredentials),
    ("json", &[("HTTPS_PROXY", b"https://alice:s%3Acret@{secure}")], Then::SentWithCredentials),
    ("json", &[("HTTPS_PROXY", b"http://{refusing}")], Then::Refused),
    ("json", &[("HTTPS_PROXY", b"socks5://{plain}")], Then::Nothing),
    ("json", &[("ALL_PROXY", b"socks5h://{plain}")], Then::Nothing),
    ("json", &[("HTTPS_PROXY", b"http://{plain}\xff")], Then::Nothing),
    ("json", &[("HTTPS_PROXY", b"http://{plain}"), ("NO_PROXY", b"other\xff")], Then::Nothing),
    ("json", &[("HTTPS_PROXY", b"http://{plain}"), ("no_proxy", b"http://other")], Then::Nothing),
    ("json", &[("HTTPS_PROXY", b"http://{plain}"), ("NO_PROXY", b"other:port")], Then::Nothing),
    ("json", &[("HTTPS_PROXY", b"http://{plain}/path")], Then::Nothing),
    ("grpc", &[("HTTPS_PROXY", b"http://{plain}")], Then::Sent),
    ("grpc", &[("ALL_PROXY", b"http://alice:s%3Acret@{plain}")], Then::SentWithCredentials),
    ("grpc", &[("HTTPS_PROXY", b"https://{secure}")], Then::Nothing),
    ("grpc", &[("HTTPS_PROXY", b"socks5://{plain}")], Then::Nothing),
    ("grpc", &[("HTTPS_PROXY", b"http://{refusing}")], Then::Refused),
];

/// A person whose receiver is beyond this machine, and can only be reached over a proxy.
fn beyond(form: &str, port: u16, pem: &str) -> Person {
    let person = Person::new(&format!("https://{NAME}:{port}"));
    fs::write(person.home().join("upload"), form).unwrap();
    fs::write(person.home().join("authority.pem"), pem).unwrap();
    person
}

fn follow(form: &str, variables: Variables, then: Then) {
    let protocol: &[u8] = if form == "grpc" { b"h2" } else { b"http/1.1" };
    let (pem, tls) = tls::authority_of(&["localhost", NAME], protocol);
    let (url, arrivals) = if form == "grpc" {
        let server = grpc::GrpcServer::with(vec![grpc::ok(b"")], Some(tls.clone()));
        (server.url, server.arrivals)
    } else {
        let answer = http::Answer::Bytes(http::answer("200 OK", "", b"{}"));
        let server = http::Server::with(answer, Some(tls.clone()));
        (server.url, server.arrivals)
    };
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    const FOUND: &str = "HTTP/1.1 200 Found\r\n\r\n";
    let plain = Proxy::start(port, FOUND, None);
    let secure = Proxy::start(port, FOUND, Some(tls));
    let refusing = Proxy::start(port, "HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n", None);
    let person = beyond(form, port, &pem);
    person.run("fresh record=2");
    person.later();
    let mut uploader = person.uploader();
    for (name, value) in variables {
        let secure = secure.address.replace("127.0.0.1", "localhost");
        let named = [("{plain}", &plain.address), ("{secure}", &secure), ("{refusing}", &refusing.address)];
        let (text, is_text) = value.strip_suffix(b"\xff").map_or((*value, true), |text| (text, false));
        let text = str::from_utf8(text).unwrap().to_owned();
        let mut value: OsString = named.iter().fold(text, |text, (name, address)| text.replace(name, address)).into();
        if !is_text {
            value.push(no_text());
        }
        uploader.env(name, value);
    }
    assert!(uploader.output().unwrap().status.success());
    let heads: Vec<_> = [&plain, &secure, &refusing].iter().flat_map(|proxy| proxy.take()).collect();
    let is_sent = matches!(then, Then::Sent | Then::SentWithCredentials);
    let what = format!("{form} {variables:?}: {heads:?}");
    assert_eq!((arrivals.lock().unwrap().len(), person.waiting()), if is_sent { (1, 0) } else { (0, 1) }, "{what}");
    assert_eq!(heads.is_empty(), then == Then::Nothing, "{what}");
    for head in &heads {
        let to = format!("{NAME}:{port}");
        let with = "proxy-authorization: Basic YWxpY2U6czpjcmV0\r\n";
        let credentials = if then == Then::SentWithCredentials { with } else { "" };
        assert_eq!(*head, format!("CONNECT {to} HTTP/1.1\r\nhost: {to}\r\n{credentials}\r\n"));
    }
    assert_eq!(person.state().join("pause").exists(), then == Then::Refused, "{what}");
}

fn an_upload_uses_the_environments_network_settings_or_sends_nothing() {
    // At once: one that is refused is tried three times, with pauses.
    std::thread::scope(|threads| {
        for (form, variables, then) in ROADS {
            threads.spawn(|| follow(form, variables, *then));
        }
    });
}

fn invalid_network_settings_are_in_the_status() {
    let (pem, _) = tls::authority(b"http/1.1");
    let check = |form: &str, is_authors: bool, name: &str, value: OsString, why: Option<&str>| {
        let person = beyond(form, 9, &pem);
        if !is_authors {
            fs::remove_file(person.home().join("authority.pem")).unwrap();
        }
        let output = person.command("status").env(name, &value).output().unwrap();
        let status = String::from_utf8(output.stdout).unwrap();
        let way = status.lines().find_map(|line| line.trim().strip_prefix("no  way to the receiver"));
        assert_eq!(way.map(str::trim), why, "{name} {value:?}: {status}");
        let nothing = "nothing is sent, because the proxy or certificate settings can't be used";
        assert_eq!(status.contains(nothing), why.is_some(), "{status}");
    };
    let text = |text: &str| OsString::from(text);
    let no_proxy = Some("HTTPS_PROXY or ALL_PROXY has no usable proxy");
    check("json", true, "LANG", text("C"), None);
    check("json", true, "HTTPS_PROXY", text("http://127.0.0.1:9"), None);
    check("json", true, "HTTPS_PROXY", text("gopher://127.0.0.1:9"), no_proxy);
    check("json", true, "all_proxy", text("socks5://127.0.0.1:9"), no_proxy);
    check("json", true, "HTTPS_PROXY", no_text(), no_proxy);
    let encrypted = Some("HTTPS_PROXY or ALL_PROXY names a proxy that gRPC can't use");
    check("grpc", true, "HTTPS_PROXY", text("https://127.0.0.1:9"), encrypted);
    check("json", true, "SSL_CERT_FILE", text("/nowhere"), None);
    let not_there = Some("the file that SSL_CERT_FILE names can't be used: entity not found");
    check("json", false, "SSL_CERT_FILE", text("/nowhere"), not_there);
    let no_file = Some("the file that SSL_CERT_FILE names can't be used: it is not a regular file");
    check("json", false, "SSL_CERT_FILE", text(if cfg!(unix) { "/dev/zero" } else { "\\" }), no_file);
    let none = Some("the file that SSL_CERT_FILE names has no certificates");
    let file = tempfile::NamedTempFile::new().unwrap();
    check("json", false, "SSL_CERT_FILE", file.path().into(), none);
    let below_a_file = file.path().join("below");
    let no_folder = Some("the file that SSL_CERT_FILE names can't be used: a part of its path is not a folder");
    check("json", false, "SSL_CERT_FILE", below_a_file.into(), if cfg!(unix) { no_folder } else { not_there });
}
