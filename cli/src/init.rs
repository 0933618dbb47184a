//! `scruple init [DIR]`: writes a first registry and its generated code, and prints the lines that a program needs.
//!
//! A crate, of a program or of a library, gets `telemetry/manifest.yaml`, `telemetry/usage.yaml` and `src/usage.rs`; the
//! names in them come from the package's name. The lines for `Cargo.toml` and the code are only printed, since these
//! files are the author's. The registry is checked as by `scruple check` before it is moved into place. No file is
//! overwritten: if one of the three exists, nothing is written.

mod kind;

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::check::show;
use crate::codegen;
use crate::exit::BROKEN;
use crate::program;
use crate::registry::{self, Crate, CrateError, Finding, escaped, names};
use crate::template::fill;
use crate::written::{self, failed};

use self::kind::Kind;

const MANIFEST: &str = include_str!("init/manifest.yaml");
const USAGE: &str = include_str!("init/usage.yaml");

/// The registry's folder, relative to the crate's.
const FOLDER: &str = "telemetry";

/// Writes a first registry, and prints the lines that the program or library needs.
///
/// It writes telemetry/manifest.yaml with the schema URL, telemetry/usage.yaml with the data and who gets it, and
/// src/usage.rs with their Rust. The lines for Cargo.toml and the code, and the next commands, go to standard output.
///
/// The exit code is 0, or 2 if nothing was written: no file is overwritten.
#[derive(Debug, clap::Args)]
pub struct Init {
    /// The crate's folder, with its Cargo.toml.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The kind of the program, which decides how it asks for consent; by default `library` for a crate without a
    /// program, else `command-line`.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// The id: your domain reversed, then the name of the program or library. Without this option and the next two,
    /// a placeholder is written.
    #[arg(long, value_name = "ID", value_parser = app_id)]
    app_id: Option<String>,
    /// Who answers for the data, and how to reach them.
    #[arg(long, value_name = "TEXT", value_parser = controller)]
    controller: Option<String>,
    /// Where records are sent: an OTLP base URL. The schema URL begins with it too.
    #[arg(long, value_name = "URL", value_parser = program::endpoint)]
    endpoint: Option<String>,
}

/// Why nothing was written.
enum InitError {
    NoCrate(PathBuf),
    Crate(CrateError),
    Workspace(PathBuf, Vec<String>),
    There(PathBuf),
    Unwritten(PathBuf, io::Error),
    Findings(Vec<Finding>),
}

impl Init {
    /// Runs the command: exit code 0, or 2 if nothing was written.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let made = Package::at(&self.dir, self.kind).and_then(|package| self.make(&package).map(|()| package));
        let package = match made {
            Ok(package) => package,
            Err(InitError::Findings(findings)) => {
                show(&findings)?;
                return Ok(ExitCode::from(BROKEN));
            }
            Err(refused) => return failed(refused),
        };
        let mut stderr = anstream::stderr().lock();
        for name in ["telemetry/manifest.yaml", "telemetry/usage.yaml", "src/usage.rs"] {
            writeln!(stderr, "wrote {}", escaped(&self.dir.join(name).display().to_string()))?;
        }
        let examples = [("app_id", &self.app_id), ("controller", &self.controller), ("endpoint", &self.endpoint)];
        let left: Vec<_> = examples.iter().filter(|(_, given)| given.is_none()).map(|(name, _)| *name).collect();
        if !left.is_empty() {
            let (names, folder) = (left.join(", "), escaped(&self.folder()));
            let url = if self.endpoint.is_none() {
                format!(", and your own schema_url in {folder}/manifest.yaml")
            } else {
                String::new()
            };
            writeln!(
                stderr,
                "  help: write your own {names} in {folder}/usage.yaml{url}; then `scruple codegen {folder}`"
            )?;
        }
        anstream::stdout().lock().write_all(self.lines(&package).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }

    /// Writes all three files or no file: the registry is written beside its place, checked, and moved there.
    fn make(&self, package: &Package) -> Result<(), InitError> {
        let at = |name: &str| package.folder.join(name);
        let (folder, generated) = (at(FOLDER), at("src/usage.rs"));
        for path in [&folder, &generated] {
            if fs::symlink_metadata(path).is_ok() {
                return Err(InitError::There(path.clone()));
            }
        }
        let unwritten = |path: &Path| {
            let path = path.to_owned();
            move |error| InitError::Unwritten(path, error)
        };
        let draft = tempfile::Builder::new().prefix(".scruple-").tempdir_in(&package.folder);
        let draft = draft.map_err(unwritten(&package.folder))?;
        let place = draft.path().join(FOLDER);
        fs::create_dir(&place).map_err(unwritten(&place))?;
        for (name, template) in [("manifest.yaml", MANIFEST), ("usage.yaml", USAGE)] {
            let path = place.join(name);
            fs::write(&path, self.filled(template, package)).map_err(unwritten(&path))?;
        }
        let owned = registry::read(&place).map_err(InitError::Findings)?;
        fs::rename(&place, &folder).map_err(unwritten(&folder))?;
        written::replace(&generated, codegen::generate(&owned, FOLDER, codegen::Tables::Scruple).as_bytes())
            .map_err(unwritten(&generated))
    }

    /// The registry's folder, from here.
    fn folder(&self) -> String {
        self.beside(FOLDER)
    }

    /// A file of the crate, from here.
    fn beside(&self, name: &str) -> String {
        if self.dir == Path::new(".") { name.to_owned() } else { self.dir.join(name).display().to_string() }
    }

    fn lines(&self, package: &Package) -> String {
        let folder = self.folder();
        let mut commands = vec![format!("scruple check {folder}"), format!("scruple codegen {folder}")];
        if package.kind.has_notice() {
            commands.push(format!("scruple notice {folder}"));
        }
        commands.push(format!("scruple docs {folder} --out {}", self.beside("TELEMETRY.md")));
        let has_clap = package.has_clap && package.kind == Kind::CommandLine;
        let features: &[&str] = match package.kind {
            Kind::CommandLine if has_clap => &["clap"],
            Kind::Server => &["otel"],
            Kind::CommandLine | Kind::Window | Kind::Library => &[],
        };
        let version = env!("CARGO_PKG_VERSION");
        let scruple = match features {
            [] => format!("\"{version}\""),
            // Without files and uploader: a server sends while it runs.
            ["otel"] => {
                format!("{{ version = \"{version}\", default-features = false, features = [\"otel\"] }}")
            }
            _ => format!("{{ version = \"{version}\", features = {features:?} }}"),
        };
        let arguments = if has_clap {
            let name = &package.name;
            format!(
                "let args = telemetry.clap::<Args>(); // for `Args::parse()`; also `{name} telemetry \
                 status|on|off|send|reset|show`"
            )
        } else {
            "// With clap: `let args = telemetry.clap::<Args>();` (scruple's feature `clap`), which adds the commands\n\
             // `telemetry status|on|off|send|reset|show`. With another parser: docs/command-line.md, \"Without clap\"."
                .to_owned()
        };
        let (args, parameter) = if has_clap { ("args", "args: Args") } else { ("", "") };
        fill(
            package.kind.lines(),
            &[
                ("crate", &package.name.replace('-', "_")),
                ("scruple", &scruple),
                ("variable", &package.variable()),
                ("arguments", &arguments),
                ("args", args),
                ("parameter", parameter),
                ("commands", &commands.join("\n")),
            ],
        )
    }

    fn filled(&self, template: &str, package: &Package) -> String {
        let id = package.id();
        let app_id = self.app_id.clone().unwrap_or_else(|| format!("com.example.{id}"));
        let endpoint = self.endpoint.as_deref().unwrap_or("https://telemetry.example.com");
        let controller = match &self.controller {
            Some(controller) => quoted(controller),
            None => quoted(&format!("The {} project, privacy@example.com", package.name)),
        };
        let words = package.kind.words(&package.name, &package.variable(), package.has_clap);
        let words = words.iter().map(|(name, value)| (*name, value.as_str()));
        let values = [
            ("name", package.name.as_str()),
            ("quoted_name", &quoted(&package.name)),
            ("space", &package.space()),
            ("app_id", &app_id),
            ("controller", &controller),
            ("endpoint", endpoint),
            ("schema_url", &format!("{}/schemas/{id}/1.0.0", endpoint.trim_end_matches('/'))),
        ];
        fill(template, &words.chain(values).collect::<Vec<_>>())
    }
}

/// The crate for the registry.
struct Package {
    folder: PathBuf,
    name: String,
    has_clap: bool,
    kind: Kind,
}

impl Package {
    fn at(dir: &Path, kind: Option<Kind>) -> Result<Self, InitError> {
        let manifest = dir.join("Cargo.toml");
        if !manifest.is_file() {
            return Err(InitError::NoCrate(dir.to_owned()));
        }
        let found = match Crate::at(dir) {
            Err(CrateError::Virtual(path)) => return Err(InitError::Workspace(path, members(&manifest))),
            found => found.map_err(InitError::Crate)?,
        };
        let table = table(&manifest).unwrap_or_default();
        let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        // Cargo refuses a package without a name, so any name will do.
        let name = name.filter(|name| names::is_wire_text(name)).unwrap_or("program").to_owned();
        let has_clap = table.get("dependencies").is_some_and(|all| all.get("clap").is_some());
        let kind = kind.unwrap_or(if found.is_program { Kind::CommandLine } else { Kind::Library });
        Ok(Self { folder: found.folder, name, has_clap, kind })
    }

    /// The first part of the signals' and attributes' names: `word-counter` as `word_counter`.
    fn space(&self) -> String {
        let space = joined(&self.name, '_');
        match space.as_str() {
            // Keys below `otel.` are reserved for OpenTelemetry.
            "otel" => "otel_program".to_owned(),
            _ => space,
        }
    }

    /// The last part of the app id: `Word_Counter` as `word-counter`.
    fn id(&self) -> String {
        joined(&self.name, '-')
    }

    /// The program's telemetry variable.
    fn variable(&self) -> String {
        format!("{}_TELEMETRY", self.space().to_ascii_uppercase())
    }
}

/// A name as lower-case words, joined by a character, with a letter first; `program` if nothing is left.
fn joined(name: &str, joint: char) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let text = words.collect::<Vec<_>>().join(&joint.to_string()).to_ascii_lowercase();
    let text: String = text.trim_start_matches(|c: char| !c.is_ascii_lowercase()).chars().take(40).collect();
    let text = text.trim_end_matches(joint);
    // Parts of field names, and words between two dots, begin with a letter.
    if text.is_empty() { "program".to_owned() } else { text.to_owned() }
}

/// A text as a YAML scalar: every JSON string is one (YAML 1.2, section 1.3).
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn table(manifest: &Path) -> Option<toml::Table> {
    toml::from_str(&fs::read_to_string(manifest).ok()?).ok()
}

/// The members of a workspace, as written in its manifest.
fn members(manifest: &Path) -> Vec<String> {
    let table = table(manifest).unwrap_or_default();
    let members = table.get("workspace").and_then(|workspace| workspace.get("members")).and_then(toml::Value::as_array);
    members.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned).collect()
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCrate(dir) => write!(
                f,
                "{} has no Cargo.toml; name the crate's folder, for instance `scruple init my-program`, or create one \
                 with `cargo new`",
                dir.display()
            ),
            Self::Crate(error) => error.fmt(f),
            Self::Workspace(manifest, members) => {
                let members = if members.is_empty() { "none yet".to_owned() } else { members.join(", ") };
                write!(
                    f,
                    "{} is a workspace without a package; name the folder of the program's package: `scruple init \
                     MEMBER` (members: {members})",
                    manifest.display()
                )
            }
            Self::There(path) => {
                write!(f, "{} exists already; nothing was written", path.display())
            }
            Self::Unwritten(path, error) => write!(f, "{} can't be written: {error}", path.display()),
            Self::Findings(findings) => write!(f, "{} mistakes", findings.len()),
        }
    }
}

fn app_id(text: &str) -> Result<String, String> {
    let help = "write your domain reversed and the program's name, for instance com.example.words";
    if names::is_app_id(text) { Ok(text.to_owned()) } else { Err(help.to_owned()) }
}

fn controller(text: &str) -> Result<String, String> {
    names::sentence(text).ok_or_else(|| "write a name and an address, without control characters".to_owned())
}
