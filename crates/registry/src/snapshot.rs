//! The data that registries allow to be collected, as comparable facts: shows whether a new version of a program
//! collects more.
//!
//! [`Snapshot`] is made from a program's tables, or parsed from the canonical text that a person was shown. [`changes`]
//! lists every difference between two, each with a [`Direction`]; [`is_wider`] returns only whether one of them is
//! wider, which a program checks before it applies an earlier yes or an earlier notice to itself.
//!
//! # The text
//!
//! The canonical text holds every fact of a registry, one per line, in an order of its own. A person is shown it and
//! agrees to it, so it depends on the facts alone: not on the order of the YAML, nor on its division into files. The
//! program's version and the lines of its sources are left out: they change with every release and widen nothing.
//! Notes, examples, `owner`, `question` and `retention` are left out too: they are for the page that `scruple docs` writes, and the time
//! that a receiver keeps data is a promise in words, which no program can enforce or compare.
//!
//! [`text`] writes the text of several registries, with an empty line between them. The first is the program's own, the
//! rest are its libraries'; an app id identifies one registry. [`Snapshot::parse`] accepts only texts that this writer
//! could have written: an unknown fact might be a narrowing that was agreed to, or a widening. Two texts with the same
//! facts are equal, except for the order of the libraries.
//!
//! # The grammar of one registry's text
//! ```text
//! text       = 1*line                      ; sorted by their bytes, without repetition
//! line       = fact LF
//! fact       = "registry 1"                ; the version of this grammar
//!            / "schema_url" SP string
//!            / "service app_id" SP string / "service name" SP string / "service controller" SP string
//!            / "service endpoint" SP string / "service because" SP string
//!            / "service link" SP string    ; only where it is given
//!            / "service" SP end
//!            / "service client_address three_octets" ; only where the receiver adds them
//!            / "service rotate" SP ("daily" / "monthly" / "yearly" / "never")
//!            / "service time" SP grain
//!            / "purpose" SP purpose SP string ; a description of a used purpose that is not the common one
//!            / "resource" SP key
//!            / "attribute" SP key SP of-attribute
//!            / "event" SP name SP of-signal
//!            / "span" SP name SP (of-signal / "kind" SP kind)
//! of-attribute = "type" SP ("boolean" / "int" / "string" / "string[]" / "enum")
//!            / "from" SP word              ; the word of a TreatmentKind
//!            / "brief" SP string / "because" SP string
//!            / end / "purpose" SP purpose
//!            / "field" SP string           ; only where it is not the key
//!            / "member" SP string          ; each value of enum, integer_enum, uri_scheme, agent, names and given enums
//!            / "below" SP number SP string ; each bucket with a bound
//!            / "rest" SP string            ; the bucket without
//!            / "otherwise" SP string / "absent" SP string ; values, not ids; members of an integer_enum are decimal
//!            / "max" SP number / "normalize" SP ("none" / "lower" / "upper")
//! of-signal  = "brief" SP string / "because" SP string / "time" SP grain / "at_most" SP number
//!            / "attribute" SP key SP ("required" / "recommended" / "opt_in")
//!            / end / "purpose" SP purpose  ; its own or the service's, only where it is not `usage`
//! end        = "expires" SP date / "expires_version" SP version ; of an attribute or a signal: only where earlier than
//!                                       ; the service's
//! purpose    = a name, `^[a-z][a-z0-9_]*$`, at most 32 bytes
//! date       = 4DIGIT "-" 2DIGIT "-" 2DIGIT ; the last day in UTC, from 1970-01-01
//! version    = number "." number "." number ; the first version of the program without it
//! grain      = "ns" / "ms" / "second" / "minute" / "hour" / "day"
//! kind       = "internal" / "server" / "client" / "producer" / "consumer"
//! key, name  = string
//! string     = a JSON string (RFC 8259, section 7); only `"`, `\` and control characters are escaped
//! number     = ["-"] 1*DIGIT
//! ```
//! Every attribute has one `type` and one `from`; every signal one `time` and at most one
//! `at_most`, without which there is no limit; every span one `kind`.
//! Defaults are written out.
//!
//! # The verdicts
//!
//! A change is wider unless the new version clearly collects the same or less.
//!
//! | fact | wider | narrower | other |
//! |---|---|---|---|
//! | registry, span, event, attribute, attribute of a signal or the resource | added | removed | |
//! | the program's own registry, whose receiver gets all records | changed | | |
//! | requirement level | from `opt_in`, opted in by code | to `opt_in`, opted out by code | `required` to `recommended`, or back |
//! | member | added | removed | |
//! | `otherwise`, `absent` | added, changed | removed | |
//! | buckets | a bucket is split | buckets are merged | only labels changed |
//! | `max`, `at_most` (absent: no limit) | higher | lower | |
//! | time, of a signal or the service | finer | coarser | |
//! | rotation | longer | shorter | |
//! | `from`, `type` | changed | `sha256` to `hash` | |
//! | `normalize` | to `none` | from `none` | between `lower` and `upper` |
//! | end, of the service, a signal or an attribute | later, or removed | earlier, or added | |
//! | purpose of a signal | changed | | |
//! | purpose of an attribute, in addition to its signal's | changed, removed | added | |
//! | purpose of anything in the registry | added, described in other words | removed | |
//! | controller | changed | | |
//! | three octets of the address, added by the receiver | added | removed | |
//! | endpoint | another origin, or an invalid one | | another path |
//! | service name, schema URL, brief, reason, field, kind of a span, link | | | changed |
//!
//! A new declaration of an attribute counts as wider even if no signal carries the attribute. Facts that the text does
//! not hold are not compared: the program's version, the source files of a location, and the receiver that the author
//! sets in code (`.endpoint(…)`), which consent compares itself. [`Snapshot::opted_in`] adds the attributes that the
//! author opts in to in code (`.opt_in(…)`).

mod agreed;
mod attribute;
mod change;
mod ends;
mod line;
mod parse_error;
mod reader;
mod registry;
mod report;
mod service;
mod signal;

mod words;
mod writer;

pub use change::{Change, ChangeKind, Direction};
pub use parse_error::{ParseError, ParseErrorKind};

use self::registry::RegistryFacts;
use self::report::{About, Pair, Report, pairs};
use self::words::Subject;
use super::{Registry, RequirementLevel};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// The facts of a program and its libraries. Two snapshots are equal if all their facts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot<'a> {
    /// The app id of the program's own registry.
    program: Option<Cow<'a, str>>,
    /// The facts of each registry, sorted by app id.
    registries: Vec<RegistryFacts<'a>>,
}

impl<'a> Snapshot<'a> {
    /// The facts in the tables; the first registry is the program's own. An empty list allows no data. For tables that
    /// [`Registry::validate`] rejects, the result is arbitrary: such a program sends nothing.
    pub fn of(registries: &[&Registry<'a>]) -> Self {
        Self::from_facts(registries.iter().map(|registry| RegistryFacts::of(registry)).collect())
    }

    /// Parses the canonical text of one registry or of several.
    ///
    /// # Errors
    /// The first line, from 1, that the writer would not have written, and why. An empty text is an error.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        registry::read(text).map(Self::from_facts)
    }

    /// The same facts for a program whose author sends these attributes, which the registry declares as `opt_in`.
    #[must_use]
    pub fn opted_in(mut self, keys: &[String]) -> Self {
        let signals = self.registries.iter_mut().flat_map(|facts| facts.spans.iter_mut().chain(&mut facts.events));
        for (key, level) in signals.flat_map(|signal| &mut signal.carries) {
            if *level == RequirementLevel::OptIn && keys.iter().any(|opted_in| opted_in == key.as_ref()) {
                *level = RequirementLevel::Recommended;
            }
        }
        self
    }

    /// The same facts without those of other purposes than these.
    #[must_use]
    pub fn only(mut self, is_agreed: &dyn Fn(&str) -> bool) -> Self {
        self.registries.iter_mut().for_each(|facts| facts.only(is_agreed));
        self
    }

    fn from_facts(mut registries: Vec<RegistryFacts<'a>>) -> Self {
        let program = registries.first().map(|facts| facts.service.app_id.clone());
        registries.sort_by(|one, other| one.service.app_id.cmp(&other.service.app_id));
        Self { program, registries }
    }
}

/// The canonical text of several registries, the program's own first.
pub fn text(registries: &[&Registry<'_>]) -> String {
    let texts: Vec<_> = registries.iter().map(|registry| RegistryFacts::of(registry).write()).collect();
    texts.join("\n")
}

/// Every difference: first the wider ones, then the narrower, then the others, each sorted by subject. Empty if and
/// only if the two are equal.
///
/// ```
/// use scruple_registry::snapshot::{Snapshot, changes};
///
/// let old = "\
/// attribute \"words.unit\" brief \"What was counted.\"
/// attribute \"words.unit\" from enum
/// attribute \"words.unit\" member \"words\"
/// attribute \"words.unit\" type enum
/// event \"words.read\" at_most 100
/// event \"words.read\" attribute \"words.unit\" required
/// event \"words.read\" brief \"The input was read.\"
/// event \"words.read\" time second
/// registry 1
/// schema_url \"https://telemetry.example.com/schemas/words/1.0.0\"
/// service app_id \"com.example.words\"
/// service controller \"The example project, privacy@example.com\"
/// service endpoint \"https://telemetry.example.com\"
/// service name \"words\"
/// service rotate monthly
/// service time second
/// ";
/// let member = "attribute \"words.unit\" member ";
/// let new = old.replace("at_most 100", "at_most 10").replace(member, &format!("{member}\"pages\"\n{member}"));
/// let changes = changes(&Snapshot::parse(old)?, &Snapshot::parse(&new)?);
/// let lines: Vec<_> = changes.iter().map(|change| format!("{}: {change}", change.direction)).collect();
/// assert_eq!(lines, [
///     "wider: words.unit may now also be \"pages\"",
///     "narrower: the event words.read is now reported at most 10 times by a process, before at most 100 times",
/// ]);
/// # Ok::<(), scruple_registry::snapshot::ParseError>(())
/// ```
pub fn changes(old: &Snapshot<'_>, new: &Snapshot<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let _: ControlFlow<()> = compare(old, new, &mut |direction, what, subject, predicate| {
        let (subject, predicate) = (subject.to_string(), predicate.to_string());
        changes.push(Change { direction, what, subject, predicate });
        ControlFlow::Continue(())
    });
    changes.sort();
    changes
}

/// Whether the new version collects more than the old one, or sends it to another receiver.
pub fn is_wider(old: &Snapshot<'_>, new: &Snapshot<'_>) -> bool {
    first_wider(old, new).is_some()
}

/// The kind of the first fact that makes the new version wider, if there is one.
pub fn first_wider(old: &Snapshot<'_>, new: &Snapshot<'_>) -> Option<ChangeKind> {
    let mut first = None;
    let _ = compare(old, new, &mut |direction, what, _, _| match direction {
        Direction::Wider => {
            first = Some(what);
            ControlFlow::Break(())
        }
        Direction::Narrower | Direction::Other => ControlFlow::Continue(()),
    });
    first
}

/// Reports every difference, unsorted, until `report` ends it.
fn compare(old: &Snapshot<'_>, new: &Snapshot<'_>, report: &mut Report<'_>) -> ControlFlow<()> {
    if let (Some(before), Some(now)) = (&old.program, &new.program)
        && before != now
    {
        let before = Subject::Registry(before);
        let mut about = About { subject: Subject::Registry(now), report };
        about.say(
            Direction::Wider,
            ChangeKind::Program,
            format_args!("is now the program's own registry, before it was {before}"),
        )?;
    }
    for pair in pairs(&old.registries, &new.registries, |facts| &facts.service.app_id) {
        let (Pair::Gone(one) | Pair::New(one) | Pair::Both(_, one)) = pair;
        let mut about = About { subject: Subject::Registry(&one.service.app_id), report };
        match pair {
            Pair::New(_) => about.say(Direction::Wider, ChangeKind::Registry, format_args!("now reports too"))?,
            Pair::Gone(_) => about.say(Direction::Narrower, ChangeKind::Registry, format_args!("no longer reports"))?,
            Pair::Both(before, now) => registry::compare(before, now, report)?,
        }
    }
    ControlFlow::Continue(())
}
