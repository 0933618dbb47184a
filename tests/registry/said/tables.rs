//! Tables and the text of the same registry say the same.

use scruple::registry::snapshot::{ChangeKind, Direction, Snapshot, changes, is_wider, text};
use scruple::registry::{
    Attribute, Date, Expiry, Normalize, Purpose, Registry, ReleaseNumber, Rotation, Signal, Source, SourceFile,
    SpanKind, TimeResolution, Treatment,
};
use scruple_fixtures::tables::{opt_in, required, service, used};

/// What `words.txt` says.
pub const WORDS: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/words/1.0.0",
    service("com.example.words", "words")
        .version("1.2.3")
        .endpoint("https://telemetry.example.com/otlp")
        .rotate(Rotation::Yearly)
        .because("A word counter is used for years."),
)
.attributes(&[
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
    attribute("words.count", "How many files.", Treatment::Count { max: 5000 })
        .field("files")
        .because("Archives are counted too."),
    attribute(
        "words.file",
        "Where it panicked.",
        Treatment::Location { files: &[SourceFile::new("src/main.rs", 9)], root: "/src/words" },
    ),
    attribute("words.flags", "Names of the arguments.", Treatment::Names { members: &["--all", "--help"] }),
    attribute("words.input", "The name of the input.", Treatment::Hash),
    attribute("words.license", "The license key.", Treatment::Sha256 { normalize: Normalize::None })
        .because("The shop stores it so."),
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
    attribute(
        "words.write",
        "How writing ended.",
        Treatment::IntegerEnum { members: &["-1", "0", "14"], otherwise: Some(0) },
    ),
])
.resource(&[0, 1, 2])
.spans(&[Signal::span("words.run", "One run.")
    .because("Most runs are short.")
    .attributes(&[used(5), opt_in(9)])
    .time(TimeResolution::Millisecond)])
.events(&[
    Signal::span("words.read", "The input was read.").attributes(&[opt_in(8), required(11), used(12)]).at_most(100),
    Signal::span("words.start", "It started.").kind(SpanKind::Client).time(TimeResolution::Hour),
]);

const fn attribute(key: &'static str, brief: &'static str, treatment: Treatment<'static>) -> Attribute<'static> {
    Attribute::new(key, brief, treatment)
}

#[test]
fn tables_and_their_text_have_the_same_facts() {
    assert_eq!(WORDS.validate(), Ok(()));
    assert_eq!(text(&[&WORDS]), super::WORDS);
    assert_eq!(Ok(Snapshot::of(&[&WORDS])), Snapshot::parse(super::WORDS));
}

#[test]
fn the_order_of_members_the_version_and_the_sources_are_no_facts() {
    let mut attributes = WORDS.attributes.to_vec();
    attributes[6].treatment = Treatment::Location { files: &[], root: "" };
    attributes[12].treatment =
        Treatment::Enum { members: &["line \"\\\"", "line", "word", "other"], otherwise: Some(3) };
    let other = WORDS.service(WORDS.service.version("2.0.0")).attributes(&attributes);
    assert_eq!(Snapshot::of(&[&other]), Snapshot::of(&[&WORDS]));
}

#[test]
fn a_reason_is_a_fact_of_the_tables_that_widens_nothing() {
    let (mut service, mut attributes, mut spans) = (WORDS.service, WORDS.attributes.to_vec(), WORDS.spans.to_vec());
    service.because = None;
    attributes.iter_mut().for_each(|found| found.because = None);
    spans.iter_mut().for_each(|found| found.because = None);
    let without = WORDS.service(service).attributes(&attributes).spans(&spans);
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
    let linked = WORDS.service(WORDS.service.link("https://example.com/privacy"));
    assert_eq!(text(&[&linked]), super::edited(super::WORDS, "", "service link \"https://example.com/privacy\""));
}

#[test]
fn an_added_event_is_wider() {
    let narrow = WORDS.events(&[]);
    assert!(is_wider(&Snapshot::of(&[&narrow]), &Snapshot::of(&[&WORDS])));
}

#[test]
fn an_end_and_a_purpose_are_facts_of_the_tables() {
    let date = |text| Expiry::on(Date::parse(text).expect("a date"));
    let version = |text| Expiry::before(ReleaseNumber::parse(text).expect("a version"));
    let own = [Purpose::new("research", "For the thesis."), Purpose::new("usage", "How words are counted.")];
    let service = WORDS.service.expires(date("2027-06-30")).purpose("research").purposes(&own);
    let (mut attributes, mut spans, mut events) =
        (WORDS.attributes.to_vec(), WORDS.spans.to_vec(), WORDS.events.to_vec());
    attributes[0] = attributes[0].expires(date("2027-03-31")).purpose("environment");
    spans[0] = spans[0].expires(version("2.0")).purpose("failures");
    // No earlier than the service: no fact.
    events[0] = events[0].expires(date("2028-06-30")).purpose("usage");
    let changed = WORDS.service(service).attributes(&attributes).spans(&spans).events(&events);
    assert_eq!(changed.validate(), Ok(()));
    let come = "\
attribute \"os.type\" expires 2027-03-31
attribute \"os.type\" purpose environment
event \"words.start\" purpose research
purpose research \"For the thesis.\"
purpose usage \"How words are counted.\"
service expires 2027-06-30
span \"words.run\" expires_version 2.0.0
span \"words.run\" purpose failures";
    let expected = super::edited(super::WORDS, "", come);
    assert_eq!(text(&[&changed]), expected);
    assert_eq!(Snapshot::parse(&expected), Ok(Snapshot::of(&[&changed])));
    let names: Vec<_> = changed.purposes().iter().map(|purpose| purpose.name).collect();
    assert_eq!(names, ["environment", "failures", "research", "usage"]);
    let ends = [(None, None), (None, Some(0)), (Some(0), None), (Some(0), Some(0)), (None, Some(1))].map(
        |(span, attribute)| {
            changed.expiry(span.map(|at: usize| &spans[at]), attribute.map(|at: usize| &attributes[at]))
        },
    );
    let run = date("2027-06-30").or_earlier(version("2.0"));
    let run_os = date("2027-03-31").or_earlier(version("2.0"));
    assert_eq!(ends, [date("2027-06-30"), date("2027-03-31"), run, run_os, date("2027-06-30")]);
}
