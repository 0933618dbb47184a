//! By table, what is refused and why; by property, that no bytes but the signed ones are accepted.

use super::clauses::payloads;
use super::{BUILT, DAY, FLOOR, NOW, key, plain, refusal, sign, sign_payload, terms};
use crate::otlp::proto::varint;
use ed25519_dalek::Signer;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use prost::Message as _;
use scruple::limits::{MAX_POLICY, MAX_POLICY_SECONDS};
use scruple::policy::{
    Envelope, Key, Keys, NewestPolicy, OffVersions, OffWhere, Payload, PolicyExpectations, PolicyRefused, hash, read,
    signed, verify,
};

#[track_caller]
fn check(payload: Payload, expected: Option<PolicyRefused>) {
    assert_eq!(refusal(&sign_payload(&payload)), expected, "{payload:?}");
}

#[track_caller]
fn check_terms(terms: PolicyExpectations<'_>, now: u64, expected: Option<PolicyRefused>) {
    assert_eq!(verify(&sign_payload(&plain()), &terms, now).err(), expected);
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn off(from: &[u32], to: &[u32]) -> OffVersions {
    OffVersions { from: from.to_vec(), to: to.to_vec() }
}

fn where_(key: &str, members: &[&str]) -> OffWhere {
    OffWhere { key: key.to_owned(), members: names(members) }
}

#[test]
fn a_policy_for_this_program_in_its_time_is_accepted() {
    check(plain(), None);
    let policy = verify(&sign_payload(&plain()), &terms(), NOW).expect("it holds");
    assert_eq!((policy.serial(), policy.hash().len()), (7, 64));
    assert_eq!(policy.payload(), &plain());
}

#[test]
fn a_policy_for_another_program_is_refused() {
    check(Payload { app_id: "com.example.mlnet2".to_owned(), ..plain() }, Some(PolicyRefused::AnotherApp));
    check(Payload { app_id: String::new(), ..plain() }, Some(PolicyRefused::Range));
}

#[test]
fn a_policy_older_than_an_accepted_one_is_refused() {
    check(Payload { serial: FLOOR, ..plain() }, None);
    check(Payload { serial: FLOOR - 1, ..plain() }, Some(PolicyRefused::Replayed));
    check(Payload { serial: u64::MAX, ..plain() }, None);
    let check_newest = |newest: NewestPolicy, expected| {
        check_terms(PolicyExpectations { newest: Some(&newest), ..terms() }, NOW, expected);
    };
    let this = hash(&sign_payload(&plain()));
    for other in ["", "0"] {
        check_newest(NewestPolicy { serial: 6, hash: other.to_owned() }, None);
        check_newest(NewestPolicy { serial: 7, hash: other.to_owned() }, Some(PolicyRefused::Contradicted));
        check_newest(NewestPolicy { serial: 8, hash: other.to_owned() }, Some(PolicyRefused::Replayed));
    }
    check_newest(NewestPolicy { serial: 7, hash: this.clone() }, None);
    check_newest(NewestPolicy { serial: 8, hash: this }, Some(PolicyRefused::Replayed));
    let seen = NewestPolicy { serial: 1, hash: String::new() };
    let below = Payload { serial: FLOOR - 1, ..plain() };
    let terms = PolicyExpectations { newest: Some(&seen), ..terms() };
    assert_eq!(verify(&sign_payload(&below), &terms, NOW).err(), Some(PolicyRefused::Replayed), "the floor stays");
    check(Payload { serial: 0, ..plain() }, Some(PolicyRefused::Range));
}

#[test]
fn a_policy_holds_from_its_first_second_to_before_its_last() {
    let (first, last) = (plain().not_before, plain().not_after);
    check_terms(terms(), first - 1, Some(PolicyRefused::NotYet));
    check_terms(terms(), first, None);
    check_terms(terms(), last - 1, None);
    check_terms(terms(), last, Some(PolicyRefused::Expired));
    check_terms(terms(), u64::MAX, Some(PolicyRefused::Expired));
}

#[test]
fn a_clock_before_the_build_is_refused() {
    check_terms(PolicyExpectations { built: NOW, ..terms() }, NOW, None);
    check_terms(PolicyExpectations { built: NOW + 1, ..terms() }, NOW, Some(PolicyRefused::ClockBehind));
    check_terms(terms(), BUILT - 1, Some(PolicyRefused::ClockBehind));
    check_terms(terms(), 0, Some(PolicyRefused::ClockBehind));
}

#[test]
fn a_policy_for_more_than_30_days_is_refused() {
    assert_eq!(MAX_POLICY_SECONDS, 30 * DAY);
    let lasting = |seconds| Payload { not_before: NOW, not_after: NOW + seconds, ..plain() };
    check(lasting(30 * DAY), None);
    check(lasting(30 * DAY + 1), Some(PolicyRefused::TooLong));
    check(Payload { not_before: 0, ..plain() }, Some(PolicyRefused::TooLong));
    check(Payload { not_after: u64::MAX, ..plain() }, Some(PolicyRefused::TooLong));
    check(lasting(0), Some(PolicyRefused::Range));
    check(Payload { not_before: NOW, not_after: NOW - 1, ..plain() }, Some(PolicyRefused::Range));
    check(Payload { not_before: u64::MAX, not_after: 0, ..plain() }, Some(PolicyRefused::Range));
}

#[test]
fn a_value_out_of_range_is_refused() {
    let all = names(&["a"]);
    check(Payload { rollout_basis_points: Some(10_000), ..plain() }, None);
    check(Payload { rollout_basis_points: Some(0), ..plain() }, None);
    check(Payload { rollout_basis_points: Some(10_001), ..plain() }, Some(PolicyRefused::Range));
    check(Payload { rollout_basis_points: Some(u32::MAX), ..plain() }, Some(PolicyRefused::Range));
    check(Payload { disabled_signals: names(&[""]), ..plain() }, Some(PolicyRefused::Range));
    check(Payload { disabled_attributes: names(&[""]), ..plain() }, Some(PolicyRefused::Range));
    check(Payload { off_where: vec![where_("os.type", &[])], ..plain() }, Some(PolicyRefused::Range));
    check(Payload { off_where: vec![where_("os.type", &[""])], ..plain() }, Some(PolicyRefused::Range));
    check(Payload { off_where: vec![where_("", &["linux"])], ..plain() }, Some(PolicyRefused::Range));
    let versions = |off_versions: Vec<OffVersions>| Payload { off_versions, disabled_signals: all.clone(), ..plain() };
    check(versions(vec![off(&[], &[])]), None);
    check(versions(vec![off(&[1, 2, 3, u32::MAX], &[])]), None);
    check(versions(vec![off(&[1, 2, 3, 4, 5], &[])]), Some(PolicyRefused::Range));
    check(versions(vec![off(&[], &[1, 2, 3, 4, 5])]), Some(PolicyRefused::Range));
    check(versions(vec![off(&[1], &[1])]), Some(PolicyRefused::Range));
    check(versions(vec![off(&[1, 0, 1], &[1])]), Some(PolicyRefused::Range));
}

#[test]
fn an_unsorted_or_repeated_list_is_refused() {
    let no = Some(PolicyRefused::NotCanonical);
    for twisted in [["b", "a"], ["a", "a"]] {
        check(Payload { disabled_signals: names(&twisted), ..plain() }, no);
        check(Payload { disabled_attributes: names(&twisted), ..plain() }, no);
        check(Payload { off_where: vec![where_("k", &twisted)], ..plain() }, no);
        check(Payload { off_where: vec![where_(twisted[0], &["x"]), where_(twisted[1], &["y"])], ..plain() }, no);
    }
    let versions = |off_versions: Vec<OffVersions>| Payload { off_versions, ..plain() };
    check(versions(vec![off(&[], &[1]), off(&[], &[2]), off(&[], &[]), off(&[1], &[2])]), None);
    check(versions(vec![off(&[], &[]), off(&[], &[2])]), no);
    check(versions(vec![off(&[2], &[3]), off(&[1], &[2])]), no);
    check(versions(vec![off(&[1], &[2]), off(&[1], &[2])]), no);
    check(versions(vec![off(&[1, 0], &[2])]), no);
    check(versions(vec![off(&[1], &[2, 0, 0])]), no);
    check(versions(vec![off(&[0], &[2])]), no);
}

#[test]
fn input_that_is_not_a_policy_is_refused() {
    let html = b"<!DOCTYPE html><html><body>Sign in to this network</body></html>";
    for (bytes, expected) in [
        (&b""[..], PolicyRefused::Malformed),
        (html, PolicyRefused::Malformed),
        (b"{\"disable_telemetry\": false}", PolicyRefused::Malformed),
        (&[0xff; 200], PolicyRefused::Malformed),
        (&[0; 200], PolicyRefused::Malformed),
    ] {
        assert_eq!(refusal(bytes), Some(expected), "{bytes:?}");
    }
    let whole = sign_payload(&plain());
    for end in 0..whole.len() {
        assert!(refusal(&whole[..end]).is_some(), "cut after {end} bytes");
    }
    assert_eq!(refusal(&[&whole[..], &whole[..]].concat()), Some(PolicyRefused::NotCanonical));
    assert_eq!(refusal(&[&whole[..], b"\n"].concat()), Some(PolicyRefused::Malformed));
}

#[test]
fn a_policy_of_64_kib_is_accepted_and_a_larger_one_refused() {
    let of = |names: usize| {
        // Each has 8 bytes, and 2 before it.
        let disabled_signals = (0..names).map(|number| format!("{number:08}")).collect();
        sign_payload(&Payload { disabled_signals, ..plain() })
    };
    let fits = (MAX_POLICY - 200) / 10;
    assert_eq!(refusal(&of(fits)), None);
    assert_eq!(refusal(&of(MAX_POLICY / 10)), Some(PolicyRefused::TooLarge));
    let padded = |length: usize| {
        let around = sign(&[]).len();
        let mut bytes = sign(&vec![0xff; length - around - 4]);
        bytes.resize(length, 0);
        refusal(&bytes)
    };
    assert_ne!(padded(MAX_POLICY), Some(PolicyRefused::TooLarge));
    assert_eq!(padded(MAX_POLICY + 1), Some(PolicyRefused::TooLarge));
}

#[test]
fn only_the_named_key_in_a_slot_verifies() {
    let (right, wrong) = (key().verifying_key().to_bytes(), [9; 32]);
    let keys = |current, next| {
        let key = |slot: Option<(&'static str, [u8; 32])>| slot.map(|(id, public)| Key { id, public });
        PolicyExpectations { keys: Keys { current: key(current), next: key(next) }, ..terms() }
    };
    check_terms(keys(Some(("current", right)), Some(("other", wrong))), NOW, None);
    check_terms(keys(Some(("other", wrong)), Some(("current", right))), NOW, None);
    check_terms(keys(None, Some(("current", right))), NOW, None);
    check_terms(keys(Some(("current", wrong)), Some(("current", right))), NOW, None);
    check_terms(keys(None, None), NOW, Some(PolicyRefused::UnknownKey));
    check_terms(keys(Some(("other", right)), None), NOW, Some(PolicyRefused::UnknownKey));
    check_terms(keys(Some(("current", wrong)), Some(("other", right))), NOW, Some(PolicyRefused::Signature));
    // No point of the curve.
    check_terms(keys(Some(("current", [2; 32])), None), NOW, Some(PolicyRefused::Signature));
}

#[test]
fn a_signature_is_over_the_domain_and_the_payload() {
    let payload = plain().encode_to_vec();
    let with = |message: &[u8]| {
        let signature = key().sign(message).to_bytes().to_vec();
        let envelope = Envelope { key_id: "current".to_owned(), payload: payload.clone(), signature };
        refusal(&envelope.encode_to_vec())
    };
    assert_eq!(with(&[b"scruple/1/policy\0", &payload[..]].concat()), None);
    assert_eq!(with(&payload), Some(PolicyRefused::Signature));
    assert_eq!(with(&[b"scruple/1/hash\0", &payload[..]].concat()), Some(PolicyRefused::Signature));
}

/// The group's order, low byte first (RFC 8032, section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[test]
fn a_signature_has_one_valid_form() {
    let payload = plain().encode_to_vec();
    let mut signature = key().sign(&signed(&payload)).to_bytes().to_vec();
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    let envelope = Envelope { key_id: "current".to_owned(), payload, signature };
    assert_eq!(refusal(&envelope.encode_to_vec()), Some(PolicyRefused::Signature));
}

#[test]
fn a_key_of_small_order_signs_nothing() {
    // The neutral point, for which the neutral point and 0 are a signature of everything unless one looks.
    let mut public = [0; 32];
    public[0] = 1;
    let signature = [&public[..], &[0; 32]].concat();
    let envelope = Envelope { key_id: "current".to_owned(), payload: plain().encode_to_vec(), signature };
    let keys = Keys { current: Some(Key { id: "current", public }), next: None };
    let verified = verify(&envelope.encode_to_vec(), &PolicyExpectations { keys, ..terms() }, NOW);
    assert_eq!(verified.err(), Some(PolicyRefused::Signature));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_flipped_bit_is_refused(payload in payloads(), place: Index, bit in 0..8_u8) {
        let mut bytes = sign_payload(&payload);
        prop_assert_eq!(refusal(&bytes), None);
        let place = place.index(bytes.len());
        bytes[place] ^= 1_u8 << bit;
        prop_assert!(refusal(&bytes).is_some());
    }

    #[test]
    fn any_damage_is_refused(payload in payloads(), cuts in vec((any::<Index>(), 0..4_usize, vec(any::<u8>(), 0..4)), 1..4)) {
        let whole = sign_payload(&payload);
        let mut bytes = whole.clone();
        for (place, removed, added) in cuts {
            let start = place.index(bytes.len() + 1);
            let end = bytes.len().min(start + removed);
            bytes.splice(start..end, added);
        }
        prop_assert_eq!(refusal(&bytes).is_none(), bytes == whole);
    }

    #[test]
    fn any_other_encoding_of_the_same_is_refused(payload in payloads(), which: Index, change in changes()) {
        let payload = payload.encode_to_vec();
        let file = sign(&payload);
        // The payload's own fields, with a signature that holds; then the envelope's.
        prop_assert_eq!(refusal(&sign(&changed(&payload, which, &change))), Some(PolicyRefused::NotCanonical));
        prop_assert_eq!(refusal(&changed(&file, which, &change)), Some(PolicyRefused::NotCanonical));
    }

    #[test]
    fn signed_bytes_are_refused_or_canonical(bytes in vec(any::<u8>(), 0..60)) {
        let file = sign(&bytes);
        prop_assert!(refusal(&file).is_some());
        prop_assert!(refusal(&bytes).is_some());
        if let Ok((envelope, payload)) = read(&file) {
            prop_assert_eq!(payload.encode_to_vec(), bytes);
            prop_assert_eq!(envelope.encode_to_vec(), file);
        }
    }
}

/// A way to write the same fields in other bytes, or to add what is not known.
#[derive(Debug, Clone)]
enum Change {
    /// A field that the message does not have, before or after the others.
    Unknown { number: u32, value: Vec<u8>, first: bool },
    /// A field again, as it is.
    Again,
    /// A field behind one that it stood before.
    Later,
    /// A tag or a length in one byte more than it needs.
    LongVarint,
}

fn changes() -> impl Strategy<Value = Change> {
    let unknown = (10..536_870_912_u32, vec(any::<u8>(), 0..9), any::<bool>());
    prop_oneof![
        unknown.prop_map(|(number, value, first)| Change::Unknown { number, value, first }),
        Just(Change::Again),
        Just(Change::Later),
        Just(Change::LongVarint),
    ]
}

/// A message's bytes after a change to one of its fields. A list's entry again or later is a list of another content,
/// which is not sorted any more; so is that refused.
fn changed(bytes: &[u8], which: Index, change: &Change) -> Vec<u8> {
    let mut fields = fields(bytes);
    let at = which.index(fields.len());
    match change {
        Change::Unknown { number, value, first } => {
            let mut field = varint(u64::from(*number) << 3 | 2);
            field.extend(varint(value.len() as u64));
            field.extend(value);
            fields.insert(if *first { 0 } else { fields.len() }, field);
        }
        Change::Again => fields.insert(at, fields[at].clone()),
        Change::Later => {
            // Each payload and envelope has two different fields at least.
            let at = at.min(fields.len() - 2);
            fields.swap(at, at + 1);
        }
        Change::LongVarint => {
            // The first byte is the tag: none of these messages has a number over 15.
            fields[at][0] |= 0x80;
            fields[at].insert(1, 0);
        }
    }
    fields.concat()
}

/// The bytes of each field of a message without groups or fixed widths.
fn fields(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut fields = Vec::new();
    while let [tag, rest @ ..] = bytes {
        let end = rest.iter().position(|byte| byte & 0x80 == 0).expect("a varint ends") + 1;
        let value = rest[..end].iter().rev().fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f));
        let length = 1 + end + if tag & 7 == 2 { value } else { 0 };
        let (field, others) = bytes.split_at(length);
        fields.push(field.to_vec());
        bytes = others;
    }
    fields
}
