//! The sender's address in written configurations: absent unless people were told, cut to three octets, and from a
//! header only if the operator names one.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use scruple_cli::collector_config::CollectorKind;

/// The demo's registry in a folder of its own, with or without an address.
fn registry(has_address: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("telemetry");
    let mut changed = 0;
    for file in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let mut text = fs::read_to_string(&file).unwrap();
        if has_address && text.contains("        rotate: ") {
            text = text.replacen("        rotate: ", "        client_address: three_octets\n        rotate: ", 1);
            changed += 1;
        }
        fs::write(folder.path().join(file.file_name().unwrap()), text).unwrap();
    }
    assert_eq!(changed, usize::from(has_address), "the service is there");
    folder
}

fn run(folder: &tempfile::TempDir, kind: CollectorKind, header: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.arg("collector-config").arg(folder.path()).args(["--kind", kind.name()]);
    header.into_iter().for_each(|header| _ = command.args(["--client-address-header", header]));
    command.output().unwrap()
}

#[track_caller]
fn written(folder: &tempfile::TempDir, kind: CollectorKind, header: Option<&str>) -> String {
    let output = run(folder, kind, header);
    assert_eq!(output.status.code(), Some(0), "{kind:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn refused(folder: &tempfile::TempDir, kind: CollectorKind, header: &str, why: &str) {
    let output = run(folder, kind, Some(header));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains(why) && output.stdout.is_empty(), "{kind:?}: {said}");
}

/// The statements of a configuration that put this into a record.
fn statements<'t>(text: &'t str, from: &str) -> Vec<&'t str> {
    text.lines().filter(|line| line.contains("set(") && line.contains(from)).collect()
}

const CONNECTION: &str = "otelcol.client.addr";

const METADATA: &str = "otelcol.client.metadata";

#[test]
fn no_configuration_reads_an_address_that_the_registry_does_not_declare() {
    let folder = registry(false);
    for kind in CollectorKind::ALL {
        let text = written(&folder, kind, None);
        for word in ["client.address", "otelcol.client", "include_metadata: true"] {
            assert!(!text.contains(word), "{kind:?}: {word}");
        }
        let why = match kind {
            CollectorKind::GatewayKafka => "is for the kind edge-kafka",
            _ => "needs `client_address: three_octets` in the registry's service",
        };
        refused(&folder, kind, "x-real-ip", why);
    }
}

#[test]
fn an_address_is_read_for_declared_records_only_and_cut_before_it_is_kept() {
    let folder = registry(true);
    for kind in [CollectorKind::Gateway, CollectorKind::Debug, CollectorKind::EdgeKafka] {
        let headers = [(None, CONNECTION, METADATA), (Some("x-real-ip"), METADATA, CONNECTION)];
        for (header, source, other) in headers {
            let text = written(&folder, kind, header);
            let set = statements(&text, source);
            assert!(!set.is_empty() && statements(&text, other).is_empty(), "{kind:?}");
            assert_eq!(text.contains("include_metadata: true"), header.is_some(), "{kind:?}");
            assert!(
                !text.contains(&format!("{METADATA}[\"")) || text.contains(&format!("{METADATA}[\"x-real-ip\"][0]"))
            );
            for statement in set {
                // Only under a schema URL that declares it: those of other versions were removed before.
                assert!(statement.contains(r#"schema_url != """#), "{kind:?}: {statement}");
                assert!(statement.contains(" and ") && statement.contains("IsMatch("), "{kind:?}: {statement}");
                let next = text.lines().skip_while(|line| line != &statement).nth(1).expect("a statement behind it");
                assert!(next.contains("replace_pattern(") && next.contains(r#"".0""#), "{kind:?}: {next}");
            }
        }
    }
}

#[test]
fn behind_kafka_an_address_is_kept_only_if_it_is_cut() {
    let folder = registry(true);
    let text = written(&folder, CollectorKind::GatewayKafka, None);
    assert!(!text.contains(CONNECTION) && !text.contains(METADATA), "Kafka's connection is not the sender's");
    let set = statements(&text, r#".attributes["client.address"]"#);
    let set: Vec<_> = set.into_iter().filter(|line| line.contains(".cache[")).collect();
    assert!(!set.is_empty(), "{text}");
    for statement in set {
        assert!(statement.contains(r#"schema_url != """#) && statement.contains("[.]0"), "{statement}");
    }
    refused(&folder, CollectorKind::GatewayKafka, "x-real-ip", "is for the kind edge-kafka");
}
