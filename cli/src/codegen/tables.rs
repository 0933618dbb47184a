//! Writes the constant tables.

use scruple::registry::{
    Date, Expiry, Preset, ProgramSettings, Purpose, Registry, ReleaseNumber, Rotation, Service, SignalKind, SpanKind,
    TimeResolution,
};

use super::source::{Source, literal};
use super::treatment;
use crate::registry::Owned;

/// Writes the module that holds the registry's tables. It calls their constructors, and leaves defaults out.
pub fn write(out: &mut Source, owned: &Owned, types: &str) {
    let registry = owned.registry();
    out.line("#[rustfmt::skip]");
    out.block("mod tables {", "}", |out| {
        out.line(&format!("use {types} as table;"));
        out.line("");
        out.doc("///", "What may be said: the tables that the gate holds every record against.");
        let url = literal(registry.schema_url);
        let resource: Vec<String> = registry.resource.iter().map(u16::to_string).collect();
        let lists = format!(".attributes(ATTRIBUTES).resource(&[{}]).spans(SPANS).events(EVENTS)", resource.join(", "));
        let new = format!("table::Registry::new({url}, SERVICE){lists}");
        out.line(&format!("pub const REGISTRY: &table::Registry<'static> = &{new};"));
        out.line("");
        service(out, &registry.service);
        out.line("");
        purposes(out, registry.service.purposes);
        settings(out, &registry.service.settings);
        out.block("const ATTRIBUTES: &[table::Attribute<'static>] = &[", "];", |out| {
            attributes(out, &registry, &owned.sources_prefix)
        });
        for (name, kind) in [("SPANS", SignalKind::Span), ("EVENTS", SignalKind::Event)] {
            out.line("");
            let first = format!("const {name}: &[table::Signal<'static>] = &[");
            out.block(&first, "];", |out| signals(out, &registry, kind));
        }
    });
}

fn service(out: &mut Source, service: &Service<'_>) {
    let mut setters = service.link.map(|link| format!(".link({})", literal(link))).unwrap_or_default();
    if service.client_address {
        setters.push_str(".client_address()");
    }
    if service.rotate != Rotation::Monthly {
        setters.push_str(&format!(".rotate(table::Rotation::{:?})", service.rotate));
    }
    setters.push_str(&time(service.time, service.duration));
    setters.push_str(&because(service.because));
    setters.push_str(&expires(service.expires));
    if service.purpose != Purpose::USAGE {
        setters.push_str(&purpose(Some(service.purpose)));
    }
    if !service.purposes.is_empty() {
        setters.push_str(".purposes(PURPOSES)");
    }
    if service.settings != ProgramSettings::default() {
        setters.push_str(".settings(SETTINGS)");
    }
    let close = format!("){setters};");
    out.block("const SERVICE: table::Service<'static> = table::Service::new(", &close, |out| {
        out.line(&format!("{}, // app_id", literal(service.app_id)));
        out.line(&format!("{}, // name", literal(service.name)));
        out.line("::core::env!(\"CARGO_PKG_VERSION\"),");
        out.line(&format!("{}, // controller", literal(service.controller)));
        out.line(&format!("{}, // endpoint", literal(service.endpoint)));
    });
}

fn purposes(out: &mut Source, purposes: &[Purpose<'_>]) {
    if purposes.is_empty() {
        return;
    }
    out.block("const PURPOSES: &[table::Purpose<'static>] = &[", "];", |out| {
        for purpose in purposes {
            out.line(&format!("table::Purpose::new({}, {}),", literal(purpose.name), literal(purpose.brief)));
        }
    });
    out.line("");
}

fn settings(out: &mut Source, settings: &ProgramSettings<'_>) {
    if *settings == ProgramSettings::default() {
        return;
    }
    let preset = settings.preset.map(|preset| {
        let preset = match preset {
            Preset::FirstRun(wait) => format!("FirstRun(table::Wait::{wait:?})"),
            Preset::OptIn | Preset::Documented | Preset::OperatorConsent => format!("{preset:?}"),
        };
        format!(".preset(table::Preset::{preset})")
    });
    let texts =
        [("command", settings.command), ("place", settings.place), ("telemetry_variable", settings.telemetry_variable)];
    let texts = texts.into_iter().filter_map(|(name, text)| Some(format!(".{name}({})", literal(text?))));
    let variables: Vec<String> = settings.opt_out_variables.iter().map(|name| literal(name)).collect();
    let variables = (!variables.is_empty()).then(|| format!(".opt_out_variables(&[{}])", variables.join(", ")));
    let mut setters: Vec<_> = preset.into_iter().chain(texts).chain(variables).collect();
    setters.last_mut().into_iter().for_each(|last| last.push(';'));
    out.line("const SETTINGS: table::ProgramSettings<'static> = table::ProgramSettings::new()");
    setters.iter().for_each(|setter| out.line(&format!("    {setter}")));
    out.line("");
}

/// The setters of both resolutions; that of times also sets that of durations.
fn time(time: TimeResolution, duration: TimeResolution) -> String {
    let mut setters = String::new();
    if time != TimeResolution::Second {
        setters.push_str(&format!(".time(table::TimeResolution::{time:?})"));
    }
    if duration != time {
        setters.push_str(&format!(".duration(table::TimeResolution::{duration:?})"));
    }
    setters
}

fn expires(expires: Expiry) -> String {
    let mut ends = Vec::new();
    ends.extend(expires.date.map(|date| {
        let Date { year, month, day } = date;
        format!("table::Expiry::on(table::Date::new({year}, {month}, {day}))")
    }));
    ends.extend(expires.version.map(|version| {
        let ReleaseNumber { major, minor, patch } = version;
        format!("table::Expiry::before(table::ReleaseNumber::new({major}, {minor}, {patch}))")
    }));
    // YAML has one of the two.
    ends.iter().map(|end| format!(".expires({end})")).collect()
}

fn purpose(purpose: Option<&str>) -> String {
    purpose.map(|purpose| format!(".purpose({})", literal(purpose))).unwrap_or_default()
}

fn because(because: Option<&str>) -> String {
    because.map(|because| format!(".because({})", literal(because))).unwrap_or_default()
}

fn attributes(out: &mut Source, registry: &Registry<'_>, prefix: &str) {
    for (index, attribute) in registry.attributes.iter().enumerate() {
        out.line(&format!("// {index}"));
        let field = (attribute.field != attribute.key).then(|| format!(".field({})", literal(attribute.field)));
        let ends = format!("{}{}", expires(attribute.expires), purpose(attribute.purpose));
        let close = format!("){}{}{ends},", field.unwrap_or_default(), because(attribute.because));
        out.block("table::Attribute::new(", &close, |out| {
            out.line(&format!("{},", literal(attribute.key)));
            out.line(&format!("{},", literal(attribute.brief)));
            treatment::write(out, &attribute.treatment, prefix);
        });
    }
}

fn signals(out: &mut Source, registry: &Registry<'_>, kind: SignalKind) {
    for signal in registry.signals(kind) {
        let constructor = if kind == SignalKind::Span { "span" } else { "event" };
        let mut line = format!("table::Signal::{constructor}({}, {})", literal(signal.name), literal(signal.brief));
        if signal.kind != SpanKind::Internal {
            line.push_str(&format!(".kind(table::SpanKind::{:?})", signal.kind));
        }
        line.push_str(&time(signal.time, signal.duration));
        if signal.at_most < u32::MAX {
            line.push_str(&format!(".at_most({})", signal.at_most));
        }
        line.push_str(&because(signal.because));
        line.push_str(&expires(signal.expires));
        line.push_str(&purpose(signal.purpose));
        if signal.attributes.is_empty() {
            out.line(&format!("{line},"));
            continue;
        }
        out.block(&format!("{line}.attributes(&["), "]),", |out| {
            for used in signal.attributes {
                let key = registry.attribute(used.attribute).map_or("", |attribute| attribute.key);
                let arguments = format!("{}, table::RequirementLevel::{:?}", used.attribute, used.level);
                out.line(&format!("table::AttributeRef::new({arguments}), // {key}"));
            }
        });
    }
}
