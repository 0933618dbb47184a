//! A process that finds nothing to send.

use super::person::Person;
use scruple_fixtures::trials;

trials! {
    a_thread_with_an_empty_queue_uses_up_no_hour,
}

fn a_thread_with_an_empty_queue_uses_up_no_hour() {
    let person = Person::new("http://127.0.0.1:9");
    // The processes may end before their threads begin: one of many does not.
    (0..20).for_each(|_| drop(person.run("thread show")));
    assert!(!person.state().join("stamp").exists());
}
