//! Narrows tables: a registry with fewer signals, attributes and values than the program's own.
//!
//! A program that may not send all that its registry declares sends by narrowed tables. Everything after them, from
//! the callsites to the check of the bytes that leave, treats the part that was left out as undeclared. It needs no rule of
//! its own.

use super::{Attribute, AttributeRef, Expiry, Registry, Service, Signal, SignalKind};

/// Decides what stays in narrowed tables.
pub(crate) trait Keep {
    /// The service, with coarser times or a shorter rotation.
    fn service(&self, service: Service<'static>) -> Service<'static> {
        service
    }

    /// The attribute, with the values that stay; `None` if no signal may carry it.
    fn attribute(&self, attribute: Attribute<'static>) -> Option<Attribute<'static>>;

    /// Whether the resource has an attribute.
    fn is_in_resource(&self, attribute: &Attribute<'static>) -> bool;

    /// The signal, with its own narrower facts; `None` if it is not recorded. Its attributes are asked for one by one.
    fn signal(&self, kind: SignalKind, signal: Signal<'static>) -> Option<Signal<'static>>;

    /// Whether a signal carries an attribute.
    fn is_carried(
        &self,
        kind: SignalKind,
        signal: &Signal<'static>,
        attribute: &Attribute<'static>,
        used: AttributeRef,
    ) -> bool;
}

/// The tables with what stays. They live as long as the program, as its own do: a process narrows at its start, and again
/// only after an answer. Tables that lose nothing are returned as they are.
pub(crate) fn narrowed(registry: &'static Registry<'static>, keep: &dyn Keep) -> &'static Registry<'static> {
    let attribute = |index: u16| registry.attribute(index);
    let carried = |kind: SignalKind, signal: &'static Signal<'static>| -> Vec<AttributeRef> {
        let is_carried = |used: &&AttributeRef| {
            attribute(used.attribute).is_some_and(|of| keep.is_carried(kind, signal, of, **used))
        };
        signal.attributes.iter().filter(is_carried).copied().collect()
    };
    let kept = |wanted: SignalKind| -> Vec<Kept> {
        let signals = registry.signals(wanted).iter();
        signals.filter_map(|signal| Some((keep.signal(wanted, *signal)?, carried(wanted, signal)))).collect()
    };
    let (mut spans, mut events) = (kept(SignalKind::Span), kept(SignalKind::Event));
    let is_kept = |index: &u16| attribute(*index).is_some_and(|attribute| keep.is_in_resource(attribute));
    let mut resource: Vec<_> = registry.resource.iter().copied().filter(is_kept).collect();
    // What is used no more is left out too: a secret is stored for hashes that are sent.
    let is_used = |index: u16| {
        let mut carried = spans.iter().chain(&events).flat_map(|(_, carried)| carried);
        resource.contains(&index) || carried.any(|used| used.attribute == index)
    };
    let was_used = |index: u16| {
        let mut carried = registry.all_signals().flat_map(|(_, signal)| signal.attributes);
        registry.resource.contains(&index) || carried.any(|used| used.attribute == index)
    };
    let mut attributes = Vec::new();
    // The index of each attribute that stays.
    let mut places: Vec<Option<u16>> = Vec::new();
    for (attribute, index) in registry.attributes.iter().zip(0..) {
        let stays = keep.attribute(*attribute).filter(|_| is_used(index) || !was_used(index));
        places.push(stays.as_ref().and_then(|_| u16::try_from(attributes.len()).ok()));
        attributes.extend(stays);
    }
    let place = |index: u16| places.get(usize::from(index)).copied().flatten();
    resource = resource.into_iter().filter_map(place).collect();
    for (_, carried) in spans.iter_mut().chain(&mut events) {
        let moved = |used: AttributeRef| place(used.attribute).map(|attribute| AttributeRef { attribute, ..used });
        *carried = std::mem::take(carried).into_iter().filter_map(moved).collect();
    }
    let service = keep.service(registry.service);
    let is_same = |kept: &[Kept], own: &[Signal<'_>]| {
        let kept = kept.iter().map(|(signal, carried)| (signal, carried.as_slice()));
        kept.eq(own.iter().map(|own| (own, own.attributes)))
    };
    if service == registry.service
        && attributes == registry.attributes
        && resource == registry.resource
        && is_same(&spans, registry.spans)
        && is_same(&events, registry.events)
    {
        return registry;
    }
    let leaked = |kept: Vec<Kept>| -> &'static [Signal<'static>] {
        let leaked = |(signal, carried)| Signal { attributes: Vec::leak(carried), ..signal };
        Vec::leak(kept.into_iter().map(leaked).collect())
    };
    Box::leak(Box::new(Registry {
        schema_url: registry.schema_url,
        service,
        attributes: Vec::leak(attributes),
        resource: Vec::leak(resource),
        spans: leaked(spans),
        events: leaked(events),
    }))
}

/// A signal that stays, and the attributes that it then carries.
type Kept = (Signal<'static>, Vec<AttributeRef>);

/// What may be sent at a time, for some purposes.
struct Present<'p> {
    is_own: &'p dyn Fn(SignalKind, &str) -> bool,
    registry: &'static Registry<'static>,
    is_agreed: &'p dyn Fn(&str) -> bool,
    is_over: &'p dyn Fn(Expiry) -> bool,
}

impl Registry<'static> {
    /// The tables without the signals that another registry decides on, without what is for another purpose than these, and
    /// without what is over.
    pub fn limited(
        &'static self,
        is_own: &dyn Fn(SignalKind, &str) -> bool,
        is_agreed: &dyn Fn(&str) -> bool,
        is_over: &dyn Fn(Expiry) -> bool,
    ) -> &'static Self {
        narrowed(self, &Present { is_own, registry: self, is_agreed, is_over })
    }
}

impl Keep for Present<'_> {
    fn attribute(&self, attribute: Attribute<'static>) -> Option<Attribute<'static>> {
        attribute.purpose.is_none_or(self.is_agreed).then_some(attribute)
    }

    fn is_in_resource(&self, attribute: &Attribute<'static>) -> bool {
        !(self.is_over)(self.registry.expiry(None, Some(attribute)))
    }

    fn signal(&self, kind: SignalKind, signal: Signal<'static>) -> Option<Signal<'static>> {
        let is_own = (self.is_own)(kind, signal.name);
        let is_over = (self.is_over)(self.registry.expiry(Some(&signal), None));
        (is_own && !is_over && (self.is_agreed)(self.registry.purpose(&signal))).then_some(signal)
    }

    fn is_carried(
        &self,
        _: SignalKind,
        signal: &Signal<'static>,
        attribute: &Attribute<'static>,
        _: AttributeRef,
    ) -> bool {
        !(self.is_over)(self.registry.expiry(Some(signal), Some(attribute)))
    }
}
