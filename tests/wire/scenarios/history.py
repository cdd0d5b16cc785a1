"""Metric histories: one metric, several runs, and the sampled form the charts use."""

from record import Difference, query, refused

BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
INTERVAL = "metrics/get-history-bulk-interval"


def points(s, run, key, steps, value=lambda step: step / 10, timestamp=lambda step: 1000 + step):
    metrics = [{"key": key, "value": value(step), "timestamp": timestamp(step), "step": step} for step in steps]
    s.post("runs/log-batch", {"run_id": "${%s}" % run, "metrics": metrics})


def record(recorder):
    with recorder.scenario("a history is ordered by timestamp, then step, then value") as s:
        s.experiment()
        s.run()
        points(s, "run", "m", [3, 1, 2], timestamp=lambda step: 100 - step)
        points(s, "run", "m", [3, 1, 2], timestamp=lambda step: 50, value=lambda step: -step)
        points(s, "run", "m", [2, 2], timestamp=lambda step: 50, value=lambda step: 7)
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m"))
        s.get(BULK, query(run_id="${run}", metric_key="m"))

    with recorder.scenario("an unknown run or key has an empty history") as s:
        s.experiment()
        s.run()
        s.get("metrics/get-history", query(run_id="${run}", metric_key="nothing"))
        s.get(BULK, query(run_id="${run}", metric_key=""))
        s.get("metrics/get-history", query(run_id="f" * 32, metric_key="m"))
        s.get(BULK, query(run_id="f" * 32, metric_key="m"))
        s.get(INTERVAL, query(run_ids="f" * 32, metric_key="m"))
        for no_id in ["a;b", "x" * 300]:
            s.get("metrics/get-history", query(run_id=no_id, metric_key="m", max_results=5))
            s.get(BULK, query(run_id=no_id, metric_key="m"))
            s.get(INTERVAL, query(run_ids=no_id, metric_key="m"))

    with recorder.scenario("pages of a history") as s:
        s.experiment()
        s.run()
        points(s, "run", "m", range(5))
        s.get(
            "metrics/get-history",
            query(run_id="${run}", metric_key="m", max_results=2),
            capture={"second": "/next_page_token"},
        )
        s.get(
            "metrics/get-history",
            "run_id=${run}&metric_key=m&max_results=2&page_token=${second}",
            capture={"third": "/next_page_token"},
        )
        s.get("metrics/get-history", "run_id=${run}&metric_key=m&max_results=2&page_token=${third}")
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m", max_results=5))
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m", max_results=50))
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m", max_results=25000))
        s.get("metrics/get-history", query(run_id="${run}", metric_key="m", max_results=25001))

    with recorder.scenario("bad requests for a history") as s:
        s.get("metrics/get-history", status=400)
        s.get("metrics/get-history", query(run_id="x"), status=400)
        s.get("metrics/get-history", query(metric_key="x"), status=400)
        s.get("metrics/get-history", query(run_id="x", metric_key="m", max_results=0), status=400)
        s.get("metrics/get-history", query(run_id="x", metric_key="m", max_results=-1), status=400)
        s.get("metrics/get-history", query(run_id="x", metric_key="m", max_results=2, page_token="!!"), status=400, any=["/message"])

    with recorder.scenario("histories of several runs are ordered by run and share one limit") as s:
        s.experiment()
        s.run("a")
        points(s, "a", "m", [2, 0, 1])
        s.get(BULK, query(run_id="${a}", metric_key="m"))
        s.get(BULK, query(run_id="${a}", metric_key="m", max_results=2))
        s.get(BULK, query(run_id="${a}", metric_key="m", max_results=25001))
        s.get(BULK, query(run_id=["${a}"] * 100, metric_key="m", max_results=1))
        s.get(BULK, query(run_id=["${a}"] * 101, metric_key="m"), status=400)
        s.get(BULK, query(run_id="${a}"), status=400)
        s.get(BULK, query(metric_key="m"), status=400)
        s.get(
            BULK,
            query(run_id="${a}", metric_key="m", max_results="a"),
            status=500,
            oxflow=refused("history-bulk-max-results"),
        )

    with recorder.scenario("NaN in a bulk history is valid JSON") as s:
        s.experiment()
        s.run()
        s.post("runs/log-metric", {"run_id": "${run}", "key": "m", "value": "NaN", "timestamp": 1})
        point = {"key": "m", "value": "NaN", "timestamp": 1, "step": 0, "run_id": "${run}"}
        s.get(
            BULK,
            query(run_id="${run}", metric_key="m"),
            oxflow=Difference("history-bulk-nan", 200, {"metrics": [point]}),
        )
        s.get(INTERVAL, query(run_ids="${run}", metric_key="m"))

    with recorder.scenario("a sampled history cuts ten points into equal buckets") as s:
        s.experiment()
        s.run()
        points(s, "run", "m", range(10))
        for size in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 2500]:
            s.get(INTERVAL, query(run_ids="${run}", metric_key="m", max_results=size))
        s.get(INTERVAL, query(run_ids="${run}", metric_key="m"))

    with recorder.scenario("a sampled history is ordered by step, then timestamp, then value") as s:
        s.experiment()
        s.run()
        points(s, "run", "m", [3, 1, 2, -4], timestamp=lambda step: 100 - step)
        points(s, "run", "m", [1, 3], timestamp=lambda step: 5)
        points(s, "run", "m", [1], timestamp=lambda step: 5, value=lambda step: "NaN")
        points(s, "run", "m", [1], timestamp=lambda step: 5, value=lambda step: -9)
        s.get(INTERVAL, query(run_ids="${run}", metric_key="m"))
        s.get(INTERVAL, query(run_ids="${run}", metric_key="m", max_results=4))

    with recorder.scenario("a sampled history between two steps") as s:
        s.experiment()
        s.run()
        points(s, "run", "m", range(0, 20, 2))
        for start, end in [(4, 10), (3, 11), (4, 4), (5, 5), (-3, 2), (100, 200)]:
            s.get(INTERVAL, query(run_ids="${run}", metric_key="m", start_step=start, end_step=end))
        s.get(INTERVAL, query(run_ids="${run}", metric_key="m", start_step=2, end_step=18, max_results=3))
        s.get(INTERVAL, query(run_ids="${run}", metric_key="m", start_step=0, end_step=0))

    with recorder.scenario("sampled histories of several runs") as s:
        s.experiment()
        s.run("a")
        s.run("b", start_time=1_700_000_000_001)
        s.run("c", start_time=1_700_000_000_002)
        points(s, "a", "m", range(5))
        points(s, "b", "m", range(0, 30, 3))
        s.get(INTERVAL, query(run_ids=["${b}", "${a}", "${c}"], metric_key="m"))
        s.get(INTERVAL, query(run_ids=["${b}", "${a}", "${c}"], metric_key="m", max_results=3))
        s.get(INTERVAL, query(run_ids=["${a}", "${b}"], metric_key="m", start_step=3, end_step=6, max_results=2))
        s.get("/ajax-api/2.0/mlflow/" + INTERVAL, query(run_ids=["${a}", "${a}"], metric_key="m", max_results=2))

    with recorder.scenario("bad requests for a sampled history") as s:
        s.get(INTERVAL, query(metric_key="m"), status=400)
        s.get(INTERVAL, query(run_ids="x"), status=400)
        for size in [0, -1, 2501, "a"]:
            s.get(INTERVAL, query(run_ids="x", metric_key="m", max_results=size), status=400)
        s.get(INTERVAL, query(run_ids="x", metric_key="m", start_step=1), status=400)
        s.get(INTERVAL, query(run_ids="x", metric_key="m", end_step=1), status=400)
        s.get(INTERVAL, query(run_ids="x", metric_key="m", start_step=2, end_step=1), status=400)
        s.get(INTERVAL, query(run_ids="x", metric_key="m", start_step="a", end_step=1), status=400)
        s.get(INTERVAL, query(run_ids=["x"] * 100, metric_key="m"))
        s.get(INTERVAL, query(run_ids=["x"] * 101, metric_key="m"), status=400)
