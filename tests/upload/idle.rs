//! A process that finds nothing to send, or ends before its upload does.

use super::person::{Person, receiver_and_person};
use scruple_fixtures::{trials, until};
use std::net::TcpListener;
use std::time::{Duration, SystemTime};

trials! {
    a_thread_with_an_empty_queue_uses_up_no_hour,
    a_host_that_ends_at_once_delivers_in_its_thread,
    an_attempt_that_ends_with_its_process_uses_up_no_hour,
}

fn a_thread_with_an_empty_queue_uses_up_no_hour() {
    let person = Person::new("http://127.0.0.1:9");
    // The processes may end before their threads begin: one of many does not.
    (0..20).for_each(|_| drop(person.run("thread show")));
    assert!(!person.state().join("stamp").exists());
}

fn a_host_that_ends_at_once_delivers_in_its_thread() {
    let (receiver, person) = receiver_and_person();
    for host in ["thread", "library"] {
        if host == "library" {
            std::fs::write(person.home().join("library"), "").unwrap();
        }
        person.later();
        person.run(&format!("{host} patient record=2"));
        let records = receiver.records();
        assert!(records.len() == 2 && person.waiting() == 0, "{host}: {records:?}");
        receiver.0.take();
        // The hour counts from here.
        person.run(&format!("{host} record=1"));
        assert_eq!((receiver.records().len(), person.waiting()), (0, 1), "{host}");
        until("the queue is empty", || {
            person.later();
            person.run(&format!("{host} patient show"));
            person.waiting() == 0
        });
        receiver.0.take();
    }
}

fn an_attempt_that_ends_with_its_process_uses_up_no_hour() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let person = Person::new(&format!("http://{}", silent.local_addr().unwrap()));
    let stamp = person.state().join("stamp");
    let counts = || {
        let since = SystemTime::now().duration_since(std::fs::metadata(&stamp).unwrap().modified().unwrap());
        Duration::from_secs(3_600).saturating_sub(since.unwrap_or_default())
    };
    until("an attempt begins before the end stops to wait", || {
        person.run("thread record=1");
        stamp.exists()
    });
    assert!(counts() > Duration::from_secs(3_000), "the end has waited for the receiver: {:?}", counts());
    person.later();
    let mut killed = person.start("thread wait");
    until("an attempt begins, which counts for a minute", || stamp.exists() && counts() <= Duration::from_secs(60));
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(counts() <= Duration::from_secs(60), "{:?}", counts());
}
