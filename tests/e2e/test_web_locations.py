"""Experiments whose artifacts are on a static web server, which is only read: through the server, with real clients."""

import io
import json
import os
import subprocess
import zipfile

import conftest
import pytest
import requests
from servers import Api, clean_environment
from test_gc import gc_json
from web_folder import WebFolder

pytestmark = [
    conftest.on_sqlite,
    pytest.mark.skipif(not conftest.is_real_oxflow(), reason="MLflow serves no such location"),
]

FILES = {
    "model/MLmodel": b"flavors: {}\n",
    "model/data/weights.bin": bytes(range(256)) * 5000,
    "plots/a b ü.png": b"\x89PNG\r\n\x1a\n0",
    "top.txt": "Grüße\n".encode(),
}

# What the real client makes of such a run: its artifacts it reads from the web server itself.
CLIENT = """
import json, sys, mlflow
from mlflow import MlflowClient
client, run, down = MlflowClient(), sys.argv[1], sys.argv[2]
said = {"uri": client.get_run(run).info.artifact_uri}
def attempt(name, call):
    try:
        said[name] = call()
    except Exception as error:
        said[name] = "failed: " + type(error).__name__
attempt("list", lambda: [file.path for file in client.list_artifacts(run)])
attempt("download", lambda: open(mlflow.artifacts.download_artifacts(run_id=run, artifact_path="top.txt", dst_path=down)).read())
attempt("log", lambda: client.log_text(run, "x", "new.txt"))
print(json.dumps(said))
"""


def start(new_oxflow, tmp_path, lists):
    """A server, a web folder that it may read, and a run with artifacts there."""
    root = tmp_path / "web"
    web = WebFolder(root, lists)
    server = new_oxflow(flags=["--artifact-root-allow", f"{web.url}/models"]).start()
    api = Api(server.url)
    location = f"{web.url}/models/team"
    experiment = api.post("experiments/create", name="on the web", artifact_location=location)["experiment_id"]
    info = api.post("runs/create", experiment_id=experiment)["run"]["info"]
    run = info["run_id"]
    assert info["artifact_uri"] == f"{location}/{run}/artifacts"
    for name, content in FILES.items():
        path = root / "models" / "team" / run / "artifacts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return server, web, api, run


@pytest.mark.parametrize("lists", [True, False], ids=["with lists", "without lists"])
def test_what_the_pages_ask_for(new_oxflow, tmp_path, lists):
    server, web, api, run = start(new_oxflow, tmp_path, lists)
    with web:
        for name, content in FILES.items():
            parameters = {"run_uuid": run, "path": name}
            answer = requests.get(f"{server.url}/get-artifact", params=parameters, timeout=30)
            assert answer.status_code == 200 and answer.content == content, name
        weights = FILES["model/data/weights.bin"]
        part = requests.get(
            f"{server.url}/get-artifact",
            params={"run_uuid": run, "path": "model/data/weights.bin"},
            headers={"Range": "bytes=1000-1999"},
            timeout=30,
        )
        assert (part.status_code, part.content) in [(206, weights[1000:2000]), (200, weights)]
        missing = requests.get(f"{server.url}/get-artifact", params={"run_uuid": run, "path": "no.txt"}, timeout=30)
        assert missing.status_code == 404
        zipped = requests.get(f"{server.url}/api/oxflow/v1/artifacts/zip", params={"run_id": run}, timeout=30)
        if lists:
            listed = api.get("artifacts/list", run_id=run)["files"]
            assert [(file["path"], file["is_dir"]) for file in listed] == [("model", True), ("plots", True), ("top.txt", False)]
            below = api.get("artifacts/list", run_id=run, path="model/data")["files"]
            assert [(file["path"], int(file["file_size"])) for file in below] == [("model/data/weights.bin", len(weights))]
            with zipfile.ZipFile(io.BytesIO(zipped.content)) as archive:
                assert {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")} == FILES
        else:
            refused = api.call("GET", "artifacts/list", params={"run_id": run}, status=501).json()
            assert refused["error_code"] == "NOT_IMPLEMENTED"
            assert zipped.status_code == 501
        # Nothing there is changed: not by an upload, not when the run is removed for good.
        api.post("runs/delete", run_id=run)
        found = gc_json(server, "--artifact-root-allow", f"{web.url}/models", code=1)
        assert [failure["id"] for failure in found["failed"]] == [run] and "only be read" in found["failed"][0]["reason"]
        found = gc_json(server, "--artifact-root-allow", f"{web.url}/models", "--leave-unserved")
        assert found["removed"]["runs"] == 1
        assert web.changes == []


@pytest.mark.parametrize("client", ["3.17.2", "2.11.3"])
def test_what_a_client_makes_of_it(new_oxflow, tmp_path, client):
    server, web, _, run = start(new_oxflow, tmp_path, lists=True)
    with web:
        environment = clean_environment(MLFLOW_TRACKING_URI=server.url, MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
        command = [conftest.client_python(client), "-c", CLIENT, run, str(tmp_path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stderr[-3000:]
        said = json.loads(done.stdout.splitlines()[-1])
        assert said["uri"].startswith(web.url)
        # It takes every such location for the artifact API of an MLflow server, and never asks the tracking server.
        assert all(said[step].startswith("failed") for step in ["list", "download", "log"]), said
        assert "/get-artifact" not in server.log() and web.changes in ([], [f"/models/team/{run}/artifacts/new.txt"])
        command = [os.environ["OXFLOW_BIN"], "artifacts", "download", "-r", run, "-d", str(tmp_path / "down")]
        refused = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert refused.returncode == 1 and web.url in refused.stderr, refused.stderr
