//! Sessions that are handed down: only what is exactly of the form is read, and only for a day.

use super::Session;
use crate::identity::tests::{Repeated, rows};
use crate::limits::{MAX_SESSION_SECONDS, SECOND, SESSION_CLOCK_SKEW_SECONDS};
use proptest::prelude::*;
use std::ffi::{OsStr, OsString};

const NOON: u64 = 1_795_000_000;

/// The id that a process with this variable has, at a time in nanoseconds.
fn id(value: impl AsRef<OsStr>, now: u64) -> Option<uuid::Uuid> {
    Session::inherited(value.as_ref(), now).map(|session| session.id())
}

/// Whether a text is `1.<seconds>.<32 digits>`, both written in one way only.
fn is_of_the_form(text: &str) -> bool {
    let Some((since, nonce)) = text.strip_prefix("1.").and_then(|rest| rest.split_once('.')) else { return false };
    let since_is = since == "0" || since.parse::<u64>().is_ok() && since.starts_with(|c| matches!(c, '1'..='9'));
    since_is && nonce.len() == 32 && nonce.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

#[test]
fn ids_values_and_variables_are_those_of_another_implementation() {
    for row in rows("session") {
        let nonce = row.how.as_slice().try_into().unwrap();
        assert_eq!(Session { nonce, since: 0 }.id().to_string(), row.result);
    }
    for row in rows("value") {
        let session = Session { nonce: row.how.as_slice().try_into().unwrap(), since: row.key.parse().unwrap() };
        assert_eq!(session.value(), row.result);
        let read = Session::inherited(row.result.as_ref(), session.since.saturating_mul(SECOND));
        assert_eq!(read.map(|read| read.id()), Some(session.id()).filter(|_| session.since < u64::MAX), "{}", row.key);
    }
    for row in rows("variable") {
        assert_eq!(Session::variable(&row.value), row.result);
    }
}

#[test]
fn a_session_is_passed_on_for_a_day() {
    let value = Session::new(&Repeated(7), NOON * SECOND + 999_999_999).value();
    let check = |now: u64, expected: bool| assert_eq!(id(&value, now).is_some(), expected, "{now}");
    check(NOON * SECOND, true);
    check((NOON + MAX_SESSION_SECONDS) * SECOND, true);
    check((NOON + MAX_SESSION_SECONDS) * SECOND + 999_999_999, true);
    check((NOON + MAX_SESSION_SECONDS + 1) * SECOND, false);
    check((NOON - SESSION_CLOCK_SKEW_SECONDS) * SECOND, true);
    check((NOON - SESSION_CLOCK_SKEW_SECONDS) * SECOND - 1, false);
    check(0, false);
    check(u64::MAX, false);
    // A clock that stands at nothing is a clock.
    let first = Session::new(&Repeated(7), 0);
    assert_eq!(id(first.value(), 0), Some(first.id()));
    assert_eq!(id(first.value(), MAX_SESSION_SECONDS * SECOND), Some(first.id()));
    assert_eq!(id(first.value(), (MAX_SESSION_SECONDS + 1) * SECOND), None);
    assert_eq!(id(format!("1.{}.{}", u64::MAX, "0".repeat(32)), u64::MAX), None);
}

#[test]
fn passing_on_does_not_renew_a_session() {
    let first = Session::new(&Repeated(7), NOON * SECOND);
    let child = Session::inherited(first.value().as_ref(), (NOON + MAX_SESSION_SECONDS) * SECOND).unwrap();
    assert_eq!(child.value(), first.value());
    assert_eq!(id(child.value(), (NOON + MAX_SESSION_SECONDS + 1) * SECOND), None);
}

#[test]
fn a_malformed_session_counts_as_unset() {
    let nonce = "0123456789abcdef0123456789abcdef";
    assert!(id(format!("1.{NOON}.{nonce}"), NOON * SECOND).is_some());
    for value in [
        String::new(),
        "1".to_owned(),
        "1..".to_owned(),
        format!("1..{nonce}"),
        format!("2.{NOON}.{nonce}"),
        format!("01.{NOON}.{nonce}"),
        format!("1.0{NOON}.{nonce}"),
        format!("1.+{NOON}.{nonce}"),
        format!("1.-{NOON}.{nonce}"),
        format!("1. {NOON}.{nonce}"),
        format!("1.{NOON}.{}", nonce.to_uppercase()),
        format!("1.{NOON}.+{}", &nonce[1..]),
        format!("1.{NOON}.{}", &nonce[1..]),
        format!("1.{NOON}.0{nonce}"),
        format!("1.{NOON}.{nonce}."),
        format!("1.{NOON}.{nonce}\n"),
        format!(" 1.{NOON}.{nonce}"),
        format!("1.{NOON}.{nonce}.1"),
        format!("1.18446744073709551616.{nonce}"),
        format!("1.{NOON}.{}", "é".repeat(16)),
    ] {
        assert_eq!(id(&value, NOON * SECOND), None, "{value:?}");
    }
}

/// What any session is made of.
fn any_session() -> impl Strategy<Value = ([u8; 16], u64)> {
    (any::<[u8; 16]>(), prop_oneof![0..=u64::MAX / SECOND, Just(NOON)])
}

/// Texts that are nearly of the form.
fn nearly() -> impl Strategy<Value = String> {
    let changed = (any_session(), any::<prop::sample::Index>(), any::<Option<char>>(), any::<bool>());
    let changed = changed.prop_map(|((nonce, since), at, with, is_more)| {
        let mut chars: Vec<_> = Session { nonce, since }.value().chars().collect();
        let at = at.index(chars.len());
        chars.splice(at..at + usize::from(!is_more), with);
        chars.into_iter().collect::<String>()
    });
    let parts = prop::sample::select(vec!["1", "0", ".", "..", "+", "-", "a", "F", " ", "1795000000", "é"]);
    let text = prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat());
    prop_oneof![changed, text, any::<String>()]
}

proptest! {
    #[test]
    fn a_passed_session_is_the_same_session((nonce, since) in any_session()) {
        let session = Session { nonce, since };
        let read = Session::inherited(session.value().as_ref(), session.since * SECOND);
        prop_assert_eq!(read.map(|read| (read.id(), read.value())), Some((session.id(), session.value())));
        prop_assert!(is_of_the_form(&session.value()));
    }

    #[test]
    fn any_other_text_is_refused(text in nearly(), now in prop_oneof![any::<u64>(), Just(NOON * SECOND)]) {
        if let Some(read) = Session::inherited(text.as_ref(), now) {
            prop_assert!(is_of_the_form(&text), "{:?}", text);
            prop_assert_eq!(read.value(), text);
        }
    }

    #[test]
    fn a_session_that_is_not_unicode_is_refused((nonce, since) in any_session(), at: prop::sample::Index) {
        let value = Session { nonce, since }.value();
        let at = at.index(value.len());
        #[cfg(unix)]
        let broken: OsString = {
            let mut bytes = value.into_bytes();
            bytes[at] = 0xff;
            std::os::unix::ffi::OsStringExt::from_vec(bytes)
        };
        #[cfg(windows)]
        let broken: OsString = {
            let mut units: Vec<u16> = value.encode_utf16().collect();
            units[at] = 0xd800;
            std::os::windows::ffi::OsStringExt::from_wide(&units)
        };
        prop_assert_eq!(id(broken, since * SECOND), None);
    }

    #[test]
    fn an_id_is_a_version_4_uuid_that_does_not_hold_the_nonce((nonce, since) in any_session()) {
        let id = Session { nonce, since }.id();
        prop_assert_eq!((id.get_version_num(), id.get_variant()), (4, uuid::Variant::RFC4122));
        prop_assert_ne!(&id.as_bytes()[..6], &nonce[..6]);
    }

    #[test]
    fn a_variable_has_a_portable_name_for_any_app(app_id: String) {
        let name = Session::variable(&app_id);
        prop_assert!(name.ends_with("_SESSION"));
        prop_assert!(name.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')), "{:?}", name);
        prop_assert_eq!(name.len(), app_id.chars().count() + "_SESSION".len());
    }
}
