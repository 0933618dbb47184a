//! Parses a program's arguments with clap, and records which of them a run uses: their names, never a value.
//!
//! The program's own command parses the program's own arguments, as if there were no subcommand `telemetry`: arguments,
//! abbreviations and errors stay the same. Only a run whose first word is `telemetry` is ours, and only help and errors
//! about subcommands name it.

pub(crate) use super::command::NAME;
use super::command::subcommand;
use super::shared::Shared;
use super::telemetry::Telemetry;
use super::used::{Used, UsedCommand};
use crate::consent::{Informational, Reason};
use crate::sync::lock;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, Error, Parser};
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Arguments for machine-readable or quiet output: they suppress the notice.
const QUIET: [&str; 10] =
    ["q", "quiet", "silent", "json", "jsonl", "porcelain", "format", "message-format", "output-format", "no-notice"];

/// Subcommands whose output is read by a shell.
const FOR_SHELLS: [&str; 5] = ["completion", "completions", "complete", "generate-completion", "generate-completions"];

impl Used {
    /// The arguments in use. `command` must be the command that parsed: parsing builds it.
    pub fn of(command: &Command, matches: &ArgMatches) -> Self {
        let mut used = Self::NOTHING;
        used.add(command, matches);
        used
    }

    fn add(&mut self, command: &Command, matches: &ArgMatches) {
        let given = |argument: &&Arg| {
            let id = argument.get_id().as_str();
            // clap panics on an id that is not an argument of this level.
            matches.try_contains_id(id).is_ok() && matches.value_source(id) == Some(ValueSource::CommandLine)
        };
        self.arguments.extend(command.get_arguments().filter(given).map(name));
        let Some((sub, inside)) = matches.subcommand() else { return };
        match command.find_subcommand(sub) {
            Some(found) => {
                self.kind = UsedCommand::Own;
                self.command.push(found.get_name().to_owned());
                self.add(found, inside);
            }
            None => self.kind = UsedCommand::External,
        }
    }
}

/// An argument's name, as [`Used::arguments`] gives it.
pub(crate) fn name(argument: &Arg) -> String {
    match (argument.get_long(), argument.get_short()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(short)) => format!("-{short}"),
        (None, None) => format!("<{}>", argument.get_id()),
    }
}

impl Telemetry {
    /// Parses the program's arguments as [`Parser::parse`] does, and runs the subcommand `telemetry` if it is the first
    /// word.
    ///
    /// ```no_run
    /// use clap::{Parser, Subcommand};
    /// use scruple::consent::{Preset, Wait};
    /// use scruple::forward::Forward;
    /// use std::process::ExitCode;
    /// use tracing_subscriber::prelude::*;
    ///
    /// /// Keeps notes.
    /// #[derive(Parser)]
    /// #[command(version)]
    /// struct Args {
    ///     #[arg(short, long, global = true)]
    ///     quiet: bool,
    ///     #[command(subcommand)]
    ///     command: Notes,
    /// }
    ///
    /// #[derive(Subcommand)]
    /// enum Notes {
    ///     Add { text: String },
    ///     List,
    /// }
    /// # mod usage {
    /// #     use scruple::registry::{Registry, Service};
    /// #     const SERVICE: Service<'static> =
    /// #         Service::new("com.example.notes", "notes", "1.0.0", "", "http://127.0.0.1:4318");
    /// #     pub const REGISTRY: &Registry<'static> = &Registry::new("", SERVICE);
    /// #     pub enum Command { Add, List }
    /// #     impl Command { pub fn from_value(_: &str) -> Option<Self> { None } }
    /// #     pub struct Run;
    /// #     impl Run { pub fn command(&self, _: Command) {} }
    /// #     impl From<Run> for tracing::Span { fn from(_: Run) -> Self { Self::none() } }
    /// #     pub fn run(_: &[&str]) -> Run { Run }
    /// # }
    ///
    /// fn main() -> ExitCode {
    ///     let telemetry = scruple::start(usage::REGISTRY) // `mod usage` is written by `scruple codegen`
    ///         .preset(Preset::FirstRun(Wait::Day))
    ///         .export(Forward::http())
    ///         .build();
    ///     tracing_subscriber::registry().with(telemetry.layer()).init();
    ///
    ///     let args = telemetry.clap::<Args>();
    ///     let span = usage::run(&telemetry.used().arguments()); // a list of names: `--quiet,<text>`
    ///     if let Some(command) = usage::Command::from_value(&telemetry.used().command()) {
    ///         span.command(command); // an enum: `add` or `list`
    ///     }
    ///     telemetry.run(span, || match args.command {
    ///         Notes::Add { text } => drop(text),
    ///         Notes::List => {}
    ///     })
    /// }
    /// ```
    ///
    /// # What a person gets
    ///
    /// | command | does | exit code |
    /// |---|---|---|
    /// | `notes telemetry status [--json]` | says whether it is on, and what every source says | 0 on, 10 off or log, 11 undecided |
    /// | `notes telemetry on` | says what is reported, and stores a yes | 0 |
    /// | `notes telemetry off [--keep-receipts]` | stores a no, and deletes queue, secret, ids and receipts | 0 |
    /// | `notes telemetry send` | sends the queue now, if it is on | 0 the queue is sent or empty, 1 a part is not sent |
    /// | `notes telemetry reset` | deletes queue, secret and ids; answer and receipts stay | 0 |
    /// | `notes telemetry show [--sent] [--ids]` | shows the queue and what is sent when it is on; the sent records | 0 |
    /// | `notes telemetry show --html FILE` | writes all of it as a page, and opens that in the browser on a terminal | 0 |
    ///
    /// These commands run here, send nothing except by `send`, and end the process. A failure exits with 2 and an error
    /// message. The [notice](Telemetry::show_notice) names them.
    ///
    /// Only `telemetry` as the first word reaches them. Everything else is parsed as if they did not exist, so that no
    /// argument changes its meaning: write a file named `telemetry` as `./telemetry`, or after `--`. A program with a
    /// subcommand `telemetry` of its own and a [multicall](clap::Command::multicall) program are left unchanged, and
    /// offer [`Telemetry::status`], [`Telemetry::set_consent`], [`Telemetry::reset`] and [`Telemetry::show`] in their
    /// own way.
    ///
    /// # What is known of a run
    ///
    /// [`Telemetry::used`] has the names of the arguments in use and the path of the subcommand, for the program to
    /// record. The registry declares an attribute with the treatment `names` for the arguments, `--long`, `-s` or
    /// `<id>`, and an enum of the paths, such as `remote add`. Undeclared names are dropped; a test of the program
    /// finds them:
    ///
    /// ```ignore
    /// #[test]
    /// fn every_argument_is_declared() {
    ///     use scruple::testing::arguments::declares;
    ///     declares(usage::REGISTRY, Args::command(), "notes.argument.names", Some("notes.command")).unwrap();
    /// }
    /// ```
    ///
    /// Nothing is recorded in a run that asks only for help or the version, nor in a bare run of a program with
    /// subcommands: [`Telemetry::decision`] has the reason. No notice is shown with `--quiet`, `--json`, `--format` and
    /// similar arguments, nor by a subcommand that writes completions; for others see [`Telemetry::suppress_notice`].
    ///
    /// # Programs of other kinds
    ///
    /// [`Telemetry::clap_matches`] takes a [`Command`] that was built without derive, [`Telemetry::try_clap_from`]
    /// returns errors to the program. Generate completions and manuals from a command with [`Telemetry::subcommand`]
    /// added. A program that another program calls, as cargo calls `cargo-notes`, sets the command that a person types
    /// with [`Builder::notice_command`](crate::Builder::notice_command): `cargo-notes telemetry`. A program with
    /// another parser calls [`Telemetry::set_informational`] and [`Telemetry::suppress_notice`] itself.
    pub fn clap<A: Parser>(&self) -> A {
        self.clap_from(std::env::args_os())
    }

    /// [`Telemetry::clap`] with these arguments, the program's name first, as [`Parser::parse_from`] does.
    pub fn clap_from<A: Parser>(&self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> A {
        self.try_clap_from(arguments).unwrap_or_else(|error| error.exit())
    }

    /// [`Telemetry::clap_from`] for programs that report errors themselves, as [`Parser::try_parse_from`] does. The
    /// subcommand `telemetry` ends the process here too.
    ///
    /// # Errors
    /// clap's error, which includes help and version.
    pub fn try_clap_from<A: Parser>(
        &self,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<A, Error> {
        let mut matches = self.parse(&A::command, arguments.into_iter().map(Into::into).collect())?;
        A::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut A::command()))
    }

    /// [`Telemetry::clap`] for a command that was built without derive, as [`Command::get_matches`] does.
    pub fn clap_matches(&self, command: Command) -> ArgMatches {
        let parsed = self.parse(&|| command.clone(), std::env::args_os().collect());
        parsed.unwrap_or_else(|error| error.exit())
    }

    fn parse(&self, make: &dyn Fn() -> Command, arguments: Vec<OsString>) -> Result<ArgMatches, Error> {
        let mut command = make();
        // The first word of a multicall program selects one of its programs.
        let is_added = !command.is_multicall_set() && command.find_subcommand(NAME).is_none();
        let (called, words) = called(&command, &arguments);
        if is_added {
            lock(&self.shared.command).get_or_insert_with(|| format!("{called} {NAME}"));
            if words.first().is_some_and(|word| word == NAME) {
                // The subcommand `telemetry` needs no required argument of the program.
                return self.parse_beside(beside(make()).subcommand_negates_reqs(true), &arguments);
            }
        }
        let error = match command.try_get_matches_from_mut(&arguments) {
            Ok(matches) => {
                self.look_at(&command, &matches);
                return Ok(matches);
            }
            Err(error) => error,
        };
        if let Some(asked) = asked(error.kind()) {
            self.set_informational(asked);
        }
        if !is_added || !names_subcommands(error.kind()) {
            return Err(error);
        }
        match self.parse_beside(beside(make()), &arguments) {
            // As in `help telemetry`. Elsewhere the extra subcommand may make an abbreviation ambiguous.
            Err(told) if [told.kind(), ErrorKind::InvalidSubcommand].contains(&error.kind()) => Err(told),
            _ => Err(error),
        }
    }

    /// Parses with a command that has the subcommand `telemetry`, and runs it if it was given.
    fn parse_beside(&self, command: Command, arguments: &[OsString]) -> Result<ArgMatches, Error> {
        let matches = command.try_get_matches_from(arguments)?;
        if let Some((NAME, inside)) = matches.subcommand() {
            std::process::exit(self.carry_out(inside));
        }
        Ok(matches)
    }

    fn look_at(&self, command: &Command, matches: &ArgMatches) {
        let used = Used::of(command, matches);
        let bare = used.arguments.is_empty() && used.kind == UsedCommand::Bare;
        if bare && command.get_subcommands().any(|sub| sub.get_name() != "help") {
            self.set_informational(Informational::Nothing);
        }
        let quiet = used.arguments.iter().any(|name| QUIET.contains(&name.trim_start_matches('-')));
        if quiet || used.command.iter().any(|name| FOR_SHELLS.contains(&name.as_str())) {
            self.suppress_notice();
        }
        match own_information(command, matches) {
            Some(asked) => self.set_informational(asked),
            None => self.shared.parsed(),
        }
        // On a second parse, the first result counts.
        let _ = self.shared.used.set(used);
    }
}

/// The request of a program's own flag `--help` or `--version`: without a value, in place of clap's.
fn own_information(command: &Command, matches: &ArgMatches) -> Option<Informational> {
    let is_given = |name: &str| {
        let flag = command.get_arguments().find(|arg| arg.get_long() == Some(name) && !arg.get_action().takes_values());
        flag.is_some_and(|flag| matches.value_source(flag.get_id().as_str()) == Some(ValueSource::CommandLine))
    };
    let all = [("help", Informational::Help), ("version", Informational::Version)];
    all.into_iter().find(|(name, _)| is_given(name)).map(|(_, asked)| asked)
}

impl Shared {
    /// The program's parser has found no request for help or the version, whatever it looked like before: opens the
    /// pipeline if that was the reason against it.
    fn parsed(&self) {
        self.settings.is_parsed.store(true, Ordering::Relaxed);
        if matches!(self.decision().reason, Reason::Informational(Informational::Help | Informational::Version)) {
            self.open(self.effective());
        }
    }
}

/// The name by which the program was called, and the arguments after it.
fn called<'a>(command: &Command, arguments: &'a [OsString]) -> (String, &'a [OsString]) {
    let (first, words) = match arguments {
        [first, words @ ..] if !command.is_no_binary_name_set() => (Path::new(first).file_name(), words),
        words => (None, words),
    };
    let known = || command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    (first.and_then(|name| name.to_str()).map_or_else(known, str::to_owned), words)
}

/// The program's command with our subcommand. A program without subcommands does not get clap's `help`.
fn beside(program: Command) -> Command {
    let is_first = !program.has_subcommands();
    let command = program.subcommand(subcommand());
    if is_first { command.args_conflicts_with_subcommands(true).disable_help_subcommand(true) } else { command }
}

/// The informational request that clap answers itself.
fn asked(kind: ErrorKind) -> Option<Informational> {
    match kind {
        ErrorKind::DisplayHelp => Some(Informational::Help),
        ErrorKind::DisplayVersion => Some(Informational::Version),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            Some(Informational::Nothing)
        }
        _ => None,
    }
}

/// Whether clap's output lists the subcommands.
fn names_subcommands(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::InvalidSubcommand
            | ErrorKind::MissingSubcommand
    )
}
