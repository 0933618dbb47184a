//! What each record says of the process: session, package, versions and system.

use super::records::Record;
use super::stage::Stage;
use scruple_fixtures::OS_TYPE;
use scruple_fixtures::process::system_version;
use std::collections::BTreeSet;
use std::process::Command;

fn sessions<'a>(records: impl IntoIterator<Item = &'a Record>) -> BTreeSet<&'a str> {
    records.into_iter().map(|record| record.resource["session.id"].as_str()).collect()
}

row!(
    /// More than the original: a session is handed down by the program's word (`Telemetry::propagate_session`) to children of its
    /// own and to nobody else's, and no more than 24 hours.
    b01_a_session_is_random_and_handed_down_to_children,
    |stage: Stage| {
        let experiment = stage.experiment();
        assert_eq!(stage.run(&["sweep", &experiment, "3"]).code, 0);
        let records = stage.spans();
        let of = |name: &'static str| records.iter().filter(move |record| record.name == name);
        assert_eq!((of("mlflow.create_experiment").count(), of("mlflow.create_run").count()), (1, 3));
        let (alone, sweep) = (sessions(of("mlflow.create_experiment")), sessions(of("mlflow.create_run")));
        assert_eq!((alone.len(), sweep.len()), (1, 1), "three processes of one session");
        assert_ne!(alone, sweep);
        for id in alone.union(&sweep) {
            let parts: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!((parts, id.as_bytes()[14]), (vec![8, 4, 4, 4, 12], b'4'), "a random UUID: {id}");
        }
    }
);

row!(b02_a_record_says_which_package_it_was, |stage: Stage| {
    let experiment = stage.experiment();
    for sdk in ["full", "skinny", "tracing"] {
        assert_eq!(stage.run(&["--sdk", sdk, "trace", &experiment, "name", "request", "answer"]).code, 0);
    }
    // What a package lacks is an error that says where it is, and a failure in the telemetry.
    let ran = stage.run(&["--sdk", "tracing", "model", &stage.name()]);
    let said = "error: the package mlflow-tracing has no experiments, runs and models: take `skinny` or `full`\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (1, said));
    let records = stage.spans();
    let traced = records.iter().filter(|record| record.name == "mlflow.start_trace");
    let packages: BTreeSet<_> = traced.map(|record| record.get("mlflow.source_sdk").unwrap()).collect();
    assert_eq!(packages, BTreeSet::from(["mlflow", "mlflow-skinny", "mlflow-tracing"]));
    let refused = records.iter().find(|record| record.name == "mlflow.create_registered_model").unwrap();
    assert_eq!(refused.get("mlflow.source_sdk"), Some("mlflow-tracing"));
});

row!(
    #[cfg_attr(windows, ignore = "needs rustc beside it, which Wine has not")]
    b03_a_record_says_the_versions_of_library_and_compiler,
    |stage: Stage| {
        stage.experiment();
        let rustc = Command::new("rustc").arg("--version").output().unwrap().stdout;
        let rustc = String::from_utf8(rustc).unwrap();
        for record in stage.records() {
            let says = |key: &str| record.resource[key].as_str().to_owned();
            assert_eq!(
                (says("service.name"), says("service.version")),
                ("mlflow".into(), env!("CARGO_PKG_VERSION").into())
            );
            assert_eq!(says("process.runtime.name"), "rustc");
            assert_eq!(Some(says("process.runtime.version").as_str()), rustc.split(' ').nth(1));
        }
    }
);

row!(
    /// More than the original, which sends the whole text of the kernel: that can name who built it, and where.
    b04_a_record_says_the_system_and_two_numbers_of_its_version,
    |stage: Stage| {
        stage.experiment();
        let (release, two) = system_version();
        for record in stage.records() {
            assert_eq!(record.resource["os.type"], OS_TYPE);
            assert_eq!(record.resource["os.version"], two);
            assert!(!format!("{record:?}").contains(&release));
        }
    }
);
