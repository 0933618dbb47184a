//! Files with a damaged or foreign content: no stored no is ever read as a yes, and a project's file covers its folder.

use super::person::Person;
use scruple_fixtures::process;
use std::fs;
use std::path::Path;

/// The program with a yes or a no stored, and one file changed: it decides this, leaves the file as it is, and sends
/// nothing.
#[track_caller]
pub fn check(person: &Person, file: &Path, change: impl FnOnce(&Path), expected: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    change(file);
    let before = fs::symlink_metadata(file).map(|found| (found.len(), found.modified().unwrap())).unwrap();
    let said = person.run("documented 1795000000 record run decide");
    assert_eq!(said, [format!("Off {expected}")], "{file:?}");
    let status = person.says("documented 1795000000 status");
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let no = status["sources"].as_array().unwrap().iter().find(|source| source["is_no"] == true).unwrap();
    assert!(no["value"].as_str().is_some_and(|value| !value.is_empty()), "{status:#}");
    let after = fs::symlink_metadata(file).map(|found| (found.len(), found.modified().unwrap())).unwrap();
    assert_eq!(before, after, "it is left as it is");
    if file.is_dir() && !file.is_symlink() {
        fs::remove_dir_all(file).unwrap();
    } else {
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn a_damaged_answer_never_covers_more() {
    let person = Person::new();
    person.run("opt-in 1795000000 no");
    let no = fs::read(person.answers()).unwrap();
    for length in 0..no.len() {
        fs::write(person.answers(), &no[..length]).unwrap();
        // The last bytes say nothing: the answer is whole without the end of its last line.
        let expected = if length + 1 < no.len() { "Off Answer(Malformed)" } else { "Off SaidNo" };
        assert_eq!(person.says("documented 1795000000 decide"), expected, "{length} of {}", no.len());
    }
}

#[test]
fn an_answer_of_another_format_counts_as_no() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let yes = fs::read_to_string(person.answers()).unwrap();
    for (from, to, reason) in [
        ("format = 1", "format = 2", "Newer"),
        ("format = 1", "format = 0", "Malformed"),
        ("format = 1", "format = \"1\"", "Malformed"),
        ("format = 1", "", "Malformed"),
        ("format = 1", "format = 1\nmore = 1", "Malformed"),
        ("com.example.asked\"", "com.example.other\"", "AnotherApp"),
        ("how = \"yes\"", "how = \"YES\"", "Malformed"),
        ("how = \"yes\"", "how = \"yes\"\nhow = \"yes\"", "Malformed"),
        ("\nat = ", "\nat = 1 # ", "Malformed"),
        ("registry 1", "registry 2", "Malformed"),
        ("receiver = ", "# receiver = ", "Malformed"),
        ("receiver = ", "wait = \"day\"\nreceiver = ", "Malformed"),
        ("receiver = ", "opt_in = \"asked.plan\"\nreceiver = ", "Malformed"),
        ("receiver = ", "opt_in = [1]\nreceiver = ", "Malformed"),
        ("how = \"yes\"", "how = \"told\"\nwait = \"week\"", "Malformed"),
    ] {
        let text = yes.replacen(from, to, 1);
        assert_ne!(text, yes, "{from}");
        check(&person, &person.answers(), |path| fs::write(path, text).unwrap(), &format!("Answer({reason})"));
    }
    check(&person, &person.answers(), |path| fs::write(path, b"\xff").unwrap(), "Answer(Malformed)");
}

#[test]
fn a_malformed_answer_is_named_and_not_overwritten() {
    let person = Person::new();
    fs::create_dir_all(person.answers().parent().unwrap()).unwrap();
    fs::write(person.answers(), "broken").unwrap();
    for answer in ["yes", "shown", "no"] {
        let said = person.says(&format!("first-run 1795000000 {answer}"));
        let is_named = said.contains("Err(Answer(") && said.contains("telemetry.toml");
        assert!(is_named || answer == "no" && said.starts_with("Ok(Decision { mode: Off"), "{said}");
        assert_eq!(fs::read_to_string(person.answers()).unwrap(), "broken");
    }
}

#[test]
fn a_projects_file_covers_its_folder_and_nothing_above() {
    let person = Person::new();
    let inside = person.work().join("repository/some/folder");
    fs::create_dir_all(&inside).unwrap();
    fs::create_dir(person.work().join("repository/.git")).unwrap();
    let decide = |folder: &Path| {
        let mut command = person.command("documented 1795000000 decide");
        let output = command.current_dir(folder).output().unwrap();
        process::said(&String::from_utf8(output.stdout).unwrap()).next().unwrap().to_owned()
    };
    let no = "telemetry = \"off\"\n";
    fs::write(person.work().join(".telemetry.toml"), no).unwrap();
    assert_eq!(decide(&inside), "On Documented", "above the repository's root");
    assert_eq!(decide(&person.work()), "Off Project(No)");
    fs::write(person.work().join("repository/.telemetry.toml"), no).unwrap();
    assert_eq!(decide(&inside), "Off Project(No)");
}

#[test]
fn a_secret_that_cannot_be_stored_turns_telemetry_off() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    fs::remove_file(person.state().join("identity.toml")).unwrap();
    fs::create_dir(person.state().join("identity.toml")).unwrap();
    let said = person.says("opt-in 1795000000 record decide");
    assert!(said.starts_with("Off Identity("), "{said}");
    // A no may be there as well.
    fs::remove_dir_all(person.state()).unwrap();
    fs::write(person.state(), "no folder").unwrap();
    assert_eq!(person.says("opt-in 1795000000 record decide"), "Off Answer(File(NotAFolder))");
}
