//! Attributes and their values, one wrong thing at a time.

use scruple::check::Wanted::{self, *};
use scruple::check::What::*;
use serde_json::{Value, json};

use super::check;
use super::records::attribute;
use crate::otlp::clean::{RESOURCE, SPAN, text};

/// An attribute of the clean span, a text that its treatment never makes, and what it should have been.
const OTHER_TEXTS: &[(usize, &[&str], Wanted)] = &[
    (0, &["", "None", "none ", "claude"], Member),
    (1, &["--dataset"], Names),
    (2, &["false", "true"], Wanted::Boolean),
    (
        3,
        &[
            "",
            "1.",
            ".1",
            "1..2",
            "01",
            "1.02",
            "10000",
            "1.2.3.4",
            "1.2-",
            "1.2-gamma",
            "1.2-rc.1",
            "1.2-rc-rc",
            "v1",
            "1.2 ",
            "+1",
            "1,2",
            "-rc",
            "1.2-RC",
            "١",
        ],
        Version,
    ),
    (
        4,
        &[
            "",
            "9f86d081884c7d659a2feaa0c55ad01",
            "9f86d081884c7d659a2feaa0c55ad0155",
            "9F86d081884c7d659a2feaa0c55ad015",
            "gf86d081884c7d659a2feaa0c55ad015",
        ],
        Hash,
    ),
    (5, &["<1kib", "512", ""], Member),
    (6, &["9f86d081884c7d659a2feaa0c55ad015", ""], Sha256),
    (
        7,
        &[
            "",
            "src/main.rs",
            "src/main.rs:",
            "src/main.rs:0",
            "src/main.rs:121",
            "src/main.rs:042",
            "src/main.rs:+4",
            "/build/mlnet/src/main.rs:4",
            "src/lib.rs:4",
            "src/main.rs:4:2",
            "src/main.rs:99999999999999999999",
            ":4",
        ],
        Location,
    ),
    (8, &["Classification", "clustering", ""], Member),
    (9, &["http", "FILE", "none"], Member),
    (10, &["7", ""], Count),
];

/// The same for the clean resource.
const OTHER_GIVENS: &[(usize, &[&str], Wanted)] = &[
    (0, &["AMD64", "", "my-arch"], System),
    (1, &["freebsd", "Linux", ""], Member),
    (2, &["6.12.3", "6.", "6.12-arch1", "", "006", "22631.12345"], SystemVersion),
    (3, &["rust", "Rustc"], Runtime),
    (
        4,
        &[
            "1.93",
            "1.93.0-dev",
            "1.93.0-beta.",
            "1.93.0-beta.x",
            "1.93.0-beta.1.2",
            "1.93.0-beta3",
            "1.93.0-nightly-beta",
            "1.93.0 (abc)",
        ],
        RuntimeVersion,
    ),
    (
        5,
        &[
            "45e27512-43e8-4c7e-87ac-a6ac25d75a0d",
            "45E27512-43e8-8c7e-87ac-a6ac25d75a0d",
            "",
            "45e27512-43e8-8c7e-c7ac-a6ac25d75a0d",
        ],
        UuidV8,
    ),
    (6, &["mlnet2", "", "Mlnet"], ServiceName),
    (7, &["", "1.2\n3", "1.2\u{85}"], Printable),
    (
        8,
        &[
            "45e27512-43e8-8c7e-87ac-a6ac25d75a0d",
            "45e2751243e84c7e87aca6ac25d75a0d",
            "45e27512-43e8-4c7e-07ac-a6ac25d75a0d",
            "{45e27512-43e8-4c7e-87ac-a6ac25d75a0}",
            "00000000-0000-0000-0000-000000000000",
        ],
        UuidV4,
    ),
];

#[test]
fn text_that_no_treatment_makes_is_found() {
    for (base, rows) in [(SPAN, OTHER_TEXTS), (RESOURCE, OTHER_GIVENS)] {
        for (index, others, wanted) in rows {
            for other in *others {
                let field = format!("attributes/{index}/value");
                let at = format!("{field}/stringValue");
                check(base, &field, json!({"stringValue": other}), &[(at.as_str(), Not(*wanted))]);
            }
        }
    }
    let long = "1".repeat(257);
    let at = "attributes/7/value/stringValue";
    check(RESOURCE, at, json!(long), &[(at, Not(Printable))]);
}

#[test]
fn a_value_of_another_type_is_found_for_each_treatment() {
    let values = [
        ("boolValue", json!(true)),
        ("intValue", json!("1")),
        ("doubleValue", json!(1.5)),
        ("arrayValue", json!({"values": [{"stringValue": "--dataset"}]})),
        ("kvlistValue", json!({"values": [text("mlnet.task", "regression")]})),
        ("bytesValue", json!("AAAA")),
        ("stringValueStrindex", json!(1)),
    ];
    for (index, _, wanted) in OTHER_TEXTS {
        for (branch, value) in &values {
            let own = matches!(
                (wanted, *branch),
                (Wanted::Boolean, "boolValue") | (Count, "intValue") | (Names, "arrayValue")
            );
            let at = format!("attributes/{index}/value/{branch}");
            let expected = [(at.as_str(), Not(*wanted))];
            check(
                SPAN,
                &format!("attributes/{index}/value"),
                json!({*branch: value}),
                if own { &[] } else { &expected },
            );
        }
    }
}

#[test]
fn an_integer_member_is_sent_as_this_integer() {
    let rows = [
        (json!({"intValue": "-1"}), None),
        (json!({"intValue": "0"}), None),
        (json!({"intValue": "14"}), None),
        (json!({"intValue": "15"}), Some("intValue")),
        (json!({"intValue": "9223372036854775807"}), Some("intValue")),
        (json!({"stringValue": "14"}), Some("stringValue")),
        (json!({"boolValue": false}), Some("boolValue")),
        (json!({"doubleValue": 14.0}), Some("doubleValue")),
        (json!({"arrayValue": {"values": [{"intValue": "14"}]}}), Some("arrayValue")),
    ];
    const QUERY: &str = "/resourceSpans/0/scopeSpans/0/spans/1";
    for (value, branch) in rows {
        let at = format!("attributes/1/value/{}", branch.unwrap_or_default());
        let expected = [(at.as_str(), Not(Integer))];
        let pair = json!({"key": "lib.status", "value": value});
        check(QUERY, "attributes/-", pair, if branch.is_some() { &expected } else { &[] });
    }
}

#[test]
fn a_list_of_names_holds_members_in_order_once() {
    let list = |names: &[&str]| -> Value {
        let values: Vec<_> = names.iter().map(|name| json!({"stringValue": name})).collect();
        json!({"arrayValue": {"values": values}})
    };
    let nested = json!({"arrayValue": {"values": [list(&["--dataset"])]}});
    let empty = json!({"arrayValue": {"values": [{}]}});
    let rows = [
        (list(&["--dataset", "--password"]), "1/stringValue", Not(Names)),
        (list(&["--dataset", "--dataset"]), "1/stringValue", Not(Names)),
        (list(&["--label-col", "--dataset"]), "1/stringValue", Not(Names)),
        (list(&[""]), "0/stringValue", Not(Names)),
        (json!({"arrayValue": {"values": [{"boolValue": true}]}}), "0/boolValue", Not(Names)),
        (nested, "0/arrayValue", Not(Names)),
        (empty, "0", OneValue { found: 0 }),
    ];
    for (value, at, what) in rows {
        let at = format!("attributes/1/value/arrayValue/values/{at}");
        check(SPAN, "attributes/1/value", value, &[(at.as_str(), what)]);
    }
}

#[test]
fn an_attribute_has_a_declared_key_and_one_value() {
    let two = json!({"stringValue": "classification", "boolValue": true});
    let rows = [
        ("attributes/8/value", two, "attributes/8/value", OneValue { found: 2 }),
        ("attributes/8/value", json!({}), "attributes/8/value", OneValue { found: 0 }),
        ("attributes/8", json!({"key": "mlnet.task"}), "attributes/8/value", OneValue { found: 0 }),
        ("attributes/8", json!({"value": {"stringValue": "a"}}), "attributes/8/key", attribute(0)),
        ("attributes/8/keyStrindex", json!(3), "attributes/8/keyStrindex", Dropped),
        ("attributes/-", text("user.name", "a"), "attributes/11/key", attribute(9)),
        ("attributes/-", text("mlnet.task", "regression"), "attributes/11/key", RepeatedKey),
        ("attributes/-", text("service.name", "mlnet"), "attributes/11/key", Elsewhere),
        ("attributes/10/value/intValue", json!("256"), "attributes/10/value/intValue", Not(Count)),
        ("attributes/10/value/intValue", json!("-1"), "attributes/10/value/intValue", Not(Count)),
    ];
    for (field, value, at, what) in rows {
        check(SPAN, field, value, &[(at, what)]);
    }
}
