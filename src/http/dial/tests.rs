//! Dialling, with loopback addresses that never accept a connection.

use super::{Reach, dial, each};
use crate::http::{HttpError, MaySend};
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketType, bind, connect, getsockname, listen, socket};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

fn after(time: Duration) -> Instant {
    Instant::now() + time
}

fn always() -> MaySend {
    Arc::new(|| true)
}

/// Listens with a full backlog and accepts no connection.
fn swallowing() -> (SocketAddr, Vec<OwnedFd>) {
    // It starts the sockets of Windows.
    drop(listening());
    let new = || socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    let listening = new();
    bind(&listening, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    listen(&listening, 0).unwrap();
    let address = SocketAddr::try_from(getsockname(&listening).unwrap()).unwrap();
    let waiting = (0..4).map(|_| {
        let waiting = new();
        rustix::io::ioctl_fionbio(&waiting, true).unwrap();
        let _ = connect(&waiting, &address);
        waiting
    });
    let held = waiting.chain([listening]).collect();
    (address, held)
}

fn listening() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn an_address_that_never_accepts_leaves_time_for_the_next() {
    let ((first, _held), (listener, second)) = (swallowing(), listening());
    let connected = each(&[first, second], &always(), after(Duration::from_secs(2))).unwrap();
    assert_eq!(connected.peer_addr().unwrap(), second);
    let _accepted = listener.accept().unwrap();
    let mut byte = [0];
    connected.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let waits = std::io::Read::read(&mut &connected, &mut byte).unwrap_err();
    assert!(matches!(waits.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
}

#[test]
fn no_address_is_tried_after_an_opt_out() {
    for answers in 0..4 {
        let ((first, _held), (listener, second)) = (swallowing(), listening());
        let asked = AtomicU32::new(0);
        let may_send: MaySend = Arc::new(move || asked.fetch_add(1, Ordering::Relaxed) < answers);
        let tried = each(&[first, second], &may_send, after(Duration::from_secs(60)));
        assert_eq!(tried.err(), Some(HttpError::Off));
        assert_eq!(listener.accept().map(drop).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
    }
}

#[test]
fn a_refusing_address_is_unreachable_and_a_silent_one_times_out() {
    let (listener, refusing) = listening();
    drop(listener);
    let tried = each(&[refusing], &always(), after(Duration::from_secs(60)));
    assert_eq!(tried.err(), Some(HttpError::Unreachable));
    let (address, _held) = swallowing();
    assert_eq!(each(&[address], &always(), after(Duration::from_millis(100))).err(), Some(HttpError::TimedOut));
}

#[test]
fn a_loopback_endpoint_is_dialled_at_loopback_addresses_only() {
    for (address, is_loopback) in [
        ("127.0.0.1:1", true),
        ("127.255.255.254:1", true),
        ("[::1]:1", true),
        ("10.9.9.9:1", false),
        ("0.0.0.0:1", false),
        ("[::]:1", false),
        ("[fe80::1]:1", false),
        ("[::ffff:10.9.9.9]:1", false),
    ] {
        let address: SocketAddr = address.parse().unwrap();
        assert_eq!((Reach::Loopback.has(&address), Reach::Any.has(&address)), (is_loopback, true), "{address}");
    }
    let (_listener, address) = listening();
    let to = |host: &str| dial(host, address.port(), Reach::Loopback, &always(), after(Duration::from_secs(60)));
    assert!(to("127.0.0.1").is_ok());
    // 0.0.0.0 reaches this machine too, but is no loopback address.
    assert_eq!(to("0.0.0.0").err(), Some(HttpError::Unreachable));
}
