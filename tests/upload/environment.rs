//! No thread of an upload reads the environment: another thread of the host may change it.

use super::getenv;
use super::person::{Person, Receiver};
use scruple::Telemetry;
use scruple_fixtures::{grpc, trials, until};
use std::path::Path;

trials! {
    threads_that_upload_and_records_read_no_variable,
}

/// Records until an upload has been made while the program runs, and prints how often each thread has read a variable
/// since the start.
pub fn watch(telemetry: &Telemetry, home: &Path) {
    let before = getenv::calls();
    let sent = home.join(".local/state/scruple/com.example.asked/sent");
    until("an upload", || {
        tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "one");
        assert!(telemetry.is_on_by_files());
        std::fs::read_dir(&sent).is_ok_and(|receipts| receipts.count() > 0)
    });
    let after = getenv::calls();
    println!("{} by this thread, {} by others", after.0 - before.0, after.1 - before.1);
    assert!(telemetry.is_on() && telemetry.is_on_by_files());
    println!("{}", getenv::calls().0 > after.0);
}

fn threads_that_upload_and_records_read_no_variable() {
    let (http, grpc) = (Receiver::new(), grpc::GrpcServer::start(grpc::ok(b"")));
    for (form, url) in [("json", &http.0.url), ("grpc", &grpc.url)] {
        let person = Person::new(url);
        std::fs::write(person.home().join("upload"), form).unwrap();
        person.run("fresh record=2");
        person.later();
        assert_eq!(person.run("thread watch"), "0 by this thread, 0 by others\ntrue\n", "{form}");
    }
}
