//! A no finds a place: whatever is wrong with the folder for settings, it is stored, and no yes comes back.

use super::person::Person;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt as _, symlink};
#[cfg(unix)]
use std::path::Path;

/// Something that is wrong with the folder for settings, and how it is put right again.
type Break = (&'static str, fn(&Person), fn(&Person));

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn folder(person: &Person) -> std::path::PathBuf {
    person.answers().parent().unwrap().to_owned()
}

/// Where `away` moves the folder for settings, or on Unix the one of all programs.
fn moved(person: &Person) -> [std::path::PathBuf; 2] {
    let place = if cfg!(unix) { person.home().join(".config") } else { folder(person) };
    let away = place.with_extension("away");
    [place, away]
}

fn away(person: &Person) {
    let [place, away] = moved(person);
    fs::rename(place, away).unwrap();
}

fn back(person: &Person) {
    let [place, away] = moved(person);
    fs::remove_file(&place).unwrap();
    fs::rename(away, place).unwrap();
}

const BREAKS: &[Break] = &[
    (
        "a file in the folder's place",
        |person| {
            away(person);
            fs::write(&moved(person)[0], "").unwrap();
        },
        back,
    ),
    #[cfg(unix)]
    (
        "a link without a target",
        |person| {
            away(person);
            symlink("unmounted", person.home().join(".config")).unwrap();
        },
        back,
    ),
    #[cfg(unix)]
    ("a folder that all may write to", |person| mode(&folder(person), 0o777), |person| mode(&folder(person), 0o700)),
    #[cfg(unix)]
    (
        "a folder that a group may write to",
        |person| mode(&folder(person), 0o770),
        |person| mode(&folder(person), 0o700),
    ),
    #[cfg(unix)]
    (
        "a file that others may write to",
        |person| mode(&person.answers(), 0o666),
        |person| mode(&person.answers(), 0o600),
    ),
    (
        "a file that is not understood",
        |person| {
            fs::copy(person.answers(), person.home().join("yes")).unwrap();
            fs::write(person.answers(), "broken").unwrap();
        },
        |person| {
            assert_eq!(fs::read_to_string(person.answers()).unwrap(), "broken", "it is left as it is");
            fs::copy(person.home().join("yes"), person.answers()).unwrap();
        },
    ),
];

/// The no holds, is named by the status, and a later yes takes it away.
#[track_caller]
fn check_stored(person: &Person, what: &str) {
    assert_eq!(person.says("documented 1795000000 decide"), "Off SaidNo", "{what}");
    assert_eq!(person.says("opt-in 1795000000 record decide"), "Off SaidNo", "{what}");
    let status = person.says("opt-in 1795000000 status");
    let place = if cfg!(unix) { r#""value":"no, in ~/."# } else { r#""value":"no, in ~"# };
    assert!(status.contains(place), "{what}: {status}");
    person.run("opt-in 1795000000 yes");
    assert_eq!(person.says("opt-in 1795000000 decide"), "On SaidYes", "{what}");
}

#[test]
fn a_no_is_stored_despite_any_error_of_the_folder_for_settings() {
    for (what, wrong, right) in BREAKS {
        let person = Person::new();
        person.run("opt-in 1795000000 yes");
        wrong(&person);
        let said = person.says("opt-in 1795000000 no");
        assert!(said.starts_with("Ok(Decision { mode: Off"), "{what}: {said}");
        right(&person);
        check_stored(&person, what);
    }
}

// Of modes.
#[cfg(unix)]
#[test]
fn a_no_in_the_state_folder_counts_despite_any_variable() {
    let mut person = Person::new();
    person.run("opt-in 1795000000 yes");
    let (config, state) = (person.home().join("config"), person.home().join("state"));
    person.set("XDG_CONFIG_HOME", &config).set("XDG_STATE_HOME", &state);
    mode(&folder(&person), 0o777);
    let said = person.says("opt-in 1795000000 no");
    assert!(said.starts_with("Ok("), "{said}");
    mode(&folder(&person), 0o700);
    for (name, value) in [("XDG_STATE_HOME", ""), ("XDG_CONFIG_HOME", "")] {
        assert_eq!(person.says("documented 1795000000 decide"), "Off SaidNo");
        person.set(name, value);
    }
    assert_eq!(person.says("documented 1795000000 decide"), "Off SaidNo");
}

#[test]
fn a_no_is_stored_despite_the_lock_of_another_process() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes record");
    #[cfg(unix)]
    let lock = |path: std::path::PathBuf| {
        let held = fs::File::open(path).unwrap();
        held.lock().unwrap();
        held
    };
    #[cfg(windows)]
    let lock = |path: std::path::PathBuf| {
        use std::os::windows::fs::OpenOptionsExt as _;
        let mut options = fs::File::options();
        options.write(true).create(true).truncate(false).share_mode(0).open(path.join(".lock")).unwrap()
    };
    let held = [lock(folder(&person)), lock(person.state())];
    let said = person.says("opt-in 1795000000 no");
    assert!(said.starts_with("Ok(Decision { mode: Off, reason: SaidNo"), "{said}");
    assert!(!person.state().join("identity.toml").exists(), "what a no deletes is deleted");
    drop(held);
    check_stored(&person, "locked");
}

// Of a limit.
#[cfg(unix)]
#[test]
fn a_no_with_space_for_a_name_only_counts() {
    let person = Person::new();
    person.run("opt-in 1795000000 yes");
    let limited = |role: &str| {
        let program = person.command(role);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "ulimit -f 0; exec \"$0\" \"$@\""]).arg(program.get_program()).args(program.get_args());
        shell.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = shell.current_dir(person.work()).output().unwrap();
        assert!(output.status.success(), "no signal ends it: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = limited("opt-in 1795000000 yes");
    assert!(said.contains("Err(Answer("), "{said}");
    assert_eq!(person.says("opt-in 1795000000 decide"), "On SaidYes");
    let said = limited("opt-in 1795000000 no");
    assert!(said.contains("Ok(Decision { mode: Off"), "{said}");
    for preset in ["opt-in", "documented"] {
        assert_eq!(person.says(&format!("{preset} 1795000000 decide")), "Off Answer(Malformed)");
    }
    // With room again the next no is whole, and a yes takes it away.
    person.run("opt-in 1795000000 no");
    check_stored(&person, "with room again");
}

#[cfg(unix)]
#[test]
#[ignore = "needs strace: apt-get install strace"]
fn a_no_killed_at_any_system_call_leaves_the_yes_or_a_no() {
    for (what, wrong, right) in std::iter::once(&("nothing", (|_| {}) as fn(&Person), (|_| {}) as fn(&Person)))
        .chain(BREAKS.iter().filter(|(what, ..)| what.starts_with("a f") && !what.contains("understood")))
    {
        let mut is_over = false;
        let mut nth = 0;
        while !is_over {
            nth += 1;
            assert!(nth < 500, "{what}: it ends");
            let person = Person::new();
            person.run("opt-in 1795000000 yes record");
            wrong(&person);
            let program = person.command("opt-in 1795000000 no");
            let mut strace = std::process::Command::new("strace");
            let calls = "mkdirat,fchmod,fchmodat,ftruncate,fsync,fdatasync,renameat,unlinkat,write";
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
            strace.args(["-e", &format!("inject={calls}:signal=KILL:when={nth}")]);
            strace.arg(program.get_program()).args(program.get_args()).current_dir(person.work());
            strace.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let output = strace.output().expect("strace runs: apt-get install strace");
            is_over = output.status.success();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            right(&person);
            let decided = person.says("opt-in 1795000000 decide");
            let is_no = decided == "Off SaidNo" || decided == "Off Answer(Malformed)";
            assert!(is_no || (!said.contains("> Ok(") && decided == "On SaidYes"), "{what}, {nth}: {decided}: {said}");
            person.run("opt-in 1795000000 no");
            assert_eq!(person.says("documented 1795000000 decide"), "Off SaidNo", "{what}, {nth}");
        }
        assert!(nth > 10, "{what}: {nth}");
    }
}
