//! Text of others on a terminal: nothing in a registry, a path or a file steers it or begins a line of its own.

use super::person::Person;
use super::registry::REGISTRY;
use proptest::prelude::*;
use scruple::consent::{Because, Begins, Decision, Mode, Ways, notice};
use scruple::registry::{Attribute, Registry, Service, Signal};
use scruple::{NotStored, SourceStatus, Status};
use std::path::PathBuf;

/// What terminals obey, and what hides or turns its neighbours: a list of its own.
const STEERING: &[char] = &[
    '\u{1b}',
    '\u{7}',
    '\u{8}',
    '\r',
    '\n',
    '\t',
    '\u{7f}',
    '\u{85}',
    '\u{9b}',
    '\u{9d}',
    '\u{61c}',
    '\u{200b}',
    '\u{200e}',
    '\u{200f}',
    '\u{2028}',
    '\u{2029}',
    '\u{202a}',
    '\u{202e}',
    '\u{2066}',
    '\u{2069}',
    '\u{feff}',
    '\u{e0041}',
];

fn steers(c: char) -> bool {
    c.is_control() || STEERING.contains(&c)
}

fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("word".to_owned()),
        Just(" ".to_owned()),
        prop::sample::select(STEERING).prop_map(String::from)
    ];
    prop::collection::vec(part, 1..12).prop_map(|parts| parts.concat())
}

/// As many lines as there are without such text, and none of it.
#[track_caller]
fn check(page: &str, plain: &str) {
    assert_eq!(page.chars().find(|c| *c != '\n' && steers(*c)), None, "{page:?}");
    let first = |page: &str| page.lines().map(|line| line.chars().take(4).collect()).collect::<Vec<String>>();
    assert!(first(page).len() >= first(plain).len(), "{page}");
}

fn status(text: &str) -> Status {
    let source = SourceStatus { name: "session".to_owned(), value: text.to_owned(), is_no: false };
    Status {
        decision: Decision { mode: Mode::Off, because: Because::SaidNo },
        app_id: "com.example.asked",
        name: "asked",
        command: Some(text.to_owned()),
        controller: "The example project",
        receiver: text.to_owned(),
        sources: vec![source],
        folders: Some((PathBuf::from(format!("/{text}")), PathBuf::from(format!("/{text}")))),
        waiting: None,
        waiting_elsewhere: None,
        sent: None,
        identity: None,
        hidden: None,
        withheld: Vec::new(),
    }
}

proptest! {
    #[test]
    fn a_status_is_lines_of_its_own_alone(text in text()) {
        let (page, plain) = (status(&text).to_string(), status("plain").to_string());
        check(&page, &plain);
        prop_assert_eq!(page.lines().count(), plain.lines().count(), "{}", page);
        let json = status(&text).to_json();
        prop_assert!(!json.chars().any(steers), "{}", json);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read["receiver"].as_str(), Some(&*text), "of the same meaning");
        let not = NotStored::State(PathBuf::from(format!("/{text}")), scruple::files::Trouble::Full).to_string();
        prop_assert!(!not.chars().any(steers), "{}", not);
    }

    #[test]
    fn a_notice_is_lines_of_its_own_alone(texts in prop::collection::vec(text(), 8)) {
        let page = |texts: [&str; 8]| {
            let [name, controller, link, brief, attribute, command, wider, endpoint] = texts;
            let service = Service { name, controller, link: Some(link), ..REGISTRY.service };
            let attributes: Vec<_> =
                REGISTRY.attributes.iter().map(|one| Attribute { brief: attribute, ..*one }).collect();
            let events: Vec<_> = REGISTRY.events.iter().map(|one| Signal { brief, ..*one }).collect();
            let registry = Registry { service, attributes: &attributes, events: &events, ..REGISTRY };
            let wider = [wider.to_owned()];
            let ways = Ways {
                endpoint: Some(endpoint),
                command: Some(command),
                variables: &["ASKED_OPTOUT"],
                telemetry: None,
                begins: Begins::AfterYes,
                opt_in: &[],
                wider: &wider,
            };
            notice(&[&registry], &ways)
        };
        let foreign: Vec<_> = texts.iter().map(String::as_str).collect();
        check(&page(foreign.try_into().unwrap()), &page(["plain"; 8]));
    }
}

#[test]
fn what_a_program_shows_holds_no_path_that_steers() {
    let mut person = Person::new();
    let steering: String = STEERING.iter().collect();
    let place = person.home().join(format!("x{steering}[31m"));
    person.set("XDG_CONFIG_HOME", &place).set("XDG_STATE_HOME", &place);
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("scruple"), "no folder").unwrap();
    let said = person.run("opt-in 1795000000 status-text show status why");
    assert_eq!(said.len(), 4, "a line each: {said:?}");
    for said in said {
        assert!(!said.chars().any(steers), "{said:?}");
    }
}
