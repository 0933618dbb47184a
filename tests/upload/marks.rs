//! The variable that marks an uploader: any environment may hold one, and only a process of the program's own start believes
//! it, and that one never does the program's work.

use super::person::{Person, Receiver, receiver_and_person};
use super::program::{UPLOADER, mark};
use super::registry;
use scruple::registry::Registry;
use scruple_fixtures::{process, trials, until};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

trials! {
    a_mark_from_another_start_is_ignored,
    a_process_whose_host_is_gone_does_not_do_its_work,
    a_process_whose_program_is_gone_does_not_do_its_work,
    // Of the first word of a command line, which is not told apart from the path there.
    #[cfg(unix)] a_program_that_is_several_in_one_runs_no_other,
    a_second_pipeline_does_not_run_the_program_again,
    a_host_of_a_library_is_never_an_uploader,
    ; "needs root":
    // Of namespaces.
    #[cfg(target_os = "linux")] a_mark_of_a_process_without_an_id_here_is_ignored,
    #[cfg(target_os = "linux")] a_host_whose_children_have_other_ids_starts_nothing,
}

/// Runs the program with this mark, and checks that it does its work.
#[track_caller]
fn check_works(person: &Person, what: &str, prepare: impl FnOnce(Command) -> Command) {
    // No upload is due: the first process of a container would upload at its end.
    fs::write(person.state().join("stamp"), "").unwrap();
    let before = person.waiting();
    let output = prepare(person.command("fresh record=1 decide")).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && printed.starts_with("On"), "{what}: {printed}");
    assert_eq!(person.waiting(), before + 1, "{what}");
}

fn a_mark_from_another_start_is_ignored() {
    let (receiver, person) = receiver_and_person();
    let true_elsewhere = "com.example.asked starter 0000000000000001";
    for value in ["", "1", "com.example.asked", "com.example.asked starter", true_elsewhere] {
        check_works(&person, value, |mut command| {
            command.env(UPLOADER, value);
            command
        });
    }
    for (what, held) in [
        ("of another stage", "com.example.asked uploader 0000000000000001".to_owned()),
        ("of another start", "com.example.asked starter 0000000000000002".to_owned()),
        ("of another process, which has handed it on", format!("{true_elsewhere}{}", std::process::id())),
        ("of nobody", String::new()),
    ] {
        check_works(&person, what, |mut command| {
            let mut file = process::nameless_file();
            file.write_all(held.as_bytes()).unwrap();
            command.env(UPLOADER, true_elsewhere).stdin(file);
            command
        });
    }
    check_works(&person, "in a file of anyone's", |mut command| {
        fs::write(person.home().join("input"), true_elsewhere).unwrap();
        command.env(UPLOADER, true_elsewhere).stdin(File::open(person.home().join("input")).unwrap());
        command
    });
    check_works(&person, "with more than the first argument", |mut command| {
        mark(&mut command, "starter").args(["word", "word"]);
        command
    });
    assert_eq!(receiver.requests(), Vec::<String>::new());
    // The control.
    let first = if cfg!(windows) { "uploader" } else { "starter" };
    let status = mark(&mut person.command("fresh record=1"), first).status().unwrap();
    assert!(status.success());
    until("its uploader sends", || person.waiting() == 0);
}

/// Another program's.
static OTHER: Registry<'static> =
    registry::REGISTRY.service(registry::REGISTRY.service.app_id("com.example.other").name("other"));

/// How long code above `start` takes in the processes of an upload.
const SLOW: Duration = Duration::from_millis(300);

/// What comes above `start`, in every process of the program.
pub fn before(home: &Path, role: &str) {
    if home.join("slow").exists() && role.is_empty() {
        thread::sleep(SLOW);
    }
    if let Ok(applet) = fs::read_to_string(home.join("applet")) {
        let mut arguments = std::env::args();
        let chosen = [arguments.next(), arguments.next()].into_iter().flatten();
        // As a program that is several in one: another one of them.
        if !chosen.into_iter().any(|chosen| chosen.rsplit('/').next() == Some(&applet)) {
            work(home);
            std::process::exit(0);
        }
    }
    if home.join("two").exists() {
        drop(scruple::start(&OTHER).build());
    }
}

/// The program's own work, which no process of an upload does.
pub fn work(home: &Path) {
    println!("{OWN_WORK}");
    fs::write(home.join("own-work"), OWN_WORK).unwrap();
}

const OWN_WORK: &str = "the program's own work";

/// Ends the process while it waits for its starter.
pub fn vanish(is_killed: bool) {
    thread::spawn(move || {
        thread::sleep(SLOW / 3);
        if is_killed {
            process::kill_this_one();
        }
        std::process::exit(0);
    });
}

#[cfg(target_os = "linux")]
/// From now on children are in another namespace of ids.
pub fn bear_elsewhere() {
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWPID).expect("root may do so");
}

fn a_process_whose_host_is_gone_does_not_do_its_work() {
    let receiver = Receiver::new();
    for how in ["", "killed"] {
        let person = Person::new(&receiver.0.url);
        fs::write(person.home().join("slow"), "").unwrap();
        let begun = Instant::now();
        let _ = person.start(&format!("record=1 {how} vanish")).wait().unwrap();
        // On Windows, nothing is started between a host and its uploader, and a process takes longer to start.
        assert!(cfg!(windows) || begun.elapsed() < SLOW, "it has not waited for its starter's end");
        let has_run_again = || person.home().join("own-work").exists();
        until("the uploader sends", || person.waiting() == 0 || has_run_again());
        assert!(!has_run_again(), "{how}: the program has run again");
    }
    assert_eq!(receiver.records().len(), 2);
}

/// An installer removes the program as soon as it has ended, or an update replaces it.
fn a_process_whose_program_is_gone_does_not_do_its_work() {
    let (receiver, person) = receiver_and_person();
    for has_successor in [false, true] {
        let program = person.home().join("program");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        fs::write(person.home().join("slow"), "").unwrap();
        person.later();
        let mut host = Command::new(&program);
        host.env_clear()
            .envs(person.command("record=1 vanish").get_envs().filter_map(|(name, value)| Some((name, value?))));
        assert!(host.current_dir(person.home()).status().unwrap().success());
        fs::remove_file(&program).unwrap();
        if has_successor {
            fs::copy("/bin/true", &program).unwrap();
        }
        // As long as a process that was started could take.
        thread::sleep(Duration::from_secs(1));
        assert!(!person.home().join("own-work").exists(), "{has_successor}: the program has run again");
        let _ = fs::remove_file(&program);
    }
    // The control: the records are there, and the next process sends them.
    fs::remove_file(person.home().join("slow")).unwrap();
    person.later();
    person.run("record=1");
    until("the uploader sends", || person.waiting() == 0);
    let records = receiver.records().len();
    // On Windows, a host with a pipe sends in a thread, which may end with it before it has deleted what it sent.
    assert!(records == 3 || cfg!(windows) && records > 3, "{records}");
}

#[cfg(unix)]
fn a_program_that_is_several_in_one_runs_no_other() {
    let receiver = Receiver::new();
    for argument in ["words", "help"] {
        for name in [None, Some("/usr/bin/several"), Some("words"), Some("")] {
            let person = Person::new(&receiver.0.url);
            let is_by_name = name == Some("words");
            fs::write(person.home().join("applet"), if is_by_name { "words" } else { argument }).unwrap();
            let mut program = person.command("record=1");
            name.map(|name| std::os::unix::process::CommandExt::arg0(&mut program, name));
            assert!(program.args([argument, "private"]).status().unwrap().success());
            until("it arrives", || person.waiting() == 0 || person.home().join("own-work").exists());
            assert!(!person.home().join("own-work").exists(), "{name:?} {argument}: another one ran");
            assert_eq!(std::mem::take(&mut *receiver.0.arrivals.lock().unwrap()).len(), 1);
        }
    }
}

/// The second pipeline is built for some arguments alone, and an uploader has none.
fn a_second_pipeline_does_not_run_the_program_again() {
    let (_receiver, person) = receiver_and_person();
    fs::write(person.home().join("two"), "").unwrap();
    person.run("second record=1");
    // As long as a process that was started could take.
    thread::sleep(Duration::from_secs(1));
    assert!(!person.home().join("own-work").exists(), "the program has run again");
    // The control: without such a pipeline in between.
    fs::remove_file(person.home().join("two")).unwrap();
    person.later();
    person.run("record=1");
    until("the uploader sends", || person.waiting() == 0);
    assert!(!person.home().join("own-work").exists());
}

#[cfg(target_os = "linux")]
fn a_host_whose_children_have_other_ids_starts_nothing() {
    let (receiver, person) = receiver_and_person();
    person.run("record=1 elsewhere");
    thread::sleep(Duration::from_secs(1));
    assert!(!person.home().join("own-work").exists(), "the program has run again");
    assert_eq!(receiver.requests(), Vec::<String>::new());
    // The control.
    person.later();
    person.run("record=1");
    until("the uploader sends", || person.waiting() == 0);
}

#[cfg(target_os = "linux")]
/// The first process in a namespace of ids has no parent, session or group there.
fn a_mark_of_a_process_without_an_id_here_is_ignored() {
    let (receiver, person) = receiver_and_person();
    for value in ["uploader 0000000000000000", "starter 0000000000000000", "starter 0000000000000001"] {
        check_works(&person, value, |command| {
            let mut first = Command::new("unshare");
            first.args(["--pid", "--fork", "--mount-proc"]).arg(command.get_program()).env_clear();
            first.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            first.env("PATH", std::env::var_os("PATH").unwrap()).env(UPLOADER, format!("com.example.asked {value}"));
            first
        });
    }
    assert_eq!(receiver.requests(), Vec::<String>::new());
}

fn a_host_of_a_library_is_never_an_uploader() {
    let (_receiver, person) = receiver_and_person();
    let is_uploader = || {
        let output = person.uploader().output().unwrap();
        assert!(output.status.success());
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.is_empty() || printed == format!("{OWN_WORK}\n"), "{printed}");
        printed.is_empty()
    };
    assert!(is_uploader());
    fs::write(person.home().join("library"), "").unwrap();
    assert!(!is_uploader());
}
