#!/usr/bin/env python3
"""Fills the server in MLFLOW_TRACKING_URI with what the pages of the UI show. Prints the ids as JSON."""

import json
import math
import os
import struct
import tempfile
import warnings
import wave
from pathlib import Path

warnings.filterwarnings("ignore")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.entities import Metric, RunTag
from mlflow.models import infer_signature
from mlflow.tracking import MlflowClient
from sklearn.linear_model import LinearRegression

client = MlflowClient()
HOUR_MS = 3_600_000
START_MS = 1_790_000_000_000
POINTS = 4000


def main():
    seeded = {}
    seeded["experiment"] = client.create_experiment(
        "wine quality", tags={"mlflow.note.content": "Which wine is **good**?", "team": "sommeliers"}
    )
    seeded["second_experiment"] = client.create_experiment("grape harvest")
    seeded["empty_experiment"] = client.create_experiment("nothing yet")
    seeded["runs"] = sweep(seeded["experiment"])
    seeded["parent"], seeded["children"] = nested(seeded["experiment"])
    seeded["run"], seeded["models"], seeded["example"] = rich_run(seeded["experiment"])
    for index in range(3):
        small_run(seeded["second_experiment"], index)
    seeded.update(registry(seeded))
    print(json.dumps(seeded))


def sweep(experiment):
    """Twelve runs of two optimizers, one of them failed, one deleted."""
    runs = []
    for index in range(12):
        rate = 10 ** -(1 + index % 4)
        info = client.create_run(
            experiment, start_time=START_MS + index * HOUR_MS, run_name=f"sweep-{index:02}", tags={"sweep": "rates"}
        ).info
        steps = np.arange(60)
        loss = (1 + index / 10) * np.exp(-steps * rate * 5) + 0.05 * index
        metrics = [Metric("loss", float(v), START_MS + int(s) * 1000, int(s)) for s, v in zip(steps, loss)]
        metrics += [Metric("val/accuracy", 1 - float(v) / 3, START_MS + int(s) * 1000, int(s)) for s, v in zip(steps, loss)]
        client.log_batch(info.run_id, metrics=metrics)
        client.log_param(info.run_id, "learning_rate", rate)
        client.log_param(info.run_id, "optimizer", "adam" if index % 2 else "sgd")
        client.log_param(info.run_id, "layers", 2 + index % 3)
        client.set_terminated(info.run_id, "FAILED" if index == 7 else "FINISHED", START_MS + index * HOUR_MS + 90_000)
        runs.append(info.run_id)
    client.delete_run(runs[-1])
    return runs


def nested(experiment):
    parent = client.create_run(experiment, run_name="search-of-depths", start_time=START_MS + 20 * HOUR_MS).info.run_id
    children = []
    for depth in (2, 4, 8):
        child = client.create_run(
            experiment,
            run_name=f"depth-{depth}",
            start_time=START_MS + 20 * HOUR_MS + depth,
            tags={"mlflow.parentRunId": parent},
        ).info.run_id
        client.log_param(child, "depth", depth)
        client.log_metric(child, "loss", 1 / depth, START_MS, 0)
        client.set_terminated(child, end_time=START_MS + 21 * HOUR_MS)
        children.append(child)
    client.log_metric(parent, "loss", 0.125, START_MS, 0)
    client.set_terminated(parent, end_time=START_MS + 21 * HOUR_MS)
    return parent, children


def rich_run(experiment):
    """One run with long histories, system metrics, every kind of artifact, datasets and logged models."""
    mlflow.set_experiment(experiment_id=experiment)
    frame = pd.DataFrame({"alcohol": [9.4, 9.8, 11.2, 12.0], "sulphates": [0.56, 0.68, 0.65, 0.8], "quality": [5, 5, 6, 7]})
    train = mlflow.data.from_pandas(frame, source="https://example.org/red-wine.csv", name="red wine", targets="quality")
    evaluation = mlflow.data.from_pandas(frame.head(2), source="https://example.org/white-wine.csv", name="white wine")
    with mlflow.start_run(run_name="the one with everything") as run:
        run_id = run.info.run_id
        mlflow.set_tags({"mlflow.note.content": "# Notes\nThis run has *everything*.", "stage of life": "young"})
        mlflow.log_params({"learning_rate": 0.001, "optimizer": "adam", "layers": 4, "long": "x" * 500})
        mlflow.log_input(train, context="training")
        mlflow.log_input(evaluation, context="evaluation")
        for first in range(0, POINTS, 500):
            steps = range(first, first + 500)
            client.log_batch(
                run_id,
                metrics=[Metric("loss", math.exp(-s / 800) + 0.05 * math.sin(s / 7), START_MS + s * 1000, s) for s in steps]
                + [Metric("val/accuracy", 1 - math.exp(-s / 900), START_MS + s * 1000, s) for s in steps],
            )
        odd = [("diverged", float("nan")), ("limit", float("inf")), ("negative limit", float("-inf"))]
        client.log_batch(run_id, metrics=[Metric(key, value, START_MS, 0) for key, value in odd])
        for key, low in [("cpu_utilization_percentage", 40), ("system_memory_usage_megabytes", 2000), ("network_receive_megabytes", 1)]:
            points = [Metric(f"system/{key}", low + s % 17, START_MS + s * 10_000, s) for s in range(120)]
            client.log_batch(run_id, metrics=points)
        artifacts()
        mlflow.log_dict({"grape": "merlot", "years": [2019, 2020], "nested": {"deep": True}}, "data/facts.json")
        mlflow.log_table({"question": ["red or white?", "corked?"], "answer": ["red", "no"], "score": [0.9, 0.4]}, "eval/answers.json")
        for step in (0, 1, 2):
            pixels = np.zeros((32, 32, 3), dtype=np.uint8)
            pixels[:, :, step] = 200
            mlflow.log_image(pixels, key="colours", step=step)
        models = logged_models(frame, train)
    return run_id, models[0], models[1]


def artifacts():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        figure = plt.figure(figsize=(3, 2))
        plt.plot([1, 4, 9])
        (folder / "plots").mkdir()
        figure.savefig(folder / "plots" / "curve.png")
        figure.savefig(folder / "plots" / "curve.svg")
        figure.savefig(folder / "plots" / "curve.pdf")
        plt.close(figure)
        (folder / "log.txt").write_text("first line\nsecond line with ümlaut\n")
        (folder / "train.py").write_text("import mlflow\n\nprint('hello')\n")
        (folder / "README.md").write_text("# A heading\n\nand a *text*\n")
        (folder / "table.csv").write_text("wine,points\nmerlot,91\nriesling,93\n")
        (folder / "page.html").write_text("<h1>A page</h1><script>document.body.append('a script ran')</script>")
        (folder / "settings.yaml").write_text("rate: 0.1\nlayers: [1, 2]\n")
        (folder / "weights.bin").write_bytes(bytes(range(256)))
        (folder / "vineyard.geojson").write_text(
            json.dumps({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [7.8, 48.0]}})
        )
        with wave.open(str(folder / "cork.wav"), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", "NONE"))
            sound.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i / 5))) for i in range(4000)))
        mlflow.log_artifacts(str(folder))


def logged_models(frame, dataset):
    features = frame[["alcohol", "sulphates"]]
    fitted = LinearRegression().fit(features, frame["quality"])
    logged = []
    for index, name in enumerate(["forest", "ridge"]):
        info = mlflow.sklearn.log_model(
            fitted,
            name=name,
            params={"trees": 100 * (index + 1)},
            tags={"kind": name},
            signature=infer_signature(features, fitted.predict(features)),
            input_example=features.head(2) if index == 0 else None,
            pip_requirements=["scikit-learn"],
        )
        mlflow.log_metric("rmse", 0.5 - index / 10, model_id=info.model_id, dataset=dataset)
        mlflow.log_metric("rmse", 0.55 - index / 10, step=1, model_id=info.model_id, dataset=dataset)
        logged.append(info.model_id)
    return logged, fitted.coef_.tolist()


def small_run(experiment, index):
    run_id = client.create_run(experiment, run_name=f"harvest-{index}", start_time=START_MS + index).info.run_id
    client.log_batch(run_id, metrics=[Metric("tons", 3.5 * s, START_MS, s) for s in range(3)], tags=[RunTag("year", "2020")])
    client.set_terminated(run_id, end_time=START_MS + 5000)


def registry(seeded):
    client.create_registered_model("wine taster", tags={"owner": "cellar"}, description="Tells *good* wine from bad.")
    versions = [
        mlflow.register_model(f"models:/{model}", "wine taster", tags={"checked": "yes"}) for model in seeded["models"]
    ]
    # A version of another run, in the way of clients before MLflow 3.
    old = seeded["runs"][0]
    client.log_text(old, "flavors: {}\n", "model/MLmodel")
    source = client.get_run(old).info.artifact_uri + "/model"
    versions.append(client.create_model_version("wine taster", source, run_id=old))
    client.update_model_version("wine taster", versions[0].version, "The first try.")
    client.set_registered_model_alias("wine taster", "champion", versions[1].version)
    client.set_registered_model_alias("wine taster", "first", versions[0].version)
    client.transition_model_version_stage("wine taster", versions[0].version, "Staging")
    client.create_registered_model("empty cellar")
    for index in range(3):
        client.create_registered_model(f"barrel {index}")
    return {"registered_model": "wine taster", "versions": [version.version for version in versions]}


if __name__ == "__main__":
    main()
