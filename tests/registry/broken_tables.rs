//! Tables that no `scruple check` has seen: whatever is wrong with them, telemetry is off and nothing panics.

use proptest::prelude::*;
use scruple::consent::{Mode, Reason};
use scruple::encode::Format;
use scruple::registry::{Attribute, Date, Expiry, InvalidRegistry, Purpose, Registry, Source, SourceFile, Treatment};
use scruple::testing::Rehearsal;
use scruple_fixtures::tables::{attribute, service, signal, used};
use tracing::{Level as Severity, event, info_span};
use tracing_subscriber::prelude::*;

const GIVEN: Treatment<'static> = Treatment::Given { source: Source::App, members: &[] };

static SOUND: Registry<'static> = Registry::new(
    "https://tables.example/schemas/1.0.0",
    service("example.tables", "tables").endpoint("https://telemetry.tables.example"),
)
.attributes(&[attribute("a", Treatment::Count { max: 9 }), attribute("service.name", GIVEN)])
.resource(&[1])
.spans(&[signal("t.one", &[used(0)]), signal("t.two", &[])])
.events(&[signal("t.happened", &[used(0)])]);

fn start(registries: &[&'static Registry<'static>]) -> scruple::Telemetry {
    let [first, rest @ ..] = registries else { panic!("a registry") };
    let builder = scruple::start(first).rehearsal(Rehearsal::new());
    rest.iter()
        .fold(builder, |builder, registry| builder.library(registry))
        .export(scruple::Exporter::requests(Format::Json, |_, _| ()))
        .build()
}

#[track_caller]
fn check(registry: Registry<'static>, expected: Result<(), InvalidRegistry>) {
    let registry: &'static Registry<'static> = Box::leak(Box::new(registry));
    assert_eq!(registry.validate(), expected);
    for registries in [&[registry][..], &[&SOUND, registry]] {
        let telemetry = start(registries);
        match expected {
            Ok(()) => assert_eq!(telemetry.decision().mode, Mode::On),
            Err(why) => assert_eq!(telemetry.decision().reason, Reason::Registry(why)),
        }
    }
}

fn with_treatment(treatment: Treatment<'static>) -> Registry<'static> {
    let attributes = Box::leak(Box::new([attribute("a", treatment), attribute("service.name", GIVEN)]));
    SOUND.attributes(attributes)
}

#[test]
fn a_broken_table_turns_telemetry_off() {
    check(SOUND, Ok(()));
    for app_id in ["", "..", ".", "a/b", "/a", "a..b", ".a", "a b", "a\0b", "con", "NUL.words", "com1.words"] {
        check(SOUND.service(SOUND.service.app_id(app_id)), Err(InvalidRegistry::AppId));
    }
    let one = attribute("a", Treatment::Boolean);
    for attributes in [
        vec![attribute("b", GIVEN), attribute("a", GIVEN)],
        vec![one, one],
        vec![attribute("", GIVEN)],
        vec![attribute("a\"", GIVEN)],
    ] {
        check(
            SOUND.attributes(Vec::leak(attributes)).resource(&[]).spans(&[]).events(&[]),
            Err(InvalidRegistry::Attributes),
        );
    }
    for spans in [
        vec![signal("t.two", &[]), signal("t.one", &[])],
        vec![signal("t.one", &[]), signal("t.one", &[])],
        vec![signal("T\n", &[])],
    ] {
        let spans = &*Vec::leak(spans);
        check(SOUND.spans(spans), Err(InvalidRegistry::Signals));
        check(SOUND.events(spans), Err(InvalidRegistry::Signals));
    }
    for uses in [vec![2], vec![u16::MAX], vec![1, 0], vec![0, 0], vec![0; 300]] {
        let uses: Vec<_> = uses.into_iter().map(used).collect();
        let spans = Box::leak(Box::new([signal("t.one", Vec::leak(uses))]));
        check(SOUND.spans(spans), Err(InvalidRegistry::Uses));
    }
    let one_field = ["a", "b"].map(|key| attribute(key, Treatment::Boolean).field("f"));
    let both = Box::leak(Box::new([signal("t.one", Vec::leak(vec![used(0), used(1)]))]));
    let attributes = Box::leak(Box::new(one_field));
    check(SOUND.attributes(attributes).resource(&[]).spans(both).events(&[]), Err(InvalidRegistry::Uses));
    for resource in [&[0][..], &[1, 1], &[7]] {
        check(SOUND.resource(resource), Err(InvalidRegistry::Uses));
    }
    let long: &'static str = String::leak("x".repeat(257));
    let names: &'static [&'static str] = Vec::leak((10..75).map(|number| &*String::leak(number.to_string())).collect());
    for treatment in [
        Treatment::Enum { members: &[], otherwise: Some(0) },
        Treatment::Enum { members: Box::leak(Box::new([long])), otherwise: None },
        Treatment::Enum { members: &["a\nb"], otherwise: None },
        Treatment::Enum { members: &["a\u{202e}b"], otherwise: None },
        Treatment::IntegerEnum { members: &[], otherwise: Some(0) },
        Treatment::IntegerEnum { members: &["one"], otherwise: None },
        Treatment::IntegerEnum { members: &["01"], otherwise: None },
        Treatment::IntegerEnum { members: &["9223372036854775808"], otherwise: None },
        Treatment::IntegerEnum { members: &["2", "10", "9"], otherwise: None },
        Treatment::IntegerEnum { members: &["1", "1"], otherwise: None },
        Treatment::Location { files: const { &[SourceFile::new("src/\u{200b}.rs", 1)] }, root: "" },
        Treatment::UriScheme { members: &["file"], otherwise: None, absent: Some(1) },
        Treatment::Names { members: &["b", "a"] },
        Treatment::Names { members: names },
    ] {
        check(with_treatment(treatment), Err(InvalidRegistry::Members));
    }
    for treatment in [
        Treatment::Count { max: -1 },
        Treatment::Bucket { members: &["small"], below: &[1, 2] },
        Treatment::Bucket { members: &[], below: &[] },
        Treatment::Bucket { members: &["a", "b", "c"], below: &[2, 1] },
    ] {
        check(with_treatment(treatment), Err(InvalidRegistry::Bounds));
    }
}

#[test]
fn a_table_with_a_broken_end_or_purpose_turns_telemetry_off() {
    let no_date = Expiry::on(Date::new(2027, 2, 30));
    check(SOUND.service(SOUND.service.expires(no_date)), Err(InvalidRegistry::Expiry));
    let spans = Box::leak(Box::new([signal("t.one", &[]).expires(no_date)]));
    check(SOUND.spans(spans), Err(InvalidRegistry::Expiry));
    let one = attribute("a", Treatment::Boolean);
    let changed = |one: Attribute<'static>| SOUND.attributes(Vec::leak(vec![one, attribute("service.name", GIVEN)]));
    check(changed(one.expires(no_date)), Err(InvalidRegistry::Expiry));
    check(changed(one.expires(Expiry::on(Date::new(2028, 2, 29)))), Ok(()));
    check(changed(one.purpose("failures")), Ok(()));
    for purpose in ["research", "", "Failures", "a.b"] {
        check(changed(one.purpose(purpose)), Err(InvalidRegistry::Purposes));
    }
    let [first, second] = [Purpose::new("research", "For the thesis."), Purpose::new("usage", "Its use.")];
    let described = |purposes| SOUND.service(SOUND.service.purpose("research").purposes(Vec::leak(purposes)));
    check(described(vec![first, second]), Ok(()));
    for purposes in [vec![], vec![second, first], vec![first, first], vec![Purpose::new("research", "")]] {
        check(described(purposes), Err(InvalidRegistry::Purposes));
    }
}

#[test]
fn a_record_names_its_registry_by_a_byte() {
    assert_eq!(start(&[&SOUND; 255]).decision().mode, Mode::On);
    assert_eq!(start(&[&SOUND; 256]).decision().reason, Reason::Registry(InvalidRegistry::TooMany));
}

/// Any table at all, most of them broken.
fn any() -> impl Strategy<Value = Registry<'static>> {
    let text = || prop_oneof!["[a-c]", "t\\.(one|two|happened)", ".{0,3}"].prop_map(|text| &*String::leak(text));
    let texts = move || prop::collection::vec(text(), 0..4).prop_map(|texts| &*Vec::leak(texts));
    let index = || prop::option::of(0..4_u16);
    let treatment = prop_oneof![
        (texts(), index()).prop_map(|(members, otherwise)| Treatment::Enum { members, otherwise }),
        (prop::collection::vec(-2..9_i64, 0..4), index()).prop_map(|(members, otherwise)| Treatment::IntegerEnum {
            members: Vec::leak(members.iter().map(|number| &*String::leak(number.to_string())).collect()),
            otherwise
        }),
        (texts(), prop::collection::vec(-2..9_i64, 0..4))
            .prop_map(|(members, below)| Treatment::Bucket { members, below: Vec::leak(below) }),
        (texts(), index(), index()).prop_map(|(members, otherwise, absent)| Treatment::UriScheme {
            members,
            otherwise,
            absent
        }),
        texts().prop_map(|members| Treatment::Names { members }),
        (-2..9_i64).prop_map(|max| Treatment::Count { max }),
        Just(Treatment::Hash),
        Just(GIVEN),
    ];
    let attributes = prop::collection::vec((text(), text(), treatment), 0..4).prop_map(|list| {
        let list = list.into_iter().map(|(key, field, treatment)| Attribute::new(key, "", treatment).field(field));
        &*Vec::leak(list.collect())
    });
    let uses = prop::collection::vec((0..4_u16).prop_map(used), 0..4).prop_map(|uses| &*Vec::leak(uses));
    let signals = move || {
        let list = prop::collection::vec((text(), uses.clone()), 0..3);
        list.prop_map(|list| &*Vec::leak(list.into_iter().map(|(name, uses)| signal(name, uses)).collect()))
    };
    let resource = prop::collection::vec(0..4_u16, 0..3).prop_map(|list| &*Vec::leak(list));
    (attributes, signals(), signals(), resource).prop_map(|(attributes, spans, events, resource)| {
        SOUND.attributes(attributes).spans(spans).events(events).resource(resource)
    })
}

#[test]
fn no_table_makes_a_program_panic() {
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) }, |(registry in any())| {
        let telemetry = start(&[Box::leak(Box::new(registry))]);
        prop_assert_eq!(telemetry.decision().mode == Mode::On, registry.validate().is_ok());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
            let _span = info_span!("t.one", a = -1, b = f64::INFINITY, c = "a,b", "a b").entered();
            drop(info_span!("t.two", a = 9, b = "x://y", c = ?["c"]));
            event!(name: "t.happened", Severity::INFO, { a = 0.5, b = true, c = i64::MIN });
        });
    });
}
