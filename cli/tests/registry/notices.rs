//! The first-run notices of the registries in this repository, as a person reads them and `scruple notice` prints them.
//!
//! `UPDATE_GOLDEN=1` rewrites them.

use std::fs;
use std::path::Path;
use std::process::Command;

use scruple::consent::{CollectionStart, NoticeContext, Wait, notice};
use scruple_cli::registry;

#[track_caller]
fn check(name: &str, folder: &str, ways: &NoticeContext<'_>) {
    check_all(name, &[folder], ways);
}

/// The program's folder, then those of its libraries.
#[track_caller]
fn check_all(name: &str, folders: &[&str], ways: &NoticeContext<'_>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read: Vec<_> = folders.iter().map(|folder| registry::read(&root.join(folder)).unwrap()).collect();
    let registries: Vec<_> = read.iter().map(registry::Owned::registry).collect();
    let is = notice(&registries.iter().collect::<Vec<_>>(), ways);
    assert!(is.lines().all(|line| line.chars().count() <= 80), "{is}");
    let path = root.join("tests/notices").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &is).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(is, wanted, "{name}: UPDATE_GOLDEN=1 rewrites");
}

#[test]
fn the_notices_match_their_golden_files() {
    let first_run = |command, variables| {
        let begins = CollectionStart::AfterNotice(Wait::Day);
        NoticeContext {
            endpoint: None,
            command,
            place: None,
            variables,
            telemetry: None,
            begins,
            opt_in: &[],
            wider: &[],
            in_part: false,
            excluded: &[],
        }
    };
    check("demo", "telemetry", &first_run(Some("scruple telemetry"), &["SCRUPLE_DEMO_OPTOUT"]));
    let mlnet = &["MLNET_TELEMETRY_OPTOUT", "DOTNET_CLI_TELEMETRY_OPTOUT"];
    let mlnet = NoticeContext { telemetry: Some("MLNET_TELEMETRY"), ..first_run(Some("mlnet telemetry"), mlnet) };
    check("../../../examples/mlnet/NOTICE", "../examples/mlnet/telemetry", &mlnet);
    let mlflow = &["MLFLOW_DISABLE_TELEMETRY"];
    check(
        "mlflow",
        "../examples/mlflow/telemetry",
        &NoticeContext { begins: CollectionStart::AfterNotice(Wait::NextRun), ..first_run(None, mlflow) },
    );
    let words = NoticeContext { telemetry: Some("WORDS_TELEMETRY"), ..first_run(Some("words telemetry"), &[]) };
    check("quickstart", "../examples/quickstart/telemetry", &words);
    // The same of a program that waits for a yes, and of one that has it.
    let asks = NoticeContext { begins: CollectionStart::AfterYes, ..words };
    check("asks", "../examples/quickstart/telemetry", &asks);
    check("on", "../examples/quickstart/telemetry", &NoticeContext { begins: CollectionStart::Already, ..words });
    check(
        "operator",
        "../examples/quickstart/telemetry",
        &NoticeContext { begins: CollectionStart::BySettings, ..words },
    );
    let place = Some("Settings > Privacy");
    check("place", "../examples/quickstart/telemetry", &NoticeContext { command: None, place, ..asks });
}

#[test]
fn the_attributes_of_a_library_stand_with_its_own_signals_and_a_shared_key_once() {
    let words = NoticeContext {
        endpoint: None,
        command: Some("words telemetry"),
        place: None,
        variables: &[],
        telemetry: None,
        begins: CollectionStart::AfterNotice(Wait::Day),
        opt_in: &[],
        wider: &[],
        in_part: false,
        excluded: &[],
    };
    check_all("joined", &["../examples/quickstart/telemetry", "../examples/mlflow/telemetry"], &words);
    let golden = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notices/joined.txt")).unwrap();
    let text = golden.split_whitespace().collect::<Vec<_>>().join(" ");
    let (sent, rest) = text.split_once(" With each ").unwrap();
    let (each, _) = rest.split_once(" Not sent ").unwrap();
    let (each, of_library) = each.split_once(" Of mlflow: ").unwrap();
    assert!(each.contains("The program; Its version;") && !each.contains("The library"), "{each}");
    assert!(!each.contains("The operating system"), "the resource is the program's alone: {each}");
    let own = "Which of the three packages of this library the program uses";
    assert!(of_library.starts_with(own) && !each.contains(own) && !sent.contains(own), "{text}");
    assert!(each.starts_with("Its time to the nanosecond, unless given above;"), "{each}");
    assert!(sent.contains("One run of the program: its time to the second;"), "{sent}");
}

/// What the command prints.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let here = env!("CARGO_MANIFEST_DIR");
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    let output = command.arg("notice").args(arguments).current_dir(here).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_notice_lists_opted_in_attributes_as_sent() {
    // Without line ends, which may stand between two words.
    let words = |options: &[&str]| {
        let text = printed(&[&["telemetry"], options].concat());
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (without, with) = (words(&[]), words(&["--opt-in", "demo.profile.distinct"]));
    assert_eq!(without.matches(" (only if asked for)").count(), 1, "{without}");
    assert_eq!(without.replace(" (only if asked for)", ""), with);
    let since = words(&["--opt-in", "demo.profile.distinct", "--since", "telemetry"]);
    assert!(
        since.contains(
            "New Each column of numbers is summed up by its quartiles: How many different values a column has"
        ),
        "{since}"
    );
}

#[test]
fn the_command_prints_the_programs_notice() {
    let golden = |name: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/notices/{name}.txt"))).unwrap()
    };
    let check = |name: &str, folder: &str, options: &[&str]| {
        let arguments = [&[folder], options].concat();
        assert_eq!(printed(&arguments), golden(name), "{name}");
        let json: serde_json::Value = serde_json::from_str(&printed(&[&arguments[..], &["--json"]].concat())).unwrap();
        assert_eq!(json["text"], golden(name), "{name}");
        json
    };
    let quickstart = |name, options: &[&str], preset: &str| {
        let json = check(name, "../examples/quickstart/telemetry", options);
        assert_eq!((&json["app_id"], &json["preset"]), (&"com.example.words".into(), &preset.into()));
    };
    // The settings are the registry's; an option goes before them.
    quickstart("quickstart", &[], "first-run");
    quickstart("asks", &["--preset", "opt-in"], "opt-in");
    quickstart("on", &["--preset", "documented"], "documented");
    quickstart("operator", &["--preset", "operator-consent"], "operator-consent");
    check("mlflow", "../examples/mlflow/telemetry", &["--preset", "next-run"]);
    let other = ["--command", "count telemetry", "--telemetry-variable", "COUNT", "--opt-out-variable", "COUNT_OFF"];
    let joined = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let other = joined(printed(&[&["../examples/quickstart/telemetry"][..], &other[..]].concat()));
    assert!(other.contains("`count telemetry off`, or set COUNT=0, COUNT_OFF=1 or DO_NOT_TRACK=1"), "{other}");
    let added = joined(printed(&["../examples/mlflow/telemetry", "--opt-out-variable", "HOST_OFF"]));
    assert!(added.contains("MLFLOW_DISABLE_TELEMETRY=1, HOST_OFF=1 or DO_NOT_TRACK=1"), "{added}");
}

#[test]
fn the_notice_lists_wider_changes_and_omits_narrower_ones() {
    let now = "../examples/quickstart/telemetry";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(now);
    let other = tempfile::tempdir().unwrap();
    fs::copy(folder.join("manifest.yaml"), other.path().join("manifest.yaml")).unwrap();
    let text = fs::read_to_string(folder.join("usage.yaml")).unwrap();
    let less = text.replace("          - --lines\n", "");
    assert_ne!(text, less);
    fs::write(other.path().join("usage.yaml"), less).unwrap();
    let less = other.path().to_str().unwrap();
    let wider = printed(&[now, "--since", less]);
    let wider = wider.split_whitespace().collect::<Vec<_>>().join(" ");
    let brief = "Names of the command-line arguments that were given, never their values";
    assert!(wider.contains(&format!(" New {brief}: may now also be \"--lines\". ")), "{wider}");
    assert!(!printed(&[less, "--since", now]).contains("  New "), "a narrower registry has no news");
    assert!(!printed(&[now, "--since", now]).contains("  New "), "an unchanged registry has no news");
}

#[test]
fn an_invalid_registry_and_an_impossible_option_are_refused() {
    let check = |arguments: &[&str], said: &str| {
        let here = env!("CARGO_MANIFEST_DIR");
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        let output = command.arg("notice").args(arguments).current_dir(here).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(words.contains(said) && output.stdout.is_empty(), "{words}");
    };
    check(&["tests/notices"], "error:");
    check(&["telemetry", "--command", "rm $(x)"], "write the command's words");
    check(&["telemetry", "--place", "`x`"], "write the place's words");
    check(&["telemetry", "--telemetry-variable", "A=B"], "write a variable's name");
    check(&["telemetry", "--endpoint", "http://example.com"], "is plain `http` to another machine");
}
