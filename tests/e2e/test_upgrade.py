"""Databases of old MLflow versions (tests/upgrade) are upgraded by Oxflow as by MLflow itself, and read the same after."""

import json
import os
import subprocess
import time

import conftest
import pytest
from servers import Api, clean_environment, for_sqlalchemy
from test_interchange import assert_same, assert_same_schema, normalised

FIXTURES = conftest.ROOT / "tests" / "upgrade" / "fixtures"
VERSIONS = ["1.30.0", "2.11.3", "2.22.0", "3.6.0"]

# The databases that are also read through both servers, by both clients; OXFLOW_UPGRADE_READ=all reads all of them.
READ = {("1.30.0", "sqlite"), ("2.11.3", "postgres"), ("3.6.0", "postgres")}


def upgrade_by_mlflow(database):
    run([os.environ["OXFLOW_PY_317"], "-m", "mlflow", "db", "upgrade", for_sqlalchemy(database.uri)])


def upgrade_by_oxflow(database):
    if conftest.is_real_oxflow():
        run([os.environ["OXFLOW_BIN"], "db", "upgrade", database.uri])
    else:
        upgrade_by_mlflow(database)


def run(command):
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (
        f"{command[:-1]} exited with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgraded_database_is_that_of_mlflow(version, backend, database_of, new_oxflow, new_mlflow):
    """Schema and rows; then what clients read, and that the server works on it."""
    conftest.need_oxflow()
    text = (FIXTURES / f"{version}.{backend}.sql").read_text()
    ours, theirs = database_of("by oxflow"), database_of("by mlflow")
    ours.load(text)
    theirs.load(text)
    before, started_ms = ours.rows(), time.time_ns() // 1_000_000
    upgrade_by_oxflow(ours)
    upgrade_by_mlflow(theirs)

    assert ours.query("SELECT version_num FROM alembic_version") == theirs.query(
        "SELECT version_num FROM alembic_version"
    )
    assert_same_schema(theirs.schema(), ours.schema())
    our_rows, their_rows = ours.rows(), theirs.rows()
    # Jobs that were waiting or running are cancelled, now.
    for rows in (our_rows, their_rows):
        now = lambda value: "now" if isinstance(value, int) and value >= started_ms else value
        rows["jobs"] = [tuple(map(now, row)) for row in rows["jobs"]]
    assert sorted(our_rows) == sorted(their_rows)
    for table, rows in their_rows.items():
        assert our_rows[table] == rows, f"rows of {table}"
    # Nothing that people logged is less than before.
    for table in ["experiments", "runs", "metrics", "latest_metrics", "params", "tags", "model_versions"]:
        assert len(our_rows[table]) == len(before[table]) > 0, table

    oxflow = new_oxflow("by oxflow").start()
    if (version, backend) in READ or os.environ.get("OXFLOW_UPGRADE_READ") == "all":
        assert_same_answers(oxflow, new_mlflow("by mlflow").start())
    # It goes on from there.
    api = Api(oxflow.url)
    experiment = api.experiment("after the upgrade")
    experiments = api.post("experiments/search", max_results=100, view_type="ALL")["experiments"]
    assert int(experiment) == max(int(item["experiment_id"]) for item in experiments)
    api.post("runs/log-metric", run_id=api.run(experiment), key="m", value=1, timestamp=1, step=1)


def assert_same_answers(oxflow, mlflow):
    assert_same(read_tracking(mlflow.url), read_tracking(oxflow.url), "mlflow", "oxflow")
    for client in ["3.17.2", "2.11.3"]:
        python = conftest.client_python(client)
        read = [read_back(python, server.url) for server in (mlflow, oxflow)]
        assert read[0] == read[1], f"client {client}"
        assert len(read[0]["runs"]) == 17 and read[0]["tags.even = 'True'"]


def read_back(python, url):
    script = conftest.HERE / "read_back.py"
    done = subprocess.run(
        [python, str(script)],
        env=clean_environment(MLFLOW_TRACKING_URI=url),
        cwd=conftest.ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def read_tracking(url):
    """What the API tells about experiments, runs and logged models, as (request, answer) pairs."""
    api = Api(url)
    seen = []

    def ask(method, path, **fields):
        where = {"params": fields} if method == "GET" else {"json": fields}
        answer = api.call(method, path, **where).json()
        seen.append((f"{method} {path} {sorted(fields.items())}", normalised(answer)))
        return answer

    experiments = ask("POST", "experiments/search", max_results=100, view_type="ALL", order_by=["name"])["experiments"]
    ids = [experiment["experiment_id"] for experiment in experiments]
    ask("POST", "experiments/search", max_results=100, filter="tags.team = 'blue'")
    runs = ask("POST", "runs/search", experiment_ids=ids, run_view_type="ALL", max_results=1000)["runs"]
    for order in ["metrics.`nan later` DESC", "params.lr", "attributes.end_time DESC", "metrics.order"]:
        ask("POST", "runs/search", experiment_ids=ids, order_by=[order], run_view_type="ALL")
    for text in ["metrics.up > 1", 'tags.`a b` = "it\'s"', "dataset.name = 'train'"]:
        answer = api.session.post(f"{url}/api/2.0/mlflow/runs/search", json={"experiment_ids": ids, "filter": text})
        seen.append((f"filter {text}", (answer.status_code, normalised(answer.json()) if answer.ok else None)))
    for found in runs:
        run_id = found["info"]["run_id"]
        read = ask("GET", "runs/get", run_id=run_id)["run"]
        for metric in read["data"].get("metrics", []):
            ask("GET", "metrics/get-history", run_id=run_id, metric_key=metric["key"])
    models = ask("POST", "logged-models/search", experiment_ids=ids, order_by=[{"field_name": "name"}]).get(
        "models", []
    )
    for model in models:
        ask("GET", f"logged-models/{model['info']['model_id']}")
    return seen
