"""runs/log-batch: limits, validation, duplicates, all or nothing."""

from record import Difference, query, refused


def metric(key="m", value=1, timestamp=1, step=0):
    return {"key": key, "value": value, "timestamp": timestamp, "step": step}


def record(recorder):
    def batch(s, **fields):
        rest = {name: fields.pop(name) for name in ["status", "oxflow", "no_body"] if name in fields}
        return s.post("runs/log-batch", {"run_id": "${run}", **fields}, **rest)

    with recorder.scenario("a batch of everything is logged and read back") as s:
        s.experiment()
        s.run()
        batch(
            s,
            metrics=[
                metric("a", 1, 5, 0),
                metric("a", 2, 6, 1),
                metric("b", "NaN", 5, 0),
                {"key": "c", "value": 3, "timestamp": 4},
            ],
            params=[{"key": "lr", "value": "0.1"}, {"key": "empty", "value": ""}, {"key": "none"}],
            tags=[{"key": "t", "value": "1"}, {"key": "u", "value": ""}, {"key": "none"}],
        )
        s.read_run()
        s.get("metrics/get-history", query(run_id="${run}", metric_key="a"))
        batch(s)
        batch(s, metrics=[], params=[], tags=[])

    with recorder.scenario("a batch holds at most 1000 metrics") as s:
        s.experiment()
        s.run()
        batch(s, metrics=[{"key": "m", "value": i, "timestamp": i} for i in range(1000)])
        batch(s, metrics=[{"key": "m", "value": i, "timestamp": i} for i in range(1001)], status=400)
        s.read_run()
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m", max_results=2), no_body=True)

    with recorder.scenario("a batch holds at most 100 params and 100 tags") as s:
        s.experiment()
        s.run()
        pairs = lambda count: [{"key": f"k{i}", "value": "v"} for i in range(count)]
        batch(s, params=pairs(100))
        batch(s, params=pairs(101), status=400)
        batch(s, tags=pairs(100))
        batch(s, tags=pairs(101), status=400)

    with recorder.scenario("a batch holds at most 1000 things together") as s:
        s.experiment()
        s.run()
        pairs = [{"key": f"k{i}", "value": "v"} for i in range(100)]
        metrics = [{"key": "m", "value": i, "timestamp": i} for i in range(801)]
        batch(s, metrics=metrics[:800], params=pairs, tags=pairs)
        batch(s, metrics=metrics, params=pairs, tags=pairs, status=400)

    with recorder.scenario("limits are checked before the run is looked up") as s:
        tags = [{"key": f"k{i}", "value": "v"} for i in range(101)]
        s.post("runs/log-batch", {"run_id": "f" * 32, "tags": tags}, status=400)

    with recorder.scenario("the run id of a batch has a form") as s:
        for run_id in ["!!", "../x", "a b", "-a", "a" * 257]:
            s.post("runs/log-batch", {"run_id": run_id}, status=400)
        s.post("runs/log-batch", {"run_id": "a" * 256}, status=404)
        s.post("runs/log-batch", {"run_id": ""}, status=400)
        s.post("runs/log-batch", {"run_id": 5}, status=400)

    with recorder.scenario("missing fields in a batch are named with their place") as s:
        s.experiment()
        s.run()
        batch(s, metrics=[{"value": 1, "timestamp": 1}], status=400)
        batch(s, metrics=[metric(), {"key": "a", "timestamp": 1}], status=400)
        batch(s, metrics=[metric(), {"key": "a", "value": 1}], status=400)
        batch(s, params=[{"value": "1"}], status=400)
        batch(s, params=[{"key": "a", "value": "1"}, {"key": "", "value": "1"}], status=400)
        batch(s, tags=[{"value": "1"}], status=400)
        batch(s, tags=[{"key": "a", "value": "1"}, {}], status=400)
        batch(s, metrics=5, status=400)
        batch(s, params="a", status=400)
        batch(s, tags={"a": "b"}, status=400)
        s.read_run()

    with recorder.scenario("wrong types inside a batch are refused") as s:
        s.experiment()
        s.run()
        slug = refused("wrong-type-is-400")
        for bad in [
            metric(value="abc"),
            metric(timestamp="abc"),
            metric(timestamp=1.5),
            metric(step="abc"),
            metric(step=1.5),
        ]:
            batch(s, metrics=[bad], no_body=True, oxflow=slug)
        batch(s, metrics=[metric(key=5)], status=400, oxflow=slug)
        batch(s, params=[{"key": "a", "value": 5}], no_body=True, oxflow=slug)
        batch(s, tags=[{"key": "a", "value": ["x"]}], no_body=True, oxflow=slug)

    with recorder.scenario("bad keys inside a batch are named with their place") as s:
        s.experiment()
        s.run()
        batch(s, metrics=[metric(), metric("a#b")], status=400)
        batch(s, metrics=[metric("../m")], status=400)
        batch(s, metrics=[metric("k" * 251)], status=400)
        batch(s, metrics=[metric(timestamp=-1)], status=400)
        batch(s, params=[{"key": "ok", "value": "1"}, {"key": "a#b", "value": "1"}], status=400)
        batch(s, params=[{"key": "k" * 251, "value": "1"}], status=400)
        batch(s, tags=[{"key": "ok", "value": "1"}, {"key": "a#b", "value": "1"}], status=400)
        batch(s, tags=[{"key": "k" * 251, "value": "1"}], status=400)
        s.read_run()
        batch(
            s,
            metrics=[metric("k" * 250)],
            params=[{"key": "k" * 250, "value": "1"}],
            tags=[{"key": "k" * 250, "value": "1"}],
        )

    with recorder.scenario("long values in a batch are cut") as s:
        s.experiment()
        s.run()
        batch(s, params=[{"key": "p", "value": "x" * 6001}], tags=[{"key": "t", "value": "y" * 8001}])
        s.read_run()

    with recorder.scenario("texts in the message about changed params") as s:
        s.experiment()
        s.run()
        texts = ["it's", 'it is "so"', "tab\there", "\u200b", "\u00a0", "ü", "日本", "a\u0301", "\U000e0001", "\x7f"]
        for i, text in enumerate(texts):
            batch(s, params=[{"key": f"p{i}", "value": text}])
            batch(s, params=[{"key": f"p{i}", "value": text + "2"}], status=400)

    with recorder.scenario("a param repeated in a batch is refused") as s:
        s.experiment()
        s.run()
        batch(s, params=[{"key": "p", "value": "1"}, {"key": "p", "value": "1"}], status=400)
        batch(
            s, params=[{"key": "p", "value": "1"}, {"key": "q", "value": "1"}, {"key": "p", "value": "2"}], status=400
        )
        s.read_run()

    with recorder.scenario("the last of two equal tags of a batch counts") as s:
        s.experiment()
        s.run()
        batch(s, tags=[{"key": "t", "value": "1"}, {"key": "t", "value": "2"}])
        s.read_run()

    with recorder.scenario("a changed param refuses the whole batch") as s:
        s.experiment()
        s.run()
        batch(s, params=[{"key": "p", "value": "1"}])
        batch(
            s,
            params=[{"key": "new", "value": "1"}, {"key": "p", "value": "2"}],
            metrics=[metric()],
            tags=[{"key": "t", "value": "1"}],
            status=400,
        )
        s.read_run()
        batch(s, params=[{"key": "p", "value": "1"}, {"key": "new", "value": "1"}], metrics=[metric()])
        s.read_run()

    with recorder.scenario("the same point twice in a batch is stored once") as s:
        s.experiment()
        s.run()
        batch(s, metrics=[metric(), metric(), metric("m", 2)])
        batch(s, metrics=[metric(), metric("m", "NaN"), metric("m", "NaN")])
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))
        s.read_run()

    with recorder.scenario("the latest rule holds inside a batch, whatever its order") as s:
        s.experiment()
        s.run()
        batch(
            s,
            metrics=[
                metric("m", 9, 9, 1),
                metric("m", 1, 1, 7),
                metric("m", 5, 99, 6),
                metric("n", 1, 1, -1),
                metric("n", 2, 1, -2),
            ],
        )
        s.read_run()
        batch(s, metrics=[metric("m", 0, 0, 7), metric("n", 0, 0, 0)])
        s.read_run()

    with recorder.scenario("metrics of models inside a batch") as s:
        s.experiment()
        s.run()
        s.post("logged-models", {"experiment_id": "${exp}", "name": "m"}, capture={"model": "/model/info/model_id"})
        batch(
            s,
            metrics=[
                {**metric("a", 1), "model_id": "${model}"},
                {**metric("b", 2), "model_id": "${model}", "dataset_name": "d", "dataset_digest": "1"},
                {**metric("a", 1), "model_id": "${model}"},
                metric("c", 3),
            ],
        )
        s.get("logged-models/${model}")
        s.read_run()

    with recorder.scenario("a batch with an unknown model stores nothing") as s:
        s.experiment()
        s.run()
        batch(
            s,
            params=[{"key": "p", "value": "1"}],
            metrics=[{**metric(), "model_id": "m-" + "0" * 32}],
            tags=[{"key": "t", "value": "1"}],
            status=400,
            oxflow=refused("unknown-model-of-a-metric"),
        )
        info = {
            "run_uuid": "${run}",
            "experiment_id": "${exp}",
            "run_name": "run",
            "user_id": "",
            "status": "RUNNING",
            "start_time": 1_700_000_000_000,
            "artifact_uri": "mlflow-artifacts:/${exp}/${run}/artifacts",
            "lifecycle_stage": "active",
            "run_id": "${run}",
        }
        data = {"tags": [{"key": "mlflow.runName", "value": "run"}]}
        s.read_run(
            oxflow=Difference(
                "log-batch-is-atomic", 200, {"run": {"info": info, "data": data, "inputs": {}, "outputs": {}}}
            )
        )
