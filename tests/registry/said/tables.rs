//! Tables and the text of the same registry say the same.

use scruple::registry::snapshot::{ChangeKind, Direction, Snapshot, changes, is_wider, text};
use scruple::registry::{
    Attribute, AttributeRef, Normalize, Registry, RequirementLevel, Rotation, Service, Signal, Source, SourceFile,
    SpanKind, TimeResolution, Treatment,
};

/// What `words.txt` says.
pub const WORDS: Registry<'static> = Registry {
    schema_url: "https://telemetry.example.com/schemas/words/1.0.0",
    service: Service {
        because: Some("A word counter is used for years."),
        link: None,
        app_id: "com.example.words",
        name: "words",
        version: "1.2.3",
        controller: "The example project, privacy@example.com",
        endpoint: "https://telemetry.example.com/otlp",
        client_address: false,
        rotate: Rotation::Yearly,
        time: TimeResolution::Second,
    },
    attributes: &[
        attribute(
            "os.type",
            "The operating system.",
            Treatment::Given { source: Source::System, members: &["linux", "darwin"] },
        ),
        attribute("service.name", "The program.", Treatment::Given { source: Source::App, members: &[] }),
        attribute(
            "session.id",
            "A random id, new in every process.",
            Treatment::Given { source: Source::Session, members: &[] },
        ),
        attribute("words.agent", "Who runs it.", Treatment::Agent { members: &["none", "robot"] }),
        attribute("words.broken", "Whether the \"input\" ended within a character.", Treatment::Boolean),
        Attribute {
            field: "files",
            because: Some("Archives are counted too."),
            ..attribute("words.count", "How many files.", Treatment::Count { max: 5000 })
        },
        attribute(
            "words.file",
            "Where it panicked.",
            Treatment::Location { files: &[SourceFile { path: "src/main.rs", lines: 9 }], root: "/src/words" },
        ),
        attribute("words.flags", "Names of the arguments.", Treatment::Names { members: &["--all", "--help"] }),
        attribute("words.input", "The name of the input.", Treatment::Hash),
        Attribute {
            because: Some("The shop stores it so."),
            ..attribute("words.license", "The license key.", Treatment::Sha256 { normalize: Normalize::None })
        },
        attribute(
            "words.place",
            "Where the input is.",
            Treatment::UriScheme { members: &["http", "none", "file"], otherwise: None, absent: Some(1) },
        ),
        attribute(
            "words.size",
            "The size of the input.",
            Treatment::Bucket { members: &["<256B", "<1KiB", ">=1KiB"], below: &[256, 1024] },
        ),
        attribute(
            "words.unit",
            "What was counted.",
            Treatment::Enum { members: &["word", "line", "other", "line \"\\\""], otherwise: Some(2) },
        ),
        attribute("words.version", "The version of the word list.", Treatment::Version),
    ],
    resource: &[0, 1, 2],
    spans: &[Signal {
        because: Some("Most runs are short."),
        name: "words.run",
        brief: "One run.",
        kind: SpanKind::Internal,
        attributes: &[
            AttributeRef { attribute: 5, level: RequirementLevel::Recommended },
            AttributeRef { attribute: 9, level: RequirementLevel::OptIn },
        ],
        time: TimeResolution::Millisecond,
        at_most: u32::MAX,
    }],
    events: &[
        Signal {
            because: None,
            name: "words.read",
            brief: "The input was read.",
            kind: SpanKind::Internal,
            attributes: &[
                AttributeRef { attribute: 8, level: RequirementLevel::OptIn },
                AttributeRef { attribute: 11, level: RequirementLevel::Required },
                AttributeRef { attribute: 12, level: RequirementLevel::Recommended },
            ],
            time: TimeResolution::Second,
            at_most: 100,
        },
        Signal {
            because: None,
            name: "words.start",
            brief: "It started.",
            // Events have none: whatever stands here says nothing.
            kind: SpanKind::Client,
            attributes: &[],
            time: TimeResolution::Hour,
            at_most: u32::MAX,
        },
    ],
};

const fn attribute(key: &'static str, brief: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute { because: None, key, field: key, brief, treatment }
}

#[test]
fn tables_say_what_their_text_says() {
    assert_eq!(WORDS.validate(), Ok(()));
    assert_eq!(text(&[&WORDS]), super::WORDS);
    assert_eq!(Ok(Snapshot::of(&[&WORDS])), Snapshot::parse(super::WORDS));
}

#[test]
fn the_order_of_members_the_version_and_the_sources_say_nothing() {
    let mut attributes = WORDS.attributes.to_vec();
    attributes[6].treatment = Treatment::Location { files: &[], root: "" };
    attributes[12].treatment =
        Treatment::Enum { members: &["line \"\\\"", "line", "word", "other"], otherwise: Some(3) };
    let service = Service { version: "2.0.0", ..WORDS.service };
    let other = Registry { service, attributes: &attributes, ..WORDS };
    assert_eq!(Snapshot::of(&[&other]), Snapshot::of(&[&WORDS]));
}

#[test]
fn a_reason_is_a_fact_of_the_tables_that_widens_nothing() {
    let attributes: Vec<_> = WORDS.attributes.iter().map(|found| Attribute { because: None, ..*found }).collect();
    let spans: Vec<_> = WORDS.spans.iter().map(|found| Signal { because: None, ..*found }).collect();
    let service = Service { because: None, ..WORDS.service };
    let without = Registry { service, attributes: &attributes, spans: &spans, ..WORDS };
    let without_reasons: String =
        super::WORDS.split_inclusive('\n').filter(|line| !line.contains(" because ")).collect();
    assert_eq!(text(&[&without]), without_reasons);
    for (old, new) in [(&WORDS, &without), (&without, &WORDS)] {
        let changes = changes(&Snapshot::of(&[old]), &Snapshot::of(&[new]));
        let found: Vec<_> = changes.iter().map(|change| (change.direction, change.what)).collect();
        assert_eq!(found, vec![(Direction::Other, ChangeKind::Because); 4]);
    }
}

#[test]
fn a_link_is_a_fact_of_the_tables() {
    let linked = Registry { service: Service { link: Some("https://example.com/privacy"), ..WORDS.service }, ..WORDS };
    assert_eq!(text(&[&linked]), super::edited(super::WORDS, "", "service link \"https://example.com/privacy\""));
}

#[test]
fn an_event_more_is_wider() {
    let narrow = Registry { events: &[], ..WORDS };
    assert!(is_wider(&Snapshot::of(&[&narrow]), &Snapshot::of(&[&WORDS])));
}
