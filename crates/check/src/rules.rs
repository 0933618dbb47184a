//! The rules: checks each message of a decoded request against the registries.
//!
//! A field without a rule must be absent or empty. So a field that is added to the tables of `shape` is refused until a
//! rule allows it.

use std::collections::HashSet;
use std::net::Ipv4Addr;

use super::finding::{Noun, Wanted, What};
use super::node::{Datum, Findings, Node, Path};
use super::value;
use super::version::version;
use scruple_registry::{Attribute, Registry, Signal, SignalKind, TimeResolution};

/// Adds a finding for everything in a request that the registries do not declare. `received` also allows the address
/// that a receiver may add.
pub(super) fn judge(
    registries: &[&Registry<'_>],
    signal: SignalKind,
    received: bool,
    request: &Node<'_>,
    findings: &mut Findings,
) {
    let mut judge = Judge { all: registries, registries, received, findings };
    match signal {
        SignalKind::Span => judge.request(request, ["resourceSpans", "scopeSpans", "spans"], Judge::span),
        SignalKind::Event => judge.request(request, ["resourceLogs", "scopeLogs", "logRecords"], Judge::log),
    }
}

/// The attribute that a receiver may add (OpenTelemetry's semantic conventions, "Client attributes").
const CLIENT_ADDRESS: &str = "client.address";

/// The name of the instrumentation scope of every record.
const SCOPE: &str = "scruple";

/// W3C Trace Context's "sampled".
const SAMPLED: i128 = 0x001;

/// OTLP's "it is known whether the parent is remote", which the stock exporter sets on every span.
const HAS_IS_REMOTE: i128 = 0x100;

/// OTLP's severity number INFO.
const SEVERITY: i128 = 9;

struct Judge<'j> {
    /// Of all versions.
    all: &'j [&'j Registry<'j>],
    /// Of the version of these records.
    registries: &'j [&'j Registry<'j>],
    /// Whether the attribute that a receiver adds is allowed.
    received: bool,
    findings: &'j mut Findings,
}

/// A declared signal, and the registry that declares it.
#[derive(Clone, Copy)]
struct Declared<'j> {
    registry: &'j Registry<'j>,
    signal: &'j Signal<'j>,
}

/// The owner of a list of attributes.
#[derive(Clone, Copy)]
enum Owner<'j> {
    Resource,
    Record(Option<Declared<'j>>),
    SpanEvent(Option<Declared<'j>>),
}

impl<'j> Judge<'j> {
    fn request(
        &mut self,
        request: &Node<'_>,
        [carriers, scopes, records]: [&'static str; 3],
        record: fn(&mut Self, &Node<'_>, &Path<'_>),
    ) {
        let path = Path::ROOT;
        self.not_empty(request, carriers, &path);
        self.rest(request, &path, &[carriers]);
        for (entry, carrier) in request.messages(carriers) {
            let path = path.of(entry);
            self.not_empty(carrier, scopes, &path);
            self.registries = version(self.all, carrier.text("schemaUrl"));
            self.schema_url(carrier, &path);
            self.rest(carrier, &path, &["resource", scopes, "schemaUrl"]);
            for (entry, resource) in carrier.messages("resource") {
                let path = path.of(entry);
                self.attributes(resource, &path, Owner::Resource);
                self.rest(resource, &path, &["attributes"]);
            }
            for (entry, group) in carrier.messages(scopes) {
                let path = path.of(entry);
                self.not_empty(group, records, &path);
                self.schema_url(group, &path);
                self.scope(group, &path);
                self.rest(group, &path, &["scope", records, "schemaUrl"]);
                for (entry, node) in group.messages(records) {
                    record(self, node, &path.of(entry));
                }
            }
        }
    }

    fn scope(&mut self, group: &Node<'_>, path: &Path<'_>) {
        if group.last("scope").is_none() {
            self.findings.add(&path.to("scope"), What::Not(Wanted::ScopeName));
        }
        for (entry, scope) in group.messages("scope") {
            let path = path.of(entry);
            self.demand(scope.text("name").is_none_or(|name| name == SCOPE), &path.to("name"), Wanted::ScopeName);
            let known = |version| version == env!("CARGO_PKG_VERSION") || value::is_version(version, 3..=3);
            self.demand(scope.text("version").is_none_or(known), &path.to("version"), Wanted::ScopeVersion);
            self.rest(scope, &path, &["name", "version"]);
        }
    }

    fn span(&mut self, span: &Node<'_>, path: &Path<'_>) {
        let declared = self.declared(SignalKind::Span, span, "name", path);
        let about = declared.map(|declared| declared.signal.name);

        self.id::<16>(span, "traceId", path, Wanted::TraceId);
        self.id::<8>(span, "spanId", path, Wanted::SpanId);
        if span.bytes("parentSpanId").is_some_and(|id| !id.is_empty()) {
            self.id::<8>(span, "parentSpanId", path, Wanted::SpanId);
        }
        let flags = span.number("flags").unwrap_or(0);
        self.demand(flags & !(SAMPLED | HAS_IS_REMOTE) == 0, &path.to("flags"), Wanted::Flags);

        let as_declared = |kind| declared.is_none_or(|declared| kind == i128::from(declared.signal.kind as u8));
        if !span.number("kind").is_none_or(as_declared) {
            self.findings.about(&path.to("kind"), about, What::Not(Wanted::Kind));
        }

        let nanoseconds = |grain: TimeResolution| i128::from(grain.nanoseconds());
        let grain = declared.map_or(TimeResolution::Nanosecond, |declared| declared.signal.time);
        let unit = nanoseconds(grain);
        let start = self.time(span, "startTimeUnixNano", grain, about, path);
        let end = self.time(span, "endTimeUnixNano", TimeResolution::Nanosecond, about, path);
        if let (Some(start), Some(end)) = (start, end) {
            let (path, grain) = (path.to("endTimeUnixNano"), declared.map(|declared| declared.signal.duration));
            self.demand(start <= end, &path, Wanted::Order);
            // From a start that is not rounded, no end is right.
            let is_right = start % unit != 0 || grain.is_none_or(|grain| (end - start) % nanoseconds(grain) == 0);
            if let Some(grain) = grain.filter(|_| !is_right) {
                self.findings.about(&path, about, What::Not(Wanted::WholeAfterStart(grain)));
            }
        }

        for (entry, status) in span.messages("status") {
            let path = path.of(entry);
            let code = status.number("code").unwrap_or(0);
            self.demand((0..=2).contains(&code), &path.to("code"), Wanted::StatusCode);
            self.rest(status, &path, &["code"]);
        }
        for (entry, event) in span.messages("events") {
            self.span_event(event, &path.of(entry));
        }
        self.attributes(span, path, Owner::Record(declared));

        const JUDGED: [&str; 11] = [
            "name",
            "traceId",
            "spanId",
            "parentSpanId",
            "flags",
            "kind",
            "startTimeUnixNano",
            "endTimeUnixNano",
            "attributes",
            "events",
            "status",
        ];
        self.rest(span, path, &JUDGED);
    }

    fn span_event(&mut self, event: &Node<'_>, path: &Path<'_>) {
        let declared = self.declared(SignalKind::Event, event, "name", path);
        let about = declared.map(|declared| declared.signal.name);
        let grain = declared.map_or(TimeResolution::Nanosecond, |declared| declared.signal.time);
        self.time(event, "timeUnixNano", grain, about, path);
        self.attributes(event, path, Owner::SpanEvent(declared));
        self.rest(event, path, &["name", "timeUnixNano", "attributes"]);
    }

    fn log(&mut self, log: &Node<'_>, path: &Path<'_>) {
        let declared = self.declared(SignalKind::Event, log, "eventName", path);
        let about = declared.map(|declared| declared.signal.name);

        if let (Some(trace), Some(span)) = (log.bytes("traceId"), log.bytes("spanId")) {
            if trace.is_empty() != span.is_empty() {
                let lacking = if trace.is_empty() { "traceId" } else { "spanId" };
                self.findings.add(&path.to(lacking), What::Not(Wanted::BothIds));
            }
            if !trace.is_empty() {
                self.id::<16>(log, "traceId", path, Wanted::TraceId);
            }
            if !span.is_empty() {
                self.id::<8>(log, "spanId", path, Wanted::SpanId);
            }
        }
        let flags = log.number("flags").unwrap_or(0);
        self.demand(flags & !SAMPLED == 0, &path.to("flags"), Wanted::Flags);
        let severity = log.number("severityNumber").unwrap_or(SEVERITY);
        self.demand(severity == SEVERITY, &path.to("severityNumber"), Wanted::Severity);

        let grain = declared.map_or(TimeResolution::Nanosecond, |declared| declared.signal.time);
        let time = self.time(log, "timeUnixNano", grain, about, path);
        let observed = self.time(log, "observedTimeUnixNano", grain, about, path);
        if let (Some(time), Some(observed)) = (time, observed) {
            self.demand(time == observed, &path.to("observedTimeUnixNano"), Wanted::SameTime);
        }
        self.attributes(log, path, Owner::Record(declared));
        // A Collector writes an empty body for a record without one.
        for (entry, _) in log.messages("body").filter(|(_, body)| !body.entries.is_empty()) {
            self.findings.add(&path.of(entry), What::Dropped);
        }
        const JUDGED: [&str; 9] = [
            "eventName",
            "traceId",
            "spanId",
            "flags",
            "severityNumber",
            "timeUnixNano",
            "observedTimeUnixNano",
            "attributes",
            "body",
        ];
        self.rest(log, path, &JUDGED);
    }

    /// Finds the signal with a record's name, or adds a finding.
    fn declared(
        &mut self,
        kind: SignalKind,
        record: &Node<'_>,
        field: &'static str,
        path: &Path<'_>,
    ) -> Option<Declared<'j>> {
        let name = record.text(field)?;
        let declared = self.registries.iter().find_map(|registry| {
            let signal = registry.signals(kind).iter().find(|signal| signal.name == name)?;
            Some(Declared { registry, signal })
        });
        if declared.is_none() {
            let noun = match kind {
                SignalKind::Span => Noun::Span,
                SignalKind::Event => Noun::Event,
            };
            self.findings.add(&path.to(field), What::Undeclared { noun, bytes: name.len() });
        }
        declared
    }

    fn attributes(&mut self, record: &Node<'_>, path: &Path<'_>, owner: Owner<'j>) {
        let mut keys = HashSet::new();
        for (entry, pair) in record.messages("attributes") {
            let path = path.of(entry);
            self.rest(pair, &path, &["key", "value"]);
            // An unreadable key already has a finding.
            let Some(key) = pair.text("key") else { continue };
            if !keys.insert(key) {
                self.findings.add(&path.to("key"), What::RepeatedKey);
            }
            if self.is_added(key, owner) {
                self.address(pair, &path.to("value"));
                continue;
            }
            let Some((registry, attribute)) = self.attribute(key, owner) else {
                self.unexpected(key, owner, &path.to("key"));
                continue;
            };
            let path = path.to("value");
            match pair.last("value") {
                Some(Datum::Message(any)) => value::judge(any, attribute, registry, &path, self.findings),
                Some(_) => {}
                None => self.findings.about(&path, Some(attribute.key), What::OneValue { found: 0 }),
            }
        }
    }

    /// Whether this attribute is the address that a receiver may add.
    fn is_added(&self, key: &str, owner: Owner<'j>) -> bool {
        let may = || self.registries.first().is_some_and(|registry| registry.service.client_address);
        self.received && key == CLIENT_ADDRESS && matches!(owner, Owner::Record(_)) && may()
    }

    /// Checks the address that a receiver added: its last octet must be 0.
    fn address(&mut self, pair: &Node<'_>, path: &Path<'_>) {
        let text = match pair.last("value") {
            Some(Datum::Message(any)) if any.entries.len() == 1 => any.text("stringValue"),
            _ => None,
        };
        let cut = text.and_then(|text| text.parse::<Ipv4Addr>().ok()).is_some_and(|address| address.octets()[3] == 0);
        if !cut {
            self.findings.about(path, Some(CLIENT_ADDRESS), What::Not(Wanted::ThreeOctets));
        }
    }

    /// The attribute with this key, if the owner declares it.
    fn attribute(&self, key: &str, owner: Owner<'j>) -> Option<(&'j Registry<'j>, &'j Attribute<'j>)> {
        let of = |registry: &'j Registry<'j>, index| {
            registry.attribute(index).filter(|attribute| attribute.key == key).map(|attribute| (registry, attribute))
        };
        match owner {
            Owner::Resource => {
                let registry = self.registries.first()?;
                registry.resource.iter().find_map(|index| of(registry, *index))
            }
            Owner::Record(declared) | Owner::SpanEvent(declared) => {
                let Declared { registry, signal } = declared?;
                signal.attributes.iter().find_map(|used| of(registry, used.attribute))
            }
        }
    }

    /// Adds a finding for a key that its owner does not declare. An undeclared signal already has a finding: there,
    /// only a key that no registry declares gets one of its own.
    fn unexpected(&mut self, key: &str, owner: Owner<'_>, path: &Path<'_>) {
        let known = self.registries.iter().find_map(|registry| {
            // The tables are sorted by key. In an unsorted one, the finding would only be "undeclared" instead.
            let index = registry.attributes.binary_search_by(|attribute| attribute.key.cmp(key)).ok()?;
            registry.attributes.get(index)
        });
        match (known, owner) {
            (Some(_), Owner::Record(None) | Owner::SpanEvent(None)) => {}
            (Some(attribute), _) => self.findings.about(path, Some(attribute.key), What::Elsewhere),
            (None, _) => self.findings.add(path, What::Undeclared { noun: Noun::Attribute, bytes: key.len() }),
        }
    }

    fn id<const N: usize>(&mut self, record: &Node<'_>, field: &'static str, path: &Path<'_>, wanted: Wanted) {
        let right = |id: &[u8]| id.len() == N && id.iter().any(|byte| *byte != 0);
        self.demand(record.bytes(field).is_none_or(right), &path.to(field), wanted);
    }

    fn time(
        &mut self,
        record: &Node<'_>,
        field: &'static str,
        grain: TimeResolution,
        about: Option<&str>,
        path: &Path<'_>,
    ) -> Option<i128> {
        let time = record.number(field)?;
        if time == 0 {
            self.findings.about(&path.to(field), about, What::Not(Wanted::Time));
        } else if time % i128::from(grain.nanoseconds()) != 0 {
            self.findings.about(&path.to(field), about, What::Not(Wanted::Whole(grain)));
        }
        Some(time)
    }

    fn schema_url(&mut self, node: &Node<'_>, path: &Path<'_>) {
        let own =
            |url: &str| url.is_empty() || self.registries.first().is_some_and(|registry| url == registry.schema_url);
        let right = node.text("schemaUrl").is_none_or(own);
        self.demand(right, &path.to("schemaUrl"), Wanted::SchemaUrl);
    }

    fn not_empty(&mut self, envelope: &Node<'_>, field: &str, path: &Path<'_>) {
        if envelope.last(field).is_none() {
            self.findings.add(path, What::Empty);
        }
    }

    /// Checks that every field without a rule is empty.
    fn rest(&mut self, node: &Node<'_>, path: &Path<'_>, judged: &[&str]) {
        for entry in &node.entries {
            let holds_nothing = match &entry.datum {
                Datum::Text(text) => text.is_empty(),
                Datum::Bytes(bytes) => bytes.is_empty(),
                Datum::Number(number) => *number == 0,
                Datum::Boolean(value) => !value,
                Datum::Double(_) | Datum::Message(_) => false,
                Datum::Unread => true,
            };
            if !holds_nothing && !judged.contains(&entry.field.name) {
                self.findings.add(&path.of(entry), What::Dropped);
            }
        }
    }

    fn demand(&mut self, right: bool, path: &Path<'_>, wanted: Wanted) {
        if !right {
            self.findings.add(path, What::Not(wanted));
        }
    }
}
