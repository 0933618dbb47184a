//! The files of a registry's folder, read within limits.

use std::fs::{self, File};
use std::io::Read;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use super::finding::{Finding, Place, Position, Rule};

/// The largest file, in bytes.
pub const MAX_FILE: u64 = 1024 * 1024;

/// The manifest's name in Weaver's older format.
const OLDER_MANIFEST: &str = "registry_manifest.yaml";

/// How many files and folders are looked at before the folder is taken for the wrong one.
const MAX_ENTRIES: usize = 10_000;

/// A file's name as findings show it, and its text.
pub struct TextFile {
    /// The folder as it was named, and the path below it.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// A registry's files.
pub struct Folder {
    /// `manifest.yaml`, if it is there and readable.
    pub manifest: Option<TextFile>,
    /// What is wrong if there is none, or only one under its older name.
    pub no_manifest: Option<Finding>,
    /// Every other `.yaml` and `.yml` file, sorted by path.
    pub definitions: Vec<TextFile>,
}

/// Reads every YAML file below a folder. Links to folders are not followed.
pub fn read(folder: &Path, name: &str, findings: &mut Vec<Finding>) -> Folder {
    let mut paths = Vec::new();
    let mut left = MAX_ENTRIES;
    let root = Root { folder, name };
    root.list(folder, &mut paths, &mut left, findings);
    paths.sort();
    let manifest = folder.join("manifest.yaml");
    let older = folder.join(OLDER_MANIFEST);
    let is_unlisted = findings.is_empty() && !paths.contains(&manifest);
    let no_manifest = if is_unlisted && older.exists() {
        let help = "rename it to `manifest.yaml`, with `schema_url`, `description` and `stability`";
        Some(root.whole(&older).error(Rule::Unsupported, "a manifest under its older name", help))
    } else if is_unlisted {
        let help = "add `manifest.yaml` with `schema_url`, `description` and `stability`";
        Some(root.whole(folder).error(Rule::Unreadable, "there is no `manifest.yaml` in this folder", help))
    } else {
        None
    };
    let mut found = Folder { manifest: None, no_manifest, definitions: Vec::new() };
    for path in paths {
        if path == older {
            continue;
        }
        let Some(text) = root.text(&path, findings) else { continue };
        let text = TextFile { name: root.name(&path), text };
        if path == manifest { found.manifest = Some(text) } else { found.definitions.push(text) }
    }
    found
}

/// A folder, and its name in findings.
struct Root<'a> {
    folder: &'a Path,
    name: &'a str,
}

impl Root<'_> {
    /// Below the folder's own name it has forward slashes on every system, as a machine that reads findings expects.
    fn name(&self, path: &Path) -> String {
        match path.strip_prefix(self.folder) {
            Ok(below) if below != Path::new("") => {
                let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
                let below = parts.collect::<Vec<_>>().join("/");
                let is_joined = self.name.is_empty() || self.name.ends_with(['/', MAIN_SEPARATOR]);
                let slash = if is_joined { "" } else { "/" };
                format!("{}{slash}{below}", self.name)
            }
            _ => self.name.to_owned(),
        }
    }

    fn whole(&self, path: &Path) -> Place {
        Place { file: self.name(path), at: Position::default() }
    }

    fn list(&self, folder: &Path, paths: &mut Vec<PathBuf>, left: &mut usize, findings: &mut Vec<Finding>) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                let message = format!("this folder can't be read: {error}");
                findings.push(self.whole(folder).error(
                    Rule::Unreadable,
                    message,
                    "name the folder that holds `manifest.yaml`",
                ));
                return;
            }
        };
        for entry in entries {
            if *left == 0 {
                return;
            }
            *left -= 1;
            if *left == 0 {
                let message = format!("more than {MAX_ENTRIES} files and folders");
                let help = "name the folder that holds `manifest.yaml`, and keep only the registry in it";
                findings.push(self.whole(folder).error(Rule::Limit, message, help));
                return;
            }
            let Ok(entry) = entry else { continue };
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.list(&path, paths, left, findings);
            } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                paths.push(path);
            }
        }
    }

    fn text(&self, path: &Path, findings: &mut Vec<Finding>) -> Option<String> {
        let mut fail = |place: Place, message: String, help: &str| {
            findings.push(place.error(Rule::Unreadable, message, help));
            None
        };
        // A pipe or device would be waited for: ask what it is before it is opened.
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => {
                return fail(self.whole(path), format!("this file can't be read: {error}"), "correct or delete it");
            }
        };
        if !metadata.is_file() {
            return fail(
                self.whole(path),
                "this is not a regular file".to_owned(),
                "replace it by a file, or rename it",
            );
        }
        let mut bytes = Vec::new();
        if let Err(error) = File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes)) {
            return fail(self.whole(path), format!("this file can't be read: {error}"), "correct or delete it");
        }
        if bytes.len() as u64 > MAX_FILE {
            let message = format!("this file has more than {MAX_FILE} bytes");
            let at = Position { line: 1, column: 1 };
            return fail(Place { file: self.name(path), at }, message, "split it: a registry is read by people");
        }
        match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                let valid =
                    String::from_utf8_lossy(error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or(&[]));
                let line = valid.matches('\n').count() + 1;
                let column = valid.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
                let place = Place { file: self.name(path), at: Position { line, column } };
                fail(place, "this is not UTF-8".to_owned(), "save the file as UTF-8")
            }
        }
    }
}
