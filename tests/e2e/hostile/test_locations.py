"""Places that clients name: refused, or kept and never gone to. A listener waits for whoever goes there."""

import itertools
import json

import pytest
from hostile import locations
from hostile.checks import check_answer
from hostile.raw import request
from hostile.rows import API
from hostile.test_paths import send

names = itertools.count()

# What gives away that a file of the machine was read.
SECRETS = [b"root:x:0", b"PATH=", b"hostname", b"nameserver", b"localhost"]


def call(victim, path, fields):
    body = json.dumps(fields).encode()
    return send(victim, request("POST", f"{API}/{path}", "Content-Type: application/json", body=body))


def every_use(run):
    """Whatever acts on the location of a run."""
    for path in ("passwd", "environ", "zero", "x"):
        yield request("GET", f"/get-artifact?run_id={run}&path={path}")
        yield request("GET", f"/api/oxflow/v1/artifacts/head?run_id={run}&path={path}")
        yield request("GET", f"/api/oxflow/v1/artifacts/preview?run_id={run}&path={path}.html")
        yield request("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=hostile-{path}", body=b"x")
    yield request("GET", f"{API}/artifacts/list?run_id={run}")
    yield request("GET", f"{API}/artifacts/list?run_id={run}&path=ssl")
    yield request("GET", f"/api/oxflow/v1/artifacts/zip?run_id={run}")
    yield request("POST", f"{API}/artifacts/presigned-download-url", "Content-Type: application/json", body=json.dumps({"run_id": run, "path": "passwd"}).encode())
    query = '{ mlflowListArtifacts(input: {runId: "%s"}) { files { path } } }' % run
    yield request("POST", "/graphql", "Content-Type: application/json", body=json.dumps({"query": query}).encode())


def exercise(victim, payloads, allowed=(400, 404, 501)):
    for payload in payloads:
        answer = send(victim, payload)
        errors_of_graphql = answer.status == 200 and b"/graphql" in payload and b'"errors"' in answer.body
        assert answer.status in allowed or errors_of_graphql, f"{payload[:200]!r}: {answer}"
        for secret in SECRETS:
            assert secret not in answer.body, str(answer)


def at(location, listener):
    """The location with the listener's address: `@@` is a user's end and the address."""
    place = address(listener)
    return location.replace("@@", f"@{place}") if "@@" in location else location.replace("@", place)


def address(listener):
    return "%s:%d" % listener.getsockname()


@pytest.mark.parametrize("victim", ["sqlite", "postgres"], indirect=True)
@pytest.mark.parametrize("location", locations.REFUSED, ids=lambda text: text[:40])
def test_a_location_is_refused(victim, listener, location):
    fields = {"name": f"refused {next(names)}", "artifact_location": at(location, listener)}
    answer = call(victim, "experiments/create", fields)
    assert answer.status == 400, str(answer)


@pytest.mark.parametrize("location", locations.KEPT, ids=lambda text: text[:40])
def test_a_location_that_is_kept_is_not_gone_to(victim, listener, location):
    answer = call(victim, "experiments/create", {"name": f"kept {next(names)}", "artifact_location": at(location, listener)})
    if answer.status == 400:
        return
    assert answer.status == 200, str(answer)
    experiment = json.loads(answer.body)["experiment_id"]
    run = victim.api.run(experiment)
    is_ours = location.startswith("mlflow-artifacts:")
    exercise(victim, every_use(run), (200, 400, 404, 501) if is_ours else (400, 404, 501))
    model = call(victim, "logged-models", {"experiment_id": experiment, "name": "m"})
    assert model.status == 200
    model = json.loads(model.body)["model"]["info"]["model_id"]
    exercise(
        victim,
        [
            request("GET", f"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files?artifact_file_path=passwd"),
            request("GET", f"{API}/logged-models/{model}/artifacts/directories"),
        ],
        (200, 400, 404, 501) if is_ours else (400, 404, 501),
    )


@pytest.mark.parametrize("is_prompt", [False, True], ids=["model", "prompt"])
@pytest.mark.parametrize("source", locations.SOURCES, ids=lambda text: text[:40])
def test_a_source_of_a_model_is_refused_or_not_gone_to(victim, listener, source, is_prompt):
    fields = {"name": "kept", "source": at(source, listener), "run_id": victim.run}
    if is_prompt:
        # CVE-2026-2614: the tag made MLflow skip its checks.
        fields["tags"] = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    answer = call(victim, "model-versions/create", fields)
    assert answer.status in (200, 400, 404), str(answer)
    if answer.status != 200:
        return
    version = json.loads(answer.body)["model_version"]["version"]
    exercise(
        victim,
        [request("GET", f"/model-versions/get-artifact?name=kept&version={version}&path={path}") for path in ("passwd", "environ", "zero", "x")],
    )


def test_what_is_data_is_never_fetched(victim, listener):
    uri = f"http://{address(listener)}/x"
    victim.api.post("runs/set-tag", run_id=victim.run, key="mlflow.note.content", value=f"![]({uri})")
    victim.api.post("runs/set-tag", run_id=victim.run, key="mlflow.source.name", value=uri)
    dataset = {"name": "d", "digest": "1", "source_type": "http", "source": json.dumps({"url": uri})}
    victim.api.post("runs/log-inputs", run_id=victim.run, datasets=[{"dataset": dataset}])
    victim.api.call("PATCH", "registered-models/update", json={"name": "kept", "description": uri})
    model = {"run_id": victim.run, "artifact_path": uri, "utc_time_created": "x", "flavors": {}}
    call(victim, "runs/log-model", {"run_id": victim.run, "model_json": json.dumps(model)})
    victim.api.get("runs/get", run_id=victim.run)
    victim.api.get("artifacts/list", run_id=victim.run)
    victim.api.post("/api/oxflow/v1/runs/table", experiments=["0"], columns=["datasets", "models"])


@pytest.mark.parametrize("victim", ["login"], indirect=True)
def test_nobody_may_name_a_place(victim, listener):
    for location in locations.REFUSED + locations.KEPT:
        answer = call(victim, "experiments/create", {"name": "nobody", "artifact_location": at(location, listener)})
        assert answer.status == 401
        check_answer(answer)
