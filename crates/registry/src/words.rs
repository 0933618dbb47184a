//! The words of enums in a registry's YAML and its canonical text.

use super::{
    Normalize, Preset, RequirementLevel, Rotation, SignalKind, Source, SpanKind, TimeResolution, Wait, WireType,
};

/// Defines the words of an enum.
macro_rules! words {
    ($type:ident: $($word:literal $value:ident $(($inner:path))?),+) => {
        impl $type {
            /// Each value with its word.
            pub const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$value $(($inner))?)),+];

            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$value $(($inner))? => $word),+
                }
            }
        }
    };
}

words!(Rotation: "daily" Daily, "monthly" Monthly, "yearly" Yearly, "never" Never);
words!(TimeResolution: "ns" Nanosecond, "ms" Millisecond, "second" Second, "minute" Minute, "hour" Hour, "day" Day);
words!(SignalKind: "span" Span, "event" Event);
words!(SpanKind: "internal" Internal, "server" Server, "client" Client, "producer" Producer, "consumer" Consumer);
words!(WireType: "boolean" Boolean, "int" Int, "string" String, "string[]" Strings, "enum" Enum);
words!(RequirementLevel: "required" Required, "recommended" Recommended, "opt_in" OptIn);
words!(Normalize: "none" None, "lower" Lower, "upper" Upper);
words!(
    Preset: "opt-in" OptIn, "first-run" FirstRun(Wait::Day), "next-run" FirstRun(Wait::NextRun),
    "documented" Documented, "operator-consent" OperatorConsent
);
words!(Source: "app" App, "session" Session, "installation" Installation, "system" System, "runtime" Runtime);

impl TimeResolution {
    /// The unit of rounding, as a noun.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Nanosecond => "nanosecond",
            Self::Millisecond => "millisecond",
            Self::Second | Self::Minute | Self::Hour | Self::Day => self.word(),
        }
    }
}
