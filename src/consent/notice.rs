//! The notice: the text that a person sees before anything is recorded, in the registry's own words.
//!
//! It names the controller, the receiver, the data, the data that is never sent, the start of recording, and how to say
//! no. It counts as shown only if it was written to a terminal whose foreground the program is in, and not under a
//! coding agent, which would read it in a person's place; a program with windows reports by itself that it was shown.
//! It is shown once for each registry that collects more, each new receiver, and each new controller.

mod content;
mod news;

pub use news::news;

pub(super) use content::purposes;
pub(crate) use content::until;

use crate::registry::{self, Endpoint, Preset, Registry, Rotation, Service, Source, Treatment, Wait};
use content::Content;

/// The least width of a terminal.
const COLUMNS: usize = 80;

/// Undeclared content is never sent; this names the kinds that people worry about.
const NEVER: &str =
    "Anything else, such as texts, paths, user names, argument values, file contents, or error messages.";

/// The start of the second column.
const INDENT: usize = 14;

/// When recording begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionStart {
    /// When the wait after this notice is over, unless the person says no.
    AfterNotice(Wait),
    /// When the person says yes.
    AfterYes,
    /// It began, or begins with the next run: the person said yes, or the library is documented.
    Already,
    /// If the operator's settings say yes.
    BySettings,
}

impl From<Preset> for CollectionStart {
    fn from(preset: Preset) -> Self {
        match preset {
            Preset::OptIn => Self::AfterYes,
            Preset::FirstRun(wait) => Self::AfterNotice(wait),
            Preset::Documented => Self::Already,
            Preset::OperatorConsent => Self::BySettings,
        }
    }
}

/// The parts of a notice that are not in the registry.
#[derive(Debug, Clone, Copy)]
pub struct NoticeContext<'a> {
    /// The receiver, if it differs from the registry's: an OTLP base URL.
    pub endpoint: Option<&'a str>,
    /// The command that leads to the commands `off`, `on` and `show`, as in `words telemetry`.
    pub command: Option<&'a str>,
    /// The place of the switch in a program with windows, as in `Settings > Privacy`.
    pub place: Option<&'a str>,
    /// The variables that turn telemetry off with a `1`.
    pub variables: &'a [&'static str],
    /// The variable that turns telemetry off with a `0`, and with `log` prints the records.
    pub telemetry: Option<&'static str>,
    /// When recording begins.
    pub begins: CollectionStart,
    /// The `opt_in` attributes that the program sends.
    pub opt_in: &'a [String],
    /// The widenings since the person was last told, a sentence each.
    pub wider: &'a [String],
    /// The purposes that the person has excluded by an answer: the registries are without them.
    pub excluded: &'a [&'static str],
    /// Whether what the person agreed to earlier is recorded, and only the rest waits.
    pub in_part: bool,
}

/// The notice of a program; the first registry is the program's, the others are its libraries'.
pub fn notice(registries: &[&Registry<'_>], ways: &NoticeContext<'_>) -> String {
    let Some(service) = registries.first().map(|registry| &registry.service) else { return String::new() };
    let name = service.name;
    let mut page = Page(String::new());
    page.line(&match ways.begins {
        CollectionStart::AfterNotice(_) | CollectionStart::Already => {
            format!("{name} reports how it is used, unless you say no.")
        }
        CollectionStart::BySettings => {
            format!("{name} reports how it is used if you, its operator, consent in its settings.")
        }
        CollectionStart::AfterYes if ways.in_part => {
            format!("{name} asks to report more of how it is used, and reports no more before a yes.")
        }
        CollectionStart::AfterYes => format!("{name} asks to report how it is used, and reports nothing before a yes."),
    });
    let answer = |word: &str| match (ways.place, ways.command) {
        (Some(place), _) => Some(place.to_owned()),
        (None, command) => command.map(|command| format!("`{command} {word}`")),
    };
    page.entry("To say no", [no(ways, answer("off"))]);
    if ways.begins == CollectionStart::AfterYes {
        page.entry("To say yes", answer("on"));
    }
    let purposes = purposes(registries);
    if let [first, _, ..] = &purposes[..] {
        page.entry("For a part", [part(ways, first.name)]);
        page.entry("Purposes", purposes.iter().map(|purpose| format!("{}: {}", purpose.name, purpose.brief)));
    }
    page.entry("New", ways.wider);
    let endpoint = ways.endpoint.unwrap_or(service.endpoint);
    let host = Endpoint::parse(endpoint).map_or_else(|_| endpoint.to_owned(), |endpoint| endpoint.host().to_owned());
    page.entry("Sent to", [format!("{}, at {host}", service.controller)]);
    let Content { signals, each } = Content::of(registries, ways.opt_in);
    page.entry("Sent", signals);
    page.entry("With each", each.into_iter().chain(added(service)));
    page.entry("Not sent", [NEVER]);
    let excluded =
        (!ways.excluded.is_empty()).then(|| format!("What is for {}, by your answer.", ways.excluded.join(", ")));
    page.entry("", excluded);
    page.entry("Until", until(service.expires).map(|end| format!("All of it only {end}.")));
    page.entry("Ids", linked(registries, service.rotate));
    page.entry("When", [when(ways.begins, ways.in_part)]);
    let show = ways.command.map(|command| format!("`{command} show`"));
    let log = ways.telemetry.map(|name| format!("set {name}=log"));
    let look: Vec<_> = show.into_iter().chain(log).collect();
    page.entry("To look", (!look.is_empty()).then(|| look.join(", or ")));
    page.entry("More", service.link);
    page.0
}

/// The ways to say no: in the program, and by a variable.
fn no(ways: &NoticeContext<'_>, own: Option<String>) -> String {
    let ones = ways.variables.iter().copied().chain(["DO_NOT_TRACK"]).map(|name| format!("{name}=1"));
    let variables: Vec<_> = ways.telemetry.map(|name| format!("{name}=0")).into_iter().chain(ones).collect();
    let variables = format!("set {}", list(&variables));
    own.map_or_else(|| variables.clone(), |own| format!("{own}, or {variables}"))
}

/// The ways to agree to one purpose: in the program, and by a variable.
fn part(ways: &NoticeContext<'_>, purpose: &str) -> String {
    let own = match (ways.place, ways.command) {
        (Some(place), _) => Some(place.to_owned()),
        (None, command) => command.map(|command| format!("`{command} on --only {purpose}`")),
    };
    let variable = ways.telemetry.map(|name| format!("set {name}={purpose}"));
    let ways: Vec<_> = own.into_iter().chain(variable).collect();
    if ways.is_empty() { "See the program's documentation.".to_owned() } else { ways.join(", or ") }
}

/// The data that the receiver adds, and the program does not send.
fn added(service: &Service<'_>) -> Option<String> {
    const ADDED: &str = "The receiver adds three octets of the IPv4 address of the sender, as in 192.0.2.0, and keeps no \
                         more of it.";
    service.client_address.then(|| ADDED.to_owned())
}

/// How long records of one installation can be linked, if at all.
fn linked(registries: &[&Registry<'_>], rotation: Rotation) -> Option<String> {
    let all = || registries.iter().flat_map(|registry| registry.attributes).map(|attribute| attribute.treatment);
    let has_hash = all().any(|treatment| matches!(treatment, Treatment::Hash));
    let has_id = all().any(|treatment| matches!(treatment, Treatment::Given { source: Source::Installation, .. }));
    let subject = match (has_hash, has_id) {
        (false, false) => return None,
        (true, false) => "Keyed hashes",
        (false, true) => "The random id of this installation",
        (true, true) => "Keyed hashes, and the random id of this installation",
    };
    let period = match rotation {
        Rotation::Daily => "new every day",
        Rotation::Monthly => "new every 30 days",
        Rotation::Yearly => "new every 365 days",
        Rotation::Never => "always the same",
    };
    Some(format!("{subject}: {period}."))
}

fn when(begins: CollectionStart, in_part: bool) -> &'static str {
    match begins {
        CollectionStart::AfterNotice(Wait::Day) if in_part => {
            "Nothing new is recorded in the next 24 hours. The rest is recorded as before."
        }
        CollectionStart::AfterNotice(Wait::NextRun) if in_part => {
            "Nothing new is recorded in this run. The rest is recorded as before."
        }
        CollectionStart::AfterYes if in_part => {
            "Nothing new is recorded until you say yes. The rest is recorded as before."
        }
        CollectionStart::AfterNotice(Wait::Day) => "Nothing is recorded in the next 24 hours.",
        CollectionStart::AfterNotice(Wait::NextRun) => "Nothing is recorded in this run.",
        CollectionStart::AfterYes => "Nothing is recorded until you say yes.",
        CollectionStart::Already => "Each run is recorded, until you say no.",
        CollectionStart::BySettings => "Nothing is recorded until you consent in the settings.",
    }
}

/// `a`, `a or b`, `a, b or c`.
fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Two columns.
struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        self.0.push_str(&registry::escaped(text));
        self.0.push('\n');
    }

    /// A heading, and next to it texts, each on a new line.
    fn entry(&mut self, heading: &str, texts: impl IntoIterator<Item = impl AsRef<str>>) {
        let mut heading = Some(heading);
        for text in texts {
            for line in wrapped(&registry::escaped(text.as_ref()), COLUMNS - INDENT) {
                let first = heading.take().unwrap_or_default();
                self.line(&format!("  {first:<width$}{line}", width = INDENT - 2));
            }
        }
    }
}

/// Wraps text at blanks to this many characters; continuation lines are indented.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let more = line.chars().count() + 1 + word.chars().count();
        if line.trim_start().is_empty() {
            line.push_str(word);
        } else if more <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(std::mem::replace(&mut line, format!("  {word}")));
        }
    }
    lines.push(line);
    lines
}
