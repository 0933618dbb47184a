//! Where the disk fills, a folder gives no rights, or a registry is wide: an error that names the file, or the right numbers.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::inputs::{Input, Ran};
use crate::made::{Random, TODAY, changed, lines, processes, registry};

/// The published files of a report, with the ledger.
fn published(input: &Input) -> BTreeMap<PathBuf, Vec<u8>> {
    let public = fs::read_dir(input.path("report/public")).unwrap().map(|entry| entry.unwrap().path());
    public.chain([input.path("report/ledger.jsonl")]).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// What is named in the message, of files and folders below the report's.
#[track_caller]
fn names(ran: &Ran, input: &Input) {
    assert_eq!(ran.code(), 2, "{}", ran.error());
    assert!(ran.error().contains(input.path("report").to_str().unwrap()), "{}", ran.error());
}

#[test]
fn a_disk_that_fills_is_an_error_that_names_the_file_and_the_next_run_is_whole() {
    let whole = Input::new();
    let file = whole.write("whole.jsonl", whole.text());
    assert_eq!(whole.run(&[&registry()], &[&file], &["--threshold", "2"]).code(), 0);
    let expected: Vec<_> = published(&whole).into_values().collect();

    let input = Input::new();
    let file = input.write("whole.jsonl", input.text());
    let arguments = |command: &mut Command| {
        command.arg(registry()).arg("--input").arg(&file).arg("--out").arg(input.path("report"));
        command.args(["--json", "--today", TODAY, "--threshold", "2"]);
    };
    let mut failed = 0;
    // The limit of a file, in blocks of 512 bytes: the system refuses what exceeds it, as a full disk does.
    for blocks in (0..40).chain((40..2_000).step_by(80)) {
        let mut limited = Command::new("sh");
        let script = format!("trap '' XFSZ && ulimit -f {blocks} && exec \"$@\"");
        limited.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_scruple-report")]);
        arguments(&mut limited);
        let ran = Ran(limited.output().unwrap());
        if ran.code() == 0 {
            break;
        }
        names(&ran, &input);
        failed += 1;
        let page = fs::read_to_string(input.path("report/public/index.html")).unwrap_or_default();
        assert!(page.is_empty() || page.ends_with("</html>\n"), "{blocks}: half a page");
    }
    assert!(failed > 10, "{failed}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple-report"));
    arguments(&mut command);
    assert_eq!(Ran(command.output().unwrap()).code(), 0);
    assert_eq!(published(&input).into_values().collect::<Vec<_>>(), expected);
    let left = fs::read_dir(input.path("report")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().contains("partial")));
}

/// A program of a user who can't write where the mode says so, as root can.
fn as_another_user(input: &Input) -> Command {
    let program = input.path("scruple-report");
    if !program.exists() {
        fs::copy(env!("CARGO_BIN_EXE_scruple-report"), &program).unwrap();
    }
    let mut command = Command::new(program);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    command
}

#[test]
fn a_folder_or_file_without_rights_is_an_error_that_names_it() {
    let input = Input::new();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(input.folder.path(), 0o755);
    let (file, hidden) = (input.write("whole.jsonl", input.text()), input.write("hidden.jsonl", input.text()));
    mode(&hidden, 0);
    let registry = changed(input.folder.path(), "registry", &[]);
    let run = |out: &str, file: &Path| {
        let mut command = as_another_user(&input);
        command.arg(&registry).arg("--input").arg(file).arg("--out").arg(input.path(out)).args(["--today", TODAY]);
        Ran(command.output().unwrap())
    };
    let closed = ["closed", "report/records", "report/public"].map(|name| input.path(name));
    for folder in &closed {
        fs::create_dir_all(folder).unwrap();
        mode(folder, 0o555);
    }
    mode(&input.path("report"), 0o777);
    let ran = run("closed/report", &file);
    assert_eq!(ran.code(), 2);
    assert!(ran.error().contains(input.path("closed/report").to_str().unwrap()), "{}", ran.error());
    for folder in &closed[1..] {
        let ran = run("report", &file);
        assert_eq!(ran.code(), 2);
        assert!(ran.error().contains(folder.to_str().unwrap()), "{}", ran.error());
        mode(folder, 0o777);
        fs::remove_dir(folder).unwrap();
    }
    assert_eq!(run("report", &file).code(), 0, "now it may");
    let ran = run("report", &hidden);
    assert_eq!(ran.code(), 2);
    assert!(ran.error().contains(hidden.to_str().unwrap()), "{}", ran.error());
    mode(&closed[0], 0o755);
}

/// The registry with so many formats, paired with systems.
fn wide(input: &Input, members: usize) -> PathBuf {
    let member = |name| format!("        - {{id: {name}, value: {name}, brief: One., stability: development}}\n");
    let declared: String = (0..members).map(|number| member(format!("m{number}"))).collect();
    let usage = fs::read_to_string(registry().join("usage.yaml")).unwrap();
    let (before, rest) = usage.split_at(usage.find("        - {id: pdf").unwrap());
    let after = &rest[rest.find("    annotations: {privacy: {otherwise").unwrap()..];
    let after = after.replace("{otherwise: rest}", "{otherwise: m0}");
    let after = after.replace("{privacy: {duration", "{chart: [[os.type, press.format]], privacy: {duration");
    let folder = changed(input.folder.path(), &format!("wide-{members}"), &[]);
    fs::write(folder.join("usage.yaml"), [before, &declared, &after].concat()).unwrap();
    folder
}

#[test]
fn each_of_the_most_members_is_counted_also_in_pairs_and_more_are_a_mistake() {
    const MOST: usize = 1_024;
    let input = Input::new();
    let (mut text, mut expected, mut number) = (String::new(), BTreeMap::<String, u64>::new(), 0);
    let key = "{\"key\":\"press.format\",\"value\":{\"stringValue\":\"";
    let made = processes(&mut Random(1), 9, 4_000);
    // A cell of records without an installation has no unit, and would be hidden.
    let made = made.iter().filter(|process| process.resource.contains_key("service.instance.id"));
    let lines: Vec<_> = made.flat_map(lines).collect();
    for line in lines.iter().filter(|line| line.starts_with("{\"resourceSpans")) {
        let mut parts = line.split(key);
        text += parts.next().unwrap();
        for part in parts {
            let name = format!("m{}", number % MOST);
            text += &format!("{key}{name}{}", &part[part.find("\"}}").unwrap()..]);
            *expected.entry(name).or_default() += 1;
            number += 1;
        }
        text.push('\n');
    }
    assert!(number > MOST, "{number}");
    let file = input.write("wide.jsonl", text);
    let ran = input.run(&[&wide(&input, MOST)], &[&file], &["--threshold", "1"]);
    assert_eq!((ran.code(), ran.records()), (0, number as u64), "{}", ran.error());
    let all: Value = serde_json::from_slice(&fs::read(input.path("report/public/report.json")).unwrap()).unwrap();
    for (keys, label) in [(json!(["press.format"]), 0), (json!(["os.type", "press.format"]), 1)] {
        let mut charts = all["charts"].as_array().unwrap().iter();
        let periods = charts.find(|chart| chart["attributes"] == keys).unwrap()["periods"].as_array().unwrap();
        let mut counted = BTreeMap::<String, u64>::new();
        for value in periods.iter().flat_map(|period| period["values"].as_array().unwrap()) {
            let label = value["labels"][label].as_str().unwrap().to_owned();
            *counted.entry(label).or_default() += value["records"].as_u64().unwrap();
        }
        assert!(counted == expected, "{keys}");
    }
    let ran = input.run(&[&wide(&input, 10_000)], &[&file], &[]);
    ran.fails_with("usage.yaml:9:9: error: 10000 members: at most 1024 are allowed");
}
