//! What a process records arrives later, once, and at its own receiver.

use super::person::{Person, Receiver, distinct, receiver_and_person};
use scruple::limits::{MAX_RECEIPT_DAYS, MAX_RECEIPTS};
use scruple_fixtures::files::set_modified;
use scruple_fixtures::person::wait_for_upload;
use scruple_fixtures::{trials, until};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

trials! {
    records_arrive_after_the_end_of_their_process,
    sent_records_have_receipts,
    receipts_are_kept_for_30_days_and_up_to_1_mib,
    an_upload_is_tried_once_an_hour,
    the_author_may_shorten_the_hour_to_a_minute,
    a_kill_loses_only_the_buffered_records,
    killed_processes_lose_nothing_that_was_written,
    a_panic_is_recorded_before_the_hook_that_was_there,
    nothing_is_sent_after_a_no_and_no_data_is_left,
    an_unreachable_receiver_changes_nothing,
    records_for_one_receiver_are_sent_to_no_other,
    no_request_holds_two_sessions,
    records_of_two_periods_leave_in_two_runs,
    another_programs_file_is_deleted,
    a_thread_uploads_where_no_process_may_be_started,
    a_given_yes_opens_no_spool,
    the_environment_changes_no_request,
    many_processes_at_once_lose_nothing,
}

fn records_arrive_after_the_end_of_their_process() {
    let (receiver, person) = receiver_and_person();
    person.run("record=3");
    until("three records", || receiver.records().len() == 3);
    until("the queue is empty", || person.waiting() == 0);
    for arrived in receiver.0.take() {
        let head = arrived.head.join("\n").to_ascii_lowercase();
        assert!(head.starts_with("post /v1/logs http/1.1"), "{head}");
        for line in ["content-type: application/json", "user-agent: scruple/"] {
            assert!(head.contains(line), "{head}");
        }
        assert!(!head.contains("cookie") && !head.contains("accept"), "{head}");
    }
}

fn sent_records_have_receipts() {
    let (receiver, person) = receiver_and_person();
    assert!(person.run("sent").contains("There are no receipts"));
    person.run("record=2");
    until("sent", || person.waiting() == 0 && receiver.records().len() == 2);
    let sent = person.run("sent");
    let page = person.run("page");
    assert!(page.contains("<p>2 records.</p>") && page.contains("<code>asked.done</code> 20"), "{page}");
    assert_eq!(sent.matches("asked.done").count(), 2, "{sent}");
    assert!(sent.contains("session#1") && sent.contains("hash#1"), "{sent}");
    let status = person.run("status");
    assert!(status.contains("2 records") && status.contains("waiting     nothing"), "{status}");
    person.run("no");
    assert!(!person.state().join("sent").exists() || fs::read_dir(person.state().join("sent")).unwrap().count() == 0);
}

fn receipts_are_kept_for_30_days_and_up_to_1_mib() {
    let (_receiver, person) = receiver_and_person();
    let sent = person.state().join("sent");
    let upload = || {
        person.run("fresh record=1");
        person.drain();
        let days = fs::read_dir(&sent).unwrap().map(|day| day.unwrap().path());
        let number = |day: PathBuf| day.file_stem().unwrap().to_str().unwrap().parse().unwrap();
        days.map(number).collect::<BTreeSet<u64>>()
    };
    let days = upload();
    let today = *days.first().unwrap();
    assert_eq!(days.len(), 1, "{days:?}");
    let file = |day: u64| sent.join(format!("{day}.jsonl"));
    let put = |day: u64, bytes: u64| fs::write(file(day), vec![b'\n'; usize::try_from(bytes).unwrap()]).unwrap();
    put(today - MAX_RECEIPT_DAYS - 1, 1);
    put(today - MAX_RECEIPT_DAYS, 1);
    assert_eq!(upload(), [today - MAX_RECEIPT_DAYS, today].into(), "by their age");
    // The oldest go until the rest is below the limit.
    put(today - 3, 1);
    put(today - 2, MAX_RECEIPTS - 100);
    put(today - 1, 50);
    assert_eq!(upload(), [today - 1, today].into(), "by their size");
    // A day that is full stays, and gets no more.
    put(today, MAX_RECEIPTS);
    assert_eq!(upload(), [today].into());
    assert_eq!(fs::metadata(file(today)).unwrap().len(), MAX_RECEIPTS);
}

fn the_author_may_shorten_the_hour_to_a_minute() {
    let (receiver, person) = receiver_and_person();
    person.run("record=1");
    until("the first", || person.waiting() == 0 && receiver.records().len() == 1);
    wait_for_upload(&person.state());
    let last_was = |seconds| {
        let stamp = fs::File::options().write(true).open(person.state().join("stamp")).unwrap();
        stamp.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
    };
    // How long until the next, in seconds.
    let next = |role: &str| {
        let status: serde_json::Value = serde_json::from_str(&person.run(&format!("{role} json"))).unwrap();
        status["next_upload_in_seconds"].as_u64()
    };
    last_was(120);
    assert!(next("").is_some_and(|left| left > 60), "{:?} of an hour", next(""));
    assert_eq!(next("every=60"), None, "it is due");
    last_was(5);
    assert!(next("every=1").is_some_and(|left| left <= 60), "{:?} of a minute", next("every=1"));
    last_was(120);
    person.run("every=60 record=1");
    until("it has arrived", || person.waiting() == 0 && receiver.records().len() == 2);
}

fn a_kill_loses_only_the_buffered_records() {
    let (receiver, person) = receiver_and_person();
    person.run("fresh batch=5 record=7");
    person.drain();
    assert_eq!(receiver.records().len(), 7, "the end of a process writes what is left");
    receiver.0.take();
    let _ = person.start("fresh batch=5 record=7 kill").wait_with_output().unwrap();
    person.drain();
    assert_eq!(receiver.records().len(), 5, "one write for five");
}

fn an_upload_is_tried_once_an_hour() {
    let (receiver, person) = receiver_and_person();
    person.run("record=1");
    until("the first", || person.waiting() == 0 && receiver.records().len() == 1);
    person.run("record=1");
    person.run("record=1");
    let show = person.run("show");
    assert_eq!(show.matches("asked.done 20").count(), 2, "{show}");
    assert_eq!((receiver.records().len(), person.waiting()), (1, 2));
    person.drain();
    assert_eq!(receiver.records().len(), 3);
}

fn killed_processes_lose_nothing_that_was_written() {
    let (receiver, person) = receiver_and_person();
    for how in ["kill", "abort", "exit", "panic"] {
        let _ = person.start(&format!("record=5 {how}")).wait_with_output().unwrap();
    }
    person.drain();
    assert_eq!(receiver.records().len(), 20);
}

fn a_panic_is_recorded_before_the_hook_that_was_there() {
    let (receiver, person) = receiver_and_person();
    let check = |role: &str, records: usize| {
        let output = person.start(role).wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(101), "{role}");
        let printed = String::from_utf8(output.stdout).unwrap();
        let hook = printed.find("the program's own hook").expect("the hook that was there");
        let place = printed.replace('\\', "/").find("tests/upload/program.rs:");
        assert_eq!(place.is_some_and(|place| place < hook), records > 0, "{role}: {printed}");
        person.drain();
        assert_eq!(receiver.records().len(), records, "{role}");
        assert_eq!(receiver.requests().concat().matches("\"two\"").count(), records, "{role}");
        receiver.0.take();
    };
    check("hook panic", 1);
    person.run("no");
    check("hook panic", 0);
}

fn nothing_is_sent_after_a_no_and_no_data_is_left() {
    let (receiver, person) = receiver_and_person();
    person.run("fresh record=3");
    assert_eq!(person.waiting(), 1);
    person.run("no");
    person.later();
    person.run("record=1");
    // Also one that is started all the same.
    person.upload();
    assert_eq!(receiver.requests(), Vec::<String>::new());
    let queue = person.state().join("queue");
    assert!(!queue.exists(), "{queue:?}");
}

fn an_unreachable_receiver_changes_nothing() {
    let vacant = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let person = Person::new(&format!("http://{vacant}"));
    person.run("record=3");
    until("it was tried", || person.state().join("pause").exists());
    assert_eq!(person.waiting(), 1);
    // Not before the pause is over.
    let receiver = Receiver::at(TcpListener::bind(vacant).unwrap());
    fs::remove_file(person.state().join("stamp")).unwrap();
    assert!(person.uploader().output().unwrap().status.success());
    assert_eq!((receiver.records().len(), person.waiting()), (0, 1));
    person.drain();
    assert_eq!(receiver.records().len(), 3);
    assert!(!person.state().join("pause").exists());
}

fn records_for_one_receiver_are_sent_to_no_other() {
    let [first, second] = [Receiver::new(), Receiver::new()];
    let person = Person::new(&first.0.url);
    person.run("fresh record=3");
    // A later version of the program has another endpoint, and a new yes.
    person.endpoint(&second.0.url);
    person.run("yes fresh record=2");
    until("what is its own arrives", || {
        person.upload();
        second.records().len() >= 2
    });
    person.upload();
    assert_eq!((first.requests().len(), distinct(&second.records()), second.records().len()), (0, 2, 2));
    assert_eq!(person.waiting(), 1, "it is kept");
    let status = person.run("status");
    assert!(status.contains("  waiting     nothing\n  elsewhere   3 records, "), "{status}");
    let shown = person.run("show");
    assert!(shown.contains("for another receiver: never sent to this one"), "{shown}");
    let page = person.run("page");
    assert!(page.contains(" for another receiver: not sent to this one"), "{page}");
    // Too old for the spool: the next run of an uploader deletes it.
    let old = person.queues().into_iter().find_map(|folder| fs::read_dir(folder).unwrap().next()).unwrap().unwrap();
    set_modified(&old.path(), SystemTime::now() - Duration::from_secs(15 * 86_400));
    person.upload();
    assert_eq!((first.requests().len(), person.waiting()), (0, 0));
    // Of two versions side by side each sends its own.
    person.endpoint(&first.0.url);
    person.run("fresh record=4");
    person.endpoint(&second.0.url);
    person.run("fresh record=5");
    person.endpoint(&first.0.url);
    person.upload();
    assert_eq!((first.records().len(), second.records().len()), (4, 2));
    person.endpoint(&second.0.url);
    person.upload();
    assert_eq!((first.records().len(), second.records().len()), (4, 7));
    // A no is for every receiver.
    person.run("fresh record=1");
    person.endpoint(&first.0.url);
    person.run("no");
    assert!(!person.state().join("queue").exists());
}

fn no_request_holds_two_sessions() {
    let (receiver, person) = receiver_and_person();
    for _ in 0..5 {
        person.run("fresh record=2");
    }
    person.drain();
    assert_eq!(receiver.records().len(), 10);
    let mut sessions = BTreeMap::<String, usize>::new();
    for request in receiver.requests() {
        let (_, after) = request.split_once("\"session.id\",\"value\":{\"stringValue\":\"").expect("a session");
        *sessions.entry(after.split('"').next().unwrap().to_owned()).or_default() += 1;
        assert_eq!(request.matches("session.id").count(), 1, "{request}");
    }
    assert_eq!(sessions.len(), 5);
}

fn records_of_two_periods_leave_in_two_runs() {
    let (receiver, person) = receiver_and_person();
    person.run("fresh record=2");
    // 300 days later: the secret has moved on.
    person.run("fresh number=259200 record=3");
    person.upload();
    assert_eq!((receiver.records().len(), person.waiting()), (2, 1));
    person.upload();
    assert_eq!((receiver.records().len(), person.waiting()), (5, 0));
}

fn another_programs_file_is_deleted() {
    let (receiver, person) = receiver_and_person();
    person.run("fresh record=2");
    let queue = person.queue();
    let mine = fs::read_dir(&queue).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&mine).unwrap();
    let planted = text.replace("\"one\"", "\"a private thing\"").replacen("asked.kind", "asked.secret", 1);
    fs::write(queue.join("00000000000000aa.logs.jsonl"), planted).unwrap();
    fs::write(queue.join("00000000000000ab.logs.jsonl"), "{\"resourceLogs\":[]}\n").unwrap();
    fs::write(queue.join("00000000000000ac.traces.jsonl"), &text).unwrap();
    person.drain();
    assert!(!receiver.requests().concat().contains("private"));
    assert!(!receiver.requests().concat().contains("asked.secret"));
}

fn a_thread_uploads_where_no_process_may_be_started() {
    let (receiver, person) = receiver_and_person();
    person.run("fresh record=2");
    person.later();
    let mut running = person.start("thread record=1 wait");
    until("it arrives while the process runs", || receiver.records().len() >= 2);
    running.kill().unwrap();
    running.wait().unwrap();
}

fn a_given_yes_opens_no_spool() {
    let person = Person::new("http://127.0.0.1:9");
    assert!(person.run("given decide").contains("Off NoTransport"));
}

fn the_environment_changes_no_request() {
    let trap = Receiver::new();
    let (receiver, person) = receiver_and_person();
    let mut command = person.command("record=1");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "OTEL_EXPORTER_OTLP_ENDPOINT"] {
        command.env(name, &trap.0.url);
    }
    command.env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter2").env("TRACEPARENT", "00-1-1-01");
    assert!(command.output().unwrap().status.success());
    until("it arrives", || receiver.records().len() == 1);
    let arrived = receiver.0.take();
    assert!(!arrived[0].head.concat().contains("hunter2"), "{:?}", arrived[0].head);
    assert_eq!(trap.requests().len(), 0);
}

fn many_processes_at_once_lose_nothing() {
    let (receiver, person) = receiver_and_person();
    let running: Vec<_> = (0..40).map(|nth| person.start(&format!("number={nth} record=25"))).collect();
    for mut one in running {
        assert!(one.wait().unwrap().success());
    }
    person.drain();
    let records = receiver.records();
    assert_eq!((records.len(), distinct(&records)), (1_000, 1_000));
}
