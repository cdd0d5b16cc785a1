#!/usr/bin/env python3
"""Fills a server with a bit of everything, through the client. Run by test_interchange.py with the 3.17.2 client."""

import os
import sys
import tempfile
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

import mlflow
import numpy as np
from mlflow.entities import LoggedModelOutput, Metric, Param, RunTag
from mlflow.tracking import MlflowClient

client = MlflowClient()


def main():
    first = client.create_experiment("first", tags={"team": "blue", "größe": "ü"})
    client.create_experiment("elsewhere", artifact_location="s3://bucket/path?x=1")
    deleted = client.create_experiment("deleted")
    client.create_run(deleted, run_name="in a deleted experiment")
    client.delete_experiment(deleted)
    mlflow.set_experiment(experiment_id=first)
    for number in range(12):
        run = client.create_run(
            first, start_time=1_700_000_000_000 + number, run_name=f"run {number}", tags={"even": str(number % 2 == 0)}
        )
        run_id = run.info.run_id
        points = [Metric("loss", 1 / (step + 1) + number, 1_700_000_000_000 + step, step) for step in range(40)]
        points += [
            Metric("nan", float("nan"), 5, 0),
            Metric("up", float("inf"), 5, 1),
            Metric("down", float("-inf"), 5, -3),
        ]
        client.log_batch(run_id, points, [Param("lr", str(number / 10)), Param("empty", "")], [RunTag("a b", "it's")])
        client.set_terminated(run_id, ["FINISHED", "FAILED", "KILLED"][number % 3], end_time=1_700_000_100_000 + number)
        if number == 11:
            client.delete_run(run_id)
    with mlflow.start_run(run_name="rich") as run, tempfile.TemporaryDirectory() as folder:
        mlflow.log_params({"long": "x" * 6000, "日本": "語"})
        dataset = mlflow.data.from_numpy(np.arange(12.0), name="numbers")
        mlflow.log_input(dataset, context="train", tags={"part": "one"})
        mlflow.log_text("hello", "dir/hello.txt")
        (Path(folder) / "b.bin").write_bytes(bytes(range(256)) * 300)
        mlflow.log_artifact(os.path.join(folder, "b.bin"))
        model = mlflow.initialize_logged_model(
            name="model", params={"a": "b"}, tags={"t": "v"}, model_type="toy", source_run_id=run.info.run_id
        )
        mlflow.finalize_logged_model(model.model_id, "READY")
        mlflow.log_metric("acc", 0.5, step=1, model_id=model.model_id)
        mlflow.log_metric("acc", 0.75, step=2, model_id=model.model_id, dataset=dataset)
        mlflow.log_outputs([LoggedModelOutput(model.model_id, 3)])
        gone = mlflow.initialize_logged_model(name="gone")
        client.delete_logged_model(gone.model_id)
        fill_registry(run.info.run_id, model.model_id)
    print(f"filled through client {mlflow.__version__}")


def fill_registry(run_id, model_id):
    client.create_registered_model("wine", tags={"team": "blue", "größe": "ü"}, description="red or white")
    client.create_model_version("wine", f"runs:/{run_id}/dir", run_id=run_id, tags={"of": "run"}, description="first")
    client.create_model_version("wine", f"models:/{model_id}", model_id=model_id)
    client.create_model_version("wine", "s3://bucket/model")
    client.create_model_version("wine", "s3://bucket/gone")
    client.set_registered_model_alias("wine", "best", "2")
    client.set_registered_model_alias("wine", "gone", "4")
    client.delete_model_version("wine", "4")
    with warnings.catch_warnings(action="ignore"):
        client.transition_model_version_stage("wine", "1", "Production")
        client.transition_model_version_stage("wine", "3", "Production", archive_existing_versions=True)
    client.set_model_version_tag("wine", "3", "checked", "yes")
    client.create_registered_model("old name")
    client.create_model_version("old name", "s3://bucket/model")
    client.copy_model_version("models:/wine/1", "copy of wine")
    client.rename_registered_model("old name", "new name")
    client.create_registered_model("empty")
    client.create_registered_model("deleted")
    client.create_model_version("deleted", "s3://bucket/model")
    client.delete_registered_model("deleted")
    mlflow.genai.register_prompt("greeting", "Hello {{name}}", tags={"tone": "kind"})
    mlflow.genai.set_prompt_alias("greeting", "live", 1)


if __name__ == "__main__":
    sys.exit(main())
