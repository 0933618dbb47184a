//! A program's own arguments are parsed as if there were no subcommand `telemetry`, and what asks for nothing but help, the
//! version or nothing records nothing.

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use proptest::prelude::*;
use scruple::consent::{Informational, Mode, Reason};
use scruple::encode::Format;
use scruple::registry::Registry;
use scruple::testing::Rehearsal;
use scruple::{Telemetry, UsedCommand};
use scruple_fixtures::process;
use scruple_fixtures::tables::service;
use std::fmt::Debug;

static REGISTRY: Registry<'static> = Registry::new(
    "https://parsing.example/schemas/1.0.0",
    service("example.parsing", "parsing").endpoint("http://127.0.0.1:4318"),
);

/// No subcommand.
#[derive(Parser, Debug, PartialEq)]
#[command(name = "plain", version, help_expected = true)]
struct Plain {
    /// A flag
    #[arg(short, long)]
    all: bool,
    /// One file
    file: Option<String>,
}

/// Many files, a needed option, and what has to follow `--`.
#[derive(Parser, Debug, PartialEq)]
#[command(version, infer_long_args = true)]
struct Many {
    #[arg(long)]
    config: String,
    files: Vec<String>,
    #[arg(last = true, required = true)]
    rest: Vec<String>,
}

/// Subcommands, of which it needs one; abbreviated ones too.
#[derive(Parser, Debug, PartialEq)]
#[command(version, infer_subcommands = true, propagate_version = true)]
struct Subs {
    #[arg(short, long, global = true)]
    all: bool,
    #[arg(long)]
    config: String,
    #[command(subcommand)]
    command: Sub,
}

#[derive(Subcommand, Debug, PartialEq)]
enum Sub {
    Test { name: Option<String> },
    Help2,
}

/// A subcommand that it may have, some of them not its own.
#[derive(Parser, Debug, PartialEq)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Open {
    #[arg(short, long)]
    all: bool,
    #[command(subcommand)]
    command: Option<Other>,
}

#[derive(Subcommand, Debug, PartialEq)]
enum Other {
    List,
    #[command(external_subcommand)]
    External(Vec<String>),
}

/// A program that has a subcommand `telemetry`.
#[derive(Parser, Debug, PartialEq)]
struct Own {
    #[command(subcommand)]
    command: OwnSub,
}

#[derive(Subcommand, Debug, PartialEq)]
enum OwnSub {
    Telemetry { word: Option<String> },
    List,
}

fn telemetry() -> Telemetry {
    scruple::start(&REGISTRY)
        .rehearsal(Rehearsal::new())
        .export(scruple::Exporter::requests(Format::Json, |_, _| {}))
        .build()
}

fn line<'a>(words: &[&'a str]) -> Vec<&'a str> {
    std::iter::once("program").chain(words.iter().copied()).collect()
}

/// Parsed by clap alone, and with the telemetry.
#[track_caller]
fn check_same<A: Parser + Debug + PartialEq>(words: &[&str]) {
    let alone = A::try_parse_from(line(words)).map_err(|error| error.kind());
    let with = telemetry().try_clap_from::<A>(line(words)).map_err(|error| error.kind());
    assert_eq!(with, alone, "{words:?}");
}

#[test]
fn a_later_word_telemetry_belongs_to_the_program() {
    check_same::<Plain>(&["--", "telemetry"]);
    check_same::<Plain>(&["./telemetry"]);
    check_same::<Plain>(&["help"]);
    check_same::<Plain>(&["tele"]);
    check_same::<Plain>(&["--all", "telemetry"]);
    check_same::<Many>(&["--config", "telemetry", "telemetry", "telemetry", "--", "telemetry"]);
    check_same::<Many>(&["--conf", "c", "--", "r"]);
    // The needed argument is needed, and the abbreviation is of one subcommand.
    check_same::<Subs>(&["test"]);
    check_same::<Subs>(&["--config", "c", "t"]);
    check_same::<Subs>(&["--config", "c", "te", "telemetry"]);
    check_same::<Open>(&["plugin", "telemetry"]);
    check_same::<Own>(&["telemetry"]);
    check_same::<Own>(&["telemetry", "status"]);
    check_same::<Own>(&[]);
}

fn words(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(of), 0..6)
}

proptest! {
    #[test]
    fn any_other_run_is_parsed_as_if_telemetry_did_not_exist(
        first in prop::sample::select(&["a", "-a", "--all", "--", "help", "--help", "t", "tele", "--config", "-V"][..]),
        any in words(&["a", "-a", "--all", "--", "-", "help", "telemetry", "status", "--help", "--config", "--json", ""]),
        // Where there are subcommands, `telemetry` is one of them wherever clap looks for one.
        subs in words(&["a", "-a", "--all", "--", "help", "test", "t", "te", "help2", "list", "--config", "-h", ""]),
    ) {
        let any: Vec<_> = std::iter::once(first).chain(any).collect();
        check_same::<Plain>(&any);
        check_same::<Many>(&any);
        check_same::<Own>(&any);
        check_same::<Subs>(&subs);
        check_same::<Open>(&subs);
    }
}

/// What a run is held to be for.
#[track_caller]
fn check<A: Parser + Debug>(
    words: &[&str],
    expected: Result<Option<Informational>, (ErrorKind, Option<Informational>)>,
) {
    let telemetry = telemetry();
    let parsed = telemetry.try_clap_from::<A>(line(words));
    let decision = telemetry.decision();
    let asked = match decision.reason {
        Reason::Informational(asked) => Some(asked),
        _ => None,
    };
    assert_eq!(decision.mode == Mode::Off, asked.is_some());
    assert_eq!(parsed.map(|_| asked).map_err(|error| (error.kind(), asked)), expected, "{words:?}");
}

#[test]
fn an_informational_run_records_nothing() {
    use Informational::{Help, Nothing, Version};
    check::<Plain>(&[], Ok(None));
    check::<Plain>(&["-a"], Ok(None));
    check::<Plain>(&["--help"], Err((ErrorKind::DisplayHelp, Some(Help))));
    check::<Plain>(&["-ah"], Err((ErrorKind::DisplayHelp, Some(Help))));
    check::<Plain>(&["a", "-V"], Err((ErrorKind::DisplayVersion, Some(Version))));
    check::<Plain>(&["--wrong"], Err((ErrorKind::UnknownArgument, None)));
    check::<Subs>(&[], Err((ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, Some(Nothing))));
    check::<Subs>(&["--config", "c"], Err((ErrorKind::MissingSubcommand, Some(Nothing))));
    check::<Subs>(&["help"], Err((ErrorKind::DisplayHelp, Some(Help))));
    check::<Subs>(&["--config", "c", "test", "--help"], Err((ErrorKind::DisplayHelp, Some(Help))));
    check::<Subs>(&["test", "-V"], Err((ErrorKind::DisplayVersion, Some(Version))));
    check::<Subs>(&["--config", "c", "test"], Ok(None));
    check::<Open>(&[], Ok(Some(Nothing)));
    check::<Open>(&["-a"], Ok(None));
    check::<Open>(&["list"], Ok(None));
    check::<Open>(&["plugin"], Ok(None));
}

#[test]
fn the_help_shows_the_subcommand_and_the_programs_own_is_kept() {
    let help = |error: clap::Error| error.to_string();
    let plain = help(telemetry().try_clap_from::<Plain>(["words", "--help"]).unwrap_err());
    assert!(plain.contains("Usage: words [OPTIONS] [FILE]\n       words <COMMAND>\n"), "{plain}");
    assert!(plain.contains("\n  telemetry  Shows what this program reports"), "{plain}");
    assert!(!plain.contains("\n  help "), "{plain}");
    let subs = help(telemetry().try_clap_from::<Subs>(["words", "--help"]).unwrap_err());
    assert!(subs.contains("Usage: words [OPTIONS] --config <CONFIG> <COMMAND>\n"), "{subs}");
    assert!(subs.contains("\n  telemetry  Shows") && subs.contains("\n  help "), "{subs}");
    let wrong = help(telemetry().try_clap_from::<Subs>(["words", "telemetryx"]).unwrap_err());
    assert!(wrong.contains("unrecognized subcommand 'telemetryx'") && wrong.contains("'telemetry'"), "{wrong}");
    let asked = telemetry().try_clap_from::<Subs>(["words", "help", "telemetry", "off"]).unwrap_err();
    assert_eq!(asked.kind(), ErrorKind::DisplayHelp);
    assert!(help(asked).contains("Usage: words telemetry off"));
    // Our own errors are clap's, and come back where the program asks for them.
    let wrong = telemetry().try_clap_from::<Plain>(["words", "telemetry", "frobnicate"]).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidSubcommand);
    assert!(wrong.to_string().contains("Usage: words telemetry <COMMAND>"), "{wrong}");
    let wrong = telemetry().try_clap_from::<Many>(["words", "telemetry"]).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);

    let own = telemetry();
    let parsed = own.try_clap_from::<Own>(["words", "telemetry", "status"]).unwrap();
    assert_eq!(parsed.command, OwnSub::Telemetry { word: Some("status".into()) });
    assert_eq!((own.used().command().as_str(), own.used().kind()), ("telemetry", UsedCommand::Own));
    assert_eq!(own.status().command, None);
    let help = own.try_clap_from::<Own>(["words", "--help"]).unwrap_err().to_string();
    assert_eq!(help.matches("\n  telemetry").count(), 1, "{help}");
}

#[test]
fn the_commands_have_the_name_that_the_program_was_called_by() {
    let called = |first: &str| {
        let telemetry = telemetry();
        telemetry.try_clap_from::<Plain>([first]).unwrap();
        telemetry.status().command
    };
    assert_eq!(called("/usr/local/bin/words").as_deref(), Some("words telemetry"));
    assert_eq!(called("").as_deref(), Some("plain telemetry"));
    let named = scruple::start(&REGISTRY).notice_command("git words telemetry").rehearsal(Rehearsal::new()).build();
    named.try_clap_from::<Plain>(["git-words"]).unwrap();
    assert_eq!(named.status().command.as_deref(), Some("git words telemetry"));
}

#[test]
fn completions_and_manuals_come_from_the_subcommand_that_runs() {
    let alone = Open::command().subcommand(Telemetry::subcommand());
    let names: Vec<_> = Telemetry::subcommand().get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    assert_eq!(names, ["status", "on", "off", "send", "reset", "show"]);
    for words in [&["--help"][..], &["status", "--help"], &["off", "--help"], &["show", "--help"], &["nothing"], &[]] {
        let line = || line(&["telemetry"]).into_iter().chain(words.iter().copied());
        let generated = alone.clone().try_get_matches_from(line()).unwrap_err();
        let parsed = telemetry().try_clap_from::<Open>(line()).unwrap_err();
        assert_eq!(parsed.kind(), generated.kind(), "{words:?}");
        assert_eq!(parsed.to_string(), generated.to_string(), "{words:?}");
    }
}

#[test]
fn no_argument_is_in_use_before_the_parse() {
    let telemetry = telemetry();
    assert_eq!(telemetry.used().arguments(), [""; 0]);
    telemetry.try_clap_from::<Plain>(["words", "-a", "private"]).unwrap();
    assert_eq!(telemetry.used().arguments(), ["--all", "<file>"]);
    telemetry.try_clap_from::<Plain>(["words"]).unwrap();
    assert_eq!(telemetry.used().arguments(), ["--all", "<file>"], "the first time counts");
}

/// Which program a process of this test is to be.
const ROLE: &str = "PARSING_ROLE";

/// Not a test: programs that need arguments, in processes of their own.
#[test]
fn the_program() {
    let line = ["program", "telemetry", "status", "--json"];
    match std::env::var(ROLE).as_deref() {
        Ok("many") => drop(telemetry().clap_from::<Many>(line)),
        Ok("subs") => drop(telemetry().clap_from::<Subs>(line)),
        Ok("open") => drop(telemetry().clap_from::<Open>(line)),
        _ => return,
    }
    panic!("the process ends before");
}

#[test]
fn the_subcommand_needs_no_argument_of_the_program() {
    for role in ["many", "subs", "open"] {
        let mut program = process::of_test("parsing::the_program");
        program.env(ROLE, role);
        let output = program.output().unwrap();
        let (said, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{role}: {said}{failed}");
        assert!(said.contains("\"command\":\"program telemetry\""), "{role}: {said}{failed}");
    }
}
