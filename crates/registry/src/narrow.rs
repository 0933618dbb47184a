//! Narrows tables: a registry with fewer signals, attributes and values than the program's own.
//!
//! A program that may not send all that its registry declares sends by narrowed tables. Everything after them, from
//! the callsites to the check of the bytes that leave, needs no rule of its own for what is left out: it is undeclared.

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
    let kinds = [SignalKind::Span, SignalKind::Event];
    // What some signal carried, and none carries any more, is left out too: a secret is stored for hashes that are sent.
    let was_carried = |index: u16| {
        let all = kinds.into_iter().flat_map(|kind| registry.signals(kind));
        all.flat_map(|signal| signal.attributes).any(|used| used.attribute == index)
    };
    let is_carried = |index: u16, attribute: &Attribute<'static>| {
        let carries = |(kind, signal): (SignalKind, &Signal<'static>)| {
            let used = signal.attributes.iter().find(|used| used.attribute == index);
            used.is_some_and(|used| {
                keep.signal(kind, *signal).is_some() && keep.is_carried(kind, signal, attribute, *used)
            })
        };
        kinds.into_iter().flat_map(|kind| registry.signals(kind).iter().map(move |signal| (kind, signal))).any(carries)
    };
    let mut attributes = Vec::new();
    // The index of each attribute that stays.
    let places: Vec<Option<u16>> = registry
        .attributes
        .iter()
        .zip(0..)
        .map(|(attribute, index)| {
            let in_resource = registry.resource.contains(&index) && keep.is_in_resource(attribute);
            let is_left = in_resource
                || !was_carried(index) && !registry.resource.contains(&index)
                || is_carried(index, attribute);
            let place = u16::try_from(attributes.len()).ok()?;
            attributes.push(keep.attribute(*attribute).filter(|_| is_left)?);
            Some(place)
        })
        .collect();
    let place = |index: u16| places.get(usize::from(index)).copied().flatten();
    let narrow = |kind: SignalKind, signal: &'static Signal<'static>| {
        let carried = |used: &AttributeRef| {
            let is_carried = keep.is_carried(kind, signal, registry.attribute(used.attribute)?, *used);
            place(used.attribute).filter(|_| is_carried).map(|attribute| AttributeRef { attribute, ..*used })
        };
        let kept = keep.signal(kind, *signal)?;
        Some((kept, signal.attributes.iter().filter_map(carried).collect::<Vec<_>>()))
    };
    let signals = |kind: SignalKind| {
        let kept: Vec<_> = registry.signals(kind).iter().filter_map(|signal| narrow(kind, signal)).collect();
        kept
    };
    let in_resource = |index: &u16| {
        let is_kept = keep.is_in_resource(registry.attribute(*index)?);
        place(*index).filter(|_| is_kept)
    };
    let resource: Vec<_> = registry.resource.iter().filter_map(in_resource).collect();
    let (service, spans, events) =
        (keep.service(registry.service), signals(SignalKind::Span), signals(SignalKind::Event));
    let is_same = |kept: &[Kept], own: &[Signal<'_>]| {
        kept.iter()
            .map(|(signal, carried)| (signal, carried.as_slice()))
            .eq(own.iter().map(|own| (own, own.attributes)))
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
