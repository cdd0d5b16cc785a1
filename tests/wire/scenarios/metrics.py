"""Single metrics: values, the latest rule, limits, metrics of models and datasets."""

from record import query, refused


def log(s, key="m", value=1, timestamp=1, step=None, **rest):
    body = {"run_id": "${run}", "key": key, "value": value, "timestamp": timestamp}
    body.update({"step": step} if step is not None else {})
    body.update(rest.pop("fields", {}))
    return s.post("runs/log-metric", body, **rest)


def record(recorder):
    with recorder.scenario("a metric is logged and read back") as s:
        s.experiment()
        s.run()
        log(s, value=0.25, timestamp=1_700_000_000_000, step=3)
        log(s, key="no step", value=2)
        s.post("runs/log-metric", {"run_uuid": "${run}", "key": "by run_uuid", "value": 3, "timestamp": 1})
        s.read_run()
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))
        s.get("metrics/get-history", query(run_uuid="${run}", metric_key="no step"))

    with recorder.scenario("the latest point has the largest step, then timestamp, then value") as s:
        s.experiment()
        s.run()
        for step, timestamp, value in [
            (5, 10, 1.0),
            (4, 99, 9.0),
            (5, 9, 8.0),
            (5, 10, 0.5),
            (5, 10, 2.0),
            (5, 11, -1.0),
            (-7, 200, 3.0),
        ]:
            log(s, value=value, timestamp=timestamp, step=step)
            s.read_run()
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))

    with recorder.scenario("NaN counts as 0 when the latest point is chosen") as s:
        s.experiment()
        s.run()
        for value in [-1, "NaN", 0, -2, "NaN", 1]:
            log(s, value=value)
            s.read_run()
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))

    with recorder.scenario("an identical point is stored once") as s:
        s.experiment()
        s.run()
        for _ in range(3):
            log(s, value=1.5, timestamp=7, step=2)
        log(s, value="NaN", timestamp=7, step=2)
        log(s, value="NaN", timestamp=7, step=2)
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))

    with recorder.scenario("infinities come back as the largest double") as s:
        s.experiment()
        s.run()
        log(s, key="up", value="Infinity")
        log(s, key="down", value="-Infinity")
        log(s, key="nan", value="NaN")
        s.read_run()

    with recorder.scenario("limits of metric keys") as s:
        s.experiment()
        s.run()
        log(s, key="k" * 250)
        log(s, key="é" * 250)
        log(s, key="k" * 251, status=400)
        for key in [
            "a#b",
            "a,b",
            "../a",
            "/a",
            "a//b",
            "a/../b",
            "./a",
            ".",
            "..",
            "...",
            "a/",
            "a\nb",
            "a\tb",
            "a%b",
            "a\\b",
        ]:
            log(s, key=key, status=400)
        for key in [
            "a.b",
            "a/b",
            "a:b",
            "a-b",
            "a_b",
            "a b",
            " a ",
            "ключ",
            "日本",
            "a..b",
            "val/acc @".strip(" @"),
            "-1",
        ]:
            log(s, key=key)
        s.read_run()

    with recorder.scenario("a timestamp is not negative, a step may be") as s:
        s.experiment()
        s.run()
        log(s, timestamp=-1, status=400)
        log(s, timestamp=-1, value=2, step=4, status=400)
        log(s, timestamp=0)
        log(s, timestamp=0, step=-5)
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))

    with recorder.scenario("wrong types of a metric") as s:
        s.experiment()
        s.run()
        log(s, key=5, status=400)
        log(s, value="abc", status=400)
        log(s, timestamp="abc", status=400)
        log(s, step="abc", status=400)
        log(s, fields={"model_id": 5}, status=400)
        log(s, fields={"dataset_name": 5}, status=400)
        slug = refused("wrong-type-is-400")
        log(s, timestamp=1.5, no_body=True, oxflow=slug)
        log(s, value=[1], status=500, no_body=True, oxflow=slug)
        log(s, timestamp=[1], status=500, no_body=True, oxflow=slug)
        log(s, step=1.5, no_body=True, oxflow=slug)
        s.post("runs/log-metric", {"run_id": 5, "key": "a", "value": 1, "timestamp": 1}, status=400)

    with recorder.scenario("required fields of a metric") as s:
        s.experiment()
        s.run()
        s.post("runs/log-metric", {"run_id": "${run}", "value": 1, "timestamp": 1}, status=400)
        s.post("runs/log-metric", {"run_id": "${run}", "key": "", "value": 1, "timestamp": 1}, status=400)
        s.post("runs/log-metric", {"run_id": "${run}", "key": "a", "timestamp": 1}, status=400)
        s.post("runs/log-metric", {"run_id": "${run}", "key": "a", "value": 1}, status=400)
        s.post("runs/log-metric", {"run_id": "${run}", "key": "a", "value": 0, "timestamp": 0})

    with recorder.scenario("a metric of a logged model") as s:
        s.experiment()
        s.run()
        s.post("logged-models", {"experiment_id": "${exp}", "name": "m"}, capture={"model": "/model/info/model_id"})
        log(s, key="plain", value=1, fields={"model_id": "${model}"})
        log(
            s,
            key="on data",
            value=2,
            step=4,
            fields={"model_id": "${model}", "dataset_name": "d", "dataset_digest": "1"},
        )
        s.get("logged-models/${model}")
        s.read_run()
        s.get("metrics/get-history", query(run_id="${run}", metric_key="plain"))
        log(s, key="half", value=2, fields={"model_id": "${model}", "dataset_name": "d"}, status=400)
        log(s, key="half", value=2, fields={"model_id": "${model}", "dataset_digest": "1"}, status=400)

    with recorder.scenario("a metric of an unknown model is not stored") as s:
        s.experiment()
        s.run()
        log(s, fields={"model_id": "m-" + "0" * 32}, status=400, oxflow=refused("unknown-model-of-a-metric"))
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))
        s.read_run()

    with recorder.scenario("the metric of a run in a search is the latest one too") as s:
        s.experiment()
        s.run()
        for step in [3, 1, 2]:
            log(s, value=step * 10, step=step)
        s.post("runs/search", {"experiment_ids": ["${exp}"]})
