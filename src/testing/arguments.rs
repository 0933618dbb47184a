//! Checks that a registry declares every argument of a program, so that a forgotten one fails the program's own test.

use crate::pipeline::arguments::{NAME, name};
use crate::registry::{Registry, Treatment};
use clap::{Arg, ArgAction, Command};
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;

/// The arguments that a registry lacks; its text shows the YAML to add.
#[derive(Clone, PartialEq, Eq)]
struct Undeclared {
    app: String,
    missing: Vec<Missing>,
    /// The command for telemetry in the registry, and that of the program, if they differ.
    command: Option<(String, String)>,
}

/// The members that one attribute lacks.
#[derive(Clone, PartialEq, Eq)]
struct Missing {
    key: String,
    kind: ArgumentKind,
    /// Whether the registry has this attribute with the right treatment.
    is_there: bool,
    members: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ArgumentKind {
    Arguments,
    Commands,
}

/// Checks that every argument of a command and of its subcommands is a member of the attribute with the key
/// `arguments`, a list of names. The path of every subcommand must be a member of the attribute with the key
/// `commands`, an enum; `None` for a program that does not report its subcommands.
///
/// Clap's own help and version need no member, nor does a subcommand that requires another one after it: they record
/// nothing. `scruple` adds its subcommand `telemetry` itself; it is not part of this command. If the registry's `service`
/// names a `command` for it, that is this command's name and `telemetry`.
///
/// # Errors
/// The missing members, with the YAML to add, and a `command` of another name.
pub fn declares(
    registry: &Registry<'_>,
    command: Command,
    arguments: &str,
    commands: Option<&str>,
) -> Result<(), impl Error + use<>> {
    let mut command = command;
    command.build();
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    collect(&command, "", &mut names, &mut paths);
    let wanted =
        [Some((arguments, ArgumentKind::Arguments, names)), commands.map(|key| (key, ArgumentKind::Commands, paths))];
    let missing = wanted.into_iter().flatten().filter_map(|(key, kind, found)| missing(registry, key, kind, found));
    let missing: Vec<_> = missing.collect();
    let own = format!("{} {NAME}", command.get_name());
    let command = registry.service.settings.command.filter(|declared| *declared != own);
    let command = command.map(|declared| (declared.to_owned(), own));
    if missing.is_empty() && command.is_none() {
        return Ok(());
    }
    Err(Undeclared { app: registry.service.name.to_owned(), missing, command })
}

fn missing(registry: &Registry<'_>, key: &str, kind: ArgumentKind, found: BTreeSet<String>) -> Option<Missing> {
    let attribute = registry.attributes.iter().find(|attribute| attribute.key == key);
    let declared: Option<&[&str]> = match (kind, attribute.map(|attribute| &attribute.treatment)) {
        (ArgumentKind::Arguments, Some(Treatment::Names { members })) => Some(members),
        (ArgumentKind::Commands, Some(Treatment::Enum { members, .. })) => Some(members),
        _ => None,
    };
    let is_there = declared.is_some();
    let declared = declared.unwrap_or_default();
    let members: Vec<_> = found.into_iter().filter(|name| !declared.contains(&name.as_str())).collect();
    (!is_there || !members.is_empty()).then(|| Missing { key: key.to_owned(), kind, is_there, members })
}

fn collect(command: &Command, path: &str, names: &mut BTreeSet<String>, paths: &mut BTreeSet<String>) {
    names.extend(command.get_arguments().filter(|argument| records(argument)).map(name));
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let path = if path.is_empty() { sub.get_name().to_owned() } else { format!("{path} {}", sub.get_name()) };
        collect(sub, &path, names, paths);
        if !sub.is_subcommand_required_set() {
            paths.insert(path);
        }
    }
}

/// Whether a run with this argument is recorded: clap itself answers help and version.
fn records(argument: &Arg) -> bool {
    !matches!(argument.get_action(), ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version)
}

impl fmt::Display for Undeclared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.missing.as_slice() {
            [] => "names another command than the program's",
            _ => "does not declare all of the program's arguments",
        };
        write!(f, "the registry of {} {what}", self.app)?;
        if let Some((declared, own)) = &self.command {
            write!(
                f,
                "\n  in the `privacy` of the entity `service` replace `command: {declared}` by `command: {own}`"
            )?;
        }
        for Missing { key, kind, is_there, members } in &self.missing {
            let (what, kind) = match kind {
                ArgumentKind::Arguments => ("argument", "`type: string[]`, `privacy: {from: names, members: […]}`"),
                ArgumentKind::Commands => ("subcommand", "`type: {members: […]}`"),
            };
            match is_there {
                true => write!(f, "\n  to the members of `{key}` add each {what} that is missing:")?,
                false => write!(f, "\n  add an attribute `{key}` with {kind}; it takes each {what}:")?,
            }
            for member in members {
                match what {
                    "argument" => write!(f, "\n    - {}", scalar(member))?,
                    _ => {
                        let id: String = member.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
                        write!(f, "\n    - {{id: {id}, value: {}, stability: development}}", scalar(member))?;
                    }
                }
            }
        }
        f.write_str("\n  then run `scruple codegen` again")
    }
}

/// Text in YAML, without quotes if YAML reads it as the same text.
fn scalar(text: &str) -> String {
    const MEANT_OTHERWISE: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_<> ".contains(c);
    let is_word = text.trim_start_matches(['-', '<']).starts_with(|c: char| c.is_ascii_alphabetic());
    let is_plain = is_word && text.chars().all(is_plain) && !MEANT_OTHERWISE.contains(&text);
    if is_plain { text.to_owned() } else { format!("{text:?}") }
}

/// Same as `Display`: a failed `unwrap` in a test prints it.
impl fmt::Debug for Undeclared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Undeclared {}
