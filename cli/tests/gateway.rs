//! gateway.yaml against the demo's registry: every line that lets something pass is a declared fact, and every fact has
//! its line. `UPDATE_GOLDEN=1` rewrites those lines.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use scruple::registry::{Attribute, Signal, Source, Treatment};
use scruple_cli::demo::usage::REGISTRY;

#[test]
fn the_gateway_lets_through_what_the_registry_declares() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../collector-config/gateway.yaml");
    let is = fs::read_to_string(&path).unwrap();
    let mut wanted = is.clone();
    let span = Context { path: "span", name: "span.name", signals: REGISTRY.spans };
    let spanevent = Context { path: "spanevent", name: "spanevent.name", signals: REGISTRY.events };
    let log = Context { path: "log", name: "log.event_name", signals: REGISTRY.events };
    for context in [&span, &spanevent, &log] {
        wanted = with_group(&wanted, context.path, "conditions", &[context.undeclared()]);
    }
    wanted = with_group(&wanted, "resource", "statements", &resource());
    wanted = with_group(&wanted, "span", "statements", &span.facts(&["start_time_unix_nano", "end_time_unix_nano"]));
    wanted = with_group(&wanted, "spanevent", "statements", &spanevent.facts(&["time_unix_nano"]));
    wanted = with_group(&wanted, "log", "statements", &log.facts(&["time_unix_nano"]));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &wanted).unwrap();
        return;
    }
    let differs = is.lines().zip(wanted.lines()).find(|(is, wanted)| is != wanted);
    assert!(is == wanted, "first, (is, wanted): {differs:?}; UPDATE_GOLDEN=1 rewrites");
}

/// The text with other lines in the first group of this context.
fn with_group(text: &str, context: &str, head: &str, lines: &[String]) -> String {
    let start = text.find(&format!("      - context: {context}\n        {head}:")).expect("the group is there");
    let body = start + text[start..].match_indices('\n').nth(1).unwrap().0 + 1;
    let old: usize =
        text[body..].lines().take_while(|line| line.starts_with("          - '")).map(|l| l.len() + 1).sum();
    let mut new = String::new();
    for line in lines {
        // A single quote is doubled for YAML, a dollar for the Collector.
        writeln!(new, "          - '{}'", line.replace('\'', "''").replace('$', "$$")).unwrap();
    }
    format!("{}{new}{}", &text[..body], &text[body + old..])
}

/// What OTTL calls a kind of record, and its name.
struct Context {
    path: &'static str,
    name: &'static str,
    signals: &'static [Signal<'static>],
}

impl Context {
    /// The condition that drops what is not declared.
    fn undeclared(&self) -> String {
        let names: Vec<_> =
            self.signals.iter().map(|signal| format!("{} != {}", self.name, literal(signal.name))).collect();
        names.join(" and ")
    }

    /// One line for each fact; the last replaces what was received.
    fn facts(&self, times: &[&str]) -> Vec<String> {
        let path = self.path;
        let mut lines = Vec::new();
        for signal in self.signals {
            let this = format!("{} == {}", self.name, literal(signal.name));
            if path == "span" {
                lines.push(format!("set(span.kind, {}) where {this}", signal.kind as u8));
            }
            for time in times {
                let (time, grain) = (format!("{path}.{time}"), signal.time.nanoseconds());
                lines.push(format!("set({time}, ({time} / {grain}) * {grain}) where {this}"));
            }
            for used in signal.attributes {
                let attribute = REGISTRY.attribute(used.attribute).unwrap();
                lines.extend(facts(path, &format!("{this} and "), attribute));
            }
        }
        lines.push(format!("set({path}.attributes, {path}.cache)"));
        lines
    }
}

fn resource() -> Vec<String> {
    let attributes = REGISTRY.resource.iter().map(|index| REGISTRY.attribute(*index).unwrap());
    let mut lines: Vec<_> = attributes.flat_map(|attribute| facts("resource", "", attribute)).collect();
    lines.push("set(resource.attributes, resource.cache)".to_owned());
    lines
}

/// The lines that copy a value of this attribute into the cache.
fn facts(path: &str, this: &str, attribute: &Attribute<'_>) -> Vec<String> {
    let key = literal(attribute.key);
    let (from, to) = (format!("{path}.attributes[{key}]"), format!("{path}.cache[{key}]"));
    let copy = |rule: String| format!("set({to}, {from}) where {this}{rule}");
    let text = |pattern: &str| copy(format!("IsString({from}) and IsMatch({from}, {})", literal(pattern)));
    let member = |member: &&str| {
        let member = literal(member);
        format!("set({to}, {member}) where {this}{from} == {member}")
    };
    match attribute.treatment {
        Treatment::Boolean => vec![copy(format!("IsBool({from})"))],
        Treatment::Enum { members, .. }
        | Treatment::Bucket { members, .. }
        | Treatment::UriScheme { members, .. }
        | Treatment::Agent { members }
        | Treatment::Given { members: members @ [_, ..], .. } => members.iter().map(member).collect(),
        Treatment::Names { members } => {
            let list = format!("set({to}, []) where {this}IsList({from})");
            let names = members.iter().map(|name| {
                let name = literal(name);
                format!("append({to}, {name}) where {this}IsList({from}) and ContainsValue({from}, {name})")
            });
            std::iter::once(list).chain(names).collect()
        }
        Treatment::Count { max } => vec![copy(format!("IsInt({from}) and {from} >= 0 and {from} <= {max}"))],
        Treatment::Hash => vec![text("^[0-9a-f]{32}$")],
        Treatment::Sha256 { .. } => vec![text("^[0-9a-f]{64}$")],
        Treatment::Version => vec![text(&format!("^{NUMBER}([.]{NUMBER}){{0,2}}(-({TAGS}))?$"))],
        Treatment::Location { files, .. } => {
            let file = |file: &scruple::registry::SourceFile<'_>| {
                let pattern = literal(&format!("^{}:[1-9][0-9]{{0,8}}$", file.path.replace('.', "[.]")));
                let line =
                    format!("Int(TrimPrefix({from}, {})) <= {}", literal(&format!("{}:", file.path)), file.lines);
                copy(format!("IsString({from}) and IsMatch({from}, {pattern}) and {line}"))
            };
            files.iter().map(file).collect()
        }
        Treatment::Given { source, members: [] } => match (source, attribute.key) {
            (Source::App, "service.name") => vec![member(&REGISTRY.service.name)],
            (Source::App, _) => vec![text(&format!("^{NUMBER}([.]{NUMBER}){{0,3}}(-({TAGS})([.]{NUMBER})?)?$"))],
            (Source::Session, _) => vec![text(&uuid('4'))],
            (Source::Installation, _) => vec![text(&uuid('8'))],
            (Source::System, "os.type") => vec![text(&format!("^({SYSTEMS})$"))],
            (Source::System, "os.version") => vec![text(&format!("^{NUMBER}([.]{NUMBER})?$"))],
            (Source::System, _) => vec![text(&format!("^({ARCHITECTURES})$"))],
            (Source::Runtime, "process.runtime.name") => vec![member(&"rustc")],
            (Source::Runtime, _) => vec![text(&format!("^{NUMBER}([.]{NUMBER}){{2}}(-nightly|-beta([.]{NUMBER})?)?$"))],
        },
    }
}

/// An OTTL string.
fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// RFC 9562, section 4.
fn uuid(version: char) -> String {
    format!("^[0-9a-f]{{8}}-[0-9a-f]{{4}}-{version}[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}$")
}

/// A number under 10,000 without leading zeros.
const NUMBER: &str = "(0|[1-9][0-9]{0,3})";

const TAGS: &str = "alpha|beta|rc|pre|preview|dev|nightly|snapshot|canary";

/// The values of `os.type` in the semantic conventions, and of Rust's targets that they do not name.
const SYSTEMS: &str = "aix|android|darwin|dragonflybsd|freebsd|fuchsia|haiku|hpux|illumos|linux|netbsd|openbsd|solaris|\
                       windows|z_os";

/// The values of `host.arch` in the semantic conventions, and of Rust's targets that they do not name.
const ARCHITECTURES: &str =
    "amd64|arm32|arm64|ia64|loongarch64|mips|mips64|ppc32|ppc64|riscv32|riscv64|s390x|sparc64|x86";
