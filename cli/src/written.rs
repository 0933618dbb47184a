//! Files that are derived from a registry: written in one step, or compared with what they should be.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::check::BROKEN;
use crate::registry::escaped;

/// The exit code of `--check` for a file that is not current.
const STALE: u8 = 1;

/// Says whether the file is as it should be: exit code 0 if it is, else 1, and `help` says how it is brought up to date.
pub(crate) fn compare(out: &Path, text: &str, help: &str) -> io::Result<ExitCode> {
    if out.is_dir() {
        return failed(format!("{} is a folder: name the file in it", out.display()));
    }
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
    writeln!(stderr, "  help: {}", escaped(help))?;
    Ok(ExitCode::from(STALE))
}

/// The first line that differs, from 1, as it is and as it should be.
fn difference<'a>(old: &'a str, new: &'a str) -> (usize, Option<&'a str>, Option<&'a str>) {
    let (mut old, mut new, mut line) = (old.split('\n'), new.split('\n'), 1);
    loop {
        match (old.next(), new.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (is, should) => return (line, is, should),
        }
    }
}

/// Writes the file, or to standard output where it is called `-`. A file that is current is left alone, so that nothing
/// is built again.
pub(crate) fn write(out: &Path, text: &str) -> io::Result<ExitCode> {
    if out == Path::new("-") {
        anstream::stdout().write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    // What is no file may have no end.
    if out.is_file() && fs::read_to_string(out).is_ok_and(|old| old == text) {
        writeln!(anstream::stderr(), "{} is current", escaped(&out.display().to_string()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Err(error) = replace(out, text.as_bytes()) {
        return failed(format!("{} can't be written: {error}", out.display()));
    }
    writeln!(anstream::stderr(), "wrote {}", escaped(&out.display().to_string()))?;
    Ok(ExitCode::SUCCESS)
}

/// Replaces the file in one step: a build that runs meanwhile sees the old one or the new one. A file keeps its mode and
/// the links that lead to it; a pipe or a device is written to.
pub(crate) fn replace(out: &Path, bytes: &[u8]) -> io::Result<()> {
    let found = fs::metadata(out).ok();
    if found.as_ref().is_some_and(|found| !found.is_file() && !found.is_dir()) {
        return fs::OpenOptions::new().write(true).open(out)?.write_all(bytes);
    }
    let out = match found {
        Some(_) => &fs::canonicalize(out)?,
        None => out,
    };
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no folder {}", folder.display())));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".scruple-");
    // A temporary file is its owner's alone; a new file has the mode that the umask leaves.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Its name is nobody's business.
    let named = |error: io::Error| io::Error::from(error.kind());
    let mut file = builder.tempfile_in(folder).map_err(named)?;
    file.write_all(bytes).map_err(named)?;
    if let Some(found) = found {
        file.as_file().set_permissions(found.permissions())?;
    }
    file.persist(out).map_err(|error| error.error)?;
    Ok(())
}

/// A number with its noun.
pub(crate) fn count<N: fmt::Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Says on standard error why the command did not do what it was asked for.
pub(crate) fn failed(message: impl fmt::Display) -> io::Result<ExitCode> {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    writeln!(anstream::stderr(), "{style}error:{style:#} {}", escaped(&message.to_string()))?;
    Ok(ExitCode::from(BROKEN))
}
