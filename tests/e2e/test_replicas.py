"""Several servers on one PostgreSQL database: replicas of Oxflow, and Oxflow beside MLflow.

OXFLOW_SOAK_SECONDS is how long the clients of the replicas collide (8; the acceptance of a release: 60).
"""

import concurrent.futures
import http.client
import json
import os
import random
import threading
import time
import urllib.parse
from collections import Counter

import conftest
from alternating import Alternating
from servers import Api
from test_interchange import assert_same, fill, normalised, read_everything

pytestmark = conftest.on_postgres

CLIENTS = 32
SOAK_SECONDS = float(os.environ.get("OXFLOW_SOAK_SECONDS", "8"))

# The steps of everyday that read back what another request wrote a moment ago.
PARTS = ["experiments", "nested_runs", "values", "statuses", "batches", "asynchronous", "inputs", "logged_models"]


def check_everyday(url, parts=PARTS):
    python = conftest.client_python("3.17.2")
    printed = conftest.run_script(python, conftest.HERE / "everyday", url, *parts)
    assert sum(line.startswith("ok ") for line in printed.splitlines()) == len(parts), printed


def test_a_client_switches_between_mlflow_and_oxflow_mid_run(new_mlflow, new_oxflow):
    """Every request goes to the other server than the one before it, and both answer the same about all of it."""
    mlflow = new_mlflow("shared").start()
    oxflow = new_oxflow("shared").start()
    alternating = Alternating([mlflow.url, oxflow.url])
    with alternating as url:
        fill(url)
        assert_same(read_everything(mlflow.url), read_everything(oxflow.url), "mlflow", "oxflow")
        check_everyday(url)
    runs = read_runs(mlflow.url)
    assert len(runs) >= 25
    assert runs == read_runs(oxflow.url)
    assert min(alternating.requests.values()) > 100, alternating.requests


def read_runs(url):
    """All runs with what they have, by id."""
    api = Api(url)
    experiments = api.post("experiments/search", max_results=1000, view_type="ALL")["experiments"]
    runs = []
    for experiment in experiments:
        found = api.post(
            "runs/search", experiment_ids=[experiment["experiment_id"]], run_view_type="ALL", max_results=1000
        )
        runs += found.get("runs", [])
    sorted_deep = lambda value: (
        {key: sorted_deep(item) for key, item in value.items()}
        if isinstance(value, dict)
        else sorted((sorted_deep(item) for item in value), key=repr)
        if isinstance(value, list)
        else value
    )
    return {run["info"]["run_id"]: sorted_deep(run) for run in runs}


def test_an_ordinary_day_with_every_request_at_another_replica(new_oxflow):
    servers = [new_oxflow("shared").start() for _ in range(2)]
    with Alternating([server.url for server in servers]) as url:
        check_everyday(url)
    assert read_runs(servers[0].url) == read_runs(servers[1].url)


def test_replicas_that_start_together_on_an_empty_database_make_it_once(new_oxflow, database_of):
    servers = [new_oxflow("shared") for _ in range(4)]
    with concurrent.futures.ThreadPoolExecutor(len(servers)) as pool:
        for started in [pool.submit(server.start) for server in servers]:
            started.result()
    database = database_of("shared")
    assert database.query("SELECT experiment_id, name FROM experiments") == [(0, "Default")]
    assert len(database.query("SELECT version_num FROM alembic_version")) == 1
    assert database.query("SELECT name FROM workspaces") == [("default",)]
    ids = [Api(server.url).experiment(f"of {number}") for number, server in enumerate(servers)]
    assert sorted(map(int, ids)) == [1, 2, 3, 4]


class Client:
    """A kept-alive connection that keeps count of the statuses it was answered with."""

    def __init__(self, url):
        address = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        self.statuses = Counter()
        self.surprises = []

    def send(self, method, path, fields):
        target, body = f"/api/2.0/mlflow/{path}", None
        if method == "GET":
            target += "?" + urllib.parse.urlencode(fields)
        else:
            body = json.dumps(fields)
        self.connection.request(method, target, body, {"content-type": "application/json"})
        answer = self.connection.getresponse()
        content = answer.read().decode()
        self.statuses[answer.status] += 1
        if answer.status >= 500:
            self.surprises.append(f"{path}: {answer.status} {content[:300]}")
        return answer.status, json.loads(content) if content.startswith("{") else content


class Collisions:
    """Clients of several replicas that all do the same thing at the same moment, round after round.

    Each `at_once` is one request of every client, sent together; what must have come of it is checked between two of them.
    """

    def __init__(self, urls):
        self.urls = urls
        self.clients = [Client(urls[number % len(urls)]) for number in range(CLIENTS)]
        self.pool = concurrent.futures.ThreadPoolExecutor(CLIENTS)
        self.together = threading.Barrier(CLIENTS)

    def at_once(self, method, path, fields_of):
        """Every client sends `fields_of(number)`; returns their (status, answer)s."""

        def send(number):
            fields = fields_of(number)
            self.together.wait(60)
            return self.clients[number].send(method, path, fields)

        return [done.result() for done in [self.pool.submit(send, number) for number in range(CLIENTS)]]

    def read(self, path, **fields):
        """The same from every replica."""
        answers = [normalised(Api(url).get(path, **fields)) for url in self.urls]
        assert all(answer == answers[0] for answer in answers), answers
        return answers[0]

    def close(self):
        self.pool.shutdown()
        for client in self.clients:
            client.connection.close()


def all_succeed(answers):
    assert {status for status, _ in answers} == {200}, [answer for answer in answers if answer[0] != 200][:3]


def one_wins(answers, code):
    """Exactly one client gets 200; the others get this error. Returns the winner's number."""
    winners = [number for number, (status, _) in enumerate(answers) if status == 200]
    assert len(winners) == 1, f"{len(winners)} of {len(answers)} won: {answers[:4]}"
    for number, (_, answer) in enumerate(answers):
        assert number in winners or answer["error_code"] == code, answer
    return winners[0]


def create_the_same_experiment(all_of, name):
    answers = all_of.at_once("POST", "experiments/create", lambda _: {"name": name})
    winner = one_wins(answers, "RESOURCE_ALREADY_EXISTS")
    experiment = answers[winner][1]["experiment_id"]
    found = all_of.at_once("GET", "experiments/get-by-name", lambda _: {"experiment_name": name})
    assert {answer["experiment"]["experiment_id"] for _, answer in found} == {experiment}
    return experiment


def rename_to_the_same_name(all_of, name):
    made = all_of.at_once("POST", "experiments/create", lambda number: {"name": f"{name} of {number}"})
    all_succeed(made)
    ids = [answer["experiment_id"] for _, answer in made]
    assert len(set(ids)) == CLIENTS
    answers = all_of.at_once(
        "POST", "experiments/update", lambda number: {"experiment_id": ids[number], "new_name": f"{name} renamed"}
    )
    winner = one_wins(answers, "RESOURCE_ALREADY_EXISTS")
    read = all_of.read("experiments/get-by-name", experiment_name=f"{name} renamed")
    assert read["experiment"]["experiment_id"] == ids[winner]


def log_to_the_same_run(all_of, experiment, name):
    made = all_of.at_once(
        "POST",
        "runs/create",
        lambda number: {"experiment_id": experiment, "run_name": f"{name} {number}", "start_time": number},
    )
    all_succeed(made)
    run = made[0][1]["run"]["info"]["run_id"]

    all_succeed(
        all_of.at_once("POST", "runs/set-tag", lambda number: {"run_id": run, "key": "t", "value": str(number)})
    )
    answers = all_of.at_once(
        "POST", "runs/log-parameter", lambda number: {"run_id": run, "key": "p", "value": str(number)}
    )
    winner = one_wins(answers, "INVALID_PARAMETER_VALUE")
    assert "Changing param values is not allowed" in answers[winner - 1][1]["message"]
    all_succeed(all_of.at_once("POST", "runs/log-parameter", lambda _: {"run_id": run, "key": "same", "value": "v"}))
    all_succeed(
        all_of.at_once(
            "POST",
            "runs/log-metric",
            lambda number: {"run_id": run, "key": "m", "value": number, "timestamp": 1, "step": number},
        )
    )
    # A point that is there already is no error and no second row.
    all_succeed(
        all_of.at_once(
            "POST", "runs/log-metric", lambda _: {"run_id": run, "key": "point", "value": 7, "timestamp": 1, "step": 1}
        )
    )

    def batch(number):
        """The same keys as everyone's, in an order of its own: what locks them in the order they come in, deadlocks."""
        own = random.Random(f"{name} {number}")
        shuffled = lambda items: own.sample(items, len(items))
        return {
            "run_id": run,
            "metrics": shuffled(
                [{"key": f"k{i}", "value": number * i, "timestamp": number, "step": number} for i in range(40)]
            ),
            "params": shuffled([{"key": f"p{i}", "value": "v"} for i in range(20)]),
            "tags": shuffled([{"key": f"t{i}", "value": str(number)} for i in range(20)]),
        }

    all_succeed(all_of.at_once("POST", "runs/log-batch", batch))
    dataset = {"name": f"{name} data", "digest": "d", "source_type": "local", "source": "{}"}
    inputs = [{"dataset": dataset, "tags": [{"key": "mlflow.data.context", "value": "train"}]}]
    # Half of them log it to the same run, half to runs of their own.
    all_succeed(
        all_of.at_once(
            "POST",
            "runs/log-inputs",
            lambda number: {
                "run_id": made[number if number % 2 else 0][1]["run"]["info"]["run_id"],
                "datasets": inputs,
            },
        )
    )
    states = ["FINISHED", "FAILED", "KILLED", "RUNNING"]
    all_succeed(
        all_of.at_once(
            "POST",
            "runs/update",
            lambda number: {
                "run_id": run,
                "status": states[number % 4],
                "end_time": 1000 + number % 4,
                "run_name": f"state {number % 4}",
            },
        )
    )
    one_wins(
        all_of.at_once("POST", "runs/delete-tag", lambda _: {"run_id": run, "key": "t"}), "RESOURCE_DOES_NOT_EXIST"
    )

    read = all_of.read("runs/get", run_id=run)["run"]
    data = {kind: {item["key"]: item for item in read["data"][kind]} for kind in ["metrics", "params", "tags"]}
    for kind, items in data.items():
        assert len(items) == len(read["data"][kind]), f"{kind} of run {run} twice: {read['data'][kind]}"
    assert data["params"]["p"]["value"] == str(winner) and data["params"]["same"]["value"] == "v"
    assert (data["metrics"]["m"]["step"], data["metrics"]["m"]["value"]) == (CLIENTS - 1, CLIENTS - 1)
    for i in range(40):
        latest = data["metrics"][f"k{i}"]
        assert (latest["step"], latest["value"]) == (CLIENTS - 1, (CLIENTS - 1) * i), latest
    # The tags of one batch belong together, and so do the fields of one update.
    assert len({data["tags"][f"t{i}"]["value"] for i in range(20)}) == 1
    state = states.index(read["info"]["status"])
    name_tag = data["tags"]["mlflow.runName"]["value"]
    named = f"state {state}"
    assert (read["info"]["end_time"], read["info"]["run_name"], name_tag) == (1000 + state, named, named)
    assert "t" not in data["tags"]
    for key, count in [("m", CLIENTS), ("point", 1), ("k7", CLIENTS)]:
        assert len(all_of.read("metrics/get-history", run_id=run, metric_key=key)["metrics"]) == count, key
    assert len(read["inputs"]["dataset_inputs"]) == 1, read["inputs"]

    # Deleting and logging at once: who comes second may be told that the run is deleted, nothing else.
    answers = all_of.at_once(
        "POST",
        "runs/log-batch",
        lambda number: {"run_id": run, "metrics": [{"key": "z", "value": 1, "timestamp": number, "step": 1}]},
    )
    all_succeed(answers)
    answers = all_of.at_once("POST", "runs/delete", lambda _: {"run_id": run})
    assert {status for status, _ in answers} <= {200, 400}, answers
    assert all_of.read("runs/get", run_id=run)["run"]["info"]["lifecycle_stage"] == "deleted"


def test_clients_of_replicas_collide(new_oxflow, database_of):
    servers = [new_oxflow("shared").start() for _ in range(2)]
    all_of = Collisions([server.url for server in servers])
    deadline, rounds = time.monotonic() + SOAK_SECONDS, 0
    try:
        while rounds == 0 or time.monotonic() < deadline:
            rounds += 1
            experiment = create_the_same_experiment(all_of, f"race {rounds}")
            all_succeed(
                all_of.at_once(
                    "POST",
                    "experiments/set-experiment-tag",
                    lambda number: {"experiment_id": experiment, "key": "t", "value": str(number)},
                )
            )
            log_to_the_same_run(all_of, experiment, f"run {rounds}")
            rename_to_the_same_name(all_of, f"name {rounds}")
            surprises = [surprise for client in all_of.clients for surprise in client.surprises]
            assert surprises == []
    finally:
        all_of.close()
    # A server reports its deadlocks when its connection ends, at the latest.
    for server in servers:
        server.stop()
    database = database_of("shared")
    statuses = sum((client.statuses for client in all_of.clients), Counter())
    print(f"{rounds} rounds, {statuses.total()} requests: {dict(statuses)}")
    assert database.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == [(0,)]
    for columns, table in [
        ("name", "experiments"),
        ("experiment_id, name, digest", "datasets"),
        ("source_id, destination_id", "inputs"),
        ("run_uuid, key", "latest_metrics"),
    ]:
        twice = database.query(f"SELECT {columns} FROM {table} GROUP BY {columns} HAVING count(*) > 1")
        assert twice == [], f"{table}: {twice[:3]}"
