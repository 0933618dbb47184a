//! The Rust messages against `proto/policy.proto`: the same messages, fields, types and numbers, in the same order.

/// A field: its message, label, type, name and number.
type Field = [String; 5];

/// What stands for one line of a message, in Rust and in protobuf alike.
fn field(message: &str, label: &str, kind: &str, name: &str, number: &str) -> Field {
    [message, label, kind, name, number].map(str::to_owned)
}

fn of_file(text: &str) -> Vec<Field> {
    let mut message = "";
    let mut fields = Vec::new();
    for line in text.lines().map(|line| line.split("//").next().unwrap_or_default()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["message", name, "{"] => message = name,
            [label @ ("repeated" | "optional"), kind, name, "=", number] => {
                fields.push(field(message, label, kind, name, number.trim_end_matches(';')));
            }
            [kind, name, "=", number] if *kind != "syntax" => {
                fields.push(field(message, "", kind, name, number.trim_end_matches(';')));
            }
            [] | ["}"] | ["syntax", ..] | ["package", _] => {}
            _ => panic!("a line of another form: {line}"),
        }
    }
    fields
}

fn of_source(text: &str) -> Vec<Field> {
    let mut message = "";
    let mut lines = text.lines().map(str::trim);
    let mut fields = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
            message = name;
        }
        let Some(attribute) = line.strip_prefix("#[prost(").and_then(|rest| rest.strip_suffix("\")]")) else {
            continue;
        };
        let (kind, number) = attribute.split_once(", tag = \"").expect("a tag comes last");
        let declared = lines.next().and_then(|line| line.strip_prefix("pub ")).expect("a field follows");
        let (name, rust) = declared.trim_end_matches(',').split_once(": ").expect("a name and a type");
        let (kind, label) = kind.split_once(", ").unwrap_or((kind, ""));
        // A message's type is named by the Rust type only.
        let kind = if kind == "message" { rust.trim_start_matches("Vec<").trim_end_matches('>') } else { kind };
        let kind = kind.split(' ').next().unwrap_or(kind);
        fields.push(field(message, label, kind, name, number));
    }
    fields
}

#[test]
fn the_messages_are_those_of_the_proto_file() {
    let file = of_file(include_str!("../../../proto/policy.proto"));
    let source = of_source(include_str!("../../../src/policy/message.rs"));
    assert_eq!(file.len(), 16, "every field was found");
    assert_eq!(source, file);
}

#[test]
fn no_field_of_a_policy_could_name_a_receiver() {
    for [message, _, _, name, _] in of_file(include_str!("../../../proto/policy.proto")) {
        for word in ["endpoint", "url", "host", "header", "address", "port"] {
            assert!(!name.split('_').any(|part| part.starts_with(word)), "{message}.{name}");
        }
    }
}
