#!/usr/bin/env python3
"""What people do with the MLflow client on an ordinary day, with every answer checked.

Runs under the clients 3.17.2 and 2.11.3 against the server in MLFLOW_TRACKING_URI. Prints `ok <part>` or
`skipped <part>: <what this client lacks>` per part; the test beside it knows which parts may be skipped.
"""

import concurrent.futures
import json
import math
import os
import sys
import tempfile
import time
import uuid
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from PIL import Image

client = MlflowClient()
unique = uuid.uuid4().hex[:8]


class Lacks(Exception):
    """This client cannot do it."""


def needs(holder, *names):
    for name in names:
        if not hasattr(holder, name):
            raise Lacks(name)


def new_experiment(name, **rest):
    return client.create_experiment(f"{name} {unique}", **rest)


def refused(code, call, *arguments, **rest):
    try:
        call(*arguments, **rest)
    except MlflowException as error:
        assert error.error_code == code, (error.error_code, str(error))
        return str(error)
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def experiments():
    first = new_experiment("days", tags={"team": "blue"})
    found = client.get_experiment(first)
    assert (found.name, found.tags["team"], found.lifecycle_stage) == (f"days {unique}", "blue", "active")
    assert found.artifact_location == f"mlflow-artifacts:/{first}"
    refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, f"days {unique}")
    client.set_experiment_tag(first, "team", "red")
    client.set_experiment_tag(first, "größe", "ü" * 5000)
    client.rename_experiment(first, f"nights {unique}")
    renamed = client.get_experiment_by_name(f"nights {unique}")
    assert renamed.experiment_id == first and renamed.tags == {"team": "red", "größe": "ü" * 5000}
    assert client.get_experiment_by_name(f"days {unique}") is None
    client.delete_experiment(first)
    assert client.get_experiment(first).lifecycle_stage == "deleted"
    refused("INVALID_PARAMETER_VALUE", client.create_run, first)
    client.restore_experiment(first)
    assert client.get_experiment(first).lifecycle_stage == "active"
    refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "99999999")

    made = [new_experiment(f"page{number}", tags={"number": str(number)}) for number in range(7)]
    text = f"name LIKE 'page% {unique}'"
    walked, token = [], None
    while True:
        page = client.search_experiments(filter_string=text, order_by=["name DESC"], max_results=3, page_token=token)
        walked += [item.experiment_id for item in page]
        token = page.token
        if not token:
            break
    assert walked == made[::-1], (walked, made)
    some = mlflow.search_experiments(filter_string=f"{text} AND tags.number = '3'")
    assert [item.experiment_id for item in some] == [made[3]]
    client.delete_experiment(made[0])
    deleted = client.search_experiments(ViewType.DELETED_ONLY, filter_string=text)
    assert [item.experiment_id for item in deleted] == [made[0]]
    assert len(client.search_experiments(ViewType.ALL, filter_string=text)) == 7


def nested_runs():
    mlflow.set_experiment(f"nested {unique}")
    with mlflow.start_run(run_name="outer", tags={"kind": "outer"}, description="what it is") as outer:
        mlflow.log_param("depth", 0)
        for number in range(3):
            with mlflow.start_run(run_name=f"inner {number}", nested=True) as inner:
                mlflow.log_param("depth", 1)
                mlflow.log_metric("m", number)
        try:
            with mlflow.start_run(run_name="broken", nested=True) as broken:
                raise RuntimeError("on purpose")
        except RuntimeError:
            pass
    runs = mlflow.search_runs(filter_string=f"tags.mlflow.parentRunId = '{outer.info.run_id}'", output_format="list")
    assert sorted(run.info.run_name for run in runs) == ["broken", "inner 0", "inner 1", "inner 2"]
    assert client.get_run(broken.info.run_id).info.status == "FAILED"
    read = client.get_run(outer.info.run_id)
    assert read.info.status == "FINISHED" and read.info.end_time >= read.info.start_time > 1_600_000_000_000
    assert read.data.tags["kind"] == "outer" and read.data.tags["mlflow.note.content"] == "what it is"
    with mlflow.start_run(run_id=outer.info.run_id):
        mlflow.log_metric("later", 1)
    assert client.get_run(outer.info.run_id).data.metrics["later"] == 1
    assert (
        client.get_parent_run(inner.info.run_id).info.run_id == outer.info.run_id
        if hasattr(client, "get_parent_run")
        else True
    )


def values():
    mlflow.set_experiment(f"values {unique}")
    with mlflow.start_run() as run:
        assert run.info.run_name
        mlflow.log_metric("loss", 0.5, step=3)
        mlflow.log_metric("loss", 0.25, step=1)
        mlflow.log_metric("loss", 0.125, step=5)
        mlflow.log_metrics({"a/b": 1, "c d": -2.5}, step=2)
        mlflow.log_metric("nan", float("nan"))
        mlflow.log_metric("up", float("inf"))
        mlflow.log_metric("down", float("-inf"))
        mlflow.log_metric("tiny", 5e-324)
        mlflow.log_param("text", "1")
        mlflow.log_param("text", "1")
        refused("INVALID_PARAMETER_VALUE", mlflow.log_param, "text", "2")
        mlflow.log_params({"none": None, "list": [1, 2], "long": "x" * 6000, "日本": "語"})
        mlflow.set_tag("t", "1")
        mlflow.set_tags({"t": "2", "u": 5, "long": "y" * 8000})
        mlflow.set_tag("gone", "x")
        mlflow.delete_tag("gone")
        refused("RESOURCE_DOES_NOT_EXIST", mlflow.delete_tag, "gone")
        refused("INVALID_PARAMETER_VALUE", mlflow.set_tag, "a#b", "1")
    data = client.get_run(run.info.run_id).data
    assert data.metrics["loss"] == 0.125 and data.metrics["a/b"] == 1 and data.metrics["c d"] == -2.5
    assert math.isnan(data.metrics["nan"]) and data.metrics["tiny"] == 5e-324
    assert data.metrics["up"] == sys.float_info.max and data.metrics["down"] == -sys.float_info.max
    assert data.params == {"text": "1", "none": "None", "list": "[1, 2]", "long": "x" * 6000, "日本": "語"}
    assert (
        data.tags["t"] == "2" and data.tags["u"] == "5" and data.tags["long"] == "y" * 8000 and "gone" not in data.tags
    )
    history = [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, "loss")]
    assert sorted(history) == [(1, 0.25), (3, 0.5), (5, 0.125)]
    assert client.get_metric_history(run.info.run_id, "nothing") == []


def statuses():
    experiment = new_experiment("statuses")
    run = client.create_run(experiment, start_time=1000, tags={"mlflow.user": "ada"}, run_name="one").info.run_id
    assert client.get_run(run).info.status == "RUNNING"
    client.update_run(run, status="SCHEDULED", name="two")
    client.set_terminated(run, "KILLED", end_time=2000)
    info = client.get_run(run).info
    assert (info.status, info.run_name, info.start_time, info.end_time) == ("KILLED", "two", 1000, 2000)
    client.delete_run(run)
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    assert client.search_runs([experiment]) == []
    assert [item.info.run_id for item in client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)] == [run]
    refused("INVALID_PARAMETER_VALUE", client.log_param, run, "a", "b")
    client.restore_run(run)
    client.log_param(run, "a", "b")
    assert [item.info.run_id for item in client.search_runs([experiment])] == [run]
    refused("RESOURCE_DOES_NOT_EXIST", client.get_run, "f" * 32)


def batches():
    experiment = new_experiment("batches")
    run = client.create_run(experiment).info.run_id
    client.log_batch(run, metrics=[Metric("m", step / 7, 1000 + step, step) for step in range(1000)])
    client.log_batch(
        run, params=[Param(f"p{i}", str(i)) for i in range(100)], tags=[RunTag(f"t{i}", str(i)) for i in range(100)]
    )
    mixed = [Metric("n", i, i, i) for i in range(800)]
    client.log_batch(run, mixed, [Param(f"q{i}", "v") for i in range(100)], [RunTag(f"u{i}", "v") for i in range(100)])
    # The client cuts what is longer into several requests.
    client.log_batch(run, metrics=[Metric("long", i, i, i) for i in range(2500)])
    assert len(client.get_metric_history(run, "long")) == 2500
    refused(
        "INVALID_PARAMETER_VALUE", client.log_batch, run, params=[Param("p0", "other")], tags=[RunTag("unseen", "1")]
    )
    data = client.get_run(run).data
    assert len(data.params) == 200 and data.params["p99"] == "99" and "unseen" not in data.tags
    assert data.metrics == {"m": 999 / 7, "n": 799, "long": 2499}
    history = client.get_metric_history(run, "m")
    assert [(point.step, point.timestamp, point.value) for point in history] == [
        (i, 1000 + i, i / 7) for i in range(1000)
    ]


def long_history():
    """The client reads histories in pages of 25,000."""
    experiment = new_experiment("long history")
    run = client.create_run(experiment).info.run_id
    for start in range(0, 26_000, 1000):
        client.log_batch(run, metrics=[Metric("m", i * 0.1, i, i) for i in range(start, start + 1000)])
    history = client.get_metric_history(run, "m")
    assert [(point.step, point.value) for point in history] == [(i, i * 0.1) for i in range(26_000)]


def asynchronous():
    mlflow.set_experiment(f"async {unique}")
    with mlflow.start_run() as run:
        waiting = [mlflow.log_metric("m", i, step=i, synchronous=False) for i in range(200)]
        waiting.append(mlflow.log_params({f"p{i}": i for i in range(150)}, synchronous=False))
        waiting.append(mlflow.set_tags({f"t{i}": i for i in range(50)}, synchronous=False))
        waiting.append(mlflow.log_metrics({"a": 1, "b": 2}, step=1, synchronous=False))
        for operation in waiting:
            operation.wait()
    data = client.get_run(run.info.run_id).data
    assert len(data.params) == 150 and data.tags["t49"] == "49" and data.metrics == {"m": 199, "a": 1, "b": 2}
    assert [point.step for point in client.get_metric_history(run.info.run_id, "m")] == list(range(200))


def search():
    experiment = new_experiment("search")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        make = lambda number: client.create_run(experiment, start_time=1000 + number, run_name=f"r{number}").info.run_id
        made = list(pool.map(make, range(1005)))
        for number in range(0, 1005, 100):
            metrics = [Metric("loss", number / 10, 1, 0)]
            client.log_batch(made[number], metrics, [Param("parity", str(number % 200))], [RunTag("hundred", "yes")])
    walked, token, sizes = [], None, []
    while True:
        page = client.search_runs([experiment], max_results=400, page_token=token)
        walked += [run.info.run_id for run in page]
        sizes.append(len(page))
        token = page.token
        if not token:
            break
    assert walked == made[::-1] and sizes == [400, 400, 205], sizes
    assert len(client.search_runs([experiment])) == 1000
    frame = mlflow.search_runs([experiment], max_results=5000, order_by=["start_time ASC"])
    assert list(frame["run_id"]) == made
    numbers = lambda text, order=("metrics.loss ASC",): [
        int(run.info.run_name[1:]) for run in client.search_runs([experiment], text, order_by=list(order))
    ]
    assert numbers("metrics.loss > 50 AND params.parity = '0'") == [600, 800, 1000]
    assert numbers("tags.hundred = 'yes' AND metrics.loss <= 20", ["metrics.loss DESC"]) == [200, 100, 0]
    assert numbers("attributes.run_name LIKE 'r100%'", ["start_time DESC"]) == [1004, 1003, 1002, 1001, 1000, 100]
    assert numbers(f"attributes.run_id IN ('{made[3]}', '{made[5]}')", ["start_time ASC"]) == [3, 5]
    assert numbers("start_time < 1003", ["attributes.start_time ASC"]) == [0, 1, 2]
    assert len(client.search_runs([experiment], "", order_by=["metrics.loss DESC"], max_results=12)) == 12
    first = client.search_runs([experiment], "", order_by=["metrics.loss DESC"], max_results=12)
    assert [run.info.run_name for run in first][:3] == ["r1000", "r900", "r800"]
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], "metrics.loss = 'a'")
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], "nothing = 1")


def artifacts():
    mlflow.set_experiment(f"artifacts {unique}")
    pixels = np.arange(12 * 16 * 3, dtype=np.uint8).reshape(12, 16, 3)
    table = {"inputs": ["a", "ü"], "outputs": [1, 2]}
    with tempfile.TemporaryDirectory() as name, mlflow.start_run() as run:
        folder = Path(name)
        (folder / "tree" / "deep er").mkdir(parents=True)
        (folder / "tree" / "one.bin").write_bytes(bytes(range(256)) * 5000)
        (folder / "tree" / "deep er" / "zwei ü.txt").write_text("zwei")
        (folder / "tree" / "empty").write_text("")
        (folder / "single.txt").write_text("single")
        mlflow.log_text("hello\nworld", "text/hello.txt")
        mlflow.log_dict({"a": [1, 2, {"b": None}]}, "config.json")
        mlflow.log_dict({"a": "ü"}, "config.yaml")
        mlflow.log_image(pixels, "images/array.png")
        mlflow.log_image(Image.fromarray(pixels), "images/pil.png")
        figure, axes = plt.subplots(figsize=(2, 2))
        axes.plot([1, 2, 3])
        mlflow.log_figure(figure, "figure.png")
        plt.close(figure)
        mlflow.log_table(table, "table.json")
        mlflow.log_table(pd.DataFrame(table), "table.json")
        mlflow.log_artifact(str(folder / "single.txt"))
        mlflow.log_artifact(str(folder / "single.txt"), "copies")
        mlflow.log_artifacts(str(folder / "tree"), "tree")
        run_id = run.info.run_id

        listed = {item.path: (item.is_dir, item.file_size) for item in client.list_artifacts(run_id)}
        assert set(listed) == {
            "text",
            "config.json",
            "config.yaml",
            "images",
            "figure.png",
            "table.json",
            "single.txt",
            "copies",
            "tree",
        }
        assert listed["tree"] == (True, None) and listed["single.txt"] == (False, 6), listed
        assert sorted(item.path for item in client.list_artifacts(run_id, "tree")) == [
            "tree/deep er",
            "tree/empty",
            "tree/one.bin",
        ]
        assert client.list_artifacts(run_id, "nothing") == []

        target = folder / "down"
        target.mkdir()
        mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="", dst_path=str(target))
        for file in ["one.bin", "deep er/zwei ü.txt", "empty"]:
            assert (target / "tree" / file).read_bytes() == (folder / "tree" / file).read_bytes(), file
        assert (target / "copies" / "single.txt").read_text() == "single"
        assert json.loads((target / "config.json").read_text()) == {"a": [1, 2, {"b": None}]}
        assert np.array_equal(np.array(Image.open(target / "images" / "array.png")), pixels)
        assert Image.open(target / "figure.png").size[0] > 50
        one = client.download_artifacts(run_id, "tree/one.bin", str(folder))
        assert Path(one).read_bytes() == (folder / "tree" / "one.bin").read_bytes()
        assert mlflow.artifacts.load_text(f"runs:/{run_id}/text/hello.txt") == "hello\nworld"
        assert mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/config.json") == {"a": [1, 2, {"b": None}]}
        loaded = mlflow.load_table("table.json", run_ids=[run_id])
        assert list(loaded["inputs"]) == ["a", "ü", "a", "ü"] and list(loaded["outputs"]) == [1, 2, 1, 2]
        try:
            mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="nothing.txt", dst_path=str(folder))
        except Exception:
            pass
        else:
            raise AssertionError("a missing artifact was downloaded")


def image_steps():
    """log_image with a key and a step writes several files under images/."""
    mlflow.set_experiment(f"image steps {unique}")
    if "key" not in mlflow.log_image.__code__.co_varnames:
        raise Lacks("log_image(key=)")
    with mlflow.start_run() as run:
        for step in range(3):
            mlflow.log_image(np.zeros((4, 4), dtype=np.uint8), key="dog", step=step)
    names = [item.path for item in client.list_artifacts(run.info.run_id, "images")]
    assert len([name for name in names if name.startswith("images/dog")]) >= 3, names


def inputs():
    mlflow.set_experiment(f"inputs {unique}")
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    with mlflow.start_run() as run:
        first = mlflow.data.from_pandas(frame, source="http://example.org/x.csv", name="frame", targets="y")
        second = mlflow.data.from_numpy(np.arange(6), name="numbers")
        mlflow.log_input(first, context="training", tags={"split": "a"}) if hasattr(
            mlflow, "log_inputs"
        ) else mlflow.log_input(first, context="training")
        mlflow.log_input(second)
    read = {item.dataset.name: item for item in client.get_run(run.info.run_id).inputs.dataset_inputs}
    assert set(read) == {"frame", "numbers"}
    assert read["frame"].dataset.digest == first.digest and read["frame"].dataset.source_type == "http"
    assert json.loads(read["frame"].dataset.profile) == {"num_rows": 2, "num_elements": 4}
    tags = {tag.key: tag.value for tag in read["frame"].tags}
    assert tags["mlflow.data.context"] == "training"
    found = mlflow.search_runs(
        filter_string="dataset.name = 'frame' AND dataset.context = 'training'", output_format="list"
    )
    assert [item.info.run_id for item in found] == [run.info.run_id]
    found = mlflow.search_runs(filter_string=f"datasets.digest = '{second.digest}'", output_format="list")
    assert [item.info.run_id for item in found] == [run.info.run_id]


def autologging():
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(f"autolog {unique}")
    mlflow.sklearn.autolog(silent=True)
    try:
        x = pd.DataFrame({"a": range(10), "b": range(0, 20, 2)})
        with mlflow.start_run() as run:
            model = LinearRegression().fit(x, x["a"] * 2.0)
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)
    read = client.get_run(run.info.run_id)
    assert read.data.params["fit_intercept"] == "True" and read.data.tags["estimator_name"] == "LinearRegression"
    assert read.data.metrics["training_r2_score"] > 0.99
    assert [item.dataset.name for item in read.inputs.dataset_inputs] == ["dataset"]
    loaded = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    assert np.allclose(loaded.predict(x), model.predict(x))
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert np.allclose(loaded.predict(x), model.predict(x))


def logged_models():
    needs(client, "create_logged_model")
    from mlflow.entities import LoggedModelInput, LoggedModelOutput, LoggedModelStatus

    experiment = mlflow.set_experiment(f"models {unique}").experiment_id
    with mlflow.start_run() as run:
        made = []
        for number in range(5):
            model = client.create_logged_model(
                experiment,
                name=f"m{number}",
                source_run_id=run.info.run_id,
                tags={"parity": str(number % 2)},
                params={"n": str(number)},
                model_type="toy",
            )
            assert model.status == LoggedModelStatus.PENDING
            made.append(model.model_id)
        external = mlflow.initialize_logged_model(name="external", params={"a": "b"})
        mlflow.log_model_params({"late": "1"}, model_id=external.model_id)
        mlflow.finalize_logged_model(external.model_id, LoggedModelStatus.READY)
        mlflow.log_outputs([LoggedModelOutput(made[0], 1), LoggedModelOutput(made[1], 2)])
        dataset = mlflow.data.from_numpy(np.arange(4), name="d")
        mlflow.log_input(dataset, model=LoggedModelInput(made[2]))
        for number, model_id in enumerate(made):
            mlflow.log_metric("acc", number / 10, step=1, model_id=model_id)
            mlflow.log_metric("acc", number / 5, step=2, model_id=model_id, dataset=dataset)
    read = client.get_logged_model(external.model_id)
    assert read.status == LoggedModelStatus.READY and read.params == {"a": "b", "late": "1"}
    outputs = client.get_run(run.info.run_id).outputs.model_outputs
    assert sorted((item.model_id, item.step) for item in outputs) == sorted([(made[0], 1), (made[1], 2)])
    # Logging a metric of a model with a dataset makes the model an input too.
    assert {item.model_id for item in client.get_run(run.info.run_id).inputs.model_inputs} == set(made)
    client.finalize_logged_model(made[0], LoggedModelStatus.READY)
    client.finalize_logged_model(made[1], "FAILED")
    client.set_logged_model_tags(made[0], {"parity": "zero", "new": "x"})
    client.delete_logged_model_tag(made[0], "new")
    model = client.get_logged_model(made[0])
    assert model.tags["parity"] == "zero" and "new" not in model.tags and model.params == {"n": "0"}
    assert sorted((m.key, m.value, m.step) for m in model.metrics) == [("acc", 0.0, 1), ("acc", 0.0, 2)]
    assert {m.dataset_name for m in model.metrics} == {None, "d"}
    find = lambda text, order=None, **rest: [
        model.name
        for model in client.search_logged_models(
            [experiment], filter_string=text, order_by=order or [{"field_name": "name"}], **rest
        )
    ]
    assert find("tags.parity = '1'") == ["m1", "m3"]
    assert find("params.n = '2' AND model_type = 'toy'") == ["m2"]
    assert find("metrics.acc >= 0.6") == ["m3", "m4"]
    assert find("name LIKE 'm%'", [{"field_name": "metrics.acc", "ascending": False}]) == ["m4", "m3", "m2", "m1", "m0"]
    assert find("metrics.acc > 0.3", datasets=[{"dataset_name": "d", "dataset_digest": dataset.digest}]) == [
        "m2",
        "m3",
        "m4",
    ]
    walked, token = [], None
    while True:
        page = client.search_logged_models(
            [experiment], max_results=4, order_by=[{"field_name": "name"}], page_token=token
        )
        walked += [model.name for model in page]
        token = page.token
        if not token:
            break
    assert walked == ["external", "m0", "m1", "m2", "m3", "m4"], walked
    client.delete_logged_model(made[4])
    assert find("name = 'm4'") == []
    refused("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, made[4])
    refused("INVALID_PARAMETER_VALUE", client.create_logged_model, experiment, name="a/b")


def sklearn_model():
    """A model logged and loaded by every kind of address this client knows."""
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(f"sklearn {unique}")
    x = np.arange(10.0).reshape(-1, 1)
    model = LinearRegression().fit(x, x[:, 0] * 3)
    with mlflow.start_run() as run:
        signature = mlflow.models.infer_signature(x, model.predict(x))
        info = mlflow.sklearn.log_model(
            model, artifact_path="model", signature=signature, pip_requirements=["scikit-learn"]
        )
    addresses = [f"runs:/{run.info.run_id}/model", info.model_uri]
    if getattr(info, "model_id", None):
        addresses.append(f"models:/{info.model_id}")
        logged = mlflow.get_logged_model(info.model_id)
        assert logged.status.name == "READY" and logged.source_run_id == run.info.run_id
        files = [item.path for item in client.list_logged_model_artifacts(info.model_id)]
        assert "MLmodel" in files, files
    else:
        history = json.loads(client.get_run(run.info.run_id).data.tags["mlflow.log-model.history"])
        assert [item["artifact_path"] for item in history] == ["model"]
    for address in addresses:
        assert np.allclose(mlflow.sklearn.load_model(address).predict(x), model.predict(x)), address


PARTS = [
    experiments,
    nested_runs,
    values,
    statuses,
    batches,
    long_history,
    asynchronous,
    search,
    artifacts,
    image_steps,
    inputs,
    autologging,
    logged_models,
    sklearn_model,
]


def main():
    print("client", mlflow.__version__)
    wanted = sys.argv[1:]
    for part in PARTS:
        if wanted and part.__name__ not in wanted:
            continue
        started = time.monotonic()
        try:
            part()
        except Lacks as missing:
            print(f"skipped {part.__name__}: this client has no {missing}", flush=True)
        else:
            print(f"ok {part.__name__} ({time.monotonic() - started:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
