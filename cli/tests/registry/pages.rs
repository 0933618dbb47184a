//! The words of the page that `scruple docs` writes, for each choice that a registry or a program has.

use std::path::Path;

use crate::markup::markdown;
use scruple::registry::{Normalize, Rotation, Source, SpanKind, Treatment};
use scruple::registry::{Preset, Wait};
use scruple_cli::docs::{Format, render};
use scruple_cli::program::Program;
use scruple_cli::registry::{self, Owned};

fn registry(folder: &str) -> Owned {
    registry::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
}

fn page(owned: &Owned, program: &Program) -> String {
    render(owned, program, Format::Markdown)
}

#[test]
fn the_page_says_for_how_long_records_can_be_linked() {
    let mut owned = registry("tests/registries/treatments");
    for (rotate, linked, id) in [
        (Rotation::Daily, "For a day: random ids and the keys of hashes are replaced then.", "is replaced every day"),
        (
            Rotation::Monthly,
            "For 30 days: random ids and the keys of hashes are replaced then.",
            "is replaced every 30 days",
        ),
        (
            Rotation::Yearly,
            "For 365 days: random ids and the keys of hashes are replaced then.",
            "is replaced every 365 days",
        ),
        (Rotation::Never, "Permanently: random ids and the keys of hashes are never replaced.", "stays the same"),
    ] {
        owned.service.table.rotate = rotate;
        let page = page(&owned, &Program::default());
        assert!(page.contains(linked), "{rotate:?}: {page}");
        let key = format!("The key is random, never leaves the machine, and {id}; ");
        assert!(page.contains(&key) && page.contains(&format!("from nothing about it or you. It {id}.")), "{page}");
        assert!(page.contains(" A plain SHA-256 of the same value stays the same."), "{rotate:?}");
    }
    // What no attribute does is not said.
    let lasting = |owned: &mut Owned, is_session: bool| {
        for attribute in &mut owned.attributes {
            attribute.table.treatment = match attribute.table.treatment {
                Treatment::Given { source: Source::Session, .. } if is_session => attribute.table.treatment,
                _ => Treatment::Boolean,
            };
        }
    };
    for (is_session, linked) in [
        (true, "Within one process; the next has another random id."),
        (false, "No random id links one run to another."),
    ] {
        lasting(&mut owned, is_session);
        let page = page(&owned, &Program::default());
        assert!(page.contains(linked) && !page.contains("A plain SHA-256 of the same"), "{page}");
    }
}

#[test]
fn the_page_says_how_a_hash_without_a_key_is_made() {
    let mut owned = registry("tests/registries/treatments");
    let digest = owned.attributes.iter().position(|found| matches!(found.table.treatment, Treatment::Sha256 { .. }));
    for (normalize, how) in [
        (Normalize::None, "A plain SHA-256 of the value and not the value."),
        (Normalize::Lower, "A plain SHA-256 of the value, in lower case, and not the value."),
        (Normalize::Upper, "A plain SHA-256 of the value, in upper case, and not the value."),
    ] {
        owned.attributes[digest.unwrap()].table.treatment = Treatment::Sha256 { normalize };
        let page = page(&owned, &Program::default());
        assert!(page.contains(how) && page.contains("a guess of the value can be confirmed"), "{normalize:?}: {page}");
    }
}

#[test]
fn the_page_says_what_a_span_of_each_kind_is_and_what_an_event_has() {
    let mut owned = registry("tests/registries/treatments");
    for (kind, what) in [
        (SpanKind::Internal, "A span: work in the program."),
        (SpanKind::Server, "A span: a request that the program answers."),
        (SpanKind::Client, "A span: a request that the program makes."),
        (SpanKind::Producer, "A span: a message that the program sends."),
        (SpanKind::Consumer, "A span: a message that the program takes."),
    ] {
        owned.spans.iter_mut().for_each(|span| span.table.kind = kind);
        let page = page(&owned, &Program::default());
        assert_eq!(page.matches(what).count(), owned.spans.len(), "{kind:?}: {page}");
        assert_eq!(page.matches("A span: ").count(), owned.spans.len(), "{kind:?}: {page}");
    }
    assert!(page(&owned, &Program::default()).contains("the random ids of the span around it"));
    // Without a declared span no event is in one.
    owned.spans.clear();
    assert!(!page(&owned, &Program::default()).contains("the span around it"));
}

#[test]
fn the_page_says_when_recording_begins() {
    let owned = registry("../examples/quickstart/telemetry");
    for (preset, when) in [
        (Preset::OptIn, "Nothing is recorded until you say yes. To say yes: Settings > Privacy."),
        (Preset::FirstRun(Wait::Day), "Nothing is recorded in the 24 hours after it; after that, each run is recorded"),
        (Preset::FirstRun(Wait::NextRun), "Nothing is recorded in that run; after that, each run is recorded"),
        (Preset::Documented, "Each use of words is recorded, until you say no."),
        (Preset::OperatorConsent, "Nothing is recorded until you, the operator of words, consent in its settings."),
    ] {
        let program =
            Program { preset: Some(preset), place: Some("Settings > Privacy".to_owned()), ..Program::default() };
        let built = markdown(&page(&owned, &program));
        assert!(built.text.contains(when), "{preset:?}: {}", built.text);
    }
}

#[test]
fn an_attribute_without_an_example_gets_one_of_its_own_form() {
    let mut owned = registry("tests/registries/treatments");
    owned.attributes.iter_mut().for_each(|attribute| attribute.prose.example = None);
    let page = page(&owned, &Program::default());
    for (key, example) in [
        ("mlnet.ci", "true"),
        ("mlnet.dataset.name", "5e884898da28047151d0e56f8dc62927"),
        ("mlnet.dataset.digest", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        ("mlnet.dataset.rows", "3"),
        ("mlnet.runtime.version", "1.2.3"),
        ("mlnet.crash.place", "src/main.rs:42"),
        ("service.name", owned.service.table.name),
        ("service.version", "1.2.3"),
        ("session.id", "8f4e2a37-1b5d-4c0a-9e6f-7d2b3c4a5e61"),
        ("service.instance.id", "627cc493-f310-87de-96bd-71410b7dec09"),
        ("os.version", "6.12"),
        ("process.runtime.name", "rustc"),
        ("process.runtime.version", "1.89.0"),
    ] {
        let (_, own) = page.split_once(&format!("id=\"attribute-{key}\"")).expect("it has a section");
        let line = own.lines().find(|line| line.contains("**Example**")).expect("an example");
        assert!(line.ends_with(&format!("`{example}`")), "{key}: {line}");
    }
    // One of the members, where it has some.
    for attribute in owned.attributes.iter().filter(|found| !found.table.treatment.members().is_empty()) {
        let (_, own) = page.split_once(&format!("id=\"attribute-{}\"", attribute.table.key)).expect("a section");
        let line = own.lines().find(|line| line.contains("**Example**")).expect("an example");
        let is_member = |member: &&str| line.ends_with(&format!("`{member}`"));
        assert!(attribute.table.treatment.members().iter().any(is_member), "{}: {line}", attribute.table.key);
    }
}

#[test]
fn the_page_says_who_answers_for_what_and_until_when() {
    let owned = registry("tests/registries/treatments");
    let page = page(&owned, &Program::default());
    let text = markdown(&page).text;
    let section = |from: &str, to: &str| {
        let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("{from}: {page}"));
        rest.split_once(to).map_or(rest, |(section, _)| section).to_owned()
    };
    let who = section("Who gets it", "##");
    for line in [
        "**Who answers for it**: The tooling team",
        "**What it is to find out**: <https://example.com/questions/1>",
        "**Collected**: until 2099-12-31, the end of that day in UTC",
    ] {
        assert!(who.contains(line), "{line}: {who}");
    }
    let purposes = section("What it is collected for", "##");
    for row in [
        "| `environment` | What the program runs on. |",
        "| `failures` | What goes wrong in the program. |",
        "| `research` | For a study of how models are trained. |",
        "| `usage` | How the program is used. |",
    ] {
        assert!(purposes.contains(row), "{row}: {purposes}");
    }
    let train = section("### <a id=\"span-mlnet.train\"", "###");
    assert!(train.contains("**Purpose**: `research`") && train.contains("**Collected**: until 2098-02-28"), "{train}");
    let crash = section("### <a id=\"event-mlnet.crash\"", "###");
    for line in ["**Purpose**: `failures`", "**Who answers for it**: The runtime team", "Where does it panic?"] {
        assert!(crash.contains(line), "{line}: {crash}");
    }
    assert!(!crash.contains("Collected"), "it ends with the service: {crash}");
    assert!(text.contains("Collected: by versions before 90.1.0"), "{text}");
    assert!(text.contains("Purpose: environment, beside that of its record"), "{text}");
}
