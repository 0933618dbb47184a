//! The subcommand `telemetry`: what it says and does, and its exit codes.

use super::log::check_no_id;
use super::person::{Person, Ran};
use std::path::{MAIN_SEPARATOR, PathBuf};

/// The source with an organisation's word.
const ORGANISATION: &str = if cfg!(windows) { "organisation's value" } else { "organisation's file" };

/// Its place for this app.
const OF_THE_APP: &str = if cfg!(windows) {
    r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\com.example.words"
} else {
    "/etc/com.example.words/telemetry.toml"
};

/// Its place for all apps.
const OF_ALL_APPS: &str =
    if cfg!(windows) { r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\scruple" } else { "/etc/scruple/telemetry.toml" };

/// The place of the answer.
const ANSWER: &str = if cfg!(windows) {
    r"~\AppData\Local\scruple\settings\com.example.words\telemetry.toml"
} else {
    "~/.config/scruple/com.example.words/telemetry.toml"
};

#[track_caller]
fn check_status(person: &Person, code: i32, headline: &str) -> Ran {
    let ran = person.run(&["telemetry", "status"]);
    let first = ran.stdout.lines().next().unwrap_or_default();
    assert_eq!((ran.code, first), (code, format!("words telemetry is {headline}").as_str()), "{}", ran.stderr);
    assert_eq!(ran.stderr, "");
    check_no_id(&ran.stdout);
    let json = person.run(&["telemetry", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json.code, code);
    let because = status["because"].as_str().unwrap();
    assert!(headline.ends_with(because), "{status:#}");
    let mode = match code {
        0 => "on",
        10 if headline.starts_with("printed") => "log",
        10 => "off",
        _ => "undecided",
    };
    assert_eq!((&status["mode"], &status["app_id"]), (&mode.into(), &"com.example.words".into()));
    ran
}

#[test]
fn status_shows_the_decision_and_its_reason() {
    check_status(&Person::new(), 11, "undecided, and records nothing: no answer is stored");
    check_status(&Person::who_said_yes(), 0, "on: the stored answer is yes");
    check_status(&Person::who_was_told(), 0, "on: the notice was shown, and no source says no");
    let off = |name, value, because| {
        let mut person = Person::who_said_yes();
        let ran = check_status(person.set(name, value), 10, &format!("off: {because}"));
        assert!(ran.stdout.contains("\n  no "), "{}", ran.stdout);
    };
    off("DO_NOT_TRACK", "1", "the variable DO_NOT_TRACK says no");
    off("WORDS_TELEMETRY", "0", "the variable WORDS_TELEMETRY does not say yes");
    off("OTEL_SDK_DISABLED", "true", "the variable OTEL_SDK_DISABLED says no");
    off("GITHUB_ACTIONS", "true", "continuous integration: GitHub Actions");
    off("SUDO_UID", "1000", "not the person's own session: started through sudo, doas or pkexec");
    if cfg!(unix) {
        off("HOME", "relative", "not the person's own session: there is no home folder");
    }
    let mut person = Person::who_said_yes();
    let headline = "printed and not sent, by its variable; without it: the stored answer is yes";
    check_status(person.set("WORDS_TELEMETRY", "log"), 10, headline);
}

#[test]
fn status_shows_each_source_and_the_commands() {
    let ran = check_status(&Person::new(), 11, "undecided, and records nothing: no answer is stored");
    let mut names = ran.stdout.lines().filter(|line| line.starts_with("      ")).map(|line| line[6..34].trim_end());
    for expected in [
        "this build",
        "session",
        "WORDS_TELEMETRY",
        "DO_NOT_TRACK",
        "OTEL_SDK_DISABLED",
        ORGANISATION,
        ORGANISATION,
        "project's file",
        "continuous integration",
        "this run",
        "stored answer",
        "the program",
    ] {
        assert_eq!(names.next(), Some(expected), "{}", ran.stdout);
    }
    for part in [
        &format!("none at {OF_THE_APP}\n"),
        &format!("none at {OF_ALL_APPS}\n"),
        "  receiver    https://telemetry.example.com\n",
        "  controller  The example project, privacy@example.com\n",
        &format!("  answer      {ANSWER}\n"),
        "\nTo answer permanently: `words telemetry on` or `words telemetry off`. To see the data: `words telemetry show`.\n",
    ] {
        assert!(ran.stdout.contains(part), "{part:?}: {}", ran.stdout);
    }
    let mut person = Person::new();
    let ran = check_status(person.set("DO_NOT_TRACK", "1"), 10, "off: the variable DO_NOT_TRACK says no");
    assert!(ran.stdout.contains("\n  no  DO_NOT_TRACK "), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nA variable counts only where it is set; a stored no counts everywhere.\n"));
}

#[test]
fn a_projects_file_counts_in_its_folder() {
    let mut person = Person::who_said_yes();
    std::fs::write(person.work().join(".telemetry.toml"), "telemetry = \"off\"\n").unwrap();
    let ran = check_status(&person, 10, "off: the project's file .telemetry.toml says no");
    assert!(ran.stdout.contains("\n  no  project's file "), "{}", ran.stdout);
    person.set("WORDS_TELEMETRY", "log");
    assert_eq!(person.run(&["text.txt"]).stderr, "");
}

#[test]
fn on_shows_the_notice_and_off_is_permanent() {
    let person = Person::new();
    let on = person.run(&["telemetry", "on"]);
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cli/tests/notices/on.txt");
    let mut golden = std::fs::read_to_string(golden).unwrap();
    if cfg!(windows) {
        // With `.exe`, the command to say no is as much longer.
        golden = golden.replace(" DO_NOT_TRACK=1\n", "\n                DO_NOT_TRACK=1\n");
    }
    let after = "Your yes is stored; it counts unless another source says no.\nwords telemetry is on: the stored answer is yes\n";
    assert_eq!((on.code, on.stdout), (0, format!("{golden}\n{after}")));
    check_status(&person, 0, "on: the stored answer is yes");

    let off = person.run(&["telemetry", "off"]);
    let after = "Your no is stored; the queue, the secret, the ids and the receipts are deleted.\nwords telemetry is off: the stored answer is no\n";
    assert_eq!((off.code, off.stdout.as_str(), off.stderr.as_str()), (0, after, ""));
    check_status(&person, 10, "off: the stored answer is no");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = std::fs::metadata(person.answers()).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(person.run(&["telemetry", "off"]).code, 0, "twice");
    assert_eq!(person.run(&["telemetry", "on"]).code, 0, "the person may think again");
    check_status(&person, 0, "on: the stored answer is yes");
}

#[test]
fn a_yes_does_not_override_another_no() {
    let mut person = Person::new();
    let on = person.set("DO_NOT_TRACK", "1").run(&["telemetry", "on"]);
    assert_eq!(on.code, 0);
    assert!(on.stdout.ends_with("\nwords telemetry is off: the variable DO_NOT_TRACK says no\n"), "{}", on.stdout);
}

#[test]
fn reset_keeps_the_answer_and_makes_no_id() {
    let person = Person::new();
    let reset = person.run(&["telemetry", "reset"]);
    let headline = "words telemetry is undecided, and records nothing: no answer is stored\n";
    let after = format!(
        "The queue, the secret and the ids are deleted, the receipts are kept; the next run that is on makes new ids.\n{headline}"
    );
    assert_eq!((reset.code, reset.stdout.as_str()), (0, after.as_str()));
    assert_eq!(person.files(), Vec::<PathBuf>::new());
    drop(person);
    let person = Person::who_said_yes();
    std::fs::create_dir_all(person.state()).unwrap();
    assert_eq!(person.run(&["telemetry", "reset"]).code, 0);
    check_status(&person, 0, "on: the stored answer is yes");
}

#[test]
fn show_shows_the_records_also_while_telemetry_is_off() {
    let says_no = || {
        let mut person = Person::new();
        person.set("DO_NOT_TRACK", "1");
        person
    };
    for (person, headline) in [
        (Person::new as fn() -> Person, "undecided, and records nothing: no answer is stored"),
        (says_no, "off: the variable DO_NOT_TRACK says no"),
        (Person::who_said_yes, "on: the stored answer is yes"),
    ] {
        let person = person();
        let before = person.files();
        let show = person.run(&["telemetry", "show"]);
        let expected = format!(
            "\
words telemetry is {headline}
This is what it sends when it is on; showing it sends nothing.

With each record:
    service.name = words
    service.version = 0.1.0
    session.id = a random id, new in every process

Waiting to be sent:
    nothing that is finished

span words.run: One run of the program.
    begin and end = to the second
    duration = to the millisecond
    status = ok | error
    words.argument.names = any of --lines, <file>
    words.unit = lines | words

event words.read: The input was read.
    time = to the second
    words.input.size = <1KiB | <1MiB | >=1MiB
"
        );
        assert_eq!((show.code, show.stdout), (0, expected));
        assert_eq!(person.files(), before);
    }
}

#[test]
fn ids_are_shown_on_a_terminal_only() {
    let ran = Person::new().run(&["telemetry", "show", "--ids"]);
    let error = "error: --ids shows ids on a terminal only: ids do not belong in files, pipes and bug reports\n";
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (2, "", error));
}

/// The text with `HOME` for the home folder and `/` for `\`.
fn with_home(person: &Person, text: &str) -> String {
    let home = if cfg!(windows) { std::env::home_dir().unwrap() } else { person.home() };
    text.replace(home.to_str().unwrap(), "HOME").replace(MAIN_SEPARATOR, "/")
}

#[track_caller]
fn check_refused(person: &Person, arguments: &[&str], error: &str) {
    let ran = person.run(arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}: {}", ran.stderr);
    assert_eq!(with_home(person, &ran.stderr), error, "{arguments:?}");
}

#[track_caller]
fn check_off(person: &Person, said: &str) {
    let ran = person.run(&["telemetry", "off"]);
    assert_eq!((ran.code, with_home(person, &ran.stdout).as_str(), ran.stderr.as_str()), (0, said, ""));
}

#[test]
fn a_failed_command_shows_the_reason_and_a_remedy() {
    let mut sudo = Person::new();
    sudo.set("SUDO_UID", "1000");
    let session =
        "error: this session is not your own (started through sudo, doas or pkexec): run the command as yourself";
    let everybody = format!("To say no for all users: telemetry = \"off\" in {OF_THE_APP}").replace('\\', "/");
    check_refused(&sudo, &["telemetry", "on"], &format!("{session}\n"));
    check_refused(&sudo, &["telemetry", "off"], &format!("{session}\n  {everybody}\n"));
    check_refused(&sudo, &["telemetry", "reset"], &format!("{session}\n"));
    drop(sudo);

    let file = Person::new();
    file.break_settings();
    let [answers, elsewhere] = [file.answers(), file.state().join("telemetry.toml")];
    let [answers, elsewhere] = [answers, elsewhere].map(|path| with_home(&file, path.to_str().unwrap()));
    let way = "a part of its path is not a folder";
    let stored =
        format!("Your no is stored in {elsewhere}; the queue, the secret, the ids and the receipts are deleted.");
    let headline = format!("words telemetry is off: the stored answer can't be used: {way}");
    check_off(&file, &format!("{stored}\n{headline}\n"));
    drop(file);
    let nowhere = Person::new();
    nowhere.break_settings();
    nowhere.break_state();
    let error = format!(
        "error: your no is not stored ({answers}: {way}): it holds for this process only; DO_NOT_TRACK=1 in the \
         environment also says no\n  {headline}\n"
    );
    check_refused(&nowhere, &["telemetry", "off"], &error);
    drop(nowhere);

    let broken = Person::who_said_yes();
    std::fs::write(broken.answers(), "format = 1\n").unwrap();
    check_off(
        &broken,
        &format!("{stored}\nwords telemetry is off: the stored answer can't be used: it is malformed\n"),
    );
    assert_eq!(std::fs::read_to_string(broken.answers()).unwrap(), "format = 1\n", "it is left as it is");
    check_status(&broken, 10, "off: the stored answer can't be used: it is malformed");
}

#[test]
fn another_word_is_claps_error() {
    for (arguments, part) in [
        (&["telemetry", "zzzzz"][..], "error: unrecognized subcommand 'zzzzz'\n\nUsage: words telemetry <COMMAND>"),
        (&["telemetry", "stat"], "error: unrecognized subcommand 'stat'"),
        (&["telemetry", "status", "--jsn"], "a similar argument exists: '--json'"),
        (&["telemetry", "on", "text.txt"], "error: unexpected argument 'text.txt' found\n\nUsage: words telemetry on"),
    ] {
        let person = Person::new();
        let ran = person.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains(part), "{part:?}: {}", ran.stderr);
        assert_eq!(person.files(), Vec::<PathBuf>::new());
    }
    let help = Person::new().run(&["telemetry"]);
    assert_eq!((help.code, help.stdout.as_str()), (2, ""));
    for word in ["status", "on", "off", "reset", "show"] {
        assert!(help.stderr.contains(&format!("\n  {word} ")), "{word}: {}", help.stderr);
    }
}

// By strace.
#[cfg(unix)]
#[test]
#[ignore = "needs strace: apt-get install strace"]
fn no_command_uses_the_network() {
    let told = Person::who_was_told();
    for (person, arguments) in [
        (&told, &["status"][..]),
        (&told, &["status", "--json"]),
        (&told, &["show"]),
        (&told, &["show", "--html", "page.html"]),
        (&told, &["reset"]),
        (&told, &["on"]),
        (&told, &["status"]),
        (&told, &["off"]),
        (&told, &["send"]),
        (&told, &["status"]),
    ] {
        let log = person.work().join("calls");
        let mut strace = person.command("strace");
        strace.args(["-f", "-qq", "-e", "signal=none", "-e", "trace=network", "-o"]).arg(&log);
        strace.arg(env!("CARGO_BIN_EXE_words")).arg("telemetry").args(arguments).stdout(std::process::Stdio::null());
        let code = strace.status().expect("strace runs: apt-get install strace").code();
        assert!(matches!((arguments, code), (["send"], Some(1)) | (_, Some(0 | 10))), "{arguments:?}: {code:?}");
        assert_eq!(std::fs::read_to_string(log).unwrap(), "", "{arguments:?}");
    }
}

#[test]
fn send_shows_its_result_and_exits_with_1_if_a_part_is_not_sent() {
    let person = Person::who_said_yes();
    let nothing = person.run(&["telemetry", "send"]);
    assert_eq!((nothing.code, nothing.stdout.as_str(), nothing.stderr.as_str()), (0, "sent 0 records\n", ""));

    person.run(&["text.txt"]);
    // The receiver is none that is there; that it was tried already is a reason too.
    let left = person.run(&["telemetry", "send"]);
    assert_eq!((left.code, left.stderr.as_str()), (1, ""), "{}", left.stdout);
    assert!(left.stdout.starts_with("sent 0 records; "), "{}", left.stdout);
    drop(person);

    for (name, value, because) in [
        ("DO_NOT_TRACK", "1", "off: the variable DO_NOT_TRACK says no"),
        ("WORDS_TELEMETRY", "log", "printed and not sent, by its variable; without it: the stored answer is yes"),
    ] {
        let mut person = Person::who_said_yes();
        let ran = person.set(name, value).run(&["telemetry", "send"]);
        let said = format!("error: nothing is sent: words telemetry is {because}\n");
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (1, "", said.as_str()));
    }
    let undecided = Person::new();
    assert_eq!(undecided.run(&["telemetry", "send"]).code, 1);
    assert!(undecided.files().is_empty(), "{:?}", undecided.files());
}
