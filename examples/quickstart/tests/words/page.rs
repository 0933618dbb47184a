//! The page of `words telemetry show --html`: what is on it, where it is written, and who opens it.

use super::log::check_no_id;
use super::person::{PROGRAM, Person};
use scruple_fixtures::axe;
#[cfg(target_os = "linux")]
use scruple_fixtures::{terminal, until};
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::MAIN_SEPARATOR;
#[cfg(target_os = "linux")]
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::process::Stdio;

/// The places of an organisation's no.
const ORGANISATION: &str = if cfg!(windows) {
    r"<code>HKEY_LOCAL_MACHINE\SOFTWARE\Policies\com.example.words</code> or <code>HKEY_LOCAL_MACHINE\SOFTWARE\Policies\scruple</code>"
} else {
    "<code>/etc/com.example.words/telemetry.toml</code> or <code>/etc/scruple/telemetry.toml</code>"
};

/// The page on standard output.
#[track_caller]
fn page(person: &Person) -> String {
    let ran = person.run(&["telemetry", "show", "--html", "-"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("<!DOCTYPE html>") && ran.stdout.ends_with("</html>\n"), "{}", ran.stdout);
    ran.stdout
}

#[track_caller]
fn check_contains(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn the_page_shows_the_decision_the_declarations_and_the_ways_to_say_no_also_while_telemetry_is_off() {
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
        let page = page(&person);
        assert_eq!(person.files(), before, "showing it makes no file");
        check_contains(
            &page,
            &[
                &format!("<p><strong>words telemetry is {headline}</strong></p>"),
                "<code>words telemetry off</code>: for you, permanently.",
                "<code>WORDS_TELEMETRY=0</code> or <code>DO_NOT_TRACK=1</code> or <code>OTEL_SDK_DISABLED=true</code>",
                ORGANISATION,
                "<dt>controller</dt><dd>The example project, privacy@example.com</dd>",
                "<code>words.run</code> (span)",
                "<code>words.argument.names</code></td><td role=\"cell\" data-head=\"Possible values\">any of --lines, &lt;file&gt;</td>",
                "<code>words.read</code> (event)",
                "&lt;1KiB | &lt;1MiB | &gt;=1MiB",
                "No record waits in a finished file.",
                "There are no receipts of sent records.",
            ],
        );
        // Every line that `status` has for a source.
        let status = person.run(&["telemetry", "status", "--json"]).stdout;
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        for source in status["sources"].as_array().unwrap() {
            let no = if source["is_no"] == true { "<strong>Says no: </strong>" } else { "" };
            let value = source["value"].as_str().unwrap().replace('\'', "&#39;").replace('"', "&quot;");
            check_contains(&page, &[&format!("data-head=\"Value\">{no}{value}</td>")]);
        }
    }
}

#[test]
fn the_page_shows_what_waits_without_an_id() {
    let person = Person::who_said_yes();
    person.run(&["--lines", "text.txt"]);
    person.run(&["missing.txt"]);
    let page = page(&person);
    check_contains(
        &page,
        &["<dd>session#1</dd>", "<dd>session#2</dd>", "<dd>--lines, &lt;file&gt;</dd>", ", error, trace#2"],
    );
    assert!(!page.contains("missing.txt"), "{page}");
    let without_hash = page.split_once("sha256-").unwrap().1.split_once('\'').unwrap().1;
    check_no_id(without_hash.split_once("</style>").unwrap().1);
}

#[test]
fn the_page_has_no_script_and_loads_nothing() {
    let page = page(&Person::new());
    let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for part in ["<script", "<img", "<link", "<iframe", "@import", "url(", " src=", " style=", "http://"] {
        assert!(!page.contains(part), "{part}: {page}");
    }
}

#[test]
#[ignore = "needs chromium and axe-core: apt-get install chromium, npm install axe-core@4.14.1, and its axe.min.js in AXE_CORE"]
fn axe_finds_nothing() {
    let mut person = Person::who_said_yes();
    person.run(&["--lines", "text.txt"]);
    person.run(&["missing.txt"]);
    axe::finds_nothing(&page(&person));
    // With a no, and with a name of one word that is wider than a phone.
    let folder = person.work().join("wide".repeat(50));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(".telemetry.toml"), "telemetry = \"off\"\n").unwrap();
    person.set("DO_NOT_TRACK", "1");
    let output = person.command(PROGRAM).current_dir(&folder).args(["telemetry", "show", "--html", "-"]).output();
    axe::finds_nothing(&String::from_utf8(output.unwrap().stdout).unwrap());
}

#[test]
fn a_name_on_this_machine_does_not_become_markup() {
    let person = Person::new();
    // Windows has no names with the others.
    let name =
        if cfg!(windows) { "&lt;img src=x onerror=alert(1)&gt;'" } else { "<img src=x onerror=alert(1)>&lt;\"'" };
    let folder = person.work().join(name);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(".telemetry.toml"), "telemetry = \"off\"\n").unwrap();
    let output = person.command(PROGRAM).current_dir(&folder).args(["telemetry", "show", "--html", "-"]).output();
    let page = String::from_utf8(output.unwrap().stdout).unwrap();
    let shown = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let shown = shown.replace('"', "&quot;").replace('\'', "&#39;");
    check_contains(&page, &[&format!("{shown}{MAIN_SEPARATOR}.telemetry.toml")]);
    assert!(!page.contains("<img"), "{page}");
}

// What a no, a reset and the age of a receipt delete has no copy among the program's files.
#[test]
fn the_page_is_written_nowhere_but_where_the_person_has_named() {
    let with = |name: &str, value: &str| {
        let mut person = Person::new();
        person.set(name, value);
        person
    };
    let said_no = || {
        let person = Person::new();
        person.run(&["telemetry", "off"]);
        person
    };
    let people: [&dyn Fn() -> Person; 5] =
        [&Person::new, &|| with("DO_NOT_TRACK", "1"), &|| with("SUDO_UID", "1000"), &said_no, &Person::who_said_yes];
    for person in people {
        let person = person();
        let before = person.files();
        let ran = person.run(&["telemetry", "show", "--html"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("a value is required for '--html <FILE>'"), "{}", ran.stderr);
        assert_eq!(person.files(), before);
        assert_eq!(person.run(&["telemetry", "show", "--html", "page.html"]).code, 0);
        fs::remove_file(person.work().join("page.html")).unwrap();
        assert_eq!(person.files(), before, "nothing else is written");
    }
}

#[test]
fn a_file_that_a_person_names_is_private_too() {
    let person = Person::new();
    let write = |out: &str| person.run(&["telemetry", "show", "--html", out]);
    let path = person.work().join("page.html");
    fs::write(&path, "an older page").unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = write("page.html");
    let said = format!("The page is written to {}.\n", path.display());
    assert_eq!((ran.code, ran.stdout, ran.stderr.as_str()), (0, said, ""));
    #[cfg(unix)]
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&path).unwrap().ends_with("</html>\n"));

    // Windows makes no symbolic link without a right of its own.
    #[cfg(unix)]
    symlink(&path, person.work().join("link.html")).unwrap();
    fs::create_dir(person.work().join("folder")).unwrap();
    let not_a_file = "it is not a regular file; `-` is standard output";
    for (out, why) in [
        #[cfg(unix)]
        ("link.html", not_a_file),
        ("folder", not_a_file),
        (if cfg!(windows) { r"\\.\NUL" } else { "/dev/null" }, not_a_file),
        ("absent/page.html", "there is no such folder"),
        ("text.txt/page.html", "a part of its path is not a folder"),
    ] {
        let ran = write(out);
        assert_eq!((ran.code, ran.stdout, ran.stderr), (2, String::new(), format!("error: {out}: {why}\n")));
    }
}

#[test]
fn other_options_of_show_are_claps_error() {
    for other in ["--sent", "--ids"] {
        let ran = Person::new().run(&["telemetry", "show", "--html", "-", other]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("cannot be used with"), "{}", ran.stderr);
    }
}

/// A folder with a browser that notes the file it is to open, and stays until it finds the file `close`, or its own is gone.
#[cfg(target_os = "linux")]
fn browser(person: &Person) -> PathBuf {
    let bin = person.work().join("bin");
    fs::create_dir(&bin).unwrap();
    let opener = bin.join("xdg-open");
    let script = "#!/bin/sh\necho talks; echo \"$#\" \"$1\" > \"$0.new\"; mv \"$0.new\" \"$0.opened\"\nwhile [ -e \"$0\" ] && ! [ -e \"$0.close\" ]; do sleep 0.05; done\n";
    fs::write(&opener, script).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    opener
}

/// Runs the command with a terminal as standard output; returns its exit code and the text on the terminal.
#[cfg(target_os = "linux")]
fn run_on_terminal(person: &mut Person, bin: &Path, display: &str) -> (Option<i32>, String) {
    person.set("PATH", format!("{}:/usr/bin:/bin", bin.parent().unwrap().display())).set("DISPLAY", display);
    let (terminal, screen) = terminal::open();
    let mut command = person.command(PROGRAM);
    command
        .args(["telemetry", "show", "--html", "page.html"])
        .stdin(Stdio::null())
        .stdout(terminal)
        .stderr(Stdio::null());
    let code = command.status().unwrap().code();
    drop(command);
    (code, screen.text())
}

#[cfg(target_os = "linux")]
#[test]
fn a_browser_opens_the_page_on_a_terminal_and_is_not_waited_for() {
    let mut person = Person::new();
    let opener = browser(&person);
    let page = person.work().join("page.html");
    let said = format!("The page is written to {}", page.display());
    let ran = run_on_terminal(&mut person, &opener, ":0");
    assert_eq!(ran, (Some(0), format!("{said}, and opened in the browser.\n")), "while the browser runs");
    let opened = opener.with_extension("opened");
    until("the browser", || opened.exists());
    assert_eq!(fs::read_to_string(&opened).unwrap(), format!("1 {}\n", page.display()));
    fs::write(opener.with_extension("close"), "").unwrap();

    fs::remove_file(&opened).unwrap();
    let ran = run_on_terminal(&mut person, &opener, "");
    assert_eq!(ran, (Some(0), format!("{said}.\n")), "without a display");
    fs::remove_file(&opener).unwrap();
    person.set("PATH", "");
    let ran = run_on_terminal(&mut person, Path::new("/nowhere/xdg-open"), ":0");
    assert!(ran.0 == Some(0) && ran.1.starts_with(&said), "{ran:?}");
    assert!(!opened.exists());
}
