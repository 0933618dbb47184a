//! Which arguments make a run one for help or the version: by the program's parser, else those before the first word that
//! is no option.

use super::person::{Person, Receiver};
use scruple::Telemetry;
use scruple_fixtures::trials;

trials! {
    a_word_that_is_no_option_ends_the_search,
    a_parser_overrules_the_search,
    a_flag_of_the_program_is_a_request,
}

/// A program that installs a package: its version is a value.
#[derive(clap::Parser)]
#[command(disable_version_flag = true)]
struct Install {
    #[arg(long)]
    version: Option<String>,
    package: Option<String>,
}

/// A program that prints its version itself.
#[derive(clap::Parser)]
#[command(disable_version_flag = true)]
struct Printing {
    #[arg(long, action = clap::ArgAction::SetTrue)]
    version: bool,
    word: Option<String>,
}

/// Parses this process's arguments as a program with a flag `--version` of its own.
pub fn parse_flag(telemetry: &Telemetry) {
    if let Ok(Printing { version, word }) = telemetry.try_clap_from::<Printing>(std::env::args_os()) {
        println!("{version} {word:?}");
    }
}

/// Parses this process's arguments, as far as clap has no error.
pub fn parse(telemetry: &Telemetry) {
    if let Ok(Install { version, package }) = telemetry.try_clap_from::<Install>(std::env::args_os()) {
        println!("{version:?} of {package:?}");
    }
}

/// What a run with these arguments decides, and how many of its records wait.
fn run(person: &Person, role: &str, arguments: &[&str]) -> (String, usize) {
    let before = person.waiting();
    let output = person.command(role).args(arguments).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    (printed.lines().last().unwrap_or_default().to_owned(), person.waiting() - before)
}

fn a_word_that_is_no_option_ends_the_search() {
    let receiver = Receiver::new();
    let person = Person::new(&receiver.0.url);
    for (arguments, asked) in [
        (&["--version"][..], Some("Version")),
        (&["--quiet", "-v", "--help", "x"], Some("Help")),
        (&["-h"], Some("Help")),
        (&["help"], Some("Help")),
        (&["-V"], Some("Version")),
        (&["version"], Some("Version")),
        (&["install", "--version", "1.2.3", "x"], None),
        (&["cargo", "--version"], None),
        (&["run", "--", "--help"], None),
        (&["--", "--help"], None),
        (&["-", "--help"], None),
        (&["", "--help"], None),
        (&["help", "me"], None),
        (&["--version=1.2.3"], None),
        (&["-h", "host"], None),
    ] {
        let decided = asked.map_or("On SaidYes".to_owned(), |asked| format!("Off Informational({asked})"));
        let ran = run(&person, "fresh record=1 decide", arguments);
        assert_eq!(ran, (decided, usize::from(asked.is_none())), "{arguments:?}");
    }
}

fn a_parser_overrules_the_search() {
    let receiver = Receiver::new();
    let person = Person::new(&receiver.0.url);
    for (arguments, asked) in
        [(&["--version", "1.2.3", "x"][..], None), (&["x", "--help"], Some("Help")), (&["x"], None)]
    {
        let decided = asked.map_or("On SaidYes".to_owned(), |asked| format!("Off Informational({asked})"));
        let ran = run(&person, "fresh parsed record=1 decide", arguments);
        assert_eq!(ran, (decided, usize::from(asked.is_none())), "{arguments:?}");
    }
}

fn a_flag_of_the_program_is_a_request() {
    let receiver = Receiver::new();
    let person = Person::new(&receiver.0.url);
    for (arguments, asked) in
        [(&["--version"][..], Some("Version")), (&["x", "--version"], Some("Version")), (&["x"], None)]
    {
        let decided = asked.map_or("On SaidYes".to_owned(), |asked| format!("Off Informational({asked})"));
        let ran = run(&person, "fresh flagged record=1 decide", arguments);
        assert_eq!(ran, (decided, usize::from(asked.is_none())), "{arguments:?}");
    }
}
