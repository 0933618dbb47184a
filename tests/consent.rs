//! Consent: who wins, and how the environment is read, each sign of continuous integration by a real process.

use proptest::prelude::*;
use scruple::consent::{Because, CI, Facts, Mode, OffSession, Sign, Vendor, decide};
use std::process::Command;

/// Facts of which none says no, and which hold the yes.
const YES: Facts = Facts {
    built_off: false,
    transport: true,
    platform: true,
    session: None,
    opt_out: None,
    telemetry: None,
    do_not_track: false,
    otel_sdk_disabled: false,
    ci: None,
    given: true,
    rehearsal: false,
};

type Say = fn(&mut Facts);

/// Every source that can say no, in the order of the list, with the reason it gives.
const NOES: &[(Say, Because)] = &[
    (|facts| facts.built_off = true, Because::BuiltOff),
    (|facts| facts.transport = false, Because::NoTransport),
    (|facts| facts.platform = false, Because::Platform),
    (|facts| facts.session = Some(OffSession::Elevated), Because::Session(OffSession::Elevated)),
    (|facts| facts.opt_out = Some("MLNET_TELEMETRY_OPTOUT"), Because::OptOutVariable("MLNET_TELEMETRY_OPTOUT")),
    (|facts| facts.telemetry = Some("MLNET_TELEMETRY"), Because::TelemetryVariable("MLNET_TELEMETRY")),
    (|facts| facts.do_not_track = true, Because::DoNotTrack),
    (|facts| facts.otel_sdk_disabled = true, Because::OtelSdkDisabled),
    (|facts| facts.ci = Some(Vendor::Jenkins), Because::Ci(Vendor::Jenkins)),
];

#[test]
fn of_two_noes_the_first_of_the_list_is_the_reason() {
    assert_eq!(decide(&YES).because, Because::Given);
    for (first, (say_first, because)) in NOES.iter().enumerate() {
        for (say_second, _) in &NOES[first..] {
            let mut facts = YES;
            say_first(&mut facts);
            say_second(&mut facts);
            let decision = decide(&facts);
            assert_eq!((decision.mode, decision.because), (Mode::Off, *because));
        }
    }
}

#[test]
fn without_a_yes_nothing_is_recorded() {
    let decision = decide(&Facts { given: false, ..YES });
    assert_eq!((decision.mode, decision.because), (Mode::Undecided, Because::Undecided));
}

#[test]
fn a_rehearsal_asks_no_environment_but_needs_a_way_out() {
    let noes = Facts { do_not_track: true, ci: Some(Vendor::Generic), rehearsal: true, ..YES };
    assert_eq!(decide(&noes).because, Because::Rehearsal);
    assert_eq!(decide(&Facts { transport: false, ..noes }).mode, Mode::Off);
    assert_eq!(decide(&Facts { built_off: true, ..noes }).mode, Mode::Off);
}

prop_compose! {
    fn any_facts()(noes in prop::collection::vec(any::<bool>(), NOES.len()), given: bool) -> Facts {
        let mut facts = Facts { given, ..YES };
        NOES.iter().zip(noes).filter(|(_, says)| *says).for_each(|((say, _), _)| say(&mut facts));
        facts
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn another_no_never_turns_it_on(mut facts in any_facts(), which in 0..NOES.len()) {
        NOES[which].0(&mut facts);
        prop_assert_eq!(decide(&facts).mode, Mode::Off);
    }
}

/// What a second process with this environment decides. It is this test binary, running `decide_here` alone.
fn decided(environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().expect("this test has a path"));
    command.args(["--exact", "decide_here", "--nocapture", "--test-threads=1"]).env_clear();
    command.env("HOME", std::env::var_os("HOME").expect("HOME is set")).envs(environment.iter().copied());
    let output = command.output().expect("this test runs again");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let line = text.lines().find_map(|line| line.split_once("decided: ")).expect("a decision");
    line.1.to_owned()
}

/// Prints what this process decides, for the tests that run it in a process of its own.
#[test]
fn decide_here() {
    static REGISTRY: scruple::registry::Registry<'static> = scruple::registry::Registry {
        schema_url: "https://telemetry.example.com/schemas/consent/1.0.0",
        service: scruple::registry::Service {
            app_id: "com.example.consent",
            name: "consent",
            version: "1.0.0",
            controller: "The example project, privacy@example.com",
            endpoint: "https://telemetry.example.com",
            rotate: scruple::registry::Rotation::Monthly,
            time: scruple::registry::Grain::Second,
        },
        attributes: &[],
        resource: &[],
        spans: &[],
        events: &[],
        text: "",
    };
    let telemetry = scruple::start(&REGISTRY)
        .opt_out_variable("CONSENT_OPTOUT")
        .opt_out_variable("CONSENT_DISABLE")
        .telemetry_variable("CONSENT_TELEMETRY")
        .given()
        .requests(scruple::encode::Format::Json, |_, _| {})
        .build();
    println!("decided: {:?}", telemetry.decision().because);
}

#[track_caller]
fn check(environment: &[(&str, &str)], expected: &str) {
    assert_eq!(decided(environment), expected, "{environment:?}");
}

#[test]
fn variables_are_read_as_their_authors_mean_them() {
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
    for no in ["0", "no", "false", "off", "log", "perhaps"] {
        check(&[("CONSENT_TELEMETRY", no)], "TelemetryVariable(\"CONSENT_TELEMETRY\")");
    }
    for (value, expected) in
        [("true", "OtelSdkDisabled"), ("TRUE", "OtelSdkDisabled"), ("1", "Given"), ("false", "Given")]
    {
        check(&[("OTEL_SDK_DISABLED", value)], expected);
    }
    check(&[("AZURE_DEV_COLLECT_TELEMETRY", "no")], "Given");
}

#[test]
fn somebody_elses_session_is_off() {
    for name in ["SUDO_UID", "DOAS_USER", "PKEXEC_UID"] {
        check(&[(name, "1000")], "Session(Elevated)");
    }
    check(&[("HOME", "relative")], "Session(NoHome)");
    check(&[("HOME", "")], "Session(NoHome)");
    check(&[("HOME", "/nonexistent")], "Session(HomeOfAnother)");
}

#[test]
fn every_sign_of_continuous_integration_is_off_with_its_vendor() {
    for rule in CI {
        let environment: Vec<_> = rule
            .signs
            .iter()
            .map(|sign| match *sign {
                Sign::True(name) => (name, "true"),
                Sign::Present(name) => (name, "x"),
                Sign::Is(name, value) => (name, value),
            })
            .collect();
        check(&environment, &format!("Ci({:?})", rule.vendor));
        // A lone part of a sign is none, unless it is another vendor's whole sign.
        if rule.signs.len() > 1 {
            environment.iter().for_each(|one| check(&[*one], "Given"));
        }
        for sign in rule.signs {
            match *sign {
                Sign::True(name) => {
                    check(&[(name, "1")], &format!("Ci({:?})", rule.vendor));
                    for not in ["", "0", "false", "no", "off"] {
                        check(&[(name, not)], "Given");
                    }
                }
                Sign::Present(name) => check(&[(name, "")], "Given"),
                Sign::Is(name, _) => check(&[(name, "else")], "Given"),
            }
        }
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
