//! Text of a registry stays text: in the generated Rust, in the tables, and on a terminal.

use std::cell::Cell;
use std::fs;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use scruple::registry::Registry;
use scruple::registry::snapshot::Snapshot;
use scruple_cli::codegen;
use scruple_cli::registry::{self, Owned};

/// Text that tries to end a literal, comment, item or line early.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "\"",
        "\\",
        "\"#",
        "*/",
        "/*",
        "//",
        "\n",
        "\r",
        "\r\n",
        "\u{85}",
        "\u{2028}",
        "{",
        "}",
        "{}",
        "{0:?}",
        "#![x]",
        "]",
        "`",
        "```",
        "<b>",
        "&lt;",
        "[a](b)",
        "- ",
        "1. ",
        "# ",
        "    ",
        "\t",
        "\u{0}",
        "\u{1b}[2J",
        "\u{202e}",
        "\u{feff}",
        "\u{e0041}",
        "$",
        "${a}",
        "%s",
        "\\n",
        "\\u{7d}",
        "'",
        "r#\"",
        "é",
        "日本",
        "😀",
        "e\u{301}",
        "a",
        "B",
        "0",
        "_",
        ".",
        " ",
        ",",
        ";",
        "fn main() {}",
        "https://example.com",
    ];
    let odd = prop::collection::vec(select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => odd, 1 => any::<String>()]
}

/// Text in each place of a registry that takes some.
#[derive(Debug, Clone)]
struct Texts {
    description: String,
    controller: String,
    service: String,
    brief: String,
    member: String,
    id: String,
    listed: String,
    because: String,
    key: String,
}

impl Texts {
    fn tame() -> Self {
        let word = || "word".to_owned();
        let (id, key) = ("member".to_owned(), "a.key".to_owned());
        Self {
            description: word(),
            controller: word(),
            service: word(),
            brief: word(),
            member: word(),
            id,
            listed: word(),
            because: word(),
            key,
        }
    }

    /// A tame registry with this text in one of its places.
    fn with(place: usize, text: String) -> Self {
        let mut texts = Self::tame();
        let places = [
            &mut texts.description,
            &mut texts.controller,
            &mut texts.service,
            &mut texts.brief,
            &mut texts.member,
            &mut texts.id,
            &mut texts.listed,
            &mut texts.because,
            &mut texts.key,
        ];
        if let Some(place) = places.into_iter().nth(place) {
            *place = text;
        }
        texts
    }

    /// The registry, if it is one. Every JSON string is a YAML string.
    fn read(&self) -> Option<Owned> {
        let folder = tempfile::tempdir().expect("a folder");
        let q = |text: &str| serde_json::Value::from(text).to_string();
        let Self { description, controller, service, brief, member, id, listed, because, key } = self;
        let manifest = format!("schema_url: https://example.com/a/1.0.0\ndescription: {}\n", q(description));
        let usage = format!(
            "file_format: definition/2\n\
             attributes:\n\
             - {{key: service.name, brief: B., stability: stable, type: string, annotations: {{privacy: {{from: app}}}}}}\n\
             - {{key: {key}, brief: {brief}, stability: stable, type: {{members: [{{id: {id}, value: {member}, brief: {brief}}}]}}}}\n\
             - {{key: z.list, brief: B., stability: stable, type: \"string[]\", annotations: {{privacy: {{from: names, members: [{listed}]}}}}}}\n\
             - {{key: z.count, brief: B., stability: stable, type: int, annotations: {{privacy: {{from: count, max: 3, because: {because}}}}}}}\n\
             entities:\n\
             - {{type: service, brief: B., stability: stable, identity: [{{ref: service.name}}], annotations: {{privacy: {{\
             app_id: com.example.a, name: {service}, controller: {controller}, endpoint: \"https://example.com\", rotate: daily}}}}}}\n\
             spans:\n\
             - {{type: {key}, kind: internal, name: {{note: {key}}}, brief: {brief}, stability: stable, attributes: [{{ref: {key}}}, {{ref: z.list}}]}}\n\
             events:\n\
             - {{name: {key}, brief: {brief}, stability: stable, attributes: [{{ref: {key}, brief: {brief}, requirement_level: required}}]}}\n",
            key = q(key),
            brief = q(brief),
            id = q(id),
            member = q(member),
            listed = q(listed),
            because = q(because),
            service = q(service),
            controller = q(controller),
        );
        fs::write(folder.path().join("manifest.yaml"), manifest).expect("a file");
        fs::write(folder.path().join("usage.yaml"), usage).expect("a file");
        registry::read(folder.path()).ok()
    }
}

/// What Rust's own parser makes of a generated file: how many items each module holds, and every literal.
fn parsed(generated: &str) -> (Vec<usize>, Vec<String>) {
    let file = syn::parse_file(generated).unwrap_or_else(|error| panic!("{error}\n{generated}"));
    let modules = file.items.iter().map(|item| match item {
        syn::Item::Mod(module) => module.content.as_ref().map_or(0, |(_, items)| items.len()),
        _ => 0,
    });
    let mut literals = Vec::new();
    let tokens: proc_macro2::TokenStream = generated.parse().expect("it was parsed before");
    collect(tokens, &mut literals);
    (modules.collect(), literals)
}

fn collect(tokens: proc_macro2::TokenStream, literals: &mut Vec<String>) {
    for token in tokens {
        match token {
            proc_macro2::TokenTree::Group(group) => collect(group.stream(), literals),
            proc_macro2::TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    literals.push(text.value());
                }
            }
            proc_macro2::TokenTree::Ident(_) | proc_macro2::TokenTree::Punct(_) => {}
        }
    }
}

/// Every text that may be sent or shown.
fn told<'a>(registry: &Registry<'a>) -> Vec<&'a str> {
    let service = registry.service;
    let mut texts = vec![registry.schema_url, service.app_id, service.name, service.controller, service.endpoint];
    texts.extend(service.link.into_iter().chain(service.because));
    for attribute in registry.attributes {
        texts.extend([attribute.key, attribute.field, attribute.brief]);
        texts.extend(attribute.because);
        texts.extend(attribute.treatment.members());
    }
    for signal in registry.spans.iter().chain(registry.events) {
        texts.extend([signal.name, signal.brief]);
        texts.extend(signal.because);
    }
    texts
}

#[test]
fn hostile_text_stays_text() {
    let tame = parsed(&codegen::generate(&Texts::tame().read().expect("tame"), "a", codegen::Tables::Scruple)).0;
    let accepted = Cell::new(0);
    let check = |place: usize, text: String| {
        let Some(owned) = Texts::with(place, text).read() else { return Ok(()) };
        accepted.set(accepted.get() + 1);
        let generated = codegen::generate(&owned, "a", codegen::Tables::Scruple);
        let (items, literals) = parsed(&generated);
        prop_assert_eq!(&items, &tame, "{}", generated);
        for told in told(&owned.registry()) {
            prop_assert!(literals.iter().any(|literal| literal == told), "{:?}\n{}", told, generated);
            prop_assert!(!told.chars().any(char::is_control));
        }
        let canonical = owned.text();
        prop_assert_eq!(Snapshot::parse(&canonical), Ok(Snapshot::of(&[&owned.registry()])));
        Ok(())
    };
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() });
    runner.run(&(0..9usize, text()), |(place, text)| check(place, text)).unwrap_or_else(|error| panic!("{error}"));
    println!("{} of 2000 texts were accepted", accepted.get());
    assert!(accepted.get() > 200, "too few texts were accepted to show anything");
}
