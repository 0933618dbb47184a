//! The program whose registry it is: its crate, and the sources that a location may name.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use scruple::registry::{ReleaseNumber, SourceFile};

/// The sources of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The crate's folder, absolute.
    pub root: String,
    /// Each file's path below it, with forward slashes, and its number of lines; sorted by path.
    pub files: Vec<(String, u32)>,
    /// The path from the generated file's folder to the crate's, with a slash at its end unless it is empty: the
    /// generated file includes each source by it.
    pub prefix: String,
}

/// Why a crate can't be used.
#[derive(Debug)]
pub enum CrateError {
    /// There is no `Cargo.toml` at or above a folder.
    Missing(PathBuf),
    /// A file or folder can't be read.
    Unreadable(PathBuf, io::Error),
    /// `Cargo.toml` is not TOML.
    Malformed(PathBuf, Box<toml::de::Error>),
    /// `Cargo.toml` describes no package, only a workspace.
    Virtual(PathBuf),
}

impl fmt::Display for CrateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(folder) => {
                write!(f, "there is no Cargo.toml at or above {}; name the crate with --crate", folder.display())
            }
            Self::Unreadable(path, error) => write!(f, "{} can't be read: {error}", path.display()),
            Self::Malformed(path, error) => write!(f, "{} is not TOML: {}", path.display(), error.message()),
            Self::Virtual(path) => {
                write!(f, "{} is a workspace without a package; name the crate with --crate", path.display())
            }
        }
    }
}

impl std::error::Error for CrateError {}

/// A crate's folder.
#[derive(Debug, Clone)]
pub struct Crate {
    /// Absolute.
    pub folder: PathBuf,
    /// Whether it builds a program.
    pub is_program: bool,
    /// The numbers of its version; `None` if it has none, or a workspace has it that can't be read.
    pub version: Option<ReleaseNumber>,
}

impl Crate {
    /// The crate that is named, else the nearest one at or above a folder.
    ///
    /// # Errors
    /// There is none, or its manifest can't be read.
    pub fn of(folder: &Path, named: Option<&Path>) -> Result<Self, CrateError> {
        named.map_or_else(|| Self::above(folder), Self::at)
    }

    /// The nearest crate at or above a folder.
    ///
    /// # Errors
    /// There is none, or its manifest can't be read.
    pub fn above(folder: &Path) -> Result<Self, CrateError> {
        // A folder of an earlier revision need not be there any more.
        let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(folder);
        let absolute = dunce::canonicalize(there).map_err(|error| CrateError::Unreadable(folder.to_owned(), error))?;
        let nearest = absolute.ancestors().find(|folder| folder.join("Cargo.toml").is_file());
        Self::at(nearest.ok_or(CrateError::Missing(absolute.clone()))?)
    }

    /// The crate in a folder.
    ///
    /// # Errors
    /// It has no manifest that can be read, or the manifest has no package.
    pub fn at(folder: &Path) -> Result<Self, CrateError> {
        let folder = dunce::canonicalize(folder).map_err(|error| CrateError::Unreadable(folder.to_owned(), error))?;
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).map_err(|error| CrateError::Unreadable(manifest.clone(), error))?;
        let table: toml::Table =
            toml::from_str(&text).map_err(|error| CrateError::Malformed(manifest.clone(), Box::new(error)))?;
        if !table.contains_key("package") {
            return Err(CrateError::Virtual(manifest));
        }
        let is_program =
            table.contains_key("bin") || folder.join("src/main.rs").is_file() || folder.join("src/bin").is_dir();
        let version = version(&table, &folder);
        Ok(Self { folder, is_program, version })
    }

    /// Every `.rs` file below `src`, but one: the generated file, by whatever path to it.
    /// Links are not followed; files whose paths or lines the Collector would refuse are left out, or end there.
    ///
    /// # Errors
    /// A folder or file can't be read.
    pub fn sources(&self, generated: &Path) -> Result<Sources, CrateError> {
        let mut paths = Vec::new();
        list(&self.folder.join("src"), &mut paths)?;
        let folder = generated.parent().and_then(|folder| dunce::canonicalize(folder).ok());
        let generated = folder.zip(generated.file_name()).map(|(folder, name)| folder.join(name));
        paths.retain(|path| Some(path) != generated.as_ref());
        let mut files = Vec::new();
        for path in paths {
            let Some(name) = path.strip_prefix(&self.folder).ok().and_then(Path::to_str) else { continue };
            let name = name.replace('\\', "/");
            if !is_source(&name) {
                continue;
            }
            let bytes = fs::read(&path).map_err(|error| CrateError::Unreadable(path.clone(), error))?;
            let lines = SourceFile::of(&name, &bytes).lines;
            files.push((name, lines));
        }
        files.sort();
        let prefix =
            generated.as_deref().and_then(Path::parent).map(|from| relative(from, &self.folder)).unwrap_or_default();
        Ok(Sources { root: self.folder.display().to_string(), files, prefix })
    }
}

/// The version of a package, or the one that its workspace gives it (`version.workspace = true`).
fn version(manifest: &toml::Table, folder: &Path) -> Option<ReleaseNumber> {
    let parse = |version: &toml::Value| version.as_str().and_then(ReleaseNumber::of_program);
    let own = manifest.get("package")?.get("version")?;
    if own.is_str() {
        return parse(own);
    }
    let read = |folder: &Path| fs::read_to_string(folder.join("Cargo.toml")).ok()?.parse::<toml::Table>().ok();
    let of_workspace = |table: toml::Table| parse(table.get("workspace")?.get("package")?.get("version")?);
    folder.ancestors().filter_map(read).find_map(of_workspace)
}

/// The path from one absolute folder to another.
fn relative(from: &Path, to: &Path) -> String {
    let is_shared = |(one, other): &(Component<'_>, Component<'_>)| one == other;
    let shared = from.components().zip(to.components()).take_while(is_shared).count();
    let up = from.components().skip(shared).map(|_| "../".to_owned());
    let down = to.components().skip(shared).map(|part| format!("{}/", part.as_os_str().display()));
    up.chain(down).collect()
}

/// Whether a location may name this path, also in the Collector: `src`, up to eight folders, and a `.rs` file, each
/// of letters, digits, `_` and `-`; a file's name may have dots as well, but not at its beginning.
fn is_source(path: &str) -> bool {
    let is_part = |part: &str, more: &[u8]| part.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b));
    let Some(path) = path.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs")) else { return false };
    let (folders, file) = path.rsplit_once('/').map_or((None, path), |(folders, file)| (Some(folders), file));
    let mut folders = folders.into_iter().flat_map(|folders| folders.split('/'));
    let is_file = (1..=64).contains(&file.len()) && !file.starts_with('.') && is_part(file, b"_-.");
    is_file
        && folders.clone().count() <= 8
        && folders.all(|folder| (1..=64).contains(&folder.len()) && is_part(folder, b"_-"))
}

fn list(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), CrateError> {
    let unreadable = |error| CrateError::Unreadable(folder.to_owned(), error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path();
        if kind.is_dir() {
            list(&path, paths)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}
