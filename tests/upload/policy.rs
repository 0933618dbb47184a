//! The signed policy as a program meets it: fetched before anything is sent, and off without one that holds.

use super::person::{Person, Receiver, receiver_and_person};
use super::report;
use ed25519_dalek::{Signer, SigningKey};
use prost::Message as _;
use scruple::limits::MAX_POLICY;
use scruple::policy::{
    Envelope, Key, Keys, Narrowing, OffVersions, OffWhere, Payload, PolicyRefused, PolicySource, signed,
};
use scruple::upload::asked::PolicyOutcome;
use scruple_fixtures::{
    http::{self, Answer, Server, answer},
    trials,
};
use serde_json::json;
use std::fs;

trials! {
    nothing_is_sent_without_a_valid_policy,
    a_policy_narrows_the_queue,
    an_older_policy_is_refused_after_a_newer,
    a_policy_is_fetched_in_each_run_and_before_anything_is_sent,
    a_rollout_includes_or_excludes_a_whole_installation,
    a_rollout_without_an_installation_is_drawn_per_process,
    a_value_of_the_resource_turns_its_process_off,
}

/// The program's clock says this, and a few seconds more.
pub const NOW: u64 = 1_795_000_000;

const DAY: u64 = 86_400;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// What the program accepts.
pub fn source(url: String) -> PolicySource {
    let current = Some(Key { id: "one", public: key().verifying_key().to_bytes() });
    PolicySource { url, keys: Keys { current, next: None }, serial_floor: 3, built: NOW - DAY }
}

/// A policy that narrows nothing.
pub fn plain() -> Payload {
    Payload {
        app_id: "com.example.asked".to_owned(),
        serial: 5,
        not_before: NOW - DAY,
        not_after: NOW + DAY,
        ..Payload::default()
    }
}

pub fn sign(payload: &Payload) -> Vec<u8> {
    let payload = payload.encode_to_vec();
    let signature = key().sign(&signed(&payload)).to_bytes().to_vec();
    Envelope { key_id: "one".to_owned(), payload, signature }.encode_to_vec()
}

pub fn file(payload: &Payload) -> Server {
    Server::start(Answer::Bytes(answer("200 OK", "", &sign(payload))))
}

/// One byte of it was changed.
pub fn tampered() -> Vec<u8> {
    let mut tampered = sign(&plain());
    *tampered.last_mut().unwrap() ^= 1;
    tampered
}

/// A person whose program asks for the policy of this server.
fn person(receiver: &Receiver, policy: &Server) -> Person {
    let person = Person::new(&receiver.0.url);
    ask(&person, policy);
    person
}

pub fn ask(person: &Person, policy: &Server) {
    fs::write(person.home().join("policy-url"), format!("{}/asked.policy", policy.url)).unwrap();
}

pub fn status(person: &Person) -> String {
    let status = person.run("status");
    let line = status.lines().find(|line| line.contains("policy   "));
    line.unwrap_or_else(|| panic!("a line: {status}")).to_owned()
}

fn nothing_is_sent_without_a_valid_policy() {
    use PolicyRefused::*;
    let check = |answer: Answer, wanted: PolicyOutcome| {
        let (receiver, policy) = (Receiver::new(), Server::start(answer));
        let person = person(&receiver, &policy);
        assert!(status(&person).contains("not asked for yet"));
        person.run("fresh record=2");
        person.upload();
        assert_eq!(receiver.requests(), Vec::<String>::new(), "{wanted:?}");
        assert_eq!(person.waiting(), 1, "{wanted:?}");
        let said = status(&person);
        assert!(
            said.contains(&format!("{wanted}, and nothing is sent")) && said.contains(" no "),
            "{wanted:?}: {said}"
        );
        assert!(person.run("status").contains("; nothing is sent, by the policy"));
    };
    let bytes = |status: &str, head: &str, body: &[u8]| Answer::Bytes(answer(status, head, body));
    let file = |payload: &Payload| bytes("200 OK", "", &sign(payload));
    let is = PolicyOutcome::Refused;
    check(Answer::Close, PolicyOutcome::Unreachable);
    check(bytes("404 Not Found", "", b""), PolicyOutcome::Unreachable);
    check(bytes("204 No Content", "", b""), PolicyOutcome::Unreachable);
    let elsewhere = self::file(&plain());
    check(bytes("302 Found", &format!("location: {}/x\r\n", elsewhere.url), b""), PolicyOutcome::Unreachable);
    assert!(elsewhere.take().is_empty(), "a redirect is not followed");
    check(bytes("200 OK", "", b""), is(Malformed));
    check(bytes("200 OK", "", &vec![0; MAX_POLICY + 1]), is(TooLarge));
    check(Answer::Endless, is(TooLarge));
    check(bytes("200 OK", "", &tampered()), is(Signature));
    check(file(&Payload { app_id: "com.example.other".to_owned(), ..plain() }), is(AnotherApp));
    check(file(&Payload { serial: 2, ..plain() }), is(Replayed));
    check(file(&Payload { not_after: NOW - 1, ..plain() }), is(Expired));
    check(file(&Payload { not_before: NOW + 3_600, ..plain() }), is(NotYet));
    check(file(&Payload { not_after: NOW + 31 * DAY, ..plain() }), is(TooLong));
    check(file(&Payload { rollout_basis_points: Some(0), ..plain() }), PolicyOutcome::Off(Narrowing::Rollout));
    let all = OffVersions { from: vec![], to: vec![] };
    check(file(&Payload { off_versions: vec![all], ..plain() }), PolicyOutcome::Off(Narrowing::Version));
}

fn a_policy_narrows_the_queue() {
    let check = |payload: Payload, records: usize, has: &[&str], has_not: &[&str]| {
        let (receiver, policy) = (Receiver::new(), file(&payload));
        let person = person(&receiver, &policy);
        person.run("fresh record=2");
        person.upload();
        let sent = receiver.requests().concat();
        assert_eq!(receiver.records().len(), records, "{payload:?}");
        assert!(has.iter().all(|text| sent.contains(text)), "{payload:?}: {sent}");
        assert!(!has_not.iter().any(|text| sent.contains(text)), "{payload:?}: {sent}");
        assert_eq!(person.waiting(), 0, "what is turned off is deleted");
        assert!(status(&person).contains("the policy holds"), "{}", status(&person));
    };
    let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let off = |key: &str, members: &[&str]| vec![OffWhere { key: key.to_owned(), members: list(members) }];
    let every = ["asked.kind", "asked.name", "session.id", "asked.done"];
    check(plain(), 2, &every, &[]);
    check(Payload { disabled_attributes: list(&["asked.name"]), ..plain() }, 2, &["asked.kind"], &["asked.name"]);
    check(Payload { disabled_attributes: list(&["session.id"]), ..plain() }, 2, &["asked.kind"], &["session.id"]);
    check(Payload { disabled_signals: list(&["asked.done"]), ..plain() }, 0, &[], &every);
    check(Payload { disabled_signals: list(&["asked.run"]), ..plain() }, 2, &every, &[]);
    check(Payload { off_where: off("asked.kind", &["one"]), ..plain() }, 0, &[], &every);
    check(Payload { off_where: off("asked.kind", &["two"]), ..plain() }, 2, &every, &[]);
    // A disabled attribute still counts where the policy says off where.
    let both =
        Payload { off_where: off("asked.kind", &["one"]), disabled_attributes: list(&["asked.kind"]), ..plain() };
    check(both, 0, &[], &every);
}

fn an_older_policy_is_refused_after_a_newer() {
    let receiver = Receiver::new();
    let (newer, older) = (file(&Payload { serial: 9, ..plain() }), file(&plain()));
    let person = person(&receiver, &newer);
    person.run("fresh record=1");
    person.upload();
    assert_eq!(receiver.records().len(), 1);
    ask(&person, &older);
    // Also after everything about the installation is deleted.
    person.run("no");
    person.run("yes");
    person.run("fresh record=1");
    person.upload();
    assert_eq!((receiver.records().len(), person.waiting()), (1, 1));
    assert!(status(&person).contains(&PolicyRefused::Replayed.to_string()), "{}", status(&person));
    ask(&person, &newer);
    person.upload();
    assert_eq!((receiver.records().len(), person.waiting()), (2, 0));
}

fn a_policy_is_fetched_in_each_run_and_before_anything_is_sent() {
    let receiver = Receiver::new();
    let policy = file(&plain());
    let person = person(&receiver, &policy);
    person.upload();
    assert!(policy.take().is_empty(), "nothing waits");
    for _ in 0..2 {
        person.run("fresh record=1");
        person.upload();
        let fetched = policy.take();
        assert_eq!(fetched.len(), 1);
        let head = fetched[0].head.join("\n").to_ascii_lowercase();
        assert!(head.starts_with("get /asked.policy http/1.1"), "{head}");
        for line in ["cookie", "if-none-match", "if-modified", "accept", "authorization", "etag"] {
            assert!(!head.contains(line), "{head}");
        }
    }
    assert_eq!(receiver.records().len(), 2);
    // The receiver is asked after it, never before: with one that never answers nothing is sent.
    let silent = http::Server::start(Answer::Close);
    ask(&person, &silent);
    person.run("fresh record=1");
    person.upload();
    assert_eq!((receiver.records().len(), person.waiting()), (2, 1));
}

fn a_rollout_includes_or_excludes_a_whole_installation() {
    let mut sent = 0;
    for _ in 0..12 {
        let (receiver, policy) = (Receiver::new(), file(&Payload { rollout_basis_points: Some(5_000), ..plain() }));
        let person = person(&receiver, &policy);
        for _ in 0..3 {
            person.run("fresh record=1");
            person.upload();
        }
        let records = receiver.records().len();
        assert!(records == 0 || records == 3, "{records}");
        sent += usize::from(records == 3);
    }
    // One in 2,048 of all runs of this test would be wrong if it asked for both; it asks for no more than the law.
    println!("{sent} of 12 installations in a share of one half");
}

/// The session that each request names.
fn sessions(text: &str) -> Vec<String> {
    let value = |after: &str| after.split('"').next().unwrap().to_owned();
    text.split("\"session.id\",\"value\":{\"stringValue\":\"").skip(1).map(value).collect()
}

fn a_rollout_without_an_installation_is_drawn_per_process() {
    const PROCESSES: usize = 40;
    let half = file(&Payload { rollout_basis_points: Some(5_000), ..plain() });
    let receiver = Receiver::new();
    let person = person(&receiver, &half);
    // What the other registry had stored.
    fs::remove_file(person.state().join("identity.toml")).unwrap();
    fs::write(person.home().join("loose"), "").unwrap();
    person.run("yes");
    for nth in 0..PROCESSES {
        person.run(&format!("fresh number={nth} record=2"));
    }
    person.drain();
    let sent = sessions(&receiver.requests().concat()).len();
    // Wrong once in 2^39 runs.
    assert!(sent > 0 && sent < PROCESSES, "{sent}");
    assert_eq!(receiver.records().len(), 2 * sent);
    let withheld = json!({ "off by the policy": 2 * (PROCESSES - sent) });
    assert_eq!(report::status(&person)["last_upload"]["withheld"], withheld, "by one upload");
}

fn a_value_of_the_resource_turns_its_process_off() {
    let (receiver, person) = receiver_and_person();
    person.run("fresh record=1");
    let waiting = fs::read_dir(person.queue()).unwrap().next().unwrap().unwrap().path();
    let off = sessions(&fs::read_to_string(waiting).unwrap());
    person.run("fresh record=2");
    let off_where = vec![OffWhere { key: "session.id".to_owned(), members: off.clone() }];
    let policy = file(&Payload { off_where, ..plain() });
    ask(&person, &policy);
    person.drain();
    assert_eq!(receiver.records().len(), 2);
    assert!(!sessions(&receiver.requests().concat()).contains(&off[0]));
}
