//! `off` against an uploader that is under way: nothing leaves after it has returned, and nothing comes back.

use super::person::{Person, Receiver, records_in, until};
use super::support::{http, tls};
use rustix::process::Signal;
use scruple_fixtures::trials;
use std::fs;
use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::thread;
use std::time::Duration;

trials! {
    no_record_follows_a_no_over_a_slow_handshake,
    no_byte_follows_a_no_in_a_body_that_nobody_reads,
    a_no_deletes_the_pause_and_the_receipts,
    what_is_deleted_is_not_sent_again,
    a_reset_waits_for_an_upload_and_says_if_it_goes_on,
}

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
    // It may not have started it yet.
    while starter.try_wait().unwrap().is_none() {
        signal(starter, Signal::KILL);
        thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal to the uploader that a starter waits for.
fn signal(starter: &Child, signal: Signal) {
    let children = format!("/proc/{0}/task/{0}/children", starter.id());
    for child in fs::read_to_string(children).unwrap_or_default().split_whitespace() {
        let child = rustix::process::Pid::from_raw(child.parse().unwrap()).unwrap();
        let _ = rustix::process::kill_process(child, signal);
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
    let cases = [
        ("json", "no", false),
        ("json", "no", true),
        ("json", "reset", false),
        ("grpc", "no", false),
        ("grpc", "no", true),
        ("grpc", "reset", false),
    ];
    for (form, said, is_killed) in cases {
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
        person.run(said);
        let at_the_end = usize::try_from(full()).unwrap();
        let all = rest(stream);
        assert!(all <= at_the_end, "{form}: {} bytes after the {said}", all - at_the_end);
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

/// A receiver that asks for a pause, and an uploader that waits for its end.
fn in_the_pause() -> (Receiver, Person, Child) {
    let later = http::answer("503 Later", "retry-after: 4\r\n", b"");
    let taken = http::answer("200 OK", "", b"{}");
    let receiver = Receiver(http::Server::start(http::Answer::Each(vec![later, taken])));
    let person = Person::new(&receiver.0.url);
    person.run("fresh record=3");
    person.later();
    let uploader = person.uploader().spawn().unwrap();
    until("the first attempt", || receiver.requests().len() == 1);
    (receiver, person, uploader)
}

fn what_is_deleted_is_not_sent_again() {
    let nothing = ("LANG", "C");
    let cases = [("reset", nothing), ("decide", ("DO_NOT_TRACK", "1")), ("decide", ("ASKED_TELEMETRY", "0"))];
    thread::scope(|threads| {
        for (said, (variable, value)) in cases {
            threads.spawn(move || {
                let (receiver, person, mut uploader) = in_the_pause();
                let output = person.command(said).env(variable, value).output().unwrap();
                assert!(output.status.success(), "{output:?}");
                assert_eq!(person.waiting(), 0);
                uploader.wait().unwrap();
                assert_eq!(receiver.requests().len(), 1, "{said} {variable}");
                let receipts = fs::read_dir(person.state().join("sent")).map_or(0, Iterator::count);
                let is_paused = person.state().join("pause").exists();
                assert_eq!((receipts, is_paused), (0, false), "{said} {variable}");
            });
        }
    });
}

fn a_reset_waits_for_an_upload_and_says_if_it_goes_on() {
    let (receiver, person, mut uploader) = in_the_pause();
    signal(&uploader, Signal::STOP);
    let output = person.command("reset").env("RUST_BACKTRACE", "0").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("UnderWay"), "{said}");
    assert_eq!(person.waiting(), 0);
    signal(&uploader, Signal::CONT);
    uploader.wait().unwrap();
    assert_eq!(receiver.requests().len(), 1);
    person.run("reset");
}
