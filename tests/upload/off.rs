//! `off` against an uploader that is under way: nothing leaves after it has returned, and nothing comes back.

#[cfg(unix)]
use super::person::receiver_and_person;
use super::person::{Person, Receiver, records_in};
#[cfg(unix)]
use rustix::process::Signal;
#[cfg(unix)]
use scruple::{Choice, Telemetry};
use scruple_fixtures::{http, tls, trials, until};
use std::fs;
use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

trials! {
    no_record_follows_a_no_over_a_slow_handshake,
    no_byte_follows_a_no_in_an_unread_body,
    // Of forks.
    #[cfg(unix)] no_byte_follows_a_no_if_a_fork_shares_the_socket,
    #[cfg(unix)] a_connection_shared_with_a_fork_is_finished,
    no_uploader_is_started_after_a_no_in_its_hosts_environment,
    a_no_deletes_the_pause_and_the_receipts,
    // Of symbolic links, for which a person has no right there; links to folders: `files::tests::windows`.
    #[cfg(unix)] a_no_deletes_nothing_behind_a_link,
    a_lock_that_cannot_be_used_is_named,
    deleted_records_are_not_sent,
    a_reset_waits_for_an_upload_and_reports_one_that_continues,
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

/// Kills an uploader.
#[cfg(windows)]
pub fn kill(uploader: &mut Child) {
    let _ = uploader.kill();
    uploader.wait().unwrap();
}

/// Kills an uploader, which is the child of one that waits for it.
#[cfg(unix)]
pub fn kill(starter: &mut Child) {
    // It may not have started it yet.
    while starter.try_wait().unwrap().is_none() {
        signal(starter, Signal::KILL);
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(unix)]
/// Sends a signal to the uploader that a starter waits for.
fn signal(starter: &Child, signal: Signal) {
    let children = format!("/proc/{0}/task/{0}/children", starter.id());
    for child in fs::read_to_string(children).unwrap_or_default().split_whitespace() {
        let child = rustix::process::Pid::from_raw(child.parse().unwrap()).unwrap();
        let _ = rustix::process::kill_process(child, signal);
    }
}

#[cfg(unix)]
/// A process that is forked from this one, and does nothing until there is no such file any more.
pub fn fork(home: &Path) {
    let stays = home.join("stays");
    fs::write(&stays, "").unwrap();
    // SAFETY: the child allocates at most, which the C library allows after a fork, and ends without this process's
    // handlers.
    if let nix::unistd::ForkResult::Child = unsafe { nix::unistd::fork() }.unwrap() {
        super::host::close_streams();
        while stays.exists() {
            thread::sleep(Duration::from_millis(5));
        }
        // SAFETY: it ends the process.
        unsafe { libc::_exit(0) }
    }
}

#[cfg(unix)]
/// A host that has forked while its thread uploads, and then says no.
pub fn fork_and_say_no(telemetry: &Telemetry, home: &Path) -> std::process::ExitCode {
    until("the upload is under way", || home.join("enough").exists());
    fork(home);
    match telemetry.set_consent(Choice::Off) {
        Ok(_) => std::process::ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// Somebody says no where this process alone sees it: the project that it works in, or its own environment.
pub fn forbid(home: &Path, by_variable: bool) {
    if by_variable {
        #[expect(clippy::disallowed_methods, reason = "the host changes its own environment: that is what is tested")]
        // SAFETY: there is no other thread.
        unsafe {
            std::env::set_var("DO_NOT_TRACK", "1");
        }
    } else {
        fs::write(home.join("project/.telemetry.toml"), "telemetry = \"off\"").unwrap();
        std::env::set_current_dir(home.join("project")).unwrap();
    }
}

fn no_uploader_is_started_after_a_no_in_its_hosts_environment() {
    let receiver = Receiver::new();
    let roles = ["record=1 forbidden", "record=1 forbidden variable", "record=1 forbidden more=600"];
    // In a unit of systemd, a thread uploads.
    let unit = std::process::id().to_string();
    for (role, unit) in roles.into_iter().flat_map(|role| [(role, None), (role, Some(&unit))]) {
        let person = Person::new(&receiver.0.url);
        fs::create_dir(person.home().join("project")).unwrap();
        let mut host = person.command(role);
        assert!(host.envs(unit.map(|unit| ("SYSTEMD_EXEC_PID", unit))).status().unwrap().success());
        // As long as an uploader could take.
        thread::sleep(Duration::from_secs(1));
        assert_eq!(receiver.requests(), Vec::<String>::new(), "{role} {unit:?}");
        // The control.
        person.run("record=1");
        until("what was agreed to arrives", || person.waiting() == 0 && !receiver.records().is_empty());
        receiver.0.take();
    }
}

#[cfg(unix)]
fn a_connection_shared_with_a_fork_is_finished() {
    let (receiver, person) = receiver_and_person();
    person.run("fresh record=2 daemon");
    person.upload();
    let sent = receiver.records().len();
    fs::remove_file(person.home().join("stays")).unwrap();
    assert_eq!((sent, person.waiting()), (2, 0));
}

#[cfg(unix)]
fn no_byte_follows_a_no_if_a_fork_shares_the_socket() {
    for form in ["json", "grpc"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // Else all of it is with the receiver before the no.
        rustix::net::sockopt::set_socket_recv_buffer_size(&listener, 4096).unwrap();
        let person = Person::new(&format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port()));
        fs::write(person.home().join("upload"), form).unwrap();
        // Less than a file takes: else an uploader is started for that.
        person.run("fresh record=420");
        person.later();
        let mut host = person.start("thread forks");
        let (stream, _) = listener.accept().unwrap();
        fill(&stream);
        fs::write(person.home().join("enough"), "").unwrap();
        let ended = host.wait().unwrap();
        let at_the_end = full(&stream);
        let all = rest(stream);
        fs::remove_file(person.home().join("stays")).unwrap();
        assert!(all <= at_the_end, "{form}: {} bytes after the no", all - at_the_end);
        assert!(ended.success(), "{form}: it waited for an upload that had ended");
        assert!(!person.state().join("queue").exists());
    }
}

/// How much was sent that was not read.
fn full(stream: &TcpStream) -> usize {
    // Nothing, once the connection is reset.
    usize::try_from(rustix::io::ioctl_fionread(stream).unwrap_or(0)).unwrap()
}

/// Waits until the receiver's buffer is as full as it gets.
fn fill(stream: &TcpStream) {
    let mut before = 0;
    until("the body has begun", || full(stream) > 100);
    while full(stream) > before {
        before = full(stream);
        thread::sleep(Duration::from_millis(200));
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

fn no_byte_follows_a_no_in_an_unread_body() {
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
        // Else all of it is with the receiver before the no.
        rustix::net::sockopt::set_socket_recv_buffer_size(&listener, 4096).unwrap();
        let person = Person::new(&format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port()));
        fs::write(person.home().join("upload"), form).unwrap();
        // Less than a file takes: else it is sent for that.
        person.run("fresh record=420");
        person.later();
        let mut uploader = person.uploader().spawn().unwrap();
        let (stream, _) = listener.accept().unwrap();
        fill(&stream);
        if is_killed {
            kill(&mut uploader);
        }
        person.run(said);
        let at_the_end = full(&stream);
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
    assert_eq!(left, ["sent", "stamp", "upload.lock"]);
    assert_eq!(fs::read_dir(person.state().join("sent")).unwrap().count(), 0);
    assert_eq!(records_in(&pause).len(), 0);
}

#[cfg(unix)]
fn a_no_deletes_nothing_behind_a_link() {
    let (_receiver, person) = receiver_and_person();
    let own = person.home().join("own");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("2023.jsonl"), "the person's own\n").unwrap();
    std::os::unix::fs::symlink(&own, person.state().join("sent")).unwrap();
    person.run("record=1");
    until("it is sent", || person.waiting() == 0);
    assert!(!person.run("sent").contains("own"));
    person.run("no");
    let left: Vec<_> = fs::read_dir(&own).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["2023.jsonl"]);
}

/// Runs the program, which fails, and gives what it says.
fn refused(person: &Person, role: &str) -> String {
    let output = person.command(role).env("RUST_BACKTRACE", "0").stderr(Stdio::piped()).output().unwrap();
    assert!(!output.status.success(), "{role}");
    String::from_utf8(output.stderr).unwrap()
}

fn a_lock_that_cannot_be_used_is_named() {
    let person = Person::new("http://127.0.0.1:9");
    person.run("fresh record=1");
    person.upload();
    let lock = person.state().join("upload.lock");
    #[cfg(unix)]
    fs::set_permissions(&lock, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    // Windows has no modes.
    #[cfg(windows)]
    fs::remove_file(&lock).and_then(|()| fs::create_dir(&lock)).unwrap();
    let why = if cfg!(windows) { "NotAFile" } else { "OthersWrite" };
    let said = refused(&person, "no");
    assert!(said.contains("upload.lock") && said.contains(why), "{said}");
    assert!(!person.state().join("queue").exists());
    if cfg!(windows) { fs::remove_dir(&lock) } else { fs::remove_file(&lock) }.unwrap();
    person.run("no");
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

fn deleted_records_are_not_sent() {
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

fn a_reset_waits_for_an_upload_and_reports_one_that_continues() {
    let (receiver, person, mut uploader) = in_the_pause();
    #[cfg(unix)]
    signal(&uploader, Signal::STOP);
    // No process of Windows is stopped by another: its lock is held as if it were.
    #[cfg(windows)]
    let lock = {
        kill(&mut uploader);
        scruple_fixtures::files::hold(&person.state().join("upload.lock"))
    };
    let said = refused(&person, "reset");
    assert!(said.contains("UnderWay"), "{said}");
    assert_eq!(person.waiting(), 0);
    #[cfg(unix)]
    signal(&uploader, Signal::CONT);
    #[cfg(windows)]
    drop(lock);
    uploader.wait().unwrap();
    assert_eq!(receiver.requests().len(), 1);
    person.run("reset");
}
