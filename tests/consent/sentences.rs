//! What a person reads about a decision, a loss or an error: each in words of its own, on one line.

use crate::asked::registry::DOCUMENTED;
use crate::variants::{head, variants};
use scruple::consent::{AnswerError, ForeignSession, Informational, OptOutFile, Reason, Vendor};
use scruple::files::FileError;
use scruple::identity::IdentityError;
use scruple::policy::{Narrowing, PolicyRefused};
use scruple::registry::snapshot::{ChangeKind, ParseError, ParseErrorKind};
use scruple::registry::{EndpointError, InvalidRegistry};
use scruple::spool::Loss;
use scruple::testing::Rehearsal;
use scruple::upload::report::UploadEnd;
use scruple::upload::run::NetworkConfigError;
use scruple::upload::{LineError, LineRefused};
use scruple::{DropReason, Format, NotStored};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::io::ErrorKind;
use std::path::PathBuf;

/// Checks the words for these values of a type, which are all that its source declares.
#[track_caller]
fn check<T: Debug + Display>(name: &str, source: &str, values: &[T]) {
    let words: Vec<_> = values.iter().map(|value| (format!("{value:?}"), value.to_string())).collect();
    check_words(name, source, &words);
}

/// The same for values and their words.
#[track_caller]
fn check_words(name: &str, source: &str, words: &[(String, String)]) {
    let has: BTreeSet<_> = words.iter().map(|(value, _)| head(value)).collect();
    assert_eq!(has, variants(source, name).into_iter().collect(), "the variants of {name}");
    for (value, words) in words {
        let is_line = !words.is_empty() && !words.chars().any(char::is_control) && words.trim() == words;
        assert!(is_line && !words.ends_with('.'), "{value} is part of a line: {words:?}");
    }
    let different: BTreeSet<_> = words.iter().map(|(_, words)| words).collect();
    assert_eq!(different.len(), words.len(), "two values of {name} have the same words");
}

const FILES: [FileError; 15] = [
    FileError::Platform,
    FileError::Denied,
    FileError::Link,
    FileError::DanglingLink,
    FileError::NotAFile,
    FileError::NotAFolder,
    FileError::TooLarge,
    FileError::Owner,
    FileError::OthersWrite,
    FileError::OthersRead,
    FileError::ReadOnly,
    FileError::Full,
    FileError::Busy,
    FileError::Closed,
    FileError::System(ErrorKind::NotFound),
];

const REASONS: [Reason; 44] = [
    Reason::NoTransport,
    Reason::BuiltOff,
    Reason::Platform,
    Reason::Session(ForeignSession::Elevated),
    Reason::OptOutVariable("WORDS_OPTOUT"),
    Reason::TelemetryVariable("WORDS_TELEMETRY"),
    Reason::DoNotTrack,
    Reason::OtelSdkDisabled,
    Reason::Organisation(OptOutFile::No),
    Reason::Organisation(OptOutFile::Unreadable(FileError::Denied)),
    Reason::Organisation(OptOutFile::OtherPurposes),
    Reason::Project(OptOutFile::No),
    Reason::Project(OptOutFile::Nowhere),
    Reason::Ci(Vendor::GitHubActions),
    Reason::Informational(Informational::Help),
    Reason::Answer(AnswerError::Newer),
    Reason::SaidNo,
    Reason::SaidYes,
    Reason::Told,
    Reason::AgreedInPart(ChangeKind::Member),
    Reason::Documented,
    Reason::Given,
    Reason::Rehearsal,
    Reason::NoPurpose,
    Reason::Expired,
    Reason::LatestTime,
    Reason::Undecided,
    Reason::Waiting,
    Reason::ClockBehind,
    Reason::Wider(ChangeKind::Member),
    Reason::Endpoint(EndpointError::Plaintext),
    Reason::Registry(InvalidRegistry::AppId),
    Reason::NeedsMoreThanDocumentation,
    Reason::Twice,
    Reason::BeyondLoopback,
    Reason::NoRandom,
    Reason::Identity(IdentityError::Malformed),
    Reason::Spool(FileError::ReadOnly),
    Reason::Uploader,
    Reason::NoExporter,
    Reason::PolicyAddress(EndpointError::Query),
    Reason::PolicyNotAsked,
    Reason::Disabled,
    Reason::OffUntilRestart,
];

#[test]
fn each_reason_of_a_decision_has_words_of_its_own() {
    check("Reason", include_str!("../../src/consent/decision.rs"), &REASONS);
    // What it refers to is named.
    for (reason, what) in [
        (Reason::Session(ForeignSession::Elevated), ForeignSession::Elevated.to_string()),
        (Reason::OptOutVariable("WORDS_OPTOUT"), "WORDS_OPTOUT".to_owned()),
        (Reason::TelemetryVariable("WORDS_TELEMETRY"), "WORDS_TELEMETRY".to_owned()),
        (Reason::Organisation(OptOutFile::Nowhere), OptOutFile::Nowhere.to_string()),
        (Reason::Project(OptOutFile::Unreadable(FileError::Link)), FileError::Link.to_string()),
        (Reason::Ci(Vendor::GitHubActions), Vendor::GitHubActions.to_string()),
        (Reason::Informational(Informational::Help), Informational::Help.to_string()),
        (Reason::Answer(AnswerError::File(FileError::Denied)), FileError::Denied.to_string()),
        (Reason::Endpoint(EndpointError::Plaintext), EndpointError::Plaintext.to_string()),
        (Reason::Registry(InvalidRegistry::AppId), InvalidRegistry::AppId.to_string()),
        (Reason::Identity(IdentityError::File(FileError::Owner)), FileError::Owner.to_string()),
        (Reason::Spool(FileError::ReadOnly), FileError::ReadOnly.to_string()),
        (Reason::PolicyAddress(EndpointError::Query), EndpointError::Query.to_string()),
    ] {
        assert!(reason.to_string().contains(&what), "{reason}: {what}");
    }
}

#[test]
fn what_a_reason_refers_to_has_words_of_its_own() {
    let sessions = [
        ForeignSession::SetUid,
        ForeignSession::Elevated,
        ForeignSession::NoHome,
        ForeignSession::HomeOfAnother,
        ForeignSession::HomeElsewhere,
    ];
    let facts = include_str!("../../src/consent/facts.rs");
    check("ForeignSession", facts, &sessions);
    let runs = [Informational::Help, Informational::Version, Informational::Nothing, Informational::Telemetry];
    check("Informational", facts, &runs);
    let answers =
        [AnswerError::File(FileError::Denied), AnswerError::Malformed, AnswerError::Newer, AnswerError::AnotherApp];
    check("AnswerError", include_str!("../../src/consent/stored.rs"), &answers);
    let identities = [IdentityError::File(FileError::Owner), IdentityError::Malformed, IdentityError::Newer];
    check("IdentityError", include_str!("../../src/identity/stored.rs"), &identities);
    check("FileError", include_str!("../../src/files.rs"), &FILES);
}

#[test]
fn each_error_in_a_registry_has_words_of_its_own() {
    let tables = [
        InvalidRegistry::AppId,
        InvalidRegistry::Attributes,
        InvalidRegistry::Signals,
        InvalidRegistry::Uses,
        InvalidRegistry::Expiry,
        InvalidRegistry::Purposes,
        InvalidRegistry::Members,
        InvalidRegistry::Bounds,
        InvalidRegistry::TooMany,
    ];
    check("InvalidRegistry", include_str!("../../crates/registry/src/invalid.rs"), &tables);
    let endpoints = [
        EndpointError::Scheme,
        EndpointError::Credentials,
        EndpointError::Host,
        EndpointError::Port,
        EndpointError::Path,
        EndpointError::Query,
        EndpointError::Fragment,
        EndpointError::Plaintext,
    ];
    check("EndpointError", include_str!("../../crates/registry/src/endpoint.rs"), &endpoints);
    let errors = [
        ParseErrorKind::Unfinished,
        ParseErrorKind::Version,
        ParseErrorKind::Order,
        ParseErrorKind::Unknown,
        ParseErrorKind::Double,
        ParseErrorKind::Missing,
        ParseErrorKind::Undeclared,
        ParseErrorKind::Misfit,
    ];
    let source = include_str!("../../crates/registry/src/snapshot/parse_error.rs");
    let words = errors.map(|why| (format!("{why:?}"), ParseError { line: 3, why }.to_string()));
    check_words("ParseErrorKind", source, &words);
}

#[test]
fn each_end_of_an_upload_and_each_loss_has_words_of_its_own() {
    check("DropReason", include_str!("../../src/privacy/drops.rs"), &DropReason::ALL);
    let losses: Vec<_> = Loss::all().collect();
    check("Loss", include_str!("../../src/spool/losses.rs"), &losses);
    let codes: BTreeSet<_> = losses.iter().map(|loss| loss.code()).collect();
    assert_eq!(codes.len(), losses.len(), "two losses have the same code");
    check("UploadEnd", include_str!("../../src/upload/report.rs"), &UploadEnd::ALL);
    let codes: BTreeSet<_> = UploadEnd::ALL.into_iter().map(UploadEnd::code).collect();
    assert_eq!(codes.len(), UploadEnd::ALL.len(), "two ends have the same code");
}

#[test]
fn each_reason_to_send_nothing_has_words_of_its_own() {
    let refused = include_str!("../../src/policy/refused.rs");
    check("PolicyRefused", refused, &PolicyRefused::ALL);
    check("Narrowing", include_str!("../../src/policy/narrow.rs"), &Narrowing::ALL);
    let network = [
        NetworkConfigError::Certificate,
        NetworkConfigError::File(FileError::NotAFile),
        NetworkConfigError::NoCertificate,
        NetworkConfigError::Proxy,
        NetworkConfigError::EncryptedProxy,
        NetworkConfigError::NoProxy,
    ];
    check("NetworkConfigError", include_str!("../../src/upload/run/end.rs"), &network);
    let lines = [
        LineError::TooLong,
        LineError::NotUtf8,
        LineError::Shape,
        LineError::Name,
        LineError::Number,
        LineError::Id,
        LineError::Text,
        LineError::TooMany,
        LineError::Order,
    ];
    check("LineError", include_str!("../../src/upload/line.rs"), &lines);
    // A line of another program, one that may not be sent, and one that is neither.
    let foreign = lines.map(LineRefused::Foreign).into_iter();
    let withheld = DropReason::ALL.map(LineRefused::Withheld).into_iter();
    let refused: Vec<_> = foreign.chain(withheld).chain([LineRefused::Contradicted]).collect();
    check("LineRefused", include_str!("../../src/upload.rs"), &refused);
}

#[test]
fn an_error_of_the_system_is_named_by_what_it_means() {
    // Windows API, "System Error Codes".
    #[cfg(windows)]
    let numbers = [
        (2, FileError::System(ErrorKind::NotFound)),
        (5, FileError::Denied),
        (19, FileError::ReadOnly),
        (32, FileError::Busy),
        (39, FileError::Full),
        (112, FileError::Full),
        (267, FileError::NotAFolder),
    ];
    #[cfg(unix)]
    let numbers = [
        (libc::EACCES, FileError::Denied),
        (libc::EPERM, FileError::Denied),
        (libc::ENOTDIR, FileError::NotAFolder),
        (libc::EISDIR, FileError::NotAFile),
        (libc::EROFS, FileError::ReadOnly),
        (libc::ENOSPC, FileError::Full),
        (libc::EDQUOT, FileError::Full),
        (libc::EAGAIN, FileError::Busy),
        (libc::EBUSY, FileError::Busy),
        (libc::EBADF, FileError::Closed),
        (libc::ENOENT, FileError::System(ErrorKind::NotFound)),
    ];
    for (number, expected) in numbers {
        assert_eq!(FileError::from(std::io::Error::from_raw_os_error(number)), expected, "{number}");
    }
}

#[test]
fn each_refusal_of_an_answer_has_words_of_its_own() {
    let file = PathBuf::from("/home/person/telemetry.toml");
    let refusals = [
        NotStored::CannotSend(Reason::BuiltOff),
        NotStored::Session(ForeignSession::Elevated),
        NotStored::Nowhere,
        NotStored::Purpose("fun".to_owned(), vec!["failures", "usage"]),
        NotStored::Answer(file.clone(), AnswerError::Newer),
        NotStored::Answer(file.clone(), AnswerError::File(FileError::Denied)),
        NotStored::No(file.clone(), AnswerError::File(FileError::Full), "WORDS_OPTOUT"),
        NotStored::ClockBehind,
        NotStored::State(file, FileError::Owner),
        NotStored::UnderWay,
    ];
    check("NotStored", include_str!("../../src/pipeline/choice.rs"), &refusals);
    for refusal in &refusals {
        let (text, debug) = (refusal.to_string(), format!("{refusal:?}"));
        assert_eq!(text.contains("/home/person/telemetry.toml"), debug.contains("/home/person"), "{text}");
    }
    let unwritten = NotStored::No("/home".into(), AnswerError::File(FileError::Full), "WORDS_OPTOUT").to_string();
    assert!(unwritten.contains("WORDS_OPTOUT=1") && unwritten.contains(&FileError::Full.to_string()), "{unwritten}");
}

#[test]
fn the_status_counts_each_loss_and_each_dropped_thing_apart() {
    let rehearsal = scruple::start(&DOCUMENTED).rehearsal(Rehearsal::new());
    let mut status = rehearsal.export(scruple::Exporter::requests(Format::Json, |_, _| ())).build().status();
    status.lost = (100..).zip(Loss::all()).map(|(count, loss)| (loss, count)).collect();
    status.withheld = (200..).zip(DropReason::ALL).map(|(count, why)| (why, count)).collect();
    let text = status.to_string();
    let json: Value = serde_json::from_str(&status.to_json()).unwrap();
    for (loss, count) in &status.lost {
        assert!(text.contains(&format!("\n  lost        {count} {loss}\n")), "{loss:?}: {text}");
        assert_eq!(json["lost"][loss.code()], *count, "{loss:?}: {json}");
    }
    for (why, count) in &status.withheld {
        assert!(text.contains(&format!("\n  withheld    {count} times: {why}\n")), "{why:?}: {text}");
        assert_eq!(json["withheld"][why.to_string()], *count, "{why:?}: {json}");
    }
}
