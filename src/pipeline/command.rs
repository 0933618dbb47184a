//! The subcommand `telemetry` for programs with clap: `status`, `on`, `off`, `send`, `reset` and `show`.
//!
//! Results go to standard output, errors to standard error. A closed stream loses its output, and the exit code is the
//! same.

mod page_file;

use super::choice::{Choice, NotStored};
use super::render::timestamp;
use super::telemetry::Telemetry;
use crate::consent::{CollectionStart, Informational};
use crate::registry::{count, escaped};
use crate::upload::report::UploadEnd;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::path::{Path, PathBuf};

/// The subcommand's name.
pub(crate) const NAME: &str = "telemetry";

/// The option of `show` that writes the page.
const HTML: &str = "html";

/// The option of `on` that names purposes.
const ONLY: &str = "only";

/// The exit code when some records were not sent.
const LEFT: i32 = 1;

/// The exit code when the command failed.
const ERROR: i32 = 2;

impl Telemetry {
    /// The subcommand `telemetry` that [`Telemetry::clap`] runs, for programs that generate completions or manuals: add
    /// it to the command that they are generated from.
    pub fn subcommand() -> Command {
        subcommand()
    }

    /// Runs the subcommand, and returns the exit code.
    pub(super) fn carry_out(&self, matches: &ArgMatches) -> i32 {
        let Some((word, options)) = matches.subcommand() else { return ERROR };
        // Read first: below, this run is turned off as informational.
        let status = self.status();
        self.set_informational(Informational::Telemetry);
        let is_set = |name| options.get_flag(name);
        match word {
            "status" => {
                print(&if is_set("json") { format!("{}\n", status.to_json()) } else { status.to_string() });
                status.exit_code().into()
            }
            // Where the answer changes nothing, or has no place, the notice is not shown either.
            "on" => match self.shared.can_send().and_then(|()| self.shared.places()) {
                Ok(_) => {
                    let only: Option<Vec<&str>> = options.get_many(ONLY).map(|only| only.map(String::as_str).collect());
                    let stored = match &only {
                        Some(only) => self.set_consent_for(only),
                        None => self.set_consent(Choice::On),
                    };
                    if stored.is_ok() {
                        print(&format!("{}\n", self.shared.notice(CollectionStart::Already)));
                    }
                    let what = match only {
                        Some(only) => format!("Your yes to {} is stored", only.join(", ")),
                        None => "Your yes is stored".to_owned(),
                    };
                    self.report(stored.map(|_| ()), &format!("{what}; it counts unless another source says no."))
                }
                Err(why) => failed(why),
            },
            "off" => {
                let (choice, deleted) = if is_set("keep-receipts") {
                    (Choice::OffKeepingReceipts, "the queue, the secret and the ids are deleted, the receipts are kept")
                } else {
                    (Choice::Off, "the queue, the secret, the ids and the receipts are deleted")
                };
                match self.set_consent(choice) {
                    Err(why @ NotStored::Session(_)) => {
                        let place = self.shared.settings.organisation().into_iter().next();
                        let how = place.map(|place| format!("\n  To say no for all users: telemetry = \"off\" in {place}"));
                        failed(format!("{why}{}", how.unwrap_or_default()))
                    }
                    // The status of other processes, which do not have this no.
                    Err(why @ NotStored::No(..)) => failed(format!("{why}\n  {}", self.status().headline())),
                    said => self.report(
                        said.map(|_| ()),
                        &format!("Your no is stored{}; {deleted}.", self.place_of_no()),
                    ),
                }
            }
            "send" => self.send_now(),
            "reset" => self.report(
                self.reset(),
                "The queue, the secret and the ids are deleted, the receipts are kept; the next run that is on makes new ids.",
            ),
            "show" if is_set("ids") && !stdout().is_terminal() => {
                failed("--ids shows ids on a terminal only: ids do not belong in files, pipes and bug reports")
            }
            "show" => match options.get_one::<PathBuf>(HTML) {
                Some(out) => self.write_page(out),
                None => {
                    let ids = is_set("ids");
                    print(&if is_set("sent") { self.show_sent(ids) } else { self.show(ids) });
                    0
                }
            },
            _ => ERROR,
        }
    }

    /// Sends the queue, with progress on a terminal.
    fn send_now(&self) -> i32 {
        let is_shown = stderr().is_terminal();
        if is_shown {
            let _ = write!(stderr(), "sending");
        }
        let sent = self.send(|taken| {
            if is_shown {
                let _ = write!(stderr(), "\rsent {}", count(taken, "record"));
            }
        });
        if is_shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
        match sent {
            Ok(report) => {
                let paused = self.status().paused_until.filter(|_| report.end != UploadEnd::Done);
                let paused = paused.map(|until| format!("; no upload before {}", timestamp(until)));
                print(&format!("{report}{}\n", paused.unwrap_or_default()));
                if report.end == UploadEnd::Done { 0 } else { LEFT }
            }
            Err(_) => {
                let _ = writeln!(stderr(), "error: nothing is sent: {}", self.status().headline());
                LEFT
            }
        }
    }

    /// Writes the page to standard output, or into the file that the person has named, which a browser then shows if a
    /// person is there.
    fn write_page(&self, out: &Path) -> i32 {
        let page = self.show_html();
        if out.as_os_str() == "-" {
            print(&page);
            return 0;
        }
        match page_file::replace(out, page) {
            Ok(path) => {
                let is_opened = stdout().is_terminal() && page_file::open(&path);
                let how = if is_opened { ", and opened in the browser" } else { "" };
                print(&format!("The page is written to {}{how}.\n", escaped(path.display())));
                0
            }
            Err(why) => failed(format!("{}: {why}", escaped(out.display()))),
        }
    }

    /// The place of a no that is not in the folder for settings.
    fn place_of_no(&self) -> String {
        let config = self.shared.places().map(|places| places.config).unwrap_or_default();
        let files: Vec<_> = self.shared.settings.refusals().into_iter().filter(|(_, why)| why.is_none()).collect();
        match files.first() {
            Some((path, _)) if !path.starts_with(&config) => format!(" in {}", escaped(path.display())),
            _ => String::new(),
        }
    }

    /// Reports the result, and the decision from now on: a yes does not override the no of another source.
    fn report(&self, done: Result<(), NotStored>, what: &str) -> i32 {
        match done {
            Ok(()) => {
                print(&format!("{what}\n{}\n", self.status().headline()));
                0
            }
            Err(why) => failed(why),
        }
    }
}

/// The subcommand, as [`Telemetry::clap`] adds it.
pub(super) fn subcommand() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let sub = |name: &'static str, about: &'static str| Command::new(name).about(about);
    Command::new(NAME)
        .about("Shows what this program reports about its use, and turns it on or off")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            sub("status", "Says whether it is on, and why: the value of every source")
                .after_help("Exit code: 0 on, 10 off or log, 11 undecided, 2 error.")
                .arg(flag("json", "Prints one JSON object")),
        )
        .subcommand(
            sub("on", "Says what is reported, and turns it on for this user").arg(
                Arg::new(ONLY)
                    .long(ONLY)
                    .value_name("PURPOSE")
                    .value_delimiter(',')
                    .action(ArgAction::Append)
                    .help("Turns it on for this purpose of the program's alone; several with commas between"),
            ),
        )
        .subcommand(
            sub("off", "Turns it off for this user, permanently, and deletes queue, secret, ids and receipts")
                .arg(flag("keep-receipts", "Keeps the receipts of sent records")),
        )
        .subcommand(
            sub("send", "Sends the queue now, if it is on")
                .after_help("Exit code: 0 the queue is sent or empty, 1 a part is not sent, for the reason shown."),
        )
        .subcommand(sub("reset", "Deletes queue, secret and ids, and keeps the receipts; the next run has new ids"))
        .subcommand(
            sub("show", "Shows what this program would send, and sends nothing")
                .arg(flag("sent", "Shows the sent records that have receipts"))
                .arg(flag("ids", "Shows ids as they are sent, on a terminal only"))
                .arg(
                    Arg::new(HTML)
                        .long(HTML)
                        .value_name("FILE")
                        .value_parser(value_parser!(PathBuf))
                        .conflicts_with_all(["sent", "ids"])
                        .help("Writes all of it into FILE as a page, and opens that in the browser on a terminal; `-` is standard output"),
                ),
        )
}

/// A closed stream loses the output, without a panic.
fn print(text: &str) {
    let _ = stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush());
}

/// Formats an error as clap does.
fn failed(why: impl Display) -> i32 {
    let _ = writeln!(stderr(), "error: {why}");
    ERROR
}
