//! Warnings: valid declarations that a privacy reviewer has to see.
//!
//! | name | what is warned about |
//! |---|---|
//! | `reversible` | `from: sha256`: a guess of the text can be confirmed |
//! | `wide_enum` | over [`MANY`] members of an enum: the rare ones are few people's |
//! | `fine_bucket` | over [`BUCKETS`] buckets, or over [`SINGLES`] that hold one number each: that is the number |
//! | `long_version` | a version with four parts, as an example of a version or as a member: a build, not a release |
//! | `client_address` | `client_address: three_octets`: one of 256 connections, and with `os.version` and the like perhaps one |
//! | `followed` | an installation id while the service's times are finer than a second, its default |
//! | `singles_out` | a signal that can say over 2^40 different things together with the resource: see [`cardinality`] |
//! | `unused` | an attribute of no signal and no entity: it is in the notice, and is not collected |
//! | `idle_brief` | a brief of an attribute or signal that repeats its name, or stands for one that is to be written |
//! | `manifest_key` | a key of the manifest that is not read |
//! | `placeholder` | a name or address of RFC 2606 and its like: see `reserved` |
//! | `loopback` | a receiver on the program's own machine |
//! | `loose_retention` | a retention that is no duration: no tool keeps it |
//! | `needless_end` | an end that is no earlier than another one that holds as well |
//! | `expires_soon`, `expired` | an end within 30 days, and a past one: only `scruple check` knows the day, see `ends` |
//! | `needless_accept` | an accepted warning that there isn't |
//!
//! A signal's finer times than the service's need no warning: they can't be declared without a reason.
//!
//! A reviewer who has seen one writes `accept: {<name>: "why"}` in the `privacy` annotation of the attribute, the signal
//! or the service that it is about. `accept` is for reviewers: it changes nothing that is sent, nothing that people are
//! told, and no answer that they gave.

use std::collections::BTreeSet;
use std::net::IpAddr;

use scruple::registry::{self as tables, Endpoint, Source, TimeResolution, Treatment};

use super::declared::{Accepted, Attribute, Owned, Service, Signal};
use super::ends;
use super::finding::{Finding, Place, Rule};
use super::reserved::{is_reserved, is_reserved_app_id, reserved_in};

/// The most that one record may say, in bits: powers of two of the different things it can say.
///
/// The values of each attribute of the signal (those to opt in to as well) and of the resource are multiplied. Over
/// 2^40 the warning `singles_out` is given. Values are far from evenly spread, and what people really show is
/// about the square root of what could be told apart: of 2^40 that leaves one in a million, and few programs have
/// more people who run them.
pub const MOST_BITS: f64 = 40.0;

/// The most members of an enum without a warning.
pub const MANY: usize = 50;

/// The most buckets without a warning.
pub const BUCKETS: usize = 20;

/// The most buckets that hold one number each without a warning.
pub const SINGLES: usize = 8;

/// Every warning that was not accepted, sorted by place; some were found as the manifest was read.
pub fn all(owned: &Owned, of_manifest: Vec<Finding>) -> Vec<Finding> {
    let Owned { service, attributes, resource, .. } = owned;
    let signals = || owned.spans.iter().chain(&owned.events);
    let used: BTreeSet<u16> = signals()
        .flat_map(|signal| signal.table.attributes.iter().map(|used| used.attribute))
        .chain(resource.iter().copied())
        .collect();
    let of = |index: &u16| owned.attribute(*index);
    let resource: Vec<&Attribute> = resource.iter().filter_map(of).collect();
    let (mut found, registry) = (Vec::new(), owned.registry());
    let about_service =
        followed(service, &resource).into_iter().chain(added(service)).chain(loose(service)).chain(addresses(owned));
    let of_key = |(key, raised)| at(service.place_of(key), [raised]);
    let idle_purposes = idle_purposes(owned);
    let raised = about_service.flat_map(of_key).chain(idle_purposes).chain(of_manifest).collect();
    unaccepted(&service.accepted, raised, &mut found);
    for (index, attribute) in (0..).zip(attributes) {
        let mut raised = about(attribute);
        if !used.contains(&index) {
            let message = format!("`{}` is declared, and no signal or entity refers to it", attribute.table.key);
            raised.push((Rule::Unused, message, "delete it, or refer to it from a span, event or entity"));
        }
        let needless = ends::needless_of_attribute(owned, &registry, index);
        unaccepted(&attribute.accepted, at(&attribute.place, raised).chain(needless).collect(), &mut found);
    }
    for signal in signals() {
        let carried = signal.table.attributes.iter().filter_map(|used| of(&used.attribute));
        let idle = idle(signal.table.name, signal.table.brief);
        let raised = idle.into_iter().chain(singles_out(signal, carried.chain(resource.iter().copied())));
        let needless = ends::needless_of_signal(&registry, signal);
        unaccepted(&signal.accepted, at(&signal.place, raised).chain(needless).collect(), &mut found);
    }
    found.sort();
    found
}

/// A warning, its message, and what to write instead.
type Raised = (Rule, String, &'static str);

/// A warning about the service, after the key that it is about.
type OfKey = (&'static str, Raised);

fn at(place: &Place, raised: impl IntoIterator<Item = Raised>) -> impl Iterator<Item = Finding> {
    raised.into_iter().map(|(rule, message, help)| place.warning(rule, message, help))
}

/// What a reviewer would ask about one thing, without what was accepted of it.
fn unaccepted(accepted: &[Accepted], raised: Vec<Finding>, found: &mut Vec<Finding>) {
    for accepted in accepted {
        // Whether these two are raised depends on the day.
        let is_of_a_day = matches!(accepted.rule, Rule::ExpiresSoon | Rule::Expired);
        if !is_of_a_day && !raised.iter().any(|raised| raised.rule == accepted.rule) {
            let message = "this accepts a warning that there isn't";
            found.push(accepted.place.warning(Rule::NeedlessAccept, message, "delete it"));
        }
    }
    found.extend(raised.into_iter().filter(|raised| !accepted.iter().any(|accepted| accepted.rule == raised.rule)));
}

/// Names and addresses that are no place to send to, or to ask.
fn addresses(owned: &Owned) -> Vec<OfKey> {
    let service = &owned.service.table;
    let mut raised = Vec::new();
    let mut placeholder = |key: &'static str, text: &str, is_reserved: bool| {
        if is_reserved {
            let message = format!("`{key}` is a placeholder: {text} is reserved for examples and tests");
            raised.push((key, (Rule::Placeholder, message, "write a name or address of your own")));
        }
    };
    placeholder("app_id", service.app_id, is_reserved_app_id(service.app_id));
    if let Some(host) = reserved_in(service.controller) {
        placeholder("controller", host, true);
    }
    let urls = [("endpoint", Some(service.endpoint)), ("link", service.link), ("schema_url", Some(owned.schema_url))];
    for (key, url) in urls {
        let Some(Ok(url)) = url.map(|url| Endpoint::parse(&url.replacen("http://", "https://", 1))) else { continue };
        placeholder(key, url.host(), is_reserved(url.host()) && !url.is_loopback());
    }
    // A connection to the unspecified address reaches this machine too.
    let is_unspecified = |host: &str| host.parse().is_ok_and(|address: IpAddr| address.is_unspecified());
    let is_here = |endpoint: Endpoint| endpoint.is_loopback() || is_unspecified(endpoint.bare_host());
    if Endpoint::parse(service.endpoint).is_ok_and(is_here) {
        let message = "`endpoint` is on the machine of whoever runs the program: nothing reaches you".to_owned();
        let help = "write the address of your receiver; `scruple receive` shows records here";
        raised.push(("endpoint", (Rule::Loopback, message, help)));
    }
    raised
}

/// Purposes that are described, and that nothing has.
fn idle_purposes(owned: &Owned) -> Vec<Finding> {
    let used = owned.registry().purposes();
    let described = owned.service.table.purposes.iter().zip(&owned.service.described_at);
    let idle = described.filter(|(purpose, _)| used.iter().all(|used| used.name != purpose.name));
    idle.map(|(purpose, place)| {
        let message = format!("the purpose `{}` is described, and nothing has it", purpose.name);
        place.warning(Rule::Unused, message, "delete it, or write it as the `purpose` of a signal or an attribute")
    })
    .collect()
}

fn loose(service: &Service) -> Option<OfKey> {
    let is_loose = service.retention.is_some() && service.retention_days().is_none();
    is_loose.then(|| {
        let message = "the retention is a sentence, which no tool can keep".to_owned();
        let help = "write a duration, as in `90 days`: `collector-config` and `sql` keep it";
        ("retention", (Rule::LooseRetention, message, help))
    })
}

fn added(service: &Service) -> Option<OfKey> {
    service.table.client_address.then(|| {
        let message =
            "the receiver keeps three octets of the address: a network of 256 connections, which may be one house";
        let help = "leave `client_address` out unless a decision depends on the region";
        ("client_address", (Rule::ClientAddress, message.to_owned(), help))
    })
}

fn followed(service: &Service, resource: &[&Attribute]) -> Option<OfKey> {
    let is_installation = |attribute: &&&Attribute| {
        matches!(attribute.table.treatment, Treatment::Given { source: Source::Installation, .. })
    };
    let id = resource.iter().find(is_installation).filter(|_| service.table.time < TimeResolution::Second);
    id.map(|id| {
        let message =
            format!("`{}` and times finer than a second: who saw the machine then knows its id", id.table.key);
        ("time", (Rule::Followed, message, "write `time: second` or coarser, or leave the id out"))
    })
}

fn about(attribute: &Attribute) -> Vec<Raised> {
    let tables::Attribute { key, brief, treatment, .. } = attribute.table;
    let mut raised: Vec<Raised> = idle(key, brief).into_iter().collect();
    let members = attribute.members.len();
    match treatment {
        Treatment::Sha256 { .. } => {
            let message = format!("`{key}` is a plain SHA-256: whoever guesses the text can confirm it");
            raised.push((Rule::Reversible, message, "use `from: hash` unless others depend on this form"));
        }
        Treatment::Bucket { below, .. } => {
            let singles =
                below.windows(2).filter(|pair| matches!(pair, [one, next] if next.abs_diff(*one) == 1)).count();
            if members > BUCKETS || singles > SINGLES {
                let message = format!("`{key}` has {members} buckets, {singles} of them for one number each");
                raised.push((Rule::FineBucket, message, "keep the bounds that a decision depends on"));
            }
        }
        _ if members > MANY => {
            let message = format!("`{key}` has {members} members: the rare ones are few people's");
            raised.push((Rule::WideEnum, message, "keep those that a decision depends on, and add `otherwise`"));
        }
        _ => {}
    }
    let is_version = matches!(treatment, Treatment::Version) || key == "service.version";
    let examples = attribute.prose.examples.iter().filter(|_| is_version).map(String::as_str);
    let mut long = examples.chain(attribute.values().map(|(value, _)| value));
    if let Some(long) = long.find(|text| is_long(text)) {
        let message = format!("`{key}` tells versions like {long}, whose fourth part names a build");
        let help = match treatment {
            Treatment::Version => "write an example of up to three parts: a longer version is withheld",
            _ => "leave the fourth part out of what is sent",
        };
        raised.push((Rule::LongVersion, message, help));
    }
    raised
}

/// Four numbers or more.
fn is_long(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let release = text.split(['-', '+']).next().unwrap_or_default();
    release.split('.').count() >= 4 && release.split('.').all(number)
}

fn singles_out<'a>(signal: &Signal, attributes: impl Iterator<Item = &'a Attribute>) -> Option<Raised> {
    let mut counted: Vec<(f64, &str)> = attributes.map(|found| (cardinality(found), found.table.key)).collect();
    let bits: f64 = counted.iter().map(|(count, _)| count.log2()).sum();
    if bits <= MOST_BITS {
        return None;
    }
    counted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let most: Vec<String> = counted.iter().take(3).map(|(count, key)| format!("`{key}` ({count})")).collect();
    let (name, most) = (signal.table.name, most.join(", "));
    let message =
        format!("`{name}` can say 2^{bits:.0} different things, enough to single a person out; most by {most}");
    Some((Rule::SinglesOut, message, "use fewer attributes or members, wider buckets, or a lower `max`"))
}

/// How many different values an attribute has, for the warning `singles_out`.
///
/// | treatment | counted as |
/// |---|---|
/// | boolean | 2 |
/// | enum, of texts or integers; bucket, `uri_scheme`, `agent`, a given enum | its members |
/// | `names` | the square of its members: a list mostly holds few of them |
/// | `count` | `max` + 1 |
/// | `version`, `service.version`, `os.version`, `process.runtime.version` | 32 that are in use at a time |
/// | `location` | 1,024 lines that can fail |
/// | `os.type`, `host.arch` without members | 4 |
/// | `hash`, the session's and the installation's id | 1: they tell which records belong together, and not whose they are |
/// | `sha256` | 1: it has a warning of its own |
fn cardinality(attribute: &Attribute) -> f64 {
    /// Versions in use at a time.
    const VERSIONS: f64 = 32.0;
    let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from).max(1.0);
    match attribute.table.treatment {
        Treatment::Boolean => 2.0,
        Treatment::Names { members } => number(members.len()).powi(2).max(2.0),
        // Beyond 2^53 the difference of one is lost, and does not matter.
        Treatment::Count { max } => max as f64 + 1.0,
        Treatment::Version => VERSIONS,
        Treatment::Location { .. } => 1024.0,
        Treatment::Hash | Treatment::Sha256 { .. } => 1.0,
        Treatment::Given { source, members: [] } => match (source, attribute.table.key) {
            (_, "service.version" | "os.version" | "process.runtime.version") => VERSIONS,
            (Source::System, _) => 4.0,
            (Source::App | Source::Session | Source::Installation | Source::Runtime, _) => 1.0,
        },
        Treatment::Enum { members, .. }
        | Treatment::IntegerEnum { members, .. }
        | Treatment::Bucket { members, .. }
        | Treatment::UriScheme { members, .. }
        | Treatment::Agent { members }
        | Treatment::Given { members, .. } => number(members.len()),
    }
}

/// A brief of no other words than the name's, or of none.
fn idle(name: &str, brief: &str) -> Option<Raised> {
    const LATER: [&str; 6] = ["TODO", "FIXME", "TBD", "XXX", "WIP", "N/A"];
    const ARTICLES: [&str; 3] = ["a", "an", "the"];
    let is_word = |word: &&str| !word.is_empty();
    let name_words: BTreeSet<&str> = name.split(['.', '_']).filter(is_word).collect();
    let lower = brief.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(is_word).filter(|word| !ARTICLES.contains(word));
    let is_later = brief.split([' ', ':', '.', ',', '(', ')']).any(|word| LATER.contains(&word));
    let says_nothing = is_later || words.all(|word| name_words.contains(word));
    says_nothing.then(|| {
        let message = format!("the brief of `{name}` says nothing that its name doesn't");
        (
            Rule::IdleBrief,
            message,
            "say what it is and why it is collected: people read this sentence before they agree",
        )
    })
}
