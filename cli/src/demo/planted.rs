//! Private texts, planted by the program or found on the machine, and the search for them in the data that left.
//!
//! A text is searched for raw, in hexadecimal (both cases), and in base64 (both alphabets, at each of the three offsets
//! in a group of three bytes).

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use scruple::registry::{Registry, Treatment, snapshot};

/// The name in all texts below: no part of it may leave.
pub const PERSON: &str = "jane";
/// A user's name.
pub const USER: &str = "jane.doe";
/// Her home.
pub const HOME: &str = "/home/jane.doe";
/// Her machine.
pub const HOST: &str = "janes-laptop";
/// Her address.
pub const EMAIL: &str = "jane.doe@example.org";
/// A password.
pub const TOKEN: &str = "T0KEN-5b1cd0e7-2f66";
/// A file's name, whose extension is no known format.
pub const FILE: &str = "patients-of-dr.jane";
/// Its extension.
pub const ENDING: &str = "jane";
/// Its path.
pub const PATH: &str = "/home/jane.doe/ward-7/patients-of-dr.jane";
/// The URL of the saved profile.
pub const RESULT: &str = "s3://jane:T0KEN-5b1cd0e7-2f66@janes-laptop/ward-7/profile";
/// A library's version with her suffix.
pub const VERSION: &str = "1.4.0+jane.doe";
/// A line of another crate's source.
pub const PLACE: &str = "/home/jane.doe/.cargo/registry/src/ward-7/lib.rs:42";
/// Free text where a member is declared.
pub const STAGE: &str = "while reading ward-7";
/// A sentence in a log.
pub const MESSAGE: &str = "ward-7 has 12 beds, ask jane.doe";
/// The id of a foreign trace, in ASCII.
pub const TRACE: &[u8; 16] = b"jane's-own-trace";
/// The id of a span in it.
pub const SPAN: &[u8; 8] = b"janespan";
/// A query.
pub const QUERY: &str = "SELECT name FROM patients WHERE ward = 'ward-7'";

/// The texts above with their descriptions.
const INVENTED: [(&str, &str); 15] = [
    ("the invented name, in anything", PERSON),
    ("invented user", USER),
    ("invented home", HOME),
    ("invented host", HOST),
    ("invented e-mail", EMAIL),
    ("invented token", TOKEN),
    ("invented file name", FILE),
    ("invented path", PATH),
    ("invented place in a source", PLACE),
    ("free text", STAGE),
    ("log message", MESSAGE),
    ("query", QUERY),
    ("id of the trace around", "jane's-own-trace"),
    ("id of the span around", "janespan"),
    ("invented ward, in anything", "ward-7"),
];

/// Text that any sender's request contains.
const PUBLIC: [&str; 6] = [
    "scruple localhost 127.0.0.1 amd64 arm64 darwin",
    std::env::consts::OS,
    std::env::consts::ARCH,
    "host content-type application/x-protobuf application/grpc content-length user-agent accept accept-encoding",
    "connection keep-alive close te trailers gzip identity deflate grpc-timeout grpc-encoding grpc-accept-encoding",
    "authority method path scheme",
];

/// This machine's own names.
pub struct Machine {
    /// The user's name.
    pub user: Option<String>,
    /// The user's home.
    pub home: Option<String>,
    /// The host name.
    pub host: Option<String>,
}

impl Machine {
    /// Reads the names of this machine.
    pub fn here() -> Self {
        let home = std::env::home_dir().map(|home| home.display().to_string());
        Self { user: whoami::username().ok(), home, host: whoami::hostname().ok() }
    }
}

/// A text that must not leave.
#[derive(Clone)]
pub struct Private {
    /// Its description.
    pub what: String,
    text: String,
}

/// The result of the search for a text.
pub struct Found {
    /// The text's description.
    pub what: String,
    /// The number of matches; `None` if the text was not searched for, since declared data may contain it.
    pub times: Option<usize>,
}

/// All private texts: the invented ones, the machine's names, the data set's path and words.
pub fn private(machine: &Machine, dataset: Option<&Path>, words: &[String]) -> Vec<Private> {
    let one = |what: &str, text: &str| Private { what: what.to_owned(), text: text.to_owned() };
    let mut all: Vec<Private> = INVENTED.iter().map(|(what, text)| one(what, text)).collect();
    let own = [("your user", &machine.user), ("your home", &machine.home), ("your host", &machine.host)];
    all.extend(own.iter().filter_map(|(what, text)| Some(one(what, text.as_deref()?))));
    if let Some(path) = dataset {
        all.push(one("your data set's path", &path.display().to_string()));
        if let Ok(whole) = dunce::canonicalize(path) {
            all.push(one("your data set's whole path", &whole.display().to_string()));
        }
        let parts = [("your data set's file name", path.file_name()), ("your data set's name", path.file_stem())];
        all.extend(parts.iter().filter_map(|(what, part)| Some(one(what, &part.as_ref()?.to_string_lossy()))));
    }
    all.extend(words.iter().map(|word| one("a column or class of the data set", word)));
    all
}

/// Searches for each private text in all texts.
pub fn search(private: &[Private], registry: &Registry<'_>, texts: &[&[u8]]) -> Vec<Found> {
    let canonical = snapshot::text(&[registry]);
    let find = |one: &Private| {
        let times = is_searchable(&one.text, registry, &canonical).then(|| {
            let forms = forms(one.text.as_bytes());
            texts.iter().flat_map(|text| forms.iter().map(|form| count(text, form))).sum()
        });
        Found { what: one.what.clone(), times }
    };
    private.iter().map(find).collect()
}

/// Whether a match of a text is meaningful: the text is too long for a match by chance, and no part of declared data.
fn is_searchable(text: &str, registry: &Registry<'_>, canonical: &str) -> bool {
    let in_sources = registry.attributes.iter().any(|attribute| match attribute.treatment {
        Treatment::Location { files, .. } => files.iter().any(|file| file.path.contains(text)),
        _ => false,
    });
    let could_be_random = text.len() < 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.len() >= 4
        && !could_be_random
        && !in_sources
        && !canonical.contains(text)
        && !PUBLIC.iter().any(|words| words.contains(text))
}

/// The encodings of a text.
fn forms(text: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![text.to_vec(), hex.to_uppercase().into_bytes()];
    forms.push(hex.into_bytes());
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        for before in 0..3 {
            // The characters at both ends also encode the bytes before and after the text: they are left out.
            let mut shifted = vec![0; before];
            shifted.extend_from_slice(text);
            let whole = engine.encode(&shifted);
            let (start, end) = ((before * 4).div_ceil(3), shifted.len() * 4 / 3);
            forms.extend(whole.get(start..end).map(|inner| inner.as_bytes().to_vec()));
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

fn count(text: &[u8], form: &[u8]) -> usize {
    if form.is_empty() { 0 } else { text.windows(form.len()).filter(|window| *window == form).count() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::usage::REGISTRY;

    /// Searches for one text in another.
    fn check(private: &str, text: &[u8], expected: Option<usize>) {
        let private = Private { what: String::new(), text: private.to_owned() };
        let found = search(&[private], REGISTRY, &[text]);
        assert_eq!(found.iter().map(|found| found.times).collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn a_text_is_found_in_each_of_its_forms() {
        check("jane.doe", b"by jane.doe and jane.doe", Some(2));
        check("jane.doe", b"6a616e652e646f65", Some(1));
        check("jane.doe", b"..6A616E652E646F65", Some(1));
        check("jane.doe", b"nobody", Some(0));
        for before in ["", "x", "xy", "xyz"] {
            for after in ["", "x", "xy", "xyz"] {
                let text = format!("{before}jane?doe>{after}");
                check("jane?doe>", STANDARD_NO_PAD.encode(&text).as_bytes(), Some(1));
                check("jane?doe>", URL_SAFE_NO_PAD.encode(&text).as_bytes(), Some(1));
            }
        }
    }

    #[test]
    fn a_declared_or_short_text_is_not_searched_for() {
        for text in ["abc", "", "beef", "demo", std::env::consts::OS, "dataset", "program.rs"] {
            check(text, format!("beef demo {} dataset abc program.rs", std::env::consts::OS).as_bytes(), None);
        }
    }
}
