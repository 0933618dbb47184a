//! Which arguments a run uses: their names and the subcommand's path as clap parsed them, and never a value.

use clap::{Arg, ArgAction, ArgGroup, Args, Command, CommandFactory as _, Parser, Subcommand, ValueEnum};
use proptest::prelude::*;
use scruple::registry::{Attribute, ProgramSettings, Registry, Signal, Treatment};
use scruple::testing::arguments::declares;
use scruple::{Used, UsedCommand};
use scruple_fixtures::tables::{self, attribute, service};

/// A program as it is written with derive.
#[derive(Parser)]
#[command(name = "derived", version)]
struct Derived {
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    #[arg(short, long)]
    all: bool,
    #[arg(short = 'n')]
    number: Option<u32>,
    #[arg(long = "colour", alias = "color", visible_short_alias = 'c', default_value = "auto")]
    colour: Colour,
    #[arg(long, env = "ARGUMENTS_TEST_TOKEN", hide = true)]
    token: Option<String>,
    #[arg(long, default_missing_value = "here", num_args = 0..=1)]
    place: Option<String>,
    #[command(flatten)]
    pair: Pair,
    #[command(subcommand)]
    command: Option<Sub>,
}

/// A struct that is flattened is a group with its name.
#[derive(Args)]
#[group(multiple = false)]
struct Pair {
    #[arg(long)]
    left: bool,
    #[arg(long)]
    right: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Colour {
    Auto,
    Never,
}

#[derive(Subcommand)]
enum Sub {
    /// With a positional argument, and what follows `--`.
    #[command(visible_alias = "b", alias = "make")]
    Build {
        #[arg(long)]
        release: bool,
        target: Option<String>,
        #[arg(last = true)]
        rest: Vec<String>,
    },
    /// Needs another one.
    #[command(subcommand)]
    Remote(Remote),
    /// All that follows is somebody else's.
    Exec {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    #[command(external_subcommand)]
    #[expect(dead_code, reason = "nobody runs it")]
    Other(Vec<String>),
}

#[derive(Subcommand)]
enum Remote {
    #[command(name = "add", alias = "new")]
    Add {
        #[arg(long)]
        fetch: bool,
        name: String,
        url: String,
    },
    List,
}

/// A program as it is written without.
fn built() -> Command {
    Command::new("built")
        .arg(Arg::new("files").num_args(1..).action(ArgAction::Append))
        .arg(Arg::new("output").short('o').long("output").overrides_with("output"))
        .arg(Arg::new("quiet").short('q').action(ArgAction::SetTrue))
        .arg(Arg::new("no-cache").long("no-cache").action(ArgAction::SetFalse))
        .arg(Arg::new("define").short('D').action(ArgAction::Append).value_delimiter(','))
        .arg(Arg::new("level").long("level").default_value("1").default_value_if("quiet", "true", "0"))
        .arg(Arg::new("x").short('x').action(ArgAction::SetTrue))
        .arg(Arg::new("y").short('y').action(ArgAction::SetTrue).conflicts_with("x"))
        .group(ArgGroup::new("axis").args(["x", "y"]))
        .subcommand(
            Command::new("sync").short_flag('S').long_flag("sync").arg(Arg::new("refresh").short('r').num_args(0..=1)),
        )
}

#[track_caller]
fn check(mut command: Command, line: &str, names: &[&str], path: &str, kind: UsedCommand) {
    let matches = command.try_get_matches_from_mut(line.split(' ').filter(|word| !word.is_empty()));
    let matches = matches.unwrap_or_else(|error| panic!("{line}: {error}"));
    let used = Used::of(&command, &matches);
    assert_eq!(used.arguments(), names, "{line}");
    assert_eq!((used.command().as_str(), used.kind()), (path, kind), "{line}");
}

#[test]
fn an_argument_in_use_has_its_name_and_nothing_else() {
    use UsedCommand::{Bare, External, Own};
    let rows: &[(&str, &[&str], &str, UsedCommand)] = &[
        // Nothing: what has a default is not in use.
        ("derived", &[], "", Bare),
        // Flags, once each, in clusters and repeated.
        ("derived --all", &["--all"], "", Bare),
        ("derived -a", &["--all"], "", Bare),
        ("derived -av", &["--all", "--verbose"], "", Bare),
        ("derived -vvv -v --verbose", &["--verbose"], "", Bare),
        // Options: the name, whichever way the value comes, and an alias is none.
        ("derived -n 5", &["-n"], "", Bare),
        ("derived -n5", &["-n"], "", Bare),
        ("derived -avn5", &["--all", "--verbose", "-n"], "", Bare),
        ("derived --colour never", &["--colour"], "", Bare),
        ("derived --colour=auto", &["--colour"], "", Bare),
        ("derived --color=never", &["--colour"], "", Bare),
        ("derived -cnever", &["--colour"], "", Bare),
        ("derived --place", &["--place"], "", Bare),
        ("derived --place=--all", &["--place"], "", Bare),
        // Hidden is in use all the same; a group is no argument.
        ("derived --token secret", &["--token"], "", Bare),
        ("derived --left", &["--left"], "", Bare),
        // Subcommands by their names, with the arguments on every level.
        ("derived build", &[], "build", Own),
        ("derived b --release", &["--release"], "build", Own),
        ("derived make x86_64", &["<target>"], "build", Own),
        ("derived -a build --release x86_64", &["--all", "--release", "<target>"], "build", Own),
        ("derived build -- --release --all", &["<rest>"], "build", Own),
        ("derived build x86_64 -- remote add", &["<rest>", "<target>"], "build", Own),
        ("derived remote add name url", &["<name>", "<url>"], "remote add", Own),
        ("derived remote new --fetch name url", &["--fetch", "<name>", "<url>"], "remote add", Own),
        ("derived remote list", &[], "remote list", Own),
        // A global argument is in use once, on whichever level it stands.
        ("derived -v remote list", &["--verbose"], "remote list", Own),
        ("derived remote -v list", &["--verbose"], "remote list", Own),
        ("derived remote list --verbose", &["--verbose"], "remote list", Own),
        ("derived -v remote -v list -v", &["--verbose"], "remote list", Own),
        // What follows is a value, also if it looks like an argument or a subcommand.
        ("derived exec rm --all -v remote", &["<command>"], "exec", Own),
        // What the program does not know has no name.
        ("derived secret --release -x 1", &[], "", External),
        ("derived -a secret remote add", &["--all"], "", External),
    ];
    for (line, names, path, kind) in rows {
        check(Derived::command(), line, names, path, *kind);
    }
    let rows: &[(&str, &[&str], &str, UsedCommand)] = &[
        ("built", &[], "", Bare),
        ("built one two three", &["<files>"], "", Bare),
        ("built -- -x --output", &["<files>"], "", Bare),
        ("built -o one --output two", &["--output"], "", Bare),
        ("built --no-cache", &["--no-cache"], "", Bare),
        ("built -Da=1,b=2 -D c", &["-D"], "", Bare),
        // A default that another argument brings is a default.
        ("built -q", &["-q"], "", Bare),
        ("built -x", &["-x"], "", Bare),
        // A subcommand that is written as a flag is a subcommand.
        ("built -S", &[], "sync", Own),
        ("built -Sr", &["-r"], "sync", Own),
        ("built --sync -r now", &["-r"], "sync", Own),
        ("built -q sync", &["-q"], "sync", Own),
    ];
    for (line, names, path, kind) in rows {
        check(built(), line, names, path, *kind);
    }
    // Abbreviations, where a program takes them.
    check(
        Derived::command().infer_long_args(true).infer_subcommands(true),
        "derived --al rem lis",
        &["--all"],
        "remote list",
        Own,
    );
}

#[test]
fn an_argument_from_a_variable_is_not_in_use() {
    let set = |value: &'static str| {
        Derived::command().mut_arg("token", move |token| token.env(None::<&str>).default_value(value))
    };
    check(set("secret"), "derived", &[], "", UsedCommand::Bare);
    // The test's own environment has to say something: cargo sets this for every test.
    let of_cargo = || Derived::command().mut_arg("token", |token| token.env("CARGO_MANIFEST_DIR"));
    check(of_cargo(), "derived", &[], "", UsedCommand::Bare);
    check(of_cargo(), "derived --token secret", &["--token"], "", UsedCommand::Bare);
}

/// Whatever a person may write: it holds a mark that is in no name.
fn value() -> impl Strategy<Value = String> {
    (r"\PC{0,12}", r"\PC{0,12}").prop_map(|(before, after)| format!("{before}QZQ{after}"))
}

proptest! {
    #[test]
    fn the_used_arguments_contain_no_value(
        values in prop::collection::vec(value(), 6),
        // A hyphen before a value, where it may stand, makes it look like an argument.
        hyphens in 0_usize..3,
        way in 0_usize..7,
    ) {
        let [one, two, three, four, five, six] = values.try_into().expect("six");
        let odd = format!("{}{one}", "-".repeat(hyphens));
        let line: Vec<String> = match way {
            0 => vec!["--colour=never".into(), format!("--token={one}"), format!("--place={two}")],
            1 => vec!["build".into(), format!("x{one}"), "--".into(), odd, two, three],
            2 => vec!["remote".into(), "add".into(), "--".into(), one, two],
            3 => vec!["exec".into(), format!("x{one}"), two, odd, three, four, five, six],
            4 => vec![format!("x{one}"), two, odd, three, "--all".into()],
            5 => vec!["--token".into(), format!("x{one}"), "--place".into(), format!("x{two}"), "-av".into()],
            _ => vec!["-n".into(), "5".into(), format!("x{one}"), four, five, six],
        };
        let mut command = Derived::command();
        let parsed = command.try_get_matches_from_mut(std::iter::once("derived".to_owned()).chain(line.clone()));
        let matches = match parsed {
            Ok(matches) => matches,
            Err(error) => return Err(TestCaseError::fail(format!("{line:?}: {error}"))),
        };
        let used = Used::of(&command, &matches);
        let said = format!("{:?} {:?} {} {:?}", used, used.arguments(), used.command(), used.kind());
        prop_assert!(!said.contains("QZQ"), "{said}");
    }
}

const fn registry(attributes: &'static [Attribute<'static>]) -> Registry<'static> {
    const RUN: &[Signal<'static>] = &[Signal::event("arguments.run", "One run.").attributes(&[tables::used(0)])];
    Registry::new(
        "https://arguments.example/schemas/1.0.0",
        service("example.arguments", "arguments").endpoint("http://127.0.0.1:4318"),
    )
    .attributes(attributes)
    .events(RUN)
}

const NAMES: &[&str] = &[
    "--all",
    "--colour",
    "--fetch",
    "--left",
    "--place",
    "--release",
    "--right",
    "--token",
    "--verbose",
    "-n",
    "<command>",
    "<name>",
    "<rest>",
    "<target>",
    "<url>",
];

const PATHS: &[&str] = &["build", "exec", "remote add", "remote list"];

#[test]
fn fully_declared_arguments_are_accepted() {
    static REGISTRY: Registry<'static> = registry(&[
        attribute("a.command", Treatment::Enum { members: PATHS, otherwise: None }),
        attribute("a.names", Treatment::Names { members: NAMES }),
    ]);
    declares(&REGISTRY, Derived::command(), "a.names", Some("a.command")).unwrap();
    declares(&REGISTRY, Derived::command(), "a.names", None).unwrap();
}

#[test]
fn a_command_for_telemetry_of_another_name_is_shown() {
    let check = |command: &'static str| {
        static REGISTRY: Registry<'static> = registry(&[attribute("a.names", Treatment::Names { members: NAMES })]);
        let settings = ProgramSettings::new().command(command);
        let registry = Registry { service: REGISTRY.service.settings(settings), ..REGISTRY };
        declares(&registry, Derived::command(), "a.names", None).map_err(|error| error.to_string())
    };
    assert_eq!(check("derived telemetry"), Ok(()));
    let expected = "\
the registry of arguments names another command than the program's
  in the `privacy` of the entity `service` replace `command: other telemetry` by `command: derived telemetry`
  then run `scruple codegen` again";
    assert_eq!(check("other telemetry"), Err(expected.to_owned()));
}

#[test]
fn an_undeclared_argument_is_shown_in_its_yaml_form() {
    static REGISTRY: Registry<'static> = registry(&[
        attribute("a.command", Treatment::Enum { members: &["build", "exec", "remote list"], otherwise: None }),
        attribute("a.names", Treatment::Names { members: NAMES }),
    ]);
    let command = || {
        Derived::command()
            .arg(Arg::new("brand-new").long("brand-new").action(ArgAction::SetTrue))
            .subcommand(Command::new("null").arg(Arg::new("1st").short('1').action(ArgAction::SetTrue)))
    };
    let missing = declares(&REGISTRY, command(), "a.names", Some("a.command")).unwrap_err();
    let expected = "\
the registry of arguments does not declare all of the program's arguments
  to the members of `a.names` add each argument that is missing:
    - --brand-new
    - \"-1\"
  to the members of `a.command` add each subcommand that is missing:
    - {id: null, value: \"null\", stability: development}
    - {id: remote_add, value: remote add, stability: development}
  then run `scruple codegen` again";
    assert_eq!(missing.to_string(), expected);
    assert_eq!(format!("{missing:?}"), expected, "as a test that unwraps it shows it");
    let elsewhere = declares(&REGISTRY, built(), "a.command", Some("a.path")).unwrap_err().to_string();
    for part in [
        "add an attribute `a.command` with `type: string[]`, `privacy: {from: names, members: […]}`; it takes each argument:",
        "\n    - --output\n",
        "add an attribute `a.path` with `type: {members: […]}`; it takes each subcommand:",
        "\n    - {id: sync, value: sync, stability: development}\n",
    ] {
        assert!(elsewhere.contains(part), "{part:?}: {elsewhere}");
    }
    // An argument of the program's own may be called version: it is no question that clap answers.
    let versioned = Command::new("built").disable_version_flag(true).arg(Arg::new("version").long("version"));
    assert!(declares(&REGISTRY, versioned, "a.names", None).is_err());
}
