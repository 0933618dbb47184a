//! Registries of every shape, as a strategy.

use crate::one_of::one_of;
use proptest::prelude::*;
use scruple::registry::{
    Attribute, AttributeRef, Date, Expiry, Normalize, Registry, ReleaseNumber, RequirementLevel, Signal, Source,
    SourceFile, SpanKind, TimeResolution, Treatment,
};
use scruple_fixtures::tables::service;

/// The names under which the treatments are counted.
pub const KINDS: [&str; 11] = [
    "boolean",
    "enum",
    "integer enum",
    "bucket",
    "uri scheme",
    "names",
    "count",
    "hash",
    "sha256",
    "version",
    "location",
];

/// The treatment's name in [`KINDS`].
pub fn kind(treatment: &Treatment<'_>) -> &'static str {
    match treatment {
        Treatment::Boolean => "boolean",
        Treatment::Enum { .. } => "enum",
        Treatment::IntegerEnum { .. } => "integer enum",
        Treatment::Bucket { .. } => "bucket",
        Treatment::UriScheme { .. } => "uri scheme",
        Treatment::Names { .. } => "names",
        Treatment::Count { .. } => "count",
        Treatment::Hash => "hash",
        Treatment::Sha256 { .. } => "sha256",
        Treatment::Version => "version",
        Treatment::Location { .. } => "location",
        Treatment::Agent { .. } | Treatment::Given { .. } => "given",
    }
}

/// A registry to be.
#[derive(Debug, Clone)]
pub struct Spec {
    pub treatments: Vec<Treatment<'static>>,
    /// The end and the purpose of each attribute, as far as they are there.
    pub terms: Vec<Terms>,
    pub spans: Vec<SignalSpec>,
    pub events: Vec<SignalSpec>,
}

/// An end and a purpose.
pub type Terms = (Expiry, Option<&'static str>);

#[derive(Debug, Clone)]
pub struct SignalSpec {
    /// For each attribute of the registry, whether this signal declares it.
    attributes: Vec<Option<RequirementLevel>>,
    time: TimeResolution,
    duration: TimeResolution,
    at_most: u32,
    kind: SpanKind,
    terms: Terms,
}

/// Leaked: a registry lives as long as the program.
fn leak<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

impl Spec {
    /// The registry, its signals named `s.0`, `s.1`… and `e.0`…, its attributes `k.00`….
    pub fn leak(&self) -> &'static Registry<'static> {
        let given = |key, source| Attribute::new(key, "", Treatment::Given { source, members: &[] });
        let mut attributes: Vec<_> = (0..)
            .zip(self.treatments.iter().zip(&self.terms))
            .map(|(index, (treatment, terms))| {
                let key: &'static str = Box::leak(format!("k.{index:02}").into_boxed_str());
                let field = if index % 5 == 4 { Box::leak(format!("f{index}").into_boxed_str()) } else { key };
                let mut attribute = Attribute::new(key, "", *treatment).field(field);
                (attribute.expires, attribute.purpose) = *terms;
                attribute
            })
            .collect();
        let first = attributes.len();
        attributes.push(given("os.type", Source::System));
        attributes.push(given("service.name", Source::App));
        attributes.push(given("session.id", Source::Session));
        let signals = |prefix: &str, specs: &[SignalSpec]| {
            let signal = |(index, spec): (usize, &SignalSpec)| {
                let mut signal = Signal::span(Box::leak(format!("{prefix}.{index}").into_boxed_str()), "");
                (signal.expires, signal.purpose) = spec.terms;
                signal
                    .kind(spec.kind)
                    .attributes(leak(
                        (0..)
                            .zip(&spec.attributes)
                            .filter_map(|(attribute, level)| Some(AttributeRef::new(attribute, (*level)?)))
                            .collect(),
                    ))
                    .time(spec.time)
                    .duration(spec.duration)
                    .at_most(spec.at_most)
            };
            leak(specs.iter().enumerate().map(signal).collect())
        };
        let first = u16::try_from(first).expect("few");
        Box::leak(Box::new(
            Registry::new(
                "https://telemetry.example.com/schemas/law/1.0.0",
                service("com.example.law", "law \"quoted\""),
            )
            .attributes(leak(attributes))
            .resource(leak(vec![first, first + 1, first + 2]))
            .spans(signals("s", &self.spans))
            .events(signals("e", &self.events)),
        ))
    }
}

/// How many treatments a registry has at most.
const TREATMENTS: usize = 11;

pub fn registries() -> impl Strategy<Value = Spec> {
    let signals = prop::collection::vec(signals(), 1..4).boxed();
    let attributes = prop::collection::vec((treatments(), terms()), 1..=TREATMENTS);
    (attributes, signals.clone(), signals).prop_map(|(attributes, mut spans, mut events)| {
        let (treatments, terms): (Vec<_>, _) = attributes.into_iter().unzip();
        let signals = spans.iter_mut().chain(&mut events);
        signals.for_each(|signal| signal.attributes.truncate(treatments.len()));
        Spec { treatments, terms, spans, events }
    })
}

impl Spec {
    /// The same with other ends.
    pub fn with_ends(mut self, ends: &[Expiry]) -> Self {
        let signals = self.spans.iter_mut().chain(&mut self.events).map(|signal| &mut signal.terms);
        signals.chain(&mut self.terms).zip(ends.iter().cycle()).for_each(|(terms, end)| terms.0 = *end);
        self
    }
}

/// Ends that come late, and purposes: most have none.
fn terms() -> impl Strategy<Value = Terms> {
    let end = one_of![
        5 => Just(Expiry::NEVER),
        1 => Just(Expiry::on(Date::new(2098, 2, 28))),
        1 => Just(Expiry::on(Date::new(2099, 12, 31))),
        1 => Just(Expiry::before(ReleaseNumber::new(7, 1, 0)))
    ];
    (end, one_of![6 => Just(None), 1 => Just(Some("failures")), 1 => Just(Some("usage"))])
}

/// Another version of a registry: some of its attributes have another treatment, or one that is a little narrower or wider,
/// and some of its signals are gone or have other facts.
pub fn another_version(of: Spec) -> impl Strategy<Value = Spec> {
    let treatment = |treatment: Treatment<'static>| one_of![4 => Just(treatment), 1 => treatments(), 3 => treatments().prop_map(move |other| akin(treatment, other))];
    let signal = |signal: SignalSpec| {
        (any::<[bool; 5]>(), signals()).prop_map(move |(takes, other)| {
            let mut made = signal.clone();
            let takes = takes.map(|takes| takes && other.at_most != 1);
            if takes[0] {
                let levels = made.attributes.iter_mut().zip(&other.attributes).step_by(2);
                levels.for_each(|(level, other)| *level = *other);
            }
            made.time = if takes[1] { other.time } else { made.time };
            made.duration = if takes[2] { other.duration } else { made.duration };
            made.at_most = if takes[3] { other.at_most } else { made.at_most };
            made.kind = if takes[4] && other.at_most < u32::MAX { other.kind } else { made.kind };
            made.terms = if takes[4] { other.terms } else { made.terms };
            made
        })
    };
    let treatments: Vec<_> = of.treatments.into_iter().map(treatment).collect();
    let own = |of: Terms| one_of![3 => Just(of), 1 => terms()];
    let all_terms: Vec<_> = of.terms.into_iter().map(own).collect();
    let all = |list: Vec<SignalSpec>| list.into_iter().map(signal).collect::<Vec<_>>();
    (treatments, all_terms, all(of.spans), all(of.events), any::<[Option<prop::sample::Index>; 2]>()).prop_map(
        |(treatments, terms, mut spans, mut events, [fewer_spans, fewer_events])| {
            // The last ones are gone: the others keep their names.
            fewer_spans.into_iter().for_each(|left| spans.truncate(1 + left.index(spans.len())));
            fewer_events.into_iter().for_each(|left| events.truncate(1 + left.index(events.len())));
            Spec { treatments, terms, spans, events }
        },
    )
}

/// A treatment of the same kind as the first with the facts of the other, if that is of the kind too.
fn akin(treatment: Treatment<'static>, other: Treatment<'static>) -> Treatment<'static> {
    if treatment.kind() == other.kind() { other } else { treatment }
}

/// With a level for each attribute that there may be.
fn signals() -> impl Strategy<Value = SignalSpec> {
    let level = one_of![
        2 => Just(None),
        3 => Just(Some(RequirementLevel::Recommended)),
        2 => Just(Some(RequirementLevel::Required)),
        1 => Just(Some(RequirementLevel::OptIn)),
    ];
    let grain = || {
        one_of![
            Just(TimeResolution::Nanosecond),
            Just(TimeResolution::Millisecond),
            Just(TimeResolution::Second),
            Just(TimeResolution::Minute),
            Just(TimeResolution::Hour),
            Just(TimeResolution::Day)
        ]
    };
    let at_most = one_of![3 => Just(u32::MAX), 1 => 1..4_u32];
    let kind = one_of![
        Just(SpanKind::Internal),
        Just(SpanKind::Server),
        Just(SpanKind::Client),
        Just(SpanKind::Producer),
        Just(SpanKind::Consumer)
    ];
    (prop::collection::vec(level, TREATMENTS), [grain(), grain()], at_most, kind, terms()).prop_map(
        |(attributes, [time, duration], at_most, kind, terms)| SignalSpec {
            attributes,
            time,
            duration,
            at_most,
            kind,
            terms,
        },
    )
}

/// The members that values are drawn from, some of them hard on an encoding.
pub const MEMBERS: [&str; 9] = ["a", "b", "file", "https", "\"quoted\" \\", "größer", "${env:HOME}", "7", "数据"];

fn members(sorted: bool) -> impl Strategy<Value = &'static [&'static str]> {
    prop::sample::subsequence(MEMBERS.to_vec(), 1..=MEMBERS.len()).prop_map(move |mut members| {
        if sorted {
            members.sort_unstable();
        }
        leak(members)
    })
}

/// The integers that values are drawn from, ascending.
pub const INTEGERS: [&str; 7] = ["-9223372036854775808", "-1", "0", "7", "16", "200", "9223372036854775807"];

fn integers() -> impl Strategy<Value = &'static [&'static str]> {
    prop::sample::subsequence(INTEGERS.to_vec(), 1..=INTEGERS.len()).prop_map(leak)
}

fn treatments() -> impl Strategy<Value = Treatment<'static>> {
    let index = |members: &[&str], pick: Option<prop::sample::Index>| {
        pick.map(|pick| u16::try_from(pick.index(members.len())).expect("few"))
    };
    one_of![
        Just(Treatment::Boolean),
        (members(false), any::<Option<prop::sample::Index>>())
            .prop_map(move |(members, pick)| Treatment::Enum { members, otherwise: index(members, pick) }),
        (integers(), any::<Option<prop::sample::Index>>())
            .prop_map(move |(members, pick)| Treatment::IntegerEnum { members, otherwise: index(members, pick) }),
        (prop::collection::btree_set(any::<i64>(), 0..8)).prop_map(|bounds| {
            let below = leak(bounds.into_iter().collect());
            Treatment::Bucket { members: &MEMBERS[..=below.len()], below }
        }),
        (members(false), any::<[Option<prop::sample::Index>; 2]>()).prop_map(move |(members, [other, absent])| {
            Treatment::UriScheme { members, otherwise: index(members, other), absent: index(members, absent) }
        }),
        members(true).prop_map(|members| Treatment::Names { members }),
        (0..=i64::MAX).prop_map(|max| Treatment::Count { max }),
        Just(Treatment::Hash),
        one_of![Just(Normalize::None), Just(Normalize::Lower), Just(Normalize::Upper)]
            .prop_map(|normalize| Treatment::Sha256 { normalize }),
        Just(Treatment::Version),
        Just(Treatment::Location {
            files: const { &[SourceFile::new("src/main.rs", 99), SourceFile::new("src/lib.rs", 5)] },
            root: "/home/alice/demo",
        }),
    ]
}
