//! The files of a Collector's file exporter: plain lines, gzip, or zstd in either of two forms.
//!
//! A file is recognised by its first bytes, never by its name. With `compression: zstd`, the exporter writes each message
//! as four bytes of length (big-endian) and one zstd frame. Whoever compresses a rotated file afterwards writes one stream
//! of gzip or zstd.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use indicatif::ProgressBar;
use scruple_cli::check::line::{MAX_LINE, next_line};

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The names of files that a folder is searched for.
const ENDINGS: [&str; 2] = [".json", ".jsonl"];

/// An input that can't be listed or opened.
#[derive(Debug)]
pub struct UnreadInput {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub error: io::Error,
}

/// The files of all inputs, each once, in the order of their names; a folder stands for the files of records in it and in
/// its folders. Links in a folder are not followed.
///
/// # Errors
/// An input doesn't exist or can't be read.
pub fn files(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, UnreadInput> {
    let mut all = Vec::new();
    for input in inputs {
        let unread = |error| UnreadInput { path: input.clone(), error };
        if fs::metadata(input).map_err(unread)?.is_dir() {
            folder(input, &mut all)?;
        } else {
            all.push(input.clone());
        }
    }
    // The same file by two names would be counted twice.
    let mut known = BTreeSet::new();
    let mut once = Vec::new();
    for path in all {
        let real = fs::canonicalize(&path).map_err(|error| UnreadInput { path: path.clone(), error })?;
        if known.insert(real) {
            once.push(path);
        }
    }
    Ok(once)
}

fn folder(path: &Path, all: &mut Vec<PathBuf>) -> Result<(), UnreadInput> {
    let unread = |error| UnreadInput { path: path.to_owned(), error };
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        entries.push((entry.path(), entry.file_type().map_err(unread)?));
    }
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    for (path, kind) in entries {
        if kind.is_dir() {
            folder(&path, all)?;
        } else if kind.is_file() && is_of_records(&path) {
            all.push(path);
        }
    }
    Ok(())
}

/// Whether a name is that of a file of records: `usage.jsonl`, `usage-2026-11-30T16-24-54.123.jsonl`, `usage.jsonl.gz`.
fn is_of_records(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = [".gz", ".zst", ".zstd"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// A file, line by line.
pub struct Lines<'f> {
    form: FileForm<'f>,
    /// The number of the last line, from 1.
    pub number: u64,
}

enum FileForm<'f> {
    Lines(Box<dyn BufRead + 'f>),
    Messages(Box<dyn BufRead + 'f>),
}

/// One line, or why it is none.
pub enum ReadLine {
    /// Its length and where it is: the beginning of a line that is too long.
    Whole(u64),
    /// The compressed data ends early or is broken, or a message is too long: no line after it can be read.
    Broken(&'static str),
    /// The end of the file.
    End,
}

impl<'f> Lines<'f> {
    /// Opens a file; `progress` counts the bytes that are read from the disk.
    ///
    /// # Errors
    /// It can't be read.
    pub fn open(path: &Path, progress: &'f ProgressBar) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut head = Vec::new();
        Read::by_ref(&mut file).take(8).read_to_end(&mut head)?;
        let start = Cursor::new(head.clone()).chain(file);
        let whole = BufReader::with_capacity(1 << 16, progress.wrap_read(start));
        let form = if head.starts_with(&GZIP) {
            FileForm::Lines(Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(whole))))
        } else if head.starts_with(&ZSTD) {
            let decoder = zstd::Decoder::with_buffer(whole)?;
            FileForm::Lines(Box::new(BufReader::with_capacity(1 << 16, decoder)))
        } else if head.get(4..) == Some(ZSTD.as_slice()) {
            FileForm::Messages(Box::new(whole))
        } else {
            FileForm::Lines(Box::new(whole))
        };
        Ok(Self { form, number: 0 })
    }

    /// Reads the next line.
    ///
    /// # Errors
    /// The disk fails.
    pub fn next(&mut self, line: &mut Vec<u8>) -> io::Result<ReadLine> {
        self.number += 1;
        match &mut self.form {
            FileForm::Lines(reader) => match next_line(reader, line) {
                Ok(0) => Ok(ReadLine::End),
                Ok(length) => Ok(ReadLine::Whole(length)),
                Err(error) => broken(error, "the compressed data ends early or is broken"),
            },
            FileForm::Messages(reader) => match message(reader, line) {
                Ok(read) => Ok(read),
                Err(error) => broken(error, "a compressed message is cut off or broken"),
            },
        }
    }
}

/// An error of a decoder is a broken file; any other is one of the disk.
fn broken(error: io::Error, what: &'static str) -> io::Result<ReadLine> {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::Other => Ok(ReadLine::Broken(what)),
        _ => Err(error),
    }
}

/// One message of four bytes of length and a zstd frame.
fn message(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<ReadLine> {
    line.clear();
    if reader.fill_buf()?.is_empty() {
        return Ok(ReadLine::End);
    }
    let mut length = [0; 4];
    reader.read_exact(&mut length)?;
    let length = u64::from(u32::from_be_bytes(length));
    let mut frame = reader.take(length);
    let decoder = zstd::Decoder::with_buffer(&mut frame)?.single_frame();
    let read = decoder.take(MAX_LINE + 1).read_to_end(line)? as u64;
    if read > MAX_LINE {
        return Ok(ReadLine::Broken("a message of over 64 MiB, which is too long to read"));
    }
    match frame.limit() {
        0 => Ok(ReadLine::Whole(read)),
        _ => Ok(ReadLine::Broken("a compressed message that is not one zstd frame")),
    }
}
