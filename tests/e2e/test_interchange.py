"""A database and an artifact folder move between MLflow and Oxflow, in both directions, and mean the same."""

import os

import conftest
from servers import Api

UNORDERED = {
    "metrics",
    "params",
    "tags",
    "dataset_inputs",
    "model_inputs",
    "model_outputs",
    "aliases",
    "latest_versions",
}


def normalised(value, key=None):
    """Lists without a defined order are sorted; everything else stays."""
    if isinstance(value, dict):
        return {name: normalised(item, name) for name, item in value.items()}
    if isinstance(value, list):
        items = [normalised(item) for item in value]
        return sorted(items, key=repr) if key in UNORDERED else items
    return value


def read_everything(url):
    """All that a client can read, as (request, answer) pairs."""
    api = Api(url)
    seen = []

    def get(path, /, **fields):
        answer = api.call("GET", path, params=fields).json()
        if path.endswith("get-latest-versions"):
            answer.get("model_versions", []).sort(key=lambda version: version["version"])
        seen.append((f"GET {path} {sorted(fields.items())}", normalised(answer)))
        return answer

    def post(path, /, **fields):
        answer = api.call("POST", path, json=fields).json()
        seen.append((f"POST {path} {sorted(fields.items())}", normalised(answer)))
        return answer

    experiments = post("experiments/search", max_results=100, view_type="ALL", order_by=["name"])["experiments"]
    post("experiments/search", max_results=100, filter="tags.team = 'blue'")
    post("experiments/search", max_results=100, view_type="DELETED_ONLY")
    for experiment in experiments:
        get("experiments/get", experiment_id=experiment["experiment_id"])
        get("experiments/get-by-name", experiment_name=experiment["name"])
    ids = [experiment["experiment_id"] for experiment in experiments]
    runs = post("runs/search", experiment_ids=ids, run_view_type="ALL", max_results=1000)["runs"]
    post("runs/search", experiment_ids=ids, max_results=5)
    for text in [
        "metrics.loss > 5",
        "params.lr = '0.3'",
        "tags.even = 'True' AND attributes.status = 'FINISHED'",
        'tags.`a b` = "it\'s"',
        "attributes.run_name LIKE 'run 1%'",
        "dataset.name = 'numbers'",
        "metrics.nan != 0",
        "params.lr IS NULL",
    ]:
        post("runs/search", experiment_ids=ids, filter=text)
    for order in [
        "metrics.loss DESC",
        "metrics.nan",
        "params.lr DESC",
        "tags.even",
        "attributes.end_time DESC",
        "run_name",
    ]:
        post("runs/search", experiment_ids=ids, order_by=[order], run_view_type="ALL")
    for run in runs:
        run_id = run["info"]["run_id"]
        read = get("runs/get", run_id=run_id)["run"]
        get("artifacts/list", run_id=run_id)
        for metric in read["data"].get("metrics", []):
            get("metrics/get-history", run_id=run_id, metric_key=metric["key"])
            get("metrics/get-history-bulk-interval", run_ids=run_id, metric_key=metric["key"], max_results=7)
        if run["info"]["run_name"] == "rich":
            get("artifacts/list", run_id=run_id, path="dir")
            for path in ["dir/hello.txt", "b.bin"]:
                content = api.call("GET", "/get-artifact", params={"run_id": run_id, "path": path}).content
                seen.append((f"artifact {path}", content))
    post("/ajax-api/2.0/mlflow/experiments/search-datasets", experiment_ids=ids[:20])
    models = post("logged-models/search", experiment_ids=ids, order_by=[{"field_name": "name"}])["models"]
    post("logged-models/search", experiment_ids=ids, filter="metrics.acc > 0.6")
    for model in models:
        get(f"logged-models/{model['info']['model_id']}")
        get(f"logged-models/{model['info']['model_id']}/artifacts/directories")
    assert len(runs) >= 14 and len(models) == 1, (len(runs), len(models))
    read_registry(get)
    return seen


def read_registry(get):
    """All that a client can read of the model registry."""
    models = get("registered-models/search", max_results=100)["registered_models"]
    prompts = get("registered-models/search", filter="tags.`mlflow.prompt.is_prompt` = 'true'")["registered_models"]
    for order in ["name DESC", "last_updated_timestamp DESC"]:
        get("registered-models/search", order_by=order)
    get("registered-models/search", filter="name LIKE '%wine' AND tags.team = 'blue'")
    versions = []
    for model in models + prompts:
        name = model["name"]
        get("registered-models/get", name=name)
        get("registered-models/get-latest-versions", name=name)
        for alias in model.get("aliases", []):
            get("registered-models/alias", name=name, alias=alias["alias"])
        versions += get("model-versions/search", filter=f"name = '{name}'").get("model_versions", [])
    for version in versions:
        place = {"name": version["name"], "version": version["version"]}
        get("model-versions/get", **place)
        get("model-versions/get-download-uri", **place)
        if version.get("run_id"):
            get("model-versions/search", filter=f"run_id = '{version['run_id']}'")
    get("model-versions/get", name="greeting", version="1")
    get("model-versions/search", filter="tags.`mlflow.prompt.is_prompt` = 'true'")
    get("model-versions/search", order_by="creation_timestamp", max_results=3)
    get("model-versions/search", filter="tags.of = 'run'")
    assert len(models) == 4 and len(prompts) == 1 and len(versions) == 5, (models, prompts, versions)


def assert_same(left, right, first, second):
    for (request, one), (other_request, two) in zip(left, right):
        assert request == other_request, (
            f"after different answers, {first} was asked {request}, {second} {other_request}"
        )
        assert one == two, f"{request}\n{first}: {one}\n{second}: {two}"
    assert len(left) == len(right)


def fill(url):
    conftest.run_script(os.environ["OXFLOW_PY_317"], conftest.HERE / "fill.py", url)


def test_oxflow_reads_what_mlflow_wrote(new_mlflow, new_oxflow):
    mlflow = new_mlflow("shared").start()
    fill(mlflow.url)
    before = read_everything(mlflow.url)
    mlflow.stop()
    oxflow = new_oxflow("shared").start()
    assert_same(before, read_everything(oxflow.url), "mlflow", "oxflow")


def test_mlflow_reads_what_oxflow_wrote(new_mlflow, new_oxflow):
    oxflow = new_oxflow("shared").start()
    fill(oxflow.url)
    before = read_everything(oxflow.url)
    oxflow.stop()
    mlflow = new_mlflow("shared").start()
    assert_same(before, read_everything(mlflow.url), "oxflow", "mlflow")


def test_a_database_goes_there_and_back(new_mlflow, new_oxflow):
    """Written by both in turn; each continues where the other stopped."""
    mlflow = new_mlflow("shared").start()
    fill(mlflow.url)
    mlflow.stop()
    oxflow = new_oxflow("shared").start()
    api = Api(oxflow.url)
    experiment = api.experiment("made by oxflow")
    run = api.run(experiment, run_name="made by oxflow", start_time=1)
    api.post(
        "runs/log-batch",
        run_id=run,
        metrics=[{"key": "m", "value": 1.5, "timestamp": 1, "step": 2}],
        params=[{"key": "p", "value": "1"}],
    )
    api.call("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/a.txt", data=b"from oxflow")
    oxflow.stop()
    mlflow = new_mlflow("shared").start()
    api = Api(mlflow.url)
    after = api.experiment("made by mlflow after")
    assert int(after) == int(experiment) + 1
    api.post("runs/log-metric", run_id=run, key="m", value=2.5, timestamp=2, step=3)
    read = api.get("runs/get", run_id=run)["run"]
    assert [metric["value"] for metric in read["data"]["metrics"]] == [2.5]
    assert api.call("GET", "/get-artifact", params={"run_id": run, "path": "a.txt"}).content == b"from oxflow"
    mlflow.stop()
    oxflow.start()
    history = Api(oxflow.url).get("metrics/get-history", run_id=run, metric_key="m")["metrics"]
    assert [(point["step"], point["value"]) for point in history] == [(2, 1.5), (3, 2.5)]


def assert_same_schema(theirs, ours):
    assert sorted(ours) == sorted(theirs)
    for table in theirs:
        for part in theirs[table]:
            assert ours[table][part] == theirs[table][part], f"{part} of table {table}"


def test_a_new_database_is_that_of_mlflow(new_mlflow, new_oxflow):
    """The schema; and the rows that the first start writes: the default experiment and workspace, nothing else."""

    def rows(database):
        # Which jobs run at the start of MLflow is its own business.
        counts = {name: len(rows) for name, rows in database.rows().items() if rows and not name.startswith("jobs")}
        default = database.query(
            "SELECT experiment_id, name, artifact_location, lifecycle_stage, workspace FROM experiments"
        )
        return counts, default

    mlflow = new_mlflow("of mlflow").start()
    mlflow.stop()
    oxflow = new_oxflow("of oxflow").start()
    oxflow.stop()
    theirs, ours = mlflow.database, oxflow.database
    assert len(theirs.tables()) > 50
    assert ours.query("SELECT version_num FROM alembic_version") == theirs.query(
        "SELECT version_num FROM alembic_version"
    )
    assert_same_schema(theirs.schema(), ours.schema())
    assert rows(ours) == rows(theirs)
