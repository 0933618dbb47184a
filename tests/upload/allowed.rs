//! What an upload leaves out of the queue: what is for another purpose, past its end, or no more agreed to, was recorded
//! before, and does not leave.

use super::person::{Person, Receiver};
use super::report::status;
use scruple_fixtures::{trials, until};
use serde_json::{Value, json};
use std::fs;

trials! {
    waiting_records_for_another_purpose_are_not_sent,
    waiting_records_past_their_end_are_not_sent,
    a_wider_version_sends_what_both_versions_declare,
    waiting_records_of_more_than_is_agreed_to_are_not_sent,
    the_report_says_why_each_record_was_withheld,
}

/// A person whose program has these tables, and a receiver.
fn with_tables(tables: &str) -> (Receiver, Person) {
    let receiver = Receiver::new();
    let person = Person::at(tempfile::tempdir().unwrap());
    person.endpoint(&receiver.0.url);
    fs::write(person.home().join("tables"), tables).unwrap();
    person.run("yes");
    (receiver, person)
}

/// The names and keys in what the receiver got.
fn arrived(receiver: &Receiver) -> String {
    let text = receiver.requests().concat();
    let names = ["asked.done", "asked.kind", "asked.left", "asked.name", "three"];
    names.into_iter().filter(|name| text.contains(name)).collect::<Vec<_>>().join(" ")
}

fn waiting_records_for_another_purpose_are_not_sent() {
    let (receiver, person) = with_tables("purposes");
    person.run("fresh record=1 left=1");
    assert_eq!(receiver.records().len(), 0, "an upload is not due");
    fs::write(person.home().join(".telemetry.toml"), "telemetry = \"failures\"\n").unwrap();
    // The uploader of a run has another working directory.
    person.later();
    person.run("left=1");
    until("the queue is empty", || person.waiting() == 0);
    until("an arrival", || !receiver.records().is_empty());
    assert_eq!(arrived(&receiver), "asked.left asked.name", "the attribute is also for usage");
}

fn waiting_records_past_their_end_are_not_sent() {
    let (receiver, person) = with_tables("ending");
    person.run("fresh record=1 left=1");
    fs::write(person.home().join("days"), "3").unwrap();
    person.drain();
    assert_eq!(arrived(&receiver), "asked.done asked.kind");
    // The clock is set back: nothing of it comes again.
    fs::write(person.home().join("days"), "0").unwrap();
    person.run("fresh record=1 left=1");
    person.drain();
    assert_eq!(arrived(&receiver), "asked.done asked.kind");
}

fn a_wider_version_sends_what_both_versions_declare() {
    let (receiver, person) = with_tables("");
    fs::write(person.home().join("tables"), "wider").unwrap();
    person.run("fresh record=1 third=1");
    person.drain();
    assert_eq!(arrived(&receiver), "asked.done asked.kind asked.name");
    assert_eq!(receiver.records().len(), 2);
    // Side by side with the version that was agreed to.
    fs::write(person.home().join("tables"), "").unwrap();
    person.run("fresh record=1");
    person.drain();
    assert_eq!(receiver.records().len(), 3);
    fs::write(person.home().join("tables"), "wider").unwrap();
    person.run("yes");
    person.run("fresh third=1");
    person.drain();
    assert_eq!(arrived(&receiver), "asked.done asked.kind asked.name three");
}

fn waiting_records_of_more_than_is_agreed_to_are_not_sent() {
    let (receiver, person) = with_tables("");
    let agreed = fs::read(person.answers()).unwrap();
    fs::write(person.home().join("tables"), "wider").unwrap();
    person.run("yes");
    person.run("fresh third=1 record=1");
    // The earlier answer is there again, as from a backup.
    fs::write(person.answers(), agreed).unwrap();
    person.drain();
    assert_eq!(arrived(&receiver), "asked.done asked.kind asked.name");
}

fn the_report_says_why_each_record_was_withheld() {
    let check = |person: &Person, json: Value, words: &str| {
        let status = status(person);
        let report = &status["last_upload"];
        assert_eq!((&report["sent"], &report["withheld"]), (&json!(1), &json), "{status}");
        let text = person.run("fresh status");
        assert!(text.contains(words), "{words}: {text}");
        assert!(person.run("fresh page").contains(words), "{words}");
    };
    let (_receiver, person) = with_tables("purposes");
    person.run("fresh record=2 left=1");
    person.later();
    assert!(person.uploader().env("ASKED_TELEMETRY", "failures").output().unwrap().status.success());
    check(&person, json!({ "not agreed to yet": 2 }), "Z: sent 1 record, 2 records withheld (not agreed to yet 2)");
    drop(person);

    let (_receiver, person) = with_tables("ending");
    person.run("fresh record=1 left=3");
    fs::write(person.home().join("days"), "3").unwrap();
    person.upload();
    check(&person, json!({ "past its end": 3 }), "Z: sent 1 record, 3 records withheld (past its end 3)");
    drop(person);

    // Another program's tables, and a send by hand.
    let (_receiver, person) = with_tables("purposes");
    person.run("fresh record=1 left=1");
    fs::write(person.home().join("tables"), "").unwrap();
    person.run("yes");
    let printed = person.run("fresh send");
    let words = "sent 1 record, 1 record withheld (undeclared signal 1)";
    assert!(printed.contains(&format!("done: {words}\n")), "{printed}");
    check(&person, json!({ "undeclared signal": 1 }), words);
}
