"""Runs: create, get, update, delete, restore, log-model."""

import json

from record import Difference, query, refused


def record(recorder):
    with recorder.scenario("a run is created and read back") as s:
        s.experiment()
        s.post(
            "runs/create",
            {
                "experiment_id": "${exp}",
                "user_id": "ada",
                "run_name": "first",
                "start_time": 1_700_000_000_000,
                "tags": [{"key": "mlflow.user", "value": "ada"}, {"key": "mlflow.source.type", "value": "LOCAL"}],
            },
            capture={"run": "/run/info/run_id"},
        )
        s.read_run()
        s.get("runs/get", query(run_uuid="${run}"))
        s.get("runs/get", query(run_id="${run}", run_uuid="${run}"))

    with recorder.scenario("a run without anything gets a generated name") as s:
        s.experiment()
        s.post(
            "runs/create",
            {"experiment_id": "${exp}"},
            capture={"run": "/run/info/run_id"},
            any=["/run/info/run_name", "/run/data/tags/0/value"],
        )
        s.read_run(any=["/run/info/run_name", "/run/data/tags/0/value"])
        s.post(
            "runs/create",
            {"experiment_id": "${exp}", "run_name": ""},
            capture={"other": "/run/info/run_id"},
            any=["/run/info/run_name", "/run/data/tags/0/value"],
        )

    with recorder.scenario("the name of a run may come as a tag") as s:
        s.experiment()
        tag = [{"key": "mlflow.runName", "value": "by tag"}]
        s.post("runs/create", {"experiment_id": "${exp}", "tags": tag}, capture={"a": "/run/info/run_id"})
        s.post(
            "runs/create",
            {"experiment_id": "${exp}", "run_name": "by tag", "tags": tag},
            capture={"b": "/run/info/run_id"},
        )
        s.post("runs/create", {"experiment_id": "${exp}", "run_name": "other", "tags": tag}, status=400)

    with recorder.scenario("a run needs an existing experiment") as s:
        s.post("runs/create", {"experiment_id": "99999999"}, status=404)
        s.post("runs/create", {"experiment_id": "abc"}, status=400)
        s.post("runs/create", {"experiment_id": 5}, status=400)

    with recorder.scenario("a run without an experiment goes to the default one") as s:
        for body in [{}, {"experiment_id": ""}]:
            s.post(
                "runs/create",
                {**body, "run_name": s.slug, "start_time": 1},
                status=400,
                oxflow=Difference("run-without-experiment", 200, "<any>"),
            )

    with recorder.scenario("a run name is at most 250 characters") as s:
        s.experiment()
        s.run(run_name="é" * 250)
        slug = refused("run-name-250")
        s.post("runs/create", {"experiment_id": "${exp}", "run_name": "n" * 251}, no_body=True, oxflow=slug)
        s.post("runs/update", {"run_id": "${run}", "run_name": "n" * 251}, no_body=True, oxflow=slug)
        s.post(
            "runs/set-tag", {"run_id": "${run}", "key": "mlflow.runName", "value": "n" * 251}, no_body=True, oxflow=slug
        )

    with recorder.scenario("tags at creation need a key that fits its column") as s:
        s.experiment()
        slug = "create-run-tags-fit-the-column"
        create = {"experiment_id": "${exp}", "run_name": "a", "start_time": 1}
        for key in ["a#b", "../a"]:
            s.post("runs/create", {**create, "tags": [{"key": key, "value": "v"}]}, capture={"odd": "/run/info/run_id"})
        for key in ["k" * 251, ""]:
            s.post("runs/create", {**create, "tags": [{"key": key, "value": "v"}]}, no_body=True, oxflow=refused(slug))
        s.post("runs/create", {**create, "tags": [{"value": "v"}]}, no_body=True, oxflow=refused(slug))
        s.post("runs/create", {**create, "tags": [{"key": "k" * 250, "value": "v"}]}, capture={"a": "/run/info/run_id"})
        s.post(
            "runs/create", {**create, "tags": [{"key": "k", "value": "v" * 8000}]}, capture={"b": "/run/info/run_id"}
        )
        s.post("runs/create", {**create, "tags": [{"key": "k"}]}, capture={"c": "/run/info/run_id"})

    with recorder.scenario("a tag repeated when a run is created") as s:
        s.experiment()
        s.post(
            "runs/create",
            {
                "experiment_id": "${exp}",
                "run_name": "a",
                "tags": [{"key": "k", "value": "1"}, {"key": "k", "value": "2"}],
            },
            status=400,
            oxflow=refused("repeated-tag-key-at-creation"),
        )

    with recorder.scenario("an unknown run is a 404") as s:
        unknown = "f" * 32
        s.get("runs/get", query(run_id=unknown), status=404)
        s.get("runs/get", query(run_id="!!"), status=404)
        s.get("runs/get", query(run_id="../../etc"), status=404)
        for path, body in [
            ("update", {"status": "FINISHED"}),
            ("delete", {}),
            ("restore", {}),
            ("log-metric", {"key": "a", "value": 1, "timestamp": 1}),
            ("log-parameter", {"key": "a", "value": "1"}),
            ("set-tag", {"key": "a", "value": "1"}),
            ("delete-tag", {"key": "a"}),
            ("log-batch", {}),
            ("log-batch", {"metrics": [{"key": "a", "value": 1, "timestamp": 1}]}),
            ("log-inputs", {}),
            ("outputs", {"models": [{"model_id": "m-1", "step": 0}]}),
            ("log-model", {"model_json": json.dumps(MODEL)}),
        ]:
            s.post(f"runs/{path}", {"run_id": unknown, **body}, status=404)
        s.get("artifacts/list", query(run_id=unknown), status=404)
        s.get("metrics/get-history", query(run_id=unknown, metric_key="a"))

    with recorder.scenario("a run is updated field by field") as s:
        s.experiment()
        s.run()
        s.post("runs/update", {"run_id": "${run}", "status": "FINISHED", "end_time": 1_700_000_001_000})
        s.post("runs/update", {"run_id": "${run}", "run_name": "renamed"})
        s.post("runs/update", {"run_id": "${run}", "run_name": ""})
        s.post("runs/update", {"run_id": "${run}"})
        s.post("runs/update", {"run_uuid": "${run}", "status": "RUNNING"})
        s.post("runs/update", {"run_id": "${run}", "end_time": 0})
        s.read_run()

    with recorder.scenario("every status may follow every other") as s:
        s.experiment()
        s.run()
        for status in ["SCHEDULED", "FAILED", "KILLED", "FINISHED", "RUNNING"]:
            s.post("runs/update", {"run_id": "${run}", "status": status})

    with recorder.scenario("the name and its tag move together") as s:
        s.experiment()
        s.run()
        s.post("runs/set-tag", {"run_id": "${run}", "key": "mlflow.runName", "value": "by set-tag"})
        s.read_run()
        s.post("runs/log-batch", {"run_id": "${run}", "tags": [{"key": "mlflow.runName", "value": "by batch"}]})
        s.read_run()
        s.post("runs/update", {"run_id": "${run}", "run_name": "by update"})
        s.read_run()
        s.post("runs/delete-tag", {"run_id": "${run}", "key": "mlflow.runName"})
        s.read_run()
        s.post("runs/update", {"run_id": "${run}", "run_name": "tag again"})
        s.read_run()

    with recorder.scenario("wrong types on update") as s:
        s.experiment()
        s.run()
        s.post("runs/update", {"run_id": 5}, status=400)
        s.post("runs/update", {"run_id": "${run}", "end_time": "soon"}, status=400)
        s.post("runs/update", {"run_id": "${run}", "run_name": 5}, status=400)
        s.post("runs/update", {"run_id": "${run}", "status": "WAT"}, no_body=True, oxflow=refused("wrong-type-is-400"))
        s.post("runs/update", {"run_id": "${run}", "end_time": 1.5}, no_body=True, oxflow=refused("wrong-type-is-400"))
        s.post("runs/update", {"run_id": "${run}", "status": 99}, status=400)

    with recorder.scenario("a deleted run can be read, deleted again and restored") as s:
        s.experiment()
        s.run()
        s.post("runs/log-metric", {"run_id": "${run}", "key": "m", "value": 1, "timestamp": 1})
        s.post("runs/delete", {"run_id": "${run}"})
        s.read_run()
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))
        s.post("runs/delete", {"run_id": "${run}"})
        s.post("runs/restore", {"run_id": "${run}"})
        s.post("runs/restore", {"run_id": "${run}"})
        s.read_run()

    with recorder.scenario("nothing is written to a deleted run") as s:
        s.experiment()
        s.run()
        s.post("runs/delete", {"run_id": "${run}"})
        for path, body in [
            ("update", {"status": "FINISHED"}),
            ("log-metric", {"key": "a", "value": 1, "timestamp": 1}),
            ("log-parameter", {"key": "a", "value": "1"}),
            ("set-tag", {"key": "a", "value": "1"}),
            ("delete-tag", {"key": "a"}),
            ("log-batch", {}),
            ("log-batch", {"metrics": [{"key": "a", "value": 1, "timestamp": 1}]}),
            ("log-inputs", {"datasets": [DATASET]}),
            ("outputs", {"models": [{"model_id": "m-1", "step": 0}]}),
            ("log-model", {"model_json": json.dumps(MODEL)}),
        ]:
            s.post(f"runs/{path}", {"run_id": "${run}", **body}, status=400)

    with recorder.scenario("required fields of the run endpoints are named") as s:
        for path in [
            "update",
            "delete",
            "restore",
            "log-metric",
            "log-parameter",
            "set-tag",
            "delete-tag",
            "log-batch",
        ]:
            s.post(f"runs/{path}", {}, status=400)
        for path in ["log-inputs", "outputs", "log-model"]:
            s.post(f"runs/{path}", {}, status=400)
        s.experiment()
        s.run()
        for path in ["log-metric", "log-parameter", "set-tag", "delete-tag", "outputs", "log-model"]:
            s.post(f"runs/{path}", {"run_id": "${run}"}, status=400)

    with recorder.scenario("log-model collects the models of a run in a tag") as s:
        s.experiment()
        s.run()
        for path in ["model", "other"]:
            model = {**MODEL, "artifact_path": path}
            s.post("runs/log-model", {"run_id": "${run}", "model_json": json.dumps(model)})
        s.read_run(oxflow=Difference("log-model-as-sent", 200))
        s.post("runs/log-model", {"run_id": "${run}", "model_json": "{"}, status=400)
        s.post("runs/log-model", {"run_id": "${run}", "model_json": "{}"}, status=400)
        s.post(
            "runs/log-model",
            {"run_id": "${run}", "model_json": '{"artifact_path": "x", "flavors": {}, "run_id": "y"}'},
            status=400,
        )
        s.post("runs/log-model", {"run_id": "${run}", "model_json": 5}, status=400)


MODEL = {
    "artifact_path": "model",
    "flavors": {"python_function": {"loader_module": "mlflow.sklearn"}},
    "utc_time_created": "2024-01-01 00:00:00.000000",
    "run_id": "0" * 32,
}
DATASET = {"dataset": {"name": "d", "digest": "1", "source_type": "local", "source": "{}"}}
