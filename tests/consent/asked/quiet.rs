//! What a run's arguments say about who reads it: nobody is told where a machine reads, or where it is to be quiet.

use clap::{Parser, Subcommand};

/// The program's arguments.
#[derive(Parser)]
#[command(version)]
pub struct Asked {
    #[arg(short, long)]
    quiet: bool,
    #[arg(long)]
    json: bool,
    #[arg(long)]
    format: Option<String>,
    #[arg(long, global = true, default_value = "human")]
    message_format: String,
    #[arg(long)]
    all: bool,
    file: Option<String>,
    #[command(subcommand)]
    command: Option<Sub>,
}

#[derive(Subcommand)]
enum Sub {
    Work,
    Completions { shell: Option<String> },
}

/// Whether the notice is shown by a run with these arguments, and what is decided then.
#[track_caller]
fn check(arguments: &str, is_shown: bool, decided: &str) {
    use super::person::{NOON, Person};
    use std::path::PathBuf;
    let person = Person::new();
    let (said, screen) = person.run_on_terminal(&format!("first-run {NOON} terminal with:{arguments} run decide"));
    assert_eq!(said.last().map(String::as_str), Some(decided), "{arguments}: {said:?}");
    assert_eq!(screen.contains("asked reports how it is used"), is_shown, "{arguments}: {screen}");
    assert_eq!(person.answers().exists(), is_shown, "{arguments}");
    if !is_shown {
        assert_eq!((screen.as_str(), person.files()), ("", Vec::<PathBuf>::new()), "{arguments}");
    }
}

// A window shows the notice however quiet the run is.
#[cfg(unix)]
#[test]
fn a_quiet_or_machine_readable_run_shows_no_notice() {
    let told = "Undecided Waiting";
    let not_told = "Undecided Undecided";
    check("--all", true, told);
    check("work", true, told);
    check("file", true, told);
    check("--,--quiet", true, told);
    for arguments in [
        "--quiet",
        "-q",
        "--all,-q",
        "--json",
        "--format,csv",
        "--format=csv",
        "--message-format=json",
        "work,--message-format,json",
        "completions",
        "completions,bash",
    ] {
        check(arguments, false, not_told);
    }
}

#[test]
fn a_run_without_a_command_shows_no_notice() {
    check("--help", false, "Off Informational(Help)");
    check("-h", false, "Off Informational(Help)");
    check("help", false, "Off Informational(Help)");
    check("work,--help", false, "Off Informational(Help)");
    check("--version", false, "Off Informational(Version)");
    check("", false, "Off Informational(Nothing)");
}
