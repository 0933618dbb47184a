//! A registry is a folder or a git revision's; what can't be read is named, and nothing is written.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const MANIFEST: &str = "schema_url: https://example.com/schemas/words/1.0.0\n";
const BASE: &str = include_str!("../diff.yaml");

/// A repository with three revisions of `app/telemetry`: as it was, with a member more, and with a mistake.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let telemetry = folder.path().join("app/telemetry");
    fs::create_dir_all(&telemetry).expect("a folder");
    git(folder.path(), &["init", "-q", "-b", "main"]);
    fs::write(telemetry.join("manifest.yaml"), MANIFEST).expect("a file");
    let more = BASE.replace("{id: line, value: line}", "{id: line, value: line}\n        - {id: page, value: page}");
    let broken = format!("{more}metrics: []\nspam: 1\n");
    for (tag, yaml) in [("v1", BASE), ("v2", &more), ("v3", &broken)] {
        fs::write(telemetry.join("words.yaml"), yaml).expect("a file");
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["commit", "-q", "-m", tag]);
        git(folder.path(), &["tag", tag]);
    }
    folder
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    command.args(["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false"]);
    assert!(command.args(arguments).status().expect("git runs").success(), "{arguments:?}");
}

/// Runs the command; `said` is what one of its streams has to hold.
#[track_caller]
fn check(folder: &Path, arguments: &[&str], code: i32, said: &str) -> Output {
    run(folder, &[&["diff"], arguments].concat(), code, said)
}

/// Runs any command in the same way.
#[track_caller]
fn run(folder: &Path, arguments: &[&str], code: i32, said: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.args(arguments).current_dir(folder).env_remove("CLICOLOR_FORCE");
    let output = command.output().expect("it runs");
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    assert!(text.contains(said), "{arguments:?}: {text}");
    output
}

const MEMBER: &str = "Newly collected\n- words.unit may now also be \"page\".\n";

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn a_revision_is_compared_like_a_folder() {
    let folder = repository();
    let top = folder.path();
    check(top, &["v1:app/telemetry", "v2:app/telemetry"], 3, MEMBER);
    check(top, &["v2:app/telemetry", "v1:app/telemetry/"], 0, "No longer collected\n- words.unit");
    check(top, &["v1:app/telemetry", "main~1:app/telemetry"], 3, MEMBER);
    check(top, &["v1:app/telemetry", "v1:app/telemetry"], 0, "The same is collected.");
    check(&top.join("app"), &["v1:app/telemetry", "v2:./telemetry"], 3, MEMBER);
    // What is in the folder now is neither: a file beside it that was not added counts there alone.
    fs::write(top.join("app/telemetry/words.yaml"), BASE).expect("a file");
    check(top, &["HEAD~1:app/telemetry", "app/telemetry"], 0, "No longer collected");
    // A folder goes before a revision.
    let odd = top.join("v1:app");
    fs::create_dir(&odd).expect("a folder");
    fs::write(odd.join("manifest.yaml"), MANIFEST).expect("a file");
    check(top, &["v1:app", "v1:app/telemetry"], 2, "v1:app: error: no file declares anything");
}

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn a_revision_is_read_wherever_a_registry_is_named() {
    let folder = repository();
    let top = folder.path();
    run(top, &["check", "v1:app/telemetry"], 0, "v1:app/telemetry: no mistakes");
    run(top, &["check", "v1:app/telemetry"], 0, "v1:app/telemetry/words.yaml:");
    run(top, &["check", "v3:app/telemetry"], 2, "error: a definition file has no key `spam`");
    for command in ["check", "docs", "notice", "collector-config", "codegen", "receive"] {
        run(top, &[command, "v3:app/telemetry"], 2, "v3:app/telemetry/words.yaml:");
    }
    for (command, said) in [("docs", "words.unit"), ("notice", "words"), ("collector-config", "words.unit")] {
        run(top, &[command, "v1:app/telemetry"], 0, said);
    }
    run(top, &["policy", "key"], 0, "");
    let sign = ["policy", "sign", "--key", "policy-key.pem", "--serial", "1", "--days", "1", "--registry"];
    run(top, &[&sign[..], &["v3:app/telemetry"]].concat(), 2, "v3:app/telemetry/words.yaml:");
    let page = ["--off-where", "words.unit=page", "--registry"];
    run(top, &[&sign[..8], &page, &["v1:app/telemetry"]].concat(), 2, "there is no member of `words.unit` `page`");
    run(top, &[&sign[..8], &page, &["v2:app/telemetry"]].concat(), 0, "");
    // The crate is the one at or above the folder, also if that is not there any more.
    fs::create_dir(top.join("app/src")).expect("a folder");
    fs::write(top.join("app/Cargo.toml"), "[package]\nname = \"app\"\n").expect("a file");
    fs::write(top.join("app/src/main.rs"), "fn main() {}\n").expect("a file");
    fs::remove_dir_all(top.join("app/telemetry")).expect("it goes");
    run(top, &["codegen", "v1:app/telemetry"], 0, "");
    let written = fs::read_to_string(top.join("app/src/usage.rs")).expect("it was written");
    assert!(written.starts_with("//! Generated by `scruple codegen telemetry`"), "{written}");
    run(&top.join("app"), &["codegen", "v1:./telemetry", "--check"], 0, "");
    run(top, &["codegen", "v2:app/telemetry", "--check"], 1, "not current");
}

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn an_unreadable_side_is_named_as_in_the_arguments() {
    let folder = repository();
    let top = folder.path();
    check(top, &["v1:app/telemetry", "v3:app/telemetry"], 2, "v3:app/telemetry/words.yaml:");
    check(top, &["v1:app/telemetry", "v3:app/telemetry"], 2, "error: a definition file has no key `spam`");
    check(top, &["v1:telemetry", "v2:app/telemetry"], 2, "v1:telemetry: error: git can't read it: path 'telemetry'");
    check(top, &["v9:app/telemetry", "v2:app/telemetry"], 2, "v9:app/telemetry: error: git can't read it: ");
    check(top, &["v1:app/telemetry/words.yaml", "v2:app/telemetry"], 2, "error: git can't read it: not a tree object");
    check(top, &["v1:", "v2:app/telemetry"], 2, "v1:: error: there is no `manifest.yaml` in this folder");
    check(top, &["nothing", "v3:app/telemetry"], 2, "nothing: error: there is no such folder");
    check(top, &["--", "--output=x:app", "v2:app/telemetry"], 2, "error: git can't read it: a revision doesn't");
    check(top, &["v1..v2:app", "v2:app/telemetry"], 2, "error: git can't read it: it names more than one revision");
    // Both sides are read before either is refused.
    let output = check(top, &["nothing", "v3:app/telemetry"], 2, "no key `spam`");
    assert!(output.stdout.is_empty());
    let elsewhere = tempfile::tempdir().expect("a folder");
    check(elsewhere.path(), &["v1:app", "v1:app"], 2, "error: git can't read it: not a git repository");
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    let output = command.args(["diff", "a:b", "a:b"]).env("PATH", "/nothing").output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("a:b: error: git can't be run: "));
}

/// Commits what was added: the file is refused in a comparison of the revision.
#[track_caller]
fn leads_out(folder: &Path, file: &str) {
    git(folder, &["commit", "-q", "-m", file]);
    let said = format!("error: `{file}` leads out of this folder of the revision");
    check(folder, &["HEAD:app/telemetry", "v1:app/telemetry"], 2, &said);
}

// Windows makes no symbolic link without a right of its own.
#[cfg(unix)]
#[test]
#[ignore = "needs git: Debian's package of that name"]
fn a_path_out_of_the_folder_is_refused() {
    let folder = repository();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("app/telemetry/more.yaml")).expect("a link");
    git(folder.path(), &["add", "."]);
    leads_out(folder.path(), "more.yaml");
}

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn a_revisions_files_are_read_like_a_folders() {
    let folder = repository();
    let top = folder.path();
    let commit = |name: &str, text: &[u8]| {
        let path = top.join("app/telemetry").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
        git(top, &["add", "."]);
        git(top, &["commit", "-q", "-m", name]);
    };
    let more = |key: &str| {
        format!(
            "file_format: definition/2\nattributes: [{{key: {key}, brief: It is.., stability: stable, type: boolean}}]\n"
        )
    };
    git(top, &["checkout", "-q", "v1"]);
    // What is no YAML is not read, wherever it leads to. Windows makes no symbolic link without a right of its own.
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", top.join("app/telemetry/README")).expect("a link");
    commit("more.yml", more("words.short").as_bytes());
    check(top, &["v1:app/telemetry", "HEAD:app/telemetry"], 3, "- words.short is new: true or false.");
    commit("below/more.yaml", more("words.below").as_bytes());
    check(top, &["v1:app/telemetry", "HEAD:app/telemetry"], 3, "- words.below is new: true or false.");
    commit("large.yaml", &vec![b'#'; (1 << 20) + 1]);
    let [in_revision, in_folder] = ["HEAD:app/telemetry", "app/telemetry"].map(|new| {
        let output = check(top, &["v1:app/telemetry", new], 2, "app/telemetry/large.yaml:1:1: error: ");
        String::from_utf8_lossy(&output.stderr).replace("HEAD:", "")
    });
    assert_eq!(in_revision, in_folder);
}

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn a_submodule_is_refused() {
    let folder = repository();
    let commit = Command::new("git").args(["rev-parse", "v1"]).current_dir(folder.path()).output().expect("git runs");
    let commit = String::from_utf8(commit.stdout).expect("a name");
    let entry = format!("160000,{},app/telemetry/more", commit.trim());
    git(folder.path(), &["update-index", "--add", "--cacheinfo", &entry]);
    leads_out(folder.path(), "more");
}

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn a_partial_clone_fetches_nothing() {
    let folder = repository();
    git(folder.path(), &["config", "uploadpack.allowFilter", "true"]);
    let clones = tempfile::tempdir().expect("a folder");
    let from = format!("file://{}", folder.path().display());
    git(clones.path(), &["clone", "-q", "--no-checkout", "--filter=blob:none", &from, "partial"]);
    let clone = clones.path().join("partial");
    let before = listing(&clone);
    let said = "v1:app/telemetry: error: this clone is a partial one, and lacks its files";
    check(&clone, &["v1:app/telemetry", "v2:app/telemetry"], 2, said);
    assert_eq!(listing(&clone), before);
    // What it is told to do helps.
    git(&clone, &["fetch", "-q", "--refetch", "--no-filter"]);
    check(&clone, &["v1:app/telemetry", "v2:app/telemetry"], 3, MEMBER);
}

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn gits_messages_are_english_in_any_locale() {
    let folder = repository();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.args(["diff", "v1:telemetry", "v2:app/telemetry"]).current_dir(folder.path());
    let output = command.env("LC_ALL", "C.UTF-8").env("LANGUAGE", "de").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("v1:telemetry: error: git can't read it: path 'telemetry'"), "{said}");
}

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn no_revision_changes_the_repository() {
    let folder = repository();
    let before = listing(folder.path());
    check(folder.path(), &["v1:app/telemetry", "v2:app/telemetry"], 3, "");
    assert_eq!(listing(folder.path()), before);
}

/// Every file below a folder, with its length and time.
fn listing(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let facts = entry.metadata().expect("metadata");
            found.push(format!("{:?} {} {:?}", entry.path(), facts.len(), facts.modified()));
            if facts.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn json_is_one_document_with_each_change() {
    let folder = repository();
    let json = |output: Output| -> serde_json::Value { serde_json::from_slice(&output.stdout).expect("JSON") };
    let wider = json(check(folder.path(), &["v1:app/telemetry", "v2:app/telemetry", "--json"], 3, ""));
    assert_eq!(
        wider,
        serde_json::json!({"verdict": "wider", "changes": [{
            "direction": "wider", "group": "new", "what": "member", "subject": "words.unit",
            "text": "words.unit may now also be \"page\".",
        }]})
    );
    let output = check(folder.path(), &["v1:app/telemetry", "v3:app/telemetry", "--json"], 2, "");
    assert!(output.stderr.is_empty());
    let unreadable = json(output);
    assert_eq!(unreadable["verdict"], "unreadable");
    assert_eq!(unreadable["findings"][0]["file"], "v3:app/telemetry/words.yaml");
}

#[test]
fn nothing_in_a_registry_can_steer_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = "x\u{1b}[2J";
    let output = check(folder.path(), &[&format!("{name}:a"), name], 2, "x\\u{1b}[2J: error: ");
    assert!(!String::from_utf8_lossy(&output.stderr).contains('\u{1b}'));
}

#[test]
#[ignore = "needs git: Debian's package of that name"]
fn a_notice_lists_the_changes_since_a_revision() {
    let folder = repository();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
    command.args(["notice", "app/telemetry", "--since", "v1:app/telemetry"]).current_dir(folder.path());
    git(folder.path(), &["checkout", "-q", "v2"]);
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("New         What was counted: may now also be \"page\"."),
        "{said}"
    );
}

#[test]
fn an_invalid_side_is_refused_with_the_two_valid_forms() {
    let folder = tempfile::tempdir().expect("a folder");
    check(folder.path(), &["v1", "v2"], 2, "v1: error: there is no such folder\n  help: name the folder that holds");
}
