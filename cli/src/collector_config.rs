//! `scruple collector-config DIR…`: writes a complete configuration for a stock Collector, which keeps what is declared.
//!
//! The program's own gate has withheld everything else already. The Collector is the second line, for what comes from
//! elsewhere: a changed or broken program, another one, anybody who knows the address. Rules that every part keeps to:
//!
//! - rebuild, never delete: declared values are put into a cache, then the cache replaces the attributes, so that nothing
//!   rides along as a second value of a key, nested in one, or of another type;
//! - a group of statements for each context: a flat list with span and span event paths would skip spans without events;
//! - members are compared with `==`: what is written equals a member in the file;
//! - statements stand in groups, each under the names of its signals: a record costs one condition for each other group, and
//!   the statements of its own. A record that no group has rebuilt is dropped;
//! - only functions that can't fail, behind a check of the type;
//! - what stores requests comes after what joins them, and what sends comes after what cleans.
//!
//! The text is a function of the registry and the [`Options`] alone: no edit of a source changes it. Each rule has one owner: what an attribute lets
//! through is in `facts`, what becomes of a record in `clean`, the address in `address`, and what is around them in
//! `parts` and its templates. The minimum is the Collector 0.161: before, `set(span.links, nil)` did nothing, without saying so.

mod address;
mod clean;
mod facts;
mod ottl;
mod parts;
mod yaml;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use scruple::registry::Registry;

use crate::check::{BROKEN, read_all, show};
use crate::codegen::locations;
use crate::registry::joined;
use crate::written::{self, failed};

use self::address::Address;
use self::yaml::Yaml;

/// Writes a complete configuration for a stock Collector (0.161 or newer) that keeps what the registry declares.
///
/// The exit code is 0 if it was written or is current, 1 if --check found that it is not, and 2 if the registry has
/// mistakes or something can't be read or written.
#[derive(Debug, clap::Args)]
pub struct CollectorConfig {
    /// The folder that holds `manifest.yaml`; after it, those of the libraries that the program reports for.
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<PathBuf>,
    /// What the Collector is for.
    #[arg(long, value_enum, default_value_t = Kind::Gateway)]
    kind: Kind,
    /// The file to write; by default, and for `-`, standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Write nothing: exit with 1 if the file is not what would be written.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// Take the address, where the registry says `client_address: three_octets`, from this header and not from the
    /// connection: only where a proxy of yours writes it over.
    #[arg(long, value_name = "NAME", value_parser = header)]
    client_address_header: Option<String>,
    /// Pass on what is kept to a backend as well, by OTLP over HTTP and over a queue on disk; gateways only.
    #[arg(long)]
    backend: bool,
}

/// What a Collector is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// From programs into files.
    Gateway,
    /// From programs on this machine to Jaeger, and events into a file: what the gateway would keep, at once.
    Debug,
    /// From programs to Kafka, over a queue on disk.
    EdgeKafka,
    /// From Kafka into files: any number of them share the work.
    GatewayKafka,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Gateway, Self::Debug, Self::EdgeKafka, Self::GatewayKafka];

    /// As `--kind` spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Debug => "debug",
            Self::EdgeKafka => "edge-kafka",
            Self::GatewayKafka => "gateway-kafka",
        }
    }

    /// Whether it keeps records in files.
    const fn keeps(self) -> bool {
        matches!(self, Self::Gateway | Self::GatewayKafka)
    }
}

/// What an operator chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What the Collector is for.
    pub kind: Kind,
    /// The header, in lower case, that the sender's address comes from where the registry lets it be kept; without one it
    /// is the connection's.
    pub header: Option<String>,
    /// Whether what is kept also goes to a backend.
    pub backend: bool,
}

impl Options {
    /// A Collector of this kind and nothing besides.
    pub const fn of(kind: Kind) -> Self {
        Self { kind, header: None, backend: false }
    }
}

impl CollectorConfig {
    /// Runs the command: exit code 0 if the configuration was written or is current, 1 if `--check` found it is not, 2 if
    /// the registry has mistakes or something can't be read or written.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        if self.backend && !self.kind.keeps() {
            return failed("--backend is for the kinds gateway and gateway-kafka");
        }
        let Some(all) = read_all(&self.dirs)? else { return Ok(ExitCode::from(BROKEN)) };
        let findings: Vec<_> = all.iter().skip(1).flat_map(locations).collect();
        if !findings.is_empty() {
            show(&findings)?;
            return Ok(ExitCode::from(BROKEN));
        }
        let owned = match joined(all) {
            Ok(owned) => owned,
            Err(error) => return failed(error),
        };
        if self.client_address_header.is_some() && (!owned.service.client_address || self.kind == Kind::GatewayKafka) {
            return failed(match self.kind {
                Kind::GatewayKafka => "--client-address-header is for the kind that stands before Kafka, edge-kafka",
                _ => {
                    "--client-address-header is for a registry whose service says `client_address: three_octets`: people \
                     are told of what you keep before they agree"
                }
            });
        }
        let options = Options { kind: self.kind, header: self.client_address_header.clone(), backend: self.backend };
        let text = generate(&owned.registry(), &options);
        match (&self.check, &self.out) {
            (Some(file), _) => {
                let name = file.display();
                let help = format!("run it again with --out {name} in place of --check {name}");
                written::compare(file, &text, &help)
            }
            (None, Some(file)) => written::write(file, &text),
            (None, None) => {
                anstream::stdout().write_all(text.as_bytes())?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// The configuration for a registry.
pub fn generate(registry: &Registry<'_>, options: &Options) -> String {
    let mut clean = Yaml::default();
    clean::filter(&mut clean, registry);
    clean.line("");
    clean::transform(&mut clean, registry, Address::of(registry, options).as_ref());
    clean.line("");
    clean::undeclared(&mut clean, registry);
    parts::around(registry, options, &clean.finish())
}

/// A header's name, as the Collector looks it up.
fn header(name: &str) -> Result<String, String> {
    let sound = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if sound { Ok(name.to_ascii_lowercase()) } else { Err("a header's name is letters, digits, - and _".to_owned()) }
}
