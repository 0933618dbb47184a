//! The accepted forms of an answer, in pieces of any size.

use super::{BodyEnd, HttpError, Response, read};
use proptest::prelude::*;
use std::io::{self, Read};

/// Gives `step` bytes at a time, and then an end or an error.
struct Slowly<'a> {
    bytes: &'a [u8],
    step: usize,
    breaks: bool,
}

impl Read for Slowly<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.step.min(self.bytes.len()).min(into.len());
        if length == 0 && self.breaks {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let (now, rest) = self.bytes.split_at(length);
        into[..length].copy_from_slice(now);
        self.bytes = rest;
        Ok(length)
    }
}

fn read_all(bytes: &[u8], most: usize) -> Result<Response, HttpError> {
    let whole = read(&mut Slowly { bytes, step: usize::MAX, breaks: false }, most);
    for step in [1, 2, 3, 7] {
        let slowly = read(&mut Slowly { bytes, step, breaks: false }, most);
        // `is_last` depends on the bytes that have arrived, so it differs between the two.
        let comparable = |read: &Result<Response, HttpError>| {
            read.as_ref().map(|read| (read.status, read.body.clone(), read.end)).map_err(|why| *why)
        };
        assert_eq!(comparable(&slowly), comparable(&whole));
    }
    whole
}

#[track_caller]
fn check(answer: &str, status: u16, body: &str, end: BodyEnd, is_last: bool) {
    let read = read_all(answer.as_bytes(), 100).unwrap();
    let found = (read.status, String::from_utf8(read.body).unwrap(), read.end, read.is_last);
    assert_eq!(found, (status, body.to_owned(), end, is_last), "{answer:?}");
}

#[test]
fn a_body_has_one_of_three_forms() {
    check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", 200, "{}", BodyEnd::Whole, false);
    check("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\ncontent-length: 2\r\n\r\n{}", 200, "{}", BodyEnd::Whole, false);
    check(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n",
        200,
        "{}",
        BodyEnd::Whole,
        false,
    );
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\na: b\r\n\r\n",
        200,
        "{}",
        BodyEnd::Whole,
        false,
    );
    check("HTTP/1.1 200 OK\r\n\r\n{}", 200, "{}", BodyEnd::Whole, true);
    check("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", 200, "", BodyEnd::Whole, false);
    check("HTTP/1.1 204 No Content\r\n\r\n", 204, "", BodyEnd::Whole, false);
    check("HTTP/1.1 200 OK\ncontent-length: 2\n\n{}", 200, "{}", BodyEnd::Whole, false);
}

#[test]
fn an_ambiguous_or_final_answer_ends_the_connection() {
    check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200", 200, "{}", BodyEnd::Whole, true);
    check("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}", 200, "{}", BodyEnd::Whole, true);
    check("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}", 200, "{}", BodyEnd::Whole, true);
    let both = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    check(both, 200, "{}", BodyEnd::Whole, true);
}

#[test]
fn a_body_that_is_too_long_is_cut_and_an_invalid_one_broken() {
    let long = "x".repeat(101);
    check(&format!("HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n{long}"), 200, &long[1..], BodyEnd::Cut, true);
    check(&format!("HTTP/1.1 200 OK\r\n\r\n{long}"), 200, &long[1..], BodyEnd::Cut, true);
    let chunk = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n65\r\n{long}\r\n0\r\n\r\n");
    check(&chunk, 200, &long[1..], BodyEnd::Cut, true);
    check("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", 200, "{}", BodyEnd::Broken, true);
    for chunks in ["2\r\n{}", "2\r\n{}xx", "x\r\n", "", "-1\r\n", "ffffffffffffffffff\r\n", "2\r\n{}\r\n0\r\n"] {
        let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        assert_eq!(read_all(answer.as_bytes(), 100).unwrap().end, BodyEnd::Broken, "{chunks:?}");
    }
}

#[test]
fn at_most_fifteen_interim_answers_are_skipped() {
    let last = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let interim = "HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n";
    check(&format!("{}{last}", interim.repeat(15)), 200, "", BodyEnd::Whole, false);
    assert_eq!(read_all(format!("{}{last}", interim.repeat(16)).as_bytes(), 100), Err(HttpError::Unreadable));
    assert_eq!(read_all(b"HTTP/1.1 101 Switch\r\n\r\n", 100), Err(HttpError::Unreadable));
}

#[test]
fn an_invalid_answer_is_unreadable_and_a_missing_one_unreachable() {
    for answer in [
        "SSH-2.0\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 99 Low\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 2",
    ] {
        assert_eq!(read_all(answer.as_bytes(), 100), Err(HttpError::Unreadable), "{answer:?}");
    }
    assert_eq!(read_all(b"", 100), Err(HttpError::Unreachable));
    let endless = [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'x'; 70_000], b"\r\n\r\n".to_vec()].concat();
    assert_eq!(read_all(&endless, 100), Err(HttpError::Unreadable));
    let mut broken = Slowly { bytes: b"HTTP/1.1 200 OK\r\n", step: 100, breaks: true };
    assert_eq!(read(&mut broken, 100), Err(HttpError::Unreachable));
}

#[test]
fn retry_after_is_returned() {
    let answer = "HTTP/1.1 503 No\r\nRetry-After:  120 \r\ncontent-length: 0\r\n\r\n";
    assert_eq!(read_all(answer.as_bytes(), 100).unwrap().retry_after.as_deref(), Some("120"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), step in 1_usize..20) {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        for bytes in [bytes.clone(), [head.as_slice(), &bytes].concat()] {
            let read = read(&mut Slowly { bytes: &bytes, step, breaks: false }, 50);
            prop_assert!(read.map_or(0, |read| read.body.len()) <= 50);
        }
    }
}
