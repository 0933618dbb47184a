//! The registries of one process, compiled: both entrances make their records through it.

use super::absent::AllDeclared;
use super::clean::Clean;
use super::compiled::{CompiledRegistry, Field, SignalId, Slot, end_of_all};
use super::drops::{DropCounts, DropReason, DropReport};
use super::record::{Ids, Record, SpanStatus, TreatedValue};
use super::treat::{self, Raw, treat};
use super::values::SlotValues;
use crate::identity::{AttributeKey, Clock, Random, Secret};
use crate::registry::{Registry, Signal, SignalKind, TimeResolution, Treatment};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The most names of undeclared signals that a process shows in log mode.
const MAX_SHOWN_NAMES: usize = 100;

/// The registries of one process, compiled: both entrances make their records through it.
pub(crate) struct Sanitizer {
    pub(super) parts: Vec<CompiledRegistry>,
    /// The first time, in nanoseconds since the epoch, from which something is no more sent.
    pub(super) first_end: u64,
    /// The latest time that was seen, while something has an end: a clock that is set back prolongs nothing.
    pub(super) latest: AtomicU64,
    declared: Vec<&'static Registry<'static>>,
    version: String,
    pub(super) clock: Arc<dyn Clock>,
    random: Box<dyn Random>,
    drop_counts: Arc<DropCounts>,
    on_drop: Option<OnDrop>,
    /// The undeclared signals that were shown.
    shown: Mutex<BTreeSet<String>>,
    on: Arc<AtomicBool>,
    span_events: bool,
}

/// Shows what is dropped.
type OnDrop = fn(&DropReport<'_>);

/// The inputs of a sanitizer.
pub(crate) struct SanitizerConfig<'a> {
    /// The program's own registry first.
    pub registries: &'a [&'static Registry<'static>],
    /// All that the program declares, of which `registries` may be a part.
    pub declared: &'a [&'static Registry<'static>],
    /// The program's version.
    pub version: &'a str,
    pub opt_in: &'a [String],
    pub secret: &'a Secret,
    pub clock: Arc<dyn Clock>,
    /// The latest time that the program has seen, in nanoseconds since the epoch.
    pub latest: u64,
    pub random: Box<dyn Random>,
    pub drop_counts: Arc<DropCounts>,
    /// Shows each dropped value and record of a declared signal, beside its count.
    pub on_drop: Option<OnDrop>,
    /// Whether records are exported; once off, permanently off.
    pub on: Arc<AtomicBool>,
    /// Whether an event is also attached to its span.
    pub span_events: bool,
    /// The coding agent or host that runs the program, if one was detected.
    pub agent: Option<&'static str>,
}

/// The field that carries a declared span's status: `ok` or `error`, in any case.
pub(crate) const STATUS_FIELD: &str = "otel.status_code";

impl Sanitizer {
    pub(crate) fn new(from: SanitizerConfig<'_>) -> Self {
        let end = end_of_all(from.registries);
        let parts: Vec<_> = from
            .registries
            .iter()
            .zip(0..)
            .map(|(registry, part)| CompiledRegistry::new(registry, part, from.opt_in, from.secret, from.agent, end))
            .collect();
        Self {
            first_end: parts.iter().map(CompiledRegistry::first_end).min().unwrap_or(u64::MAX),
            latest: AtomicU64::new(from.latest),
            parts,
            declared: from.declared.to_vec(),
            version: from.version.to_owned(),
            clock: from.clock,
            random: from.random,
            drop_counts: from.drop_counts,
            on_drop: from.on_drop,
            shown: Mutex::default(),
            on: from.on,
            span_events: from.span_events,
        }
    }

    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Counts a dropped record without a declared signal.
    pub(crate) fn withhold(&self, why: DropReason) {
        self.drop_counts.add(why);
    }

    /// Shows the name of an undeclared signal, once. An event without a name of its own is a line of a log, named by
    /// `tracing` after its place, and is not shown.
    #[cold]
    pub(crate) fn show_undeclared(&self, kind: SignalKind, name: &str) {
        let Some(on_drop) = self.on_drop else { return };
        let is_line = kind == SignalKind::Event && name.starts_with("event ");
        let is_new = || {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.len() < MAX_SHOWN_NAMES && shown.insert(name.to_owned())
        };
        if !is_line && is_new() {
            on_drop(&DropReport { signal: name, field: None, why: self.declared().absent_signal(kind, name) });
        }
    }

    /// Counts and shows a dropped record.
    pub(crate) fn withhold_record(&self, of: SignalId, why: DropReason) {
        self.withhold_of(of, None, why);
    }

    /// Counts and shows a dropped value, by its field or attribute.
    pub(crate) fn withhold_value(&self, of: SignalId, field: &str, why: DropReason) {
        self.withhold_of(of, Some(field), why);
    }

    #[cold]
    fn withhold_of(&self, of: SignalId, field: Option<&str>, why: DropReason) {
        self.drop_counts.add(why);
        if let (Some(on_drop), Some((_, signal))) = (self.on_drop, self.resolve(of)) {
            on_drop(&DropReport { signal: signal.name, field, why });
        }
    }

    /// Counts and shows a dropped value, by its attribute.
    pub(crate) fn withhold_slot(&self, to: Slot, why: DropReason) {
        self.withhold_attribute(to.of, to.attribute, why);
    }

    #[cold]
    pub(super) fn withhold_attribute(&self, of: SignalId, attribute: u16, why: DropReason) {
        let part = self.parts.get(usize::from(of.part));
        let attribute = part.and_then(|part| part.registry.attribute(attribute));
        self.withhold_of(of, attribute.map(|attribute| attribute.key), why);
    }

    pub(crate) fn span_events(&self) -> bool {
        self.span_events
    }

    /// The declared signal of this name.
    pub(crate) fn find(&self, kind: SignalKind, name: &str) -> Option<SignalId> {
        self.parts.iter().zip(0..).find_map(|(part, index)| {
            let signal = match kind {
                SignalKind::Span => part.registry.span(name),
                SignalKind::Event => part.registry.event(name),
            };
            signal.map(|signal| SignalId { kind, part: index, signal })
        })
    }

    /// The destination of a field of this name.
    pub(crate) fn field(&self, of: SignalId, name: &str) -> Field {
        if name == STATUS_FIELD && of.kind == SignalKind::Span {
            return Field::Status;
        }
        let Some(signal) = self.parts.get(usize::from(of.part)).and_then(|part| part.signal(of)) else {
            return Field::Nowhere(of, DropReason::UndeclaredSignal);
        };
        // Names of one length often begin alike: their last bytes are compared first.
        let last = name.as_bytes().last();
        let found = signal.fields.iter().find(|(field, _)| field.as_bytes().last() == last && *field == name);
        found.map_or_else(|| Field::Nowhere(of, self.absent_field(of, name)), |(_, to)| *to)
    }

    /// All that the program declares, which tells why something is not in the tables.
    fn declared(&self) -> AllDeclared<'_> {
        let latest = self.latest.load(Ordering::Relaxed) / TimeResolution::Second.nanoseconds();
        AllDeclared { registries: &self.declared, version: &self.version, latest }
    }

    /// Why a field is not in the tables of a signal that is.
    #[cold]
    fn absent_field(&self, of: SignalId, name: &str) -> DropReason {
        let Some((_, signal)) = self.resolve(of) else { return DropReason::UndeclaredField };
        self.declared().absent_attribute(of.kind, signal.name, &|attribute| attribute.field == name)
    }

    /// A record to be filled by [`Sanitizer::begin`].
    pub(crate) fn blank(&self, of: SignalId) -> Option<Clean<Record>> {
        let (part, signal) = self.resolve(of)?;
        Some(Clean(Record {
            part: of.part,
            registry: part.registry,
            signal,
            index: of.signal,
            kind: of.kind,
            ids: Ids::default(),
            start: 0,
            began: 0,
            end: 0,
            status: SpanStatus::Unset,
            values: SlotValues::new(signal.attributes.len()),
            events: Vec::new(),
        }))
    }

    /// Begins a span inside `parent`, with new random ids.
    ///
    /// `None` if the signal's limit for this process is reached.
    #[inline]
    pub(crate) fn begin_span(&self, record: &mut Clean<Record>, of: SignalId, parent: Option<Ids>) -> Option<()> {
        self.begin_span_at(record, of, self.now(of), parent)
    }

    /// [`Sanitizer::begin_span`] at a given time, in nanoseconds since the epoch.
    pub(crate) fn begin_span_at(
        &self,
        record: &mut Clean<Record>,
        of: SignalId,
        start: u64,
        parent: Option<Ids>,
    ) -> Option<()> {
        self.begin(record, of, start, || {
            let mut bytes = [0; 24];
            let drawn = if parent.is_some() { &mut bytes[..8] } else { &mut bytes[..] };
            self.random.fill(drawn);
            let (mut span, mut trace) = ([0; 8], [0; 16]);
            span.copy_from_slice(&bytes[..8]);
            trace.copy_from_slice(&bytes[8..]);
            match parent {
                Some(parent) => Ids { trace: parent.trace, span, parent: parent.span },
                None => Ids { trace, span, parent: [0; 8] },
            }
        })
    }

    /// Begins an event inside `span`.
    #[inline]
    pub(crate) fn begin_event(&self, record: &mut Clean<Record>, of: SignalId, span: Option<Ids>) -> Option<()> {
        self.begin_event_at(record, of, self.now(of), span)
    }

    /// [`Sanitizer::begin_event`] at a given time, in nanoseconds since the epoch.
    #[inline]
    pub(crate) fn begin_event_at(
        &self,
        record: &mut Clean<Record>,
        of: SignalId,
        time: u64,
        span: Option<Ids>,
    ) -> Option<()> {
        let place = |ids: Ids| Ids { parent: [0; 8], ..ids };
        self.begin(record, of, time, || span.map(place).unwrap_or_default())
    }

    #[inline]
    fn begin(&self, record: &mut Clean<Record>, of: SignalId, start: u64, ids: impl FnOnce() -> Ids) -> Option<()> {
        let (part, signal) = self.resolve(of)?;
        let begun = part.signal(of)?;
        if signal.at_most != u32::MAX {
            let take = |count: u32| (count < signal.at_most).then_some(count + 1);
            if begun.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err() {
                self.withhold_record(of, DropReason::OverLimit);
                return None;
            }
        }
        let record = &mut record.0;
        record.part = of.part;
        record.registry = part.registry;
        record.signal = signal;
        record.index = of.signal;
        record.kind = of.kind;
        record.ids = ids();
        record.start = signal.time.floor(start);
        record.began = if of.kind == SignalKind::Span { start } else { record.start };
        record.end = record.start;
        record.status = SpanStatus::Unset;
        record.values.reset(signal.attributes.len());
        record.events.clear();
        begun.absent.iter().for_each(|&(slot, value)| record.values.put(slot, value));
        Some(())
    }

    /// Treats one recorded value into a record. `scratch` is the buffer for a `Debug`; it is left empty.
    #[inline(always)]
    pub(crate) fn treat_into(&self, record: &mut Clean<Record>, to: Slot, raw: Raw<'_>, scratch: &mut String) {
        let Some(place) = record.0.values.place(to.slot) else { return };
        if let Err(why) = treat::treat_into(to.treatment, self.key(to), raw, scratch, place) {
            record.0.values.remove(to.slot);
            self.withhold_slot(to, why);
        }
    }

    /// Treats one recorded value, to be put into a record later.
    pub(crate) fn treat(&self, to: Slot, raw: Raw<'_>, scratch: &mut String) -> TreatedValue {
        let value = treat(to.treatment, self.key(to), raw, scratch);
        TreatedValue { slot: to.slot, value: value.inspect_err(|&why| self.withhold_slot(to, why)) }
    }

    /// The status in a field of a declared span; any text but `ok` and `error` is unset.
    pub(crate) fn status(raw: Raw<'_>, scratch: &mut String) -> SpanStatus {
        let read = |text: &str| match text {
            text if text.eq_ignore_ascii_case("ok") => SpanStatus::Ok,
            text if text.eq_ignore_ascii_case("error") => SpanStatus::Error,
            _ => SpanStatus::Unset,
        };
        treat::with_text(raw, scratch, read).unwrap_or_default()
    }

    /// Ends a span now. A span that ends while its thread panics has failed.
    #[inline]
    pub(crate) fn end(&self, record: &mut Clean<Record>) {
        let now = if is_coarse(record.0.signal) { self.clock.coarse() } else { self.clock.now() };
        Self::end_at(record, now);
    }

    /// [`Sanitizer::end`] at a given time, in nanoseconds since the epoch. If the clock went back, the span ends at its
    /// start.
    #[inline]
    pub(crate) fn end_at(record: &mut Clean<Record>, end: u64) {
        let open = &mut record.0;
        (open.end, open.began) = (open.signal.end(open.start, open.began, end), open.start);
        if std::thread::panicking() {
            record.put_status(SpanStatus::Error);
        }
    }

    /// Counts the required attributes that a finished record lacks.
    pub(crate) fn count_missing(&self, record: &Clean<Record>) {
        let of = SignalId::of(record);
        let Some(state) = self.parts.get(usize::from(of.part)).and_then(|part| part.signal(of)) else { return };
        for slot in record.values.missing(state.required) {
            if let Some(used) = record.signal.attributes.get(usize::from(slot)) {
                self.withhold_attribute(of, used.attribute, DropReason::MissingRequired);
            }
        }
    }

    #[inline]
    fn key(&self, to: Slot) -> Option<&AttributeKey> {
        if !matches!(to.treatment, Treatment::Hash) {
            return None;
        }
        self.parts.get(usize::from(to.of.part))?.keys.get(usize::from(to.attribute))?.as_ref()
    }

    /// The time in nanoseconds since the epoch, as precise as this signal's resolution needs.
    #[inline]
    pub(crate) fn now(&self, of: SignalId) -> u64 {
        let coarse = self.resolve(of).is_some_and(|(_, signal)| is_coarse(signal));
        if coarse { self.clock.coarse() } else { self.clock.now() }
    }

    #[inline]
    fn resolve(&self, of: SignalId) -> Option<(&CompiledRegistry, &'static Signal<'static>)> {
        let part = self.parts.get(usize::from(of.part))?;
        Some((part, part.registry.signals(of.kind).get(usize::from(of.signal))?))
    }
}

/// Whether a clock that is some milliseconds behind is precise enough.
#[inline]
fn is_coarse(signal: &Signal<'_>) -> bool {
    signal.time >= TimeResolution::Second && signal.duration >= TimeResolution::Second
}
