//! A forward proxy on a real socket: it records what it is asked for, and leads every tunnel to one receiver.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub struct Proxy {
    pub address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Every tunnel leads to the receiver on this port, whatever is asked for. `answer` is what the proxy says first.
    pub fn start(to: u16, answer: &'static str, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let keep = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (keep, tls) = (Arc::clone(&keep), tls.clone());
                thread::spawn(move || tunnel(stream.unwrap(), to, answer, tls, &keep));
            }
        });
        Self { address, heads }
    }

    /// The heads of the requests since the last look.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.heads.lock().unwrap())
    }
}

fn tunnel(
    stream: TcpStream,
    to: u16,
    answer: &str,
    tls: Option<Arc<rustls::ServerConfig>>,
    heads: &Mutex<Vec<String>>,
) -> Option<()> {
    let socket = stream.try_clone().ok()?;
    // One thread serves both directions, so that an encrypted stream needs no lock.
    socket.set_read_timeout(Some(Duration::from_millis(2))).ok()?;
    let mut near: Box<dyn ReadWrite> = match tls {
        None => Box::new(stream),
        Some(tls) => Box::new(rustls::StreamOwned::new(rustls::ServerConnection::new(tls).ok()?, stream)),
    };
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match near.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            Err(error) if is_pause(&error) => {}
            _ => return None,
        }
    }
    heads.lock().unwrap().push(String::from_utf8(head).unwrap());
    near.write_all(answer.as_bytes()).ok()?;
    near.flush().ok()?;
    if !answer.contains(" 200 ") {
        return None;
    }
    let mut far = TcpStream::connect(("127.0.0.1", to)).ok()?;
    far.set_read_timeout(Some(Duration::from_millis(2))).ok()?;
    let mut bytes = [0; 16 * 1024];
    loop {
        match near.read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => far.write_all(&bytes[..read]).ok()?,
            Err(error) if is_pause(&error) => {}
            Err(_) => break,
        }
        match far.read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => {
                near.write_all(&bytes[..read]).ok()?;
                near.flush().ok()?;
            }
            Err(error) if is_pause(&error) => {}
            Err(_) => break,
        }
    }
    let _ = socket.shutdown(Shutdown::Both);
    Some(())
}

trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

fn is_pause(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}
