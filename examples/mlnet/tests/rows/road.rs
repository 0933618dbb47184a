//! The road to the receiver that the registry names: a proxy that takes the program's own TLS connection to its end.
//!
//! The program is not changed for its tests: it goes to `https://telemetry.example.com` through the proxy of its
//! environment, and trusts the authority of its environment. Here every byte of its requests is kept in the clear.

use flate2::read::GzDecoder;
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

/// Whom the registry names.
pub const RECEIVER: &str = "telemetry.example.com";

/// Where the Collector sees the program's connection come from.
pub const SENDER: Ipv4Addr = Ipv4Addr::new(127, 9, 8, 7);

/// One request as it arrived.
#[derive(Clone)]
pub struct Request {
    /// Request line and headers.
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

impl Request {
    /// Everything that it says: what asked the proxy, the head, and the body as it came and uncompressed.
    pub fn bytes(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        // What is not compressed is there as it came.
        let _ = GzDecoder::new(self.body.as_slice()).read_to_end(&mut plain);
        [&self.head[..], &self.body, &plain].concat()
    }
}

/// How the receiver shows that it is who the registry names.
pub enum Certificate {
    /// By an authority that the person trusts.
    Trusted,
    /// By one that nobody knows.
    Unknown,
    /// By a trusted one, for somebody else.
    OfSomebodyElse,
}

pub struct Road {
    folder: tempfile::TempDir,
    port: u16,
    kept: Arc<Mutex<Vec<Request>>>,
}

impl Road {
    /// To a receiver that takes everything.
    pub fn open() -> Self {
        Self::with(Certificate::Trusted, None)
    }

    /// To a Collector that listens on this port of loopback, which ends no TLS.
    pub fn to_collector(port: u16) -> Self {
        Self::with(Certificate::Trusted, Some(port))
    }

    pub fn with(certificate: Certificate, collector: Option<u16>) -> Self {
        let made = |name: &str| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let shown = made(if matches!(certificate, Certificate::OfSomebodyElse) { "example.org" } else { RECEIVER });
        let trusted = match certificate {
            Certificate::Unknown => made(RECEIVER).cert.pem(),
            Certificate::Trusted | Certificate::OfSomebodyElse => shown.cert.pem(),
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("authority.pem"), trusted).unwrap();
        let key = PrivatePkcs8KeyDer::from(shown.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![shown.cert.der().clone()], key.into())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (keep, config) = (Arc::clone(&kept), Arc::new(config));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, keep, config) = (stream.unwrap(), Arc::clone(&keep), Arc::clone(&config));
                // Who goes away in the middle is nobody's business here.
                thread::spawn(move || serve(stream, config, collector, &keep));
            }
        });
        Self { folder, port, kept }
    }

    pub fn proxy(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The authorities that the person trusts.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// What arrived so far, in the order of its arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.kept.lock().unwrap().clone()
    }

    /// Every byte that arrived so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.requests().iter().flat_map(Request::bytes).collect()
    }
}

fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    collector: Option<u16>,
    kept: &Mutex<Vec<Request>>,
) -> io::Result<()> {
    let mut asks = BufReader::new(stream);
    let Some((asked, _)) = message(&mut asks)? else { return Ok(()) };
    assert!(asked.starts_with(format!("CONNECT {RECEIVER}:443 ").as_bytes()), "nobody else is asked for");
    let mut stream = asks.into_inner();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut inside = BufReader::new(StreamOwned::new(connection, stream));
    while let Some((head, body)) = message(&mut inside)? {
        let answer = match collector {
            None => b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(),
            Some(port) => pass_on(port, &head, &body)?,
        };
        kept.lock().unwrap().push(Request { head: [&asked[..], &head].concat(), body });
        inside.get_mut().write_all(&answer)?;
    }
    Ok(())
}

/// A message of HTTP/1.1 with a length: its head with the empty line, and its body. `None` at the end.
fn message(reader: &mut impl BufRead) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        head.extend_from_slice(line.as_bytes());
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((head, body)))
}

/// Hands a request to the Collector, from [`SENDER`] and with a claim to come from elsewhere, and gives its answer.
fn pass_on(port: u16, head: &[u8], body: &[u8]) -> io::Result<Vec<u8>> {
    let from = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    bind(&from, &SocketAddrV4::new(SENDER, 0))?;
    connect(&from, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))?;
    let mut stream = TcpStream::from(from);
    let lines = &head[..head.len() - 2];
    let claim = b"X-Forwarded-For: 203.0.113.77\r\nConnection: close\r\n\r\n";
    stream.write_all(&[lines, claim, body].concat())?;
    let answer = message(&mut BufReader::new(stream))?;
    answer.map(|(head, body)| [head, body].concat()).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}
