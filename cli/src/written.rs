//! Writes a generated file in one step, or compares it with its expected text.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::exit::BROKEN;
use crate::registry::escaped;

/// The exit code of `--check` for a file that is not current.
const STALE: u8 = 1;

/// Compares the file of `--check` with the text, or else writes the text to the file of `--out`, or else to standard output.
/// `help` is the command that updates a file of `--check`.
pub(crate) fn deliver(
    text: &str,
    check: Option<&Path>,
    out: Option<&Path>,
    help: impl FnOnce(&Path) -> String,
) -> io::Result<ExitCode> {
    match check {
        Some(file) => compare(file, text, &help(file)),
        None => write(out.unwrap_or(Path::new("-")), text),
    }
}

/// The help of a command that has `--check FILE` and `--out FILE`: the same command with the other.
pub(crate) fn with_out(file: &Path) -> String {
    let name = file.display();
    format!("run it again with --out {name} in place of --check {name}")
}

/// Compares a file with its expected text: exit code 0 if it is current, else 1; `help` is the command that updates it.
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

/// The number of the first line that differs, from 1, with the actual and the expected line.
fn difference<'a>(old: &'a str, new: &'a str) -> (usize, Option<&'a str>, Option<&'a str>) {
    let (mut old, mut new, mut line) = (old.split('\n'), new.split('\n'), 1);
    loop {
        match (old.next(), new.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (is, should) => return (line, is, should),
        }
    }
}

/// Writes the file, or standard output for `-`. A current file is not touched, so that Cargo rebuilds nothing.
pub(crate) fn write(out: &Path, text: &str) -> io::Result<ExitCode> {
    if out == Path::new("-") {
        anstream::stdout().write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    // Reading a pipe or a device could block for ever.
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

/// Replaces a file in one step: a concurrent build sees the old text or the new one. The file keeps its mode, and links
/// to it stay valid; a pipe or a device is written directly.
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
    // By default only the owner can read a temporary file; a new file must follow the umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The error must not name the temporary file.
    let named = |error: io::Error| io::Error::from(error.kind());
    let mut file = builder.tempfile_in(folder).map_err(named)?;
    file.write_all(bytes).map_err(named)?;
    if let Some(found) = found {
        file.as_file().set_permissions(found.permissions())?;
    }
    file.persist(out).map_err(|error| error.error)?;
    Ok(())
}

/// Reports on standard error why a command failed, and returns its exit code.
pub(crate) fn failed(message: impl fmt::Display) -> io::Result<ExitCode> {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    writeln!(anstream::stderr(), "{style}error:{style:#} {}", escaped(&message.to_string()))?;
    Ok(ExitCode::from(BROKEN))
}
