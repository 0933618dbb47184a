//! What the program that asks may say, and others: some say more, one less, two to somebody else.

use scruple::registry::{
    Attribute, AttributeRef, Date, Expiry, Registry, ReleaseNumber, Service, Signal, Source, Treatment,
};
use scruple_fixtures::tables::{opt_in, service, used};

const SERVICE: Service<'static> = service("com.example.asked", "asked").endpoint("http://127.0.0.1:4318");

const NAME: Attribute<'static> = Attribute::new("asked.name", "Its name.", Treatment::Hash);

const SESSION: Attribute<'static> =
    Attribute::new("session.id", "The process.", Treatment::Given { source: Source::Session, members: &[] });

const fn kind(members: &'static [&'static str]) -> Attribute<'static> {
    Attribute::new("asked.kind", "What was asked.", Treatment::Enum { members, otherwise: None })
}

const fn signal(name: &'static str, brief: &'static str, attributes: &'static [AttributeRef]) -> Signal<'static> {
    Signal::span(name, brief).attributes(attributes)
}

const RUN: Signal<'static> = signal("asked.run", "One run.", &[]);

pub static REGISTRY: Registry<'static> = Registry::new("https://telemetry.example.com/schemas/asked/1.0.0", SERVICE)
    .attributes(&[kind(&["one", "two"]), NAME, SESSION])
    .resource(&[2])
    .spans(&[RUN])
    .events(&[signal("asked.done", "It was done.", &[used(0), used(1)])]);

/// Nothing that links records, as a library's that is documented only.
pub static DOCUMENTED: Registry<'static> = REGISTRY
    .attributes(&[kind(&["one", "two"]), SESSION])
    .resource(&[1])
    .events(&[signal("asked.done", "It was done.", &[used(0)])]);

/// One attribute more, which is sent only if the program opts in.
pub static CHOICE: Registry<'static> = REGISTRY
    .attributes(&[kind(&["one", "two"]), NAME, PLAN, SESSION])
    .resource(&[3])
    .events(&[signal("asked.done", "It was done.", &[used(0), used(1), opt_in(2)])]);

const PLAN: Attribute<'static> =
    Attribute::new("asked.plan", "What was planned.", Treatment::Enum { members: &["one", "two"], otherwise: None });

/// One member more.
pub static WIDER: Registry<'static> = REGISTRY.attributes(&[kind(&["one", "three", "two"]), NAME, SESSION]);

/// One member less.
pub static NARROWER: Registry<'static> = REGISTRY.attributes(&[kind(&["one"]), NAME, SESSION]);

/// Another receiver.
pub static ELSEWHERE: Registry<'static> = REGISTRY.service(SERVICE.endpoint("http://127.0.0.1:4319"));

/// One event, one span and one attribute of each record more.
pub static MORE: Registry<'static> = REGISTRY
    .attributes(&[kind(&["one", "two"]), NAME, SYSTEM, SESSION])
    .resource(&[2, 3])
    .spans(&[signal("asked.again", "One run more.", &[used(0)]), RUN])
    .events(&[signal("asked.done", "It was done.", &[used(0), used(1)]), signal("asked.left", "It was left.", &[])]);

const SYSTEM: Attribute<'static> =
    Attribute::new("os.type", "The operating system.", Treatment::Given { source: Source::System, members: &[] });

/// Two purposes: a run is for usage, and what was left for failures; the attribute of the latter is also for usage.
pub static PURPOSES: Registry<'static> = REGISTRY
    .attributes(&[kind(&["one", "two"]).purpose("usage"), NAME, SESSION])
    .events(&[signal("asked.done", "It was done.", &[used(0), used(1)]), LEFT.purpose("failures")]);

/// The same with a third purpose.
pub static THIRD: Registry<'static> =
    PURPOSES.spans(&[signal("asked.again", "One run more.", &[]).purpose("environment"), RUN]);

const LEFT: Signal<'static> = signal("asked.left", "It was left.", &[used(0), used(1)]);

/// What ends: an attribute, an event, and all of it.
pub static ENDING: Registry<'static> = REGISTRY
    .service(SERVICE.expires(on(2026, 12, 31)))
    .attributes(&[kind(&["one", "two"]), NAME.expires(on(2026, 11, 19)), SESSION])
    .events(&[signal("asked.done", "It was done.", &[used(0), used(1)]), LEFT.expires(on(2026, 11, 20))]);

/// The next version, which ends later.
pub static EXTENDED: Registry<'static> = ENDING.service(SERVICE.expires(on(2028, 12, 31)));

/// An attribute of each record that ends.
pub static RESOURCE: Registry<'static> =
    REGISTRY.attributes(&[kind(&["one", "two"]), NAME, SYSTEM.expires(on(2026, 11, 19)), SESSION]).resource(&[2, 3]);

/// A library that declares a name of the program's, for another purpose.
pub static DOUBLE: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/double/1.0.0",
    service("com.example.double", "double").endpoint("http://127.0.0.1:4318"),
)
.attributes(&[kind(&["one", "two"])])
.events(&[signal("asked.done", "Something of a library.", &[used(0)]).purpose("failures")]);

/// A library of version 0.5.0, with an event that its version 0.4.0 had for the last time.
pub static LIBRARY: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/library/1.0.0",
    service("com.example.library", "library").version("0.5.0").endpoint("http://127.0.0.1:4318"),
)
.events(&[
    signal("library.new", "Something new.", &[]).expires(Expiry::before(ReleaseNumber::new(0, 6, 0))),
    signal("library.old", "Something old.", &[]).expires(Expiry::before(ReleaseNumber::new(0, 5, 0))),
]);

/// The next version, in which nothing ends.
pub static ENDLESS: Registry<'static> = ENDING
    .service(SERVICE)
    .attributes(&[kind(&["one", "two"]), NAME, SESSION])
    .events(&[signal("asked.done", "It was done.", &[used(0), used(1)]), LEFT]);

/// What version 1.0.0 has no more.
pub static OBSOLETE: Registry<'static> = REGISTRY.events(&[
    signal("asked.done", "It was done.", &[used(0)]),
    LEFT.expires(Expiry::before(ReleaseNumber::new(1, 0, 0))),
]);

const fn on(year: u16, month: u8, day: u8) -> Expiry {
    Expiry::on(Date::new(year, month, day))
}

/// Somebody else who answers for it.
pub static CONTROLLED: Registry<'static> = REGISTRY.service(SERVICE.controller("Somebody else, privacy@example.org"));
