//! The words of a registry: how its YAML and its canonical text name what is one of a few.

use super::{Normalize, RequirementLevel, Rotation, SignalKind, Source, SpanKind, TimeResolution, TreatmentKind};

/// Gives a type its words.
macro_rules! words {
    ($type:ident: $($word:literal $value:ident),+) => {
        impl $type {
            /// Each value with its word.
            pub const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$value)),+];

            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word),+
                }
            }
        }
    };
}

words!(Rotation: "daily" Daily, "monthly" Monthly, "yearly" Yearly, "never" Never);
words!(TimeResolution: "ns" Nanosecond, "ms" Millisecond, "second" Second, "minute" Minute, "hour" Hour, "day" Day);
words!(SignalKind: "span" Span, "event" Event);
words!(SpanKind: "internal" Internal, "server" Server, "client" Client, "producer" Producer, "consumer" Consumer);
words!(RequirementLevel: "required" Required, "recommended" Recommended, "opt_in" OptIn);
words!(Normalize: "none" None, "lower" Lower, "upper" Upper);
words!(Source: "app" App, "session" Session, "installation" Installation, "system" System, "runtime" Runtime);

impl TreatmentKind {
    /// Each value with its word: the fact `from`.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("boolean", Self::Boolean),
        ("enum", Self::Enum),
        ("bucket", Self::Bucket),
        ("uri_scheme", Self::UriScheme),
        ("agent", Self::Agent),
        ("names", Self::Names),
        ("count", Self::Count),
        ("hash", Self::Hash),
        ("sha256", Self::Sha256),
        ("version", Self::Version),
        ("location", Self::Location),
        (Source::App.word(), Self::Given(Source::App)),
        (Source::Session.word(), Self::Given(Source::Session)),
        (Source::Installation.word(), Self::Given(Source::Installation)),
        (Source::System.word(), Self::Given(Source::System)),
        (Source::Runtime.word(), Self::Given(Source::Runtime)),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

impl TimeResolution {
    /// The unit that it rounds to, as a sentence names it.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Nanosecond => "nanosecond",
            Self::Millisecond => "millisecond",
            Self::Second | Self::Minute | Self::Hour | Self::Day => self.word(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, TreatmentKind};

    #[test]
    fn each_kind_of_treatment_and_each_source_has_one_word() {
        let mut words: Vec<_> = TreatmentKind::WORDS.iter().map(|(_, kind)| kind.word()).collect();
        assert!(TreatmentKind::WORDS.iter().map(|(word, _)| *word).eq(words.iter().copied()));
        let given = |source: &Source| TreatmentKind::Given(*source).word();
        assert!(Source::WORDS.iter().all(|(word, source)| given(source) == *word));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), TreatmentKind::WORDS.len());
    }
}
