//! The file of the page that `telemetry show --html` writes, and the browser that shows it.
//!
//! The person names the file and so knows of it: it holds copies of records, which no later no, reset or end of a receipt
//! deletes. A page among the program's own files would have to follow each of these.

use crate::files::Folder;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Replaces a file that a person has named, or makes it; returns its absolute path. Only the person can read it: it holds
/// records.
pub(super) fn replace(out: &Path, page: String) -> Result<PathBuf, String> {
    let out = std::path::absolute(out).map_err(|why| why.to_string())?;
    let is_other = out.symlink_metadata().is_ok_and(|found| !found.is_file());
    let (Some(folder), Some(name), false) = (out.parent(), out.file_name(), is_other) else {
        return Err("it is not a regular file; `-` is standard output".to_owned());
    };
    let name = name.to_str().ok_or("the name of the file is not UTF-8")?;
    let folder = Folder::open(folder).map_err(|why| why.to_string())?.ok_or("there is no such folder")?;
    folder.replace(name, page.into_bytes()).map_err(|why| why.to_string())?;
    Ok(out)
}

/// Starts the program that opens a file in the person's browser, and does not wait for it; `false` if there is none.
pub(super) fn open(page: &Path) -> bool {
    // No shell reads the path. Without a display, `xdg-open` would start a browser of the terminal in this one.
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let mut command = match env::consts::OS {
        // Windows looks for a program in this one's folder first.
        "windows" => return false,
        "macos" => Command::new("open"),
        _ if is_set("WAYLAND_DISPLAY") || is_set("DISPLAY") => Command::new("xdg-open"),
        _ => return false,
    };
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().is_ok()
}
