//! What a person is shown of a registry before anything is recorded: each attribute with what it may be.

use crate::otlp::tables::REGISTRIES;
use scruple::encode::Format;
use scruple::registry::{Normalize, ProgramSettings, Registry, Source, SourceFile, Treatment};
use scruple::testing::Rehearsal;
use scruple::{Builder, Preset, Wait};
use scruple_fixtures::tables::service;

/// The page of a program with these registries, and with what its author opted in to.
fn page(opt_in: Option<&str>) -> String {
    let [program, library]: [&'static Registry<'static>; 2] = REGISTRIES;
    let builder = scruple::start(program).library(library).rehearsal(Rehearsal::new());
    let builder = opt_in.into_iter().fold(builder, |builder, key| builder.opt_in(key));
    builder.export(scruple::Exporter::requests(Format::Json, |_, _| ())).build().show(false)
}

#[test]
fn each_attribute_of_each_signal_is_shown_with_what_it_may_be() {
    let page = page(None);
    for line in [
        "span mlnet.command: One run of a command.",
        "    begin and end = to the second",
        "    mlnet.agent = none | other",
        "    mlnet.argument.names = any of --dataset, --label-col, --train-time",
        "    mlnet.ci = true | false",
        "    mlnet.compiler = a version",
        "    mlnet.dataset.name = a keyed hash (only if asked for)",
        "    mlnet.dataset.size = <1KiB | <1MiB | >=1MiB",
        "    mlnet.device = a hash that can be guessed",
        "    mlnet.panic.location = a line of the program's own code",
        "    mlnet.task = classification | regression",
        "    mlnet.tracking.scheme = file | https | custom_scheme | None",
        "    process.exit.code = 0 to 255",
        "event mlnet.crash: The program panicked.",
        "    time = to the minute",
        "span lib.query: One query.",
        "    begin and end = to the millisecond",
        "    lib.rows = 0 to 1000",
        // The resource: what is known here, and what is not.
        "    session.id = a random id, new in every process",
        "    service.instance.id = a random id of this installation, made when it is on",
        "    process.runtime.name = rustc",
        "    service.version = 1.2.3",
    ] {
        assert!(page.lines().any(|found| found == line), "{line:?} is not in\n{page}");
    }
    // Each attribute of a signal once, however often it is declared elsewhere.
    for registry in REGISTRIES {
        for signal in registry.spans.iter().chain(registry.events) {
            let keys = signal.attributes.iter().map(|used| registry.attribute(used.attribute).unwrap().key);
            let (_, own) = page.split_once(&format!(" {}: ", signal.name)).expect("it is shown");
            let own = own.split("\n\n").next().unwrap();
            assert_eq!(
                own.lines().filter(|line| line.contains('.') && line.starts_with("    ")).count(),
                keys.clone().count()
            );
            keys.for_each(|key| assert_eq!(own.matches(&format!("    {key} = ")).count(), 1, "{key}: {own}"));
        }
    }
}

#[test]
fn an_attribute_that_the_author_opted_in_to_is_shown_as_sent() {
    let page = page(Some("mlnet.dataset.name"));
    assert!(page.contains("    mlnet.dataset.name = a keyed hash\n"), "{page}");
    assert!(!page.contains("only if asked for"), "{page}");
}

#[test]
fn each_treatment_has_words_of_its_own() {
    let given = |source| Treatment::Given { source, members: &[] };
    let words = [
        Treatment::Boolean,
        Treatment::Count { max: 9 },
        Treatment::Hash,
        Treatment::Sha256 { normalize: Normalize::None },
        Treatment::Version,
        Treatment::Location { files: &[SourceFile::new("src/main.rs", 1)], root: "/build" },
        Treatment::Names { members: &["a", "b"] },
        Treatment::Enum { members: &["a", "b"], otherwise: None },
        Treatment::IntegerEnum { members: &["1", "2"], otherwise: None },
        given(Source::App),
        given(Source::Session),
        given(Source::Installation),
        given(Source::System),
        given(Source::Runtime),
    ]
    .map(|treatment| treatment.to_string());
    let different: std::collections::BTreeSet<_> = words.iter().collect();
    assert_eq!(different.len(), words.len(), "{words:#?}");
}

/// A program whose registry has all settings.
static SAID: Registry<'static> = Registry::new(
    "https://telemetry.example.com/schemas/said/1.0.0",
    service("com.example.said", "said").settings(
        ProgramSettings::new()
            .preset(Preset::FirstRun(Wait::NextRun))
            .command("said telemetry")
            .telemetry_variable("SAID")
            .opt_out_variables(&["SAID_OFF"]),
    ),
);

fn notice(builder: Builder) -> String {
    let exporter = scruple::Exporter::requests(Format::Json, |_, _| ());
    let telemetry = builder.rehearsal(Rehearsal::new()).export(exporter).build();
    let text = telemetry.notice().text().to_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_program_has_the_settings_of_its_registry_unless_its_code_has_others() {
    let text = notice(scruple::start(&SAID));
    for part in [
        "said reports how it is used, unless you say no.",
        "To say no `said telemetry off`, or set SAID=0, SAID_OFF=1 or DO_NOT_TRACK=1",
        "When Nothing is recorded in this run.",
        "To look `said telemetry show`, or set SAID=log",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(scruple::start(&SAID).differences(), [""; 0]);
    let other = || {
        let builder = scruple::start(&SAID).preset(Preset::OptIn).notice_command("other telemetry");
        builder.telemetry_variable("OTHER").opt_out_variable("OTHER_OFF").endpoint("http://127.0.0.1:9")
    };
    let text = notice(other());
    for part in [
        "said asks to report how it is used, and reports nothing before a yes.",
        "To say no `other telemetry off`, or set OTHER=0, SAID_OFF=1, OTHER_OFF=1 or DO_NOT_TRACK=1",
        "To say yes `other telemetry on`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let endpoint = SAID.service.endpoint;
    let expected = [
        "preset: opt-in in the code, next-run in the registry",
        "command: other telemetry in the code, said telemetry in the registry",
        "telemetry_variable: OTHER in the code, SAID in the registry",
        "opt_out_variables: SAID_OFF, OTHER_OFF in the code, SAID_OFF in the registry",
        &format!("endpoint: http://127.0.0.1:9 in the code, {endpoint} in the registry"),
    ];
    assert_eq!(other().differences(), expected);
    // A place goes before a command.
    let text = notice(scruple::start(&SAID).notice_place("Settings > Privacy"));
    assert!(text.contains("To say no Settings > Privacy, or set SAID=0"), "{text}");
    assert_eq!(
        scruple::start(&SAID).notice_place("Settings > Privacy").differences(),
        ["place: Settings > Privacy in the code, none in the registry"]
    );
}
