//! Programs as data: what is recorded, where, in which order.

use crate::stacks::{Busy, Deed, deeds};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::string::string_regex;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use tracing::dispatcher::{get_default, with_default};
use tracing::field::{Empty, Value, debug, display};
use tracing::span::EnteredSpan;
use tracing::{Level, Span, event, span};

/// One thing that a program does.
#[derive(Debug, Clone)]
pub enum Step {
    /// Makes a span.
    Open { name: &'static str, parent: Parent, values: Vec<(usize, Val)> },
    /// Records an event.
    Event { name: &'static str, parent: Parent, values: Vec<(usize, Val)> },
    /// Records a field of a span that exists.
    Record { span: Index, field: usize, value: Val },
    /// Enters a span that exists.
    Enter(Index),
    /// Leaves a span that was entered, not always the last one.
    Exit(Index),
    /// Says that one span follows from another.
    Follow(Index, Index),
    /// Lets a span go.
    Close(Index, How),
    /// Records something that is not declared, and leaves nothing behind.
    Noise(Vec<(usize, Val)>),
    /// Does something else.
    Do(Deed),
}

/// How much of what is not declared a program does: all, or as little as there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undeclared {
    Loud,
    Quiet,
}

/// When spans are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// When the program lets them go.
    AsTold,
    /// At the end, the last one first. `tracing` keeps a span open as long as there is one inside it, undeclared ones too,
    /// so that these decide when a declared span ends.
    Last,
}

/// Where a span or event belongs.
#[derive(Debug, Clone)]
pub enum Parent {
    Current,
    /// The current one, with an undeclared span of its own around it.
    Wrapped,
    Root,
    Of(Index),
}

/// How a span is let go.
#[derive(Debug, Clone, Copy)]
pub enum How {
    Here,
    OnAnotherThread,
    WhilePanicking,
}

/// A recorded value.
#[derive(Debug, Clone)]
pub enum Val {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Str(String),
    Display(String),
    Debug(Vec<String>),
    I128(i128),
    U128(u128),
    Bytes(Vec<u8>),
    Error(String),
    /// Only ever of an undeclared field.
    Busy(Deed),
}

/// The fields of every callsite, in the order of the macros below.
pub const FIELDS: [&str; 19] = [
    "s.code",
    "s.count",
    "s.extra",
    "s.flag",
    "s.hash",
    "s.kind",
    "s.mode",
    "s.names",
    "s.place",
    "s.sha",
    "size",
    "s.uri",
    "s.version",
    "secret",
    "otel.status_code",
    "otel.name",
    "otel.kind",
    "otel.status_description",
    "exception.message",
];

/// Those that no signal declares; tracing-opentelemetry and the appender give some of them a meaning.
const UNDECLARED: [&str; 5] = ["secret", "otel.name", "otel.kind", "otel.status_description", "exception.message"];

const SPANS: [&str; 5] = ["d.all", "d.few", "d.limited", "u.one", "u.two"];
const EVENTS: [&str; 4] = ["d.event", "d.event.limited", "u.event", "u.failed"];

macro_rules! fields {
    ($make:ident!($($head:tt)*), $v:ident) => {
        $make!($($head)*, { s.code = $v[0], s.count = $v[1], s.extra = $v[2], s.flag = $v[3], s.hash = $v[4],
            s.kind = $v[5], s.mode = $v[6], s.names = $v[7], s.place = $v[8], s.sha = $v[9], size = $v[10],
            s.uri = $v[11], s.version = $v[12], secret = $v[13], otel.status_code = $v[14], otel.name = $v[15],
            otel.kind = $v[16], otel.status_description = $v[17], exception.message = $v[18] })
    };
}

macro_rules! span_of {
    ($parent:expr, $level:expr, $name:literal, { $($fields:tt)* }) => {
        match $parent {
            At::Current => span!($level, $name, $($fields)*),
            At::Root => span!(parent: None, $level, $name, $($fields)*),
            At::Of(parent) => span!(parent: *parent, $level, $name, $($fields)*),
        }
    };
}

macro_rules! event_of {
    ($parent:expr, $level:expr, $name:literal, { $($fields:tt)* }) => {
        match $parent {
            At::Current => event!(name: $name, $level, { $($fields)* }),
            At::Root => event!(name: $name, parent: None, $level, { $($fields)* }),
            At::Of(parent) => event!(name: $name, parent: *parent, $level, { $($fields)* }),
        }
    };
}

enum At<'a> {
    Current,
    Root,
    Of(&'a Span),
}

fn open(name: &str, at: &At<'_>, v: [&dyn Value; FIELDS.len()]) -> Span {
    match name {
        "d.all" => fields!(span_of!(at, Level::INFO, "d.all"), v),
        "d.few" => fields!(span_of!(at, Level::TRACE, "d.few"), v),
        "d.limited" => fields!(span_of!(at, Level::ERROR, "d.limited"), v),
        "u.one" => fields!(span_of!(at, Level::INFO, "u.one"), v),
        _ => fields!(span_of!(at, Level::ERROR, "u.two"), v),
    }
}

fn record(name: &str, at: &At<'_>, v: [&dyn Value; FIELDS.len()]) {
    match name {
        "d.event" => fields!(event_of!(at, Level::ERROR, "d.event"), v),
        "d.event.limited" => fields!(event_of!(at, Level::DEBUG, "d.event.limited"), v),
        "u.event" => fields!(event_of!(at, Level::INFO, "u.event"), v),
        _ => fields!(event_of!(at, Level::ERROR, "u.failed"), v),
    }
}

/// Runs a program in the current subscriber.
pub fn run(program: &[Step], undeclared: Undeclared, ends: Ends) {
    let quiet = undeclared == Undeclared::Quiet;
    let declared = |name: &str| name.starts_with("d.");
    let mut spans: Vec<Span> = Vec::new();
    let mut entered: Vec<EnteredSpan> = Vec::new();
    let mut kept: Vec<Span> = Vec::new();
    for step in program {
        match step {
            Step::Open { name, parent, values } => {
                let span = match (quiet, declared(name)) {
                    (true, false) => Span::none(),
                    _ => with(values, undeclared, |values| {
                        wrapped(parent, undeclared, || open(name, &at(parent, &spans), values))
                    }),
                };
                kept.extend((ends == Ends::Last).then(|| span.clone()));
                spans.push(span);
            }
            Step::Event { name, .. } if quiet && !declared(name) => {}
            Step::Event { name, parent, values } => with(values, undeclared, |values| {
                wrapped(parent, undeclared, || record(name, &at(parent, &spans), values));
            }),
            Step::Record { field, .. } if quiet && UNDECLARED.contains(&FIELDS[*field]) => {}
            Step::Record { span, field, value } => {
                if let Some(span) = pick(&spans, span) {
                    span.record(FIELDS[*field], &*value.boxed());
                }
            }
            Step::Noise(_) | Step::Do(_) if quiet => {}
            Step::Do(deed) => deed.act(),
            Step::Noise(values) => with(values, undeclared, |values| {
                let outer = open("u.one", &At::Current, values);
                outer.in_scope(|| {
                    record("u.failed", &At::Current, values);
                    open("u.two", &At::Root, values).in_scope(|| record("u.event", &At::Of(&outer), values));
                });
            }),
            Step::Enter(span) => entered.extend(pick(&spans, span).map(|span| span.clone().entered())),
            Step::Exit(index) => {
                if !entered.is_empty() {
                    drop(entered.remove(index.index(entered.len())));
                }
            }
            Step::Follow(one, other) => {
                if let (Some(one), Some(other)) = (pick(&spans, one), pick(&spans, other)) {
                    one.follows_from(other);
                }
            }
            Step::Close(index, how) => {
                if !spans.is_empty() {
                    how.drop(spans.remove(index.index(spans.len())));
                }
            }
        }
    }
    while entered.pop().is_some() {}
    drop(spans);
    while kept.pop().is_some() {}
}

impl How {
    fn drop(self, span: Span) {
        match self {
            Self::Here => drop(span),
            Self::OnAnotherThread => {
                // A parent is closed through the thread's own subscriber.
                let dispatch = get_default(Clone::clone);
                std::thread::spawn(move || with_default(&dispatch, || drop(span))).join().unwrap();
            }
            Self::WhilePanicking => {
                let panic = catch_unwind(AssertUnwindSafe(move || {
                    let _span = span;
                    resume_unwind(Box::new(()));
                }));
                assert!(panic.is_err());
            }
        }
    }
}

impl Val {
    fn boxed(&self) -> Box<dyn Value> {
        match self.clone() {
            Self::Bool(value) => Box::new(value),
            Self::I64(value) => Box::new(value),
            Self::U64(value) => Box::new(value),
            Self::F64(value) => Box::new(value),
            Self::Str(value) => Box::new(value),
            Self::Display(value) => Box::new(display(value)),
            Self::Debug(value) => Box::new(debug(value)),
            Self::I128(value) => Box::new(value),
            Self::U128(value) => Box::new(value),
            Self::Bytes(value) => Box::new(value.into_boxed_slice()),
            Self::Error(value) => {
                let failure: Box<dyn Error> = value.into();
                Box::new(failure)
            }
            Self::Busy(deed) => Box::new(debug(Busy(deed))),
        }
    }
}

fn wrapped<T>(parent: &Parent, undeclared: Undeclared, act: impl FnOnce() -> T) -> T {
    match (parent, undeclared) {
        (Parent::Wrapped, Undeclared::Loud) => span!(Level::INFO, "u.wrap", secret = "x").in_scope(act),
        _ => act(),
    }
}

fn with<T>(values: &[(usize, Val)], undeclared: Undeclared, act: impl FnOnce([&dyn Value; FIELDS.len()]) -> T) -> T {
    let mut boxes: [Box<dyn Value>; FIELDS.len()] = std::array::from_fn(|_| Box::new(Empty) as _);
    for (field, value) in values {
        if undeclared == Undeclared::Loud || !UNDECLARED.contains(&FIELDS[*field]) {
            boxes[*field] = value.boxed();
        }
    }
    act(std::array::from_fn(|field| &*boxes[field]))
}

fn pick<'a>(spans: &'a [Span], index: &Index) -> Option<&'a Span> {
    (!spans.is_empty()).then(|| &spans[index.index(spans.len())])
}

fn at<'a>(parent: &Parent, spans: &'a [Span]) -> At<'a> {
    match parent {
        Parent::Current | Parent::Wrapped => At::Current,
        Parent::Root => At::Root,
        Parent::Of(index) => pick(spans, index).map_or(At::Root, At::Of),
    }
}

/// Any program.
pub fn programs() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 0..24)
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        5 => (select(&SPANS[..]), parent(), values()).prop_map(|(name, parent, values)| Step::Open { name, parent, values }),
        3 => (select(&EVENTS[..]), parent(), values())
            .prop_map(|(name, parent, values)| Step::Event { name, parent, values }),
        3 => (index(), field()).prop_map(|(span, (field, value))| Step::Record { span, field, value }),
        4 => index().prop_map(Step::Enter),
        2 => index().prop_map(Step::Exit),
        1 => (index(), index()).prop_map(|(one, other)| Step::Follow(one, other)),
        1 => values().prop_map(Step::Noise),
        3 => deeds().prop_map(Step::Do),
        2 => (index(), select(&[How::Here, How::OnAnotherThread, How::WhilePanicking][..]))
            .prop_map(|(index, how)| Step::Close(index, how)),
    ]
}

fn parent() -> impl Strategy<Value = Parent> {
    prop_oneof![3 => Just(Parent::Current), 1 => Just(Parent::Wrapped), 1 => Just(Parent::Root), 2 => any::<Index>().prop_map(Parent::Of)]
}

fn values() -> impl Strategy<Value = Vec<(usize, Val)>> {
    vec(field(), 0..8)
}

fn field() -> impl Strategy<Value = (usize, Val)> {
    let value = |field: usize| {
        let odd = if UNDECLARED.contains(&FIELDS[field]) { prop_oneof![odd(), odder()].boxed() } else { odd() };
        (Just(field), prop_oneof![2 => fitting(field), 1 => odd]).boxed()
    };
    // Once, and not for each value.
    let values: Vec<_> = (0..FIELDS.len()).map(value).collect();
    (0..FIELDS.len()).prop_flat_map(move |field| values[field].clone())
}

fn any_text(pattern: &str) -> impl Strategy<Value = String> + use<> {
    // A pattern that is a strategy itself is read anew for each value.
    string_regex(pattern).expect("a pattern")
}

/// What the field is made for.
fn fitting(field: usize) -> BoxedStrategy<Val> {
    let text = |texts: &'static [&'static str]| {
        select(texts).prop_map(str::to_owned).prop_flat_map(|text| {
            select(vec![Val::Str(text.clone()), Val::Display(text.clone()), Val::Debug(vec![text])])
        })
    };
    match FIELDS[field] {
        "s.count" | "s.extra" | "size" => prop_oneof![
            (-5..2000i64).prop_map(Val::I64),
            (0..2000u64).prop_map(Val::U64),
            (-5.0..2000.0).prop_map(Val::F64),
            (0..2000i64).prop_map(|number| Val::Str(number.to_string())),
        ]
        .boxed(),
        "s.code" => prop_oneof![
            (-3..5i64).prop_map(Val::I64),
            (0..5u64).prop_map(Val::U64),
            (-3..5i64).prop_map(|number| Val::Str(number.to_string())),
            select(&[0.0, 3.0, -0.0][..]).prop_map(Val::F64),
        ]
        .boxed(),
        "s.flag" => any::<bool>().prop_map(Val::Bool).boxed(),
        "s.kind" => text(&["one", "two", "3", "four"]).boxed(),
        "s.mode" => text(&["fast", "slow", "other", "FAST"]).boxed(),
        "s.names" => prop_oneof![
            vec(select(&["--data", "--label", "--time", "--secret"][..]).prop_map(str::to_owned), 0..4)
                .prop_map(Val::Debug),
            text(&["--data,--time", "--label --data", "", "--secret"]),
        ]
        .boxed(),
        "s.place" => {
            text(&["src/main.rs:42", "src/main.rs:51", "/build/doors/src/main.rs:1:9", "/etc/passwd:1"]).boxed()
        }
        "s.uri" => text(&["https://example.com", "C:\\data", "", "ftp://example.com", "data.csv"]).boxed(),
        "s.version" => text(&["1.2.3", "1.2-rc1", "10000", "1.2.3.4", "1"]).boxed(),
        "otel.status_code" => text(&["ok", "OK", "error", "Error", "unset", "2"]).boxed(),
        "otel.name" => text(&["d.all", "d.few", "u.one"]).boxed(),
        "otel.kind" => text(&["client", "server"]).boxed(),
        "secret" => prop_oneof![any_text(".{0,20}").prop_map(Val::Str), deeds().prop_map(Val::Busy)].boxed(),
        _ => any_text(".{0,20}").prop_map(Val::Str).boxed(),
    }
}

/// What no field is made for.
fn odd() -> BoxedStrategy<Val> {
    prop_oneof![
        any::<bool>().prop_map(Val::Bool),
        any::<i64>().prop_map(Val::I64),
        any::<u64>().prop_map(Val::U64),
        select(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e300, 0.5][..]).prop_map(Val::F64),
        any_text(".{0,20}").prop_map(Val::Str),
        select(&["\0", "9223372036854775808", "-9223372036854775809", "3", "ok", " "][..])
            .prop_map(|text| Val::Str(text.to_owned())),
        (4090..4100usize).prop_map(|length| Val::Str("x".repeat(length))),
        (4090..4100usize).prop_map(|length| Val::Display("y".repeat(length))),
        Just(Val::Str("z".repeat(1 << 20))),
        vec(any_text(".{0,5}"), 0..3).prop_map(Val::Debug),
    ]
    .boxed()
}

/// Of which an OpenTelemetry pipeline makes something else.
fn odder() -> BoxedStrategy<Val> {
    prop_oneof![
        any::<i128>().prop_map(Val::I128),
        any::<u128>().prop_map(Val::U128),
        any::<Vec<u8>>().prop_map(Val::Bytes),
        any_text(".{0,20}").prop_map(Val::Error),
    ]
    .boxed()
}
