//! What the page says: who, what, what never, and how to say no.

use scruple::consent::{CollectionStart, Wait};
use scruple::registry::{self as tables, RequirementLevel, SpanKind, TimeResolution};

use super::page::{Page, Part, Text, anchor, code, fact, plain, signal_section};
use super::{attributes, words};
use crate::program::Program;
use crate::registry::{Attribute, Owned, Signal};

/// The page about a registry.
pub fn page(owned: &Owned, program: &Program) -> Page {
    let name = owned.service.table.name;
    let mut page = Page { title: format!("What {name} reports about its use"), blocks: Vec::new() };
    page.paragraph(owned.description.into_iter().map(plain).collect());
    page.paragraph(vec![plain(format!(
        "This page is written from the list of declarations that {name} is built with. What is not on the list is not \
         sent: no setting, file or server can add to it."
    ))]);
    who(&mut page, owned, program);
    when(&mut page, owned, program);
    what(&mut page, owned, program);
    page.heading(2, "attributes", vec![plain("Each attribute")]);
    for index in 0..owned.attributes.len() {
        attributes::attribute(&mut page, owned, index);
    }
    never(&mut page, owned);
    no(&mut page, owned, program);
    look(&mut page, program);
    page
}

/// The section that tells about an attribute, by its index.
fn section(attribute: &Attribute, owned: &Owned, index: u16) -> Part {
    Part::Section(attribute.table.key.to_owned(), anchor(attribute, owned, usize::from(index)))
}

fn who(page: &mut Page, owned: &Owned, program: &Program) {
    let service = &owned.service.table;
    page.heading(2, "who", vec![plain("Who gets it")]);
    let endpoint = program.endpoint.as_deref().unwrap_or(service.endpoint);
    let retention = owned.service.retention.unwrap_or("Not declared. Whoever answers for it can say.");
    let mut facts = vec![
        fact("Who answers for it", vec![plain(service.controller)]),
        fact("Where it is sent", vec![code(endpoint), plain(", as OpenTelemetry Protocol (OTLP)")]),
        fact("How long it is kept there", vec![plain(retention)]),
        fact("How exact times are", vec![plain(time(service.time)), plain(", unless a section below says otherwise")]),
        fact("How long records can be linked", vec![plain(words::linked(owned))]),
    ];
    facts.extend(service.because.map(|because| fact("Why so", vec![plain(because)])));
    facts.push(fact("The program's id", vec![code(service.app_id)]));
    if !owned.libraries.is_empty() {
        let mut names = Text::new();
        for library in &owned.libraries {
            names.extend((!names.is_empty()).then(|| plain(", ")));
            names.extend([plain(library.name), plain(" ("), code(library.app_id), plain(")")]);
        }
        facts.push(fact("What its libraries report goes the same way", names));
    }
    facts.extend(service.link.map(|link| fact("More", vec![Part::Address(link.to_owned())])));
    page.list(facts);
}

fn when(page: &mut Page, owned: &Owned, program: &Program) {
    let name = owned.service.table.name;
    page.heading(2, "when", vec![plain("When it is collected")]);
    let mut text = vec![plain(match program.preset.begins() {
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
        CollectionStart::BySettings => "Each run is recorded where the settings of whoever runs it say yes.".to_owned(),
        CollectionStart::Already => "Each run is recorded, until you say no.".to_owned(),
    })];
    if let (Some(command), CollectionStart::AfterYes) = (&program.command, program.preset.begins()) {
        text.extend([plain(" To say it: "), code(format!("{command} on")), plain(".")]);
    }
    page.paragraph(text);
}

fn what(page: &mut Page, owned: &Owned, program: &Program) {
    page.heading(2, "what", vec![plain("What is collected")]);
    let rows = |kind: &'static str, signals: &[Signal]| -> Vec<Vec<Text>> {
        let row = |signal: &Signal| vec![vec![signal_section(kind, signal)], vec![plain(signal.table.brief)]];
        signals.iter().map(row).collect()
    };
    let mut all = rows("span", &owned.spans);
    all.extend(rows("event", &owned.events));
    page.table(&["Record", "What it means"], all);
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
    page.table(&["Attribute", "What it means"], owned.resource.iter().filter_map(row).collect());
    if owned.service.table.client_address {
        page.paragraph(vec![
            plain("Whoever receives a record adds "),
            code("client.address"),
            plain(": the first three octets of the IPv4 address that it came from, as in "),
            code("192.0.2.0"),
            plain(
                ". The fourth is cut off before anything is stored, and nothing is added of an IPv6 address. The program \
                 itself knows no address, and sends none.",
            ),
        ]);
    }
}

fn signal(page: &mut Page, owned: &Owned, program: &Program, kind: &str, signal: &Signal) {
    let table = &signal.table;
    page.heading(3, format!("{kind}-{}", table.name), vec![code(table.name)]);
    page.paragraph(vec![plain(table.brief)]);
    page.paragraph(signal.note.into_iter().map(plain).collect());
    page.paragraph(vec![plain(carried(owned, kind, table))]);
    page.paragraph(table.because.into_iter().flat_map(|why| fact("Why its time is finer", vec![plain(why)])).collect());
    let row = |(used, brief): (&tables::AttributeRef, Option<&str>)| {
        let attribute = owned.attribute(used.attribute)?;
        let level = match used.level {
            RequirementLevel::Required => "always",
            RequirementLevel::OptIn if program.opt_in.iter().any(|key| key == attribute.table.key) => {
                "where it is known"
            }
            RequirementLevel::Recommended => "where it is known",
            RequirementLevel::OptIn => "only if the author asks for it",
        };
        let brief = brief.unwrap_or(attribute.table.brief);
        Some(vec![vec![section(attribute, owned, used.attribute)], vec![plain(brief)], vec![plain(level)]])
    };
    let rows: Vec<_> = signal.uses().filter_map(row).collect();
    if rows.is_empty() {
        page.paragraph(vec![plain("It has no attributes of its own.")]);
    } else {
        page.table(&["Attribute", "What it means", "When it is sent"], rows);
    }
}

/// What every record of a kind carries, and how often it is made.
fn carried(owned: &Owned, kind: &str, signal: &tables::Signal<'_>) -> String {
    let time = time(signal.time);
    let mut text = if kind == "span" {
        let role = match signal.kind {
            SpanKind::Internal => "work in the program",
            SpanKind::Server => "a request that the program answers",
            SpanKind::Client => "a request that the program makes",
            SpanKind::Producer => "a message that the program sends",
            SpanKind::Consumer => "a message that the program takes",
        };
        format!(
            "A span: {role}. It carries its name, when it began and ended ({time}), whether it went well, and random \
             ids of its own."
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
        1 => text.push_str(" It is sent at most once a run."),
        most => text.push_str(&format!(" It is sent at most {most} times a run.")),
    }
    text
}

fn time(grain: TimeResolution) -> String {
    format!("to the {}", grain.unit())
}

fn never(page: &mut Page, owned: &Owned) {
    page.heading(2, "never", vec![plain("What is never collected")]);
    let address = if owned.service.table.client_address {
        "More of the address that a record comes from than is said above."
    } else {
        "The program puts no address of yours into a record. As with any connection, whoever receives it sees where it \
         comes from."
    };
    let items = [
        "Whatever is not on this page.",
        "Texts, file contents, paths of your files, user names, names of machines, environment variables, and the \
         values of arguments, unless one of the values listed above is what was given.",
        "Messages of errors and panics, log lines, and stack traces.",
        "What a treatment leaves out: a value is treated when it is recorded, as described above, before anything is \
         stored.",
        address,
    ];
    page.list(items.into_iter().map(|item| vec![plain(item)]).collect());
}

fn no(page: &mut Page, owned: &Owned, program: &Program) {
    let app_id = owned.service.table.app_id;
    page.heading(2, "no", vec![plain("How to say no")]);
    page.paragraph(vec![plain(
        "Each of these is enough, and no yes overrules it. Off means that nothing is recorded.",
    )]);
    let mut ways = Vec::new();
    if let Some(command) = &program.command {
        let what = ": for you, for good. It deletes what waits to be sent, ids, secret and receipts.";
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
    variables.push(plain(" in the environment: wherever it is set."));
    ways.push(variables);
    let off = || code("telemetry = \"off\"");
    let own = code(format!("/etc/{app_id}/telemetry.toml"));
    ways.push(vec![
        plain("For everybody on a machine: "),
        off(),
        plain(" in "),
        own,
        plain(", or for every program that reports in this way in "),
        code("/etc/scruple/telemetry.toml"),
        plain("."),
    ]);
    ways.push(vec![
        plain("For all who work in a project: "),
        off(),
        plain(" in "),
        code(".telemetry.toml"),
        plain(", in the working directory or above it, up to the repository's root."),
    ]);
    page.list(ways);
    page.paragraph(vec![plain(
        "Nothing is recorded in continuous integration, under sudo and its like, or by a run that only asks for help \
         or the version.",
    )]);
}

fn look(page: &mut Page, program: &Program) {
    let mut ways = Vec::new();
    if let Some(command) = &program.command {
        let mut way = |words: &str, what: &str| ways.push(vec![code(format!("{command} {words}")), plain(what)]);
        way("status", ": whether it is on, and why.");
        way("show", ": what waits, and what would be sent.");
        way("show --sent", ": what was sent.");
        way("reset", ": deletes what waits, ids and secret; the next run has new ones.");
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
