//! What a receiver may answer an uploader, and what becomes of the records.

use super::person::{Person, Receiver, records_in};
use scruple_fixtures::{
    http::{self, Answer, Server},
    trials, until,
};
use std::fs;
use std::time::{Duration, SystemTime};

trials! {
    each_status_means_what_otlp_says,
    an_answer_without_end_is_an_answer,
    a_file_that_is_never_accepted_blocks_no_other,
    a_signal_that_is_not_accepted_blocks_no_other,
    a_redirect_is_not_followed,
    a_pause_keeps_no_file_that_is_too_old,
}

/// OTLP specification 1.10, "OTLP/HTTP": 429, 502, 503 and 504 may be tried again, after what `Retry-After` says.
fn each_status_means_what_otlp_says() {
    #[derive(Debug, PartialEq)]
    enum Then {
        Taken,
        Dropped,
        Waits,
    }
    let check = |status: u16, headers: &str, then: Then| {
        let answer = http::answer(&format!("{status} Any"), headers, b"{}");
        let receiver = Receiver(Server::start(Answer::Bytes(answer)));
        let person = Person::new(&receiver.0.url);
        person.run("fresh record=2");
        person.upload();
        let is_taken = fs::read_dir(person.state().join("sent")).is_ok_and(|receipts| receipts.count() > 0);
        let is_paused = person.state().join("pause").exists();
        let found = match (person.waiting(), is_taken, is_paused) {
            (0, true, false) => Then::Taken,
            (0, false, false) => Then::Dropped,
            (1, false, true) => Then::Waits,
            other => panic!("{status}: {other:?}"),
        };
        assert_eq!((found, receiver.requests().len()), (then, 1), "{status} {headers}");
    };
    for status in [200, 202, 204, 299] {
        check(status, "", Then::Taken);
    }
    for status in (400..=429).chain(500..=511).chain([431, 451, 499, 599]) {
        match status {
            429 | 502 | 503 | 504 => {
                check(status, "retry-after: 3600\r\n", Then::Waits);
                check(status, "retry-after: 99999999999999999999\r\n", Then::Waits);
                check(status, "retry-after: Fri, 31 Dec 2094 23:59:59 GMT\r\n", Then::Waits);
            }
            // Somebody in between, or not the receiver: the records are none of its business.
            401 | 403 | 404 | 405 | 407 => check(status, "", Then::Waits),
            _ => check(status, "", Then::Dropped),
        }
    }
    for status in [300, 301, 302, 303, 307, 308] {
        check(status, "location: http://127.0.0.1:9/\r\n", Then::Waits);
    }
}

fn an_answer_without_end_is_an_answer() {
    let receiver = Receiver(Server::start(Answer::Endless));
    let person = Person::new(&receiver.0.url);
    person.run("fresh record=2");
    person.upload();
    assert_eq!((receiver.requests().len(), person.waiting()), (1, 0));
}

fn a_file_that_is_never_accepted_blocks_no_other() {
    let [later, taken] = [("503 No", "retry-after: 3600\r\n"), ("200 OK", "")].map(|(s, h)| http::answer(s, h, b"{}"));
    let answers = vec![later.clone(), taken.clone(), later, taken];
    let receiver = Receiver(Server::start(Answer::Each(answers)));
    let person = Person::new(&receiver.0.url);
    person.run("fresh record=1");
    person.run("fresh number=1 record=2");
    // As if an hour had passed.
    let upload = || {
        if let Ok(pause) = fs::read_to_string(person.state().join("pause")) {
            let [failures, _, at] = pause.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{pause}") };
            assert_eq!(failures, "1", "a receiver that takes something is there");
            fs::write(person.state().join("pause"), format!("{failures} 0 {at}")).unwrap();
        }
        let before = receiver.requests().len();
        person.uploader().output().unwrap();
        let records: Vec<_> = receiver.requests()[before..].iter().map(|text| records_in(text).len()).collect();
        (records, person.waiting())
    };
    assert_eq!(upload(), (vec![1], 2));
    assert_eq!(upload(), (vec![2, 1], 1));
    assert_eq!(upload(), (vec![1], 0));
    assert!(!person.state().join("pause").exists());
}

fn a_signal_that_is_not_accepted_blocks_no_other() {
    let [none, taken] = ["404 Not Found", "200 OK"].map(|status| http::answer(status, "", b"{}"));
    let receiver = Receiver(Server::start(Answer::Each(vec![none, taken])));
    let person = Person::new(&receiver.0.url);
    // The log records were written last to, so they come second: the first request is the spans'.
    person.run("fresh span=3 record=1");
    person.upload();
    let arrived: Vec<_> = receiver.0.take().into_iter().map(|arrived| arrived.head[0].clone()).collect();
    assert_eq!(arrived, ["POST /v1/traces HTTP/1.1", "POST /v1/logs HTTP/1.1"]);
    assert_eq!(person.waiting(), 1);
}

fn a_redirect_is_not_followed() {
    let other = Receiver::new();
    let to = format!("location: {}/v1/logs\r\n", other.0.url);
    let receiver = Receiver(Server::start(Answer::Bytes(http::answer("307 Temporary", &to, b""))));
    let person = Person::new(&receiver.0.url);
    person.run("record=1");
    until("it was tried", || person.state().join("pause").exists());
    assert_eq!((receiver.requests().len(), other.requests().len(), person.waiting()), (1, 0, 1));
}

fn a_pause_keeps_no_file_that_is_too_old() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let person = Person::new("http://127.0.0.1:9");
    let now = SystemTime::now();
    let [old, ahead] = [now - 15 * DAY, now + 2 * DAY].map(|modified| {
        person.run("fresh record=1");
        let mut files = fs::read_dir(person.queue()).unwrap().map(|file| file.unwrap());
        let file = files.find(|file| file.metadata().unwrap().modified().unwrap().elapsed().is_ok_and(|age| age < DAY));
        let path = file.unwrap().path();
        fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        path
    });
    person.run("fresh number=1 record=1");
    // By the program's own clock.
    let pause = format!("1 {}\n", 1_795_000_000 + 3_600);
    fs::write(person.state().join("pause"), &pause).unwrap();
    assert!(person.uploader().output().unwrap().status.success());
    assert_eq!(fs::read_to_string(person.state().join("pause")).unwrap(), pause, "the receiver was not asked");
    assert!(!old.exists());
    assert_eq!(person.waiting(), 2);
    // What was recorded while the clock was ahead gets old from then on.
    assert!(fs::metadata(ahead).unwrap().modified().unwrap() <= SystemTime::now());
}
