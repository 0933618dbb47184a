//! Files that are not as they should be: the program runs on, nothing is sent, and the status names the file and the
//! reason. No stored no is ever read as a yes.

use super::damaged::check;
use super::person::Person;
#[cfg(unix)]
use scruple_fixtures::process;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;

/// Puts something in the place of a file.
type Put = fn(&Path);

/// Everything that can be in the place of a file, and what is said of it.
const IN_ITS_PLACE: &[(Put, &str)] = &[
    (|path| fs::create_dir(path).unwrap(), "NotAFile"),
    #[cfg(unix)]
    (|path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success()), "NotAFile"),
    #[cfg(unix)]
    (|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()), "NotAFile"),
    #[cfg(unix)]
    (|path| symlink(path, path).unwrap(), "Link"),
    #[cfg(unix)]
    (|path| symlink("/dev/null", path).unwrap(), "Link"),
    (|path| fs::File::create(path).unwrap().set_len(1 << 30).unwrap(), "TooLarge"),
];

#[test]
fn an_answer_that_is_not_a_file_counts_as_no() {
    let person = Person::new();
    for (change, reason) in IN_ITS_PLACE {
        check(&person, &person.answers(), change, &format!("Answer(File({reason}))"));
        // On Windows an organisation's word is a value in the registry.
        for folder in ["com.example.asked", "scruple"].into_iter().filter(|_| cfg!(unix)) {
            let file = person.root().join("etc").join(folder).join("telemetry.toml");
            check(&person, &file, change, &format!("Organisation(Unreadable({reason}))"));
        }
        check(&person, &person.work().join(".telemetry.toml"), change, &format!("Project(Unreadable({reason}))"));
    }
}

// Of modes and owners.
#[cfg(unix)]
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
fn an_organisations_or_projects_file_can_only_turn_telemetry_off() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let organisation = person.root().join("etc/scruple/telemetry.toml");
    let project = person.work().join(".telemetry.toml");
    for (file, reason) in [(&organisation, "Organisation(No)"), (&project, "Project(No)")] {
        // On Windows an organisation's word is a value in the registry.
        if cfg!(windows) && *file == organisation {
            continue;
        }
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
    drop(person);
    let nobody = Person::new();
    fs::write(nobody.work().join(".telemetry.toml"), "telemetry = \"on\"").unwrap();
    assert_eq!(nobody.says("opt-in 1795000000 decide"), "Undecided Undecided", "no objection is no yes");
}

// A test on Windows has the home folder of its user, and must not write above it.
#[cfg(unix)]
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

// Of a variable.
#[cfg(unix)]
#[test]
fn no_file_is_read_without_an_own_home_folder() {
    let mut person = Person::new();
    for (home, reason) in [("", "NoHome"), ("relative", "NoHome"), ("/nonexistent", "HomeOfAnother")] {
        person.set("HOME", home);
        assert_eq!(person.says("documented 1795000000 decide"), format!("Off Session({reason})"));
        assert_eq!(person.says("documented 1795000000 yes"), format!("Err(Session({reason}))"));
    }
}

// Of symbolic links.
#[cfg(unix)]
/// A place, and the reason that a link with a missing target there leads to.
type Place = (fn(&Person) -> PathBuf, &'static str);

// Of symbolic links.
#[cfg(unix)]
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

// Of symbolic links.
#[cfg(unix)]
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
    let blocks: &[(Put, &str)] = &[
        (|path| fs::write(path, "").unwrap(), "NotAFolder"),
        #[cfg(unix)]
        (|path| symlink(path, path).unwrap(), "Link"),
    ];
    for (block, reason) in blocks {
        // The folder for settings, and on Unix those above it, which on Windows are those of every program.
        for above in if cfg!(unix) { 0..3 } else { 0..1 } {
            let person = Person::new();
            let answers = person.answers();
            let place = answers.ancestors().nth(above + 1).unwrap();
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            block(place);
            let expected = format!("Off Answer(File({reason}))");
            assert_eq!(person.says("documented 1795000000 decide"), expected, "{place:?}");
        }
        if cfg!(windows) {
            continue;
        }
        let person = Person::new();
        block(&person.root().join("etc/scruple"));
        let expected = format!("Off Organisation(Unreadable({reason}))");
        assert_eq!(person.says("documented 1795000000 decide"), expected);
    }
    #[cfg(unix)]
    {
        let mut person = Person::new();
        person.set("XDG_CONFIG_HOME", Path::new("/tmp").join("x".repeat(300)));
        assert_eq!(person.says("documented 1795000000 decide"), "Off Answer(File(System(InvalidFilename)))");
    }
}
