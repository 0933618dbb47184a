//! Findings: where a request differs from the registries and how, without any text of the request.

use std::fmt;

use scruple_registry::{MAX_TEXT, TimeResolution};

/// The most findings for one request: one more says that there were others.
pub const MAX_FINDINGS: usize = 1_000;

/// One thing that should not be there, or is not as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The path in the request by OTLP's JSON names, for instance
    /// `resourceSpans[0].scopeSpans[0].spans[2].attributes[1].key`; empty for the request itself.
    pub path: String,
    /// The declared signal or attribute it is about.
    pub about: Option<String>,
    /// The kind of finding.
    pub what: What,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// The request is not exactly one JSON value, or its JSON is nested deeper than 128.
    NotJson {
        /// The line of the request, from 1.
        line: usize,
        /// The byte of the line, from 1; 0 for the line break before it.
        column: usize,
    },
    /// A string that is not UTF-8.
    NotUtf8,
    /// The bytes end inside a field.
    Truncated,
    /// A varint that is longer than necessary, or over 64 bits.
    Varint,
    /// A protobuf tag with the field number 0, or a wire type that OTLP does not use.
    Tag,
    /// The protobuf wire type is not the field's.
    WireType,
    /// The JSON type is not the field's.
    Type(Type),
    /// A number outside the range of the field's type.
    OutOfRange,
    /// Messages nested deeper than 16.
    TooDeep,
    /// A protobuf field that this OTLP message does not have.
    UnknownNumber {
        /// The field number.
        number: u32,
    },
    /// A JSON field that this OTLP message does not have, or has with another spelling.
    UnknownName {
        /// The length of its name.
        bytes: usize,
    },
    /// A second value of a singular field.
    Duplicate,
    /// An empty envelope.
    Empty,
    /// An attribute without exactly one value.
    OneValue {
        /// The number of values.
        found: usize,
    },
    /// No registry declares this name or key.
    Undeclared {
        /// Whether it names a span, an event or an attribute.
        noun: Noun,
        /// The length of the name.
        bytes: usize,
    },
    /// Declared, but not for this signal or not for the resource.
    Elsewhere,
    /// A second attribute with the same key.
    RepeatedKey,
    /// A field that must be absent or empty.
    Dropped,
    /// A value that the registry or the pipeline does not allow for this field.
    Not(Wanted),
    /// The request has more than [`MAX_FINDINGS`] findings.
    More,
}

/// The kind of thing that a name belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// A span.
    Span,
    /// A log record's or a span event's name.
    Event,
    /// An attribute.
    Attribute,
}

/// The type of a JSON field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A string.
    Text,
    /// A string of pairs of lower-case hexadecimal digits.
    Hexadecimal,
    /// A string in base64.
    Base64,
    /// `true` or `false`.
    Boolean,
    /// An integer.
    Integer,
    /// A string with a 64-bit integer in decimal digits, without leading zeros.
    DecimalText,
    /// A number.
    Number,
    /// An array.
    List,
    /// An object.
    Message,
}

/// The value that a field must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wanted {
    /// A boolean.
    Boolean,
    /// A string that is a declared member.
    Member,
    /// An integer that is a declared member.
    Integer,
    /// A list of declared members in ascending order, each once.
    Names,
    /// An integer from 0 to the maximum.
    Count,
    /// 32 lower-case hexadecimal digits.
    Hash,
    /// 64 lower-case hexadecimal digits.
    Sha256,
    /// One to three numbers under 10,000, and a known pre-release tag.
    Version,
    /// A declared file and one of its lines.
    Location,
    /// The registry's service name.
    ServiceName,
    /// 1 to 256 bytes without control characters.
    Printable,
    /// A version 4 UUID (RFC 9562) in lower case.
    UuidV4,
    /// A version 8 UUID (RFC 9562) in lower case.
    UuidV8,
    /// A known operating system or architecture.
    System,
    /// One or two numbers under 10,000.
    SystemVersion,
    /// `rustc`.
    Runtime,
    /// Three numbers under 10,000, and `-nightly`, `-beta` or `-beta.N` if not stable.
    RuntimeVersion,
    /// No value: the pipeline never sets this attribute from this source.
    NoSuchSource,
    /// The registry's schema URL.
    SchemaUrl,
    /// `scruple`.
    ScopeName,
    /// Three numbers under 10,000, and a known pre-release tag.
    ScopeVersion,
    /// 16 bytes that are not all zero.
    TraceId,
    /// 8 bytes that are not all zero.
    SpanId,
    /// A trace id and a span id, or neither.
    BothIds,
    /// The declared span kind.
    Kind,
    /// The sampled bit alone; on spans also the bit for "the remote-parent bit is valid".
    Flags,
    /// A time that is not 0.
    Time,
    /// A multiple of the signal's time resolution.
    Whole(TimeResolution),
    /// A multiple of the span's resolution of durations after the start.
    WholeAfterStart(TimeResolution),
    /// An end that is not before the start.
    Order,
    /// The same time, observed and occurred.
    SameTime,
    /// Severity 9.
    Severity,
    /// A status code: 0, 1 or 2.
    StatusCode,
    /// An IPv4 address whose last octet is 0.
    ThreeOctets,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.path.is_empty() { "the request" } else { &self.path })?;
        if let Some(about) = &self.about {
            write!(f, " ({about})")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { line, column } => write!(f, "not exactly one JSON value (line {line}, column {column})"),
            Self::NotUtf8 => f.write_str("a string that is not UTF-8"),
            Self::Truncated => f.write_str("the bytes end inside a field"),
            Self::Varint => f.write_str("a varint that is longer than necessary, or over 64 bits"),
            Self::Tag => f.write_str("a tag with field number 0, or with a wire type that OTLP does not use"),
            Self::WireType => f.write_str("a wire type that is not the field's"),
            Self::Type(wanted) => write!(f, "not {wanted}"),
            Self::OutOfRange => f.write_str("a number outside the range of the field's type"),
            Self::TooDeep => f.write_str("messages that are nested too deep"),
            Self::UnknownNumber { number } => write!(f, "an unknown field, number {number}"),
            Self::UnknownName { bytes } => write!(f, "an unknown field, its name of {bytes} bytes"),
            Self::Duplicate => f.write_str("a second value of a singular field"),
            Self::Empty => f.write_str("an empty envelope"),
            Self::OneValue { found } => write!(f, "{found} values instead of one"),
            Self::Undeclared { noun, bytes } => write!(f, "an undeclared {noun}, its name of {bytes} bytes"),
            Self::Elsewhere => f.write_str("an attribute that is declared, but not here"),
            Self::RepeatedKey => f.write_str("a repeated key"),
            Self::Dropped => f.write_str("a value in a field that must be empty"),
            Self::Not(wanted) => write!(f, "not {wanted}"),
            Self::More => write!(f, "more than {MAX_FINDINGS} findings"),
        }
    }
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Span => "span",
            Self::Event => "event",
            Self::Attribute => "attribute",
        })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a string",
            Self::Hexadecimal => "a string of pairs of lower-case hexadecimal digits",
            Self::Base64 => "a string of base64",
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::DecimalText => "a string of decimal digits without leading zeros",
            Self::Number => "a number",
            Self::List => "an array",
            Self::Message => "an object",
        })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "a boolean",
            Self::Member => "a string that is a declared member",
            Self::Integer => "an integer that is a declared member",
            Self::Names => "a list of declared members in ascending order, each once",
            Self::Count => "an integer from 0 to the declared maximum",
            Self::Hash => "a string of 32 lower-case hexadecimal digits",
            Self::Sha256 => "a string of 64 lower-case hexadecimal digits",
            Self::Version => "one to three numbers under 10,000 and perhaps a known pre-release tag",
            Self::Location => "a declared file, a colon, and one of its lines",
            Self::ServiceName => "the registry's service name",
            Self::Printable => return write!(f, "a string of 1 to {MAX_TEXT} bytes without control characters"),
            Self::UuidV4 => "a version 4 UUID in lower case",
            Self::UuidV8 => "a version 8 UUID in lower case",
            Self::System => "a known operating system or architecture",
            Self::SystemVersion => "one or two numbers under 10,000",
            Self::Runtime => "rustc",
            Self::RuntimeVersion => "three numbers under 10,000 and perhaps -nightly or -beta",
            Self::NoSuchSource => "an attribute that this source sets",
            Self::SchemaUrl => "the registry's schema URL",
            Self::ScopeName => "scruple",
            Self::ScopeVersion => "a version of scruple",
            Self::TraceId => "16 bytes that are not all zero",
            Self::SpanId => "8 bytes that are not all zero",
            Self::BothIds => "both a trace id and a span id, or neither",
            Self::Kind => "the declared kind",
            Self::Flags => "the sampled bit alone",
            Self::Time => "a time after the epoch",
            Self::Whole(grain) => return write!(f, "a multiple of {} ns", grain.nanoseconds()),
            Self::WholeAfterStart(grain) => {
                return write!(f, "the start and a multiple of {} ns", grain.nanoseconds());
            }
            Self::Order => "at or after the start",
            Self::SameTime => "the time of the event",
            Self::Severity => "severity 9",
            Self::StatusCode => "a status code",
            Self::ThreeOctets => "an IPv4 address whose last octet is 0",
        })
    }
}
