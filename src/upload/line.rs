//! Parses one JSON line by the exact shape that the encoder writes.
//!
//! The encoder writes each record in one way only: the same fields in the same order, absent ones left out, no blanks.
//! So a line is not parsed as JSON; its fixed parts are compared, and the parts between them have one spelling each:
//!
//! ```text
//! line    {"resourceSpans":[{"resource":{"attributes":[GIVEN]},"scopeSpans":[{"scope":{"name":"scruple",
//!         "version":SCOPE},"spans":[SPAN]}],"schemaUrl":TEXT}]}
//!         {"resourceLogs":[{"resource":{"attributes":[GIVEN]},"scopeLogs":[{"scope":{"name":"scruple",
//!         "version":SCOPE},"logRecords":[LOG]}],"schemaUrl":TEXT}]}
//! SPAN    {"traceId":ID,"spanId":ID,["parentSpanId":ID,]"name":NAME,"kind":1…5,"startTimeUnixNano":NUMBER,
//!         "endTimeUnixNano":NUMBER,[ATTRIBUTES]["events":[EVENT{,EVENT}],]["status":{"code":1…2},]"flags":1}
//! EVENT   {"timeUnixNano":NUMBER,"name":NAME[,"attributes":[…]]}
//! LOG     {"timeUnixNano":NUMBER,"severityNumber":9,[ATTRIBUTES]["flags":1,"traceId":ID,"spanId":ID,]
//!         "observedTimeUnixNano":NUMBER,"eventName":NAME}
//! ATTRIBUTES  "attributes":[{"key":NAME,"value":VALUE}{,…}],
//! VALUE   {"boolValue":true|false} {"intValue":INTEGER} {"stringValue":TEXT}
//!         {"arrayValue":{"values":[[{"stringValue":TEXT}{,…}]]}}
//! GIVEN   [{"key":NAME,"value":{"stringValue":TEXT}}{,…}]
//! ```
//!
//! NUMBER is decimal text without leading zeros, INTEGER the same of 64 bits, perhaps with a minus sign and then not 0, ID
//! lower-case hexadecimal text that is not all zero, NAME `[a-z][a-z0-9_.]*`, SCOPE this library's version or digits and
//! dots, TEXT without control characters, its only escapes `\"` and `\\`. Keys and the texts of a list ascend. Anything
//! else is an error: blanks, another order or name of a field, duplicates, text before or after. There is no recursion,
//! and only escaped text is copied.

use crate::encode::{SCOPE_NAME, SCOPE_VERSION};
use crate::limits::{MAX_EVENTS, MAX_LINE};
use crate::privacy::{Ids, ParsedLine, ParsedRecord, ParsedValue, SpanStatus, hexadecimal};
use crate::registry::{MAX_ATTRIBUTES, MAX_NAMES, MAX_TEXT, SignalKind, SpanKind, is_name};
use std::borrow::Cow;
use std::fmt;

/// The longest text of an attribute: a source's path, a colon, and a line of ten digits.
const MAX_VALUE: usize = MAX_TEXT + 11;

/// Why a line is not one that the encoder writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineError {
    /// It has more than [`MAX_LINE`] bytes.
    TooLong,
    /// It is not UTF-8.
    NotUtf8,
    /// A fixed part differs, or the line has text after the end.
    Shape,
    /// A name or key that no registry can declare.
    Name,
    /// A number in another spelling than the shortest decimal one, or beyond 64 bits.
    Number,
    /// An id of another length, not in lower-case hexadecimal, or zero.
    Id,
    /// Text with a control character, another escape than the two that are needed, or too many bytes.
    Text,
    /// More attributes, events or names than a registry can declare.
    TooMany,
    /// Keys or names that do not ascend, or times that one record can't have.
    Order,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "a line of more than 1 MiB",
            Self::NotUtf8 => "a line that is not UTF-8",
            Self::Shape => "a line of another shape than ours",
            Self::Name => "a name that no registry can declare",
            Self::Number => "a number in another spelling than ours",
            Self::Id => "an id in another form than ours",
            Self::Text => "text that no registry can declare",
            Self::TooMany => "more parts than a registry can declare",
            Self::Order => "keys or times in another order than ours",
        })
    }
}

impl std::error::Error for LineError {}

/// Reads one line, without its line feed.
pub(super) fn read(line: &[u8]) -> Result<ParsedLine<'_>, LineError> {
    if line.len() > MAX_LINE {
        return Err(LineError::TooLong);
    }
    let mut rest = Rest(std::str::from_utf8(line).map_err(|_| LineError::NotUtf8)?);
    let kind = match rest.has("{\"resourceSpans\":[{") {
        true => SignalKind::Span,
        false => rest.take("{\"resourceLogs\":[{").map(|()| SignalKind::Event)?,
    };
    let resource = rest.resource()?;
    rest.take(match kind {
        SignalKind::Span => ",\"scopeSpans\":[{\"scope\":{\"name\":\"",
        SignalKind::Event => ",\"scopeLogs\":[{\"scope\":{\"name\":\"",
    })?;
    rest.take(SCOPE_NAME)?;
    rest.take("\",\"version\":")?;
    let scope = rest.scope_version()?;
    let record = match kind {
        SignalKind::Span => rest.take("},\"spans\":[").and_then(|()| rest.span())?,
        SignalKind::Event => rest.take("},\"logRecords\":[").and_then(|()| rest.log())?,
    };
    rest.take("]}],\"schemaUrl\":")?;
    let schema_url = rest.text(MAX_LINE)?;
    rest.take("}]}")?;
    if !rest.0.is_empty() {
        return Err(LineError::Shape);
    }
    Ok(ParsedLine { kind, schema_url, scope, resource, record })
}

/// The unread rest of the line.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn resource(&mut self) -> Result<Vec<(&'a str, Cow<'a, str>)>, LineError> {
        self.take("\"resource\":{\"attributes\":[")?;
        if self.has("]}") {
            return Ok(Vec::new());
        }
        let given = self.list(MAX_ATTRIBUTES, |rest| {
            let key = rest.key()?;
            rest.take("\"stringValue\":")?;
            let text = rest.text(MAX_TEXT)?;
            rest.take("}}")?;
            Ok((key, text))
        })?;
        self.take("}")?;
        ascend(given.iter().map(|(key, _)| *key))?;
        Ok(given)
    }

    /// This library's version; an earlier one has digits and dots only.
    fn scope_version(&mut self) -> Result<&'a str, LineError> {
        let version = self.quoted(LineError::Text)?;
        let is_plain = version.len() <= MAX_TEXT
            && version.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        if version == SCOPE_VERSION || is_plain { Ok(version) } else { Err(LineError::Text) }
    }

    fn span(&mut self) -> Result<ParsedRecord<'a>, LineError> {
        self.take("{\"traceId\":")?;
        let trace = self.id()?;
        self.take(",\"spanId\":")?;
        let span = self.id()?;
        let parent = if self.has(",\"parentSpanId\":") { self.id()? } else { [0; 8] };
        self.take(",\"name\":")?;
        let name = self.name()?;
        self.take(",\"kind\":")?;
        let kind = self.kind()?;
        self.take(",\"startTimeUnixNano\":")?;
        let start = self.number()?;
        self.take(",\"endTimeUnixNano\":")?;
        let end = self.number()?;
        self.take(",")?;
        let attributes = if self.has("\"attributes\":") { self.attributes(",")? } else { Vec::new() };
        let mut events = Vec::new();
        if self.has("\"events\":[") {
            events = self.list(MAX_EVENTS, Self::event)?;
            self.take(",")?;
        }
        let status = match self.has("\"status\":{\"code\":") {
            true if self.has("1},") => SpanStatus::Ok,
            true => self.take("2},").map(|()| SpanStatus::Error)?,
            false => SpanStatus::Unset,
        };
        self.take("\"flags\":1}")?;
        let ids = Ids { trace, span, parent };
        in_order(start <= end, ParsedRecord { name, kind, ids, start, end, status, attributes, events })
    }

    fn event(&mut self) -> Result<ParsedRecord<'a>, LineError> {
        self.take("{\"timeUnixNano\":")?;
        let time = self.number()?;
        self.take(",\"name\":")?;
        let name = self.name()?;
        let attributes = if self.has(",\"attributes\":") { self.attributes("")? } else { Vec::new() };
        self.take("}")?;
        Ok(event(name, Ids::default(), time, attributes))
    }

    fn log(&mut self) -> Result<ParsedRecord<'a>, LineError> {
        self.take("{\"timeUnixNano\":")?;
        let time = self.number()?;
        self.take(",\"severityNumber\":9,")?;
        let attributes = if self.has("\"attributes\":") { self.attributes(",")? } else { Vec::new() };
        let mut ids = Ids::default();
        if self.has("\"flags\":1,\"traceId\":") {
            ids.trace = self.id()?;
            self.take(",\"spanId\":")?;
            ids.span = self.id()?;
            self.take(",")?;
        }
        self.take("\"observedTimeUnixNano\":")?;
        let observed = self.number()?;
        self.take(",\"eventName\":")?;
        let name = self.name()?;
        self.take("}")?;
        in_order(time == observed, event(name, ids, time, attributes))
    }

    /// The attributes of a record, and the fixed text after their list.
    fn attributes(&mut self, after: &str) -> Result<Vec<(&'a str, ParsedValue<'a>)>, LineError> {
        self.take("[")?;
        let attributes = self.list(MAX_ATTRIBUTES, |rest| {
            let key = rest.key()?;
            let value = rest.value()?;
            rest.take("}}")?;
            Ok((key, value))
        })?;
        self.take(after)?;
        ascend(attributes.iter().map(|(key, _)| *key))?;
        Ok(attributes)
    }

    /// The start of an attribute, up to the type of its value.
    fn key(&mut self) -> Result<&'a str, LineError> {
        self.take("{\"key\":")?;
        let key = self.name()?;
        self.take(",\"value\":{")?;
        Ok(key)
    }

    fn value(&mut self) -> Result<ParsedValue<'a>, LineError> {
        if self.has("\"stringValue\":") {
            return self.text(MAX_VALUE).map(ParsedValue::Text);
        }
        if self.has("\"intValue\":") {
            return self.integer().map(ParsedValue::Integer);
        }
        if self.has("\"boolValue\":") {
            return if self.has("true") {
                Ok(ParsedValue::Boolean(true))
            } else {
                self.take("false").map(|()| ParsedValue::Boolean(false))
            };
        }
        self.take("\"arrayValue\":{\"values\":[")?;
        if self.has("]}") {
            return Ok(ParsedValue::List(Vec::new()));
        }
        let names = self.list(MAX_NAMES, |rest| {
            rest.take("{\"stringValue\":")?;
            let name = rest.text(MAX_TEXT)?;
            rest.take("}")?;
            Ok(name)
        })?;
        self.take("}")?;
        ascend(names.iter().map(AsRef::as_ref))?;
        Ok(ParsedValue::List(names))
    }

    /// The rest of a list that is not empty, with its closing bracket.
    fn list<T>(
        &mut self,
        most: usize,
        mut element: impl FnMut(&mut Self) -> Result<T, LineError>,
    ) -> Result<Vec<T>, LineError> {
        let mut list = Vec::new();
        loop {
            if list.len() == most {
                return Err(LineError::TooMany);
            }
            list.push(element(self)?);
            if !self.has(",") {
                self.take("]")?;
                return Ok(list);
            }
        }
    }

    fn kind(&mut self) -> Result<SpanKind, LineError> {
        let kinds = [
            ("1", SpanKind::Internal),
            ("2", SpanKind::Server),
            ("3", SpanKind::Client),
            ("4", SpanKind::Producer),
            ("5", SpanKind::Consumer),
        ];
        kinds.into_iter().find_map(|(digit, kind)| self.has(digit).then_some(kind)).ok_or(LineError::Shape)
    }

    fn name(&mut self) -> Result<&'a str, LineError> {
        let name = self.quoted(LineError::Name)?;
        if is_name(name) { Ok(name) } else { Err(LineError::Name) }
    }

    fn number(&mut self) -> Result<u64, LineError> {
        let digits = self.quoted(LineError::Number)?;
        let shortest = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        digits.parse().ok().filter(|_| shortest).ok_or(LineError::Number)
    }

    fn integer(&mut self) -> Result<i64, LineError> {
        let digits = self.quoted(LineError::Number)?;
        let number = digits.parse().ok();
        number.filter(|number| itoa::Buffer::new().format(*number) == digits).ok_or(LineError::Number)
    }

    fn id<const N: usize>(&mut self) -> Result<[u8; N], LineError> {
        let id = hexadecimal(self.quoted(LineError::Id)?);
        id.filter(|id| *id != [0; N]).ok_or(LineError::Id)
    }

    /// A string up to its first quote, in a place where no escapes are allowed.
    fn quoted(&mut self, otherwise: LineError) -> Result<&'a str, LineError> {
        self.take("\"")?;
        let (text, rest) = self.0.split_once('"').ok_or(otherwise)?;
        self.0 = rest;
        Ok(text)
    }

    fn text(&mut self, most: usize) -> Result<Cow<'a, str>, LineError> {
        self.take("\"")?;
        let mut text = Cow::Borrowed("");
        loop {
            let end = self.0.find(['"', '\\']).ok_or(LineError::Text)?;
            let (part, rest) = self.0.split_at_checked(end).ok_or(LineError::Text)?;
            self.0 = rest;
            text += part;
            if self.has("\"") {
                break;
            }
            let escaped =
                if self.has("\\\"") { "\"" } else { self.has("\\\\").then_some("\\").ok_or(LineError::Text)? };
            text += escaped;
        }
        let is_text = text.len() <= most && !text.chars().any(char::is_control);
        if is_text { Ok(text) } else { Err(LineError::Text) }
    }

    fn take(&mut self, fixed: &str) -> Result<(), LineError> {
        if self.has(fixed) { Ok(()) } else { Err(LineError::Shape) }
    }

    fn has(&mut self, fixed: &str) -> bool {
        let rest = self.0.strip_prefix(fixed);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

fn event<'a>(name: &'a str, ids: Ids, time: u64, attributes: Vec<(&'a str, ParsedValue<'a>)>) -> ParsedRecord<'a> {
    let (kind, status, events) = (SpanKind::Internal, SpanStatus::Unset, Vec::new());
    ParsedRecord { name, kind, ids, start: time, end: time, status, attributes, events }
}

fn in_order(times: bool, record: ParsedRecord<'_>) -> Result<ParsedRecord<'_>, LineError> {
    if times { Ok(record) } else { Err(LineError::Order) }
}

fn ascend<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Result<(), LineError> {
    let pairs = texts.clone().zip(texts.skip(1));
    if pairs.into_iter().all(|(one, next)| one < next) { Ok(()) } else { Err(LineError::Order) }
}
