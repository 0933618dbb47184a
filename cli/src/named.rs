//! A registry by its name: a folder, or a folder in a git revision.
//!
//! What names a folder that exists is that folder; else what has a colon in it is `REVISION:FOLDER` as git reads it
//! (gitrevisions(7)): from the top of the repository, or from here if FOLDER begins with `./`. The revision's YAML files
//! are asked of the real `git` by its plumbing, with no text conversion, and put into a temporary folder that is read
//! as any other; findings name them as `REVISION:FOLDER/file`. Nothing is written in the repository, and nothing is
//! fetched. Links and submodules in a revision are not followed: they are findings, because what they lead to would be
//! read from somewhere else.

use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use crate::registry::{self, Finding, MAX_FILE, Owned, Place, Position, Rule};

/// Reads the registry that is named.
pub fn read(named: &str) -> Result<Owned, Vec<Finding>> {
    let folder = Path::new(named);
    match in_revision(named) {
        Some(_) => {
            let copy = copied(named).map_err(|error| unreadable(named, error.to_string(), error.help()))?;
            registry::read_as(copy.path(), named.trim_end_matches('/'))
        }
        None if !named.contains(':') && !folder.exists() => {
            let help = "name the folder that holds `manifest.yaml`, or one in a git revision, as in `v1.2.0:telemetry`";
            Err(unreadable(named, "there is no such folder", help))
        }
        None => registry::read(folder),
    }
}

/// The folder that is named; that of a revision is where a checkout would have it.
pub fn place(named: &str) -> PathBuf {
    let Some(folder) = in_revision(named) else { return PathBuf::from(named) };
    let top = || git(&["rev-parse", "--show-toplevel"]).ok().and_then(|top| String::from_utf8(top).ok());
    let base = match folder.split('/').next() {
        Some("." | "..") => env::current_dir().ok(),
        _ => top().map(|top| PathBuf::from(top.trim_end_matches('\n'))),
    };
    let below = Path::new(folder).components().filter(|part| *part != Component::CurDir);
    base.unwrap_or_default().join(below.collect::<PathBuf>())
}

/// The folder of `REVISION:FOLDER`, unless it is a folder of that name.
fn in_revision(named: &str) -> Option<&str> {
    let (revision, folder) = named.split_once(':')?;
    (!revision.is_empty() && !Path::new(named).is_dir()).then_some(folder)
}

fn unreadable(named: &str, message: impl Into<String>, help: &str) -> Vec<Finding> {
    let place = Place { file: named.to_owned(), at: Position::default() };
    vec![place.error(Rule::Unreadable, message, help)]
}

/// The YAML files of a folder in a revision.
fn copied(named: &str) -> Result<tempfile::TempDir, NotRead> {
    // No name of git's begins so, but an option does.
    if named.starts_with('-') {
        return Err(NotRead::Git("a revision doesn't begin with a hyphen".to_owned()));
    }
    // Without `--verify`, which would not say what is missing.
    let object = git(&["rev-parse", named])?;
    let object = String::from_utf8_lossy(&object).trim().to_owned();
    if !object.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(NotRead::Git("it names more than one revision".to_owned()));
    }
    let listing = git(&["ls-tree", "-r", "-z", "-l", "--full-tree", &object])?;
    let folder = tempfile::tempdir().map_err(NotRead::Copy)?;
    for entry in listing.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
        let entry = String::from_utf8_lossy(entry);
        let Some((facts, path)) = entry.split_once('\t') else { continue };
        let mut facts = facts.split_whitespace();
        let (mode, object, size) = (facts.next(), facts.nth(1), facts.next());
        match (mode, object) {
            (Some("160000"), _) => return Err(NotRead::Elsewhere(path.to_owned())),
            _ if !is_yaml(path) => {}
            (Some("120000"), _) => return Err(NotRead::Elsewhere(path.to_owned())),
            (_, Some(object)) => {
                let is_large = size.and_then(|size| size.parse::<u64>().ok()).is_some_and(|size| size > MAX_FILE);
                // The folder's own limit says it.
                let bytes = if is_large { vec![b'#'; oversize()] } else { git(&["cat-file", "blob", object])? };
                let to = below(folder.path(), path).ok_or_else(|| NotRead::Elsewhere(path.to_owned()))?;
                let above = to.parent().unwrap_or(folder.path());
                fs::create_dir_all(above).and_then(|()| fs::write(&to, bytes)).map_err(NotRead::Copy)?;
            }
            (_, None) => {}
        }
    }
    Ok(folder)
}

fn is_yaml(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

fn oversize() -> usize {
    usize::try_from(MAX_FILE).unwrap_or(usize::MAX).saturating_add(1)
}

/// A path of a tree below a folder; a tree that was made by hand may lead out of it.
fn below(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    path.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(path))
}

/// What git says on standard output.
fn git(arguments: &[&str]) -> Result<Vec<u8>, NotRead> {
    let output = Command::new("git")
        .args(arguments)
        // A partial clone would fetch what it lacks, and write it: there is no transport of this name, so it says so.
        // (GIT_NO_LAZY_FETCH is for git 2.44 and newer.)
        .env("GIT_ALLOW_PROTOCOL", "none")
        .env("GIT_OPTIONAL_LOCKS", "0")
        // What it says is read here.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(NotRead::NoGit)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if said.lines().any(|line| line.ends_with(" from promisor remote")) {
        return Err(NotRead::Partial);
    }
    let first = said.lines().next().unwrap_or_default();
    Err(NotRead::Git(first.strip_prefix("fatal: ").unwrap_or(first).to_owned()))
}

/// Why a folder of a revision can't be read.
#[derive(Debug)]
enum NotRead {
    /// There is no git to ask.
    NoGit(io::Error),
    /// What git said.
    Git(String),
    /// The clone lacks its files.
    Partial,
    /// It is a link, a submodule, or leads out of the folder.
    Elsewhere(String),
    /// The files can't be put into a temporary folder.
    Copy(io::Error),
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGit(error) => write!(f, "git can't be run: {error}"),
            Self::Git(said) if said.is_empty() => f.write_str("git can't read it, and doesn't say why"),
            Self::Git(said) => write!(f, "git can't read it: {said}"),
            Self::Partial => f.write_str("this clone is a partial one, and lacks its files"),
            Self::Elsewhere(path) => write!(f, "`{path}` leads out of this folder of the revision"),
            Self::Copy(error) => write!(f, "its files can't be put into a temporary folder: {error}"),
        }
    }
}

impl NotRead {
    fn help(&self) -> &'static str {
        match self {
            Self::NoGit(_) => "install git, or name a folder",
            Self::Git(_) => {
                "write REVISION:FOLDER, the folder from the top of the repository, or REVISION:./FOLDER from here"
            }
            Self::Partial => "fetch them, as with `git fetch --refetch --no-filter`: nothing is fetched here",
            Self::Elsewhere(_) => "check the revision out, and name the folder",
            Self::Copy(_) => "free some space, or set TMPDIR to a folder that can be written to",
        }
    }
}
