#!/usr/bin/env python3
"""Tries several classifiers on scikit-learn's wine data, tracks everything with MLflow, and reads it all back.

Only MLFLOW_TRACKING_URI has to be set:

    MLFLOW_TRACKING_URI=http://127.0.0.1:5000 python train.py

Exits with 1 and says what differs if the server returns anything else than what was logged.
"""

import logging
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
import numpy as np
from mlflow.models import infer_signature
from mlflow.tracking import MlflowClient
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import ConfusionMatrixDisplay, log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

logging.getLogger("mlflow.system_metrics").setLevel(logging.CRITICAL)

EXPERIMENT = "wine"
STRENGTHS = [0.001, 0.01, 0.1, 1.0]
EPOCHS = 30


class Mismatch(Exception):
    """The server returned something else than what was logged."""


def main():
    if "MLFLOW_TRACKING_URI" not in os.environ:
        sys.exit("error: set MLFLOW_TRACKING_URI, for example to http://127.0.0.1:5000")
    started = time.monotonic()
    experiment = mlflow.set_experiment(EXPERIMENT)
    mlflow.enable_system_metrics_logging()
    mlflow.set_system_metrics_sampling_interval(1)
    mlflow.set_system_metrics_samples_before_logging(1)

    wine = load_wine(as_frame=True)
    train, test = train_test_split(wine.frame, test_size=0.3, random_state=7, stratify=wine.target)

    with mlflow.start_run(run_name="wine", tags={"example": "wine"}) as parent:
        print(f"mlflow {mlflow.__version__} at {mlflow.get_tracking_uri()}")
        print(f"run {parent.info.run_id} in experiment {experiment.experiment_id} ({EXPERIMENT})")
        dataset = mlflow.data.from_pandas(
            train, source="https://archive.ics.uci.edu/dataset/109/wine", name="wine", targets="target"
        )
        mlflow.log_input(dataset, context="training")
        accuracies = try_strengths(train, test)
        losses = train_by_epochs(train, test)
        best = max(accuracies, key=accuracies.get)
        expected = log_best(best, train, test, dataset)
        # The sampler writes once a second; one sample is enough to read back.
        wait_for(lambda: system_metrics(parent.info.run_id), "a system metric")

    print("reading everything back")
    check_runs(experiment, parent.info.run_id, accuracies)
    check_epochs(experiment, parent.info.run_id, losses)
    check_parent(parent.info.run_id, dataset, best)
    check_model(parent.info.run_id, test, expected)
    print(f"done in {time.monotonic() - started:.0f} s: everything that was logged came back")


def try_strengths(train, test):
    """One nested run per regularisation strength; autologging does the rest. Returns accuracy by strength."""
    mlflow.sklearn.autolog(log_models=False, silent=True)
    accuracies = {}
    for strength in STRENGTHS:
        with mlflow.start_run(run_name=f"logistic C={strength}", nested=True):
            model = LogisticRegression(C=strength, max_iter=500)
            scaler = StandardScaler().fit(train.drop(columns="target"))
            model.fit(scaler.transform(train.drop(columns="target")), train.target)
            accuracy = float(model.score(scaler.transform(test.drop(columns="target")), test.target))
            mlflow.log_metric("test_accuracy", accuracy)
            mlflow.log_param("strength", strength)
            accuracies[strength] = accuracy
            print(f"  C={strength:<6} test accuracy {accuracy:.3f}")
    mlflow.sklearn.autolog(disable=True)
    return accuracies


def train_by_epochs(train, test):
    """A nested run with metrics per epoch. Returns the losses."""
    scaler = StandardScaler().fit(train.drop(columns="target"))
    x, held_out = (scaler.transform(part.drop(columns="target")) for part in (train, test))
    losses = []
    with mlflow.start_run(run_name="sgd", nested=True):
        mlflow.log_params({"loss": "log_loss", "epochs": EPOCHS, "eta0": 0.001})
        model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.001, random_state=7)
        for epoch in range(EPOCHS):
            model.partial_fit(x, train.target, classes=[0, 1, 2])
            loss = float(log_loss(test.target, model.predict_proba(held_out)))
            mlflow.log_metrics({"loss": loss, "accuracy": float(model.score(held_out, test.target))}, step=epoch)
            losses.append(loss)
        figure, axes = plt.subplots(figsize=(5, 3))
        axes.plot(losses)
        axes.set(xlabel="epoch", ylabel="log loss on held-out wines")
        mlflow.log_figure(figure, "plots/loss.png")
        plt.close(figure)
    print(f"  sgd: {EPOCHS} epochs, loss {losses[0]:.3f} to {losses[-1]:.3f}")
    return losses


def log_best(strength, train, test, dataset):
    """Logs the best model with signature, a figure and a table to the parent run. Returns its predictions."""
    features = train.drop(columns="target")
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=500)).fit(features, train.target)
    expected = model.predict(test.drop(columns="target"))
    mlflow.log_param("best_strength", strength)
    mlflow.log_dict({"strength": strength, "columns": list(features.columns)}, "best.json")
    mlflow.log_text("wine, by the glass\n", "notes/readme.txt")
    figure, axes = plt.subplots(figsize=(4, 4))
    ConfusionMatrixDisplay.from_predictions(test.target, expected, ax=axes, colorbar=False)
    mlflow.log_figure(figure, "plots/confusion.png")
    plt.close(figure)
    # `artifact_path` works with every client; 3.x calls it `name` and prints a hint. The requirements are named, so
    # that the client need not find them out by importing the model in a process of its own.
    mlflow.sklearn.log_model(
        model,
        artifact_path="model",
        signature=infer_signature(features, expected),
        input_example=features.head(2),
        pip_requirements=["scikit-learn"],
    )
    print(f"  best C={strength}, logged as a model")
    return expected


# --- reading back ---------------------------------------------------------------------------------------------------


def check(what, got, expected):
    if got != expected:
        raise Mismatch(f"{what}: logged {expected!r}, the server returned {got!r}")


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Mismatch(f"{what} did not arrive within {seconds} s")
        time.sleep(0.2)


def system_metrics(run_id):
    return [key for key in MlflowClient().get_run(run_id).data.metrics if key.startswith("system/")]


def check_runs(experiment, parent_id, accuracies):
    children = mlflow.search_runs(
        [experiment.experiment_id],
        filter_string=f"tags.mlflow.parentRunId = '{parent_id}' AND params.strength LIKE '%'",
        order_by=["metrics.test_accuracy DESC", "start_time ASC"],
    )
    check("nested runs with a strength", sorted(float(text) for text in children["params.strength"]), sorted(STRENGTHS))
    check("their order", list(children["metrics.test_accuracy"]), sorted(accuracies.values(), reverse=True))
    check("their status", set(children["status"]), {"FINISHED"})
    for _, row in children.iterrows():
        strength = float(row["params.strength"])
        check(f"autologged C of the run with C={strength}", float(row["params.C"]), strength)
        check(f"accuracy with C={strength}", row["metrics.test_accuracy"], accuracies[strength])
        check(f"autologged estimator with C={strength}", row["tags.estimator_name"], "LogisticRegression")
        if "metrics.training_accuracy_score" not in row or np.isnan(row["metrics.training_accuracy_score"]):
            raise Mismatch(f"the run with C={strength} has no autologged training metrics")
    good = mlflow.search_runs(
        [experiment.experiment_id],
        filter_string=f"tags.mlflow.parentRunId = '{parent_id}' AND metrics.test_accuracy >= {max(accuracies.values())}",
        output_format="list",
    )
    best = [strength for strength, value in accuracies.items() if value == max(accuracies.values())]
    check("runs found by their accuracy", sorted(float(run.data.params["strength"]) for run in good), sorted(best))


def check_epochs(experiment, parent_id, losses):
    client = MlflowClient()
    (run,) = client.search_runs(
        [experiment.experiment_id], f"tags.mlflow.parentRunId = '{parent_id}' AND attributes.run_name = 'sgd'"
    )
    history = client.get_metric_history(run.info.run_id, "loss")
    check("loss of every epoch", [(point.step, point.value) for point in history], list(enumerate(losses)))
    check("latest loss", run.data.metrics["loss"], losses[-1])
    check("params of sgd", run.data.params, {"loss": "log_loss", "epochs": str(EPOCHS), "eta0": "0.001"})
    check("plots of sgd", [item.path for item in client.list_artifacts(run.info.run_id, "plots")], ["plots/loss.png"])


def check_parent(run_id, dataset, best):
    client = MlflowClient()
    run = client.get_run(run_id)
    check("status", run.info.status, "FINISHED")
    check("name", run.info.run_name, "wine")
    check("tag", run.data.tags["example"], "wine")
    check("param", run.data.params["best_strength"], str(best))
    inputs = [
        (item.dataset.name, item.dataset.digest, {tag.key: tag.value for tag in item.tags})
        for item in run.inputs.dataset_inputs
    ]
    check("dataset", inputs, [("wine", dataset.digest, {"mlflow.data.context": "training"})])
    if not system_metrics(run_id):
        raise Mismatch("the run has no system metrics")
    with tempfile.TemporaryDirectory() as folder:
        text = Path(
            mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="notes/readme.txt", dst_path=folder)
        )
        check("downloaded text", text.read_text(), "wine, by the glass\n")
        plots = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="plots", dst_path=folder))
        check("downloaded plots", [file.name for file in plots.iterdir()], ["confusion.png"])
        check("first bytes of a PNG", (plots / "confusion.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        check("best.json", mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/best.json")["strength"], best)


def check_model(run_id, test, expected):
    model = mlflow.sklearn.load_model(f"runs:/{run_id}/model")
    check("predictions of the loaded model", model.predict(test.drop(columns="target")).tolist(), expected.tolist())
    signature = mlflow.models.get_model_info(f"runs:/{run_id}/model").signature
    check("inputs of its signature", signature.inputs.input_names(), list(test.columns.drop("target")))


if __name__ == "__main__":
    try:
        main()
    except Mismatch as mismatch:
        sys.exit(f"error: {mismatch}")
