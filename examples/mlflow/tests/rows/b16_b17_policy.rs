//! The vendor's signed policy: it can turn things off from afar, and so can whoever blocks its host.

use super::http::nobody;
use super::records::Record;
use super::stage::Stage;
use super::vendor::policy;
use scruple_fixtures::{OS_TYPE, until};
use std::collections::{BTreeMap, BTreeSet};

/// Tries to send what waits: what came of the policy has to be this, and nothing arrives.
#[track_caller]
fn check_nothing_is_sent(stage: &Stage, outcome: &str) {
    stage.person.due();
    let held = stage.hold(&["list"]);
    let status = || stage.person.run(&["telemetry", "status"]).stdout;
    let says = |line: &str| line.starts_with("  no  policy ") && line.contains(outcome);
    until(outcome, || status().lines().any(says));
    assert_eq!((held.end().code, stage.arrived()), (0, 0), "{outcome}");
    stage.person.not_due();
}

row!(
    /// More than the original, which takes an unsigned file: whoever could answer for the host could turn anything on,
    /// and name another receiver.
    b16_without_the_host_of_the_policy_nothing_is_sent,
    |stage: Stage| {
        let mut stage = stage;
        stage.experiment();
        let good = std::mem::replace(&mut stage.policy, format!("{}/mlflow.policy", nobody()));
        check_nothing_is_sent(&stage, "the policy can't be fetched, and nothing is sent");
        stage = stage.with_policy(b"blocked here".to_vec());
        check_nothing_is_sent(&stage, "this is not a policy, and nothing is sent");
        let mut forged = policy(2, &[]);
        *forged.last_mut().unwrap() ^= 1;
        stage = stage.with_policy(forged);
        check_nothing_is_sent(&stage, "the policy's signature is invalid, and nothing is sent");
        // Nothing else stood in the way.
        stage.policy = good;
        assert!(stage.spans().iter().any(|span| span.name == "mlflow.create_experiment"));
    }
);

/// A tour and a trace of another package, under a policy with these options.
fn toured(stage: Stage, options: &[&str]) -> Stage {
    let name = stage.name();
    assert_eq!(stage.run(&["tour", &name]).code, 0);
    let experiment = stage.experiment();
    assert_eq!(stage.run(&["--sdk", "tracing", "trace", &experiment, "name", "request", "answer"]).code, 0);
    stage.with_policy(policy(2, options))
}

fn names(records: &[Record]) -> BTreeSet<&str> {
    records.iter().map(|record| record.name.as_str()).collect()
}

row!(b17_a_version_can_be_turned_off, |stage: Stage| {
    check_nothing_is_sent(&toured(stage, &["--off-version", "0.1..0.2"]), "the policy turns this version off");
});

row!(b17_another_versions_no_is_not_this_ones, |stage: Stage| {
    assert_eq!(names(&toured(stage, &["--off-version", "..0.1", "--off-version", "0.2.."]).spans()).len(), 9);
});

row!(b17_a_kill_switch_turns_off_everything, |stage: Stage| {
    check_nothing_is_sent(&toured(stage, &["--rollout", "0"]), "the policy lets a share of installations send");
});

row!(b17_single_events_can_be_turned_off, |stage: Stage| {
    let records =
        toured(stage, &["--disable-signal", "mlflow.create_run", "--disable-signal", "mlflow.evaluate"]).spans();
    let names = names(&records);
    assert!(
        names.len() == 7 && !names.contains("mlflow.create_run") && !names.contains("mlflow.evaluate"),
        "{names:?}"
    );
});

row!(b17_a_package_can_be_turned_off, |stage: Stage| {
    let records = toured(stage, &["--off-where", "mlflow.source_sdk=mlflow-tracing"]).spans();
    let packages: BTreeSet<_> = records.iter().map(|record| record.get("mlflow.source_sdk").unwrap()).collect();
    assert_eq!((packages, names(&records).len()), (BTreeSet::from(["mlflow"]), 9));
});

/// The values of `os.type`, this system's first.
fn systems() -> Vec<String> {
    let mut systems = ["linux", "windows", "darwin"];
    systems.sort_by_key(|system| *system != OS_TYPE);
    systems.map(|system| format!("os.type={system}")).to_vec()
}

row!(b17_a_system_can_be_turned_off, |stage: Stage| {
    assert_eq!(names(&toured(stage, &["--off-where", &systems()[0]]).spans()), BTreeSet::new());
});

row!(b17_another_systems_no_is_not_this_ones, |stage: Stage| {
    let systems = systems();
    let others = ["--off-where", &systems[1], "--off-where", &systems[2]];
    assert_eq!(names(&toured(stage, &others).spans()).len(), 9);
});

/// Like the original, this draws anew in each process: a library that keeps no id of an installation has nothing else to
/// draw from. More than there: a session is in or out as a whole.
#[test]
fn b17_a_rollout_takes_a_share_of_sessions() {
    let stage = Stage::small().with_policy(policy(2, &["--rollout", "50"]));
    for _ in 0..40 {
        assert_eq!(stage.run(&["tour", "name"]).code, 0);
    }
    let mut sessions = BTreeMap::<_, usize>::new();
    for span in stage.spans() {
        *sessions.entry(span.resource["session.id"].clone()).or_default() += 1;
    }
    assert!(!sessions.is_empty() && sessions.len() < 40, "{}", sessions.len());
    // A tour has twelve spans.
    assert!(sessions.values().all(|spans| *spans == 12), "{sessions:?}");
}
