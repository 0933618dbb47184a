//! Secrets and ids, against another implementation of the specification.

use super::{Random, Secret};

/// The same byte again and again.
pub(super) struct Repeated(pub u8);

impl Random for Repeated {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

/// One row of `tests/vectors/hashes.tsv`.
pub(super) struct Row {
    pub how: Vec<u8>,
    pub key: &'static str,
    pub value: String,
    pub result: &'static str,
}

/// The rows about one thing.
pub(super) fn rows(what: &str) -> Vec<Row> {
    let lines = include_str!("../../tests/vectors/hashes.tsv").lines();
    let cells = lines.map(|line| line.split('\t').collect::<Vec<_>>()).filter(|cells| cells[0] == what);
    let rows: Vec<_> = cells
        .map(|cells| {
            let [_, how, key, value, result] = cells[..] else { panic!("five cells: {cells:?}") };
            Row { how: bytes(how), key, value: String::from_utf8(bytes(value)).unwrap(), result }
        })
        .collect();
    assert!(!rows.is_empty(), "there are rows for {what}");
    rows
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    (0..hexadecimal.len()).step_by(2).map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap()).collect()
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn secrets_and_ids_are_those_of_another_implementation() {
    let secret = |row: &Row| Secret::new(row.how.as_slice().try_into().unwrap());
    for row in rows("next") {
        assert_eq!(hexadecimal(&secret(&row).next().0), row.result);
    }
    for row in rows("installation") {
        assert_eq!(secret(&row).installation_id().to_string(), row.result);
    }
}

#[test]
fn an_installations_id_is_a_version_8_uuid() {
    for byte in 0..=u8::MAX {
        let id = Secret::new([byte; 32]).installation_id();
        assert_eq!((id.get_version_num(), id.get_variant()), (8, uuid::Variant::RFC4122));
    }
}
