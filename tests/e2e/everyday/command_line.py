"""The commands of the client that talk to the server.

They run in this process, by the function that the program `mlflow` calls: starting the program takes seconds each time. The
last step starts it.
"""

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import mlflow
import numpy as np
from mlflow.cli import cli
from mlflow.entities import Metric

from everyday.common import client, new_experiment, refused, unique


def command(*words):
    """What `mlflow WORDS…` prints."""
    # Left there by set_experiment for programs that the script starts; the commands take them for their options.
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
    os.environ.pop("MLFLOW_EXPERIMENT_NAME", None)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        cli.main([str(word) for word in words], prog_name="mlflow", standalone_mode=False)
    return printed.getvalue()


def lines_with(printed, text):
    return [line for line in printed.splitlines() if text in line]


def experiment_commands():
    name = f"commands {unique}"
    created = command("experiments", "create", "-n", name)
    experiment = client.get_experiment_by_name(name).experiment_id
    assert f"'{name}' with id {experiment}" in created
    command("experiments", "create", "-n", f"elsewhere {name}", "-l", "s3://bucket/path")
    assert client.get_experiment_by_name(f"elsewhere {name}").artifact_location == "s3://bucket/path"
    search = "search" if "search" in cli.commands["experiments"].commands else "list"
    found = command("experiments", search)
    assert lines_with(found, f"mlflow-artifacts:/{experiment}") and lines_with(found, "s3://bucket/path")
    command("experiments", "rename", "-x", experiment, "--new-name", f"renamed {name}")
    assert client.get_experiment(experiment).name == f"renamed {name}"
    command("experiments", "delete", "-x", experiment)
    assert client.get_experiment(experiment).lifecycle_stage == "deleted"
    assert lines_with(command("experiments", search, "--view", "deleted_only"), f"renamed {name}")
    assert not lines_with(command("experiments", search), f"renamed {name}")
    command("experiments", "restore", "-x", experiment)
    assert lines_with(command("experiments", search, "--view", "all"), f"renamed {name}")
    refused("RESOURCE_DOES_NOT_EXIST", command, "experiments", "delete", "-x", "99999999")

    run = client.create_run(experiment).info.run_id
    client.log_param(run, "p", "a,b")
    client.log_metric(run, "m", 0.5)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs.csv"
        command("experiments", "csv", "-x", experiment, "-o", file)
        for text in (file.read_text(), command("experiments", "csv", "-x", experiment)):
            (row,) = csv.DictReader(text.strip().splitlines())
            assert (row["run_id"], row["params.p"], row["metrics.m"]) == (run, "a,b", "0.5"), row
    if "get" in cli.commands["experiments"].commands:
        assert f"renamed {name}" in command("experiments", "get", "-x", experiment)
        got = json.loads(command("experiments", "get", "--experiment-name", f"renamed {name}", "--output", "json"))
        assert got["experiment_id"] == experiment


def run_commands():
    experiment = new_experiment("run commands")
    runs = [client.create_run(experiment, start_time=1000 + number, run_name=f"r{number}").info.run_id for number in (0, 1)]
    client.log_batch(runs[0], metrics=[Metric("m", 0.25, 5, 1)])
    client.set_tag(runs[0], "größe", "ü")
    listed = command("runs", "list", "--experiment-id", experiment)
    assert lines_with(listed, runs[0]) and lines_with(listed, runs[1]) and "r1" in listed
    told = json.loads(command("runs", "describe", "--run-id", runs[0]))
    assert told["info"]["run_id"] == runs[0] and told["data"]["metrics"] == {"m": 0.25}
    assert told["data"]["tags"]["größe"] == "ü"
    command("runs", "delete", "--run-id", runs[1])
    assert client.get_run(runs[1]).info.lifecycle_stage == "deleted"
    assert not lines_with(command("runs", "list", "--experiment-id", experiment), runs[1])
    assert lines_with(command("runs", "list", "--experiment-id", experiment, "-v", "deleted_only"), runs[1])
    command("runs", "restore", "--run-id", runs[1])
    assert client.get_run(runs[1]).info.lifecycle_stage == "active"
    refused("RESOURCE_DOES_NOT_EXIST", command, "runs", "describe", "--run-id", "f" * 32)
    if "create" not in cli.commands["runs"].commands:
        return
    words = ["--experiment-id", experiment, "--run-name", "made", "-t", "a=b=c", "--status", "killed"]
    made = json.loads(command("runs", "create", *words, "--description", "by hand", "--parent-run-id", runs[0]))
    read = client.get_run(made["run_id"])
    assert (read.info.status, read.info.run_name, read.data.tags["a"]) == ("KILLED", "made", "b=c")
    assert read.data.tags["mlflow.parentRunId"] == runs[0] and read.data.tags["mlflow.note.content"] == "by hand"
    by_name = json.loads(command("runs", "create", "--experiment-name", f"run commands {unique}"))
    assert client.get_run(by_name["run_id"]).info.experiment_id == experiment


def artifact_commands():
    run = client.create_run(new_experiment("artifact commands")).info.run_id
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tree" / "deep er").mkdir(parents=True)
        (folder / "tree" / "a.bin").write_bytes(bytes(range(256)) * 100)
        (folder / "tree" / "deep er" / "ü.txt").write_text("ü")
        command("artifacts", "log-artifact", "-l", folder / "tree" / "a.bin", "-r", run)
        command("artifacts", "log-artifact", "-l", folder / "tree" / "a.bin", "-r", run, "-a", "below/it")
        command("artifacts", "log-artifacts", "-l", folder / "tree", "-r", run, "-a", "tree")
        paths = lambda *words: sorted(item["path"] for item in json.loads(command("artifacts", "list", "-r", run, *words)))
        assert paths() == ["a.bin", "below", "tree"]
        assert paths("-a", "tree") == ["tree/a.bin", "tree/deep er"]
        down = folder / "down"
        down.mkdir()
        told = command("artifacts", "download", "-r", run, "-a", "tree", "-d", down).strip()
        assert Path(told).samefile(down / "tree")
        assert (down / "tree" / "a.bin").read_bytes() == (folder / "tree" / "a.bin").read_bytes()
        assert (down / "tree" / "deep er" / "ü.txt").read_text() == "ü"
        told = command("artifacts", "download", "-u", f"runs:/{run}/below/it/a.bin", "-d", down).strip()
        assert Path(told).read_bytes() == (folder / "tree" / "a.bin").read_bytes()


def model_commands():
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(f"model commands {unique}")
    name = f"commanded-{unique}"
    x = np.arange(10.0).reshape(-1, 1)
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(
            LinearRegression().fit(x, x[:, 0] * 3),
            artifact_path="model",
            pip_requirements=["scikit-learn"],
            registered_model_name=name,
        )
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        (folder / "in.csv").write_text("x\n1.5\n2.0\n")
        words = ["-i", folder / "in.csv", "-o", folder / "out.json", "-t", "csv", "--env-manager", "local"]
        for uri in (f"models:/{name}/1", f"runs:/{run.info.run_id}/model"):
            command("models", "predict", "-m", uri, *words)
            answer = json.loads((folder / "out.json").read_text())
            # Before 2.0 the list is the whole answer.
            assert np.allclose(answer["predictions"] if isinstance(answer, dict) else answer, [4.5, 6.0]), answer
            (folder / "out.json").unlink()
        command("models", "generate-dockerfile", "-m", f"models:/{name}/1", "-d", folder / "docker")
        assert (folder / "docker" / "Dockerfile").is_file()
        assert list((folder / "docker").rglob("MLmodel")), "the model is not beside the Dockerfile"
    if "update-pip-requirements" in cli.commands["models"].commands:
        command("models", "update-pip-requirements", "-m", info.model_uri, "add", "six==1.16.0")
        with tempfile.TemporaryDirectory() as folder:
            model = mlflow.artifacts.download_artifacts(info.model_uri, dst_path=folder)
            assert "six==1.16.0" in (Path(model) / "requirements.txt").read_text()
        words = ["update-pip-requirements", "-m", f"models:/{name}/1", "add", "six==1.17.0"]
        refused("INVALID_PARAMETER_VALUE", command, "models", *words)


def program():
    """One of the commands as people start them."""
    mlflow_program = str(Path(sys.executable).with_name("mlflow"))
    experiment = new_experiment("program")
    run = client.create_run(experiment, run_name="by a program").info.run_id
    words = ["runs", "list", "--experiment-id", experiment]
    done = subprocess.run([mlflow_program, *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and lines_with(done.stdout, run), (done.stdout, done.stderr)
