//! Readmits the lines that another process wrote: the same rules, for values in wire form.
//!
//! Between writing and sending a line, the program may have been updated or downgraded, its author may have narrowed
//! the registry, and anyone may have edited the file. So nothing in a line is trusted: each name, key and value is
//! looked up in the tables of the running program, and the record is made of the entries found there. A text of the
//! line itself is copied for the resource alone: a declared or known word, or a value in the form of an id or a
//! version, which has no room for a word.
//!
//! # Rejected content
//!
//! A line that no version of this library writes is refused (by its reader, see [`upload`](crate::upload)): another
//! writer changed the file, and the rest of it can't be trusted either. Content that a version of the program with
//! another registry may have written is dropped, as narrowly as possible, so that a registry can be narrowed while
//! lines are queued. For a declared value the two cases can't be distinguished; dropping a forged value loses nothing.
//!
//! | in the line | not as it has to be | then |
//! |---|---|---|
//! | its bytes | not the encoder's: order, names and types of fields, spelling of numbers and text | line refused |
//! | ids, flags, severity | zero, of another length, not lower-case hexadecimal; another number | line refused |
//! | times | end before start, observed another than occurred | line refused |
//! | | 0 after rounding | record withheld (a span's event: the event) |
//! | | finer than the signal's grain | rounded down to it |
//! | keys, names, lists | no key or name at all; not ascending, so also twice; more than may be declared | line refused |
//! | text | control characters, or longer than may be declared | line refused |
//! | `service.name` | another program's | record withheld |
//! | another resource attribute | not declared, or not of the form that its source has | attribute dropped |
//! | `service.version` | neither the one that runs nor numbers (and a known pre-release tag) | attribute dropped |
//! | schema URL, scope version | another's | the present one's is sent |
//! | scope | not ours; another version than digits and dots | line refused |
//! | span or event | not declared | record withheld |
//! | span kind | not the declared one | record withheld |
//! | span status | not unset, ok or error | line refused |
//! | span's event | not declared | event dropped |
//! | attribute | not declared for this signal, or to be opted in to | attribute dropped |
//! | attribute's value | none that its treatment makes: not a member, over the maximum, of another form or type | attribute dropped |
//! | list of names | a name that is no member | the name dropped |
//! | resource, record | turned off by the policy, with what it says | record withheld (a span's event: the event) |
//! | attribute | turned off by the policy | attribute dropped, after the policy was asked about the record with it |
//!
//! A forged value in a declared form is readmitted: an attacker who can write to the file could also run the program. A
//! dropped value is never replaced by `otherwise`, nor clamped: its meaning under another registry is unknown. Every
//! drop is counted by reason. One line does not show how many records a process sent (`at_most`).

use super::Clean;
use super::absent::AllDeclared;
use super::drops::{DropCounts, DropReason};
use super::parsed::{ParsedLine, ParsedRecord, ParsedValue};
use super::policy_filter::PolicyFilter;
use super::record::{Ids, Record, Resource};
use super::values::{SlotValues, Value};
use super::wire;
use crate::registry::{Registry, RequirementLevel, Signal, SignalKind, Treatment};

/// Everything that the running program may send.
#[derive(Clone, Copy)]
pub struct Declarations<'a> {
    /// The joined registries, the program's own first. Their tables have been validated; no other table causes a panic
    /// here.
    pub registries: &'a [&'static Registry<'static>],
    /// All that the program declares, of which `registries` may be a part: it tells why something is dropped, and makes
    /// nothing be sent.
    pub declared: &'a [&'static Registry<'static>],
    /// The latest time that the program has seen, in seconds since the epoch: whether something is past its end is told by
    /// it.
    pub latest: u64,
    /// The keys of the attributes that the author opted in to.
    pub opt_in: &'a [String],
    /// The `service.version` of this version of the program, with at most 256 bytes.
    pub version: &'a str,
    /// The policy's restrictions.
    pub narrow: Option<&'a dyn PolicyFilter>,
}

impl<'a> Declarations<'a> {
    /// All that these registries declare may be sent.
    pub fn all(registries: &'a [&'static Registry<'static>], opt_in: &'a [String], version: &'a str) -> Self {
        Self { registries, declared: registries, latest: 0, opt_in, version, narrow: None }
    }
}

/// The result of readmitting a line.
pub(crate) struct Revalidated {
    pub resource: Clean<Resource>,
    pub record: Clean<Record>,
    /// Whether nothing was dropped, rounded or replaced.
    pub whole: bool,
}

/// Makes a clean record of the content of a line that is still declared, and counts the rest.
///
/// # Errors
/// Why the whole record is dropped; that is counted too.
pub(crate) fn readmit(
    written: &ParsedLine<'_>,
    terms: &Declarations<'_>,
    drop_counts: &DropCounts,
) -> Result<Revalidated, DropReason> {
    let mut reader = Revalidator { terms, drop_counts, whole: true };
    let readmitted = reader.resource(written).and_then(|resource| {
        let record = reader.record(written.kind, &written.record)?;
        Ok((Clean(resource), Clean(record)))
    });
    let (resource, record) = readmitted.inspect_err(|&why| drop_counts.add(why))?;
    Ok(Revalidated { resource, record, whole: reader.whole })
}

/// The state of readmitting one line.
struct Revalidator<'t> {
    terms: &'t Declarations<'t>,
    drop_counts: &'t DropCounts,
    whole: bool,
}

impl Revalidator<'_> {
    fn drop(&mut self, why: DropReason) {
        self.drop_counts.add(why);
        self.whole = false;
    }

    fn declared(&self) -> AllDeclared<'_> {
        let Declarations { declared, latest, version, .. } = *self.terms;
        AllDeclared { registries: declared, version, latest }
    }

    fn resource(&mut self, written: &ParsedLine<'_>) -> Result<Resource, DropReason> {
        let registry: &'static Registry<'static> = self.terms.registries.first().ok_or(DropReason::UndeclaredSignal)?;
        let mut attributes = Vec::with_capacity(written.resource.len());
        for (key, text) in &written.resource {
            if *key == "service.name" && text.as_ref() != registry.service.name {
                return Err(DropReason::NotAMember);
            }
            match self.given(registry, key, text) {
                Ok(key) => attributes.push((key, text.clone().into_owned())),
                Err(why) => self.drop(why),
            }
        }
        self.whole &= written.schema_url == registry.schema_url;
        if let Some(narrow) = self.terms.narrow {
            let version = attributes.iter().find(|(key, _)| *key == "service.version");
            let version = version.map_or(self.terms.version, |(_, version)| version.as_str());
            if !narrow.program(version, &attributes) {
                return Err(DropReason::Policy);
            }
            attributes.retain(|(key, _)| self.allows(narrow, key));
        }
        Ok(Resource { schema_url: registry.schema_url, attributes })
    }

    /// The declared key of a resource attribute that the pipeline sets.
    fn given(&self, registry: &'static Registry<'static>, key: &str, text: &str) -> Result<&'static str, DropReason> {
        let declared = registry.resource.iter().filter_map(|&index| registry.attribute(index));
        let found = declared.into_iter().find(|attribute| attribute.key == key);
        let attribute = found.ok_or_else(|| self.declared().absent_in_resource(key))?;
        let Treatment::Given { source, members } = attribute.treatment else { return Err(DropReason::UndeclaredField) };
        let fits = wire::is_given(source, key, members, registry, self.terms.version, text);
        if fits { Ok(attribute.key) } else { Err(DropReason::NotAMember) }
    }

    fn record(&mut self, kind: SignalKind, written: &ParsedRecord<'_>) -> Result<Record, DropReason> {
        let found = self.terms.registries.iter().enumerate().find_map(|(part, registry)| {
            let index = match kind {
                SignalKind::Span => registry.span(written.name),
                SignalKind::Event => registry.event(written.name),
            }?;
            Some((u8::try_from(part).ok()?, *registry, index, registry.signals(kind).get(usize::from(index))?))
        });
        let absent = || self.declared().absent_signal(kind, written.name);
        let (part, registry, index, signal) = found.ok_or_else(absent)?;
        if kind == SignalKind::Span && written.kind != signal.kind {
            return Err(DropReason::UndeclaredSignal);
        }
        let start = signal.time.floor(written.start);
        let end = match kind {
            SignalKind::Span => signal.end(start, written.start, written.end),
            SignalKind::Event => signal.time.floor(written.end),
        };
        if start == 0 {
            return Err(DropReason::OutOfRange);
        }
        self.whole &= start == written.start && end == written.end;
        let mut record = Record {
            part,
            registry,
            signal,
            index,
            kind,
            ids: written.ids,
            start,
            began: start,
            end,
            status: written.status,
            values: SlotValues::new(signal.attributes.len()),
            events: Vec::with_capacity(written.events.len()),
        };
        for (key, value) in &written.attributes {
            match self.value((registry, kind, signal), key, value) {
                Ok((slot, value)) => record.values.put(slot, value),
                Err(why) => self.drop(why),
            }
        }
        if let Some(narrow) = self.terms.narrow {
            self.narrow(narrow, written, &mut record)?;
        }
        for event in &written.events {
            match self.record(SignalKind::Event, event) {
                Ok(event) => {
                    let ids = Ids { parent: [0; 8], ..written.ids };
                    record.events.push(Record { ids, ..event });
                }
                Err(why) => self.drop(why),
            }
        }
        Ok(record)
    }

    /// Whether the policy allows an attribute; a disabled one is counted.
    fn allows(&mut self, narrow: &dyn PolicyFilter, key: &str) -> bool {
        let allows = narrow.attribute(key);
        if !allows {
            self.drop(DropReason::Policy);
        }
        allows
    }

    /// Passes a record with all its values to the policy, and removes the attributes that the policy disables.
    fn narrow(
        &mut self,
        narrow: &dyn PolicyFilter,
        written: &ParsedRecord<'_>,
        record: &mut Record,
    ) -> Result<(), DropReason> {
        let mut said = Vec::with_capacity(written.attributes.len());
        for (_, attribute, value) in record.attributes() {
            if let (Treatment::Names { members }, Value::Names(bits)) = (&attribute.treatment, value) {
                let kept = members.iter().enumerate().take(64).filter(|(bit, _)| bits >> bit & 1 == 1);
                said.extend(kept.map(|(_, member)| (attribute.key, (*member).to_owned())));
                continue;
            }
            let found = written.attributes.iter().find(|(key, _)| *key == attribute.key);
            let text = match found {
                Some((_, ParsedValue::Boolean(value))) => value.to_string(),
                Some((_, ParsedValue::Integer(value))) => value.to_string(),
                Some((_, ParsedValue::Text(text))) => text.clone().into_owned(),
                Some((_, ParsedValue::List(_))) | None => continue,
            };
            said.push((attribute.key, text));
        }
        if !narrow.record(written.name, &said) {
            return Err(DropReason::Policy);
        }
        let (registry, signal) = (record.registry, record.signal);
        for (used, slot) in signal.attributes.iter().zip(0..) {
            if !record.values.has(slot) {
                continue;
            }
            let attribute = registry.attribute(used.attribute);
            if !attribute.is_some_and(|attribute| self.allows(narrow, attribute.key)) {
                record.values.remove(slot);
            }
        }
        Ok(())
    }

    /// The value of a declared attribute, and its slot.
    fn value(
        &mut self,
        (registry, kind, signal): (&Registry<'_>, SignalKind, &Signal<'_>),
        key: &str,
        written: &ParsedValue<'_>,
    ) -> Result<(u8, Value), DropReason> {
        let mut uses = signal.attributes.iter().enumerate();
        let found = uses.find_map(|(slot, used)| {
            let attribute = registry.attribute(used.attribute).filter(|attribute| attribute.key == key)?;
            Some((u8::try_from(slot).ok()?, used.level, attribute))
        });
        let absent = || self.declared().absent_attribute(kind, signal.name, &|attribute| attribute.key == key);
        let (slot, level, attribute) = found.ok_or_else(absent)?;
        if level == RequirementLevel::OptIn && !self.terms.opt_in.iter().any(|opted_in| opted_in == key) {
            return Err(DropReason::NotOptedIn);
        }
        let value = wire::value(&attribute.treatment, written)?;
        if let (Value::Names(bits), ParsedValue::List(names)) = (value, written) {
            let kept = usize::try_from(bits.count_ones()).unwrap_or_default();
            (kept..names.len()).for_each(|_| self.drop(DropReason::NotAMember));
        }
        Ok((slot, value))
    }
}
