//! The notice: what a person is told before anything is recorded, in the registry's own words.
//!
//! Who collects, who receives, what, what never, from when on, and how to say no. It counts as shown only if it was
//! written to a terminal whose foreground the program is in, and not under a coding agent, which reads it in a person's
//! place; a program with windows says itself that it has shown it. It is shown once for each registry that collects
//! more, another receiver, and another controller.

use super::Wait;
use crate::registry::{
    self, AttributeRef, Endpoint, Registry, RequirementLevel, Rotation, Service, Signal, Source, TimeResolution,
    Treatment,
};
use std::collections::BTreeSet;

/// As wide as a terminal at least is.
const COLUMNS: usize = 80;

/// What is not declared is not sent; this names what people fear for.
const NEVER: &str = "What is not in this list, such as texts, paths, user names, the values of arguments, contents of \
                     files, or error messages.";

/// Where the second column begins.
const INDENT: usize = 16;

/// From when on something is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionStart {
    /// When the wait after this notice is over, unless the person says no.
    AfterNotice(Wait),
    /// When the person says yes.
    AfterYes,
    /// It has, or does with the next run: the person said yes, or documentation says it.
    Already,
    /// Where the settings of whoever runs it hold a yes.
    BySettings,
}

/// What a notice says beside what the registry does.
#[derive(Debug, Clone, Copy)]
pub struct NoticeContext<'a> {
    /// The receiver, if it is another than the registry's: an OTLP base URL.
    pub endpoint: Option<&'a str>,
    /// How a person reaches the commands `off`, `status` and `show`, as in `words telemetry`.
    pub command: Option<&'a str>,
    /// The variables that say no with a `1`.
    pub variables: &'a [&'static str],
    /// The variable that says no with a `0`, and with `log` shows what is recorded.
    pub telemetry: Option<&'static str>,
    /// From when on something is recorded.
    pub begins: CollectionStart,
    /// The attributes that are sent although the registry has them as `opt_in`.
    pub opt_in: &'a [String],
    /// What is wider than what the person was told before, a sentence each.
    pub wider: &'a [String],
}

/// The notice of a program whose registry is the first; the others are its libraries'.
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

/// What is sent of each signal: its meaning, and that of the attributes that are not on all of them.
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

/// What is sent with each: what is known of the process, and the attributes that are on all signals.
fn of_each(registry: &Registry<'_>, opted_in: &[String]) -> Vec<String> {
    let resource =
        registry.resource.iter().map(|&attribute| AttributeRef { attribute, level: RequirementLevel::Recommended });
    let all = resource.chain(common(registry));
    let briefs: Vec<_> = all.filter_map(|used| meaning(registry, &used, opted_in)).collect();
    if briefs.is_empty() { Vec::new() } else { vec![format!("{}.", briefs.join("; "))] }
}

/// What the program does not send, and who gets it adds.
fn added(service: &Service<'_>) -> Option<String> {
    const ADDED: &str = "Who gets it adds three octets of the IPv4 address it comes from, as in 192.0.2.0, and keeps no \
                         more of it.";
    service.client_address.then(|| ADDED.to_owned())
}

/// The attributes that every signal carries, if there are several.
fn common(registry: &Registry<'_>) -> Vec<AttributeRef> {
    let mut signals = registry.spans.iter().chain(registry.events);
    let first = signals.next().map_or(&[][..], |signal| signal.attributes);
    let others: Vec<_> = signals.collect();
    if others.is_empty() {
        return Vec::new();
    }
    first.iter().filter(|used| others.iter().all(|signal| signal.attributes.contains(used))).copied().collect()
}

/// What an attribute means.
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

/// How long records of one installation can be linked, if they can.
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

    /// A heading, and beside it texts, each of which begins a line.
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

/// Lines of at most so many characters, broken at blanks; what goes on is indented.
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
