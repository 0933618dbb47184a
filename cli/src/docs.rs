//! `scruple docs DIR…`: writes the public page about what a program reports.
//!
//! The page says all that a person may want to know before they decide, from the registry alone and what the program
//! says in code ([`Program`]): who answers for it, what is collected and why, each attribute with its type, values and
//! treatment, what is never collected, and how to say no. Its content is made once (`content`, `attributes`, `words`)
//! as a [`page::Page`], and written as Markdown or as one HTML file that needs nothing else, so that both say the same.
//!
//! Every text of the registry is text on the page as well, whatever it looks like. The page depends on nothing but its
//! input: `--check` can tell whether a committed one is current.

mod attributes;
mod content;
mod governance;
mod html;
mod markdown;
pub mod page;
mod words;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use crate::check::read_all;
use crate::exit::BROKEN;
use crate::program::Program;
use crate::registry::{Owned, joined};
use crate::written::{self, failed};

/// Writes the public page that says what the program or library reports, why, and how to say no.
///
/// It is for the people who run a program, for the operators of a server (`preset: operator-consent` in the registry), or
/// for the users of a library (`preset: documented`).
///
/// The exit code is 0 if it was written or is current, 1 if --check found that it is not, and 2 if the registry has
/// mistakes or something can't be read or written.
#[derive(Debug, clap::Args)]
pub struct Docs {
    /// The folder that holds `manifest.yaml`, or REVISION:FOLDER; after it, those of the libraries that the program reports for.
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<String>,
    /// By default what the file's name ends in says, else Markdown.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The file to write; by default, and for `-`, standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write nothing: exit with 1 if this file is not what would be written.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    check: Option<PathBuf>,
    #[command(flatten)]
    program: Program,
}

/// The form of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// GitHub's.
    Markdown,
    /// One file, without scripts and outer resources.
    Html,
}

impl Docs {
    /// Runs the command: exit code 0 if the page was written or is current, 1 if `--check` found it is not, 2 if the
    /// registry has mistakes or something can't be written.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let Some(all) = read_all(&self.dirs)? else { return Ok(ExitCode::from(BROKEN)) };
        let owned = match joined(all) {
            Ok(owned) => owned,
            Err(error) => return failed(error),
        };
        let program = self.program.of_registry(&owned.service.table.settings, self.dirs.first())?;
        let text = render(&owned, &program, self.format());
        let help = |file: &Path| format!("run `{}`", self.update(file));
        written::deliver(&text, self.check.as_deref(), self.out.as_deref(), help)
    }

    fn format(&self) -> Format {
        let named = self.check.as_ref().or(self.out.as_ref());
        let ending = named.and_then(|file| file.extension()).and_then(|ending| ending.to_str());
        self.format.unwrap_or(match ending {
            Some("html" | "htm") => Format::Html,
            _ => Format::Markdown,
        })
    }

    /// The command that writes the file.
    fn update(&self, file: &Path) -> String {
        let format = match self.format {
            Some(Format::Markdown) => " --format markdown",
            Some(Format::Html) => " --format html",
            None => "",
        };
        format!("scruple docs {}{format}{} --out {}", self.dirs.join(" "), self.program.options(), file.display())
    }
}

/// The page about a registry.
pub fn render(owned: &Owned, program: &Program, format: Format) -> String {
    let page = content::page(owned, program);
    match format {
        Format::Markdown => markdown::write(&page),
        Format::Html => html::write(&page),
    }
}
