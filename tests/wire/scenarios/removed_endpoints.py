"""Endpoints of MLflow 1.x that 3.17.2 no longer has; recorded from 1.30.0.

Version 1.30.0 writes fewer fields than 3.17.2. Oxflow answers an old path as it answers the new one; a client of 1.x does
not look at fields it does not know.
"""

from record import Difference, query, refused
from scenarios.registry import MODELS, VERSIONS, Registry

PREVIEW = "/api/2.0/preview/mlflow/"
NEW_FORM = Difference("old-paths-answer-in-the-new-form", 200, "<any>")
NEW_ERROR = refused(NEW_FORM.slug)


def record(recorder):
    with recorder.scenario("experiments/list") as s:
        s.experiment()
        whole = {"no_body": True}
        s.get("experiments/list", **whole)
        s.get("experiments/list", query(view_type="ALL"), **whole)
        s.get("experiments/list", query(view_type="DELETED_ONLY"), **whole)
        s.get("experiments/list", query(max_results=1), capture={"page": "/next_page_token"}, oxflow=NEW_FORM)
        # The parser of 1.30.0 takes no `=` in a value, and every page token ends with one: it goes into a body.
        s.call("GET", "experiments/list", json={"max_results": 1, "page_token": "${page}"}, oxflow=NEW_FORM)
        s.get("experiments/list", query(max_results=50001), status=400, oxflow=NEW_ERROR)
        s.get("/ajax-api/2.0/mlflow/experiments/list", query(max_results=1), **whole)
        s.get(PREVIEW + "experiments/list", query(max_results=1), **whole)

    with recorder.scenario("registered-models/list") as s:
        # Listed by name: these come first.
        r = Registry(s)
        for name in ["!a", "!b", "!c"]:
            r.model(name, no_body=True)
        r.version("!a", no_body=True)
        s.get(MODELS + "list", query(max_results=2), capture={"page": "/next_page_token"}, oxflow=NEW_FORM)
        s.call("GET", MODELS + "list", json={"max_results": 1, "page_token": "${page}"}, oxflow=NEW_FORM)
        s.get(MODELS + "list", no_body=True)
        s.get(MODELS + "list", query(max_results=1001), status=400, oxflow=NEW_ERROR)
        s.get(MODELS + "list", query(page_token="!!"), status=400, oxflow=NEW_ERROR)
        s.get("/ajax-api/2.0/mlflow/registered-models/list", query(max_results=1), no_body=True)
        s.get("/ajax-api/2.0/preview/mlflow/registered-models/list", query(max_results=1), no_body=True)
        for name in ["!a", "!b", "!c"]:
            s.delete(MODELS + "delete", {"name": name})

    with recorder.scenario("the preview paths of experiments and runs") as s:
        s.post(PREVIEW + "experiments/create", {"name": s.slug}, capture={"exp": "/experiment_id"})
        s.get(PREVIEW + "experiments/get", query(experiment_id="${exp}"), oxflow=NEW_FORM)
        s.post(PREVIEW + "experiments/update", {"experiment_id": "${exp}", "new_name": s.slug + " 2"})
        s.post(PREVIEW + "experiments/set-experiment-tag", {"experiment_id": "${exp}", "key": "a", "value": "b"})
        s.post(
            PREVIEW + "runs/create",
            {"experiment_id": "${exp}", "start_time": 1_700_000_000_000, "run_name": "r"},
            capture={"run": "/run/info/run_id"},
            oxflow=NEW_FORM,
        )
        s.post(PREVIEW + "runs/log-metric", {"run_id": "${run}", "key": "m", "value": 0.5, "timestamp": 1, "step": 0})
        s.post(PREVIEW + "runs/log-parameter", {"run_id": "${run}", "key": "p", "value": "1"})
        s.post(PREVIEW + "runs/set-tag", {"run_id": "${run}", "key": "t", "value": "1"})
        s.post(PREVIEW + "runs/delete-tag", {"run_id": "${run}", "key": "t"})
        s.post(PREVIEW + "runs/log-batch", {"run_id": "${run}", "params": [{"key": "q", "value": "2"}]})
        s.get(PREVIEW + "runs/get", query(run_id="${run}"), oxflow=NEW_FORM)
        s.get(PREVIEW + "runs/get", query(run_uuid="${run}"), oxflow=NEW_FORM)
        s.post(PREVIEW + "runs/search", {"experiment_ids": ["${exp}"]}, oxflow=NEW_FORM)
        s.get(PREVIEW + "metrics/get-history", query(run_id="${run}", metric_key="m"))
        s.get(PREVIEW + "artifacts/list", query(run_id="${run}"), no_body=True)
        s.post(PREVIEW + "runs/update", {"run_id": "${run}", "status": "FINISHED", "end_time": 5}, oxflow=NEW_FORM)
        s.post(PREVIEW + "runs/delete", {"run_id": "${run}"})
        s.post(PREVIEW + "runs/restore", {"run_id": "${run}"})
        s.post(PREVIEW + "experiments/delete", {"experiment_id": "${exp}"})
        s.post(PREVIEW + "experiments/restore", {"experiment_id": "${exp}"})

    with recorder.scenario("the preview paths of the registry") as s:
        r = Registry(s)
        models, versions = PREVIEW + MODELS, PREVIEW + VERSIONS
        s.post(models + "create", {"name": r.name})
        s.post(versions + "create", {"name": r.name, "source": "s3://bucket/model"}, oxflow=NEW_FORM)
        s.get(models + "get", query(name=r.name), oxflow=NEW_FORM)
        s.get(models + "search", query(filter=f"name = '{r.name}'"), oxflow=NEW_FORM)
        s.get(models + "get-latest-versions", query(name=r.name), oxflow=NEW_FORM)
        s.get(versions + "get", query(name=r.name, version="1"), oxflow=NEW_FORM)
        s.get(versions + "search", query(filter=f"name = '{r.name}'"), oxflow=NEW_FORM)
        s.get(versions + "get-download-uri", query(name=r.name, version="1"))
        stage = {"name": r.name, "version": "1", "stage": "Staging", "archive_existing_versions": False}
        s.post(versions + "transition-stage", stage, oxflow=NEW_FORM)
        s.patch(versions + "update", {"name": r.name, "version": "1", "description": "x"}, oxflow=NEW_FORM)
        s.post(versions + "set-tag", {"name": r.name, "version": "1", "key": "a", "value": "b"})
        s.delete(versions + "delete-tag", {"name": r.name, "version": "1", "key": "a"})
        s.patch(models + "update", {"name": r.name, "description": "x"}, oxflow=NEW_FORM)
        s.post(models + "set-tag", {"name": r.name, "key": "a", "value": "b"})
        s.delete(models + "delete-tag", {"name": r.name, "key": "a"})
        s.post(models + "rename", {"name": r.name, "new_name": r.name + " 2"}, oxflow=NEW_FORM)
        s.delete(versions + "delete", {"name": r.name + " 2", "version": "1"})
        s.delete(models + "delete", {"name": r.name + " 2"})
