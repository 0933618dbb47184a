"""Lists what is on a tracking server under names that begin with a prefix, with MLflow's own client, as one JSON object."""

import json
import sys

import mlflow

uri, prefix = sys.argv[1:]
mlflow.set_tracking_uri(uri)
client = mlflow.MlflowClient(uri)


def own(tags):
    """Tags that a person set: not the client's own bookkeeping."""
    return {key: value for key, value in tags.items() if not key.startswith("mlflow.")}


experiments = client.search_experiments(filter_string=f"name LIKE '{prefix}%'")
ids = [experiment.experiment_id for experiment in experiments]
runs = sorted(client.search_runs(ids), key=lambda run: (run.info.run_name.startswith("sweep"), run.info.run_name))
models = client.search_logged_models(experiment_ids=ids)
registered = client.search_registered_models(filter_string=f"name LIKE '{prefix}%'")
versions = [client.get_model_version(model.name, 1) for model in registered]
prompts = [
    mlflow.genai.load_prompt(prompt.name, version=1)
    for prompt in mlflow.genai.search_prompts(filter_string=f"name LIKE '{prefix}%'")
]
traces = client.search_traces(locations=ids, include_spans=False)
assessments = [one for trace in traces for one in trace.info.assessments]
print(
    json.dumps(
        {
            "experiments": [experiment.name for experiment in experiments],
            "runs": [
                {
                    "name": run.info.run_name,
                    "params": run.data.params,
                    "metrics": run.data.metrics,
                    "tags": own(run.data.tags),
                    "status": run.info.status,
                }
                for run in runs
            ],
            "logged_models": [
                {"id": model.model_id, "name": model.name, "flavor": model.tags["flavor"], "status": model.status}
                for model in models
            ],
            "registered_models": [{"name": model.name, "tags": model.tags} for model in registered],
            "versions": [
                {"name": one.name, "version": str(one.version), "tags": one.tags, "source": one.source}
                for one in versions
            ],
            "prompts": [
                {
                    "name": prompt.name,
                    "version": prompt.version,
                    "template": prompt.template,
                    "filled": prompt.format(word="yes"),
                }
                for prompt in prompts
            ],
            "traces": [
                {
                    "id": trace.info.trace_id,
                    "name": trace.info.tags["mlflow.traceName"],
                    "request": trace.info.request_preview,
                    "response": trace.info.response_preview,
                    "state": str(trace.info.state),
                }
                for trace in traces
            ],
            "assessments": sorted(
                (
                    {
                        "name": one.name,
                        "kind": type(one).__name__,
                        "value": one.value,
                        "source": one.source.source_type,
                        "by": one.source.source_id,
                    }
                    for one in assessments
                ),
                key=lambda one: one["name"],
            ),
        }
    )
)
