//! Checks that a value has the form of its attribute's treatment.

use std::ops::RangeInclusive;

use super::finding::{Wanted, What};
use super::node::{Datum, Findings, Node, Path};
use scruple_registry::{Attribute, MAX_TEXT, Registry, Source, SourceFile, Treatment};

/// Adds a finding if the value of a declared attribute is wrong.
pub(super) fn judge(
    any: &Node<'_>,
    attribute: &Attribute<'_>,
    registry: &Registry<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let about = Some(attribute.key);
    let [entry] = any.entries.as_slice() else {
        findings.about(path, about, What::OneValue { found: any.entries.len() });
        return;
    };
    let path = path.of(entry);
    let (fits, wanted) = match (attribute.treatment, entry.field.name, &entry.datum) {
        (_, _, Datum::Unread) => return,
        (Treatment::Names { members }, "arrayValue", Datum::Message(list)) => {
            names(list, members, attribute.key, &path, findings);
            return;
        }
        (Treatment::Boolean, "boolValue", _) => return,
        (Treatment::Count { max }, "intValue", Datum::Number(number)) => {
            ((0..=i128::from(max)).contains(number), Wanted::Count)
        }
        (Treatment::IntegerEnum { members, .. }, "intValue", Datum::Number(number)) => {
            (members.contains(&number.to_string().as_str()), Wanted::Integer)
        }
        (_, "stringValue", Datum::Text(text)) => rule(attribute, registry, text),
        // No other type is right, and no treatment produces empty text: `rule` only gives the expected form.
        _ => (false, rule(attribute, registry, "").1),
    };
    if !fits {
        findings.about(&path, about, What::Not(wanted));
    }
}

/// Whether text is a version: as many numbers as `range` allows, separated by dots, each under 10,000 and without
/// leading zeros, and then perhaps a hyphen and a known pre-release tag.
pub(super) fn is_version(text: &str, range: RangeInclusive<usize>) -> bool {
    const TAGS: [&str; 9] = ["alpha", "beta", "rc", "pre", "preview", "dev", "nightly", "snapshot", "canary"];
    match text.split_once('-') {
        Some((numbers, tag)) => are_numbers(numbers, range) && TAGS.contains(&tag),
        None => are_numbers(text, range),
    }
}

/// Whether text fits an attribute's treatment, and the form that it must have.
fn rule(attribute: &Attribute<'_>, registry: &Registry<'_>, text: &str) -> (bool, Wanted) {
    match attribute.treatment {
        Treatment::Boolean => (false, Wanted::Boolean),
        Treatment::Names { .. } => (false, Wanted::Names),
        Treatment::Count { .. } => (false, Wanted::Count),
        Treatment::IntegerEnum { .. } => (false, Wanted::Integer),
        Treatment::Enum { members, .. }
        | Treatment::Bucket { members, .. }
        | Treatment::UriScheme { members, .. }
        | Treatment::Agent { members } => (members.contains(&text), Wanted::Member),
        Treatment::Hash => (is_hex(text, 32), Wanted::Hash),
        Treatment::Sha256 { .. } => (is_hex(text, 64), Wanted::Sha256),
        Treatment::Version => (is_version(text, 1..=3), Wanted::Version),
        Treatment::Location { files, .. } => (is_location(text, files), Wanted::Location),
        Treatment::Given { source, members } => match (given(source, attribute.key, registry, text), members) {
            (rule, []) => rule,
            // Declared members replace the known words of a system, and narrow every other source.
            ((_, Wanted::System) | (true, _), _) => (members.contains(&text), Wanted::Member),
            (rule, _) => rule,
        },
    }
}

/// The rule for an attribute that the pipeline itself sets.
fn given(source: Source, key: &str, registry: &Registry<'_>, text: &str) -> (bool, Wanted) {
    match (source, key) {
        (Source::App, "service.name") => (text == registry.service.name, Wanted::ServiceName),
        (Source::App, "service.version") => (is_printable(text), Wanted::Printable),
        (Source::Session, _) => (is_uuid(text, '4'), Wanted::UuidV4),
        (Source::Installation, _) => (is_uuid(text, '8'), Wanted::UuidV8),
        (Source::System, "os.type") => (OS_TYPES.contains(&text), Wanted::System),
        (Source::System, "os.version") => (are_numbers(text, 1..=2), Wanted::SystemVersion),
        (Source::System, "host.arch") => (ARCHITECTURES.contains(&text), Wanted::System),
        (Source::Runtime, "process.runtime.name") => (text == "rustc", Wanted::Runtime),
        (Source::Runtime, "process.runtime.version") => (is_release(text), Wanted::RuntimeVersion),
        _ => (false, Wanted::NoSuchSource),
    }
}

/// The words of OpenTelemetry's `os.type` and of Rust's `std::env::consts::OS`.
const OS_TYPES: [&str; 30] = [
    "aix",
    "android",
    "cygwin",
    "darwin",
    "dragonfly",
    "dragonflybsd",
    "emscripten",
    "freebsd",
    "fuchsia",
    "haiku",
    "hermit",
    "hpux",
    "hurd",
    "illumos",
    "ios",
    "linux",
    "macos",
    "netbsd",
    "nto",
    "openbsd",
    "redox",
    "solaris",
    "tvos",
    "visionos",
    "vxworks",
    "wasi",
    "watchos",
    "windows",
    "z_os",
    "zos",
];

/// The words of OpenTelemetry's `host.arch` and of Rust's `std::env::consts::ARCH`.
const ARCHITECTURES: [&str; 29] = [
    "aarch64",
    "amd64",
    "arm",
    "arm32",
    "arm64",
    "arm64ec",
    "csky",
    "hexagon",
    "ia64",
    "loongarch32",
    "loongarch64",
    "m68k",
    "mips",
    "mips32r6",
    "mips64",
    "mips64r6",
    "powerpc",
    "powerpc64",
    "ppc32",
    "ppc64",
    "riscv32",
    "riscv64",
    "s390x",
    "sparc",
    "sparc64",
    "wasm32",
    "wasm64",
    "x86",
    "x86_64",
];

fn names(list: &Node<'_>, members: &[&str], key: &str, path: &Path<'_>, findings: &mut Findings) {
    let mut last = None;
    for entry in &list.entries {
        let Datum::Message(any) = &entry.datum else { continue };
        let path = path.of(entry);
        let [value] = any.entries.as_slice() else {
            findings.about(&path, Some(key), What::OneValue { found: any.entries.len() });
            continue;
        };
        let text = match (value.field.name, &value.datum) {
            (_, Datum::Unread) => continue,
            ("stringValue", Datum::Text(text)) => Some(text.as_ref()),
            _ => None,
        };
        if text.is_none_or(|text| !members.contains(&text) || last.is_some_and(|last| last >= text)) {
            findings.about(&path.of(value), Some(key), What::Not(Wanted::Names));
        }
        last = text.or(last);
    }
}

fn are_numbers(text: &str, range: RangeInclusive<usize>) -> bool {
    let is_number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && part.len() <= 4 && (part == "0" || !part.starts_with('0'))
    };
    // One part above the maximum is enough to decide.
    let mut parts = text.split('.').take(range.end().saturating_add(1));
    range.contains(&parts.clone().count()) && parts.all(is_number)
}

/// Whether text is a version as rustc prints it: `1.95.0`, `1.96.0-beta.3`, `1.97.0-nightly`.
fn is_release(text: &str) -> bool {
    match text.split_once('-') {
        None => are_numbers(text, 3..=3),
        Some((numbers, "nightly" | "beta")) => are_numbers(numbers, 3..=3),
        Some((numbers, tag)) => {
            are_numbers(numbers, 3..=3) && tag.strip_prefix("beta.").is_some_and(|count| are_numbers(count, 1..=1))
        }
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_location(text: &str, files: &[SourceFile<'_>]) -> bool {
    let Some((path, line)) = text.rsplit_once(':') else { return false };
    let Ok(number) = line.parse::<u32>() else { return false };
    number.to_string() == line && files.iter().any(|file| file.path == path && (1..=file.lines).contains(&number))
}

fn is_printable(text: &str) -> bool {
    (1..=MAX_TEXT).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// RFC 9562, section 4: 8-4-4-4-12 digits, the version in the 13th, the variant in the 17th.
fn is_uuid(text: &str, version: char) -> bool {
    text.len() == 36
        && text.chars().enumerate().all(|(place, char)| match place {
            8 | 13 | 18 | 23 => char == '-',
            14 => char == version,
            19 => matches!(char, '8' | '9' | 'a' | 'b'),
            _ => matches!(char, '0'..='9' | 'a'..='f'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use scruple_registry::{Rotation, Service, TimeResolution};

    fn check(key: &str, source: Source, members: &[&str], text: &str, expected: (bool, Wanted)) {
        let service = Service::new("", "mlnet", "", "", "").rotate(Rotation::Never).time(TimeResolution::Day);
        let registry = Registry::new("", service);
        let attribute = Attribute::new(key, "", Treatment::Given { source, members });
        assert_eq!(rule(&attribute, &registry, text), expected, "{key}: {text}");
    }

    #[test]
    fn declared_members_narrow_the_values_of_the_pipeline() {
        check("service.version", Source::App, &["1.0"], "1.0", (true, Wanted::Member));
        check("service.version", Source::App, &["1.0"], "2.0", (false, Wanted::Member));
        check("service.version", Source::App, &["\n"], "\n", (false, Wanted::Printable));
        check("process.runtime.name", Source::Runtime, &["gcc", "rustc"], "gcc", (false, Wanted::Runtime));
        check("os.type", Source::System, &["plan9"], "plan9", (true, Wanted::Member));
    }

    #[test]
    fn a_source_sets_only_its_own_attributes() {
        check("service.name", Source::System, &[], "mlnet", (false, Wanted::NoSuchSource));
        check("host.name", Source::System, &[], "linux", (false, Wanted::NoSuchSource));
        check("process.runtime.name", Source::App, &["rustc"], "rustc", (false, Wanted::NoSuchSource));
    }
}
