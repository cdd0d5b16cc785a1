"""Logged models: create, finalize, get, delete, params, tags, metrics, artifacts."""

from record import Difference, query, refused

UNKNOWN = "m-" + "0" * 32


def model(s, capture="model", **fields):
    """Creates a logged model; its id is `${model}` from here on."""
    fields.setdefault("name", capture)
    return s.post("logged-models", {"experiment_id": "${exp}", **fields}, capture={capture: "/model/info/model_id"})


def record(recorder):
    with recorder.scenario("a model is created, finished and read back") as s:
        s.experiment()
        s.run()
        model(
            s,
            name="first",
            model_type="agent",
            source_run_id="${run}",
            params=[{"key": "lr", "value": "0.1"}],
            tags=[{"key": "team", "value": "blue"}],
        )
        s.get("logged-models/${model}")
        s.patch("logged-models/${model}", {"model_id": "${model}", "status": "LOGGED_MODEL_READY"})
        s.get("logged-models/${model}")
        s.get("/ajax-api/2.0/mlflow/logged-models/${model}")

    with recorder.scenario("a model without a name gets a generated one") as s:
        s.experiment()
        for body in [{}, {"name": ""}]:
            s.post(
                "logged-models",
                {"experiment_id": "${exp}", **body},
                capture={"model": "/model/info/model_id"},
                any=["/model/info/name"],
            )

    with recorder.scenario("names of models") as s:
        s.experiment()
        for name in ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"]:
            s.post("logged-models", {"experiment_id": "${exp}", "name": name}, status=400)
        for name in ["a b", "a-b_c", "日本", "same", "same"]:
            s.post(
                "logged-models", {"experiment_id": "${exp}", "name": name}, capture={"model": "/model/info/model_id"}
            )

    with recorder.scenario("bad requests for a new model") as s:
        s.experiment()
        s.post("logged-models", {}, status=400)
        s.post("logged-models", {"experiment_id": ""}, status=400)
        s.post("logged-models", {"experiment_id": 5}, status=400)
        s.post("logged-models", {"experiment_id": "abc"}, status=400)
        s.post("logged-models", {"experiment_id": "99999999"}, status=404)
        s.post("logged-models", {"experiment_id": "${exp}", "name": 5}, status=400)
        s.post("logged-models", {"experiment_id": "${exp}", "model_type": 5}, status=400)
        s.post("logged-models", {"experiment_id": "${exp}", "params": 5}, status=400)
        s.post("logged-models", {"experiment_id": "${exp}", "tags": "x"}, status=400)
        twice = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]
        s.post(
            "logged-models",
            {"experiment_id": "${exp}", "params": twice},
            status=400,
            oxflow=refused("repeated-model-param"),
        )
        s.post(
            "logged-models",
            {"experiment_id": "${exp}", "tags": twice},
            status=400,
            oxflow=refused("repeated-tag-key-at-creation"),
        )

    with recorder.scenario("statuses of a model are names or numbers, in any order") as s:
        s.experiment()
        model(s)
        for status in [2, 1, 3, "LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY"]:
            s.patch("logged-models/${model}", {"model_id": "${model}", "status": status})

    with recorder.scenario("an unknown status is refused") as s:
        s.experiment()
        model(s)
        for status in ["READY", "bad", 9]:
            s.patch(
                "logged-models/${model}",
                {"model_id": "${model}", "status": status},
                no_body=True,
                oxflow=refused("unknown-model-status"),
            )

    with recorder.scenario("bad requests for finishing a model") as s:
        s.experiment()
        model(s)
        s.patch("logged-models/${model}", {"model_id": "${model}"}, status=400)
        s.patch("logged-models/${model}", {}, status=400, any=["/message"])
        s.patch(f"logged-models/{UNKNOWN}", {"model_id": UNKNOWN, "status": 2}, status=404)

    with recorder.scenario("the model id of a path need not be repeated in the body") as s:
        s.experiment()
        model(s)
        taken = Difference("model-id-from-the-path", 200, "<any>")
        s.patch("logged-models/${model}", {"status": "LOGGED_MODEL_READY"}, status=400, oxflow=taken)
        s.post("logged-models/${model}/params", {"params": [{"key": "b", "value": "2"}]}, status=400, oxflow=taken)

    with recorder.scenario("an unknown model is a 404") as s:
        s.get(f"logged-models/{UNKNOWN}", status=404)
        s.get("logged-models/nothing", status=404)
        s.delete(f"logged-models/{UNKNOWN}", status=404)
        s.patch(f"logged-models/{UNKNOWN}/tags", {"tags": [{"key": "a", "value": "b"}]}, status=404)
        s.delete(f"logged-models/{UNKNOWN}/tags/a", status=404)
        s.post(
            f"logged-models/{UNKNOWN}/params", {"model_id": UNKNOWN, "params": [{"key": "a", "value": "b"}]}, status=404
        )
        s.get(f"logged-models/{UNKNOWN}/artifacts/directories", status=404)
        s.get(
            f"/ajax-api/2.0/mlflow/logged-models/{UNKNOWN}/artifacts/files", query(artifact_file_path="x"), status=404
        )

    with recorder.scenario("a deleted model is hidden unless asked for") as s:
        s.experiment()
        model(s)
        s.delete("logged-models/${model}")
        s.get("logged-models/${model}", status=404)
        s.get("logged-models/${model}", "allow_deleted=true")
        s.get("logged-models/${model}", "allow_deleted=false", status=404)
        s.delete("logged-models/${model}")
        s.post("logged-models/search", {"experiment_ids": ["${exp}"]})
        s.patch("logged-models/${model}", {"model_id": "${model}", "status": "LOGGED_MODEL_READY"})
        s.patch("logged-models/${model}/tags", {"tags": [{"key": "b", "value": "2"}]})
        s.get("logged-models/${model}", "allow_deleted=true")

    with recorder.scenario("tags of a model are set, replaced and deleted") as s:
        s.experiment()
        model(s, tags=[{"key": "a", "value": "1"}])
        s.patch(
            "logged-models/${model}/tags",
            {"model_id": "${model}", "tags": [{"key": "a", "value": "2"}, {"key": "b/c d", "value": ""}]},
        )
        s.patch("logged-models/${model}/tags", {"tags": [{"key": "c", "value": "1"}, {"key": "c", "value": "2"}]})
        s.patch("logged-models/${model}/tags", {"tags": []})
        s.get("logged-models/${model}")
        s.delete("logged-models/${model}/tags/a")
        s.delete("logged-models/${model}/tags/a", status=404)
        s.get("logged-models/${model}")
        s.patch("logged-models/${model}/tags", {"tags": 5}, status=400)

    with recorder.scenario("the key of a model tag may need quoting in a path") as s:
        s.experiment()
        model(s, tags=[{"key": "a b", "value": "1"}, {"key": "mlflow.x", "value": "1"}, {"key": "ü", "value": "1"}])
        s.delete("logged-models/${model}/tags/a%20b")
        s.delete("logged-models/${model}/tags/mlflow.x")
        s.delete("logged-models/${model}/tags/%C3%BC")
        s.get("logged-models/${model}")

    with recorder.scenario("params of a model are added once") as s:
        s.experiment()
        model(s)
        s.post(
            "logged-models/${model}/params",
            {"model_id": "${model}", "params": [{"key": "a", "value": "1"}, {"key": "b", "value": ""}]},
        )
        s.get("logged-models/${model}")
        again = refused("repeated-model-param")
        s.post(
            "logged-models/${model}/params",
            {"model_id": "${model}", "params": [{"key": "a", "value": "1"}]},
            status=400,
            oxflow=again,
        )
        s.post(
            "logged-models/${model}/params",
            {"model_id": "${model}", "params": [{"key": "n", "value": "1"}, {"key": "n", "value": "1"}]},
            status=400,
            oxflow=again,
        )
        s.post("logged-models/${model}/params", {"model_id": "${model}", "params": 5}, status=400)
        s.post("logged-models/${model}/params", {"model_id": "${model}"})
        s.get("logged-models/${model}")

    with recorder.scenario("a model shows every point of its metrics") as s:
        s.experiment()
        s.run("a")
        s.run("b", start_time=1_700_000_000_001)
        model(s)
        for run, value, step, rest in [
            ("a", 1, 0, {}),
            ("a", 2, 1, {}),
            ("b", 3, 0, {"dataset_name": "d", "dataset_digest": "1"}),
            ("a", 1, 0, {}),
        ]:
            point = {"key": "m", "value": value, "timestamp": 10 + step, "step": step, "model_id": "${model}", **rest}
            s.post("runs/log-metric", {"run_id": "${%s}" % run, **point})
        s.get("logged-models/${model}")
        s.post("logged-models/search", {"experiment_ids": ["${exp}"]})

    with recorder.scenario("a model has one value per metric, time, step and run") as s:
        s.experiment()
        s.run()
        model(s)
        point = {"run_id": "${run}", "key": "m", "value": 1, "timestamp": 1, "step": 1, "model_id": "${model}"}
        s.post("runs/log-metric", point)
        s.post("runs/log-metric", point)
        s.post("runs/log-metric", {**point, "value": 2}, status=400, oxflow=refused("model-metric-once-per-step"))
        s.get("logged-models/${model}")
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))

    with recorder.scenario("a metric of a model is tied to a dataset that was logged") as s:
        s.experiment()
        s.run()
        model(s)
        dataset = {"name": "wine", "digest": "abc", "source_type": "local", "source": "{}"}
        s.post(
            "runs/log-inputs",
            {"run_id": "${run}", "datasets": [{"dataset": dataset}], "models": [{"model_id": "${model}"}]},
        )
        s.post(
            "runs/log-metric",
            {
                "run_id": "${run}",
                "key": "m",
                "value": 1,
                "timestamp": 1,
                "model_id": "${model}",
                "dataset_name": "wine",
                "dataset_digest": "abc",
            },
        )
        s.get("logged-models/${model}")
        s.read_run()

    with recorder.scenario("artifacts of a model") as s:
        s.experiment()
        model(s)
        root = "/api/2.0/mlflow-artifacts/artifacts/${exp}/models/${model}/artifacts"
        files = "/ajax-api/2.0/mlflow/logged-models/${model}/artifacts/files"
        folder = "logged-models/${model}/artifacts/directories"
        s.get(folder)
        s.put(root + "/MLmodel", text="flavors: {}\n")
        s.put(root + "/data/weights.bin", bytes_=bytes(range(8)))
        s.get(folder)
        s.get(folder, query(artifact_directory_path="data"))
        s.get(folder, query(artifact_directory_path="nothing"))
        s.get(folder, query(artifact_directory_path="../x"), status=400)
        s.get(files, query(artifact_file_path="MLmodel"), keep_headers=["content-type"])
        s.get(files, query(artifact_file_path="data/weights.bin"), keep_headers=["content-type"])
        s.get(files, query(artifact_file_path="nothing"), status=404)
        s.get(files, query(artifact_file_path="../x"), status=400)
        s.get(files, status=400)
