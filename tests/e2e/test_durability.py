"""What was acknowledged is on disk: kill -9 in the middle of writing, again and again on the same file."""

import os
import random
import threading
import time

import conftest
import pytest
import requests
from servers import Api

ROUNDS = int(os.environ.get("OXFLOW_KILL_ROUNDS", "20"))
WRITERS = 8


class Writer(threading.Thread):
    """Writes until the server is gone, and keeps what was acknowledged."""

    def __init__(self, url, experiment, name):
        super().__init__(name=name, daemon=True)
        self.api = Api(url)
        self.experiment = experiment
        self.acknowledged = {}
        self.writes = 0
        self.problem = None

    def run(self):
        try:
            number = 0
            while True:
                number += 1
                run = self.api.run(self.experiment, run_name=f"{self.name} {number}", start_time=number)
                seen = self.acknowledged[run] = {"metrics": {}, "params": {}, "tags": {}}
                self.writes += 1
                for step in range(random.randint(3, 12)):
                    self.write(run, seen, step)
        except requests.RequestException:
            pass
        except Exception as error:  # shown by the test: a thread's own traceback would be lost
            self.problem = error

    def write(self, run, seen, step):
        kind = random.randrange(4)
        value = step + random.random()
        if kind == 0:
            self.api.post("runs/log-metric", run_id=run, key="single", value=value, timestamp=step, step=step)
            seen["metrics"].setdefault("single", []).append((step, value))
        elif kind == 1:
            points = [{"key": "batch", "value": value + i, "timestamp": i, "step": step * 100 + i} for i in range(50)]
            params = [{"key": f"p{step}", "value": str(value)}]
            tags = [{"key": f"t{step}", "value": str(value)}]
            self.api.post("runs/log-batch", run_id=run, metrics=points, params=params, tags=tags)
            seen["metrics"].setdefault("batch", []).extend((point["step"], point["value"]) for point in points)
            seen["params"][f"p{step}"] = seen["tags"][f"t{step}"] = str(value)
        elif kind == 2:
            self.api.post("runs/log-parameter", run_id=run, key=f"q{step}", value=str(value))
            seen["params"][f"q{step}"] = str(value)
        else:
            self.api.post("runs/set-tag", run_id=run, key="last", value=str(value))
            seen["tags"]["last"] = str(value)
        self.writes += 1


def check(api, acknowledged):
    for run, seen in acknowledged.items():
        data = api.get("runs/get", run_id=run)["run"]["data"]
        params = {item["key"]: item["value"] for item in data.get("params", [])}
        tags = {item["key"]: item["value"] for item in data.get("tags", [])}
        assert seen["params"].items() <= params.items(), f"params of run {run} are lost"
        for key, value in seen["tags"].items():
            # A later value of `last` may have been stored without having been acknowledged.
            assert key in tags and (key == "last" or tags[key] == value), f"tag {key} of run {run} is lost"
        for key, points in seen["metrics"].items():
            stored = {
                (p["step"], p["value"]) for p in api.get("metrics/get-history", run_id=run, metric_key=key)["metrics"]
            }
            assert set(points) <= stored, f"{len(set(points) - stored)} points of {key} of run {run} are lost"
            if key == "batch":
                steps = {step // 100 for step, _ in stored}
                assert len(stored) == 50 * len(steps), f"a batch of run {run} is stored in part"


@pytest.mark.slow
def test_acknowledged_writes_survive_kill_9(new_oxflow, backend):
    """On PostgreSQL less is to be feared: what it has committed is safe from the server's end."""
    rounds = ROUNDS if backend == "sqlite" else -(-ROUNDS // 4)
    server = new_oxflow().start()
    random.seed(7)
    experiment = Api(server.url).experiment("durable")
    everything, writes = {}, 0
    for round_number in range(rounds):
        writers = [Writer(server.url, experiment, f"round {round_number} writer {i}") for i in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(random.uniform(0.05, 0.8))
        server.kill()
        for writer in writers:
            writer.join(30)
            assert not writer.is_alive(), "a writer hangs although the server is gone"
            assert writer.problem is None, f"{writer.name}: {writer.problem}"
            everything.update(writer.acknowledged)
            writes += writer.writes
        server.start()
        newest = {run: seen for writer in writers for run, seen in writer.acknowledged.items()}
        check(Api(server.url), newest)
    check(Api(server.url), everything)
    print(f"{writes} acknowledged writes to {len(everything)} runs over {rounds} kills")
    if conftest.is_real_oxflow():
        assert writes > 10 * rounds * WRITERS, "too little was written for this to mean anything"
