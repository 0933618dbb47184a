//! Checks that the records of a test show every declared part of registries, so that what nobody records is found.

use crate::check::{Coverage, DeclaredPart, Format};
use crate::registry::{Registry, SignalKind, escaped};
use std::error::Error;
use std::fmt;

/// Why the records do not cover the registries; its text has a line for each part.
#[derive(Clone, PartialEq, Eq)]
struct Uncovered {
    records: u64,
    unseen: Vec<String>,
    /// What the test excepts, although it is seen or is no part.
    needless: Vec<String>,
}

/// Checks that records show each declared part of a program's registry and of its libraries: every span and event, every
/// attribute of these and of the resource, and every member of an attribute, also each bucket and each name of a list.
///
/// `requests` are those of [`Exporter::requests`](crate::Exporter::requests) or [`Builder::tee`](crate::Builder::tee), or
/// lines of a receiver's file, in JSON or protobuf; a record with an undeclared part shows nothing. `except` names the parts that the
/// test can't show, each with the reason, by the text of the error: `span words.run`, `words.unit of span words.run`,
/// `os.type of the resource`, `os.type = windows`, or `os.type` for all of its members. What belongs to such a part alone
/// is excepted with it.
///
/// ```
/// # use scruple::registry::{Attribute, AttributeRef, Registry, RequirementLevel, Service, Signal, Treatment};
/// # static REGISTRY: &Registry<'static> = &Registry::new(
/// #     "https://telemetry.example.com/schemas/words/1.0.0",
/// #     Service::new("com.example.words", "words", "1.0.0", "The example project", "https://telemetry.example.com"),
/// # )
/// # .attributes(&[Attribute::new("words.unit", "", Treatment::Enum { members: &["lines", "words"], otherwise: None })])
/// # .spans(&[Signal::span("words.run", "").attributes(&[AttributeRef::new(0, RequirementLevel::Required)])]);
/// use scruple::testing::{Rehearsal, coverage};
/// use scruple::{Exporter, Format};
/// use tracing_subscriber::prelude::*;
///
/// let (sender, requests) = std::sync::mpsc::channel();
/// let exporter = Exporter::requests(Format::Json, move |kind, request| {
///     let _ = sender.send((kind, request.to_vec()));
/// });
/// let telemetry = scruple::start(REGISTRY).rehearsal(Rehearsal::new()).export(exporter).build();
/// tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
///     drop(tracing::info_span!("words.run", words.unit = "lines"));
/// });
/// drop(telemetry);
/// let error = coverage(&[REGISTRY], requests.try_iter(), &[]).unwrap_err();
/// assert!(error.to_string().contains("never seen: words.unit = words"));
/// ```
///
/// # Errors
/// There is no record; parts that no record shows; or exceptions that are needless.
pub fn coverage<Requests, Request>(
    registries: &[&'static Registry<'static>],
    requests: Requests,
    except: &[(&str, &str)],
) -> Result<(), impl Error + use<Requests, Request>>
where
    Requests: IntoIterator<Item = (SignalKind, Request)>,
    Request: AsRef<[u8]>,
{
    let mut coverage = Coverage::new(registries);
    for (kind, request) in requests {
        let request = request.as_ref();
        // No request in protobuf begins with this byte.
        let format = if request.starts_with(b"{") { Format::Json } else { Format::Protobuf };
        coverage.add(kind, format, request);
    }
    let unseen: Vec<_> = coverage.unseen_since(0).into_iter().map(|(part, _)| part).collect();
    let is_of = |part: &DeclaredPart<'_>, name: &str| match part {
        DeclaredPart::Member { key, .. } if *key == name => true,
        _ => part.to_string() == name,
    };
    let is_excepted = |part: &&DeclaredPart<'_>| except.iter().any(|(name, _)| is_of(part, name));
    let needless = except.iter().filter(|(name, _)| !unseen.iter().any(|part| is_of(part, name)));
    let uncovered = Uncovered {
        records: coverage.records(),
        needless: needless.map(|(name, _)| (*name).to_owned()).collect(),
        unseen: unseen.iter().filter(|part| !is_excepted(part)).map(ToString::to_string).collect(),
    };
    let is_covered = uncovered.records > 0 && uncovered.unseen.is_empty() && uncovered.needless.is_empty();
    if is_covered { Ok(()) } else { Err(uncovered) }
}

impl fmt::Display for Uncovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.records == 0 {
            return f.write_str("no record: nothing is covered");
        }
        f.write_str("the records and the registries differ")?;
        for part in &self.unseen {
            write!(f, "\n  never seen: {}", escaped(part))?;
        }
        for name in &self.needless {
            write!(f, "\n  excepted, and seen or not declared: {}", escaped(name))?;
        }
        if self.unseen.is_empty() {
            return Ok(());
        }
        f.write_str("\n  record it in the test, delete it from the registry, or except it with the reason")
    }
}

/// Same as `Display`: a failed `unwrap` in a test prints it.
impl fmt::Debug for Uncovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Uncovered {}
