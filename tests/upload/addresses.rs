//! The addresses of a receiver's name: which of them are connected to, and until when.
//!
//! Each test runs in namespaces of its own, with other names and addresses than the machine has.

use super::person::Person;
use rustix::net::{AddressFamily, SocketType, bind, connect, listen, socket};
use scruple_fixtures::{trials, until};
use std::fs;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

trials! {
    ; "needs root, ip":
    no_address_is_tried_after_a_no,
    localhost_is_this_machine_despite_the_hosts_file,
}

const INSIDE: &str = "UPLOADS_INSIDE";

/// Runs the test of this name where names have these addresses; `true` inside.
fn with_hosts(name: &str, hosts: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, hosts).unwrap();
    let script = "ip link set lo up && ip address add 10.9.9.9/24 dev lo && mount --bind \"$1\" /etc/hosts \
                  && exec \"$0\" --ignored \"$2\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "--net", "sh", "-c", script]).arg(std::env::current_exe().unwrap());
    command.arg(file.path()).arg(name).env(INSIDE, "1");
    assert!(command.status().expect("unshare runs").success());
    false
}

/// Listens and takes no connection, with as many waiting as there is room for.
fn swallowing(address: SocketAddr) -> Vec<OwnedFd> {
    let listening = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&listening, &address).unwrap();
    listen(&listening, 0).unwrap();
    let waiting = (0..4).map(|_| {
        let waiting = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        rustix::io::ioctl_fionbio(&waiting, true).unwrap();
        let _ = connect(&waiting, &address);
        waiting
    });
    waiting.chain([listening]).collect()
}

fn no_address_is_tried_after_a_no() {
    if !with_hosts("no_address_is_tried", "127.0.0.1 localhost\n127.0.0.2 slow.test\n127.0.0.3 slow.test\n") {
        return;
    }
    for form in ["json", "grpc"] {
        let listener = TcpListener::bind("127.0.0.3:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let _swallowing = swallowing(SocketAddr::from(([127, 0, 0, 2], port)));
        let person = Person::new(&format!("https://slow.test:{port}"));
        fs::write(person.home().join("upload"), form).unwrap();
        person.run("fresh record=3");
        person.later();
        let mut program = person.start("thread wait");
        // In state 2 a connection is being made.
        let begun = || {
            let sockets = fs::read_to_string("/proc/net/tcp").unwrap();
            let to = format!(" 0200007F:{port:04X} 02 ");
            sockets.lines().filter(|line| line.contains(&to)).count() > 2
        };
        until("a connection is being made", || begun() || listener.accept().is_ok());
        person.run("no");
        let said = Instant::now();
        while said.elapsed() < Duration::from_secs(7) {
            let accepted = listener.accept().map(|_| form).map_err(|error| error.kind());
            assert_eq!(accepted, Err(ErrorKind::WouldBlock), "{:?} after the no", said.elapsed());
            thread::sleep(Duration::from_millis(20));
        }
        program.kill().unwrap();
        program.wait().unwrap();
    }
}

fn localhost_is_this_machine_despite_the_hosts_file() {
    if !with_hosts("localhost_is_this_machine", "10.9.9.9 localhost\n") {
        return;
    }
    for form in ["json", "grpc"] {
        let listener = TcpListener::bind("10.9.9.9:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connected = Arc::new(AtomicBool::new(false));
        let is_connected = Arc::clone(&connected);
        // It closes what comes at once.
        thread::spawn(move || listener.incoming().for_each(|_| is_connected.store(true, Ordering::Relaxed)));
        let person = Person::new(&format!("http://localhost:{port}"));
        fs::write(person.home().join("upload"), form).unwrap();
        person.run("fresh record=3");
        person.later();
        let mut uploader = person.uploader().spawn().unwrap();
        uploader.wait().unwrap();
        assert!(!connected.load(Ordering::Relaxed), "{form}");
        assert!(person.state().join("pause").exists());
        assert_eq!(person.waiting(), 1);
    }
}
