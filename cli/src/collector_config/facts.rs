//! The allowed forms of a declared attribute: statements that copy a value into the cache if it has such a form.
//!
//! `privacy` owns these forms in the program, and `check` repeats them without shared code; this is the third copy, for
//! the Collector. A member is written from the configuration, not copied from the record. A pattern is matched from the
//! first character to the last, so it also limits the length.

use scruple::registry::{Attribute, Date, Registry, Source, Treatment};

use super::ottl::{Statement, is_one_integer_of, is_one_of, is_text, literal, until};

/// A number under 10,000 without leading zeros.
pub const NUMBER: &str = "(0|[1-9][0-9]{0,3})";

/// The known pre-release tags.
pub const TAGS: &str = "alpha|beta|rc|pre|preview|dev|nightly|snapshot|canary";

/// A number of a program's own version, which may hold a day or a build: up to five digits.
const OWN_NUMBER: &str = "(0|[1-9][0-9]{0,4})";

/// A line of the program's own source, with a path of the form of [`Crate::sources`](crate::registry::Crate::sources).
/// Only the program's own sanitizer checks the list of files and their lengths: that list in the Collector would drop
/// the locations of every other version. A folder's name has no dot, so the path of another crate
/// (`index.crates.io-…/serde-1.0.1`) does not match.
const LOCATION: &str = "src/([A-Za-z0-9_-]{1,64}/){0,8}[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}[.]rs:[1-9][0-9]{0,5}";

/// The values of `std::env::consts::OS` in the spelling of the semantic conventions (`os.type`), as a program sends
/// them.
const SYSTEMS: &str = "aix|android|cygwin|darwin|dragonflybsd|emscripten|freebsd|fuchsia|haiku|hermit|hurd|illumos|linux|\
                       netbsd|nto|openbsd|redox|solaris|tvos|visionos|vxworks|wasi|watchos|windows";

/// The values of `std::env::consts::ARCH` in the spelling of the semantic conventions (`host.arch`).
const ARCHITECTURES: &str = "amd64|arm32|arm64|arm64ec|csky|hexagon|loongarch32|loongarch64|m68k|mips|mips32r6|mips64|\
                             mips64r6|ppc32|ppc64|riscv32|riscv64|s390x|sparc|sparc64|wasm32|wasm64|x86";

/// The statements for one attribute in this context. The group that they stand in has the signal as its condition.
pub fn facts(registry: &Registry<'_>, context: &str, attribute: &Attribute<'_>) -> Vec<Statement> {
    let key = literal(attribute.key);
    let (from, to) = (format!("{context}.attributes[{key}]"), format!("{context}.cache[{key}]"));
    let copy = |rule: String| vec![Statement::set(&to, &from).only(rule)];
    let text = |pattern: &str| copy(is_text(&from, pattern));
    let one_of = |members: &[&str]| copy(is_one_of(&from, members.iter().copied()));
    match attribute.treatment {
        Treatment::Boolean => copy(format!("IsBool({from})")),
        Treatment::Enum { members, .. }
        | Treatment::Bucket { members, .. }
        | Treatment::UriScheme { members, .. }
        | Treatment::Agent { members }
        | Treatment::Given { members: members @ [_, ..], .. } => one_of(members),
        Treatment::IntegerEnum { members, .. } => copy(is_one_integer_of(&from, members)),
        Treatment::Names { members } => {
            // The members that are there become the keys of a map, whose keys become the list: `append` copies the list
            // each time.
            let map = Statement::set(&to, "{}").only(format!("IsList({from})"));
            let names = members.iter().map(|name| {
                let name = literal(name);
                Statement::set(&format!("{to}[{name}]"), 0)
                    .only(format!("IsList({from}) and ContainsValue({from}, {name})"))
            });
            let list = Statement::set(&to, format!("Keys({to})")).only(format!("IsMap({to})"));
            std::iter::once(map).chain(names).chain([list]).collect()
        }
        Treatment::Count { max } => copy(format!("IsInt({from}) and {from} >= 0 and {from} <= {max}")),
        Treatment::Hash => text("[0-9a-f]{32}"),
        Treatment::Sha256 { .. } => text("[0-9a-f]{64}"),
        Treatment::Version => text(&format!("{NUMBER}([.]{NUMBER}){{0,2}}(-({TAGS}))?")),
        Treatment::Location { .. } => text(LOCATION),
        Treatment::Given { source, members: [] } => match (source, attribute.key) {
            (Source::App, "service.name") => one_of(&[registry.service.name]),
            (Source::App, _) => text(&format!("{OWN_NUMBER}([.]{OWN_NUMBER}){{0,3}}(-({TAGS})([.]?{NUMBER})?)?")),
            (Source::Session, _) => text(&uuid('4')),
            (Source::Installation, _) => text(&uuid('8')),
            (Source::System, "os.type") => text(&format!("({SYSTEMS})")),
            (Source::System, "os.version") => text(&format!("{NUMBER}[.]{NUMBER}")),
            (Source::System, _) => text(&format!("({ARCHITECTURES})")),
            (Source::Runtime, "process.runtime.name") => one_of(&["rustc"]),
            (Source::Runtime, _) => text(&format!("{NUMBER}([.]{NUMBER}){{2}}")),
        },
    }
}

/// The same for an attribute that ends on a day before the records that have it.
pub fn facts_until(
    registry: &Registry<'_>,
    context: &str,
    attribute: &Attribute<'_>,
    end: Option<Date>,
) -> Vec<Statement> {
    let statements = facts(registry, context, attribute).into_iter();
    let limited = |statement: Statement| match end {
        Some(day) => statement.only(until(day)),
        None => statement,
    };
    statements.map(limited).collect()
}

/// The condition that not every received name of a list is in the cache; an attribute that has ended is in none.
pub fn lacks_names(context: &str, attribute: &Attribute<'_>, end: Option<Date>) -> Option<String> {
    let key = literal(attribute.key);
    let (from, to) = (format!("{context}.attributes[{key}]"), format!("{context}.cache[{key}]"));
    matches!(attribute.treatment, Treatment::Names { .. }).then(|| {
        format!(
            "{}IsList({from}) and Len({from}) != Len({to})",
            end.map(|day| until(day) + " and ").unwrap_or_default()
        )
    })
}

/// RFC 9562, section 4.
fn uuid(version: char) -> String {
    format!("[0-9a-f]{{8}}-[0-9a-f]{{4}}-{version}[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}")
}
