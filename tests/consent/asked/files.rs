//! Files that are not as they should be: the program runs on, nothing is sent, and the status names the file and the
//! reason. No stored no is ever read as a yes.

use super::person::Person;
use scruple_fixtures::process;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

/// The program with a yes or a no stored, and one file changed: it decides this, leaves the file as it is, and sends
/// nothing.
#[track_caller]
fn check(person: &Person, file: &Path, change: impl FnOnce(&Path), expected: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    change(file);
    let before = fs::symlink_metadata(file).map(|found| (found.ino(), found.len(), found.mtime_nsec())).unwrap();
    let said = person.run("documented 1795000000 record run decide");
    assert_eq!(said, [format!("Off {expected}")], "{file:?}");
    let status = person.says("documented 1795000000 status");
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let no = status["sources"].as_array().unwrap().iter().find(|source| source["is_no"] == true).unwrap();
    assert!(no["value"].as_str().is_some_and(|value| !value.is_empty()), "{status:#}");
    let after = fs::symlink_metadata(file).map(|found| (found.ino(), found.len(), found.mtime_nsec())).unwrap();
    assert_eq!(before, after, "it is left as it is");
    if file.is_dir() && !file.is_symlink() {
        fs::remove_dir_all(file).unwrap();
    } else {
        fs::remove_file(file).unwrap();
    }
}

/// Puts something in the place of a file.
type Put = fn(&Path);

/// Everything that can be in the place of a file, and what is said of it.
const IN_ITS_PLACE: &[(Put, &str)] = &[
    (|path| fs::create_dir(path).unwrap(), "NotAFile"),
    (|path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success()), "NotAFile"),
    (|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()), "NotAFile"),
    (|path| symlink(path, path).unwrap(), "Link"),
    (|path| symlink("/dev/null", path).unwrap(), "Link"),
    (|path| fs::File::create(path).unwrap().set_len(1 << 30).unwrap(), "TooLarge"),
];

#[test]
fn an_answer_that_is_not_a_file_counts_as_no() {
    let person = Person::new();
    for (change, reason) in IN_ITS_PLACE {
        check(&person, &person.answers(), change, &format!("Answer(File({reason}))"));
        for folder in ["com.example.asked", "scruple"] {
            let file = person.root().join("etc").join(folder).join("telemetry.toml");
            check(&person, &file, change, &format!("Organisation(Unreadable({reason}))"));
        }
        check(&person, &person.work().join(".telemetry.toml"), change, &format!("Project(Unreadable({reason}))"));
    }
}

#[test]
fn an_answer_that_others_could_write_counts_as_no() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let yes = fs::read(person.answers()).unwrap();
    for mode in [0o620, 0o602, 0o666] {
        let change = |path: &Path| {
            fs::write(path, &yes).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        check(&person, &person.answers(), change, "Answer(File(OthersWrite))");
    }
    let folder = person.answers().parent().unwrap().to_owned();
    let open = |path: &Path| {
        fs::write(path, &yes).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    };
    check(&person, &person.answers(), open, "Answer(File(OthersWrite))");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    if rustix::process::getuid().is_root() {
        let give_away = |path: &Path| {
            fs::write(path, &yes).unwrap();
            chown(path, Some(12_345), None).unwrap();
        };
        check(&person, &person.answers(), give_away, "Answer(File(Owner))");
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
fn an_organisations_or_projects_file_can_only_turn_telemetry_off() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let organisation = person.root().join("etc/scruple/telemetry.toml");
    let project = person.work().join(".telemetry.toml");
    for (file, reason) in [(&organisation, "Organisation(No)"), (&project, "Project(No)")] {
        for text in
            ["telemetry = \"off\"", "telemetry = \"On\"", "telemetry = true", "", "on", "telemetry = \"on\"\nmore = 1"]
        {
            check(&person, file, |path| fs::write(path, text).unwrap(), reason);
        }
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "# fine with us\ntelemetry = \"on\"\n").unwrap();
        assert_eq!(person.says("opt-in 1795000000 decide"), "On SaidYes");
        fs::remove_file(file).unwrap();
    }
    let nobody = Person::new();
    fs::write(nobody.work().join(".telemetry.toml"), "telemetry = \"on\"").unwrap();
    assert_eq!(nobody.says("opt-in 1795000000 decide"), "Undecided Undecided", "no objection is no yes");
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
fn no_folder_above_the_home_belongs_to_a_project() {
    let person = Person::new();
    let inside = person.home().join("some/folder");
    fs::create_dir_all(&inside).unwrap();
    let no = "telemetry = \"off\"\n";
    let decide = || {
        let output = person.command("documented 1795000000 decide").current_dir(&inside).output().unwrap();
        process::said(&String::from_utf8(output.stdout).unwrap()).next().map(str::to_owned)
    };
    fs::write(person.home().parent().unwrap().join(".telemetry.toml"), no).unwrap();
    assert_eq!(decide().unwrap(), "On Documented");
    fs::write(person.home().join(".telemetry.toml"), no).unwrap();
    assert_eq!(decide().unwrap(), "Off Project(No)");
}

#[test]
fn no_file_is_read_without_an_own_home_folder() {
    let mut person = Person::new();
    for (home, reason) in [("", "NoHome"), ("relative", "NoHome"), ("/nonexistent", "HomeOfAnother")] {
        person.set("HOME", home);
        assert_eq!(person.says("documented 1795000000 decide"), format!("Off Session({reason})"));
        assert_eq!(person.says("documented 1795000000 yes"), format!("Err(Session({reason}))"));
    }
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

/// A place, and the reason that a link with a missing target there leads to.
type Place = (fn(&Person) -> PathBuf, &'static str);

#[test]
fn a_link_without_a_target_counts_as_no() {
    let places: &[Place] = &[
        (|person| person.root().join("etc"), "Organisation(Unreadable(DanglingLink))"),
        (|person| person.root().join("etc/scruple"), "Organisation(Unreadable(DanglingLink))"),
        (|person| person.root().join("etc/com.example.asked"), "Organisation(Unreadable(DanglingLink))"),
        (|person| person.root().join("etc/scruple/telemetry.toml"), "Organisation(Unreadable(Link))"),
        (|person| person.work().join(".telemetry.toml"), "Project(Unreadable(Link))"),
        (|person| person.home().join(".config"), "Answer(File(DanglingLink))"),
        (|person| person.home().join(".config/scruple"), "Answer(File(DanglingLink))"),
        (|person| person.answers().parent().unwrap().to_owned(), "Answer(File(DanglingLink))"),
        (|person| person.answers(), "Answer(File(Link))"),
    ];
    for (place, expected) in places {
        let person = Person::new();
        let place = place(&person);
        let _ = fs::remove_dir(&place);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        // One link that leads to another: neither of them is the folder.
        let next = person.work().join("next");
        symlink(person.work().join("unmounted/folder"), &next).unwrap();
        symlink(&next, &place).unwrap();
        assert_eq!(person.says("documented 1795000000 decide"), format!("Off {expected}"), "{place:?}");
        assert_eq!(person.says("opt-in 1795000000 record decide"), format!("Off {expected}"), "{place:?}");
        let status: serde_json::Value = serde_json::from_str(&person.says("documented 1795000000 status")).unwrap();
        let no = status["sources"].as_array().unwrap().iter().find(|source| source["is_no"] == true).unwrap();
        assert!(no["value"].as_str().unwrap().contains("telemetry.toml"), "the file is named: {no:#}");
        assert!(place.is_symlink() && !place.exists(), "the link is left as it is");
    }
}

#[test]
fn a_link_with_a_target_is_followed() {
    let person = Person::new();
    for (link, target) in [
        (person.home().join(".config"), person.work().join("settings")),
        (person.home().join(".local"), person.work().join("local")),
        (person.root().join("etc"), person.work().join("etc")),
    ] {
        let _ = fs::remove_dir(&link);
        fs::create_dir(&target).unwrap();
        symlink(target, link).unwrap();
    }
    assert_eq!(person.says("documented 1795000000 decide"), "On Documented");
    person.run("opt-in 1795000000 yes");
    assert_eq!(person.says("opt-in 1795000000 decide"), "On SaidYes");
    assert!(person.work().join("settings/scruple/com.example.asked/telemetry.toml").exists());
}

#[test]
fn a_broken_path_counts_as_no() {
    let blocks: &[(Put, &str)] =
        &[(|path| fs::write(path, "").unwrap(), "NotAFolder"), (|path| symlink(path, path).unwrap(), "Link")];
    for (block, reason) in blocks {
        for name in [".config", ".config/scruple"] {
            let person = Person::new();
            let place = person.home().join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            block(&place);
            let expected = format!("Off Answer(File({reason}))");
            assert_eq!(person.says("documented 1795000000 decide"), expected, "{name}");
        }
        let person = Person::new();
        block(&person.root().join("etc/scruple"));
        let expected = format!("Off Organisation(Unreadable({reason}))");
        assert_eq!(person.says("documented 1795000000 decide"), expected);
    }
    let mut person = Person::new();
    person.set("XDG_CONFIG_HOME", Path::new("/tmp").join("x".repeat(300)));
    assert_eq!(person.says("documented 1795000000 decide"), "Off Answer(File(System(InvalidFilename)))");
}
