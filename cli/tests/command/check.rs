//! `scruple check` and `scruple codegen` as processes: exit codes, streams, files.

use std::fs;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A workspace-like folder with one crate, `app`, and its registry in `app/telemetry`.
struct Project {
    folder: TempDir,
}

impl Project {
    /// A program with the example's registry.
    fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a folder") };
        project.put("app/Cargo.toml", "[package]\nname = \"app\"\n");
        project.put("app/src/main.rs", "mod usage;\nfn main() {}\n");
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registries/treatments");
        for name in ["manifest.yaml", "attributes.yaml", "resource.yaml", "signals.yaml"] {
            let text = fs::read_to_string(example.join(name)).expect("the example is there");
            project.put(&format!("app/telemetry/{name}"), &text);
        }
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
        self
    }

    /// The command in the crate's folder.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        command.args(arguments).current_dir(self.path("app")).env_remove("CLICOLOR_FORCE");
        command
    }

    /// Runs the command; its standard error must contain `message`.
    fn check(&self, arguments: &[&str], code: i32, message: &str) -> Output {
        let output = self.command(arguments).output().expect("it runs");
        let stderr = plain(&String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(message), "{arguments:?}: {stderr}");
        output
    }
}

/// With the separators of paths as Unix has them.
pub fn plain(text: &str) -> String {
    text.replace(MAIN_SEPARATOR, "/")
}

#[test]
fn a_program_that_only_documents_its_telemetry_joins_no_library_with_a_hash() {
    let project = Project::new();
    let program = "\
file_format: definition/2
attributes:
  - {key: service.name, brief: The program., stability: stable, type: string, annotations: {privacy: {from: app}}}
entities:
  - type: service
    brief: The program.
    stability: stable
    identity: [{ref: service.name}]
    annotations:
      privacy: {app_id: com.example.quiet, name: quiet, controller: Us, endpoint: \"https://example.com\", preset: PRESET}
";
    project.put("app/quiet/manifest.yaml", "schema_url: https://example.com/schemas/quiet/1.0.0\n");
    project.put("app/quiet/usage.yaml", program.replace("PRESET", "documented"));
    project.check(&["check", "quiet"], 0, "");
    let found = "is a hash, which `preset: documented` does not allow: such a program is off";
    project.check(&["check", "quiet", "telemetry"], 2, found);
    // The preset of a library does not count.
    project.check(&["check", "telemetry", "quiet"], 0, "");
    project.put("app/quiet/usage.yaml", program.replace("PRESET", "opt-in"));
    project.check(&["check", "quiet", "telemetry"], 0, "");
}

#[test]
fn a_valid_registry_exits_with_0_and_shows_its_counts() {
    let output =
        Project::new().check(&["check", "telemetry"], 0, "warning[reversible]: `mlnet.dataset.digest` is a plain");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stdout, "telemetry: no mistakes (2 spans, 2 events, 24 attributes; 9 of them in the resource)\n");
}

#[test]
fn a_mistake_exits_with_2_and_is_shown_with_its_place() {
    let project = Project::new();
    project.put("app/telemetry/more.yaml", "file_format: definition/2\nevents:\n  - {name: A}\n");
    let output =
        project.check(&["check", "telemetry"], 2, "\ntelemetry/more.yaml:3:12: error: `A` can't be a name\n  help: ");
    assert!(output.stdout.is_empty());
    assert!(!String::from_utf8_lossy(&output.stderr).contains('\u{1b}'), "no colour where there is no terminal");
    let coloured = project.command(&["check", "telemetry"]).env("CLICOLOR_FORCE", "1").output().expect("it runs");
    assert!(
        String::from_utf8_lossy(&coloured.stderr).contains("\u{1b}[1m\u{1b}[31merror:"),
        "colour where it is asked for"
    );
    project.check(&["codegen", "telemetry"], 2, "telemetry/more.yaml:3:12: error:");
    assert!(!project.path("app/src/usage.rs").exists());
}

#[test]
fn an_unreadable_folder_exits_with_2() {
    let project = Project::new();
    project.check(&["check", "nothing"], 2, "nothing: error: there is no such folder");
    project.check(&["check", "Cargo.toml"], 2, "Cargo.toml: error: this folder can't be read");
    project.check(&["codegen", "nothing"], 2, "nothing: error: there is no such folder");
    project.check(&["check", "src"], 2, "src: error: there is no `manifest.yaml`");
    project.check(&["check"], 2, "<DIR>");
    fs::create_dir(project.path("app/empty")).expect("a folder");
    project.put("app/empty/manifest.yaml", "schema_url: https://example.com/a/1.0.0\n");
    project.check(&["check", "empty"], 2, "empty: error: no file declares anything");
}

#[test]
fn a_file_that_is_too_large_or_not_utf8_is_refused() {
    let project = Project::new();
    let name = "app/telemetry/more.yaml";
    project.put(name, "#".repeat(10 << 20)).check(
        &["check", "telemetry"],
        2,
        "more.yaml:1:1: error: this file has more than",
    );
    project.put(name, "#".repeat(1 << 20)).check(
        &["check", "telemetry"],
        2,
        "more.yaml:1:1: error: this file is empty",
    );
    let bytes = b"file_format: definition/2\n# \xc3\xa9 \xff\n";
    project.put(name, bytes).check(&["check", "telemetry"], 2, "more.yaml:2:5: error: this is not UTF-8");
}

// Windows makes no symbolic link without a right of its own.
#[cfg(unix)]
#[test]
fn a_link_to_no_regular_file_is_refused() {
    use std::os::unix::fs::symlink;

    let project = Project::new();
    let name = "app/telemetry/more.yaml";
    symlink("/dev/zero", project.path(name)).expect("a link");
    project.check(&["check", "telemetry"], 2, "more.yaml: error: this is not a regular file");
    fs::remove_file(project.path(name)).expect("a file");
    symlink("nothing", project.path(name)).expect("a link");
    project.check(&["check", "telemetry"], 2, "more.yaml: error: this file can't be read");
    fs::remove_file(project.path(name)).expect("a file");
    symlink(".", project.path("app/telemetry/again")).expect("a link");
    project.check(&["check", "telemetry"], 0, "");
}

#[test]
fn yaml_that_expands_or_nests_without_limit_is_refused() {
    let project = Project::new();
    let name = "app/telemetry/more.yaml";
    let mut bomb = "file_format: definition/2\na0: &a0 [x, x]\n".to_owned();
    for level in 1..64 {
        let below = level - 1;
        bomb.push_str(&format!("a{level}: &a{level} [*a{below}, *a{below}]\n"));
    }
    project.put(name, bomb).check(&["check", "telemetry"], 2, "more.yaml:2:5: error: an anchor");
    for (open, depth) in [("[", 200_000), ("{a: ", 100_000), ("- ", 200_000), ("? ", 200_000)] {
        project.put(name, open.repeat(depth)).check(&["check", "telemetry"], 2, "more.yaml:1:");
    }
    let keys: String = (0..40_000).map(|number| format!("key{number}: a\n")).collect();
    project.put(name, keys).check(&["check", "telemetry"], 2, "has no key `key39999`");
}

#[test]
fn the_older_manifest_is_refused() {
    let project = Project::new();
    fs::rename(project.path("app/telemetry/manifest.yaml"), project.path("app/telemetry/registry_manifest.yaml"))
        .expect("a file");
    project.check(&["check", "telemetry"], 2, "registry_manifest.yaml: error: a manifest under its older name");
}

#[test]
fn json_is_one_document_with_every_finding() {
    let project = Project::new();
    let report = |output: Output| -> serde_json::Value { serde_json::from_slice(&output.stdout).expect("JSON") };
    let sound = report(project.check(&["check", "telemetry", "--json"], 0, ""));
    assert_eq!(sound["ok"], true);
    assert_eq!(sound["findings"][0]["severity"], "warning");
    assert_eq!(sound["findings"][0]["rule"], "reversible");
    assert_eq!(sound["registry"], serde_json::json!({"attributes": 24, "resource": 9, "spans": 2, "events": 2}));
    project.put("app/telemetry/more.yaml", "file_format: definition/2\nevents:\n  - {name: A}\n  - 1\n");
    let output = project.check(&["check", "telemetry", "--json"], 2, "");
    assert!(output.stderr.is_empty());
    let broken = report(output);
    assert_eq!(broken["ok"], false);
    assert_eq!(broken["findings"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        broken["findings"][2],
        serde_json::json!({
            "file": "telemetry/more.yaml", "line": 3, "column": 12, "severity": "error", "rule": "name",
            "message": "`A` can't be a name",
            "help": "use lower-case letters, digits, `_` and `.`, a letter first, at most 128 bytes",
        })
    );
}

#[test]
fn codegen_writes_a_file_and_its_check_finds_a_stale_one() {
    let project = Project::new();
    project.check(&["codegen", "telemetry", "--check"], 1, "help: run `scruple codegen telemetry`");
    let output = project.check(&["codegen", "telemetry"], 0, "src/usage.rs\n");
    assert!(output.stdout.is_empty());
    let usage = project.path("app/src/usage.rs");
    let text = fs::read_to_string(&usage).expect("it was written");
    assert!(text.starts_with("//! Generated by `scruple codegen telemetry`; do not edit.\n"));
    project.check(&["codegen", "telemetry", "--check"], 0, "src/usage.rs is current");
    project.check(&["codegen", "telemetry"], 0, "src/usage.rs is current");
    // The file is the same from another folder and with another path.
    let registry = project.path("app/telemetry").display().to_string();
    project.check(&["codegen", &registry, "--check"], 0, "is current");
    // A file that differs is named by its first line that does.
    let other = text.replacen("\"mlnet\", // name", "\"other\", // name", 1);
    fs::write(&usage, other).expect("a file");
    let output = project.check(&["codegen", "telemetry", "--check"], 1, "src/usage.rs:");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("  is:             \"other\", // name\n"), "{stderr}");
    assert!(stderr.contains("  should:         \"mlnet\", // name\n"), "{stderr}");
    assert!(stderr.contains("run `scruple codegen telemetry`"), "{stderr}");
    // So are a truncated file, and another name of a source that a location may name. The compiler counts lines.
    fs::write(&usage, text.lines().take(3).collect::<Vec<_>>().join("\n")).expect("a file");
    project.check(&["codegen", "telemetry", "--check"], 1, "src/usage.rs:4: not current");
    project.check(&["codegen", "telemetry"], 0, "wrote ");
    project.put("app/src/main.rs", "mod usage;\n\nfn main() {}\n");
    project.check(&["codegen", "telemetry", "--check"], 0, "is current");
    project.put("app/src/work.rs", "");
    let line = "const { table::SourceFile::of(\"src/work.rs\", ::core::include_bytes!(\"../src/work.rs\"))";
    project.check(&["codegen", "telemetry", "--check"], 1, line);
    let left: Vec<_> = fs::read_dir(project.path("app/src")).expect("a folder").collect();
    assert_eq!(left.len(), 3, "no temporary file stays: {left:?}");
}

#[test]
fn codegen_writes_to_the_file_of_its_option() {
    let project = Project::new();
    project.put("other/Cargo.toml", "[package]\nname = \"other\"\n[[bin]]\nname = \"o\"\npath = \"src/o.rs\"\n");
    project.put("other/src/o.rs", "");
    let arguments = ["codegen", "telemetry", "--crate", "../other", "--out", "src/reported.rs"];
    project.check(&arguments, 0, "other/src/reported.rs");
    let text = fs::read_to_string(project.path("other/src/reported.rs")).expect("it was written");
    assert!(text.contains("SourceFile::of(\"src/o.rs\", ::core::include_bytes!(\"../src/o.rs\"))"), "{text}");
    assert!(!text.contains("reported.rs"), "a location does not name the generated file");
    project.put("other/src/p.rs", "");
    let with_check = [&arguments[..], &["--check"]].concat();
    project.check(&with_check, 1, "run `scruple codegen telemetry --crate ../other --out src/reported.rs`");
    let nowhere = ["codegen", "telemetry", "--out", "nothing/usage.rs"];
    project.check(&nowhere, 2, "nothing/usage.rs can't be written");
}

#[test]
fn a_library_must_not_declare_locations() {
    let project = Project::new();
    fs::rename(project.path("app/src/main.rs"), project.path("app/src/lib.rs")).expect("a file");
    let message =
        "telemetry/attributes.yaml:86:5: error: `mlnet.crash.place` is a location, and this crate is a library";
    project.check(&["codegen", "telemetry"], 2, message);
    assert!(!project.path("app/src/usage.rs").exists());
    project.check(&["check", "telemetry"], 0, "");
}

#[test]
fn an_ambiguous_or_missing_crate_is_refused() {
    let project = Project::new();
    project.put("app/Cargo.toml", "[workspace]\n");
    project.check(&["codegen", "telemetry"], 2, "is a workspace without a package; name the crate with --crate");
    project.put("app/Cargo.toml", "[package\n");
    project.check(&["codegen", "telemetry"], 2, "Cargo.toml is not TOML");
    project.check(&["codegen", "telemetry", "--crate", "src"], 2, "Cargo.toml can't be read");
}

#[test]
fn denied_warnings_exit_with_2_until_they_are_accepted() {
    let project = Project::new();
    project.check(
        &["check", "telemetry"],
        0,
        "3 warnings; accept one with `accept: {<its name>: \"why\"}` in `privacy`",
    );
    project.check(&["check", "telemetry", "--deny", "warnings"], 2, "warning[singles_out]: `mlnet.command` can say 2^");
    let output = project.check(&["check", "telemetry", "--deny", "warnings", "--json"], 2, "");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["ok"], false);
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(3));
    project.check(&["check", "telemetry", "--deny", "everything"], 2, "[possible values: warnings, expired]");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    project.check(&["check", &root.join("telemetry").display().to_string(), "--deny", "warnings"], 0, "");
    // `accept` needs a warning's name and a reason.
    let base = "file_format: definition/2\nattributes:\n  - {key: a, brief: One., stability: stable, type: boolean, ";
    for (accept, message) in [
        ("[unused]", ":3:93: error: `accept` names no warning"),
        ("{unusd: Seen.}", ":3:94: error: no warning is named `unusd`\n  help: did you mean `unused`?"),
        ("{needless_accept: Seen.}", ":3:94: error: no warning is named `needless_accept`"),
        ("{unused: \"\"}", "error: `accept` is empty"),
    ] {
        let yaml = format!("{base}annotations: {{privacy: {{accept: {accept}}}}}}}\n");
        project.put("app/telemetry/more.yaml", yaml).check(&["check", "telemetry"], 2, message);
    }
}

#[test]
fn what_is_past_its_end_is_denied_on_request_on_the_day_that_counts() {
    let project = Project::new();
    let soon =
        "telemetry/signals.yaml:41:106: warning[expires_soon]: the span `mlnet.train` ends on 2098-02-28, in 28 days";
    let over = "warning[expired]: the span `mlnet.train` ended on 2098-02-28: no program records or sends it any more";
    let deny = ["check", "telemetry", "--deny", "expired", "--today"];
    let on = |day: &str, code, message: &str| project.check(&[&deny[..], &[day]].concat(), code, message);
    on("2098-01-31", 0, soon);
    on("2098-02-28", 0, "`mlnet.train` ends on 2098-02-28, today");
    let output = on("2098-03-01", 2, over);
    assert!(String::from_utf8_lossy(&output.stdout).contains("telemetry: 1 warning, denied ("), "{output:?}");
    let output = on("2098-01-28", 0, "");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("expire"), "{output:?}");
    for day in ["2098-02-29", "tomorrow", "2098-3-1"] {
        on(day, 2, "it is no day from 1970 to 9999; write one as in 2027-06-30");
    }
    // A past end breaks no build whose CI denies warnings: it would break on that day, without a change.
    project.check(&["check", "telemetry", "--today", "2099-12-01"], 0, over);
    for (path, from, to) in [
        ("app/telemetry/attributes.yaml", "from: sha256, ", "accept: {reversible: Seen.}, from: sha256, "),
        ("app/telemetry/signals.yaml", "at_most: 100", "at_most: 100, accept: {singles_out: Seen.}"),
        ("app/telemetry/attributes.yaml", "max: 255", "max: 255, accept: {idle_brief: Seen.}"),
    ] {
        let text = fs::read_to_string(project.path(path)).expect("it is there");
        project.put(path, text.replace(from, to));
    }
    let quiet = ["check", "telemetry", "--deny", "warnings", "--today", "2099-12-01"];
    project.check(&quiet, 0, over);
    project.check(&[&quiet[..], &["--deny", "expired"]].concat(), 2, over);
    project.check(&["check", "telemetry", "--deny", "warnings,expired", "--today", "2099-12-01"], 2, over);
    // The day of a build that is repeated.
    let epoch = |seconds: &str| {
        let output =
            project.command(&["check", "telemetry", "--deny", "expired"]).env("SOURCE_DATE_EPOCH", seconds).output();
        let output = output.expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(epoch("4044470399").0, Some(0), "2098-02-28T23:59:59Z");
    assert_eq!(epoch("4044470400").0, Some(2), "2098-03-01T00:00:00Z");
    let (code, told) = epoch("today");
    assert!(code == Some(2) && told.contains("SOURCE_DATE_EPOCH is \"today\", and not a number of seconds"), "{told}");
}

#[test]
fn an_end_by_version_is_compared_with_that_of_the_crate() {
    let project = Project::new();
    let check = |manifest: &str, code| {
        project.put("app/Cargo.toml", manifest);
        project.check(&["check", "telemetry", "--deny", "expired"], code, "")
    };
    check("[package]\nname = \"app\"\nversion = \"90.0.9\"\n", 0);
    let output = check("[package]\nname = \"app\"\nversion = \"90.1.0-rc.1\"\n", 2);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("`mlnet.temperature` ended with version 90.1.0: this version neither"), "{told}");
    project.put("Cargo.toml", "[workspace.package]\nversion = \"91.0.0\"\n");
    check("[package]\nname = \"app\"\nversion.workspace = true\n", 2);
    check("[package]\nname = \"app\"\n", 0);
}

#[test]
fn a_library_past_its_end_breaks_no_programs_build() {
    let project = Project::new();
    let library = project.path("app/library");
    for name in ["manifest.yaml", "attributes.yaml", "resource.yaml", "signals.yaml"] {
        let text = fs::read_to_string(project.path(&format!("app/telemetry/{name}"))).expect("it is there");
        project.put(&format!("app/library/{name}"), text);
        let text = fs::read_to_string(project.path(&format!("app/telemetry/{name}"))).expect("it is there");
        project.put(&format!("app/telemetry/{name}"), text.replace("2098-02-28", "2099-02-28"));
    }
    assert!(library.is_dir());
    let both = ["check", "telemetry", "library", "--deny", "expired", "--today", "2098-12-01"];
    project.check(
        &both,
        0,
        "library/signals.yaml:41:106: warning[expired]: the span `mlnet.train` ended on 2098-02-28",
    );
    project.check(&["check", "library", "--deny", "expired", "--today", "2098-12-01"], 2, "warning[expired]");
}
