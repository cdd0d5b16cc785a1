"""PostgreSQL goes away under load, as in a crash, and comes back.

OXFLOW_OUTAGE_SECONDS is for how long it is gone at least (2; the acceptance of a release: 10).
"""

import json
import os
import random
import threading
import time

import conftest
import pytest
import requests
from databases import OwnCluster, PostgresDatabase
from servers import Api
from test_durability import check

OUTAGE_SECONDS = float(os.environ.get("OXFLOW_OUTAGE_SECONDS", "2"))
RECOVERY_SECONDS = 5
WRITERS = 8


@pytest.fixture
def own_cluster():
    conftest.need_oxflow()
    cluster = OwnCluster()
    yield cluster
    cluster.remove()


class Writer(threading.Thread):
    """Writes and reads until told to stop; keeps what was acknowledged, and every answer that is no success."""

    def __init__(self, url, experiment, name):
        super().__init__(name=name, daemon=True)
        self.url, self.experiment = url, experiment
        self.session = requests.Session()
        self.random = random.Random(name)
        self.finish = threading.Event()
        self.acknowledged = {}
        self.successes = 0
        self.last_success = 0.0
        self.refused = []  # (status, text)
        self.problem = None

    def run(self):
        try:
            run, number = None, 0
            while not self.finish.is_set():
                number += 1
                if run is None or number % 20 == 0:
                    made = self.send(
                        "runs/create", experiment_id=self.experiment, run_name=self.name, start_time=number
                    )
                    if made is None:
                        continue
                    run = made["run"]["info"]["run_id"]
                    self.acknowledged[run] = {"metrics": {}, "params": {}, "tags": {}}
                self.write(run, self.acknowledged[run], number)
        except Exception as error:  # shown by the test: a thread's own traceback would be lost
            self.problem = error

    def write(self, run, seen, number):
        kind = self.random.randrange(4)
        if kind == 0:
            if (
                self.send("runs/log-metric", run_id=run, key="single", value=number, timestamp=1, step=number)
                is not None
            ):
                seen["metrics"].setdefault("single", []).append((number, number))
        elif kind == 1:
            points = [{"key": "batch", "value": i, "timestamp": 1, "step": number * 100 + i} for i in range(50)]
            params = [{"key": f"p{number}", "value": "v"}]
            if self.send("runs/log-batch", run_id=run, metrics=points, params=params) is not None:
                seen["metrics"].setdefault("batch", []).extend((point["step"], point["value"]) for point in points)
                seen["params"][f"p{number}"] = "v"
        elif kind == 2:
            if self.send("runs/set-tag", run_id=run, key=f"t{number}", value="v") is not None:
                seen["tags"][f"t{number}"] = "v"
        else:
            self.send("runs/search", experiment_ids=[self.experiment], max_results=5)

    def send(self, path, **fields):
        """The answer, or None if it was refused. No answer at all is a failure of the test."""
        answer = self.session.post(f"{self.url}/api/2.0/mlflow/{path}", json=fields, timeout=60)
        if answer.status_code == 200:
            self.successes += 1
            self.last_success = time.monotonic()
            return answer.json()
        self.refused.append((answer.status_code, answer.text))
        # Not a wait for anything: a client that is refused does not ask again at once.
        self.finish.wait(0.02)
        return None


def wait_until(condition, what, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


@conftest.on_postgres
@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_postgres_goes_away_and_comes_back(own_cluster, new_oxflow, mode):
    """`immediate` is a crash: PostgreSQL recovers from its log. `fast` ends connections with a message first."""
    database = PostgresDatabase(own_cluster)
    server = new_oxflow(database=database).start()
    experiment = Api(server.url).experiment("outage")
    writers = [Writer(server.url, experiment, f"writer {number}") for number in range(WRITERS)]
    all_have = lambda condition: lambda: all(writer.problem or condition(writer) for writer in writers)
    for writer in writers:
        writer.start()
    wait_until(all_have(lambda writer: writer.successes > 20), "some writes of every client", 30)

    own_cluster.stop(mode)
    stopped = time.monotonic()
    # Nobody hangs: every client gets one refusal after the other.
    wait_until(
        lambda: all_have(lambda writer: len(writer.refused) >= 3)() and time.monotonic() - stopped >= OUTAGE_SECONDS,
        "three refusals of every client",
        30 + OUTAGE_SECONDS,
    )
    own_cluster.start()
    returned = time.monotonic()
    wait_until(
        all_have(lambda writer: writer.last_success > returned),
        "a success of every client after PostgreSQL came back",
        RECOVERY_SECONDS,
    )
    recovery = time.monotonic() - returned
    for writer in writers:
        writer.finish.set()
    for writer in writers:
        writer.join(60)
        assert not writer.is_alive() and writer.problem is None, f"{writer.name}: {writer.problem}"
    refused = [answer for writer in writers for answer in writer.refused]
    print(f"{len(refused)} refused, recovered within {recovery:.2f} s, as in: {refused[0]}")
    if conftest.is_real_oxflow():
        for status, text in refused:
            assert status == 503 and json.loads(text)["error_code"] == "TEMPORARILY_UNAVAILABLE", (status, text)
            assert "database" in json.loads(text)["message"], text
            assert own_cluster.password not in text
        assert own_cluster.password not in server.log_file().read_text()
    else:
        assert {status for status, _ in refused} <= {500, 503}
    acknowledged = {run: seen for writer in writers for run, seen in writer.acknowledged.items()}
    assert sum(writer.successes for writer in writers) > 200
    check(Api(server.url), acknowledged)
