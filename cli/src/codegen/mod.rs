//! `scruple codegen DIR`: writes the Rust file that a program includes as `mod usage;`.
//!
//! The file holds the registry's constant tables and, for each span and event, a typed function that expands to
//! ordinary `tracing` macros: what is not declared does not compile. It depends only on the declarations (and, where a
//! location is declared, on the names of the program's sources), so that `--check` can tell whether it is current. Its modules are
//! marked `#[rustfmt::skip]`: it stays as it was written whatever the program's own `rustfmt.toml` says.

mod functions;
mod names;
mod recorded;
mod source;
mod tables;
mod treatment;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use scruple::registry::Treatment;

use crate::check::{read, show};
use crate::exit::BROKEN;
use crate::named;
use crate::registry::{self, Crate, CrateError, Finding, Owned, Rule};
use crate::written::{self, failed};

use self::names::Names;
use self::source::Source;

/// Writes a registry's tables and typed functions as Rust.
///
/// The exit code is 0 if they were written or are current, 1 if --check found that they are not, and 2 if the registry has
/// mistakes or something can't be read or written.
#[derive(Debug, clap::Args)]
pub struct Codegen {
    /// The folder with `manifest.yaml`, or REVISION:FOLDER: one, because each crate has the tables of its own registry.
    dir: String,
    /// The file to write, relative to the crate's folder.
    #[arg(long, value_name = "FILE", default_value = "src/usage.rs")]
    out: PathBuf,
    /// Write nothing: exit with 1 if the file is not what would be written.
    #[arg(long)]
    check: bool,
    /// The crate of the program or library; by default the nearest Cargo.toml at or above DIR.
    #[arg(long = "crate", value_name = "DIR")]
    in_crate: Option<PathBuf>,
    /// The crate whose types the tables have: one of the program's or library's dependencies.
    #[arg(long, value_enum, default_value_t)]
    tables: Tables,
}

/// The crate of the tables' types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Tables {
    /// The crate with the pipeline.
    #[default]
    Scruple,
    /// The types alone, with one small dependency: for a library that records, and leaves the pipeline to its host.
    ScrupleRegistry,
}

impl Tables {
    /// The path of the types.
    fn path(self) -> &'static str {
        match self {
            Self::Scruple => "::scruple::registry",
            Self::ScrupleRegistry => "::scruple_registry",
        }
    }
}

impl Codegen {
    /// Runs the command: exit code 0 if the file was written or is current, 1 if `--check` found it is not, 2 if the
    /// registry has mistakes or something can't be read or written.
    ///
    /// # Errors
    /// Standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let Some(owned) = read(&self.dir)? else { return Ok(ExitCode::from(BROKEN)) };
        let found = match Crate::of(&named::place(&self.dir), self.in_crate.as_deref()) {
            Ok(found) => found,
            Err(error) => return failed(error),
        };
        let out = found.folder.join(&self.out);
        let owned = match locate(owned, &found, &out) {
            Ok(owned) => owned,
            Err(LocateError::Library(findings)) => {
                show(&findings)?;
                return Ok(ExitCode::from(BROKEN));
            }
            Err(LocateError::Crate(error)) => return failed(error),
        };
        let text = generate(&owned, &self.name(&found), self.tables);
        if self.check {
            written::compare(&out, &text, &format!("run `{}`", self.update()))
        } else {
            written::write(&out, &text)
        }
    }

    /// How the generated file calls the registry: its folder below the crate's, or its last part.
    fn name(&self, found: &Crate) -> String {
        let place = named::place(&self.dir);
        // That of a revision need not be there any more.
        let dir = dunce::canonicalize(&place).unwrap_or(place);
        let below = dir.strip_prefix(&found.folder).ok().filter(|below| !below.as_os_str().is_empty());
        let name = below.or_else(|| dir.file_name().map(Path::new)).unwrap_or(Path::new("."));
        name.display().to_string().replace('\\', "/")
    }

    /// The command that writes the file.
    fn update(&self) -> String {
        let mut command = format!("scruple codegen {}", self.dir);
        if let Some(folder) = &self.in_crate {
            command.push_str(&format!(" --crate {}", folder.display()));
        }
        if self.out != Path::new("src/usage.rs") {
            command.push_str(&format!(" --out {}", self.out.display()));
        }
        if self.tables == Tables::ScrupleRegistry {
            command.push_str(" --tables scruple-registry");
        }
        command
    }
}

/// The generated file for a registry, under the name that its folder goes by, with tables of these types.
pub fn generate(owned: &Owned, name: &str, tables: Tables) -> String {
    let names = Names::of(owned);
    let mut out = Source::default();
    let sound = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'));
    let name = if sound { name } else { "DIR" };
    out.line(&format!("//! Generated by `scruple codegen {name}`; do not edit."));
    out.line("//!");
    let about = format!("What {} reports about its use.", owned.service.table.name);
    out.doc("//!", owned.description.unwrap_or(&about));
    out.line("");
    out.block("#![allow(", ")]", |out| {
        for lint in LINTS {
            out.line(&format!("{lint},"));
        }
        out.line("reason = \"names come from the registry, and what it declares need not be recorded\"");
    });
    out.line("");
    let is_typed = !owned.spans.is_empty() || !owned.events.is_empty() || names.enums.iter().any(Option::is_some);
    if is_typed {
        out.line("pub use self::functions::*;");
    }
    out.line("pub use self::tables::REGISTRY;");
    out.line("");
    tables::write(&mut out, owned, tables.path());
    if is_typed {
        out.line("");
        functions::write(&mut out, owned, &names);
    }
    out.finish()
}

/// The lints that the names and the unused items of a generated file may trigger.
const LINTS: [&str; 8] = [
    "dead_code",
    "unused_imports",
    "clippy::enum_variant_names",
    "clippy::needless_lifetimes",
    "clippy::should_implement_trait",
    "clippy::too_many_arguments",
    "clippy::upper_case_acronyms",
    "clippy::wrong_self_convention",
];

pub(crate) enum LocateError {
    Library(Vec<Finding>),
    Crate(CrateError),
}

/// Lists the program's sources where a location may name them. A library's would tell which program it is part of.
pub(crate) fn locate(owned: Owned, found: &Crate, out: &Path) -> Result<Owned, LocateError> {
    let findings = locations(&owned);
    if findings.is_empty() {
        return Ok(owned);
    }
    if !found.is_program {
        return Err(LocateError::Library(findings));
    }
    found.sources(out).map(|sources| owned.with_sources(sources)).map_err(LocateError::Crate)
}

/// Each location that a registry declares, as the mistake that it is in a library's.
pub(crate) fn locations(owned: &Owned) -> Vec<Finding> {
    let located = |attribute: &&registry::Attribute| matches!(attribute.table.treatment, Treatment::Location { .. });
    let finding = |attribute: &registry::Attribute| {
        let message = format!("`{}` is a location, and this crate is a library", attribute.table.key);
        attribute.place.error(Rule::Location, message, "delete it: only a program may name its own sources")
    };
    owned.attributes.iter().filter(located).map(finding).collect()
}
