"""What an MLflow client says about everything in a store, as JSON that can be compared.

    python answers.py <tracking uri> [tracking]

With `tracking` the registry and traces are left out.
"""

import json
import sys

import mlflow
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient

MAJOR = int(mlflow.__version__.split(".")[0])


def number(value):
    return value if value == value and abs(value) != float("inf") else str(value)


def run_answer(client, run):
    history = {}
    for key in run.data.metrics:
        points = client.get_metric_history(run.info.run_id, key)
        history[key] = [[point.timestamp, number(point.value), point.step] for point in points]
    answer = {
        "experiment_id": run.info.experiment_id,
        "name": getattr(run.info, "run_name", None),
        "status": run.info.status,
        "start_time": run.info.start_time,
        "end_time": run.info.end_time,
        "lifecycle_stage": run.info.lifecycle_stage,
        "user_id": run.info.user_id,
        "artifact_uri": run.info.artifact_uri,
        "params": run.data.params,
        "tags": run.data.tags,
        "latest": {key: number(value) for key, value in run.data.metrics.items()},
        "history": history,
    }
    inputs = getattr(run, "inputs", None)
    if inputs:
        answer["dataset_inputs"] = sorted(
            (
                [i.dataset.name, i.dataset.digest, i.dataset.source_type, i.dataset.source, i.dataset.schema]
                + [i.dataset.profile, {tag.key: tag.value for tag in i.tags}]
                for i in inputs.dataset_inputs
            ),
            key=lambda one: one[0],
        )
        answer["model_inputs"] = sorted(one.model_id for one in getattr(inputs, "model_inputs", None) or [])
    outputs = getattr(run, "outputs", None)
    if outputs:
        answer["model_outputs"] = sorted([one.model_id, one.step] for one in outputs.model_outputs)
    return answer


def answers(client, with_registry=True, with_traces=True):
    experiments, runs, models, logged, traces = {}, {}, {}, {}, {}
    for one in client.search_experiments(view_type=ViewType.ALL):
        experiments[one.experiment_id] = {
            "name": one.name,
            "artifact_location": one.artifact_location,
            "lifecycle_stage": one.lifecycle_stage,
            "tags": one.tags,
            "creation_time": one.creation_time,
            "last_update_time": one.last_update_time,
        }
    for run in client.search_runs(list(experiments), run_view_type=ViewType.ALL):
        runs[run.info.run_id] = run_answer(client, client.get_run(run.info.run_id))
    for one in client.search_registered_models() if MAJOR >= 2 and with_registry else []:
        versions = {}
        for version in client.search_model_versions(f"name='{one.name}'"):
            full = client.get_model_version(one.name, version.version)
            fields = "current_stage description run_id source status tags user_id creation_timestamp run_link"
            versions[str(full.version)] = {field: getattr(full, field) for field in fields.split()}
            versions[str(full.version)]["aliases"] = sorted(getattr(full, "aliases", None) or [])
            versions[str(full.version)]["download_uri"] = client.get_model_version_download_uri(one.name, full.version)
        models[one.name] = {
            "description": one.description,
            "tags": one.tags,
            "aliases": {alias: int(version) for alias, version in (getattr(one, "aliases", None) or {}).items()},
            "creation_timestamp": one.creation_timestamp,
            "versions": versions,
        }
    if MAJOR >= 3:
        for model in client.search_logged_models(list(experiments)):
            logged[model.model_id] = {
                "experiment_id": model.experiment_id,
                "name": model.name,
                "status": str(model.status),
                "model_type": model.model_type,
                "source_run_id": model.source_run_id,
                "artifact_location": model.artifact_location,
                "creation_timestamp": model.creation_timestamp,
                "tags": model.tags,
                "params": model.params,
            }
        for trace in client.search_traces(list(experiments), include_spans=False) if with_traces else []:
            traces[trace.info.trace_id] = {
                "experiment_id": trace.info.experiment_id,
                "request_time": trace.info.request_time,
                "state": str(trace.info.state),
                "tags": trace.info.tags,
                "metadata": trace.info.trace_metadata,
                "assessments": sorted(one.name for one in trace.info.assessments),
            }
    return {
        "mlflow": mlflow.__version__,
        "experiments": experiments,
        "runs": runs,
        "registered_models": models,
        "logged_models": logged,
        "traces": traces,
    }


if __name__ == "__main__":
    everything = sys.argv[2:] != ["tracking"]
    mlflow.set_tracking_uri(sys.argv[1])
    found = answers(MlflowClient(), with_registry=everything, with_traces=everything)
    print(json.dumps(found, sort_keys=True))
