//! The output of `scruple init` passes the check, compiles and reports, and no existing file is touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use scruple_cli::registry;
use scruple_fixtures::nested::{profiles, workspace};
use tempfile::TempDir;

/// An author's crate.
struct Project {
    folder: TempDir,
}

impl Project {
    fn named(name: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        project.put("Cargo.toml", &format!("[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2024\"\n"));
        project.put("src/main.rs", "fn main() {}\n");
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn scruple(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        command.args(arguments).current_dir(self.folder.path()).output().unwrap()
    }

    /// Every file and folder of the crate.
    fn all(&self) -> Vec<PathBuf> {
        let mut found = vec![self.folder.path().to_owned()];
        let mut at = 0;
        while let Some(path) = found.get(at).cloned() {
            if path.is_dir() {
                found.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            }
            at += 1;
        }
        found.sort();
        found
    }

    /// Runs the printed commands; returns their outputs.
    fn commands(&self, printed: &str) -> Vec<String> {
        let (_, commands) = printed.split_once("\nThen run:\n\n").unwrap();
        let tool = Path::new(env!("CARGO_BIN_EXE_scruple")).parent().unwrap();
        let run = |line: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-ec", line]).current_dir(self.folder.path());
            let output = shell.env("PATH", format!("{}:/usr/bin:/bin", tool.display())).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && !said.contains("note:"), "{line}: {said}");
            String::from_utf8(output.stdout).unwrap()
        };
        commands.lines().map(run).collect()
    }

    /// Pastes the printed lines where they belong, and builds the program.
    fn pasted(&self, printed: &str, more: &str) -> PathBuf {
        let (code, _) = printed.split_once("\nThen run:\n\n").unwrap();
        let (manifest, main) = code.split_once("Add to src/main.rs:\n\n").unwrap();
        let dependencies = manifest.strip_prefix("Add to Cargo.toml:\n\n[dependencies]\n").unwrap();
        let old = self.read("Cargo.toml");
        let (package, own) = old.split_once("[dependencies]\n").unwrap_or((&old, ""));
        let fails =
            "    if std::env::var_os(\"FAIL\").is_some() {\n        return Err(\"a private text\".into());\n    }\n";
        let main = main.replace("    Ok(())\n", &format!("{fails}    Ok(())\n"));
        self.put("src/main.rs", &format!("//! Pasted.\n#![deny(warnings)]\n{main}{more}"));
        self.built(&format!("{package}[dependencies]\n{own}{dependencies}"))
    }

    /// Builds with this manifest, the workspace's lock file and its compiled dependencies.
    fn built(&self, manifest: &str) -> PathBuf {
        // The crate is not published yet.
        let (root, profiles) = (workspace(), profiles());
        let patch = format!("[patch.crates-io]\nscruple = {{ path = {root:?} }}\n[workspace]\n{profiles}");
        self.put("Cargo.toml", &format!("{manifest}\n{patch}"));
        fs::copy(root.join("Cargo.lock"), self.path("Cargo.lock")).unwrap();
        let target = Path::new(env!("CARGO_BIN_EXE_scruple")).ancestors().nth(2).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--bins", "--examples", "--offline", "--message-format=json"])
            .current_dir(self.folder.path());
        let output = cargo.env("CARGO_TARGET_DIR", target).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
        let messages = printed.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let programs: Vec<_> = messages.filter_map(|message| Some(message["executable"].as_str()?.into())).collect();
        programs.first().cloned().unwrap()
    }

    /// Runs a program without any earlier consent; returns its exit code and the records that it prints.
    fn run(&self, program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.folder.path()).envs(variables.iter().copied()).args(arguments);
        let output = command.current_dir(self.folder.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

#[track_caller]
fn passes(project: &Project, output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let check = project.scruple(&["check", "telemetry"]);
    let stderr = String::from_utf8_lossy(&check.stderr);
    // The examples for what the author did not say are reserved names, and nothing else is warned of.
    let expected = stderr.matches("warning[placeholder]").count() + stderr.matches("warning[loopback]").count();
    assert_eq!((check.status.code(), stderr.matches("warning[").count()), (Some(0), expected), "{stderr}");
    let codegen = project.scruple(&["codegen", "telemetry", "--check"]);
    assert_eq!(codegen.status.code(), Some(0), "{}", String::from_utf8_lossy(&codegen.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
#[cfg_attr(windows, ignore = "needs cargo beside it, which Wine has not")]
fn the_registry_passes_the_check_and_the_printed_lines_compile_and_report() {
    let project = Project::named("init-word-counter");
    let printed = passes(&project, &project.scruple(&["init"]));
    assert!(printed.contains("    Ok(())\n"));
    let program = project.pasted(&printed, "");
    let outputs = project.commands(&printed);
    let notice = outputs.iter().find(|text| text.contains("  When  ")).unwrap();
    assert!(
        notice.contains("Nothing is recorded in the next 24 hours.")
            && notice.contains("INIT_WORD_COUNTER_TELEMETRY=0")
    );
    assert!(project.read("TELEMETRY.md").contains("shows a notice on the terminal before anything is recorded"));
    let log = ("INIT_WORD_COUNTER_TELEMETRY", "log");
    let (code, printed) = project.run(&program, &[], &[log]);
    assert_eq!(code, Some(0));
    for line in ["init_word_counter.command", ", ok,", "init_word_counter.task = other", "service.version = 1.2.3"] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
    assert!(!printed.contains("init_word_counter.error"), "{printed}");
    let (code, printed) = project.run(&program, &[], &[log, ("FAIL", "1")]);
    assert_eq!(code, Some(1));
    for line in ["init_word_counter.command", ", error,", "init_word_counter.error.kind = other"] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
    assert_eq!(
        printed.matches("a private text").count(),
        1,
        "the error is printed as before, and not recorded: {printed}"
    );
    assert_eq!(project.run(&program, &[], &[]), (Some(0), String::new()), "without consent, nothing is printed");
}

#[test]
#[cfg_attr(windows, ignore = "needs cargo beside it, which Wine has not")]
fn log_names_each_withheld_value_and_record_with_its_reason_and_no_value() {
    let project = Project::named("init-withholds");
    let printed = passes(&project, &project.scruple(&["init"]));
    // Without `otherwise`, what is no member is withheld.
    let yaml = project.read("telemetry/usage.yaml").replace("    annotations: {privacy: {otherwise: other}}\n", "");
    project.put("telemetry/usage.yaml", &yaml);
    assert!(project.scruple(&["codegen", "telemetry"]).status.success());
    let records = r#"    drop(tracing::info_span!("init_withholds.command"));
    tracing::event!(name: "init_withholds.error", tracing::Level::INFO, init_withholds.error.kind = "a private text", path = "/home/jane");
    for _ in 0..2 {
        tracing::event!(name: "undeclared", tracing::Level::INFO, text = "a private text");
    }
    tracing::info!("a private line of a log");
    Ok(())
"#;
    let program = project.pasted(&printed.replace("    Ok(())\n", records), "");
    let (code, printed) = project.run(&program, &[], &[("INIT_WITHHOLDS_TELEMETRY", "log")]);
    assert_eq!(code, Some(0));
    let withheld: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("telemetry, withheld")).collect();
    let expected = [
        ": init_withholds.command: over the signal's limit",
        ": init_withholds.error.kind of init_withholds.error: not a member",
        ": path of init_withholds.error: undeclared field",
        ": init_withholds.error.kind of init_withholds.error: required, not recorded",
        ": undeclared: undeclared signal",
        " in all: undeclared field 1; not a member 1; over the signal's limit 1; required, not recorded 1",
    ];
    assert_eq!(withheld, expected, "{printed}");
    assert!(!printed.contains("private") && !printed.contains("jane"), "{printed}");
}

#[test]
#[cfg_attr(windows, ignore = "needs cargo beside it, which Wine has not")]
fn a_program_with_clap_gets_lines_for_clap() {
    let project = Project::named("init-with-clap");
    let manifest = project.read("Cargo.toml");
    let clap = "[dependencies]\nclap = { version = \"4\", features = [\"derive\"] }\n";
    project.put("Cargo.toml", &format!("{manifest}{clap}"));
    let printed = passes(&project, &project.scruple(&["init"]));
    assert!(printed.contains("features = [\"clap\"]"), "{printed}");
    let args = "\n#[derive(clap::Parser)]\nstruct Args {\n    #[arg(long)]\n    loud: bool,\n}\n";
    let printed = printed.replace("    Ok(())\n", "    println!(\"{}\", args.loud);\n    Ok(())\n");
    let program = project.pasted(&printed, args);
    let (code, printed) = project.run(&program, &["--loud"], &[("INIT_WITH_CLAP_TELEMETRY", "log")]);
    assert_eq!(code, Some(0));
    assert!(printed.contains("init_with_clap.task = other"), "{printed}");
    let (code, _) = project.run(&program, &["telemetry", "status"], &[]);
    assert_eq!(code, Some(11), "undecided");
}

#[test]
#[cfg_attr(windows, ignore = "needs cargo beside it, which Wine has not")]
fn a_server_and_a_program_with_windows_get_lines_that_compile_and_ask_whom_they_have_to() {
    let server = Project::named("init-server");
    let printed = passes(&server, &server.scruple(&["init", "--kind", "server"]));
    server.commands(&printed);
    let page = server.read("TELEMETRY.md");
    assert!(page.contains("until you, the operator of init-server, consent in its settings"), "{page}");
    let program = server.pasted(&printed, "");
    let (code, said) = server.run(&program, &[], &[]);
    assert_eq!(
        (code, said.as_str()),
        (Some(0), "init-server: usage telemetry is off: this build can't send records\n")
    );
    let receiver = ("INIT_SERVER_TELEMETRY_RECEIVER", "http://127.0.0.1:9");
    let (code, said) = server.run(&program, &[], &[receiver, ("INIT_SERVER_TELEMETRY", "log")]);
    assert!(code == Some(0) && said.contains("init_server.task = other"), "{said}");

    let window = Project::named("init-window");
    let printed = passes(&window, &window.scruple(&["init", "--kind", "window"]));
    let outputs = window.commands(&printed);
    assert!(outputs.iter().any(|text| text.contains("To say yes  Settings > Privacy")), "{outputs:?}");
    let program = window.pasted(&printed, "");
    assert_eq!(window.run(&program, &[], &[]), (Some(0), String::new()), "nothing before a yes");
    let (_, said) = window.run(&program, &[], &[("INIT_WINDOW_TELEMETRY", "log")]);
    assert!(said.contains("init_window.task = other"), "{said}");
}

#[test]
fn a_text_without_settings_names_the_preset_that_it_is_for() {
    let check = |name: &str, preset: &str, when: &str| {
        let project = Project::named(name);
        if preset == "documented" {
            fs::rename(project.path("src/main.rs"), project.path("src/lib.rs")).unwrap();
        }
        project.scruple(&["init"]);
        for command in ["notice", "docs"] {
            let output = project.scruple(&[command, "telemetry"]);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains("note:"), "the registry has the settings: {said}");
        }
        let text = project.read("telemetry/usage.yaml");
        let settings = ["preset:", "command:", "telemetry_variable:", "opt_out_variables:"];
        let is_setting = |line: &&str| settings.iter().any(|key| line.trim_start().starts_with(key));
        let without = text.lines().filter(|line| !is_setting(line)).map(|line| format!("{line}\n"));
        project.put("telemetry/usage.yaml", &without.collect::<String>());
        for (command, expected) in [("notice", when), ("docs", when)] {
            let output = project.scruple(&[command, "telemetry"]);
            let (said, text) = (String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
            assert!(said.contains(&format!("note: this text is for `preset: {preset}`")), "{said}");
            assert!(text.contains(expected), "{text}");
            let output = project.scruple(&[command, "telemetry", "--preset", preset]);
            assert!(!String::from_utf8_lossy(&output.stderr).contains("note:"));
            assert_eq!(output.stdout, text.as_bytes());
        }
    };
    check("app", "opt-in", "Nothing is recorded until you say yes.");
    check("lib", "documented", "is recorded, until you say no.");
}

/// A crate without a program, and one that names its library.
#[test]
#[cfg_attr(windows, ignore = "needs cargo beside it, which Wine has not")]
fn a_library_gets_a_registry_of_its_own_and_lines_that_compile_and_report() {
    for (name, has_program) in [("init-lib-alone", false), ("init-lib-beside", true)] {
        let project = Project::named(name);
        let arguments: &[&str] = if has_program { &["init", "--kind", "library"] } else { &["init"] };
        if !has_program {
            fs::remove_file(project.path("src/main.rs")).unwrap();
        }
        project.put("src/lib.rs", "");
        let printed = passes(&project, &project.scruple(arguments));
        project.commands(&printed);
        let text = project.read("telemetry/usage.yaml");
        assert!(!text.contains("program") && !text.contains("{{"), "{text}");
        let (code, _) = printed.split_once("\nThen run:\n\n").unwrap();
        let (manifest, code) = code.split_once("Add to src/lib.rs:\n\n").unwrap();
        let dependencies = manifest.strip_prefix("Add to Cargo.toml:\n\n").unwrap();
        let subscriber =
            "tracing-subscriber = { version = \"0.3\", default-features = false, features = [\"registry\"] }";
        let manifest = format!("{}{dependencies}{subscriber}", project.read("Cargo.toml"));
        project.put("src/lib.rs", &format!("//! Pasted.\n#![deny(warnings)]\n{code}"));
        let (module, main) = (name.replace('-', "_"), project.path("src/main.rs"));
        let host = format!(
            "use tracing_subscriber::prelude::*;\nfn main() {{\n    let telemetry = \
             {module}::telemetry().telemetry_variable(\"HOST\").build();\n    \
             tracing_subscriber::registry().with(telemetry.layer()).init();\n    {module}::work();\n}}\n"
        );
        project.put("examples/host.rs", &host);
        if has_program {
            fs::remove_file(main).unwrap();
        }
        let program = project.built(&manifest);
        let (code, printed) = project.run(&program, &[], &[("HOST", "log")]);
        let space = name.replace('-', "_");
        assert_eq!(code, Some(0));
        for line in [format!("{space}.call"), format!("{space}.task = other")] {
            assert!(printed.contains(&line), "{line}: {printed}");
        }
        let off = format!("{}_TELEMETRY_OFF", space.to_ascii_uppercase());
        let page = project.read("TELEMETRY.md");
        for text in ["Each use of ", "The version of the library.", &off] {
            assert!(page.contains(text), "{text}: {page}");
        }
        assert!(!page.contains("the program"), "{page}");
        assert_eq!(project.run(&program, &[], &[("HOST", "log"), (&off, "1")]), (Some(0), String::new()));
    }
}

#[test]
fn options_are_in_the_registry_and_the_rest_comes_from_the_package_name() {
    let project = Project::named("Word_Counter");
    let options = ["--app-id", "org.example.words", "--controller", "A \"B\": {{endpoint}} #c, privacy@example.org"];
    let output = project.scruple(&[&["init"], &options[..], &["--endpoint", "http://localhost:4318/x"]].concat());
    passes(&project, &output);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("write your own"));
    let service = registry::read(&project.path("telemetry")).unwrap().service.table;
    assert_eq!(service.app_id, "org.example.words");
    assert_eq!(service.controller, "A \"B\": {{endpoint}} #c, privacy@example.org");
    assert_eq!((service.endpoint, service.name), ("http://localhost:4318/x", "Word_Counter"));
    let project = Project::named("Word_Counter");
    let output = project.scruple(&["init", project.folder.path().to_str().unwrap()]);
    passes(&project, &output);
    assert!(String::from_utf8_lossy(&output.stderr).contains("write your own app_id, controller, endpoint in "));
    assert!(String::from_utf8_lossy(&output.stderr).contains("your own schema_url in "));
    let owned = registry::read(&project.path("telemetry")).unwrap();
    assert_eq!(owned.service.table.app_id, "com.example.word-counter");
    let signals = owned.spans.iter().chain(&owned.events).map(|signal| signal.table.name).collect::<Vec<_>>();
    assert_eq!(signals, ["word_counter.command", "word_counter.error"]);
}

#[test]
fn every_valid_package_name_gives_a_valid_registry() {
    let long = "a-".repeat(60);
    let names = ["otel", "r2-d2", "_x", "-", "9p", "error", "task", "service", "session", "os", "für-dich", "a__b--c"];
    for name in names.into_iter().chain([long.as_str()]) {
        let project = Project::named(name);
        passes(&project, &project.scruple(&["init"]));
    }
}

#[track_caller]
fn check_refused(project: &Project, arguments: &[&str], message: &str) {
    let before = project.all();
    let output = project.scruple(&[&["init"], arguments].concat());
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains(message) && output.stdout.is_empty(), "{words}");
    assert_eq!(project.all(), before, "nothing was made");
}

#[test]
fn no_file_is_overwritten_and_no_partial_result_is_left() {
    let words = "fn mine() {}\n";
    let project = Project::named("mine");
    project.put("src/usage.rs", words);
    check_refused(&project, &[], "usage.rs exists already; nothing was written");
    assert_eq!(project.read("src/usage.rs"), words);
    let project = Project::named("mine");
    project.put("telemetry/notes.txt", words);
    check_refused(&project, &[], "telemetry exists already; nothing was written");
    // Windows makes no symbolic link without a right of its own.
    #[cfg(unix)]
    {
        let project = Project::named("mine");
        std::os::unix::fs::symlink("nowhere", project.path("telemetry")).unwrap();
        check_refused(&project, &[], "telemetry exists already; nothing was written");
    }
    let project = Project::named("mine");
    passes(&project, &project.scruple(&["init"]));
    check_refused(&project, &[], "telemetry exists already; nothing was written");
}

#[test]
fn a_folder_without_a_package_is_refused_with_a_remedy() {
    let empty = Project { folder: tempfile::tempdir().unwrap() };
    check_refused(&empty, &[], ". has no Cargo.toml; name the crate's folder");
    check_refused(&empty, &["not/there"], "not/there has no Cargo.toml");
    empty.put("Cargo.toml", "[workspace]\nmembers = [\"app\", \"libs/*\"]\n");
    check_refused(&empty, &[], "is a workspace without a package; name the folder of the program's package");
    check_refused(&empty, &[], "(members: app, libs/*)");
    let project = Project::named("app");
    check_refused(&project, &["--app-id", "words"], "write your domain reversed");
    check_refused(&project, &["--endpoint", "http://example.com"], "is plain `http` to another machine");
    check_refused(&project, &["--controller", "\u{1b}[2J"], "without control characters");
    project.put("Cargo.toml", "[package\n");
    check_refused(&project, &[], "is not TOML");
}
