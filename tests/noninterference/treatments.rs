//! Each treatment by table: what is recorded, and what is left of it. The hashes are another implementation's.

use scruple::encode::text;
use scruple::identity::Secret;
use scruple::privacy::{DropReason, Raw, treat};
use scruple::registry::{Attribute, Normalize, Source, SourceFile, Treatment};
use std::fmt;

fn treated(treatment: Treatment<'_>, raw: Raw<'_>) -> Result<String, DropReason> {
    let attribute = Attribute::new("mlnet.dataset.name", "", treatment);
    let key = Secret::new([7; 32]).attribute(attribute.key);
    let mut scratch = String::new();
    let value = treat(&attribute.treatment, Some(&key), raw, &mut scratch);
    assert!(scratch.is_empty(), "what was read stays nowhere");
    value.map(|value| text(&attribute, &value))
}

fn check(treatment: Treatment<'_>, rows: &[(Raw<'_>, Result<&str, DropReason>)]) {
    for (row, (raw, expected)) in rows.iter().enumerate() {
        assert_eq!(treated(treatment, *raw).as_deref(), expected.as_ref().map(|text| *text), "row {row}");
        if let Raw::Text(text) = raw {
            let displayed = format_args!("{text}");
            assert_eq!(
                treated(treatment, Raw::Debug(&displayed)).as_deref(),
                expected.as_ref().map(|text| *text),
                "row {row}, as Debug"
            );
        }
    }
}

use DropReason::{NotAMember, NotAVersion, NotOwnSource, NotRecordable, OutOfRange, Unreadable, WrongType};
use Raw::{Boolean, Debug, Float, Integer, List, Other, Text, Unsigned};

const EDGES: &[(Raw<'_>, DropReason)] = &[
    (Float(f64::NAN), OutOfRange),
    (Float(f64::INFINITY), OutOfRange),
    (Float(f64::NEG_INFINITY), OutOfRange),
    (Unsigned(u64::MAX), OutOfRange),
    (Unsigned(1 << 63), OutOfRange),
    (Text("9223372036854775808"), OutOfRange),
    (Text("-9223372036854775809"), OutOfRange),
    (Text("340282366920938463463374607431768211455"), OutOfRange),
    (Other, WrongType),
    (Debug(&Panics), Unreadable),
    (Debug(&Fails), Unreadable),
    (Debug(&Endless), Unreadable),
];

struct Panics;
struct Fails;
struct Endless;

impl fmt::Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::panic::resume_unwind(Box::new("a value's own Debug panicked"))
    }
}

impl fmt::Debug for Fails {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

impl fmt::Debug for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        loop {
            f.write_str("on and on ")?;
        }
    }
}

const EVERY: &[Treatment<'static>] = &[
    Treatment::Boolean,
    Treatment::Enum { members: &["a", "b"], otherwise: Some(1) },
    Treatment::IntegerEnum { members: &["0", "1"], otherwise: Some(1) },
    Treatment::Bucket { members: &["low", "high"], below: &[10] },
    Treatment::UriScheme { members: &["file", "none"], otherwise: Some(0), absent: Some(1) },
    Treatment::Names { members: &["a", "b"] },
    Treatment::Count { max: 255 },
    Treatment::Hash,
    Treatment::Sha256 { normalize: Normalize::None },
    Treatment::Version,
    Treatment::Location { files: &[SourceFile::new("src/main.rs", 100)], root: "/build/demo" },
];

#[test]
fn edge_values_are_withheld_by_every_treatment() {
    for treatment in EVERY {
        for (row, (raw, why)) in EDGES.iter().enumerate() {
            // A treatment that accepts no text reads none.
            let unread = matches!((treatment, raw), (Treatment::Boolean, Debug(_)));
            let why = if unread { WrongType } else { *why };
            assert_eq!(treated(*treatment, *raw), Err(why), "{treatment:?}, row {row}");
        }
        let long = "x".repeat(4097);
        assert_eq!(treated(*treatment, Text(&long)), Err(Unreadable), "{treatment:?}");
        assert_eq!(treated(*treatment, List(&[&long])), Err(Unreadable), "{treatment:?}");
    }
}

#[test]
fn a_given_or_detected_attribute_is_never_recorded() {
    check(Treatment::Agent { members: &["a"] }, &[(Text("a"), Err(NotRecordable))]);
    check(Treatment::Given { source: Source::App, members: &[] }, &[(Text("a"), Err(NotRecordable))]);
}

#[test]
fn a_debug_is_run_only_for_a_treatment_that_accepts_text() {
    struct Counts(std::cell::Cell<u32>);
    impl fmt::Debug for Counts {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.set(self.0.get() + 1);
            f.write_str("a")
        }
    }
    let never = [Treatment::Agent { members: &["a"] }, Treatment::Given { source: Source::App, members: &["a"] }];
    for treatment in EVERY.iter().chain(&never) {
        let value = Counts(std::cell::Cell::new(0));
        let _ = treated(*treatment, Debug(&value));
        let accepts = !never.contains(treatment) && *treatment != Treatment::Boolean;
        assert_eq!(value.0.get(), u32::from(accepts), "{treatment:?}");
    }
}

#[test]
fn only_a_boolean_passes_as_a_boolean() {
    check(
        Treatment::Boolean,
        &[
            (Boolean(true), Ok("true")),
            (Boolean(false), Ok("false")),
            (Text("true"), Err(WrongType)),
            (Integer(1), Err(WrongType)),
            (Float(1.0), Err(WrongType)),
        ],
    );
}

#[test]
fn a_member_passes_exactly_and_the_rest_is_otherwise_or_withheld() {
    let members = &["classification", "regression", "3", "größe"];
    check(
        Treatment::Enum { members, otherwise: None },
        &[
            (Text("classification"), Ok("classification")),
            (Text("größe"), Ok("größe")),
            (Text("Classification"), Err(NotAMember)),
            (Text("classification "), Err(NotAMember)),
            (Text("\"classification\""), Err(NotAMember)),
            (Text(""), Err(NotAMember)),
            (Text("class"), Err(NotAMember)),
            (Text("classification\0"), Err(NotAMember)),
            (Integer(3), Ok("3")),
            (Unsigned(3), Ok("3")),
            (Float(3.0), Err(NotAMember)),
            (Boolean(true), Err(NotAMember)),
            (List(&["classification"]), Err(NotAMember)),
            (Debug(&"classification"), Err(NotAMember)),
        ],
    );
    check(
        Treatment::Enum { members, otherwise: Some(1) },
        &[
            (Text("3"), Ok("3")),
            (Text("alice@example.com"), Ok("regression")),
            (Integer(i64::MIN), Ok("regression")),
            (Float(3.0), Ok("regression")),
            (Boolean(false), Ok("regression")),
            (List(&["3"]), Ok("regression")),
        ],
    );
}

#[test]
fn an_integer_member_passes_exactly_and_the_rest_is_otherwise_or_withheld() {
    let members = &["-9223372036854775808", "-1", "0", "14", "9223372036854775807"];
    check(
        Treatment::IntegerEnum { members, otherwise: None },
        &[
            (Integer(14), Ok("14")),
            (Integer(-1), Ok("-1")),
            (Integer(i64::MIN), Ok("-9223372036854775808")),
            (Unsigned(0), Ok("0")),
            (Unsigned(i64::MAX.cast_unsigned()), Ok("9223372036854775807")),
            (Text("14"), Ok("14")),
            (Text("-1"), Ok("-1")),
            (Debug(&14), Ok("14")),
            (Integer(1), Err(NotAMember)),
            (Unsigned(15), Err(NotAMember)),
            (Text("014"), Err(NotAMember)),
            (Text("+14"), Err(NotAMember)),
            (Text("-0"), Err(NotAMember)),
            (Text("14.0"), Err(NotAMember)),
            (Text("14 "), Err(NotAMember)),
            (Text(""), Err(NotAMember)),
            (Float(14.0), Err(NotAMember)),
            (Boolean(false), Err(NotAMember)),
            (List(&["14"]), Err(NotAMember)),
        ],
    );
    check(
        Treatment::IntegerEnum { members, otherwise: Some(2) },
        &[
            (Integer(14), Ok("14")),
            (Integer(15), Ok("0")),
            (Text("alice@example.com"), Ok("0")),
            (Float(14.0), Ok("0")),
            (Boolean(true), Ok("0")),
        ],
    );
}

#[test]
fn a_number_becomes_the_first_bucket_it_is_below() {
    check(
        Treatment::Bucket { members: &["<0", "<1KiB", "<1MiB", ">=1MiB"], below: &[0, 1024, 1_048_576] },
        &[
            (Integer(i64::MIN), Ok("<0")),
            (Integer(-1), Ok("<0")),
            (Integer(0), Ok("<1KiB")),
            (Integer(1023), Ok("<1KiB")),
            (Integer(1024), Ok("<1MiB")),
            (Unsigned(1_048_575), Ok("<1MiB")),
            (Unsigned(1_048_576), Ok(">=1MiB")),
            (Integer(i64::MAX), Ok(">=1MiB")),
            (Float(1023.9), Ok("<1KiB")),
            (Float(-0.1), Ok("<0")),
            (Float(1e300), Ok(">=1MiB")),
            (Text("1023"), Ok("<1KiB")),
            (Text("-5"), Ok("<0")),
            (Text("1e3"), Err(WrongType)),
            (Text("12.5"), Err(WrongType)),
            (Text("+5"), Err(WrongType)),
            (Text(""), Err(WrongType)),
            (Text("-"), Err(WrongType)),
            (Boolean(true), Err(WrongType)),
        ],
    );
}

#[test]
fn a_uri_becomes_its_scheme() {
    let members = &["file", "sqlite", "mysql", "https", "custom_scheme", "None"];
    check(
        Treatment::UriScheme { members, otherwise: Some(4), absent: Some(5) },
        &[
            (Text(""), Ok("None")),
            (Text("https://alice:token@host.example.com/path"), Ok("https")),
            (Text("HTTPS://host"), Ok("https")),
            (Text("mysql+pymysql://u:p@h/db"), Ok("mysql")),
            (Text("sqlite:///home/alice/mlflow.db"), Ok("sqlite")),
            (Text("/home/alice/mlruns"), Ok("file")),
            (Text("mlruns"), Ok("file")),
            (Text("C:\\Users\\alice"), Ok("file")),
            (Text("databricks://profile"), Ok("custom_scheme")),
            (Text("alice-secret://x"), Ok("custom_scheme")),
            (Text("None://x"), Ok("custom_scheme")),
            (Text("custom_scheme://x"), Ok("file")),
            (Text("1a://x"), Ok("file")),
            (Integer(5), Ok("file")),
            (Boolean(true), Ok("custom_scheme")),
        ],
    );
    check(
        Treatment::UriScheme { members: &["https"], otherwise: None, absent: None },
        &[(Text(""), Err(NotAMember)), (Text("/home/alice"), Err(NotAMember)), (Text("https:x"), Ok("https"))],
    );
}

#[test]
fn a_list_becomes_its_members_sorted_and_once_each() {
    let members = &["--dataset", "--label-col", "--train-time", "5"];
    check(
        Treatment::Names { members },
        &[
            (Text("--train-time,--dataset"), Ok("--dataset, --train-time")),
            (Text("--dataset --dataset\t--dataset"), Ok("--dataset")),
            (Text("[\"--label-col\", \"--dataset\", \"alice\"]"), Ok("--dataset, --label-col")),
            (Text("{--dataset}"), Ok("--dataset")),
            (Text("--dataset=/home/alice"), Ok("")),
            (Text(""), Ok("")),
            (List(&["--train-time", "/home/alice", "--dataset"]), Ok("--dataset, --train-time")),
            (List(&["--train-time,--dataset"]), Ok("")),
            (Integer(5), Ok("5")),
            (Boolean(true), Err(WrongType)),
            (Float(5.0), Err(WrongType)),
            (Debug(&["--dataset", "--label-col"]), Ok("--dataset, --label-col")),
        ],
    );
}

#[test]
fn a_count_is_clamped() {
    check(
        Treatment::Count { max: 255 },
        &[
            (Integer(7), Ok("7")),
            (Integer(-7), Ok("0")),
            (Integer(256), Ok("255")),
            (Unsigned(255), Ok("255")),
            (Text("12"), Ok("12")),
            (Text("-12"), Ok("0")),
            (Text("0012"), Ok("12")),
            (Float(3.9), Ok("3")),
            (Float(-3.9), Ok("0")),
            (Float(1e300), Ok("255")),
            (Text("twelve"), Err(WrongType)),
            (Text(" 12"), Err(WrongType)),
            (Boolean(true), Err(WrongType)),
        ],
    );
    check(Treatment::Count { max: i64::MAX }, &[(Float(1e300), Ok("9223372036854775807"))]);
}

#[test]
fn a_version_is_numbers_and_a_known_tag() {
    check(
        Treatment::Version,
        &[
            (Text("1"), Ok("1")),
            (Text("1.2"), Ok("1.2")),
            (Text("1.2.3"), Ok("1.2.3")),
            (Text("01.002.0003"), Ok("1.2.3")),
            (Text("9999.0.0"), Ok("9999.0.0")),
            (Text("1.2.3-rc"), Ok("1.2.3-rc")),
            (Text("1.2.3-rc.1"), Ok("1.2.3-rc")),
            (Text("1.2.3-beta12"), Ok("1.2.3-beta")),
            (Integer(3), Ok("3")),
            (Text("10000.0.0"), Err(NotAVersion)),
            (Text("1.2.3.4"), Err(NotAVersion)),
            (Text("v1.2.3"), Err(NotAVersion)),
            (Text("1.2.3-alice"), Err(NotAVersion)),
            (Text("1.2.3-rc-alice"), Err(NotAVersion)),
            (Text("1.2.3-rc.12345"), Err(NotAVersion)),
            (Text("1.2.3+build.alice"), Err(NotAVersion)),
            (Text("1.2.3 "), Err(NotAVersion)),
            (Text("1..3"), Err(NotAVersion)),
            (Text(""), Err(NotAVersion)),
            (Text("-rc"), Err(NotAVersion)),
            (Text("1.2.3-"), Err(NotAVersion)),
            (Text("192.168.1.77"), Err(NotAVersion)),
        ],
    );
}

#[test]
fn a_location_is_a_line_of_the_programs_own_sources() {
    let files = &[SourceFile::new("src/lib.rs", 10), SourceFile::new("src/a/main.rs", 100)];
    check(
        Treatment::Location { files, root: "/home/alice/work/demo" },
        &[
            (Text("src/a/main.rs:42"), Ok("src/a/main.rs:42")),
            (Text("src/a/main.rs:42:7"), Ok("src/a/main.rs:42")),
            (Text("src\\a\\main.rs:42:7"), Ok("src/a/main.rs:42")),
            (Text("demo/src/a/main.rs:42:7"), Ok("src/a/main.rs:42")),
            (Text("/home/alice/work/demo/src/lib.rs:10:1"), Ok("src/lib.rs:10")),
            (Text("src/lib.rs:11"), Err(NotOwnSource)),
            (Text("src/lib.rs:0"), Err(NotOwnSource)),
            (Text("src/lib.rs"), Err(NotOwnSource)),
            (Text("src/other.rs:1"), Err(NotOwnSource)),
            (Text("/home/bob/work/demo/src/lib.rs:1"), Err(NotOwnSource)),
            (Text("xdemo/src/lib.rs:1"), Err(NotOwnSource)),
            (Text("../src/lib.rs:1"), Err(NotOwnSource)),
            (Text("src/lib.rs:-1"), Err(NotOwnSource)),
            (Text("src/lib.rs:99999999999"), Err(NotOwnSource)),
            (Text("/rustc/abc/library/core/src/panicking.rs:1:1"), Err(NotOwnSource)),
            (Text("é:1"), Err(NotOwnSource)),
        ],
    );
    let files = &[SourceFile::new("src/main.rs", 10)];
    check(Treatment::Location { files, root: "/build/src" }, &[(Text("src/main.rs:1"), Ok("src/main.rs:1"))]);
}

#[test]
fn any_text_is_hashed() {
    for value in ["iris.csv", "9f86d081884c7d659a2feaa0c55ad015", ""] {
        let hash = treated(Treatment::Hash, Text(value)).expect("text is hashed");
        assert_eq!(hash.len(), 32);
        assert_ne!(hash, value);
    }
    assert_eq!(treated(Treatment::Hash, Integer(5)), treated(Treatment::Hash, Text("5")));
    assert_eq!(treated(Treatment::Hash, Boolean(true)), Err(WrongType));
    let none = treat(&Treatment::Hash, None, Text("a"), &mut String::new());
    assert!(none == Err(NotRecordable), "without a key nothing is hashed");
}

#[test]
fn hashes_match_another_implementation() {
    let mut rows = 0;
    let treatments = |line: &&str| line.starts_with("hash\t") || line.starts_with("sha256\t");
    for line in include_str!("../vectors/hashes.tsv").lines().filter(treatments) {
        let cells: Vec<_> = line.split('\t').collect();
        let [treatment, how, key, value, expected] = cells[..] else { panic!("five cells: {line}") };
        let value = String::from_utf8(bytes(value)).expect("UTF-8");
        let treatment = match (treatment, how) {
            ("sha256", "none") => Treatment::Sha256 { normalize: Normalize::None },
            ("sha256", "lower") => Treatment::Sha256 { normalize: Normalize::Lower },
            ("sha256", "upper") => Treatment::Sha256 { normalize: Normalize::Upper },
            _ => Treatment::Hash,
        };
        let secret = bytes(how).try_into().map_or([0; 32], |secret: [u8; 32]| secret);
        let attribute_key = Secret::new(secret).attribute(key);
        let hashed = treat(&treatment, Some(&attribute_key), Text(&value), &mut String::new()).expect("hashed");
        let attribute = Attribute::new("a", "", treatment);
        assert_eq!(text(&attribute, &hashed), expected, "{line}");
        rows += 1;
    }
    assert_eq!(rows, 168);
}

#[test]
fn the_hash_of_a_machines_address_matches_other_tools() {
    for (normalize, address, expected) in [
        // The .NET command line's; `identity::mac::address` writes it so.
        (Normalize::None, "00-1A-2B-3C-4D-5E", "b0f3c7e0c7a017fd8a70d7fa93b9344c27bf34e6f4e8bb9a6587a75867e1ee33"),
        (Normalize::Upper, "00-1a-2b-3c-4d-5e", "b0f3c7e0c7a017fd8a70d7fa93b9344c27bf34e6f4e8bb9a6587a75867e1ee33"),
        // azd's.
        (Normalize::Lower, "00:1A:2B:3C:4D:5E", "64504fb15fd0b984adcc010c02dd2e89661659d56cb219a60e4e09cc8803ad72"),
        // Aspire's.
        (Normalize::None, "001A2B3C4D5E", "2bd1861b4f09314b2ab9091156d48219e908e36c3946e635c425b9266f400345"),
    ] {
        let hashed = treated(Treatment::Sha256 { normalize }, Text(address));
        assert_eq!(hashed.as_deref(), Ok(expected), "{address}");
    }
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digit = |index| u8::from_str_radix(hexadecimal.get(index..index + 2).unwrap_or(""), 16).unwrap_or(0);
    (0..hexadecimal.len()).step_by(2).map(digit).collect()
}
