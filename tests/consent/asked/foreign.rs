//! Text of others on a terminal: nothing in a registry, a path or a file steers it or begins a line of its own.

use super::person::Person;
use super::registry::REGISTRY;
use proptest::prelude::*;
use scruple::consent::{CollectionStart, Mode, NoticeContext, Reason, notice};
use scruple::testing::Rehearsal;
use scruple::{NotStored, Status};
use scruple_fixtures::process::Process;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::LazyLock;

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

/// The same text in printable characters alone.
fn printable(text: &str) -> String {
    text.chars().map(|c| if steers(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

/// A status with this text wherever one of others may stand.
fn status(text: &str) -> Status {
    static STATUS: LazyLock<Status> =
        LazyLock::new(|| scruple::start(&REGISTRY).rehearsal(Rehearsal::new()).build().status());
    let mut status = STATUS.clone();
    status.decision.mode = Mode::Off;
    status.decision.reason = Reason::SaidNo;
    status.command = Some(text.to_owned());
    status.receiver = text.to_owned();
    status.folders = Some((PathBuf::from(format!("/{text}")), PathBuf::from(format!("/{text}"))));
    status.sources.truncate(1);
    status.sources[0].value = text.to_owned();
    status
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn foreign_text_adds_no_line_to_the_status(text in text()) {
        let page = status(&text).to_string();
        prop_assert!(!page.chars().any(|c| c != '\n' && steers(c)), "{:?}", page);
        prop_assert_eq!(page.lines().count(), status("plain").to_string().lines().count(), "{}", page);
        prop_assert_eq!(page, status(&printable(&text)).to_string());
        let json = status(&text).to_json();
        prop_assert!(!json.chars().any(steers), "{}", json);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read["receiver"].as_str(), Some(&*text), "of the same meaning");
        let not = NotStored::State(PathBuf::from(format!("/{text}")), scruple::files::FileError::Full).to_string();
        prop_assert!(!not.chars().any(steers), "{}", not);
    }

    #[test]
    fn foreign_text_adds_no_line_to_the_notice(texts in prop::collection::vec(text(), 8)) {
        let page = |texts: &[String]| {
            let texts: [&str; 8] = std::array::from_fn(|index| texts[index].as_str());
            let [name, controller, link, brief, attribute, command, wider, endpoint] = texts;
            let service = REGISTRY.service.name(name).controller(controller).link(link);
            let (mut attributes, mut events) = (REGISTRY.attributes.to_vec(), REGISTRY.events.to_vec());
            attributes.iter_mut().for_each(|one| one.brief = attribute);
            events.iter_mut().for_each(|one| one.brief = brief);
            let registry = REGISTRY.service(service).attributes(&attributes).events(&events);
            let wider = [wider.to_owned()];
            let ways = NoticeContext {
                endpoint: Some(endpoint),
                command: Some(command),
                place: None,
                variables: &["ASKED_OPTOUT"],
                telemetry: None,
                begins: CollectionStart::AfterYes,
                opt_in: &[],
                wider: &wider,
                in_part: false,
            excluded: &[],
            };
            notice(&[&registry], &ways)
        };
        let printed: Vec<_> = texts.iter().map(|text| printable(text)).collect();
        // Entries are sorted by what they say, so that their order may be another one.
        let words = |page: String| {
            let mut words: Vec<_> = page.split_whitespace().map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        prop_assert!(!page(&texts).chars().any(|c| c != '\n' && steers(c)), "{:?}", page(&texts));
        prop_assert_eq!(words(page(&texts)), words(page(&printed)));
    }
}

#[test]
fn shown_paths_cannot_control_a_terminal() {
    let mut person = Person::new();
    // No name of Windows has those of ASCII.
    let steering: String = STEERING.iter().filter(|c| cfg!(unix) || !c.is_ascii()).collect();
    let place = person.home().join(format!("x{steering}[31m"));
    person.set("XDG_CONFIG_HOME", &place).set("XDG_STATE_HOME", &place);
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("scruple"), "no folder").unwrap();
    let mut program = person.command("opt-in 1795000000 status-text show status why");
    if cfg!(windows) {
        // No variable leads to settings: a project is there, and the settings can't be stored.
        std::fs::write(place.join(".telemetry.toml"), "telemetry = \"off\"").unwrap();
        program.current_dir(&place);
        let settings = person.answers().parent().unwrap().to_owned();
        std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
        std::fs::write(settings, "no folder").unwrap();
    }
    let said = Process::start(program.stderr(Stdio::null())).end();
    assert_eq!(said.len(), 4, "a line each: {said:?}");
    for said in said {
        assert!(!said.chars().any(steers), "{said:?}");
    }
}
