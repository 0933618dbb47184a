//! `off` against an uploader that is under way: nothing leaves after it has returned, and nothing comes back.

use super::support::tls;
use super::{Person, records_in, until};
use std::fs;
use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::thread;
use std::time::Duration;

pub const TESTS: &[(&str, fn())] = &[
    ("no_record_follows_a_no_over_a_slow_handshake", no_record_follows_a_no_over_a_slow_handshake),
    ("no_byte_follows_a_no_in_a_body_that_nobody_reads", no_byte_follows_a_no_in_a_body_that_nobody_reads),
    ("a_no_deletes_the_pause_and_the_receipts", a_no_deletes_the_pause_and_the_receipts),
];

/// What is in each record of the program, in each encoding.
const MARK: &[u8] = b"asked.done";

fn no_record_follows_a_no_over_a_slow_handshake() {
    for (form, protocol) in [("json", b"http/1.1".as_slice()), ("grpc", b"h2")] {
        for says_no in [true, false] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let person = Person::new(&format!("https://localhost:{}", listener.local_addr().unwrap().port()));
            let (pem, config) = tls::authority(protocol);
            fs::write(person.home().join("authority.pem"), pem).unwrap();
            fs::write(person.home().join("upload"), form).unwrap();
            person.run("fresh record=3");
            person.later();
            let mut uploader = person.uploader().spawn().unwrap();
            let (stream, _) = listener.accept().unwrap();
            if says_no {
                person.run("no");
            }
            let leaves = tls::receives(stream, config, MARK);
            assert_eq!(leaves, !says_no, "{form}");
            // The control has no answer to wait for.
            kill(&mut uploader);
        }
    }
}

/// Kills an uploader, which is the child of one that waits for it.
pub fn kill(starter: &mut Child) {
    let children = format!("/proc/{0}/task/{0}/children", starter.id());
    // It may not have started it yet.
    while starter.try_wait().unwrap().is_none() {
        for child in fs::read_to_string(&children).unwrap_or_default().split_whitespace() {
            let child = rustix::process::Pid::from_raw(child.parse().unwrap()).unwrap();
            let _ = rustix::process::kill_process(child, rustix::process::Signal::KILL);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// What is read until the connection ends, or nothing comes for a while.
fn rest(mut stream: TcpStream) -> usize {
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    let (mut bytes, mut all) = ([0; 64 * 1024], 0);
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return all,
            Ok(read) => all += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return all,
        }
    }
}

fn no_byte_follows_a_no_in_a_body_that_nobody_reads() {
    for (form, is_killed) in [("json", false), ("json", true), ("grpc", false), ("grpc", true)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let person = Person::new(&format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port()));
        fs::write(person.home().join("upload"), form).unwrap();
        person.run("fresh record=900");
        person.later();
        let mut uploader = person.uploader().spawn().unwrap();
        let (stream, _) = listener.accept().unwrap();
        // Until the receiver's buffer is as full as it gets.
        let full = || rustix::io::ioctl_fionread(&stream).unwrap();
        let mut before = 0;
        until("the body has begun", || full() > 100);
        while full() > before {
            before = full();
            thread::sleep(Duration::from_millis(200));
        }
        if is_killed {
            kill(&mut uploader);
        }
        person.run("no");
        let at_the_end = usize::try_from(full()).unwrap();
        let all = rest(stream);
        assert!(all <= at_the_end, "{form}: {} bytes after the no", all - at_the_end);
        kill(&mut uploader);
    }
}

fn a_no_deletes_the_pause_and_the_receipts() {
    let person = Person::new("http://127.0.0.1:9");
    person.run("fresh record=3");
    person.upload();
    let pause = fs::read_to_string(person.state().join("pause")).unwrap();
    assert_eq!(pause.split_whitespace().count(), 3, "it names the file that waits: {pause}");
    person.run("no");
    let mut left: Vec<_> =
        fs::read_dir(person.state()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["sent", "upload.lock"]);
    assert_eq!(fs::read_dir(person.state().join("sent")).unwrap().count(), 0);
    assert_eq!(records_in(&pause).len(), 0);
}
