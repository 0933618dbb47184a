//! Treatments in plain words, and a value of each as it is sent.

use scruple::registry::{self as tables, Normalize, Rotation, Source, Treatment};

use crate::registry::{Attribute, Owned};

/// What a type is, after its name.
pub fn meaning(treatment: &Treatment<'_>) -> String {
    match (treatment, treatment.members().len()) {
        (Treatment::Boolean, _) => ", which is true or false".to_owned(),
        (Treatment::Count { .. }, _) => ", a whole number".to_owned(),
        (Treatment::Names { members }, _) => format!(", a list of names out of {}", members.len()),
        (_, 0) => ", a text".to_owned(),
        (_, 1) => ", the one value below".to_owned(),
        (_, members) => format!(", one of the {members} values below"),
    }
}

/// What happens to a value that `subject`, the program or the library, records.
pub fn treatment(owned: &Owned, subject: &str, attribute: &tables::Attribute<'_>) -> String {
    let value = |members: &[&str], index: Option<u16>| {
        index.and_then(|index| members.get(usize::from(index))).map(|member| format!("“{member}”"))
    };
    match attribute.treatment {
        Treatment::Boolean => "True or false; anything else is left out.".to_owned(),
        Treatment::Enum { members, otherwise } | Treatment::IntegerEnum { members, otherwise } => {
            match value(members, otherwise) {
                Some(other) => {
                    format!("One of the values below, exactly as it is written; anything else becomes {other}.")
                }
                None => "One of the values below, exactly as it is written; anything else is left out.".to_owned(),
            }
        }
        Treatment::Bucket { .. } => "The range that a number falls in, and not the number.".to_owned(),
        Treatment::UriScheme { members, otherwise, absent } => {
            let mut text =
                "The scheme of an address, the part before its colon; its host, path, user and password are \
                            not sent."
                    .to_owned();
            if members.contains(&"file") {
                text.push_str(" A path becomes “file”.");
            }
            match value(members, otherwise) {
                Some(other) => text.push_str(&format!(" Any other scheme becomes {other}.")),
                None => text.push_str(" Any other scheme is left out."),
            }
            value(members, absent).iter().for_each(|absent| text.push_str(&format!(" No address is {absent}.")));
            text
        }
        Treatment::Agent { .. } => {
            format!(
                "Found out from the variables that coding agents set; no value of a variable is sent, and the {subject} \
                 records nothing."
            )
        }
        Treatment::Names { .. } => {
            "The names of a list that are below, sorted, each once; anything else is left out.".to_owned()
        }
        Treatment::Count { max } => {
            format!("A number from 0 to {}; a larger one is sent as {0}, a negative one as 0.", number(max))
        }
        Treatment::Hash => format!(
            "A keyed hash (HMAC-SHA-256) and not the value. The key is random, never leaves the machine, and {}; \
             without it a value can't be found by trying.",
            rotated(owned.service.table.rotate)
        ),
        Treatment::Sha256 { normalize } => {
            let how = match normalize {
                Normalize::None => "",
                Normalize::Lower => ", in lower case,",
                Normalize::Upper => ", in upper case,",
            };
            format!(
                "A plain SHA-256 of the value{how} and not the value. It has no key: a guess of the value can be \
                 confirmed, and it is the same everywhere."
            )
        }
        Treatment::Version => {
            "Up to three numbers, and whether it is a pre-release, as in 1.2.3-rc; anything else is left out."
                .to_owned()
        }
        Treatment::Location { .. } => {
            "A file of the program's own source and a line that it has, out of a list that was made \
                                when the program was built; any other place is left out."
                .to_owned()
        }
        Treatment::Given { source, .. } => given(owned, subject, attribute, source),
    }
}

fn given(owned: &Owned, subject: &str, attribute: &tables::Attribute<'_>, source: Source) -> String {
    match (source, attribute.key) {
        (Source::App, "service.name") => format!("Always “{}”.", owned.service.table.name),
        (Source::App, _) => format!("The version of the {subject}."),
        (Source::Session, _) => {
            format!("A random id, new in every process. One that the {subject} itself starts may be given the same.")
        }
        (Source::Installation, _) => format!(
            "An id made from random bytes that are kept on the machine, and from nothing about it or you. It {}.",
            rotated(owned.service.table.rotate)
        ),
        (Source::System, "os.type") => "The name of the operating system.".to_owned(),
        (Source::System, "host.arch") => format!("The architecture that the {subject} was built for."),
        (Source::System, _) => "The first two numbers of the operating system's version.".to_owned(),
        (Source::Runtime, "process.runtime.name") => "Always “rustc”.".to_owned(),
        (Source::Runtime, _) => format!("The version of the compiler that the {subject} was built with."),
    }
}

fn rotated(rotation: Rotation) -> &'static str {
    match rotation {
        Rotation::Daily => "is replaced every day",
        Rotation::Monthly => "is replaced every 30 days",
        Rotation::Yearly => "is replaced every 365 days",
        Rotation::Never => "stays the same",
    }
}

/// For how long two records can be told to be of the same machine.
pub fn linked(owned: &Owned) -> String {
    let any = |links: fn(&Treatment<'_>) -> bool| owned.attributes.iter().any(|found| links(&found.table.treatment));
    let lasts =
        any(|treatment| matches!(treatment, Treatment::Hash | Treatment::Given { source: Source::Installation, .. }));
    let session = any(|treatment| matches!(treatment, Treatment::Given { source: Source::Session, .. }));
    let plain = any(|treatment| matches!(treatment, Treatment::Sha256 { .. }));
    let mut text = match (lasts, session) {
        (true, _) => {
            let period = match owned.service.table.rotate {
                Rotation::Daily => "For a day",
                Rotation::Monthly => "For 30 days",
                Rotation::Yearly => "For 365 days",
                Rotation::Never => "Permanently",
            };
            let then = if owned.service.table.rotate == Rotation::Never { "never replaced" } else { "replaced then" };
            format!("{period}: random ids and the keys of hashes are {then}.")
        }
        (false, true) => "Within one process; the next has another random id.".to_owned(),
        (false, false) => "No random id links one run to another.".to_owned(),
    };
    if plain {
        text.push_str(" A plain SHA-256 of the same value stays the same.");
    }
    text
}

/// A value as it is sent: the registry's own example, else one that is made up.
pub fn example(owned: &Owned, attribute: &Attribute) -> String {
    if let Some(example) = &attribute.prose.example {
        return example.clone();
    }
    let table = &attribute.table;
    if let Some(member) = table.treatment.members().first() {
        return (*member).to_owned();
    }
    match table.treatment {
        Treatment::Boolean => "true".to_owned(),
        Treatment::Count { max } => 3.min(max).to_string(),
        Treatment::Hash => "5e884898da28047151d0e56f8dc62927".to_owned(),
        Treatment::Sha256 { .. } => "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        Treatment::Version => "1.2.3".to_owned(),
        Treatment::Location { .. } => "src/main.rs:42".to_owned(),
        Treatment::Given { source, .. } => match (source, table.key) {
            (Source::App, "service.name") => owned.service.table.name.to_owned(),
            (Source::App, _) => "1.2.3".to_owned(),
            (Source::Session, _) => "8f4e2a37-1b5d-4c0a-9e6f-7d2b3c4a5e61".to_owned(),
            (Source::Installation, _) => "627cc493-f310-87de-96bd-71410b7dec09".to_owned(),
            (Source::System, "os.type") => "linux".to_owned(),
            (Source::System, "host.arch") => "amd64".to_owned(),
            (Source::System, _) => "6.12".to_owned(),
            (Source::Runtime, "process.runtime.name") => "rustc".to_owned(),
            (Source::Runtime, _) => "1.89.0".to_owned(),
        },
        // Those with members had one above.
        Treatment::Enum { .. }
        | Treatment::IntegerEnum { .. }
        | Treatment::Bucket { .. }
        | Treatment::UriScheme { .. }
        | Treatment::Agent { .. }
        | Treatment::Names { .. } => String::new(),
    }
}

/// A number with a comma before each three digits.
pub fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
