//! The canonical text and the generated file depend on what is declared, and on nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use scruple::registry::snapshot::{self, Snapshot};
use scruple_cli::codegen;
use scruple_cli::registry::{self, Owned};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registries/treatments")
}

/// The example's files, split into sections and items: (section, item).
fn items() -> Vec<(String, String)> {
    let mut items: Vec<(String, String)> = Vec::new();
    for file in ["attributes.yaml", "resource.yaml", "signals.yaml"] {
        let text = fs::read_to_string(example().join(file)).expect("the example is there");
        let mut section = String::new();
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#') && !line.is_empty()) {
            if !line.starts_with(' ') {
                line.clone_into(&mut section);
            } else if line.starts_with("  - ") {
                items.push((section.clone(), format!("{line}\n")));
            } else {
                let (_, item) = items.last_mut().expect("an item before its lines");
                item.push_str(line);
                item.push('\n');
            }
        }
    }
    items
}

/// Turns round the one-line members and references of an item, whose order says nothing but for buckets.
fn turned(item: &str) -> String {
    let mut lines: Vec<&str> = item.lines().collect();
    let is_free = |line: &&str| line.trim_start().starts_with("- {") || line.trim_start().starts_with("- ref_group");
    if !item.contains("bucket") {
        let from = lines.iter().position(is_free).unwrap_or(0);
        let length = lines.iter().skip(from).take_while(|line| is_free(line)).count();
        if let Some(part) = lines.get_mut(from..from + length) {
            part.reverse();
        }
    }
    lines.join("\n") + "\n"
}

fn read(files: &[String]) -> Owned {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(example().join("manifest.yaml"), folder.path().join("manifest.yaml")).expect("a manifest");
    fs::create_dir(folder.path().join("below")).expect("a folder below");
    for (index, text) in files.iter().enumerate() {
        let name = if index % 2 == 0 { format!("{index}.yaml") } else { format!("below/{index}.yml") };
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let owned = registry::read(folder.path());
    let owned = owned.unwrap_or_else(|findings| panic!("{findings:#?}\n{}", files.join("\n---\n")));
    let text = owned.text();
    assert_eq!(Snapshot::parse(&text), Ok(Snapshot::of(&[&owned.registry()])), "{text}");
    owned
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_and_the_files_of_a_registry_do_not_change_its_text(
        items in Just(items()).prop_shuffle(),
        files in prop::collection::vec(0..4usize, 64),
        turn in prop::collection::vec(any::<bool>(), 64),
    ) {
        let mut texts = vec!["file_format: definition/2\n".to_owned(); 4];
        for section in ["attributes:", "attribute_groups:", "entities:", "spans:", "events:"] {
            for (file, text) in texts.iter_mut().enumerate() {
                let here = items.iter().zip(&files).zip(&turn);
                let here: Vec<String> = here
                    .filter(|(((name, _), at), _)| name == section && **at == file)
                    .map(|(((_, item), _), turn)| if *turn { turned(item) } else { item.clone() })
                    .collect();
                if !here.is_empty() {
                    text.push_str(&format!("{section}\n{}", here.concat()));
                }
            }
        }
        let (found, expected) = (read(&texts), registry::read(&example()).expect("the example is sound"));
        prop_assert_eq!(found.text(), expected.text());
        prop_assert_eq!(found.registry(), expected.registry());
        prop_assert_eq!(codegen::generate(&found, "mlnet", codegen::Tables::Scruple), codegen::generate(&expected, "mlnet", codegen::Tables::Scruple));
    }
}

#[test]
fn every_fact_is_a_line_of_its_own() {
    /// Makes one change to the example; `expected` are the lines that go (`-`) and come (`+`).
    fn check((from, to): (&str, &str), expected: &[&str]) {
        let files = ["attributes.yaml", "resource.yaml", "signals.yaml"];
        let old: Vec<String> = files.map(|file| fs::read_to_string(example().join(file)).expect("there")).to_vec();
        let new: Vec<String> = old.iter().map(|text| text.replacen(from, to, 1)).collect();
        assert_ne!(old, new, "{from} is not in the example");
        let (old, new) = (read(&old).text(), read(&new).text());
        let (before, now) = (Snapshot::parse(&old).expect("canonical"), Snapshot::parse(&new).expect("canonical"));
        assert_ne!(snapshot::changes(&before, &now), [], "{from} -> {to}");
        let gone = old.lines().filter(|line| !new.lines().any(|other| other == *line)).map(|line| format!("-{line}"));
        let come = new.lines().filter(|line| !old.lines().any(|other| other == *line)).map(|line| format!("+{line}"));
        let found: Vec<String> = gone.chain(come).collect();
        assert_eq!(found, expected, "{from} -> {to}");
    }
    check(
        ("brief: The program panicked.", "brief: It fell."),
        &["-event \"mlnet.crash\" brief \"The program panicked.\"", "+event \"mlnet.crash\" brief \"It fell.\""],
    );
    check(
        ("below: 1024}", "below: 512}"),
        &[
            "-attribute \"mlnet.dataset.size\" below 1024 \"<1KiB\"",
            "+attribute \"mlnet.dataset.size\" below 512 \"<1KiB\"",
        ],
    );
    check(
        ("value: zip", "value: '\"zip\\'"),
        &["-attribute \"mlnet.format\" member \"zip\"", "+attribute \"mlnet.format\" member \"\\\"zip\\\\\""],
    );
    check(
        ("max: 255", "max: 127"),
        &["-attribute \"process.exit.code\" max 255", "+attribute \"process.exit.code\" max 127"],
    );
    check(
        ("{otherwise: other}", "{field: task}"),
        &["-attribute \"mlnet.task\" otherwise \"other\"", "+attribute \"mlnet.task\" field \"task\""],
    );
    check(
        ("absent: none", "absent: file"),
        &[
            "-attribute \"mlnet.tracking.scheme\" absent \"None\"",
            "+attribute \"mlnet.tracking.scheme\" absent \"file\"",
        ],
    );
    check(
        ("normalize: lower", "normalize: none"),
        &["-attribute \"mlnet.dataset.digest\" normalize lower", "+attribute \"mlnet.dataset.digest\" normalize none"],
    );
    check(
        ("because: Training time depends on the rows.", "because: Why not."),
        &[
            "-attribute \"mlnet.dataset.rows\" because \"Training time depends on the rows.\"",
            "+attribute \"mlnet.dataset.rows\" because \"Why not.\"",
        ],
    );
    check(
        ("{privacy: {from: hash}}", "{privacy: {from: version}}"),
        &["-attribute \"mlnet.dataset.name\" from hash", "+attribute \"mlnet.dataset.name\" from version"],
    );
    check(
        ("\"--train-time\"", "\"--seed\""),
        &[
            "-attribute \"mlnet.argument.names\" member \"--train-time\"",
            "+attribute \"mlnet.argument.names\" member \"--seed\"",
        ],
    );
    check(
        ("kind: client", "kind: server"),
        &["-span \"mlnet.train\" kind client", "+span \"mlnet.train\" kind server"],
    );
    check(
        ("at_most: 100}", "at_most: 5}"),
        &["-span \"mlnet.command\" at_most 100", "+span \"mlnet.command\" at_most 5"],
    );
    check(
        ("time: ns, because", "time: ms, because"),
        &["-span \"mlnet.train\" time ns", "+span \"mlnet.train\" time ms"],
    );
    check(
        ("because: Trainings take milliseconds.", "because: B."),
        &["-span \"mlnet.train\" because \"Trainings take milliseconds.\"", "+span \"mlnet.train\" because \"B.\""],
    );
    check(
        ("mlnet.dataset.name, requirement_level: opt_in", "mlnet.dataset.name, requirement_level: required"),
        &[
            "-span \"mlnet.command\" attribute \"mlnet.dataset.name\" opt_in",
            "+span \"mlnet.command\" attribute \"mlnet.dataset.name\" required",
        ],
    );
    check(("      - ref: session.id\n", ""), &["-resource \"session.id\""]);
    check(
        ("rotate: monthly", "rotate: never\n        because: B."),
        &["-service rotate monthly", "+service because \"B.\"", "+service rotate never"],
    );
    check(
        ("endpoint: https://telemetry.example.com", "endpoint: http://localhost:4318/a"),
        &["-service endpoint \"https://telemetry.example.com\"", "+service endpoint \"http://localhost:4318/a\""],
    );
    check(
        ("link: https://telemetry.example.com/about", "link: https://example.com/"),
        &["-service link \"https://telemetry.example.com/about\"", "+service link \"https://example.com/\""],
    );
    check(
        ("rotate: monthly", "client_address: three_octets\n        rotate: monthly"),
        &["+service client_address three_octets"],
    );
    check(
        ("        link: https://telemetry.example.com/about\n", ""),
        &["-service link \"https://telemetry.example.com/about\""],
    );
    check(
        ("app_id: com.example.mlnet", "app_id: org.example.mlnet"),
        &["-service app_id \"com.example.mlnet\"", "+service app_id \"org.example.mlnet\""],
    );
    check(
        ("controller: The example project,", "controller: Another,"),
        &[
            "-service controller \"The example project, privacy@example.com\"",
            "+service controller \"Another, privacy@example.com\"",
        ],
    );
}

#[test]
fn the_text_can_be_parsed() {
    /// Takes one token off a fact: a word, a number, or a JSON string.
    fn token(rest: &str) -> (&str, &str) {
        if !rest.starts_with('"') {
            return rest.split_once(' ').unwrap_or((rest, ""));
        }
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        stream.next().expect("a string").expect("a JSON string");
        let (string, rest) = rest.split_at(stream.byte_offset());
        (string, rest.strip_prefix(' ').unwrap_or(rest))
    }
    fn check(folder: &Path) {
        let text = registry::read(folder).expect("sound").text();
        assert!(text.ends_with('\n'));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.is_sorted_by(|a, b| a < b), "sorted, and none twice");
        for line in lines {
            let (mut tokens, mut rest) = (Vec::new(), line);
            while !rest.is_empty() {
                let (token, after) = token(rest);
                tokens.push(token);
                rest = after;
            }
            assert_eq!(tokens.join(" "), line);
            assert!((2..=5).contains(&tokens.len()), "{line}");
        }
    }
    check(&example());
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registries/awkward"));
}

#[test]
fn the_library_facts_of_text_and_tables_are_equal() {
    let folders =
        ["telemetry", "tests/registries/awkward", "../examples/quickstart/telemetry", "../examples/mlnet/telemetry"];
    let folders = folders.map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let owned = folders.map(|folder| registry::read(&folder).expect("sound"));
    let tables = owned.each_ref().map(Owned::registry);
    let all: Vec<_> = tables.iter().collect();
    for registry in &all {
        let text = snapshot::text(&[registry]);
        assert_eq!(Snapshot::parse(&text), Ok(Snapshot::of(&[registry])), "{text}");
    }
    assert_eq!(Snapshot::parse(&snapshot::text(&all)), Ok(Snapshot::of(&all)));
}
