//! `scruple collector-config DIR…`: writes a complete configuration for a stock Collector, which keeps only declared
//! data.
//!
//! The program's own sanitizer has already removed everything else. The Collector is the second check, for requests
//! from elsewhere: a changed or broken program, another program, any sender that knows the address. Rules for every
//! part:
//!
//! - Rebuild, never delete: declared values are copied into a cache, then the cache replaces the attributes. So no
//!   second value of a key, no nested value and no value of another type remains.
//! - One group of statements for each context: a flat list with span and span event paths would skip spans without
//!   events.
//! - A record is judged by the declarations of its own schema URL, so programs of several versions may send at once.
//! - What is cut is counted: a client that is told "accepted" does not send it again.
//! - Members are compared with `==`, and the member in the file is written, not the received text.
//! - Only functions that can't fail, after a check of the type.
//! - What is past the day of its end is dropped, by the Collector's clock. An end by version is not checked: it is the
//!   program's own, and OTTL can't compare versions at a low cost.
//! - Requests are stored after they are joined, and sent after they are cleaned.
//!
//! The text depends on the registry and the [`Options`] alone: no edit of a source file changes it. Each rule has one
//! owner: `facts` for an attribute, `clean` for a record, `versions` for its schema URL, `count` for what is cut, `address`
//! for the address, `parts` with its templates for the rest. The minimum is the Collector 0.161: in earlier versions,
//! `set(span.links, nil)` does nothing, without an error.

mod address;
mod clean;
mod count;
mod facts;
mod groups;
mod options;
mod ottl;
mod parts;
mod registries;
mod versions;
mod yaml;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use scruple::registry::Registry;

use crate::check::show;
use crate::exit::BROKEN;
use crate::registry::Owned;
use crate::written::{self, failed};

pub use self::options::{Backend, CollectorKind, Options};

use self::registries::NotVersions;
use self::versions::ProgramVersions;
use self::yaml::Yaml;

/// Writes a complete configuration for a stock Collector (0.161 or newer) that keeps only declared data.
///
/// Deploy it before the release, with the earlier versions in it: `scruple collector-config telemetry v1.0.0:telemetry`.
/// A record is judged by the declarations of its own schema URL; any other schema URL by those of the first version.
///
/// The exit code is 0 if the file was written or is current, 1 if --check found that it is not current, and 2 if the
/// registry has mistakes or a file can't be read or written.
#[derive(Debug, clap::Args)]
pub struct CollectorConfig {
    /// The folder with `manifest.yaml`, or REVISION:FOLDER, then those of the libraries that the program reports for; then
    /// the same for each earlier version.
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<String>,
    /// The role of the Collector.
    #[arg(long, value_enum, default_value_t = CollectorKind::Gateway)]
    kind: CollectorKind,
    /// The file to write; by default, and for `-`, standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Write nothing; exit with 1 if the file is not current.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// Take the address (`client_address: three_octets`) from this header instead of the connection; only safe if a
    /// proxy of yours always overwrites the header.
    #[arg(long, value_name = "NAME", value_parser = header)]
    client_address_header: Option<String>,
    /// Also send the kept records to a backend, with a queue on disk; gateways only.
    #[arg(long, value_enum)]
    backend: Option<Backend>,
}

impl CollectorConfig {
    /// Runs the command: exit code 0 if the configuration was written or is current, 1 if `--check` found that it is
    /// not current, 2 if the registry has mistakes or a file can't be read or written.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        if self.backend.is_some() && !self.kind.keeps() {
            return failed("--backend is for the kinds gateway and gateway-kafka");
        }
        let Some(all) = versions_of(&self.dirs)? else { return Ok(ExitCode::from(BROKEN)) };
        if self.client_address_header.is_some()
            && (self.kind == CollectorKind::GatewayKafka
                || !all.iter().any(|version| version.service.table.client_address))
        {
            return failed(match self.kind {
                CollectorKind::GatewayKafka => "--client-address-header is for the kind edge-kafka, in front of Kafka",
                _ => {
                    "--client-address-header needs `client_address: three_octets` in the registry's service: the \
                     notice must name the address before people agree"
                }
            });
        }
        let retention = Owned::shortest_retention(&all).unwrap_or(options::RETENTION);
        let header = self.client_address_header.clone();
        let options = Options { kind: self.kind, header, backend: self.backend, retention };
        let tables: Vec<_> = all.iter().map(Owned::registry).collect();
        let [current, others @ ..] = tables.as_slice() else { return failed("no registry is named") };
        let text = generate(current, &others.iter().collect::<Vec<_>>(), &options);
        written::deliver(&text, self.check.as_deref(), self.out.as_deref(), written::with_out)
    }
}

/// The versions of a program by their names on the command line, and shows the mistakes of all; `None` if one has a mistake.
///
/// # Errors
/// Standard error can't be written to.
pub(crate) fn versions_of(dirs: &[String]) -> io::Result<Option<Vec<Owned>>> {
    let Some(all) = registries::read(dirs)? else { return Ok(None) };
    match registries::versions(all) {
        Ok(all) => return Ok(Some(all)),
        Err(NotVersions::Located(findings)) => show(&findings)?,
        Err(error) => drop(failed(error)?),
    }
    Ok(None)
}

/// The configuration for the current version of a program, and for other versions that also send.
pub fn generate(current: &Registry<'_>, others: &[&Registry<'_>], options: &Options) -> String {
    let versions = ProgramVersions::new(current, others, options);
    let [mut clean, mut last] = [Yaml::default(), Yaml::default()];
    clean::filter(&mut clean, &versions);
    clean.line("");
    clean::transform(&mut clean, &versions);
    clean.line("");
    clean::undeclared(&mut clean, &versions);
    count::last(&mut last, &versions);
    parts::around(&versions, options, &clean.finish(), &last.finish())
}

/// Parses a header's name into lower case, as the Collector looks it up.
fn header(name: &str) -> Result<String, String> {
    let is_valid = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_valid { Ok(name.to_ascii_lowercase()) } else { Err("write a name of letters, digits, - and _".to_owned()) }
}
