//! The configurations in collector-config: written from the demo's registry, and known when they are out of date.
//! `UPDATE_GOLDEN=1` rewrites them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use scruple::registry::{Registry, Signal, Treatment};
use scruple_cli::collector_config::{CollectorKind, Options, generate};
use scruple_cli::demo::usage::REGISTRY;
use scruple_cli::registry;
use scruple_fixtures::tables;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs the command for the demo's registry.
fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.arg("collector-config").arg(here("telemetry"));
    command.args(arguments).output().unwrap()
}

#[test]
fn the_committed_configurations_are_current() {
    fn check(kind: CollectorKind) {
        let path = here(&format!("../collector-config/{}.yaml", kind.name()));
        let wanted = generate(REGISTRY, &[], &Options::of(kind));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &wanted).unwrap();
        }
        let is = fs::read_to_string(&path).unwrap_or_default();
        let differs = is.lines().zip(wanted.lines()).find(|(is, wanted)| is != wanted);
        assert!(is == wanted, "{}: (is, wanted): {differs:?}; UPDATE_GOLDEN=1 rewrites", path.display());
    }
    CollectorKind::ALL.into_iter().for_each(check);
}

#[test]
fn check_accepts_the_commands_output_and_nothing_else() {
    fn check(old: Option<&str>, options: &[&str], expected: i32) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.yaml");
        let file = path.to_str().unwrap();
        assert_eq!(run(&["--out", file]).status.code(), Some(0));
        match old {
            Some(more) => fs::write(&path, fs::read_to_string(&path).unwrap() + more).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let output = run(&[&["--check", file], options].concat());
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(expected), "{words}");
        assert_eq!(words.contains("is current"), expected == 0, "{words}");
    }
    check(Some(""), &[], 0);
    check(Some("# more\n"), &[], 1);
    check(None, &[], 1);
    for other in [&["--kind", "debug"][..], &["--backend", "otlp"], &["--backend", "clickhouse"]] {
        check(Some(""), other, 1);
    }
    // No such combination.
    check(Some(""), &["--backend", "otlp", "--kind", "edge-kafka"], 2);
    check(Some(""), &["--client-address-header", "x\"y"], 2);
    // The demo's registry does not tell people that an address is kept.
    check(Some(""), &["--client-address-header", "x-real-ip"], 2);
}

#[test]
fn no_source_of_a_program_changes_its_configuration() {
    let sources = |files: &[(&str, u32)]| {
        let files = files.iter().map(|(path, lines)| ((*path).to_owned(), *lines)).collect();
        let owned = registry::read(&here("telemetry")).unwrap().with_version(env!("CARGO_PKG_VERSION"));
        let owned = owned.with_sources(registry::Sources { root: "/build".to_owned(), files, prefix: String::new() });
        CollectorKind::ALL.map(|kind| generate(&owned.registry(), &[], &Options::of(kind)))
    };
    let golden = CollectorKind::ALL.map(|kind| generate(REGISTRY, &[], &Options::of(kind)));
    for files in [&[][..], &[("src/main.rs", 1)], &[("src/main.rs", 2), ("src/other.rs", 7)]] {
        assert!(sources(files) == golden, "{files:?}");
    }
    for text in &golden {
        let statements = text.lines().filter(|line| line.contains(r#"log.cache["demo.crash.location"]"#)).count();
        assert_eq!(statements, 1);
    }
}

#[test]
fn the_command_without_a_file_writes_to_standard_output() {
    for kind in CollectorKind::ALL {
        let output = run(&["--kind", kind.name()]);
        let golden = fs::read_to_string(here(&format!("../collector-config/{}.yaml", kind.name()))).unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), golden);
    }
}

#[test]
fn a_file_is_replaced_and_a_pipe_is_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let golden = fs::read_to_string(here("../collector-config/gateway.yaml")).unwrap();
    fs::write(at("file"), "old").unwrap();
    assert_eq!(run(&["--out", &at("file")]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(at("file")).unwrap(), golden);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
        // A link stays one, and a file keeps its mode.
        fs::write(at("file"), "old").unwrap();
        fs::set_permissions(at("file"), fs::Permissions::from_mode(0o600)).unwrap();
        symlink("file", at("link")).unwrap();
        assert_eq!(run(&["--out", &at("link")]).status.code(), Some(0));
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert_eq!(fs::metadata(at("file")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(at("file")).unwrap(), golden);
        // A pipe gets the text.
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let pipe = at("pipe");
        let reader = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
        assert_eq!(run(&["--out", &at("pipe")]).status.code(), Some(0));
        assert_eq!(reader.join().unwrap(), golden);
        assert!(fs::metadata(at("pipe")).unwrap().file_type().is_fifo());
    }
    // So does standard output.
    assert_eq!(String::from_utf8(run(&["--out", "-"]).stdout).unwrap(), golden);
    let refused = |arguments: &[&str], said: &str| {
        let output = run(arguments);
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && words.contains(said), "{words}");
        assert!(!words.contains(".scruple-"), "{words}");
    };
    refused(&["--out", &at("none/gateway.yaml")], "there is no folder");
    refused(&["--out", &at("")], "can't be written");
    refused(&["--check", &at("")], "is a folder: name the file in it");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), if cfg!(unix) { 3 } else { 1 }, "{left:?}");
}

#[test]
fn a_large_registry_has_room_for_its_statements() {
    fn check(signals: u16, expected: &str) {
        let keys: Vec<&'static str> = (0..signals).map(|number| &*format!("large.key{number:04}").leak()).collect();
        let attributes: Vec<_> = keys.iter().map(|key| tables::attribute(key, Treatment::Version)).collect();
        let used: Vec<_> = (0..signals).map(|index| [tables::used(index)]).collect();
        let spans: Vec<_> =
            keys.iter().zip(&used).map(|(name, used)| Signal::span(name, "").attributes(used)).collect();
        let service = tables::service("com.example.large", "large");
        let registry = Registry::new("https://telemetry.example.com/schemas/large/1.0.0", service)
            .attributes(&attributes)
            .spans(&spans);
        let text = generate(&registry, &[], &Options::of(CollectorKind::Gateway));
        let limit = text.lines().find_map(|line| line.trim().strip_prefix("limit_mib: "));
        assert_eq!(limit, Some(expected), "{signals}");
    }
    check(1, "256");
    check(100, "256");
    check(1000, "320");
}
