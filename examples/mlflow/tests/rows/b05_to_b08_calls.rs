//! The calls: where they go, which they are, how they ended, and when.

use super::host::Host;
use super::http::nobody;
use super::records::Status;
use super::stage::Stage;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

row!(b05_of_a_tracking_uri_its_scheme_is_told_and_one_that_cannot_be_spoken_is_a_failure, |stage: Stage| {
    let schemes = [
        ("file:///home/alice/mlruns", "file"),
        ("./mlruns", "file"),
        ("sqlite:////home/alice/mlflow.db", "sqlite"),
        ("mysql+pymysql://alice:secret@db.internal/mlflow", "mysql"),
        ("postgresql://alice:secret@db.internal:5432/mlflow", "postgresql"),
        ("mssql+pyodbc://alice:secret@db.internal/mlflow", "mssql"),
        ("databricks://profile", "custom_scheme"),
        ("alices-own://place", "custom_scheme"),
    ];
    for (uri, _) in schemes {
        let ran = stage.end(stage.against(uri, &["experiment", "name"]));
        assert_eq!(ran.code, 1, "{uri}");
        assert!(ran.stderr.contains("this client speaks http:// and https:// only"), "{}", ran.stderr);
    }
    let mut unset = stage.person.program();
    unset.args(["--telemetry-to", stage.receiver(), "--telemetry-policy", &stage.policy, "experiment", "name"]);
    let ran = stage.end(unset);
    assert!(ran.code == 1 && ran.stderr.contains("there is no tracking URI"), "{}", ran.stderr);
    // A server without TLS is there; at the other port nobody is.
    stage.experiment();
    let https = nobody().replace("http:", "https:");
    assert_eq!(stage.end(stage.against(&https, &["experiment", "name"])).code, 1);

    let mut expected = BTreeMap::new();
    let all = schemes.iter().map(|(_, scheme)| (*scheme, Status::Error));
    let rest = [("None", Status::Error), ("http", Status::Ok), ("https", Status::Error)];
    all.chain(rest).for_each(|one| *expected.entry(one).or_insert(0) += 1);
    let mut found = BTreeMap::new();
    let spans = stage.spans();
    for span in &spans {
        *found.entry((span.get("mlflow.tracking.scheme").unwrap(), span.status.clone())).or_insert(0) += 1;
    }
    assert_eq!(found, expected);
    assert!(!format!("{spans:?}").contains("alice") && !format!("{spans:?}").contains("internal"));
});

row!(b06_ten_things_are_told_by_their_names, |stage: Stage| {
    let ran = stage.run(&["tour", &stage.name()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let records = stage.records();
    let found: BTreeSet<_> = records.iter().map(|record| record.name.as_str()).collect();
    let expected = [
        "import",
        "create_experiment",
        "create_run",
        "create_logged_model",
        "create_registered_model",
        "create_model_version",
        "create_prompt",
        "start_trace",
        "log_assessment",
        "evaluate",
    ]
    .map(|name| format!("mlflow.{name}"));
    assert_eq!(found, expected.iter().map(String::as_str).collect());
    // More than names: a prompt is registered as a model and its version, and their spans are inside its own.
    let prompt = records.iter().find(|record| record.name == "mlflow.create_prompt").unwrap();
    let inside: BTreeSet<_> =
        records.iter().filter(|record| record.parent == prompt.span).map(|record| record.name.as_str()).collect();
    assert_eq!(inside, BTreeSet::from(["mlflow.create_model_version", "mlflow.create_registered_model"]));
});

row!(
    /// More than the original: unknown is what nobody has said, and not another word for failure.
    b07_a_call_went_well_or_wrong_or_nobody_has_said,
    |stage: Stage| {
        let experiment = stage.experiment();
        let ran = stage.run(&["evaluate", "no-such-run", "no-such-file"]);
        assert!(ran.code == 1 && ran.stderr.contains("no-such-file can't be read"), "{}", ran.stderr);
        std::fs::write(stage.person.work().join("rows.csv"), "").unwrap();
        let ran = stage.run(&["evaluate", "no-such-run", "rows.csv"]);
        assert!(ran.code == 1 && ran.stderr.contains("an evaluation needs rows"), "{}", ran.stderr);
        assert_eq!(stage.run(&["lose", &experiment, "name", "request"]).code, 0);
        // A caller's model panics in the middle of a run that it logs to.
        let host = Host::of(&stage).run(&["run", &format!("panic:{experiment}")]);
        assert_eq!(host.code, 101, "{}", host.stderr);
        stage.person.not_due();
        let found: Vec<_> = stage.spans().into_iter().map(|span| (span.name, span.status)).collect();
        let count = |name: &str, status: Status| {
            found.iter().filter(|found| **found == (format!("mlflow.{name}"), status.clone())).count()
        };
        assert_eq!(count("create_experiment", Status::Ok), 1, "{found:?}");
        assert_eq!(count("evaluate", Status::Error), 2, "no rows, and a panic: {found:?}");
        assert_eq!(count("start_trace", Status::Unset), 1, "{found:?}");
    }
);

row!(
    /// More than the original: the event without a duration is told to the second. To the nanosecond, a time can be looked
    /// up in a tracking server's log; the registry has to say why calls have it.
    b08_a_call_is_timed_to_the_nanosecond,
    |stage: Stage| {
        let now = || u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap();
        let before = now();
        stage.experiment();
        let after = now();
        let records = stage.records();
        let span = records.iter().find(|record| record.name == "mlflow.create_experiment").unwrap();
        assert!(before <= span.begin && span.begin < span.end && span.end <= after, "{before} {span:?} {after}");
        for event in records.iter().filter(|record| record.name == "mlflow.import") {
            assert_eq!(event.begin % 1_000_000_000, 0);
        }
    }
);
