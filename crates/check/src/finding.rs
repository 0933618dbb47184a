//! What was found where, in words that repeat nothing of it.

use std::fmt;

use scruple_registry::{MAX_TEXT, TimeResolution};

/// The most findings for one request: one more says that there were others.
pub const MAX_FINDINGS: usize = 1_000;

/// One thing that should not be there, or is not as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where, by OTLP's JSON names, as in `resourceSpans[0].scopeSpans[0].spans[2].attributes[1].key`; empty for the
    /// request itself.
    pub path: String,
    /// The declared signal or attribute it is about.
    pub about: Option<String>,
    /// What it is.
    pub what: What,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// Not one JSON value and nothing else, or JSON nested deeper than 128.
    NotJson {
        /// The line of the request, from 1.
        line: usize,
        /// The byte of the line, from 1; 0 for the line's end before.
        column: usize,
    },
    /// A string that is not UTF-8.
    NotUtf8,
    /// The bytes end inside a field.
    Truncated,
    /// A varint that is longer than its value needs, or over 64 bits.
    Varint,
    /// A protobuf tag with the field number 0, or a wire type that OTLP does not use.
    Tag,
    /// Another protobuf wire type than the field's.
    WireType,
    /// Another JSON type than the field's.
    Type(Type),
    /// A number beyond the field's type.
    OutOfRange,
    /// Messages nested deeper than 16.
    TooDeep,
    /// A protobuf field that OTLP does not have here.
    UnknownNumber {
        /// Its number.
        number: u32,
    },
    /// A JSON field that OTLP does not have here, or not in this spelling.
    UnknownName {
        /// The length of its name.
        bytes: usize,
    },
    /// A field that may come once came again.
    Duplicate,
    /// An envelope with nothing in it.
    Empty,
    /// An attribute's value that is not exactly one value.
    OneValue {
        /// How many there were.
        found: usize,
    },
    /// No registry declares this name or key.
    Undeclared {
        /// What it would be the name of.
        noun: Noun,
        /// Its length.
        bytes: usize,
    },
    /// Declared, but not for this signal or not for the resource.
    Elsewhere,
    /// An attribute's key that came before.
    RepeatedKey,
    /// A field that must be absent or empty.
    Dropped,
    /// Not what the registry or the pipeline lets stand here.
    Not(Wanted),
    /// There was more than [`MAX_FINDINGS`].
    More,
}

/// What a name belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// A span.
    Span,
    /// A log record's or a span event's name.
    Event,
    /// An attribute.
    Attribute,
}

/// What a JSON field holds.
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
    /// A string of decimal digits, as few as can be, of a 64-bit integer.
    DecimalText,
    /// A number.
    Number,
    /// An array.
    List,
    /// An object.
    Message,
}

/// What should have stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wanted {
    /// A boolean.
    Boolean,
    /// A string that is a declared member.
    Member,
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
    /// Nothing: the pipeline never gives this attribute from this source.
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
    /// The sampled bit alone, and on spans the bit that says that a remote parent would be known.
    Flags,
    /// A time that is not 0.
    Time,
    /// A whole number of the signal's grain.
    Whole(TimeResolution),
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
            Self::NotJson { line, column } => write!(f, "no JSON value by itself (line {line}, column {column})"),
            Self::NotUtf8 => f.write_str("a string that is not UTF-8"),
            Self::Truncated => f.write_str("the bytes end inside a field"),
            Self::Varint => f.write_str("a varint that is longer than need be, or over 64 bits"),
            Self::Tag => f.write_str("a tag without a field number, or of no wire type that OTLP uses"),
            Self::WireType => f.write_str("another wire type than the field's"),
            Self::Type(wanted) => write!(f, "not {wanted}"),
            Self::OutOfRange => f.write_str("a number beyond the field's type"),
            Self::TooDeep => f.write_str("messages that lie too deep in one another"),
            Self::UnknownNumber { number } => write!(f, "an unknown field, number {number}"),
            Self::UnknownName { bytes } => write!(f, "an unknown field, its name of {bytes} bytes"),
            Self::Duplicate => f.write_str("a second value where there may be one"),
            Self::Empty => f.write_str("an envelope with nothing in it"),
            Self::OneValue { found } => write!(f, "{found} values instead of one"),
            Self::Undeclared { noun, bytes } => write!(f, "an undeclared {noun}, its name of {bytes} bytes"),
            Self::Elsewhere => f.write_str("an attribute that is declared, but not here"),
            Self::RepeatedKey => f.write_str("a key that came before"),
            Self::Dropped => f.write_str("something where nothing may be"),
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
            Self::DecimalText => "a string of decimal digits, as few as can be",
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
            Self::NoSuchSource => "an attribute that this source gives",
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
            Self::Order => "at or after the start",
            Self::SameTime => "the time of the event",
            Self::Severity => "severity 9",
            Self::StatusCode => "a status code",
            Self::ThreeOctets => "an IPv4 address whose last octet is 0",
        })
    }
}
