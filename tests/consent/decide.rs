//! Consent: who wins, and how the environment is read, each sign of continuous integration by a real process.

use proptest::prelude::*;
use scruple::consent::{
    AnswerError, CI, EnvRule, Facts, ForeignSession, Informational, Mode, NoticeState, OptOutFile, Preset, PurposeSet,
    Reason, Stored, Vendor, Wait, decide,
};
use scruple::files::FileError;
use scruple::registry::snapshot::ChangeKind;
use scruple_fixtures::process;
use scruple_fixtures::tables::service;

/// Facts of which none says anything.
pub(super) const SILENT: Facts = Facts {
    built_off: false,
    transport: true,
    platform: true,
    session: None,
    opt_out: None,
    telemetry: None,
    log: false,
    do_not_track: false,
    otel_sdk_disabled: false,
    organisation: None,
    project: None,
    ci: None,
    informational: None,
    only: PurposeSet::ALL,
    stored: Stored { unusable: None, no: false, yes: None, told: None, part: None, only: PurposeSet::ALL },
    preset: Preset::OptIn,
    rehearsal: false,
};

/// One source that says something.
pub(super) struct Row {
    /// As the list in the module's documentation begins it.
    documented: &'static str,
    /// What it says, as a person would put it.
    pub(super) sentence: &'static str,
    pub(super) say: fn(&mut Facts),
    mode: Mode,
    pub(super) because: Reason,
}

/// Every source with everything that it can say, in the order of the list.
#[rustfmt::skip]
pub(super) const SOURCES: &[Row] = &[
    row("compiled out", "it was built with SCRUPLE_OFF", |f| f.built_off = true, Mode::Off, Reason::BuiltOff),
    row("compiled out", "this build has no transport", |f| f.transport = false, Mode::Off, Reason::NoTransport),
    row("a rehearsal", "it is a rehearsal", |f| f.rehearsal = true, Mode::On, Reason::Rehearsal),
    row("not the person's own session", "this platform's sessions are not known", |f| f.platform = false, Mode::Off, Reason::Platform),
    row("not the person's own session", "it runs under sudo", |f| f.session = Some(ForeignSession::Elevated), Mode::Off, Reason::Session(ForeignSession::Elevated)),
    row("the program's opt-out variables", "the program's variable says no", |f| f.opt_out = Some("OPTOUT"), Mode::Off, Reason::OptOutVariable("OPTOUT")),
    row("the program's telemetry variable", "the telemetry variable says no", |f| f.telemetry = Some("TELEMETRY"), Mode::Off, Reason::TelemetryVariable("TELEMETRY")),
    row("`DO_NOT_TRACK`", "DO_NOT_TRACK says no", |f| f.do_not_track = true, Mode::Off, Reason::DoNotTrack),
    row("`OTEL_SDK_DISABLED", "OTEL_SDK_DISABLED is true", |f| f.otel_sdk_disabled = true, Mode::Off, Reason::OtelSdkDisabled),
    row("the organisation's file", "the organisation says no", |f| f.organisation = Some(OptOutFile::No), Mode::Off, Reason::Organisation(OptOutFile::No)),
    row("the project's file", "the project says no", |f| f.project = Some(OptOutFile::No), Mode::Off, Reason::Project(OptOutFile::No)),
    row("continuous integration", "it runs in continuous integration", |f| f.ci = Some(Vendor::Jenkins), Mode::Off, Reason::Ci(Vendor::Jenkins)),
    row("a run that asks only", "the run only asks for help", |f| f.informational = Some(Informational::Help), Mode::Off, Reason::Informational(Informational::Help)),
    row("the stored answer is no, or can't be read", "the answers can't be read", |f| f.stored.unusable = Some(AnswerError::Malformed), Mode::Off, Reason::Answer(AnswerError::Malformed)),
    row("the stored answer is no, or can't be read", "the person said no", |f| f.stored.no = true, Mode::Off, Reason::SaidNo),
    row("no purpose in common", "the organisation agrees to another purpose than the person", |f| (f.only, f.stored.only) = (PurposeSet::of_bits(1), PurposeSet::of_bits(2)), Mode::Off, Reason::NoPurpose),
    row("the stored answer is yes", "the person said yes to this", |f| f.stored.yes = Some(Ok(())), Mode::On, Reason::SaidYes),
    row("a notice was shown", "the person was told of this a day ago", |f| (f.preset, f.stored.told) = (FIRST_RUN, Some(NoticeState::Over)), Mode::On, Reason::Told),
    row("documented", "a library's documentation says it", |f| f.preset = Preset::Documented, Mode::On, Reason::Documented),
    row("given", "the program's settings hold the yes", |f| f.preset = Preset::OperatorConsent, Mode::On, Reason::Given),
    row("agreed to in part", "the person said yes to a part", |f| f.stored.part = Some(ChangeKind::Member), Mode::On, Reason::AgreedInPart(ChangeKind::Member)),
    row("undecided", "the person was told of this an hour ago", |f| (f.preset, f.stored.told) = (FIRST_RUN, Some(NoticeState::Waiting)), Mode::Undecided, Reason::Waiting),
    row("undecided", "the clock is behind the build", |f| (f.preset, f.stored.told) = (FIRST_RUN, Some(NoticeState::ClockBehind)), Mode::Undecided, Reason::ClockBehind),
    row("undecided", "the person said yes to less", |f| f.stored.yes = Some(Err(ChangeKind::Member)), Mode::Undecided, Reason::Wider(ChangeKind::Member)),
    row("undecided", "nobody was asked", |_| {}, Mode::Undecided, Reason::Undecided),
];

const FIRST_RUN: Preset = Preset::FirstRun(Wait::Day);

const fn row(
    documented: &'static str,
    sentence: &'static str,
    say: fn(&mut Facts),
    mode: Mode,
    because: Reason,
) -> Row {
    Row { documented, sentence, say, mode, because }
}

#[test]
fn of_two_sources_the_first_of_the_list_decides() {
    for (first, winner) in SOURCES.iter().enumerate() {
        for loser in &SOURCES[first..] {
            let mut facts = SILENT;
            // The later one first: what both set, such as the preset, is the winner's.
            (loser.say)(&mut facts);
            (winner.say)(&mut facts);
            let decision = decide(&facts);
            let expected = (winner.mode, winner.because);
            assert_eq!((decision.mode, decision.reason), expected, "{}, and {}", winner.sentence, loser.sentence);
        }
    }
}

#[test]
fn the_list_in_the_documentation_is_the_order_of_the_code() {
    let text = include_str!("../../src/consent.rs");
    let numbered = text.lines().filter_map(|line| line.strip_prefix("//! "));
    let items: Vec<_> = numbered
        .filter_map(|line| {
            line.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok()).map(|(_, item)| item)
        })
        .collect();
    let mut documented: Vec<_> = SOURCES.iter().map(|row| row.documented).collect();
    documented.dedup();
    assert_eq!(items.len(), documented.len(), "{items:#?}");
    for (item, documented) in items.iter().zip(documented) {
        assert!(item.starts_with(documented), "{item:?} is not {documented:?}");
    }
}

#[test]
fn without_a_yes_nothing_is_recorded() {
    assert_eq!(decide(&SILENT).mode, Mode::Undecided);
    for told in
        [NoticeState::Over, NoticeState::Waiting, NoticeState::ClockBehind, NoticeState::Wider(ChangeKind::Signal)]
    {
        // A notice is no yes where the program promised to wait for one.
        let stored = Stored { told: Some(told), ..Stored::default() };
        assert_eq!(decide(&Facts { stored, ..SILENT }).reason, Reason::Undecided);
    }
}

#[test]
fn log_prints_instead_of_sending_and_removes_no_no() {
    for row in SOURCES {
        let mut facts = Facts { log: true, ..SILENT };
        (row.say)(&mut facts);
        let mode = if row.mode == Mode::Off { Mode::Off } else { Mode::Log };
        assert_eq!((decide(&facts).mode, decide(&facts).reason), (mode, row.because), "{}", row.sentence);
    }
}

#[test]
fn a_rehearsal_reads_no_environment_and_needs_an_exporter() {
    let noes = Facts { do_not_track: true, ci: Some(Vendor::Generic), rehearsal: true, ..SILENT };
    assert_eq!(decide(&noes).reason, Reason::Rehearsal);
    assert_eq!(decide(&Facts { transport: false, ..noes }).mode, Mode::Off);
    assert_eq!(decide(&Facts { built_off: true, ..noes }).mode, Mode::Off);
}

fn any_word() -> impl Strategy<Value = Option<OptOutFile>> {
    let words = vec![
        OptOutFile::No,
        OptOutFile::Unreadable(FileError::Denied),
        OptOutFile::Unreadable(FileError::Link),
        OptOutFile::Nowhere,
    ];
    prop::option::of(prop::sample::select(words))
}

/// All of two purposes or some, most often all.
fn any_purposes() -> impl Strategy<Value = PurposeSet> {
    let some = (0..4_u64).prop_map(PurposeSet::of_bits);
    (prop::bool::weighted(0.8), some).prop_map(|(all, some)| if all { PurposeSet::ALL } else { some })
}

fn any_stored() -> impl Strategy<Value = Stored> {
    let unusable =
        vec![AnswerError::Malformed, AnswerError::Newer, AnswerError::AnotherApp, AnswerError::File(FileError::Owner)];
    let covers = prop::sample::select(vec![Ok(()), Err(ChangeKind::Signal), Err(ChangeKind::Controller)]);
    let told = prop::sample::select(vec![
        NoticeState::Over,
        NoticeState::Waiting,
        NoticeState::ClockBehind,
        NoticeState::Wider(ChangeKind::Time),
    ]);
    let parts = (
        prop::option::weighted(0.1, prop::sample::select(unusable)),
        prop::bool::weighted(0.1),
        prop::option::of(covers),
        prop::option::of(told),
        prop::option::of(prop::sample::select(vec![ChangeKind::Signal, ChangeKind::Time])),
        any_purposes(),
    );
    parts.prop_map(|(unusable, no, yes, told, part, only)| Stored { unusable, no, yes, told, part, only })
}

prop_compose! {
    pub(super) fn any_facts()(
        noes in prop::collection::vec(prop::bool::weighted(0.05), SOURCES.len()),
        only in any_purposes(),
        organisation in any_word(),
        project in any_word(),
        stored in any_stored(),
        preset in prop::sample::select(vec![Preset::OptIn, FIRST_RUN, Preset::FirstRun(Wait::NextRun), Preset::Documented, Preset::OperatorConsent]),
        log in prop::bool::weighted(0.1),
    ) -> Facts {
        let mut facts = Facts { only, organisation, project, stored, preset, log, ..SILENT };
        let says = SOURCES.iter().zip(noes).filter(|(row, says)| *says && row.mode == Mode::Off);
        says.for_each(|(row, _)| (row.say)(&mut facts));
        facts
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn another_no_never_turns_telemetry_on(mut facts in any_facts(), which: prop::sample::Index) {
        let noes: Vec<_> = SOURCES.iter().filter(|row| row.mode == Mode::Off).collect();
        let row = noes[which.index(noes.len())];
        (row.say)(&mut facts);
        prop_assert_eq!(decide(&facts).mode, Mode::Off);
    }

    #[test]
    fn an_unreadable_answer_turns_telemetry_off(facts in any_facts()) {
        let unreadable = facts.organisation.is_some() || facts.project.is_some() || facts.stored.unusable.is_some();
        if unreadable {
            prop_assert_eq!(decide(&facts).mode, Mode::Off);
        }
    }

    #[test]
    fn telemetry_is_on_only_with_a_yes_a_notice_or_a_setting(facts in any_facts()) {
        if decide(&facts).mode == Mode::On {
            let told = matches!(facts.preset, Preset::FirstRun(_)) && facts.stored.told == Some(NoticeState::Over);
            let yes = facts.stored.yes == Some(Ok(()));
            let set = matches!(facts.preset, Preset::Documented | Preset::OperatorConsent);
            prop_assert!(yes || told || set || facts.stored.part.is_some());
        }
    }
}

/// What a second process with this environment decides. It is this test binary, running `decide_here` alone.
fn decided(environment: &[(&str, &str)]) -> String {
    let mut command = process::of_test("decide::decide_here");
    let home = std::env::var_os("HOME").map(|home| ("HOME", home));
    command.env_clear().envs(process::needed()).envs(home).envs(environment.iter().copied());
    let output = command.output().expect("this test runs again");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let line = text.lines().find_map(|line| line.split_once("decided: ")).expect("a decision");
    line.1.to_owned()
}

/// A variable of a program that may keep files.
const KEEPS_FILES: &str = "CONSENT_KEEPS_FILES";

/// Prints what this process decides, for the tests that run it in a process of its own.
#[test]
fn decide_here() {
    static REGISTRY: scruple::registry::Registry<'static> = scruple::registry::Registry::new(
        "https://telemetry.example.com/schemas/consent/1.0.0",
        service("com.example.consent", "consent"),
    );
    let telemetry = scruple::start(&REGISTRY)
        .opt_out_variable("CONSENT_OPTOUT")
        .opt_out_variable("CONSENT_DISABLE")
        .telemetry_variable("CONSENT_TELEMETRY")
        .preset(match std::env::var_os(KEEPS_FILES) {
            Some(_) => Preset::Documented,
            None => Preset::OperatorConsent,
        })
        .export(scruple::Exporter::requests(scruple::encode::Format::Json, |_, _| {}))
        .build();
    let decision = telemetry.decision();
    let log = if decision.mode == Mode::Log { "Log " } else { "" };
    println!("decided: {log}{:?}", decision.reason);
}

#[track_caller]
fn check(environment: &[(&str, &str)], expected: &str) {
    assert_eq!(decided(environment), expected, "{environment:?}");
}

#[test]
fn variables_are_read_with_their_own_meaning() {
    check(&[], "Given");
    for no in ["1", "true", "TRUE", "yes", "on", "2", "anything", " 1 "] {
        check(&[("CONSENT_OPTOUT", no)], "OptOutVariable(\"CONSENT_OPTOUT\")");
        check(&[("CONSENT_DISABLE", no)], "OptOutVariable(\"CONSENT_DISABLE\")");
        check(&[("DO_NOT_TRACK", no)], "DoNotTrack");
    }
    for not_a_no in ["", "0", "false", "False", "no", "OFF", " 0 "] {
        check(&[("CONSENT_OPTOUT", not_a_no), ("DO_NOT_TRACK", not_a_no)], "Given");
    }
    for yes in ["", "1", "true", "Yes", "ON"] {
        check(&[("CONSENT_TELEMETRY", yes)], "Given");
    }
    for no in ["0", "no", "false", "off", "logs", "perhaps"] {
        check(&[("CONSENT_TELEMETRY", no)], "TelemetryVariable(\"CONSENT_TELEMETRY\")");
    }
    check(&[("CONSENT_TELEMETRY", "log")], "Log Given");
    check(&[("CONSENT_TELEMETRY", " LOG ")], "Log Given");
    check(&[("CONSENT_TELEMETRY", "log"), ("DO_NOT_TRACK", "1")], "DoNotTrack");
    for (value, expected) in
        [("true", "OtelSdkDisabled"), ("TRUE", "OtelSdkDisabled"), ("1", "Given"), ("false", "Given")]
    {
        check(&[("OTEL_SDK_DISABLED", value)], expected);
    }
    check(&[("AZURE_DEV_COLLECT_TELEMETRY", "no")], "Given");
}

#[test]
fn a_foreign_session_turns_telemetry_off_if_files_are_kept() {
    for (name, value, expected) in [
        ("SUDO_UID", "1000", "Session(Elevated)"),
        ("DOAS_USER", "1000", "Session(Elevated)"),
        ("PKEXEC_UID", "1000", "Session(Elevated)"),
        ("HOME", "relative", "Session(NoHome)"),
        ("HOME", "", "Session(NoHome)"),
        ("HOME", "/dev/null", "Session(NoHome)"),
        ("HOME", "/nonexistent", "Session(HomeOfAnother)"),
    ] {
        // No variable leads to a home folder there.
        let expected = if cfg!(windows) && name == "HOME" { "Documented" } else { expected };
        check(&[(KEEPS_FILES, "1")], "Documented");
        check(&[(KEEPS_FILES, "1"), (name, value)], expected);
        check(&[(name, value)], "Given");
        check(&[(name, value), ("DO_NOT_TRACK", "1")], "DoNotTrack");
    }
}

/// What an environment is known as by the table.
fn known(environment: &[(&str, &str)]) -> String {
    let value = |name: &str| environment.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| *value);
    let holds = |sign: &EnvRule| match *sign {
        EnvRule::True(name) => !["", "0", "false", "no", "off"].contains(&value(name)),
        EnvRule::Present(name) => !value(name).is_empty(),
        EnvRule::Is(name, wanted) => value(name).eq_ignore_ascii_case(wanted),
        EnvRule::Has(name, part) => value(name).contains(part),
    };
    let rule = CI.iter().find(|rule| rule.signs.iter().all(holds));
    rule.map_or("Given".to_owned(), |rule| format!("Ci({:?})", rule.vendor))
}

#[test]
fn every_sign_of_continuous_integration_is_off_with_its_vendor() {
    for rule in CI {
        let environment: Vec<_> = rule
            .signs
            .iter()
            .map(|sign| match *sign {
                EnvRule::True(name) => (name, "true"),
                EnvRule::Present(name) => (name, "x"),
                EnvRule::Is(name, value) | EnvRule::Has(name, value) => (name, value),
            })
            .collect();
        check(&environment, &format!("Ci({:?})", rule.vendor));
        // A lone part of a sign is none, unless it is another vendor's whole sign.
        if rule.signs.len() > 1 {
            environment.iter().for_each(|one| check(&[*one], &known(&[*one])));
        }
        for sign in rule.signs {
            let values: &[_] = match *sign {
                EnvRule::True(_) => &["1", "", "0", "false", "no", "off"],
                EnvRule::Present(_) => &[""],
                EnvRule::Is(..) | EnvRule::Has(..) => &["else"],
            };
            let (EnvRule::True(name) | EnvRule::Present(name) | EnvRule::Is(name, _) | EnvRule::Has(name, _)) = *sign;
            values.iter().for_each(|value| check(&[(name, value)], &known(&[(name, value)])));
        }
    }
}

/// The variables by which npm's `ci-info` (4.4, January 2026) and the crate `ci_info` (0.14, November 2025) know continuous
/// integration, with a value where they ask for one.
const PUBLIC: &str = "
    AC_APPCIRCLE AGOLA_GIT_REF AGOLA_REPOSITORY_URL ALPIC_HOST APPCENTER_BUILD_ID APPVEYOR BITBUCKET_COMMIT BITRISE_IO
    BUDDY_WORKSPACE_ID BUILDER_OUTPUT BUILDKITE BUILD_ID BUILD_NUMBER CF_BUILD_ID CF_PAGES CI CI=woodpecker CIRCLECI
    CIRRUS_CI CI_APP_ID CI_BUILD_ID CI_BUILD_NUMBER CI_NAME CI_NAME=codeship CI_NAME=sourcehut CI_XCODE_PROJECT
    CM_BUILD_ID CODEBUILD_BUILD_ARN CONTINUOUS_INTEGRATION DRONE DSARI EARTHLY_CI EAS_BUILD FLOWCI_JOB_BUILD_NUM
    GERRIT_PROJECT GITEA_ACTIONS GITHUB_ACTIONS GITLAB_CI GO_PIPELINE_LABEL HARNESS_BUILD_ID HUDSON_URL JENKINS_URL
    JOB_URL=https://builds.sr.ht/~x/job/1 LAYERCI MAGNUM NETLIFY NETLIFY_BUILD_BASE NEVERCODE
    NODE=/app/.heroku/node/bin/node NOW_BUILDER PROW_JOB_ID RELEASE_BUILD_ID RENDER RUN_ID SAILCI SCREWDRIVER SEMAPHORE
    SHIPPABLE STACK=heroku-24 STRIDER SYSTEM_TEAMFOUNDATIONCOLLECTIONURI TDDIUM TEAMCITY_VERSION TF_BUILD TRAVIS VELA
    VELA_BUILD_NUMBER VERCEL WORKERS_CI XCS bamboo_planKey
";

#[test]
fn every_row_of_the_public_tables_turns_it_off() {
    for row in PUBLIC.split_whitespace() {
        let (name, value) = row.split_once('=').unwrap_or((row, "true"));
        let said = decided(&[(name, value)]);
        assert!(said.starts_with("Ci("), "{row}: {said}");
    }
}

#[test]
fn every_vendor_that_mlflow_turns_off_for_is_in_the_table() {
    for (name, vendor) in [
        ("CI", Vendor::Generic),
        ("GITHUB_ACTIONS", Vendor::GitHubActions),
        ("CIRCLECI", Vendor::CircleCi),
        ("GITLAB_CI", Vendor::GitLab),
        ("JENKINS_URL", Vendor::Jenkins),
        ("TRAVIS", Vendor::Travis),
        ("TF_BUILD", Vendor::AzurePipelines),
        ("BITBUCKET_BUILD_NUMBER", Vendor::Bitbucket),
        ("CODEBUILD_BUILD_ARN", Vendor::CodeBuild),
        ("BUILDKITE", Vendor::Buildkite),
    ] {
        check(&[(name, "true")], &format!("Ci({vendor:?})"));
    }
}
