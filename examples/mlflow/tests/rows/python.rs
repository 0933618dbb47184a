//! What the example writes, MLflow's own Python client finds: the same server, the same things.

use super::stage::Stage;
use super::tracking::Mlflow;
use serde_json::{Value, json};

#[test]
#[ignore = "needs MLflow and the Collector: examples/mlflow/server and collector-config/build get them"]
fn mlflows_own_client_lists_this_clients_runs() {
    let stage = Stage::real();
    let name = stage.name();
    let tour = stage.run(&["tour", &name]);
    assert_eq!(tour.code, 0, "{}", tour.stderr);
    let id = |what: &str| tour.stdout.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(' ')).unwrap();
    let experiment = id("experiment");
    let ran =
        stage.run(&["run", experiment, "by hand", "--param", "depth=3", "--metric", "loss=0.5", "--tag", "team=blue"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(stage.run(&["sweep", experiment, "2"]).code, 0);
    let server = Mlflow::get();
    let found: Value = serde_json::from_str(&server.python("tests/rows/list.py", &[&server.url, &name])).unwrap();
    let run = |name: &str, params: Value, metrics: Value, tags: Value| json!({"name": name, "params": params, "metrics": metrics, "tags": tags, "status": "FINISHED"});
    let scores = json!({"loss": 0.25, "accuracy_score": 0.75, "mean_squared_error": 0.25});
    let expected = json!({
        "experiments": [format!("{name} experiment")],
        "runs": [
            run("by hand", json!({"depth": "3"}), json!({"loss": 0.5}), json!({"team": "blue"})),
            run(&format!("{name} run"), json!({"alpha": "0.5"}), scores, json!({"team": name})),
            run("sweep 0", json!({"nth": "0"}), json!({}), json!({})),
            run("sweep 1", json!({"nth": "1"}), json!({}), json!({})),
        ],
        "logged_models": [{"id": id("logged model"), "name": format!("{name}-logged"), "flavor": "linfa", "status": "READY"}],
        "registered_models": [{"name": format!("{name}-model"), "tags": {"team": name}}],
        "versions": [{"name": format!("{name}-model"), "version": "1", "tags": {"stage": "first"},
            "source": format!("models:/{}", id("logged model"))}],
        "prompts": [{"name": format!("{name}-prompt"), "version": 1, "template": "Say {{word}}.", "filled": "Say yes."}],
        "traces": [{"id": id("trace"), "name": format!("{name} trace"), "request": "a question",
            "response": "an answer", "state": "OK"}],
        "assessments": [
            {"name": "helpful", "kind": "Feedback", "value": "yes", "source": "HUMAN", "by": name},
            {"name": "wanted", "kind": "Expectation", "value": "an answer", "source": "HUMAN", "by": name},
        ],
    });
    assert_eq!(found, expected, "{found:#}");
}
