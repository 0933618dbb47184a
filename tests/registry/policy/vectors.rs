//! Files that other implementations of protobuf, Ed25519 and HMAC made.

use super::{APP, BUILT, FLOOR, NOW};
use hmac::{Hmac, KeyInit, Mac};
use scruple::policy::{Key, Keys, Payload, PolicyExpectations, draw, hash, verify};
use serde_json::{Map, Value, json};
use sha2::Sha256;

#[test]
fn another_implementations_policies_have_the_same_verdicts_and_content() {
    let rows: Vec<Vec<&str>> = include_str!("../../vectors/policy.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let slot = |name: &str| rows.iter().find(|row| row[..2] == ["key", name]);
    let key = |name: &str| slot(name).map(|row| Key { id: row[2], public: bytes32(row[3]) });
    let keys = Keys { current: key("current"), next: key("next") };
    let terms = PolicyExpectations { keys, app_id: APP, serial_floor: FLOOR, built: BUILT, newest: None };
    let (mut accepted, mut refused, mut drawn) = (0, 0, 0);
    for row in &rows {
        match row.as_slice() {
            ["policy", "Ok", file, sha256, content] => {
                let policy = verify(&bytes(file), &terms, NOW).expect("it holds");
                assert_eq!(policy.hash(), *sha256);
                assert_eq!(as_json(policy.payload()), serde_json::from_str::<Value>(content).expect("JSON"));
                accepted += 1;
            }
            ["policy", expected, file, sha256, _] => {
                let why = verify(&bytes(file), &terms, NOW).expect_err("it does not hold");
                assert_eq!(format!("{why:?}"), *expected, "{file}");
                assert_eq!(hash(&bytes(file)), *sha256);
                refused += 1;
            }
            ["draw", secret, mac, expected] => {
                let mut own = Hmac::<Sha256>::new_from_slice(&bytes(secret)).expect("any length is a key");
                own.update(b"scruple/1/rollout");
                assert_eq!(own.finalize().into_bytes()[..], bytes(mac));
                assert_eq!(draw(&bytes32(mac)).to_string(), *expected, "{mac}");
                drawn += 1;
            }
            row => assert_eq!(row[0], "key"),
        }
    }
    assert_eq!((accepted, refused, drawn), (10, 27, 24));
}

/// As protobuf's JSON mapping writes it, with the names of the file: no field at its default, 64 bits as text.
fn as_json(payload: &Payload) -> Value {
    let Payload { app_id, serial, not_before, not_after, disabled_signals, disabled_attributes, .. } = payload;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| {
        if value != json!([]) && value != Value::Null {
            object.insert(name.to_owned(), value);
        }
    };
    put("app_id", json!(app_id));
    put("serial", json!(serial.to_string()));
    put("not_before", json!(not_before.to_string()));
    put("not_after", json!(not_after.to_string()));
    put("disabled_signals", json!(disabled_signals));
    put("disabled_attributes", json!(disabled_attributes));
    let off_where = payload.off_where.iter().map(|off| json!({"key": off.key, "members": off.members}));
    put("off_where", off_where.collect());
    let off_versions = payload.off_versions.iter().map(|off| {
        let ends = [("from", &off.from), ("to", &off.to)].into_iter().filter(|(_, version)| !version.is_empty());
        ends.map(|(name, version)| (name.to_owned(), json!(version))).collect::<Value>()
    });
    put("off_versions", off_versions.collect());
    put("rollout_basis_points", json!(payload.rollout_basis_points));
    object.into()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    (0..hex.len()).step_by(2).map(digit).collect()
}

fn bytes32(hex: &str) -> [u8; 32] {
    bytes(hex).try_into().expect("32 bytes")
}
