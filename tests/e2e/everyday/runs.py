"""Runs and what is logged to them by value."""

import inspect
import math
import sys
import time

import mlflow
from mlflow.entities import Metric, Param, RunTag, ViewType

from everyday.common import Lacks, client, needs, new_experiment, refused, unique


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
    if hasattr(client, "get_parent_run"):
        assert client.get_parent_run(inner.info.run_id).info.run_id == outer.info.run_id


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
    if "synchronous" not in inspect.signature(mlflow.log_metric).parameters:
        raise Lacks("asynchronous logging")
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


def system_metrics():
    needs(mlflow, "enable_system_metrics_logging")
    mlflow.set_experiment(f"system metrics {unique}")
    mlflow.set_system_metrics_sampling_interval(0.1)
    mlflow.set_system_metrics_samples_before_logging(1)
    with mlflow.start_run(log_system_metrics=True) as run:
        deadline = time.monotonic() + 30
        count = lambda: len(client.get_metric_history(run.info.run_id, "system/cpu_utilization_percentage"))
        while count() < 3:
            assert time.monotonic() < deadline, "no system metrics arrived"
            time.sleep(0.1)
    metrics = client.get_run(run.info.run_id).data.metrics
    wanted = ["cpu_utilization_percentage", "system_memory_usage_megabytes", "disk_usage_megabytes"]
    assert {f"system/{name}" for name in wanted} <= set(metrics), metrics
    assert metrics["system/system_memory_usage_megabytes"] > 0
