//! How the last upload ended, what was lost, and when the next one is due: in `status`, in codes on disk, and gone after a
//! no; and an upload that a person asks for.

use super::off;
use super::person::{Person, Receiver};
use scruple_fixtures::collector::free;
use scruple_fixtures::http::{self, Answer, Server};
#[cfg(unix)]
use scruple_fixtures::terminal;
use scruple_fixtures::trials;
use serde_json::Value;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

trials! {
    each_end_of_an_upload_is_reported_with_its_counts,
    an_upload_of_an_empty_queue_keeps_the_last_report,
    the_next_upload_is_shown_in_minutes,
    unwritten_records_are_counted,
    withheld_values_are_counted_over_all_runs_without_their_content,
    records_that_the_uploader_removes_are_counted,
    a_no_and_a_reset_delete_report_and_losses,
    a_send_by_hand_does_not_wait_for_the_hour,
    a_send_by_the_command_shows_its_progress_on_a_terminal_only,
    a_send_during_a_pause_reports_the_pause,
    a_send_during_an_upload_waits_for_it_or_reports_it,
    a_send_takes_the_records_of_its_own_process_too,
    a_send_after_a_no_sends_nothing,
    state_files_contain_codes_only,
}

#[track_caller]
pub fn status(person: &Person) -> Value {
    let printed = person.run("fresh json");
    serde_json::from_str(printed.lines().find(|line| line.starts_with('{')).expect(&printed)).unwrap()
}

/// A person whose program has recorded two records, and whose receiver answers so.
fn who_recorded(answer: Vec<u8>) -> (Person, Receiver) {
    let receiver = Receiver(Server::start(Answer::Bytes(answer)));
    let person = Person::new(&receiver.0.url);
    person.run("fresh record=2");
    (person, receiver)
}

fn each_end_of_an_upload_is_reported_with_its_counts() {
    let check = |line: &str, headers: &str, body: &str, expected: (&str, Option<u64>, u64, u64), words: &str| {
        let (person, _receiver) = who_recorded(http::answer(line, headers, body.as_bytes()));
        assert_eq!(status(&person)["last_upload"], Value::Null, "nothing was uploaded yet");
        person.upload();
        let status = status(&person);
        let report = &status["last_upload"];
        let count = |name: &str| report[name].as_u64().unwrap();
        let found = (report["end"].as_str().unwrap(), report["http_status"].as_u64(), count("sent"), count("rejected"));
        assert_eq!(found, expected, "{line}: {status}");
        assert_eq!(status["paused_until"].is_string(), expected.0 == "unreachable", "{line}: {status}");
        let page = person.run("fresh status");
        assert!(page.contains(words), "{line}: {page}");
        assert_eq!(page.contains("  paused      no upload until "), expected.0 == "unreachable");
    };
    check("200 OK", "", "{}", ("done", None, 2, 0), "Z: sent 2 records\n");
    let partial = r#"{"partialSuccess":{"rejectedLogRecords":"1"}}"#;
    check("200 OK", "", partial, ("done", None, 1, 1), "Z: sent 1 record, 1 record rejected by the receiver\n");
    let words = "sent 0 records, 2 records rejected by the receiver (HTTP status 400)\n";
    check("400 No", "", "", ("done", Some(400), 0, 2), words);
    let words = "sent 0 records; the receiver is unreachable, or accepts nothing now (HTTP status 404)\n";
    check("404 No", "", "", ("unreachable", Some(404), 0, 0), words);
    check("503 No", "retry-after: 3600\r\n", "", ("unreachable", Some(503), 0, 0), "(HTTP status 503)\n");

    let person = Person::new(&format!("http://127.0.0.1:{}", free()));
    person.run("fresh record=2");
    person.upload();
    let report = &status(&person)["last_upload"];
    assert_eq!((report["end"].as_str(), &report["http_status"]), (Some("unreachable"), &Value::Null), "{report}");
}

fn an_upload_of_an_empty_queue_keeps_the_last_report() {
    let (person, _receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
    person.upload();
    let before = status(&person)["last_upload"].clone();
    person.upload();
    assert_eq!(status(&person)["last_upload"], before);
}

fn the_next_upload_is_shown_in_minutes() {
    let (person, _receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
    let left = status(&person)["next_upload_in_seconds"].as_u64().unwrap();
    assert!((3_500..=3_600).contains(&left), "{left}");
    let page = person.run("fresh status");
    assert!(page.contains("\n  next        upload in 60 min\n"), "{page}");
    person.later();
    let printed = person.run("json");
    let line = printed.lines().find(|line| line.starts_with('{')).unwrap();
    let status: Value = serde_json::from_str(line).unwrap();
    let next = &status["next_upload_in_seconds"];
    // On Windows, a program with a pipe has begun an upload in a thread by then, which counts for a minute.
    assert!(next.is_null() || cfg!(windows) && next.as_u64() <= Some(60), "the next that ends may upload: {next}");
}

fn unwritten_records_are_counted() {
    let (person, _receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
    assert_eq!(status(&person)["lost"], serde_json::json!({}), "nothing was lost");
    assert!(!person.state().join("lost").exists());
    person.run("fresh few record=5");
    person.run("fresh number=1 few record=4");
    assert_eq!(status(&person)["lost"], serde_json::json!({ "limit": 5 }));
    let page = person.run("fresh status");
    assert!(page.contains("\n  lost        5 records: over the limit of a process\n"), "{page}");
}

fn withheld_values_are_counted_over_all_runs_without_their_content() {
    let (person, _receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
    assert_eq!(status(&person)["withheld"], serde_json::json!({}));
    person.run("fresh odd=2");
    person.run("fresh number=1 odd=1");
    let expected = serde_json::json!({ "undeclared field": 3, "not a member": 3 });
    let found = status(&person);
    assert_eq!((&found["withheld"], &found["lost"]), (&expected, &serde_json::json!({})));
    assert!(person.run("fresh status").contains("\n  withheld    3 times: not a member\n"));
    let page = person.run("fresh page");
    let row = "data-head=\"Reason\">not a member</td><td role=\"cell\" data-head=\"Times\">3</td>";
    assert!(page.contains(row) && !page.contains("zzprivate"), "{page}");
    assert!(!fs::read_to_string(person.state().join("lost")).unwrap().contains("zz"));
    person.run("no");
    assert_eq!(status(&person)["withheld"], serde_json::json!({}), "a no deletes the counts");
}

fn records_that_the_uploader_removes_are_counted() {
    let (person, receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
    let file = fs::read_dir(person.queue()).unwrap().next().unwrap().unwrap().path();
    let old = SystemTime::now() - Duration::from_secs(15 * 24 * 3_600);
    fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
    person.upload();
    assert_eq!(
        (status(&person)["lost"].clone(), receiver.requests().len()),
        (serde_json::json!({ "files_too_old": 1 }), 0)
    );
}

fn a_no_and_a_reset_delete_report_and_losses() {
    for role in ["no", "reset"] {
        let (person, _receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
        person.run("fresh few record=5");
        person.upload();
        let exist = || ["report", "lost"].map(|name| person.state().join(name).exists());
        assert_eq!(exist(), [true; 2]);
        person.run(role);
        assert_eq!(exist(), [false; 2], "{role}");
    }
}

fn a_send_by_hand_does_not_wait_for_the_hour() {
    let (person, receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
    let printed = person.run("fresh send");
    assert!(printed.contains("taken 2\n") && printed.contains("done: sent 2 records\n"), "{printed}");
    assert_eq!((receiver.records().len(), person.waiting()), (2, 0));
    let printed = person.run("fresh send");
    assert!(printed.contains("done: sent 0 records\n") && !printed.contains("taken"), "{printed}");
    assert_eq!(receiver.requests().len(), 1, "nothing waits, no socket");
    assert_eq!(status(&person)["last_upload"]["sent"], 2);
}

fn a_send_by_the_command_shows_its_progress_on_a_terminal_only() {
    let send = |person: &Person, stderr: Stdio| {
        let mut command = person.command("fresh parsed");
        let output = command.args(["telemetry", "send"]).stderr(stderr).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
    };
    let (person, _receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
    assert_eq!(send(&person, Stdio::piped()), ["sent 2 records\n", ""]);
    // A console of Wine is not seen from outside of it.
    #[cfg(unix)]
    {
        let (person, _receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
        let (terminal, screen) = terminal::open();
        assert_eq!(send(&person, terminal.into()), ["sent 2 records\n", ""], "the result is not of the terminal");
        // The line is begun again for each number, and for what follows.
        assert_eq!(screen.text(), "sending\rsent 2 records\r\x1b[K");
        let (terminal, screen) = terminal::open();
        assert_eq!(send(&person, terminal.into()), ["sent 0 records\n", ""]);
        assert_eq!(screen.text(), "sending\r\x1b[K");
    }
}

fn a_send_during_a_pause_reports_the_pause() {
    let (person, receiver) = who_recorded(http::answer("503 No", "retry-after: 3600\r\n", b""));
    let printed = person.run("fresh send");
    assert!(printed.contains("unreachable: sent 0 records; ") && printed.contains("(HTTP status 503)\n"), "{printed}");
    let printed = person.run("fresh send");
    assert!(printed.contains("paused: sent 0 records; the pause after a failure is not over\n"), "{printed}");
    assert_eq!((receiver.requests().len(), person.waiting()), (1, 1));
    assert_eq!(status(&person)["last_upload"]["end"], "unreachable", "the pause says less than what led to it");
}

fn a_send_takes_the_records_of_its_own_process_too() {
    let (person, receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
    let printed = person.run("fresh record=3 send record=0");
    assert!(printed.contains("done: sent 5 records\n"), "{printed}");
    assert_eq!((receiver.records().len(), person.waiting()), (5, 0));
    assert_eq!(status(&person)["last_upload"]["sent"], 5);
}

fn a_send_during_an_upload_waits_for_it_or_reports_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let person = Person::new(&format!("http://{}", listener.local_addr().unwrap()));
    person.run("fresh record=2");
    person.later();
    let mut uploader = person.uploader().spawn().unwrap();
    // It holds its lock and its file, and gets no answer.
    let _request = listener.accept().unwrap();
    let printed = person.run("fresh send");
    assert!(printed.contains("busy: sent 0 records; another upload is running\n"), "{printed}");
    off::kill(&mut uploader);
    person.later();
    let mut uploader = person.uploader().spawn().unwrap();
    let (mut request, _) = listener.accept().unwrap();
    let send = person.start("fresh send");
    let _ = request.read(&mut [0; 4096]).unwrap();
    request.write_all(&http::answer("200 OK", "connection: close\r\n", b"{}")).unwrap();
    drop(request);
    let printed = String::from_utf8(send.wait_with_output().unwrap().stdout).unwrap();
    assert!(printed.contains("done: sent 0 records\n"), "the other has sent it: {printed}");
    assert!(uploader.wait().unwrap().success());
}

fn a_send_after_a_no_sends_nothing() {
    let (person, receiver) = who_recorded(http::answer("200 OK", "", b"{}"));
    let output = person.command("fresh send").env("DO_NOT_TRACK", "1").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("not sent: DoNotTrack\n"), "{printed}");
    let output = person.command("fresh send").env("ASKED_TELEMETRY", "log").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("not sent: SaidYes\n"), "what is printed is not sent");
    let printed = person.run("fresh disabled send");
    assert!(printed.contains("not sent: Disabled\n"), "a no of this process is final in it: {printed}");
    assert!(receiver.requests().is_empty());
    assert!(!person.state().join("report").exists());
}

/// A file that an earlier or later version has written is read by codes, so none of them is a sentence.
fn state_files_contain_codes_only() {
    let (person, _receiver) = who_recorded(http::answer("503 No", "retry-after: 3600\r\n", b""));
    person.run("fresh few record=5");
    person.upload();
    for name in ["report", "lost", "pause"] {
        let text = fs::read_to_string(person.state().join(name)).unwrap();
        let is_code = |word: &str| word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        assert!(
            text.lines().all(|line| line.split(' ').count() <= 3 && line.split(' ').all(is_code)),
            "{name}: {text}"
        );
    }
}
