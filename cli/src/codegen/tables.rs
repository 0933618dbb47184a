//! Writes the constant tables.

use scruple::registry::Registry;

use super::source::{Source, literal};
use crate::registry::Owned;

/// Writes the module that holds the registry's tables.
pub fn write(out: &mut Source, owned: &Owned) {
    let registry = owned.registry();
    out.line("#[rustfmt::skip]");
    out.block("mod tables {", "}", |out| {
        out.line("use ::scruple::registry as table;");
        out.line("");
        out.doc("///", "What may be said: the tables that the gate holds every record against.");
        out.block("pub const REGISTRY: &table::Registry<'static> = &table::Registry {", "};", |out| {
            out.line(&format!("schema_url: {},", literal(registry.schema_url)));
            service(out, &registry);
            out.block("attributes: &[", "],", |out| attributes(out, &registry));
            let resource: Vec<String> = registry.resource.iter().map(u16::to_string).collect();
            out.line(&format!("resource: &[{}],", resource.join(", ")));
            out.block("spans: &[", "],", |out| signals(out, &registry, registry.spans));
            out.block("events: &[", "],", |out| signals(out, &registry, registry.events));
            out.block("text: ::core::concat!(", "),", |out| {
                for line in registry.text.split_inclusive('\n') {
                    out.line(&format!("{},", literal(line)));
                }
            });
        });
    });
}

fn service(out: &mut Source, registry: &Registry<'_>) {
    let service = &registry.service;
    out.block("service: table::Service {", "},", |out| {
        out.line(&format!("app_id: {},", literal(service.app_id)));
        out.line(&format!("name: {},", literal(service.name)));
        out.line("version: ::core::env!(\"CARGO_PKG_VERSION\"),");
        out.line(&format!("controller: {},", literal(service.controller)));
        out.line(&format!("endpoint: {},", literal(service.endpoint)));
        match service.link {
            Some(link) => out.line(&format!("link: ::core::option::Option::Some({}),", literal(link))),
            None => out.line("link: ::core::option::Option::None,"),
        }
        out.line(&format!("client_address: {},", service.client_address));
        out.line(&format!("rotate: table::Rotation::{:?},", service.rotate));
        out.line(&format!("time: table::TimeResolution::{:?},", service.time));
    });
}

fn attributes(out: &mut Source, registry: &Registry<'_>) {
    for (index, attribute) in registry.attributes.iter().enumerate() {
        out.line(&format!("// {index}"));
        out.block("table::Attribute {", "},", |out| {
            out.line(&format!("key: {},", literal(attribute.key)));
            out.line(&format!("field: {},", literal(attribute.field)));
            out.line(&format!("brief: {},", literal(attribute.brief)));
            treatment(out, &attribute.treatment);
        });
    }
}

fn treatment(out: &mut Source, treatment: &scruple::registry::Treatment<'_>) {
    use scruple::registry::Treatment;
    let line = match treatment {
        Treatment::Boolean => "Boolean".to_owned(),
        Treatment::Enum { members, otherwise } => {
            format!("Enum {{ members: {}, otherwise: {} }}", texts(members), index(*otherwise))
        }
        Treatment::Bucket { members, below } => format!("Bucket {{ members: {}, below: &{below:?} }}", texts(members)),
        Treatment::UriScheme { members, otherwise, absent } => format!(
            "UriScheme {{ members: {}, otherwise: {}, absent: {} }}",
            texts(members),
            index(*otherwise),
            index(*absent)
        ),
        Treatment::Agent { members } => format!("Agent {{ members: {} }}", texts(members)),
        Treatment::Names { members } => format!("Names {{ members: {} }}", texts(members)),
        Treatment::Count { max } => format!("Count {{ max: {max} }}"),
        Treatment::Hash => "Hash".to_owned(),
        Treatment::Sha256 { normalize } => format!("Sha256 {{ normalize: table::Normalize::{normalize:?} }}"),
        Treatment::Version => "Version".to_owned(),
        Treatment::Location { files, .. } => {
            out.block("treatment: table::Treatment::Location {", "},", |out| {
                out.block("files: &[", "],", |out| {
                    for file in *files {
                        let path = literal(file.path);
                        out.line(&format!("table::SourceFile {{ path: {path}, lines: {} }},", file.lines));
                    }
                });
                out.line("root: ::core::env!(\"CARGO_MANIFEST_DIR\"),");
            });
            return;
        }
        Treatment::Given { source, members } => {
            format!("Given {{ source: table::Source::{source:?}, members: {} }}", texts(members))
        }
    };
    out.line(&format!("treatment: table::Treatment::{line},"));
}

fn signals(out: &mut Source, registry: &Registry<'_>, signals: &[scruple::registry::Signal<'_>]) {
    for signal in signals {
        out.block("table::Signal {", "},", |out| {
            out.line(&format!("name: {},", literal(signal.name)));
            out.line(&format!("brief: {},", literal(signal.brief)));
            out.line(&format!("kind: table::SpanKind::{:?},", signal.kind));
            out.block("attributes: &[", "],", |out| {
                for used in signal.attributes {
                    let key = registry.attribute(used.attribute).map_or("", |attribute| attribute.key);
                    let level = used.level;
                    let index = used.attribute;
                    out.line(&format!("table::AttributeRef {{ attribute: {index}, level: table::RequirementLevel::{level:?} }}, // {key}"));
                }
            });
            out.line(&format!("time: table::TimeResolution::{:?},", signal.time));
            match signal.at_most {
                u32::MAX => out.line("at_most: u32::MAX,"),
                limit => out.line(&format!("at_most: {limit},")),
            }
        });
    }
}

fn texts(members: &[&str]) -> String {
    let members: Vec<String> = members.iter().map(|member| literal(member)).collect();
    format!("&[{}]", members.join(", "))
}

fn index(index: Option<u16>) -> String {
    match index {
        Some(index) => format!("::core::option::Option::Some({index})"),
        None => "::core::option::Option::None".to_owned(),
    }
}
