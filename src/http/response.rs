//! Reads an answer: httparse parses its head; its body has one of the three forms of RFC 9112, section 6.3.

use super::HttpError;
use crate::limits::{MAX_ANSWER, MAX_CHUNK_LINE, MAX_HEADERS, MAX_INTERIM};
use std::io::Read;

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The value of `Retry-After`.
    pub(crate) retry_after: Option<String>,
    /// The body, cut off at the caller's limit.
    pub(crate) body: Vec<u8>,
    pub(crate) end: BodyEnd,
    /// Whether the connection can't be used for another request.
    pub(crate) is_last: bool,
}

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    /// It was read to its end.
    Whole,
    /// It was longer than the caller's limit.
    Cut,
    /// It broke off, or its form is invalid.
    Broken,
}

/// How the length of a body is given.
enum Form {
    Length(u64),
    Chunked,
    Rest,
}

/// The parts of a head that the client uses.
struct Head {
    status: u16,
    retry_after: Option<String>,
    form: Form,
    is_last: bool,
}

/// Parses the status from a head.
pub(super) fn status(head: &[u8]) -> Option<u16> {
    parse(head).ok().map(|head| head.status)
}

/// Reads an answer; at most `most` bytes of its body are kept.
pub(super) fn read(stream: &mut dyn Read, most: usize) -> Result<Response, HttpError> {
    let mut input = Input { stream, bytes: Vec::new(), at: 0 };
    for _ in 0..MAX_INTERIM {
        let head = parse(&input.head()?)?;
        match head.status {
            // Switching Protocols: what follows is not HTTP/1.1.
            101 => return Err(HttpError::Unreadable),
            100..=199 => continue,
            _ => {}
        }
        let mut body = Vec::new();
        let end = match head.form {
            Form::Length(length) => input.body(&mut body, Some(length), most),
            Form::Chunked => input.chunks(&mut body, most),
            Form::Rest => input.body(&mut body, None, most),
        };
        let is_last = head.is_last || end != BodyEnd::Whole || matches!(head.form, Form::Rest) || !input.is_empty();
        return Ok(Response { status: head.status, retry_after: head.retry_after, body, end, is_last });
    }
    Err(HttpError::Unreadable)
}

fn parse(bytes: &[u8]) -> Result<Head, HttpError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length == bytes.len() => {}
        _ => return Err(HttpError::Unreadable),
    }
    let status = response.code.filter(|code| (100..1000).contains(code)).ok_or(HttpError::Unreadable)?;
    let values = |name: &'static str| {
        let named = response.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
        named.map(|header| String::from_utf8_lossy(header.value).trim().to_owned())
    };
    let has = |name, word: &str| {
        values(name).any(|value| value.split(',').any(|found| found.trim().eq_ignore_ascii_case(word)))
    };
    let codings: Vec<_> = values("transfer-encoding").collect();
    let mut lengths = values("content-length").flat_map(|value| value.split(',').map(length).collect::<Vec<_>>());
    let first = lengths.next();
    let form = if matches!(status, 204 | 304) || status < 200 {
        Form::Length(0)
    } else if !codings.is_empty() {
        let last = codings.last().and_then(|value| value.rsplit(',').next()).unwrap_or_default();
        if last.trim().eq_ignore_ascii_case("chunked") { Form::Chunked } else { Form::Rest }
    } else {
        match first {
            // Repeated equal lengths count as one (RFC 9112, section 6.3).
            Some(Some(length)) if lengths.all(|other| other == Some(length)) => Form::Length(length),
            _ => Form::Rest,
        }
    };
    let is_doubtful = !codings.is_empty() && first.is_some();
    let is_last = response.version != Some(1) || has("connection", "close") || is_doubtful;
    Ok(Head { status, retry_after: values("retry-after").next(), form, is_last })
}

fn length(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The bytes that have arrived, and the stream for more.
struct Input<'a> {
    stream: &'a mut dyn Read,
    bytes: Vec<u8>,
    at: usize,
}

impl Input<'_> {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    /// Reads more bytes; `false` at the end of the stream.
    fn more(&mut self) -> Result<bool, HttpError> {
        self.bytes.drain(..self.at);
        self.at = 0;
        let mut bytes = [0; 8 * 1024];
        let read = self.stream.read(&mut bytes).map_err(|_| HttpError::Unreachable)?;
        self.bytes.extend_from_slice(bytes.get(..read).unwrap_or_default());
        Ok(read > 0)
    }

    /// Reads a whole head, with the empty line at its end.
    fn head(&mut self) -> Result<Vec<u8>, HttpError> {
        let mut looked = 0;
        loop {
            let rest = self.rest();
            let from = rest.get(looked..).unwrap_or_default();
            let end = from.windows(2).position(|two| two == b"\n\n").map(|at| at + 2);
            let end = end.into_iter().chain(from.windows(3).position(|three| three == b"\n\r\n").map(|at| at + 3));
            if let Some(length) = end.min().map(|end| looked + end).filter(|length| *length <= MAX_ANSWER) {
                let head = rest.get(..length).unwrap_or_default().to_vec();
                self.at += length;
                return Ok(head);
            }
            looked = rest.len().saturating_sub(2);
            if rest.len() > MAX_ANSWER {
                return Err(HttpError::Unreadable);
            }
            if !self.more()? {
                return Err(if self.is_empty() { HttpError::Unreachable } else { HttpError::Unreadable });
            }
        }
    }

    /// Reads `length` bytes of a body, or all bytes up to the end of the connection.
    fn body(&mut self, body: &mut Vec<u8>, length: Option<u64>, most: usize) -> BodyEnd {
        let mut left = length;
        loop {
            let rest = self.rest();
            let wanted = left.map_or(rest.len(), |left| usize::try_from(left).unwrap_or(usize::MAX).min(rest.len()));
            let room = most.saturating_sub(body.len());
            body.extend_from_slice(rest.get(..wanted.min(room)).unwrap_or_default());
            if wanted > room {
                return BodyEnd::Cut;
            }
            self.at += wanted;
            left = left.map(|left| left.saturating_sub(wanted as u64));
            if left == Some(0) {
                return BodyEnd::Whole;
            }
            match self.more() {
                Ok(true) => {}
                Ok(false) if left.is_none() => return BodyEnd::Whole,
                _ => return BodyEnd::Broken,
            }
        }
    }

    /// Reads a chunked body (RFC 9112, section 7.1) and skips its trailers.
    fn chunks(&mut self, body: &mut Vec<u8>, most: usize) -> BodyEnd {
        loop {
            let Some(line) = self.line() else { return BodyEnd::Broken };
            let digits = line.split(';').next().unwrap_or_default().trim();
            let size = match digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                true => u64::from_str_radix(digits, 16),
                false => return BodyEnd::Broken,
            };
            match size {
                Ok(0) => break,
                Ok(size) => match self.body(body, Some(size), most) {
                    BodyEnd::Whole if self.line().is_some_and(|line| line.is_empty()) => {}
                    BodyEnd::Whole => return BodyEnd::Broken,
                    end => return end,
                },
                Err(_) => return BodyEnd::Broken,
            }
        }
        for _ in 0..MAX_HEADERS {
            match self.line() {
                Some(line) if line.is_empty() => return BodyEnd::Whole,
                Some(_) => {}
                None => break,
            }
        }
        BodyEnd::Broken
    }

    /// Reads a line and returns it without its line break.
    fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.rest().iter().position(|byte| *byte == b'\n') {
                let line = self.rest().get(..end)?;
                let text = std::str::from_utf8(line).ok()?.trim_end_matches('\r').to_owned();
                self.at += end + 1;
                return Some(text);
            }
            if self.rest().len() > MAX_CHUNK_LINE || !self.more().ok()? {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests;
