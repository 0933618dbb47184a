//! The demo in one process: both doors, both protocols, any data set, any environment.

use std::path::Path;

use serde_json::{Value, json};

use super::{Ended, demo, end, home};

/// Runs the demo with these arguments, and expects this exit code.
fn check(arguments: &[&str], code: i32) -> Ended {
    let run = end(&mut demo(arguments));
    assert_eq!(run.code, Some(code), "{arguments:?} {}{}", run.out, run.err);
    run
}

/// The fields of the n-th record with this name: name, recorded, left, withheld.
fn fields(run: &Value, name: &str, nth: usize) -> Vec<[Value; 4]> {
    let records = run["records"].as_array().unwrap();
    let record = records.iter().filter(|record| record["name"] == name).nth(nth).unwrap();
    let column = |field: &Value| ["name", "recorded", "left", "withheld"].map(|column| field[column].clone());
    record["fields"].as_array().unwrap().iter().map(column).collect()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn both_doors_are_clean_over_both_protocols() {
    for door in ["layer", "sdk"] {
        for protocol in ["http", "grpc"] {
            for more in [&[][..], &["--span-events"]] {
                let arguments = [&["--door", door, "--protocol", protocol, "--json"], more].concat();
                let run = check(&arguments, 0).json();
                assert_eq!((&run["verdict"], &run["door"]), (&json!("clean"), &json!(door)));
                for empty in ["findings", "missing", "unexpected", "objections"] {
                    assert_eq!(run[empty], json!([]), "{empty}");
                }
                assert_eq!(run["deliveries"], json!({"sent": 10, "waiting": 0, "lost": {}}));
                assert_eq!(run["work"], json!({"rows": 150, "columns": 5, "classes": 3, "outside": 4, "per_cent": 2}));
                let received = run["received"].as_array().unwrap();
                let signals: Vec<_> = received.iter().map(|request| request["signal"].as_str().unwrap()).collect();
                assert!(signals.contains(&"traces") && signals.contains(&"logs"), "{signals:?}");
                assert!(
                    received.iter().all(|request| request["protocol"] == protocol && request["format"] == "protobuf")
                );
                let searched = run["planted"].as_array().unwrap().iter().filter(|planted| planted["found"] == 0);
                assert!(searched.count() >= 15, "{}", run["planted"]);
                assert!(
                    run["planted"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .all(|planted| planted["found"].as_u64().unwrap_or(0) == 0)
                );
            }
        }
    }
}

#[test]
fn the_demo_shows_each_treatment() {
    for door in ["layer", "sdk"] {
        let run = check(&["--json", "--door", door, "--label", "species"], 0).json();
        let value = |name: &str, nth: usize, field: &str| {
            let fields = fields(&run, name, nth);
            let [_, _, left, withheld] = fields.into_iter().find(|found| found[0] == field).unwrap();
            left.as_str().or(withheld.as_str()).unwrap().to_owned()
        };
        let expected = [
            ("demo.command", 0, "demo.argument.names", "[--dataset, --door, --json, --label]"),
            ("demo.command", 0, "demo.label.chosen", "true"),
            ("demo.load", 0, "demo.dataset.format", "csv"),
            ("demo.load", 1, "demo.dataset.format", "other"),
            ("demo.load", 1, "user.home", "undeclared field"),
            ("demo.load", 1, "otel.status_code", "status error"),
            ("demo.profile", 0, "demo.library.version", "1.4.0"),
            ("demo.profile", 0, "demo.profile.distinct", "not opted in"),
            ("demo.profile", 1, "demo.library.version", "not a version"),
            ("demo.profile", 1, "http.authorization", "undeclared field"),
            ("demo.outliers", 0, "demo.outliers.share", "<5%"),
            ("demo.dataset.loaded", 0, "demo.dataset.rows", "<1000"),
            ("demo.profile.saved", 0, "demo.result.scheme", "s3"),
            ("demo.crash", 0, "demo.crash.stage", "profile"),
            ("demo.crash", 1, "demo.crash.stage", "not a member"),
            ("demo.crash", 1, "demo.crash.location", "not in own sources"),
            ("demo.query", 0, "db.statement", "undeclared signal"),
            ("demo.debug", 0, "message", "undeclared signal"),
        ];
        for (name, nth, field, left) in expected {
            assert_eq!(value(name, nth, field), left, "{door} {name} {field}");
        }
        assert!(value("demo.crash", 0, "demo.crash.location").starts_with("src/demo/program.rs:"));
        let hash = value("demo.load", 0, "demo.dataset.name");
        assert!(hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    }
}

#[test]
fn both_doors_send_the_same_values() {
    let left = |door| {
        let run = check(&["--json", "--door", door], 0).json();
        let records = run["records"].as_array().unwrap().clone();
        let plain = |field: &Value| field["left"].as_str().filter(|left| left.len() != 32).map(str::to_owned);
        let fields = |record: &Value| record["fields"].as_array().unwrap().iter().map(plain).collect::<Vec<_>>();
        records
            .iter()
            .map(|record| (record["name"].clone(), record["left"].clone(), fields(record)))
            .collect::<Vec<_>>()
    };
    let (layer, sdk) = (left("layer"), left("sdk"));
    for (layer, sdk) in layer.iter().zip(&sdk).skip(1) {
        assert_eq!(layer, sdk);
    }
    assert_eq!(layer.len(), sdk.len());
}

#[test]
fn a_mistake_in_a_data_set_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let broken = write(folder.path(), "broken.csv", "a,kind\nx,y\n");
    for (dataset, words) in [(broken.as_str(), "where a number should be"), ("nowhere.csv", "nowhere.csv")] {
        let run = check(&["--dataset", dataset], 2);
        assert!(run.err.contains(words) && run.out.is_empty(), "{}{}", run.out, run.err);
    }
    let few = write(folder.path(), "few.csv", "a,kind\n1,x\n2,y\n");
    assert!(check(&["--dataset", &few], 2).err.contains("2 rows: quartiles need at least 4"));
    assert!(check(&["--label", "weight"], 2).err.contains("no column \"weight\""));
}

#[test]
fn a_mistake_in_the_arguments_is_reported() {
    for (arguments, words) in [
        (&["--to", "example.com"][..], "an endpoint begins with https://"),
        (&["--to", "http://example.com"], "an endpoint beyond loopback begins with https://"),
        (&["--to", "https://a:b@example.com"], "an endpoint has no user name or password"),
        (&["--door", "window"], "possible values: layer, sdk"),
        (&["--protocol", "udp"], "possible values: grpc, http"),
    ] {
        let run = check(arguments, 2);
        assert!(run.err.contains(words), "{}", run.err);
    }
}

#[test]
fn the_demo_runs_from_any_folder_and_leaves_no_file() {
    let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for door in ["layer", "sdk"] {
        let run = end(demo(&["--door", door]).current_dir(folder.path()).env("HOME", home.path()));
        assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
        assert_eq!(run.err, "");
    }
    for folder in [folder, home] {
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn the_environment_changes_no_record() {
    for door in ["layer", "sdk"] {
        for protocol in ["http", "grpc"] {
            let mut command = demo(&["--door", door, "--protocol", protocol, "--json"]);
            command.envs([
                ("OTEL_RESOURCE_ATTRIBUTES", "host.name=janes-laptop"),
                ("OTEL_SERVICE_NAME", "janes-service"),
                ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=jane"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
                ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "0"),
                ("OTEL_TRACES_SAMPLER", "always_off"),
                ("OTEL_BSP_MAX_QUEUE_SIZE", "1"),
                ("TRACEPARENT", "00-6a616e65276a616e65276a616e652700-6a616e652700ffff-01"),
                ("HTTP_PROXY", "http://127.0.0.1:9"),
                ("http_proxy", "http://127.0.0.1:9"),
                ("ALL_PROXY", "http://127.0.0.1:9"),
                ("RUST_LOG", "off"),
            ]);
            let run = end(&mut command);
            assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
            assert_eq!(run.json()["verdict"], "clean");
        }
    }
}

#[test]
fn a_closed_pipe_changes_no_exit_code() {
    let mut child =
        demo(&[]).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
fn the_users_own_names_are_searched_for() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..10).map(|row| format!("{row},{}\n", ["Hollyhock", "Foxglove"][row % 2])).collect();
    let path = write(folder.path(), "Meadowsweet.csv", &format!("Larkspur,kind\n{rows}"));
    let run = check(&["--json", "--dataset", &path], 0).json();
    let searched = |what: &str| {
        let planted = run["planted"].as_array().unwrap();
        planted.iter().filter(|planted| planted["what"] == what && planted["found"] == 0).count()
    };
    assert_eq!(searched("your data set's path"), 1);
    assert_eq!(searched("your data set's file name"), 1);
    assert_eq!(searched("a column or class of the data set"), 3);
    assert_eq!(searched("your home"), usize::from(home().as_os_str().len() >= 4));
}
