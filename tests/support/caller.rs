//! A client that says what it is told and nothing else: plain HTTP, one connection.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

pub struct Caller(BufReader<TcpStream>);

impl Caller {
    /// To a host and a port.
    pub fn connect(authority: &str) -> io::Result<Self> {
        Ok(Self(BufReader::new(TcpStream::connect(authority)?)))
    }

    /// The answer's status and body, which has a length.
    pub fn call(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: receiver\r\n{headers}content-length: {length}\r\n\r\n");
        self.0.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(ErrorKind::InvalidData)?;
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            match line.trim_end().to_ascii_lowercase() {
                line if line.is_empty() => break,
                line => length = line.strip_prefix("content-length: ").map_or(Ok(length), str::parse).unwrap(),
            }
        }
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer)?;
        Ok((status, answer))
    }
}
