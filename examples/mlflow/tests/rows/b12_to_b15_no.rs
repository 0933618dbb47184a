//! Every way to say no, when it holds, and how a person makes sure that it does.

use super::host::Host;
use super::person::APP;
use super::stage::Stage;
use std::fs;

/// What waits to be sent, or was sent, by its own words.
fn told(stage: &Stage) -> usize {
    stage
        .person
        .files()
        .iter()
        .map(|file| fs::read_to_string(file).unwrap_or_default())
        .filter(|text| text.contains("mlflow."))
        .count()
}

row!(
    /// More than the original: any word but `0`, `false`, `no` and `off` says no, not `true` alone, and what waited from
    /// before is deleted rather than sent.
    b12_a_variable_says_no_at_the_start,
    |stage: Stage| {
        let experiment = stage.experiment();
        for (name, value) in [
            ("MLFLOW_DISABLE_TELEMETRY", "true"),
            ("MLFLOW_DISABLE_TELEMETRY", "True"),
            ("MLFLOW_DISABLE_TELEMETRY", "1"),
            ("DO_NOT_TRACK", "true"),
            ("DO_NOT_TRACK", "1"),
        ] {
            assert_eq!(stage.run(&["trace", &experiment, "name", "request", "answer"]).code, 0);
            assert_ne!(told(&stage), 0);
            let mut program = stage.program(&["list"]);
            program.env(name, value);
            assert_eq!(stage.end(program).code, 0);
            assert_eq!(told(&stage), 0, "{name}={value}: what waited is gone");
        }
        let mut program = stage.program(&["list"]);
        program.env("MLFLOW_DISABLE_TELEMETRY", "false").env("DO_NOT_TRACK", "0");
        assert_eq!(stage.end(program).code, 0);
        assert_eq!(told(&stage), 1, "this is no no");
    }
);

/// In a process that runs on: the next call asks again.
#[test]
fn b12_a_no_holds_at_once_without_a_restart() {
    for no in ["set:MLFLOW_DISABLE_TELEMETRY=true", "set:DO_NOT_TRACK=true", "disable"] {
        let stage = Stage::small();
        let words = ["run", "client", "experiment:a", no, "experiment:b", "client", "on", "experiment:c"];
        let ran = Host::of(&stage).run(&words);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (0, format!("{APP}\n1\n1\nnone\nfalse\n1").as_str()),
            "{no}: {}",
            ran.stderr
        );
        let calls = stage.small.as_ref().unwrap().requests().len();
        assert_eq!((calls, told(&stage)), (3, 0), "{no}: what was recorded before is not sent either");
    }
}

/// The library need not know which pipeline it is part of: each is asked.
#[test]
fn b12_a_no_holds_at_once_beside_another_pipeline_that_is_on() {
    let stage = Stage::small();
    let words = ["beside", "client", "experiment:a", "set:MLFLOW_DISABLE_TELEMETRY=true", "experiment:b", "client"];
    let ran = Host::of(&stage).run(&words);
    let said = "com.example.trainer\n1\n1\ncom.example.trainer";
    assert_eq!((ran.code, ran.stdout.as_str(), told(&stage)), (0, said, 0), "{}", ran.stderr);
}

row!(
    /// The no of another process: the person's own, at another terminal, in the middle of a tour's first call.
    b12_a_no_at_another_terminal_holds_in_a_program_that_runs,
    |stage: Stage| {
        let held = stage.hold(&["tour", "name"]);
        assert_eq!(stage.person.run(&["telemetry", "off"]).code, 0);
        let ran = held.end();
        assert_eq!(ran.code, 0, "the program's own work goes on: {}", ran.stderr);
        assert_eq!(told(&stage), 0);
    }
);

/// One check for each vendor that the original knows; more than that, `CI=1` is one and `CI=false` is none.
#[test]
fn b13_each_continuous_integration_is_off() {
    let check = |variables: &[(&str, &str)], wanted: Option<&str>| {
        let stage = Stage::small();
        let with = |arguments: &[&str]| {
            let mut program = stage.program(arguments);
            program.envs(variables.iter().copied());
            stage.end(program)
        };
        assert_eq!(with(&["experiment", "name"]).code, 0);
        let status = with(&["telemetry", "status"]);
        match wanted {
            Some(vendor) => {
                let stamp = vec![stage.person.state().join("stamp")];
                assert_eq!((status.code, stage.person.files()), (10, stamp), "{vendor}: {}", status.stdout);
                let headline = format!("mlflow telemetry is off: continuous integration: {vendor}\n");
                assert!(status.stdout.starts_with(&headline), "{}", status.stdout);
            }
            None => assert!(status.code == 0 && told(&stage) > 0, "{variables:?}: {}", status.stdout),
        }
    };
    check(&[("CI", "true")], Some("CI"));
    check(&[("CI", "1")], Some("CI"));
    check(&[("CI", "false")], None);
    check(&[("GITHUB_ACTIONS", "true")], Some("GitHub Actions"));
    check(&[("CIRCLECI", "true")], Some("CircleCI"));
    check(&[("GITLAB_CI", "true")], Some("GitLab CI"));
    check(&[("JENKINS_URL", "https://ci.example.com")], Some("Jenkins"));
    check(&[("TRAVIS", "true")], Some("Travis CI"));
    check(&[("TF_BUILD", "True")], Some("Azure Pipelines"));
    check(&[("BITBUCKET_BUILD_NUMBER", "7")], Some("Bitbucket Pipelines"));
    check(&[("CODEBUILD_BUILD_ARN", "arn:aws:codebuild:eu:1:build/x")], Some("AWS CodeBuild"));
    check(&[("BUILDKITE", "true")], Some("Buildkite"));
}

/// The variable is not inherited by a child with a clean environment; these are all the same. More than the original,
/// which has only the variable.
#[test]
fn b14_a_stored_no_holds_in_a_clean_environment() {
    let stage = Stage::small();
    assert_eq!(stage.person.run(&["telemetry", "off"]).code, 0);
    // The environment of each of these has a home folder, and nothing besides.
    assert_eq!(stage.run(&["experiment", "name"]).code, 0);
    assert_eq!(told(&stage), 0);
    let status = stage.person.run(&["telemetry", "status"]);
    assert_eq!(status.code, 10);
    assert!(status.stdout.starts_with("mlflow telemetry is off: the stored answer is no\n"), "{}", status.stdout);
    // Without even that there is no session of a person's own.
    let mut program = stage.program(&["experiment", "name"]);
    program.env_clear();
    assert_eq!(stage.end(program).code, 0);
    assert_eq!(told(&stage), 0);
}

#[test]
#[cfg_attr(windows, ignore = "an organisation's word is a value in the registry there")]
fn b14_an_organisations_file_holds_in_a_clean_environment() {
    let stage = Stage::small();
    let words = ["rehearse", "client", "experiment:a", "why"];
    let ran = Host::of(&stage).run(&words);
    assert!(ran.stdout.contains("mlflow.create_experiment"), "it is on: {}", ran.stdout);
    for folder in [APP, "scruple"] {
        let file = stage.person.root().join("etc").join(folder).join("telemetry.toml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "telemetry = \"off\"\n").unwrap();
        let ran = Host::of(&stage).run(&words);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.starts_with("none\n1\n") && ran.stdout.contains("organisation"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("mlflow.create_experiment"), "{}", ran.stdout);
        fs::remove_file(file).unwrap();
    }
}

/// More than the original: a script can ask too, and is told the reason.
#[test]
fn b15_one_call_proves_that_telemetry_is_off() {
    let stage = Stage::small();
    assert_eq!(Host::of(&stage).run(&["run", "client"]).stdout, APP);
    for (name, value) in [("MLFLOW_DISABLE_TELEMETRY", "true"), ("DO_NOT_TRACK", "true"), ("CI", "true")] {
        let off = Host::of(&stage).set(name, value).run(&["run", "client", "on"]);
        assert_eq!(off.stdout, "none\nfalse", "{name}");
        let mut status = stage.person.program();
        let status = status.args(["telemetry", "status", "--json"]).env(name, value).output().unwrap();
        let said: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
        assert_eq!((status.status.code(), &said["mode"]), (Some(10), &"off".into()), "{said}");
    }
    let status = stage.person.run(&["telemetry", "status"]);
    assert_eq!(status.code, 0, "{}", status.stdout);
}
