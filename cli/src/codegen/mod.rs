//! `scruple codegen DIR`: writes the Rust file that a program includes as `mod usage;`.
//!
//! The file holds the registry's constant tables and, for each span and event, a typed function that expands to
//! ordinary `tracing` macros: what is not declared does not compile. It depends only on the declarations (and, where a
//! location is declared, on the program's sources), so that `--check` can tell whether it is current. Its modules are
//! marked `#[rustfmt::skip]`: it stays as it was written whatever the program's own `rustfmt.toml` says.

mod functions;
mod names;
mod recorded;
mod source;
mod tables;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::check::{BROKEN, show};
use crate::registry::{self, Crate, CrateError, Finding, Owned, Rule, Treatment, escaped};

use self::names::Names;
use self::source::Source;

/// The exit code of `--check` for a file that is not current.
pub(crate) const STALE: u8 = 1;

/// Writes a registry's tables and typed functions as Rust.
#[derive(Debug, clap::Args)]
pub struct Codegen {
    /// The folder that holds `manifest.yaml`.
    dir: PathBuf,
    /// The file to write, relative to the crate's folder.
    #[arg(long, value_name = "FILE", default_value = "src/usage.rs")]
    out: PathBuf,
    /// Write nothing: exit with 1 if the file is not what would be written.
    #[arg(long)]
    check: bool,
    /// The crate whose program reports; by default the nearest Cargo.toml at or above DIR.
    #[arg(long = "crate", value_name = "DIR")]
    in_crate: Option<PathBuf>,
}

impl Codegen {
    /// Runs the command: exit code 0 if the file was written or is current, 1 if `--check` found it is not, 2 if the
    /// registry has mistakes or something can't be read or written.
    ///
    /// # Errors
    /// Standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let owned = match registry::read(&self.dir) {
            Ok(owned) => owned,
            Err(findings) => {
                show(&findings)?;
                return Ok(ExitCode::from(BROKEN));
            }
        };
        show(&owned.warnings)?;
        let found = match &self.in_crate {
            Some(folder) => Crate::at(folder),
            None => Crate::above(&self.dir),
        };
        let found = match found {
            Ok(found) => found,
            Err(error) => return failed(&error.to_string()),
        };
        let out = found.folder.join(&self.out);
        let owned = match locate(owned, &found, &out) {
            Ok(owned) => owned,
            Err(Refused::Library(findings)) => {
                show(&findings)?;
                return Ok(ExitCode::from(BROKEN));
            }
            Err(Refused::Crate(error)) => return failed(&error.to_string()),
        };
        let text = generate(&owned, &self.name(&found));
        if self.check { self.compare(&out, &text) } else { write(&out, &text) }
    }

    /// How the generated file calls the registry: its folder below the crate's, or its last part.
    fn name(&self, found: &Crate) -> String {
        let Ok(dir) = fs::canonicalize(&self.dir) else { return String::new() };
        let below = dir.strip_prefix(&found.folder).ok().filter(|below| !below.as_os_str().is_empty());
        let name = below.or_else(|| dir.file_name().map(Path::new)).unwrap_or(Path::new("."));
        name.display().to_string().replace('\\', "/")
    }

    fn compare(&self, out: &Path, text: &str) -> io::Result<ExitCode> {
        let shown = escaped(&out.display().to_string());
        let mut stderr = anstream::stderr().lock();
        match fs::read_to_string(out) {
            Ok(old) if old == text => {
                writeln!(stderr, "{shown} is current")?;
                return Ok(ExitCode::SUCCESS);
            }
            Ok(old) => {
                let (line, is, should) = difference(&old, text);
                writeln!(stderr, "{shown}:{line}: not current")?;
                writeln!(stderr, "  is:     {}", escaped(is.unwrap_or("the end of the file")))?;
                writeln!(stderr, "  should: {}", escaped(should.unwrap_or("the end of the file")))?;
            }
            Err(error) => writeln!(stderr, "{shown} can't be read: {error}")?,
        }
        let mut command = format!("scruple codegen {}", self.dir.display());
        if let Some(folder) = &self.in_crate {
            command.push_str(&format!(" --crate {}", folder.display()));
        }
        if self.out != Path::new("src/usage.rs") {
            command.push_str(&format!(" --out {}", self.out.display()));
        }
        writeln!(stderr, "  help: run `{}`", escaped(&command))?;
        Ok(ExitCode::from(STALE))
    }
}

/// The generated file for a registry, under the name that its folder goes by.
pub fn generate(owned: &Owned, name: &str) -> String {
    let names = Names::of(owned);
    let mut out = Source::default();
    let sound = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'));
    let name = if sound { name } else { "DIR" };
    out.line(&format!("//! Generated by `scruple codegen {name}`; do not edit."));
    out.line("//!");
    let about =
        owned.description.clone().unwrap_or_else(|| format!("What {} reports about its use.", owned.service.name));
    out.doc("//!", &about);
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
    tables::write(&mut out, owned);
    if is_typed {
        out.line("");
        functions::write(&mut out, owned, &names);
    }
    out.finish()
}

/// What the generated file's names and completeness may run into.
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

pub(crate) enum Refused {
    Library(Vec<Finding>),
    Crate(CrateError),
}

/// Lists the program's sources where a location may name them. A library's would tell which program it is part of.
pub(crate) fn locate(owned: Owned, found: &Crate, out: &Path) -> Result<Owned, Refused> {
    let located = |attribute: &&registry::Attribute| attribute.treatment == Treatment::Location;
    let findings: Vec<Finding> = owned
        .attributes
        .iter()
        .filter(located)
        .map(|attribute| {
            let message = format!("`{}` is a location, and this crate is a library", attribute.key);
            attribute.place.error(Rule::Location, message, "delete it: only a program may name its own sources")
        })
        .collect();
    if findings.is_empty() {
        return Ok(owned);
    }
    if !found.is_program {
        return Err(Refused::Library(findings));
    }
    found.sources(out).map(|sources| owned.with_sources(sources)).map_err(Refused::Crate)
}

/// The first line that differs, from 1, as it is and as it should be.
pub(crate) fn difference<'a>(old: &'a str, new: &'a str) -> (usize, Option<&'a str>, Option<&'a str>) {
    let (mut old, mut new, mut line) = (old.split('\n'), new.split('\n'), 1);
    loop {
        match (old.next(), new.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (is, should) => return (line, is, should),
        }
    }
}

/// Replaces the file in one step: a build that runs meanwhile sees the old one or the new one. A file that is current
/// is left alone, so that nothing is built again.
pub(crate) fn write(out: &Path, text: &str) -> io::Result<ExitCode> {
    if fs::read_to_string(out).is_ok_and(|old| old == text) {
        writeln!(anstream::stderr(), "{} is current", escaped(&out.display().to_string()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Err(error) = replace(out, text) {
        return failed(&format!("{} can't be written: {error}", out.display()));
    }
    writeln!(anstream::stderr(), "wrote {}", escaped(&out.display().to_string()))?;
    Ok(ExitCode::SUCCESS)
}

fn replace(out: &Path, text: &str) -> io::Result<()> {
    let folder = out.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".scruple-");
    // A temporary file is its owner's alone; a source file has the mode that the umask leaves.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(out).map_err(|error| error.error)?;
    Ok(())
}

pub(crate) fn failed(message: &str) -> io::Result<ExitCode> {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    writeln!(anstream::stderr(), "{style}error:{style:#} {}", escaped(message))?;
    Ok(ExitCode::from(BROKEN))
}
