"""Fills a server with things that are deleted and things that are not; prints their ids as JSON. Argument: nothing."""

import json
import tempfile

import mlflow
from mlflow import MlflowClient
from mlflow.data.meta_dataset import MetaDataset
from mlflow.data.http_dataset_source import HTTPDatasetSource

client = MlflowClient()
ids = {}


def run_in(experiment, name):
    dataset = MetaDataset(HTTPDatasetSource("http://example.org/wine.csv"), name="wine")
    with mlflow.start_run(experiment_id=experiment, run_name=name) as run:
        mlflow.log_metrics({"loss": 0.5, "acc": 0.9}, step=1)
        mlflow.log_metric("loss", 0.25, step=2)
        mlflow.log_params({"lr": 0.1})
        mlflow.set_tags({"team": "blue"})
        mlflow.log_text("hello", "notes/hello.txt")
        mlflow.log_input(dataset, context="training")
    ids[name] = run.info.run_id
    return run.info.run_id


def model_in(experiment, name, run_id):
    model = client.create_logged_model(experiment_id=experiment, name=name, source_run_id=run_id, tags={"a": "b"}, params={"depth": "3"})
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("weights")
        file.flush()
        client.log_model_artifact(model.model_id, file.name)
    client.finalize_logged_model(model.model_id, "READY")
    client.log_metric(run_id, "auc", 0.5, model_id=model.model_id, step=1)
    ids[name] = model.model_id
    return model.model_id


keeping = client.create_experiment("keeping", tags={"team": "blue"})
deleting = client.create_experiment("deleting", tags={"team": "red"})
ids["kept_experiment"], ids["deleted_experiment"] = keeping, deleting
active, deleted = run_in(keeping, "active"), run_in(keeping, "deleted")
registered, in_deleted = run_in(keeping, "registered"), run_in(deleting, "in_deleted")
model_in(keeping, "active_model", active)
deleted_model = model_in(keeping, "deleted_model", deleted)
model_in(deleting, "model_in_deleted", in_deleted)
client.create_registered_model("wine")
client.create_model_version("wine", f"runs:/{registered}/notes", run_id=registered)
client.delete_run(deleted)
client.delete_run(registered)
client.delete_logged_model(deleted_model)
client.delete_experiment(deleting)
print(json.dumps(ids))
