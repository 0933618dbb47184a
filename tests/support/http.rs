//! An OTLP/HTTP receiver on a real socket, which behaves as it is told.

use super::{Arrivals, Arrived};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// What the receiver does with a connection.
#[derive(Clone)]
pub enum Answer {
    /// Reads the request and answers with these bytes, each time.
    Bytes(Vec<u8>),
    /// The first request gets the first answer, and so on; the last one is kept.
    Each(Vec<Vec<u8>>),
    /// Reads the request and never answers.
    Silence,
    /// Closes as soon as it is connected.
    Close,
    /// Answers a success of 1 GB.
    Endless,
    /// Answers a byte each 20 ms, and never gets to the end of the head.
    Trickle,
}

pub struct Server {
    pub url: String,
    pub arrivals: Arrivals,
}

impl Server {
    pub fn start(answer: Answer) -> Self {
        Self::with(answer, None)
    }

    /// Over TLS if there is a configuration.
    pub fn with(answer: Answer, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").unwrap(), answer, tls)
    }

    /// The same at an address that is known before.
    pub fn at(listener: TcpListener, answer: Answer, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let url = super::url(tls.is_some(), listener.local_addr().unwrap());
        let arrivals = Arrivals::default();
        let keep = Arc::clone(&arrivals);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (keep, answer, tls) = (Arc::clone(&keep), answer.clone(), tls.clone());
                let stream = stream.unwrap();
                // A client that goes away in the middle is none of the receiver's business.
                thread::spawn(move || match tls {
                    None => serve(stream, &answer, &keep).unwrap_or_default(),
                    Some(tls) => {
                        let connection = rustls::ServerConnection::new(tls).unwrap();
                        serve(rustls::StreamOwned::new(connection, stream), &answer, &keep).unwrap_or_default();
                    }
                });
            }
        });
        Self { url, arrivals }
    }

    pub fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrivals.lock().unwrap())
    }
}

/// A complete answer.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn serve(stream: impl Read + Write, answer: &Answer, arrivals: &Arrivals) -> std::io::Result<()> {
    if matches!(answer, Answer::Close) {
        return Ok(());
    }
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_owned()),
            }
        }
        let length =
            head.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut message = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut message)?;
        let count = {
            let mut arrivals = arrivals.lock().unwrap();
            arrivals.push(Arrived { head, message });
            arrivals.len()
        };
        let stream = reader.get_mut();
        match answer {
            Answer::Bytes(bytes) => stream.write_all(bytes)?,
            Answer::Each(all) => stream.write_all(all.get(count - 1).or(all.last()).unwrap())?,
            Answer::Silence => thread::park(),
            Answer::Close => {}
            Answer::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")?;
                for _ in 0..1_000 {
                    stream.write_all(&vec![b'x'; 1_000_000])?;
                }
            }
            Answer::Trickle => {
                for byte in b"HTTP/1.1 200 OK\r\nx-slow: ".iter().chain(std::iter::repeat(&b'x')) {
                    stream.write_all(&[*byte])?;
                    thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }
}
