//! Constructors of the tables for generated code, which a new field of a table must not break.

use super::{
    Attribute, AttributeRef, Expiry, Registry, RequirementLevel, Service, Signal, SourceFile, SpanKind, TimeResolution,
    Treatment,
};

/// The setters of a table's fields, for constants. The second list holds optional fields, which are set to `Some`.
macro_rules! setters {
    ($($field:ident: $type:ty),*; $($option:ident: $inner:ty),*) => {
        $(#[must_use]
        pub const fn $field(mut self, $field: $type) -> Self {
            self.$field = $field;
            self
        })*
        $(#[must_use]
        pub const fn $option(mut self, $option: $inner) -> Self {
            self.$option = Some($option);
            self
        })*
    };
}

pub(crate) use setters;

#[doc(hidden)]
impl<'a> Registry<'a> {
    pub const fn new(schema_url: &'a str, service: Service<'a>) -> Self {
        Self { schema_url, service, attributes: &[], resource: &[], spans: &[], events: &[] }
    }

    setters!(
        schema_url: &'a str, service: Service<'a>, attributes: &'a [Attribute<'a>], resource: &'a [u16],
        spans: &'a [Signal<'a>], events: &'a [Signal<'a>];
    );
}

#[doc(hidden)]
impl<'a> Attribute<'a> {
    /// Recorded in the field of the same name as the key.
    pub const fn new(key: &'a str, brief: &'a str, treatment: Treatment<'a>) -> Self {
        Self { key, field: key, brief, treatment, because: None, expires: Expiry::NEVER, purpose: None }
    }

    setters!(field: &'a str, expires: Expiry; because: &'a str, purpose: &'a str);
}

#[doc(hidden)]
impl<'a> Signal<'a> {
    pub const fn span(name: &'a str, brief: &'a str) -> Self {
        Self {
            name,
            brief,
            kind: SpanKind::Internal,
            attributes: &[],
            time: TimeResolution::Second,
            duration: TimeResolution::Second,
            at_most: u32::MAX,
            because: None,
            expires: Expiry::NEVER,
            purpose: None,
        }
    }

    /// The tables of an event have the same form as a span's.
    pub const fn event(name: &'a str, brief: &'a str) -> Self {
        Self::span(name, brief)
    }

    setters!(
        kind: SpanKind, attributes: &'a [AttributeRef], duration: TimeResolution, at_most: u32, expires: Expiry;
        because: &'a str, purpose: &'a str
    );

    /// Also of the duration, unless `duration` is called later.
    #[must_use]
    pub const fn time(mut self, time: TimeResolution) -> Self {
        (self.time, self.duration) = (time, time);
        self
    }

    /// The end of a span with this rounded start, which began and ended at these times: its duration is rounded down at its
    /// own resolution. If the clock went back, the span ends at its start.
    pub const fn end(&self, rounded_start: u64, began: u64, ended: u64) -> u64 {
        rounded_start.saturating_add(self.duration.floor(ended.saturating_sub(began)))
    }
}

#[doc(hidden)]
impl AttributeRef {
    pub const fn new(attribute: u16, level: RequirementLevel) -> Self {
        Self { attribute, level }
    }
}

#[doc(hidden)]
impl<'a> SourceFile<'a> {
    pub const fn new(path: &'a str, lines: u32) -> Self {
        Self { path, lines }
    }

    /// A file with this content, as `include_bytes!` has it when the program is compiled. The last line need not end in
    /// a line feed; a location may name 999,999 lines at most, in the Collector too.
    pub const fn of(path: &'a str, content: &[u8]) -> Self {
        const MAX_LINES: u32 = 999_999;
        let (mut lines, mut rest) = (0, content);
        // Without a call, and eight bytes in a step: the compiler refuses a constant that takes 2,000,000 steps.
        macro_rules! ends {
            ($($byte:ident)*) => { 0 $(+ (*$byte == b'\n') as u32)* };
        }
        while let [a, b, c, d, e, f, g, h, after @ ..] = rest {
            lines += ends!(a b c d e f g h);
            rest = after;
        }
        while let [byte, after @ ..] = rest {
            lines += ends!(byte);
            rest = after;
        }
        if let [.., last] = content {
            lines += 1 - ends!(last);
        }
        Self { path, lines: if lines < MAX_LINES { lines } else { MAX_LINES } }
    }
}
