//! The content of the page: how to say no, the receiver, the data, and the data that is never sent.

use scruple::consent::CollectionStart;
use scruple::registry::{self as tables, Expiry, Preset, Purpose, RequirementLevel, SpanKind, TimeResolution, Wait};

use super::page::{Page, Part, Text, anchor, code, fact, plain, signal_section};
use super::{attributes, governance, words};
use crate::program::Program;
use crate::registry::{Attribute, Owned, Signal};

/// The page about a registry.
pub fn page(owned: &Owned, program: &Program) -> Page {
    let name = owned.service.table.name;
    let mut page = Page { title: format!("What {name} reports about its use"), blocks: Vec::new() };
    page.paragraph(owned.description.into_iter().map(plain).collect());
    page.paragraph(vec![plain(format!(
        "This page is generated from the declarations that {name} is built with. Undeclared data is never sent: no \
         setting, file or server can add to the declarations."
    ))]);
    no(&mut page, owned, program);
    who(&mut page, owned, program);
    when(&mut page, owned, program);
    purposes(&mut page, owned);
    what(&mut page, owned, program);
    page.heading(2, "attributes", vec![plain("Each attribute")]);
    for index in 0..owned.attributes.len() {
        attributes::attribute(&mut page, owned, subject(program), index);
    }
    never(&mut page, owned, program);
    look(&mut page, program);
    page
}

/// Who reports: a program or a library.
fn subject(program: &Program) -> &'static str {
    if program.preset() == Preset::Documented { "library" } else { "program" }
}

/// A link to the section of an attribute, by its index.
fn section(attribute: &Attribute, owned: &Owned, index: u16) -> Part {
    Part::Section(attribute.table.key.to_owned(), anchor(attribute, owned, usize::from(index)))
}

fn who(page: &mut Page, owned: &Owned, program: &Program) {
    let service = &owned.service.table;
    page.heading(2, "who", vec![plain("Who gets it")]);
    let endpoint = program.endpoint.as_deref().unwrap_or(service.endpoint);
    let retention = match (owned.service.retention, owned.service.retention_days()) {
        (Some(duration), Some(_)) => format!("{duration}, then deleted."),
        (Some(sentence), None) => sentence.to_owned(),
        (None, _) => "Not declared; the controller can say.".to_owned(),
    };
    let mut facts = vec![
        fact("Controller", vec![plain(service.controller)]),
        fact("Receiver", vec![code(endpoint), plain(", as OpenTelemetry Protocol (OTLP)")]),
        fact("Retention there", vec![plain(retention)]),
        fact("Resolution of times", vec![plain(times(service)), plain(", unless a section below differs")]),
        fact("Records can be linked", vec![plain(words::linked(owned))]),
    ];
    facts.extend(service.because.map(|because| fact("Reason", vec![plain(because)])));
    facts.extend(governance::facts(&owned.service.governance, service.expires));
    facts.push(fact(&format!("The {}'s id", subject(program)), vec![code(service.app_id)]));
    if !owned.libraries.is_empty() {
        let mut names = Text::new();
        for library in &owned.libraries {
            names.extend((!names.is_empty()).then(|| plain(", ")));
            names.extend([plain(library.name), plain(" ("), code(library.app_id), plain(")")]);
        }
        facts.push(fact("Also for its libraries", names));
    }
    facts.extend(service.link.map(|link| fact("More", vec![Part::Address(link.to_owned())])));
    page.list(facts);
}

fn when(page: &mut Page, owned: &Owned, program: &Program) {
    let name = owned.service.table.name;
    page.heading(2, "when", vec![plain("When it is collected")]);
    let mut text = vec![plain(match CollectionStart::from(program.preset()) {
        CollectionStart::AfterYes => "Nothing is recorded until you say yes.".to_owned(),
        CollectionStart::AfterNotice(wait) => {
            let until = match wait {
                Wait::Day => "in the 24 hours after it",
                Wait::NextRun => "in that run",
            };
            format!(
                "{name} shows a notice on the terminal before anything is recorded, once, and again whenever it would \
                 collect more. Nothing is recorded {until}; after that, each run is recorded, until you say no."
            )
        }
        CollectionStart::BySettings => {
            format!("Nothing is recorded until you, the operator of {name}, consent in its settings.")
        }
        CollectionStart::Already => format!("Each use of {name} is recorded, until you say no."),
    })];
    if CollectionStart::from(program.preset()) == CollectionStart::AfterYes {
        match (&program.place, &program.command) {
            (Some(place), _) => text.extend([plain(" To say yes: "), plain(place), plain(".")]),
            (None, Some(command)) => text.extend([plain(" To say yes: "), code(format!("{command} on")), plain(".")]),
            (None, None) => {}
        }
    }
    page.paragraph(text);
}

/// The purposes, if there is more to say than that all is for the usual one.
fn purposes(page: &mut Page, owned: &Owned) {
    let purposes = owned.registry().purposes();
    if purposes.iter().all(|purpose| Purpose::COMMON.contains(purpose) && purpose.name == Purpose::USAGE) {
        return;
    }
    page.heading(2, "purposes", vec![plain("What it is collected for")]);
    let row = |purpose: &Purpose<'_>| vec![vec![code(purpose.name)], vec![plain(purpose.brief)]];
    page.table(&["Purpose", "Meaning"], purposes.iter().map(row).collect());
}

fn what(page: &mut Page, owned: &Owned, program: &Program) {
    page.heading(2, "what", vec![plain("What is collected")]);
    let rows = |kind: &'static str, signals: &[Signal]| -> Vec<Vec<Text>> {
        let row = |signal: &Signal| vec![vec![signal_section(kind, signal)], vec![plain(signal.table.brief)]];
        signals.iter().map(row).collect()
    };
    let mut all = rows("span", &owned.spans);
    all.extend(rows("event", &owned.events));
    page.table(&["Record", "Meaning"], all);
    for span in &owned.spans {
        signal(page, owned, program, "span", span);
    }
    for event in &owned.events {
        signal(page, owned, program, "event", event);
    }
    page.heading(3, "with-each", vec![plain("With each record")]);
    let row = |index: &u16| {
        let attribute = owned.attribute(*index)?;
        Some(vec![vec![section(attribute, owned, *index)], vec![plain(attribute.table.brief)]])
    };
    page.table(&["Attribute", "Meaning"], owned.resource.iter().filter_map(row).collect());
    if owned.service.table.client_address {
        page.paragraph(vec![
            plain("The receiver adds "),
            code("client.address"),
            plain(" to each record: the first three octets of the sender's IPv4 address, as in "),
            code("192.0.2.0"),
            plain(format!(
                ". The fourth is cut off before anything is stored, and nothing is added of an IPv6 address. The {} \
                 itself knows no address, and sends none.",
                subject(program)
            )),
        ]);
    }
}

fn signal(page: &mut Page, owned: &Owned, program: &Program, kind: &str, signal: &Signal) {
    let table = &signal.table;
    page.heading(3, format!("{kind}-{}", table.name), vec![code(table.name)]);
    page.paragraph(vec![plain(table.brief)]);
    page.paragraph(signal.note.into_iter().map(plain).collect());
    page.paragraph(vec![plain(carried(owned, subject(program), kind, table))]);
    page.paragraph(
        table.because.into_iter().flat_map(|why| fact("Reason for its finer resolution", vec![plain(why)])).collect(),
    );
    let registry = owned.registry();
    let mut facts = Vec::new();
    if registry.purposes().len() > 1 {
        facts.push(fact("Purpose", vec![code(registry.purpose(table))]));
    }
    let own = if table.expires == Expiry::NEVER { Expiry::NEVER } else { registry.expiry(Some(table), None) };
    facts.extend(governance::facts(&signal.governance, own));
    page.list(facts);
    let row = |(used, brief): (&tables::AttributeRef, Option<&str>)| {
        let attribute = owned.attribute(used.attribute)?;
        let level = match used.level {
            RequirementLevel::Required => "always",
            RequirementLevel::OptIn if program.opt_in.iter().any(|key| key == attribute.table.key) => "if it is known",
            RequirementLevel::Recommended => "if it is known",
            RequirementLevel::OptIn => "only if the author opts in",
        };
        let brief = brief.unwrap_or(attribute.table.brief);
        Some(vec![vec![section(attribute, owned, used.attribute)], vec![plain(brief)], vec![plain(level)]])
    };
    let rows: Vec<_> = signal.uses().filter_map(row).collect();
    if rows.is_empty() {
        page.paragraph(vec![plain("It has no attributes of its own.")]);
    } else {
        page.table(&["Attribute", "Meaning", "Sent"], rows);
    }
}

/// The content of every record of a kind, and how often it is made.
fn carried(owned: &Owned, subject: &str, kind: &str, signal: &tables::Signal<'_>) -> String {
    let time = time(signal.time);
    let mut text = if kind == "span" {
        let role = match signal.kind {
            SpanKind::Internal => format!("work in the {subject}"),
            SpanKind::Server => format!("a request that the {subject} answers"),
            SpanKind::Client => format!("a request that the {subject} makes"),
            SpanKind::Producer => format!("a message that the {subject} sends"),
            SpanKind::Consumer => format!("a message that the {subject} takes"),
        };
        format!(
            "A span: {role}. It carries its name, when it began and ended ({time}{}), whether it went well, and random \
             ids of its own.",
            duration(signal.time, signal.duration)
        )
    } else {
        if owned.spans.is_empty() {
            format!("An event. It carries its name and when it happened ({time}).")
        } else {
            format!(
                "An event. It carries its name, when it happened ({time}), and the random ids of the span around it, if \
                 there is one."
            )
        }
    };
    match signal.at_most {
        u32::MAX => {}
        1 => text.push_str(" It is sent at most once by one process."),
        most => text.push_str(&format!(" It is sent at most {most} times by one process.")),
    }
    text
}

fn time(grain: TimeResolution) -> String {
    format!("to the {}", grain.unit())
}

/// The resolution of durations, if it is not that of times.
fn duration(time: TimeResolution, duration: TimeResolution) -> String {
    if duration == time { String::new() } else { format!("; how long it took, to the {}", duration.unit()) }
}

/// Both resolutions.
fn times(service: &tables::Service<'_>) -> String {
    format!("{}{}", time(service.time), duration(service.time, service.duration))
}

fn never(page: &mut Page, owned: &Owned, program: &Program) {
    page.heading(2, "never", vec![plain("What is never collected")]);
    let address = if owned.service.table.client_address {
        "More of the sender's address than the three octets above.".to_owned()
    } else {
        format!(
            "Network addresses: the {} puts none into a record. The receiver sees that of the sender, as with any \
             connection.",
            subject(program)
        )
    };
    let items = [
        "Any data that is not on this page.",
        "Texts, file contents, paths of files, user names, names of machines, environment variables, and values of \
         arguments, except for the values that are listed above.",
        "Messages of errors and panics, log lines, and stack traces.",
        "The parts of a value that its treatment removes: every value is treated when it is recorded, before anything \
         is stored.",
        &address,
    ];
    page.list(items.into_iter().map(|item| vec![plain(item)]).collect());
}

fn no(page: &mut Page, owned: &Owned, program: &Program) {
    let app_id = owned.service.table.app_id;
    page.heading(2, "no", vec![plain("How to say no")]);
    page.paragraph(vec![plain(
        "Each of these is enough, and a yes does not override it. Off means that nothing is recorded.",
    )]);
    let mut ways = Vec::new();
    ways.extend(program.place.iter().map(|place| vec![plain("In the program: "), plain(place), plain(".")]));
    if let Some(command) = &program.command {
        let what = ": for you, permanently. It deletes the unsent records, the ids, the secret and the receipts.";
        ways.push(vec![code(format!("{command} off")), plain(what)]);
    }
    let mut variables: Vec<Part> = Vec::new();
    let ones = program.variables.iter().map(|name| format!("{name}=1"));
    let own = program.telemetry_variable.iter().map(|name| format!("{name}=0")).chain(ones);
    for variable in own.chain(["DO_NOT_TRACK=1".to_owned(), "OTEL_SDK_DISABLED=true".to_owned()]) {
        if !variables.is_empty() {
            variables.push(plain(" or "));
        }
        variables.push(code(variable));
    }
    variables.push(plain(" in the environment: where it is set."));
    ways.push(variables);
    let off = || code("telemetry = \"off\"");
    let own = code(format!("/etc/{app_id}/telemetry.toml"));
    ways.push(vec![
        plain("For all users of a machine: "),
        off(),
        plain(" in "),
        own,
        plain(", or for every program that reports by scruple in "),
        code("/etc/scruple/telemetry.toml"),
        plain("."),
    ]);
    ways.push(vec![
        plain("For a project: "),
        off(),
        plain(" in "),
        code(".telemetry.toml"),
        plain(", in the working directory or above it, up to the repository's root."),
    ]);
    page.list(ways);
    // Where nothing is kept on disk, the owner of the session is not asked.
    let session = if program.preset() == Preset::OperatorConsent { "" } else { ", under sudo and its like" };
    page.paragraph(vec![plain(format!(
        "Nothing is recorded in continuous integration{session}, or by a run that only asks for help or the version."
    ))]);
}

fn look(page: &mut Page, program: &Program) {
    let mut ways = Vec::new();
    if let Some(command) = &program.command {
        let mut way = |words: &str, what: &str| ways.push(vec![code(format!("{command} {words}")), plain(what)]);
        way("status", ": whether it is on, and why.");
        way("show", ": the unsent records, and all data that it can send.");
        way("show --sent", ": the sent records.");
        way("reset", ": deletes the unsent records, the ids and the secret; the next run has new ids.");
    }
    if let Some(variable) = &program.telemetry_variable {
        let what = " in the environment prints each record, and sends nothing.";
        ways.push(vec![code(format!("{variable}=log")), plain(what)]);
    }
    if !ways.is_empty() {
        page.heading(2, "look", vec![plain("How to look")]);
        page.list(ways);
    }
}
