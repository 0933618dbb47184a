//! Registries that nobody wrote: every treatment, names that are words of OTTL, and members of every awkward character.

use std::collections::BTreeSet;

use scruple::registry::{
    Attribute, AttributeRef, Date, Expiry, Normalize, Purpose, Registry, ReleaseNumber, Signal, Source, SourceFile,
    SpanKind, TimeResolution, Treatment,
};
use scruple_fixtures::tables::{self, attribute, service};

/// A pseudorandom number generator (xorshift), the same for the same seed.
pub struct Dice(u64);

impl Dice {
    /// Those of a seed.
    pub fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    /// One of several.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// What YAML, OTTL, RE2 and the Collector's own expansion give a meaning.
pub const PIECES: [&str; 40] = [
    "a",
    "Z",
    "0",
    " ",
    "\"",
    "'",
    "\\",
    "\\n",
    "\\\"",
    "$",
    "$$",
    "$1",
    "${env:HOME}",
    "${1}",
    "#",
    " #",
    ": ",
    "-",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a",
    "*a",
    "!",
    "|",
    ">",
    "%",
    "@",
    "`",
    "^",
    ".",
    "(",
    ")",
    "é",
    "日本",
    "🦀",
    "¬",
];

/// Names and keys, of which some are words of OTTL.
const NAMES: [&str; 16] = [
    "a",
    "and",
    "app.kind",
    "cache",
    "false",
    "nil",
    "not",
    "or",
    "set",
    "span.name",
    "true",
    "u_v.w_x",
    "where",
    "x..y",
    "x_",
    "z9",
];

/// The registry of a seed, for the rest of the process.
pub fn registry(seed: u64) -> &'static Registry<'static> {
    with(seed, 0)
}

/// The same with past ends: of some signals and attributes, and of all that a third of the registries declares.
pub fn past(seed: u64) -> &'static Registry<'static> {
    let registry = registry(seed);
    let mut dice = Dice::of(seed.wrapping_add(1_000));
    let mut end = |expires: &mut Expiry| {
        if dice.below(3) == 0 {
            *expires = expires.or_earlier(Expiry::on(dice.one(&PAST)));
        }
    };
    let (mut attributes, mut spans, mut events, mut service) =
        (registry.attributes.to_vec(), registry.spans.to_vec(), registry.events.to_vec(), registry.service);
    let is_needed = |attribute: &&mut Attribute<'_>| ["service.name", "session.id"].contains(&attribute.key);
    attributes.iter_mut().filter(|attribute| !is_needed(attribute)).for_each(|it| end(&mut it.expires));
    spans.iter_mut().chain(&mut events).for_each(|it| end(&mut it.expires));
    end(&mut service.expires);
    let (attributes, spans, events) = (attributes.leak(), spans.leak(), events.leak());
    Box::leak(Box::new(registry.service(service).attributes(attributes).spans(spans).events(events)))
}

const PAST: [Date; 3] = [Date::new(1970, 1, 1), Date::new(2020, 2, 29), Date::new(2024, 12, 31)];

/// Ends that are still to come, and none.
const ENDS: [Expiry; 4] = [
    Expiry::NEVER,
    Expiry::on(Date::new(2999, 12, 31)),
    Expiry::on(Date::new(9999, 12, 31)),
    Expiry::before(ReleaseNumber::new(4_000_000_000, 0, 0)),
];

/// One with over 40 spans and over 40 events, so that the Collector's configuration sorts their names.
pub fn large_registry(seed: u64) -> &'static Registry<'static> {
    with(seed, 40)
}

fn with(seed: u64, more: usize) -> &'static Registry<'static> {
    let mut dice = Dice::of(seed);
    // Ends and purposes have a sequence of their own: the rest of a seed's registry stays as it was.
    let mut governed = Dice::of(seed.wrapping_add(2_000));
    let mut attributes: Vec<_> = NAMES.iter().map(|key| attribute(key, treatment(&mut dice))).collect();
    attributes
        .extend(GIVEN.iter().map(|(key, source)| attribute(key, Treatment::Given { source: *source, members: &[] })));
    attributes.sort_by_key(|attribute| attribute.key);
    for attribute in attributes.iter_mut().filter(|attribute| attribute.key != "service.name") {
        attribute.expires = governed.one(&ENDS);
        attribute.purpose = governed.one(&[None, None, Some("environment"), Some("research")]);
    }
    let attributes: &[_] = attributes.leak();
    let index = |given: bool| {
        let all = attributes.iter().enumerate();
        let some = all.filter(move |(_, it)| matches!(it.treatment, Treatment::Given { .. }) == given);
        some.map(|(index, _)| u16::try_from(index).unwrap()).collect::<Vec<_>>()
    };
    let (resource, free) = (index(true), index(false));
    let mut signals = || {
        let mut chosen: Vec<_> = NAMES.into_iter().filter(|_| dice.below(4) == 0).collect();
        chosen.extend((0..more).map(|number| &*format!("s{number}").leak()));
        chosen.sort_unstable();
        let signal = |name: &'static str| {
            Signal::span(name, "")
                .kind(dice.one(&KINDS))
                .attributes(free.iter().filter(|_| dice.below(2) == 0).map(|it| used(*it)).collect::<Vec<_>>().leak())
                .time(dice.one(&GRAINS))
                .duration(dice.one(&GRAINS))
                .expires(governed.one(&ENDS))
                .purpose(governed.one(&[Purpose::USAGE, "failures", "research"]))
        };
        chosen.into_iter().map(signal).collect::<Vec<_>>()
    };
    let (spans, events) = (signals(), signals());
    let end = governed.one(&ENDS);
    Box::leak(Box::new(
        Registry::new(
            "https://telemetry.example.com/schemas/invented/1.0.0",
            service("com.example.invented", text(&mut dice).leak()).expires(end).purposes(&PURPOSES),
        )
        .attributes(attributes)
        .resource(resource.leak())
        .spans(spans.leak())
        .events(events.leak()),
    ))
}

const PURPOSES: [Purpose<'static>; 1] = [Purpose::new("research", "For a study.")];

pub const KINDS: [SpanKind; 5] =
    [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];

pub const GRAINS: [TimeResolution; 6] = [
    TimeResolution::Nanosecond,
    TimeResolution::Millisecond,
    TimeResolution::Second,
    TimeResolution::Minute,
    TimeResolution::Hour,
    TimeResolution::Day,
];

pub const GIVEN: [(&str, Source); 9] = [
    ("host.arch", Source::System),
    ("os.type", Source::System),
    ("os.version", Source::System),
    ("process.runtime.name", Source::Runtime),
    ("process.runtime.version", Source::Runtime),
    ("service.instance.id", Source::Installation),
    ("service.name", Source::App),
    ("service.version", Source::App),
    ("session.id", Source::Session),
];

const FILES: &[SourceFile<'_>] = &[SourceFile::new("src/a-b_c/d.e.rs", 7), SourceFile::new("src/main.rs", 50)];

fn treatment(dice: &mut Dice) -> Treatment<'static> {
    let below = |members: &[&str]| (1..members.len()).map(|it| it as i64 * 10).collect::<Vec<_>>().leak() as &[i64];
    match dice.below(11) {
        0 => Treatment::Boolean,
        1 => Treatment::Count { max: dice.one(&[0, 1, 255, 1_000]) },
        2 => Treatment::Hash,
        3 => Treatment::Sha256 { normalize: Normalize::None },
        4 => Treatment::Version,
        5 => Treatment::Location { files: FILES, root: "/build/invented" },
        6 => Treatment::UriScheme { members: members(dice), otherwise: None, absent: None },
        7 => {
            let members = members(dice);
            Treatment::Bucket { members, below: below(members) }
        }
        9 => Treatment::IntegerEnum { members: integers(dice), otherwise: None },
        8 => Treatment::Names { members: members(dice) },
        _ => Treatment::Enum { members: members(dice), otherwise: None },
    }
}

fn integers(dice: &mut Dice) -> &'static [&'static str] {
    let all: BTreeSet<i64> = (0..=dice.below(6)).map(|_| dice.one(&[i64::MIN, -300, -1, 0, 1, 14, i64::MAX])).collect();
    all.into_iter().map(|number| &*number.to_string().leak()).collect::<Vec<_>>().leak()
}

fn members(dice: &mut Dice) -> &'static [&'static str] {
    let mut all: Vec<&'static str> = (0..=dice.below(6)).map(|_| &*text(dice).leak()).collect();
    all.sort_unstable();
    all.dedup();
    all.leak()
}

fn text(dice: &mut Dice) -> String {
    let pieces: String = (0..=dice.below(5)).map(|_| dice.one(&PIECES)).collect();
    // Nothing that begins or ends with a blank is a member.
    format!("m{}n", pieces)
}

const fn used(attribute: u16) -> AttributeRef {
    tables::used(attribute)
}
