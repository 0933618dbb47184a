//! Programs as data, each in two variants that differ in undeclared content only, and the interpreter that records
//! them through `tracing`, with callsites made on the way.

use super::registry::{INTEGERS, MEMBERS, Spec, registries};
use crate::one_of::one_of;
use proptest::prelude::*;
use proptest::string::string_regex;
use scruple::registry::Registry;
use std::fmt;
use std::sync::OnceLock;
use tracing::field::{FieldSet, Value as TracingValue};
use tracing::{Callsite, Level, Metadata, callsite::Identifier, metadata::Kind, subscriber::Interest};

/// What a program does.
#[derive(Debug, Clone)]
pub struct Program {
    pub neighbour: bool,
    pub span_events: bool,
    nodes: Vec<Node>,
}

/// Which of the two.
#[derive(Debug, Clone, Copy)]
pub enum Variant {
    One,
    Other,
}

/// A declared span or event, with two sets of undeclared things around it.
#[derive(Debug, Clone)]
struct Node {
    span: bool,
    signal: prop::sample::Index,
    fields: Vec<(prop::sample::Index, Value)>,
    later: Vec<(prop::sample::Index, Value)>,
    status: Option<&'static str>,
    root: bool,
    children: Vec<Node>,
    noise: [Noise; 2],
}

/// Undeclared content.
#[derive(Debug, Clone)]
struct Noise {
    before: Vec<(String, Value)>,
    after: Vec<(String, Value)>,
    later: Vec<(String, Value)>,
    /// Undeclared spans around the node, and undeclared events before it.
    around: Vec<(String, Vec<(String, Value)>)>,
    events: Vec<(String, Vec<(String, Value)>)>,
    level: u8,
    target: String,
}

#[derive(Debug, Clone)]
enum Value {
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Text(String),
    Shown(String),
    Listed(Vec<String>),
    Bytes(Vec<u8>),
    Error(String),
    Huge(usize),
}

#[derive(Debug)]
struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

pub fn programs() -> impl Strategy<Value = (Spec, Program)> {
    let program = (any::<bool>(), any::<bool>(), prop::collection::vec(nodes(), 1..5))
        .prop_map(|(neighbour, span_events, nodes)| Program { neighbour, span_events, nodes });
    (registries(), program)
}

fn nodes() -> impl Strategy<Value = Node> {
    let fields = prop::collection::vec((any::<prop::sample::Index>(), values()), 0..6).boxed();
    let status = prop::sample::select(vec![None, Some("ok"), Some("ERROR"), Some("alice failed")]);
    let heads = (prop::bool::weighted(0.6), any::<prop::sample::Index>(), prop::bool::weighted(0.1));
    let noise = noise().boxed();
    // Once: the recursion below is unrolled anew for each program.
    let node = (heads, fields.clone(), fields, status, [noise.clone(), noise])
        .prop_map(|((span, signal, root), fields, later, status, noise)| Node {
            span,
            signal,
            fields,
            later,
            status,
            root,
            children: Vec::new(),
            noise,
        })
        .boxed();
    node.clone().prop_recursive(3, 8, 3, move |inner| {
        (node.clone(), prop::collection::vec(inner, 0..3)).prop_map(|(node, children)| Node { children, ..node })
    })
}

fn noise() -> impl Strategy<Value = Noise> {
    let (names, values) = (names().boxed(), values().boxed());
    let fields = prop::collection::vec((names.clone(), values), 0..3).boxed();
    let named = prop::collection::vec((names.clone(), fields.clone()), 0..2).boxed();
    let lists = (fields.clone(), fields.clone(), fields);
    (lists, named.clone(), named, 0..5_u8, names).prop_map(|((before, after, later), around, events, level, target)| {
        Noise { before, after, later, around, events, level, target }
    })
}

/// Names that no generated registry declares.
fn names() -> impl Strategy<Value = String> {
    one_of![
        string_regex("[a-z]{1,8}_alice").expect("a pattern"),
        Just("otel.name".to_owned()),
        Just("otel.kind".to_owned()),
        Just("otel.status_message".to_owned()),
        Just("message".to_owned()),
        Just("exception.message".to_owned()),
        Just("K.00".to_owned()),
        Just("service.name".to_owned()),
        Just("session.id".to_owned()),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let text = one_of![
        3 => prop::sample::select(MEMBERS.to_vec()).prop_map(str::to_owned),
        1 => prop::sample::select(INTEGERS.to_vec()).prop_map(str::to_owned),
        1 => Just("alice@example.com".to_owned()),
        1 => Just("/home/alice/.ssh/id_rsa".to_owned()),
        1 => Just("mysql+pymysql://alice:token@host/db".to_owned()),
        1 => Just("https://alice.example.com".to_owned()),
        1 => (0..4_u16, 0..12_000_u16).prop_map(|(a, b)| format!("{a}.{b}-rc.{a}")),
        1 => (0..120_u32).prop_map(|line| format!("src/main.rs:{line}:7")),
        1 => any::<i128>().prop_map(|number| number.to_string()),
        // What `any` gives too, which reads its pattern anew each time.
        1 => string_regex("\\PC*").expect("a pattern"),
    ]
    .boxed();
    one_of![
        2 => any::<bool>().prop_map(Value::Bool),
        2 => any::<i64>().prop_map(Value::I64),
        1 => (0..300_i64).prop_map(Value::I64),
        1 => prop::sample::select(vec![i64::MIN, -1, 0, 7, 16, 200, i64::MAX]).prop_map(Value::I64),
        1 => any::<u64>().prop_map(Value::U64),
        1 => any::<i128>().prop_map(Value::I128),
        1 => any::<u128>().prop_map(Value::U128),
        1 => prop::num::f64::ANY.prop_map(Value::F64),
        5 => text.clone().prop_map(Value::Text),
        2 => text.clone().prop_map(Value::Shown),
        2 => prop::collection::vec(text.clone(), 0..4).prop_map(Value::Listed),
        1 => any::<Vec<u8>>().prop_map(Value::Bytes),
        1 => text.prop_map(Value::Error),
        1 => (4_000..5_000_usize).prop_map(Value::Huge),
    ]
}

/// Records one variant of a program with the subscriber that is set.
pub fn run(program: &Program, registry: &'static Registry<'static>, variant: Variant) {
    program.nodes.iter().for_each(|node| node.record(registry, variant));
}

impl Node {
    fn record(&self, registry: &'static Registry<'static>, variant: Variant) {
        let noise = &self.noise[variant as usize];
        let around: Vec<_> =
            noise.around.iter().map(|(name, fields)| span(name, noise, &borrowed(fields), false).entered()).collect();
        noise.events.iter().for_each(|(name, fields)| event(name, noise, &borrowed(fields)));
        let signals = if self.span { registry.spans } else { registry.events };
        let signal = self.signal.get(signals);
        let declared = |fields: &'_ [(prop::sample::Index, Value)]| {
            let name = |(index, value): &(prop::sample::Index, Value)| {
                let used = (!signal.attributes.is_empty()).then(|| index.get(signal.attributes))?;
                Some((registry.attribute(used.attribute)?.field, value.clone()))
            };
            fields.iter().filter_map(name).collect::<Vec<_>>()
        };
        let (fields, later) = (declared(&self.fields), declared(&self.later));
        let owned = |fields: &'_ [(&'static str, Value)]| -> Vec<(String, Value)> {
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        let all = [noise.before.clone(), owned(&fields), noise.after.clone()].concat();
        if !self.span {
            event(signal.name, noise, &borrowed(&all));
            return;
        }
        // A field that is recorded later has to be among the span's fields from the start.
        let mut empty: Vec<_> = later.iter().map(|(name, _)| (*name).to_owned()).collect();
        empty.extend(noise.later.iter().map(|(name, _)| name.clone()));
        empty.push("otel.status_code".to_owned());
        let span = span_with(signal.name, noise, &borrowed(&all), &empty, self.root);
        let entered = span.enter();
        self.children.iter().for_each(|child| child.record(registry, variant));
        drop(entered);
        noise.later.iter().for_each(|(name, value)| value.with(|value| _ = span.record(name.as_str(), value)));
        later.iter().for_each(|(name, value)| value.with(|value| _ = span.record(*name, value)));
        if let Some(status) = self.status {
            span.record("otel.status_code", status);
        }
        drop(span);
        drop(around);
    }
}

fn borrowed(fields: &[(String, Value)]) -> Vec<(&str, &Value)> {
    fields.iter().map(|(name, value)| (name.as_str(), value)).collect()
}

fn span(name: &str, noise: &Noise, fields: &[(&str, &Value)], root: bool) -> tracing::Span {
    span_with(name, noise, fields, &[], root)
}

/// Values that are there when a span is made have to come in one array: they are recorded one by one instead, right
/// after, which is the same to the layer but for `absent`, and the last of each name wins.
fn span_with(name: &str, noise: &Noise, fields: &[(&str, &Value)], empty: &[String], root: bool) -> tracing::Span {
    let names = fields.iter().map(|(name, _)| *name).chain(empty.iter().map(String::as_str));
    let metadata = site(name, noise, names, Kind::SPAN);
    if !tracing::dispatcher::get_default(|dispatch| dispatch.enabled(metadata)) {
        return tracing::Span::none();
    }
    let none: [(&tracing::field::Field, Option<&dyn TracingValue>); 0] = [];
    let none = metadata.fields().value_set(&none);
    let span = if root { tracing::Span::new_root(metadata, &none) } else { tracing::Span::new(metadata, &none) };
    fields.iter().for_each(|(name, value)| value.with(|value| _ = span.record(*name, value)));
    span
}

fn event(name: &str, noise: &Noise, fields: &[(&str, &Value)]) {
    let metadata = site(name, noise, fields.iter().map(|(name, _)| *name), Kind::EVENT);
    if !tracing::dispatcher::get_default(|dispatch| dispatch.enabled(metadata)) {
        return;
    }
    // An event has all its values at once: up to twelve of them, each field's last.
    let mut last: Vec<(&str, &Value)> = Vec::new();
    for (name, value) in fields {
        last.retain(|(before, _)| before != name);
        last.push((name, value));
    }
    dispatch(metadata, &last, &[]);
}

/// Turns the values into `dyn Value` one after the other, and dispatches when it has them all.
fn dispatch(
    metadata: &'static Metadata<'static>,
    fields: &[(&str, &Value)],
    so_far: &[(tracing::field::Field, &dyn TracingValue)],
) {
    if let [(name, value), rest @ ..] = fields {
        value.with(|value| {
            let field = metadata.fields().field(name).expect("the field is the callsite's");
            let more = [so_far, &[(field, value)]].concat();
            dispatch(metadata, rest, &more);
        });
        return;
    }
    const MOST: usize = 16;
    assert!(so_far.len() <= MOST, "at most {MOST} fields");
    let spare = metadata.fields().iter().next();
    let Some(spare) = spare else {
        let none: [(&tracing::field::Field, Option<&dyn TracingValue>); 0] = [];
        tracing::Event::dispatch(metadata, &metadata.fields().value_set(&none));
        return;
    };
    let slot = |index: usize| so_far.get(index).map_or((&spare, None), |(field, value)| (field, Some(*value)));
    let array: [_; MOST] = std::array::from_fn(slot);
    tracing::Event::dispatch(metadata, &metadata.fields().value_set(&array));
}

impl Value {
    fn with<T>(&self, act: impl FnOnce(&dyn TracingValue) -> T) -> T {
        match self {
            Self::Bool(value) => act(value),
            Self::I64(value) => act(value),
            Self::U64(value) => act(value),
            Self::I128(value) => act(value),
            Self::U128(value) => act(value),
            Self::F64(value) => act(value),
            Self::Text(value) => act(&value.as_str()),
            Self::Shown(value) => act(&tracing::field::display(value)),
            Self::Listed(value) => act(&tracing::field::debug(value)),
            Self::Bytes(value) => act(&value.as_slice()),
            Self::Error(value) => {
                let error: Box<dyn std::error::Error> = Box::new(Failure(value.clone()));
                act(&error)
            }
            Self::Huge(length) => act(&"x".repeat(*length).as_str()),
        }
    }
}

/// A callsite as the macros make them, leaked: `tracing` wants them to live for ever.
struct Site(OnceLock<Metadata<'static>>);

impl Callsite for Site {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.0.get().expect("set when it was made")
    }
}

fn site<'a>(
    name: &str,
    noise: &Noise,
    fields: impl Iterator<Item = &'a str>,
    kind: Kind,
) -> &'static Metadata<'static> {
    let text = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let mut names: Vec<&'static str> = Vec::new();
    for field in fields {
        if !names.contains(&field) {
            names.push(text(field));
        }
    }
    let site: &'static Site = Box::leak(Box::new(Site(OnceLock::new())));
    let fields = FieldSet::new(Box::leak(names.into_boxed_slice()), Identifier(site));
    let levels = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
    let level = levels[usize::from(noise.level) % 5];
    let target = text(&noise.target);
    site.0.get_or_init(|| {
        Metadata::new(text(name), target, level, Some("src/alice.rs"), Some(7), Some(target), fields, kind)
    })
}
