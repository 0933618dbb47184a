//! The notice: the text that a person sees before anything is recorded, in the registry's own words.
//!
//! It names the controller, the receiver, the data, the data that is never sent, the start of recording, and how to say
//! no. It counts as shown only if it was written to a terminal whose foreground the program is in, and not under a
//! coding agent, which would read it in a person's place; a program with windows reports by itself that it was shown.
//! It is shown once for each registry that collects more, each new receiver, and each new controller.

use super::Wait;
use crate::registry::{
    self, AttributeRef, Endpoint, Registry, RequirementLevel, Rotation, Service, Signal, Source, TimeResolution,
    Treatment,
};
use std::collections::BTreeSet;

/// The least width of a terminal.
const COLUMNS: usize = 80;

/// Undeclared content is never sent; this names the kinds that people worry about.
const NEVER: &str = "What is not in this list, such as texts, paths, user names, the values of arguments, contents of \
                     files, or error messages.";

/// The start of the second column.
const INDENT: usize = 16;

/// When recording begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionStart {
    /// When the wait after this notice is over, unless the person says no.
    AfterNotice(Wait),
    /// When the person says yes.
    AfterYes,
    /// It began, or begins with the next run: the person said yes, or the library is documented.
    Already,
    /// When the operator's settings hold a yes.
    BySettings,
}

/// The parts of a notice that are not in the registry.
#[derive(Debug, Clone, Copy)]
pub struct NoticeContext<'a> {
    /// The receiver, if it differs from the registry's: an OTLP base URL.
    pub endpoint: Option<&'a str>,
    /// The command that leads to the commands `off`, `status` and `show`, as in `words telemetry`.
    pub command: Option<&'a str>,
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
}

/// The notice of a program; the first registry is the program's, the others are its libraries'.
pub fn notice(registries: &[&Registry<'_>], ways: &NoticeContext<'_>) -> String {
    let Some(service) = registries.first().map(|registry| &registry.service) else { return String::new() };
    let name = service.name;
    let mut page = Page(String::new());
    match ways.begins {
        CollectionStart::AfterNotice(_) | CollectionStart::Already => {
            page.line(0, &format!("{name} reports how it is used, unless you say no."));
        }
        CollectionStart::BySettings => {
            page.line(0, &format!("{name} reports how it is used where its settings say yes, unless you say no."));
        }
        CollectionStart::AfterYes => {
            page.line(0, &format!("{name} would like to report how it is used. It does not unless you say yes."));
        }
    }
    if !ways.wider.is_empty() {
        page.entry("What is new", ways.wider.iter().map(String::as_str));
    }
    let endpoint = ways.endpoint.unwrap_or(service.endpoint);
    let host = Endpoint::parse(endpoint).map_or_else(|_| endpoint.to_owned(), |endpoint| endpoint.host().to_owned());
    page.entry("Who gets it", [format!("{}, at {host}", service.controller).as_str()]);
    page.entry(
        "What is sent",
        registries.iter().flat_map(|registry| said(registry, ways.opt_in)).collect::<BTreeSet<_>>(),
    );
    page.entry(
        "With each",
        registries.iter().flat_map(|registry| of_each(registry, ways.opt_in)).chain(added(service)),
    );
    page.entry("What never", [NEVER]);
    if let Some(rotation) = linked(registries, service.rotate) {
        page.entry("Linked", [rotation]);
    }
    page.entry("When", [when(ways.begins)]);
    let mut no: Vec<_> = ways.command.map(|command| format!("`{command} off`")).into_iter().collect();
    let ones = ways.variables.iter().copied().chain(["DO_NOT_TRACK"]).map(|name| format!("{name}=1"));
    let variables: Vec<_> = ways.telemetry.map(|name| format!("{name}=0")).into_iter().chain(ones).collect();
    no.push(format!("{} in the environment", list(&variables)));
    page.entry("To say no", [no.join(", or ").as_str()]);
    if let (Some(command), CollectionStart::AfterYes) = (ways.command, ways.begins) {
        page.entry("To say yes", [format!("`{command} on`").as_str()]);
    }
    let commands = ways.command.map(|command| format!("`{command} show` and `{command} status`"));
    let log = ways.telemetry.map(|name| format!("{name}=log prints what is recorded, and sends nothing"));
    let look: Vec<_> = commands.into_iter().chain(log).collect();
    if !look.is_empty() {
        page.entry("To look", [look.join("; ").as_str()]);
    }
    if let Some(link) = service.link {
        page.entry("More", [link]);
    }
    page.0
}

/// The content of each signal: its brief, and those of its attributes that not all signals share.
fn said(registry: &Registry<'_>, opted_in: &[String]) -> Vec<String> {
    let common = common(registry);
    let sentence = |signal: &Signal<'_>| {
        let own = signal.attributes.iter().filter(|used| !common.contains(used));
        let time = match signal.time {
            TimeResolution::Nanosecond | TimeResolution::Millisecond => "its exact time".to_owned(),
            TimeResolution::Day => "its day".to_owned(),
            time => format!("its time to the {}", time.unit()),
        };
        let attributes = own.filter_map(|used| meaning(registry, used, opted_in));
        let parts: Vec<_> = std::iter::once(time).chain(attributes).collect();
        format!("{}: {}.", signal.brief.trim_end_matches('.'), parts.join("; "))
    };
    registry.spans.iter().chain(registry.events).map(sentence).collect()
}

/// The content of every record: the resource, and the attributes that all signals share.
fn of_each(registry: &Registry<'_>, opted_in: &[String]) -> Vec<String> {
    let resource =
        registry.resource.iter().map(|&attribute| AttributeRef { attribute, level: RequirementLevel::Recommended });
    let all = resource.chain(common(registry));
    let briefs: Vec<_> = all.filter_map(|used| meaning(registry, &used, opted_in)).collect();
    if briefs.is_empty() { Vec::new() } else { vec![format!("{}.", briefs.join("; "))] }
}

/// The data that the receiver adds, and the program does not send.
fn added(service: &Service<'_>) -> Option<String> {
    const ADDED: &str = "Who gets it adds three octets of the IPv4 address it comes from, as in 192.0.2.0, and keeps no \
                         more of it.";
    service.client_address.then(|| ADDED.to_owned())
}

/// The attributes of every signal, if there are several signals.
fn common(registry: &Registry<'_>) -> Vec<AttributeRef> {
    let mut signals = registry.spans.iter().chain(registry.events);
    let first = signals.next().map_or(&[][..], |signal| signal.attributes);
    let others: Vec<_> = signals.collect();
    if others.is_empty() {
        return Vec::new();
    }
    first.iter().filter(|used| others.iter().all(|signal| signal.attributes.contains(used))).copied().collect()
}

/// The meaning of an attribute.
fn meaning(registry: &Registry<'_>, used: &AttributeRef, opted_in: &[String]) -> Option<String> {
    let attribute = registry.attribute(used.attribute)?;
    let how = match attribute.treatment {
        Treatment::Hash => " (as a keyed hash)",
        Treatment::Sha256 { .. } => " (as a hash that can be guessed)",
        _ => "",
    };
    let is_sent = used.level != RequirementLevel::OptIn || opted_in.iter().any(|key| key == attribute.key);
    let opt_in = if is_sent { "" } else { " (only if asked for)" };
    Some(format!("{}{how}{opt_in}", attribute.brief.trim_end_matches('.')))
}

/// How long records of one installation can be linked, if at all.
fn linked(registries: &[&Registry<'_>], rotation: Rotation) -> Option<&'static str> {
    let links = |treatment: &Treatment<'_>| {
        matches!(treatment, Treatment::Hash | Treatment::Given { source: Source::Installation, .. })
    };
    let mut all = registries.iter().flat_map(|registry| registry.attributes);
    all.any(|attribute| links(&attribute.treatment)).then_some(match rotation {
        Rotation::Daily => "Random ids and keyed hashes are new every day.",
        Rotation::Monthly => "Random ids and keyed hashes are new every 30 days.",
        Rotation::Yearly => "Random ids and keyed hashes are new every 365 days.",
        Rotation::Never => "Random ids and keyed hashes stay the same.",
    })
}

fn when(begins: CollectionStart) -> &'static str {
    match begins {
        CollectionStart::AfterNotice(Wait::Day) => "Nothing is recorded in the next 24 hours.",
        CollectionStart::AfterNotice(Wait::NextRun) => "Nothing is recorded in this run.",
        CollectionStart::AfterYes => "Nothing is recorded until you say yes.",
        CollectionStart::Already => "Each run is recorded, until you say no.",
        CollectionStart::BySettings => "Each run is recorded where the settings of whoever runs it say yes.",
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
    fn line(&mut self, indent: usize, text: &str) {
        self.0.extend(std::iter::repeat_n(' ', indent));
        self.0.push_str(&registry::escaped(text));
        self.0.push('\n');
    }

    /// A heading, and next to it texts, each on a new line.
    fn entry(&mut self, heading: &str, texts: impl IntoIterator<Item = impl AsRef<str>>) {
        let mut heading = Some(heading);
        for text in texts {
            for line in wrapped(&registry::escaped(text.as_ref()), COLUMNS - INDENT) {
                let first = heading.take().unwrap_or_default();
                let text = format!("  {first:<width$}{line}", width = INDENT - 2);
                self.line(0, &text);
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
