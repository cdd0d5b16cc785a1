"""Records a small file store and what MLflow's own FileStore answers about it.

    <python with some mlflow> tests/filestore/record.py /srv/mlflow/mlruns tests/filestore/<version>

The store is made in the first folder (the paths inside it name that place) and then moved to `<second>/store` (`mlruns` is ignored by git); what
MLflow answers goes to `<second>/answers.json`.
"""

import json
import os
import pathlib
import shutil
import sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import mlflow
from answers import answers
from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient

ROOT, OUT = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
MAJOR, MINOR = (int(part) for part in mlflow.__version__.split(".")[:2])
T0 = 1_700_000_000_000

shutil.rmtree(ROOT, ignore_errors=True)
ROOT.parent.mkdir(parents=True, exist_ok=True)
mlflow.set_tracking_uri(ROOT.as_uri())
client = MlflowClient()


def artifact(run_id, text, name, folder=None):
    path = pathlib.Path("/tmp/oxflow-record") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    client.log_artifact(run_id, str(path), folder)


def fill_run(run_id):
    points = [
        Metric("loss", value, T0 + i * 10, step)
        for i, (step, value) in enumerate([(0, 1.0), (1, 0.5), (3, 0.25), (2, 0.75), (3, 0.25), (3, -1e-300)])
    ]
    points += [Metric("val/acc top-5", 0.1 * i, T0, i) for i in range(5)]
    points += [Metric("odd", value, T0 + i, -i) for i, value in enumerate([float("nan"), float("inf"), float("-inf")])]
    points += [Metric("nan at last", float("nan"), T0 + 1, 2), Metric("nan at last", 3.0, T0, 1)]
    points += [Metric("whole.number", 12345678901234567890.0, T0, 0)]
    client.log_batch(run_id, metrics=points)
    params = {
        "lr": "0.001",
        "deep/er/key": "x",
        "empty": "",
        "umlaut ä": "größe €, 日本, 🦀",
        "lines": "first\nsecond\r\nthird\n",
        "looks like": "null",
        "long": "p" * 500,
    }
    client.log_batch(run_id, params=[Param(key, value) for key, value in params.items()])
    client.log_batch(run_id, tags=[RunTag("mlflow.note.content", "# Note\n\n* a: b\n"), RunTag("a.b-c_d", "'quoted'")])


def fill():
    plain = client.create_experiment("plain", tags={"team": "vision", "mlflow.note.content": "two\nlines"})
    quoted = client.create_experiment("no: plain # name, \"quoted\" – é")
    elsewhere = client.create_experiment("on s3", artifact_location="s3://bucket/path")
    gone = client.create_experiment("to be deleted")
    kept_by_default = client.create_run("0", start_time=T0)
    client.log_metric(kept_by_default.info.run_id, "m", 1, T0, 0)

    full = client.create_run(plain, start_time=T0, tags={"mlflow.runName": "full run", "mlflow.user": "ada"}).info.run_id
    fill_run(full)
    artifact(full, "hello\n", "read me é.txt")
    artifact(full, '{"a": 1}', "deep.json", "model/data")
    client.set_terminated(full, "FINISHED", T0 + 5000)
    child = client.create_run(plain, start_time=T0 + 1, tags={"mlflow.parentRunId": full, "mlflow.runName": "1e3"})
    client.set_terminated(child.info.run_id, "FAILED", T0 + 7000)
    deleted = client.create_run(plain, start_time=T0 + 2, tags={"mlflow.runName": "0o17"}).info.run_id
    client.log_metric(deleted, "m", 2, T0, 0)
    client.delete_run(deleted)
    client.create_run(quoted, start_time=T0 + 3)
    client.create_run(elsewhere, start_time=T0 + 4)
    in_gone = client.create_run(gone, start_time=T0 + 5).info.run_id
    client.log_metric(in_gone, "m", 3, T0, 0)
    artifact(in_gone, "still here\n", "kept.txt")
    if MAJOR >= 2:  # MLflow 1 has no registry in a file store
        fill_registry(full)
    if (MAJOR, MINOR) >= (2, 4):
        fill_inputs(full)
    if MAJOR >= 3:
        fill_models(plain, full)
    client.delete_experiment(gone)


def fill_registry(run_id):
    client.create_registered_model("wine", tags={"stage": "beta"}, description="A model\nfor wine: 'red'")
    source = client.get_run(run_id).info.artifact_uri + "/model"
    for i in range(3):
        client.create_model_version("wine", source, run_id, tags={"n": str(i)}, description=f"take {i}" if i else None)
    client.create_model_version("wine", "s3://bucket/model")
    client.transition_model_version_stage("wine", "1", "Archived")
    client.transition_model_version_stage("wine", "2", "Production")
    client.delete_model_version("wine", "4")
    client.create_registered_model("empty one")
    if (MAJOR, MINOR) >= (2, 3):
        client.set_registered_model_alias("wine", "champion", "2")
        client.set_registered_model_alias("wine", "Gegner-1", "3")


def fill_inputs(run_id):
    from mlflow.entities import Dataset, DatasetInput, InputTag

    train = Dataset("train", "abc123", "local", '{"uri": "x.csv"}', '{"mlflow_colspec": []}', '{"num_rows": 3}')
    bare = Dataset("bare: set", "1e5", "code", "{}")
    tags = [InputTag("mlflow.data.context", "training"), InputTag("k", "no")]
    client.log_inputs(run_id, [DatasetInput(train, tags), DatasetInput(bare, [])])


def fill_models(experiment_id, run_id):
    from mlflow.entities import LoggedModelInput, LoggedModelOutput

    model = client.create_logged_model(
        experiment_id, name="clf", source_run_id=run_id, tags={"t": "1"}, params={"depth": "3"}, model_type="sklearn"
    )
    path = pathlib.Path("/tmp/oxflow-record/MLmodel")
    path.write_text("flavors: {}\n")
    client.log_model_artifact(model.model_id, str(path))
    client.finalize_logged_model(model.model_id, "READY")
    client.log_metric(run_id, "acc", 0.5, T0, 1, model_id=model.model_id)
    client.log_metric(run_id, "acc", 0.7, T0, 2, dataset_name="train", dataset_digest="abc123", model_id=model.model_id)
    client.log_metric(run_id, "acc", float("nan"), T0, 3, model_id=model.model_id)
    other = client.create_logged_model(experiment_id, name="deleted one")
    client.delete_logged_model(other.model_id)
    client.log_outputs(run_id, models=[LoggedModelOutput(model.model_id, 2)])
    client.log_inputs(run_id, models=[LoggedModelInput(other.model_id)])
    client.create_model_version("wine", f"models:/{model.model_id}", run_id, model_id=model.model_id)
    trace = client.start_trace("question", inputs={"q": 1}, experiment_id=experiment_id)
    client.end_trace(trace.request_id, outputs={"a": 2})
    mlflow.flush_trace_async_logging()
    mlflow.set_trace_tag(trace.request_id, "reviewed", "yes")
    mlflow.log_feedback(trace_id=trace.request_id, name="good", value=True, rationale="because")
    mlflow.log_expectation(trace_id=trace.request_id, name="answer", value={"a": [1, 2.5, "ä"]})


fill()
recorded = {"root": str(ROOT), **answers(client)}
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir(parents=True)
shutil.move(str(ROOT), str(OUT / "store"))
text = json.dumps(recorded, indent=1, sort_keys=True, ensure_ascii=False)
(OUT / "answers.json").write_text(text + "\n")
