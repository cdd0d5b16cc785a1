"""`oxflow gc`: what is deleted goes for good, with its artifacts, as with `mlflow gc`; the rest stays."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

import conftest
import pytest
import requests
from certificates import Authority
from databases import PostgresDatabase, SqliteFile, shared_cluster
from servers import Api, clean_environment, for_sqlalchemy

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("OXFLOW_SERVER_COMMAND")), reason="the removal is a command of Oxflow's own"
)

FILL = pathlib.Path(__file__).parent / "fill_trash.py"


def gc(server, *flags, code=0, uri=None, environment=None):
    """Runs `oxflow gc` on the database and the artifacts of a server."""
    command = [os.environ["OXFLOW_BIN"], "gc", "--backend-store-uri", uri or server.database.uri]
    if not environment:
        command += ["--artifacts-destination", str(server.artifacts)]
    done = subprocess.run(
        [*command, *flags],
        cwd=server.folder,
        env=clean_environment(**(environment or {})),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def gc_json(server, *flags, **rest):
    return json.loads(gc(server, "--json", *flags, **rest).stdout)


def folders(root):
    """Files below a folder, and folders in which nothing is."""
    root = pathlib.Path(root)
    paths = [path for path in root.rglob("*") if ".oxflow-tmp" not in path.parts]
    return sorted(str(path.relative_to(root)) for path in paths if path.is_file() or not any(path.iterdir()))


def filled(server):
    """What fill_trash.py made through the real client: names and their ids."""
    server.start()
    printed = conftest.run_script(conftest.client_python("3.17.2"), FILL, server.url, seconds=180)
    return json.loads(printed.splitlines()[-1])


def test_the_trash_is_emptied_beside_a_live_server(new_oxflow):
    server = new_oxflow()
    ids = filled(server)
    api = Api(server.url)
    before = folders(server.artifacts)
    planned = gc(server, "--dry-run")
    assert "Nothing was removed" in planned.stdout and ids["registered"] in planned.stdout
    assert folders(server.artifacts) == before
    text = gc_json(server)
    assert sorted(text["plan"]["runs"]) == sorted([ids["deleted"], ids["in_deleted"]])
    assert text["removed"] == {"runs": 2, "logged_models": 2, "experiments": 1, "jobs": 0}
    assert [(kept["kind"], kept["id"]) for kept in text["kept"]] == [("run", ids["registered"])]
    assert "wine/1" in text["kept"][0]["reason"]
    left = folders(server.artifacts)
    for gone in ["deleted", "in_deleted", "deleted_model", "model_in_deleted"]:
        assert not any(ids[gone] in path for path in left), gone
    for kept in ["active", "registered", "active_model"]:
        assert any(ids[kept] in path for path in left), kept
    api.call("GET", "runs/get", params={"run_id": ids["deleted"]}, status=404)
    api.call("GET", "experiments/get", params={"experiment_id": ids["deleted_experiment"]}, status=404)
    assert api.get("runs/get", run_id=ids["active"])["run"]["data"]["metrics"]
    again = gc_json(server)
    assert again["plan"] == {"runs": [], "logged_models": [], "experiments": [], "jobs": []}
    forced = gc_json(server, "--force-registered")
    assert forced["removed"]["runs"] == 1
    api.call("GET", "runs/get", params={"run_id": ids["registered"]}, status=404)


def copy_of(database, folder):
    """Another database with the same rows."""
    if database.kind == "sqlite":
        copy = SqliteFile(folder / "copy.db")
        with contextlib.closing(sqlite3.connect(database.path)) as source:
            with contextlib.closing(sqlite3.connect(copy.path)) as target:
                source.backup(target)
        return copy
    cluster = shared_cluster()
    copy = PostgresDatabase(cluster)
    cluster.drop(copy.name)
    cluster.execute(f"CREATE DATABASE {copy.name} TEMPLATE {database.name}")
    return copy


def test_the_rows_that_are_left_are_those_of_mlflow_gc(new_oxflow, tmp_path):
    server = new_oxflow()
    filled(server)
    server.stop()
    theirs = copy_of(server.database, tmp_path)
    artifacts = tmp_path / "theirs"
    shutil.copytree(server.artifacts, artifacts)
    gc(server, "--force-registered")
    # The real one removes artifacts through a server, which has to be there.
    through = new_oxflow("theirs_server", database=theirs)
    shutil.copytree(artifacts, through.artifacts)
    through.start()
    done = subprocess.run(
        [os.environ["OXFLOW_PY_317"], "-m", "mlflow", "gc", "--backend-store-uri", for_sqlalchemy(theirs.uri)],
        env=clean_environment(MLFLOW_TRACKING_URI=through.url),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    through.stop()
    ours, theirs_rows = server.database.rows(), theirs.rows()
    assert ours == theirs_rows
    assert any(ours["inputs"]), "the comparison is about edges, too"
    # MLflow leaves empty folders and the files of logged models that went with their experiment.
    assert set(folders(server.artifacts)) <= set(folders(through.artifacts))
    if theirs.kind == "postgres":
        theirs.drop()


def test_named_ids_are_all_that_goes(new_oxflow):
    server = new_oxflow()
    ids = filled(server)
    found = gc_json(server, "--run-ids", f"{ids['deleted']},{ids['active']}", code=1)
    assert found["removed"] == {"runs": 1, "logged_models": 0, "experiments": 0, "jobs": 0}
    assert [(kept["id"], kept["reason"]) for kept in found["kept"]] == [(ids["active"], "it is not deleted")]
    found = gc_json(server, "--logged-model-ids", ids["deleted_model"])
    assert found["removed"] == {"runs": 0, "logged_models": 1, "experiments": 0, "jobs": 0}
    found = gc_json(server, "--older-than", "1h", "--experiment-ids", ids["deleted_experiment"], code=1)
    assert found["kept"][0]["reason"] == "it was deleted later than asked for"
    found = gc_json(server, "--experiment-ids", ids["deleted_experiment"])
    assert found["removed"] == {"runs": 1, "logged_models": 1, "experiments": 1, "jobs": 0}
    assert gc_json(server, "--older-than", "1h")["plan"]["runs"] == []


@conftest.on_sqlite
def test_artifacts_go_through_a_tracking_server_if_no_folder_is_named(new_oxflow):
    server = new_oxflow()
    ids = filled(server)
    found = gc_json(server, environment={"MLFLOW_TRACKING_URI": server.url})
    assert found["removed"]["runs"] == 2
    left = folders(server.artifacts)
    assert not any(ids["deleted"] in path or ids["in_deleted"] in path for path in left)
    assert any(ids["active"] in path for path in left)


@conftest.on_sqlite
def test_such_a_server_may_ask_for_a_login_over_tls(new_oxflow, tmp_path):
    folder = tmp_path / "certificates"
    folder.mkdir()
    authority = Authority(folder, "authority")
    certificate, key = authority.issue_to_files("server")
    password = "correct horse battery"
    flags = ["--tls-cert", str(certificate), "--tls-key", str(key), "--auth", "basic"]
    variables = {
        "MLFLOW_AUTH_ADMIN_USERNAME": "root",
        "MLFLOW_AUTH_ADMIN_PASSWORD": password,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "s" * 32,
    }
    server = new_oxflow(flags=flags, variables=variables, tls={"verify": str(authority.file)}).start()
    api = Api(server.url)
    api.session.trust_env = False
    api.session.verify, api.session.auth = str(authority.file), ("root", password)
    run = api.post("runs/create", experiment_id="0")["run"]["info"]
    path = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
    url = f"{server.url}/api/2.0/mlflow-artifacts/artifacts/{path}/a"
    api.session.put(url, data=b"x").raise_for_status()
    api.post("runs/delete", run_id=run["run_id"])
    environment = {
        "MLFLOW_TRACKING_URI": server.url,
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        "MLFLOW_TRACKING_USERNAME": "root",
        "MLFLOW_TRACKING_PASSWORD": password,
    }
    distrusted = gc_json(server, code=1, environment=environment)
    assert "does not answer" in distrusted["failed"][0]["reason"]
    environment["MLFLOW_TRACKING_SERVER_CERT_PATH"] = str(authority.file)
    nobody = {**environment, "MLFLOW_TRACKING_PASSWORD": "wrong"}
    assert "401" in gc_json(server, code=1, environment=nobody)["failed"][0]["reason"]
    assert folders(server.artifacts) == [f"{path}/a"]
    assert gc_json(server, environment=environment)["removed"]["runs"] == 1
    assert f"{path}/a" not in folders(server.artifacts)



@conftest.on_sqlite
def test_artifacts_that_cannot_be_removed_keep_their_rows(new_oxflow):
    server = new_oxflow()
    ids = filled(server)
    elsewhere = "s3://bucket/1/{}/artifacts"
    server.stop()
    server.database.execute(
        f"UPDATE runs SET artifact_uri = '{elsewhere.format(ids['deleted'])}' WHERE run_uuid = '{ids['deleted']}'"
    )
    # Named after another run: it may be that one's.
    shared = f"mlflow-artifacts:/1/{ids['active']}/artifacts"
    server.database.execute(f"UPDATE runs SET artifact_uri = '{shared}' WHERE run_uuid = '{ids['in_deleted']}'")
    before = [path for path in folders(server.artifacts) if ids["active"] in path]
    foretold = gc_json(server, "--dry-run", code=1)
    assert {failure["id"] for failure in foretold["failed"]} == {ids["deleted"], ids["in_deleted"]}
    found = gc_json(server, code=1)
    assert {failure["id"] for failure in found["failed"]} == {
        ids["deleted"],
        ids["in_deleted"],
        ids["deleted_experiment"],
    }
    assert found["removed"]["runs"] == 0
    found = gc_json(server, "--leave-unserved")
    assert found["removed"]["runs"] == 2 and found["removed"]["experiments"] == 1
    assert {left["location"] for left in found["left"]} == {elsewhere.format(ids["deleted"]), shared}
    assert [path for path in folders(server.artifacts) if ids["active"] in path] == before


@conftest.on_sqlite
def test_folders_that_belong_to_nothing_are_listed_and_removed_when_asked(new_oxflow):
    server = new_oxflow()
    ids = filled(server)
    run, model = "0123456789abcdef" * 2, "m-" + "fedcba9876543210" * 2
    orphans = [f"1/{run}", f"1/models/{model}", f"77/{run}"]
    for orphan in orphans:
        (server.artifacts / orphan / "artifacts").mkdir(parents=True)
        (server.artifacts / orphan / "artifacts" / "a.txt").write_text("x")
    others = ["1/notes/artifacts/a.txt", "other/x.txt", "1/traces/tr-1/artifacts/a.json"]
    for other in others:
        (server.artifacts / other).parent.mkdir(parents=True, exist_ok=True)
        (server.artifacts / other).write_text("x")
    before = folders(server.artifacts)
    found = gc_json(server, "--run-ids", ids["deleted"], "--dry-run", "--orphans", "--delete-orphans")
    assert found["orphans"] == orphans and folders(server.artifacts) == before
    assert gc_json(server, "--run-ids", ids["deleted"], "--orphans")["orphans"] == orphans
    printed = gc(server, "--delete-orphans").stdout
    assert "3 of them removed" in printed
    left = folders(server.artifacts)
    assert not any(run in path or model in path for path in left)
    assert all(other in left for other in others)
    assert any(ids["active"] in path for path in left)


RUN, OTHER_RUN, MODEL = "0123456789abcdef" * 2, "fedcba9876543210" * 2, "m-" + "fedcba9876543210" * 2


def put_file(folder):
    (pathlib.Path(folder) / "artifacts").mkdir(parents=True)
    (pathlib.Path(folder) / "artifacts" / "a.txt").write_text("x")


@pytest.mark.parametrize("destination", ["apart", "equal", "around", "inside"])
def test_folders_below_the_default_root_belong_to_nothing_only_if_no_row_points_there(new_oxflow, tmp_path, destination):
    root = tmp_path / "artifacts" / "root"
    server = new_oxflow(flags=["--no-serve-artifacts", "--default-artifact-root", str(root)])
    server.artifacts = {
        "apart": tmp_path / "apart",
        "equal": root,
        "around": tmp_path / "artifacts",
        # In a folder that looks like that of a run without a row.
        "inside": root / "9" / OTHER_RUN,
    }[destination]
    server.start()
    api = Api(server.url)
    strangers = iter(f"{number:032x}" for number in range(1, 100))

    # Each of these folders is named after a run or model without a row, and yet something is there.
    in_use = []

    def use(folder):
        put_file(folder)
        in_use.append(folder / "artifacts" / "a.txt")
        return folder

    plain = api.experiment("plain")
    run = api.run(plain)
    use(root / plain / run)
    # An experiment below a folder of another one, and one in such a folder itself.
    nested = root / plain / next(strangers)
    experiment = api.post("experiments/create", name="nested", artifact_location=str(nested / "deep"))["experiment_id"]
    use(nested / "deep" / api.run(experiment))
    api.post("experiments/create", name="in it", artifact_location=f"file://{use(root / plain / next(strangers))}")
    # All of a folder is one run's.
    whole = api.run(plain)
    server.database.execute(f"UPDATE runs SET artifact_uri = '{root}/55' WHERE run_uuid = '{whole}'")
    use(root / "55" / next(strangers))
    # Imported runs and models, deleted ones too, with other folders than their own.
    for spelling in ["{}/artifacts", "file://{}/artifacts/", "file:{}", "file://localhost{}/artifacts/x"]:
        imported = api.run(plain)
        location = spelling.format(use(root / plain / next(strangers)))
        server.database.execute(f"UPDATE runs SET artifact_uri = '{location}' WHERE run_uuid = '{imported}'")
        api.post("runs/delete", run_id=imported)
    model = api.post("logged-models", experiment_id=plain, name="m")["model"]["info"]["model_id"]
    location = use(root / plain / "models" / f"m-{next(strangers)}") / "artifacts"
    server.database.execute(f"UPDATE logged_models SET artifact_location = '{location}' WHERE model_id = '{model}'")
    # Versions and traces.
    api.post("registered-models/create", name="wine")
    encoded = next(strangers)
    source = use(root / plain / encoded) / "artifacts"
    api.post("model-versions/create", name="wine", source="s3://bucket/wine")
    source = f"file://{source}".replace(encoded, "%30" + encoded[1:])
    server.database.execute(f"UPDATE model_versions SET source = '{source}'")
    traced = use(root / plain / next(strangers)) / "artifacts"
    server.database.execute(
        f"INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('tr-1', {plain}, 1, 'OK')"
    )
    server.database.execute(
        f"INSERT INTO trace_tags (request_id, key, value) VALUES ('tr-1', 'mlflow.artifactLocation', '{traced}')"
    )
    if destination == "inside":
        use(server.artifacts / "notes")

    orphans = [root / plain / RUN, root / plain / "models" / MODEL, root / "77" / RUN]
    for orphan in orphans:
        put_file(orphan)
    shown = sorted(str(orphan) for orphan in orphans)
    if destination == "equal":
        shown = sorted(str(orphan.relative_to(root)) for orphan in orphans)
    else:
        put_file(server.artifacts / "3" / RUN)
        shown.append(f"3/{RUN}")
    flags = ["--default-artifact-root", str(root), "--run-ids", whole]
    found = gc_json(server, *flags, "--orphans", code=1)
    assert sorted(found["orphans"]) == sorted(shown)
    assert all(orphan.exists() for orphan in orphans)
    found = gc_json(server, *flags, "--delete-orphans", code=1)
    assert found["removed"]["orphans"] == len(shown) and sorted(found["orphans"]) == sorted(shown)
    assert not any(orphan.exists() for orphan in orphans)
    assert not (server.artifacts / "3" / RUN).exists()
    assert all(file.exists() for file in in_use)
    assert gc_json(server, *flags, "--orphans", code=1)["orphans"] == []


@conftest.on_sqlite
def test_folders_below_a_default_root_that_is_not_reached_are_not_looked_at_and_that_is_said(new_oxflow):
    server = new_oxflow()
    server.start()
    done = gc(server, "--orphans", "--default-artifact-root", "dbfs:/mlflow")
    assert "`dbfs:/mlflow`, were not looked at" in done.stderr
    # A server that somebody named stands for its destination, not for a folder that clients write to themselves.
    put_file(server.folder / "mlruns" / "1" / RUN)
    put_file(server.artifacts / "1" / RUN)
    through = {"MLFLOW_TRACKING_URI": server.url}
    found = gc_json(server, "--orphans", "--default-artifact-root", "mlruns", environment=through)
    assert found["orphans"] == [str(server.folder / "mlruns" / "1" / RUN)]
    assert "needs the folder" in gc(server, "--orphans", environment=through, code=2).stderr


# Through the real server, as Oxflow makes no workspaces.
WORKSPACES = """
import json, mlflow
from mlflow import MlflowClient
ids = {}
mlflow.create_workspace("team")
for workspace in ["default", "team"]:
    mlflow.set_workspace(workspace)
    client = MlflowClient()
    def run_in(experiment, name):
        run = client.create_run(experiment).info.run_id
        client.log_metric(run, "loss", 0.5)
        client.log_text(run, "x", "a.txt")
        ids[workspace + " " + name] = run
        return run
    kept, gone = client.create_experiment("kept"), client.create_experiment("gone")
    run_in(kept, "active")
    client.delete_run(run_in(kept, "deleted"))
    registered = run_in(kept, "registered")
    client.create_registered_model("wine")
    client.create_model_version("wine", f"runs:/{registered}/a.txt", run_id=registered)
    client.delete_run(registered)
    run_in(gone, "in gone")
    client.delete_experiment(gone)
print(json.dumps(ids))
"""


def test_each_workspace_has_a_trash_of_its_own(new_mlflow, tmp_path):
    server = new_mlflow(flags=["--enable-workspaces"]).start()
    script = tmp_path / "workspaces.py"
    script.write_text(WORKSPACES)
    printed = conftest.run_script(conftest.client_python("3.17.2"), script, server.url, seconds=180)
    ids = json.loads(printed.splitlines()[-1])
    server.kill()

    def left():
        rows = {run for (run,) in server.database.query("SELECT run_uuid FROM runs")}
        files = "\n".join(folders(server.artifacts))
        of_rows = {name for name, run in ids.items() if run in rows}
        assert of_rows == {name for name, run in ids.items() if run in files}
        return of_rows

    assert left() == set(ids)
    assert "`nobody`" in gc(server, "--workspace", "nobody", code=2).stderr
    assert gc(server, "--workspace", "team", "--all-workspaces", code=2)
    found = gc_json(server, "--workspace", "team")
    assert found["removed"] == {"runs": 2, "logged_models": 0, "experiments": 1, "jobs": 0}
    assert [kept["id"] for kept in found["kept"]] == [ids["team registered"]]
    of_default = {name for name in ids if name.startswith("default")}
    assert left() == of_default | {"team active", "team registered"}
    # An id of another workspace is as good as none.
    found = gc_json(server, "--workspace", "team", "--run-ids", ids["default deleted"], code=1)
    assert found["kept"][0]["id"] == ids["default deleted"] and found["plan"]["runs"] == []
    found = gc_json(server, environment={"MLFLOW_WORKSPACE": "team", "MLFLOW_TRACKING_URI": "http://127.0.0.1:1"})
    assert found["plan"]["runs"] == []
    found = gc_json(server, "--all-workspaces", "--dry-run")
    assert set(found["plan"]["runs"]) == {ids["default deleted"], ids["default in gone"]}
    assert {kept["id"] for kept in found["kept"]} == {ids["default registered"], ids["team registered"]}
    put_file(server.artifacts / "workspaces" / "team" / "77" / RUN)
    found = gc_json(server, "--all-workspaces", "--force-registered", "--orphans")
    assert (found["removed"]["runs"], found["removed"]["experiments"]) == (4, 1)
    assert left() == {"default active", "team active"}
    assert found["orphans"] == [f"workspaces/team/77/{RUN}"]


def test_a_version_in_a_registry_of_its_own_keeps_its_run(new_oxflow, database_of):
    registry = database_of("registry")
    server = new_oxflow(flags=["--registry-store-uri", registry.uri])
    ids = filled(server)
    orphan = server.artifacts / "1" / RUN
    put_file(orphan)
    versioned = Api(server.url)
    versioned.post("model-versions/create", name="wine", source="s3://bucket/wine")
    registry.execute(f"UPDATE model_versions SET source = 'mlflow-artifacts:/1/{RUN}/artifacts' WHERE version = 2")
    assert registry.query("SELECT COUNT(*) FROM model_versions")[0][0] == 2
    assert server.database.query("SELECT COUNT(*) FROM model_versions")[0][0] == 0
    apart = ["--registry-store-uri", registry.uri]
    found = gc_json(server, *apart, "--orphans")
    assert found["removed"] == {"runs": 2, "logged_models": 2, "experiments": 1, "jobs": 0, "orphans": 0}
    assert [(kept["id"], kept["reason"]) for kept in found["kept"]] == [
        (ids["registered"], "version wine/1 of a registered model comes from it")
    ]
    assert found["orphans"] == []
    assert any(ids["registered"] in path for path in folders(server.artifacts))
    answer = requests.post(f"{server.url}/api/oxflow/v1/runs/purge", json={"run_ids": [ids["registered"]]}, timeout=60).json()
    assert answer["runs"] == 0 and answer["kept"][0]["id"] == ids["registered"]
    assert gc_json(server, *apart, "--force-registered")["removed"]["runs"] == 1
    registry.execute(f"DELETE FROM model_versions WHERE source LIKE '%{RUN}%'")
    assert gc_json(server, *apart, "--orphans")["orphans"] == [f"1/{RUN}"]
    # Registered models are not the trash's business.
    assert versioned.get("registered-models/get", name="wine")["registered_model"]["name"] == "wine"


def test_ten_thousand_runs(new_oxflow):
    server = new_oxflow().start()
    api = Api(server.url)
    experiment = api.experiment("many")
    server.stop()
    count = 10_000
    run = "('00000000000000000000000000' || substr('000000' || i, length('000000' || i) - 5))"
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    if server.database.kind == "postgres":
        run = "lpad(i::text, 32, '0')"
    server.database.execute(
        f"""INSERT INTO runs (run_uuid, name, source_type, status, start_time, lifecycle_stage, deleted_time,
                              artifact_uri, experiment_id)
            {numbers} SELECT {run}, 'r', 'UNKNOWN', 'FINISHED', i, CASE WHEN i % 10 = 0 THEN 'active' ELSE 'deleted' END,
                             CASE WHEN i % 10 = 0 THEN NULL ELSE 1000 END,
                             'mlflow-artifacts:/{experiment}/' || {run} || '/artifacts', {experiment}
                        FROM n"""
    )
    for table, columns, values in [
        ("metrics", "key, value, timestamp, step, is_nan", "'loss', 0.5, 1, 1, FALSE"),
        ("latest_metrics", "key, value, timestamp, step, is_nan", "'loss', 0.5, 1, 1, FALSE"),
        ("params", "key, value", "'lr', '0.1'"),
        ("tags", "key, value", "'a', 'b'"),
    ]:
        server.database.execute(f"INSERT INTO {table} (run_uuid, {columns}) {numbers} SELECT {run}, {values} FROM n")
    # Two of three have files.
    for i in range(1, count + 1):
        if i % 3:
            folder = server.artifacts / str(experiment) / f"{i:032}" / "artifacts"
            folder.mkdir(parents=True)
            (folder / "model.txt").write_text("x")
    server.start()
    planned = gc(server, "--dry-run")
    assert re.search(r"^ +9000 runs: ", planned.stdout, re.M), planned.stdout
    found = gc_json(server)
    assert found["removed"]["runs"] == 9000 and found["failed"] == []
    assert server.database.query("SELECT COUNT(*) FROM runs")[0][0] == 1000
    for table in ["metrics", "latest_metrics", "params", "tags"]:
        assert server.database.query(f"SELECT COUNT(*) FROM {table}")[0][0] == 1000, table
    assert len(list((server.artifacts / str(experiment)).iterdir())) == len([i for i in range(10, 10_001, 10) if i % 3])
    again = gc_json(server)
    assert again["plan"]["runs"] == [] and again["removed"]["runs"] == 0


@conftest.on_sqlite
def test_an_interrupted_removal_goes_on(new_oxflow):
    server = new_oxflow()
    ids = filled(server)
    # As it is after the artifacts went and before the rows did.
    shutil.rmtree(server.artifacts / "1")
    shutil.rmtree(server.artifacts / ids["deleted_experiment"])
    assert gc_json(server)["removed"] == {"runs": 2, "logged_models": 2, "experiments": 1, "jobs": 0}


def test_the_pages_purge_with_the_same_code(new_oxflow):
    server = new_oxflow()
    ids = filled(server)

    def purge(what, **body):
        answer = requests.post(f"{server.url}/api/oxflow/v1/{what}/purge", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    answer = purge("runs", run_ids=[ids["deleted"], ids["registered"], ids["active"]])
    assert answer["runs"] == 1
    assert {kept["id"] for kept in answer["kept"]} == {ids["registered"], ids["active"]}
    answer = purge("experiments", experiment_id=ids["deleted_experiment"])
    assert (answer["runs"], answer["logged_models"], answer["experiments"], answer["kept"]) == (1, 1, 1, [])
    left = folders(server.artifacts)
    assert not any(ids["deleted"] in path or ids["in_deleted"] in path for path in left)
    assert any(ids["active"] in path for path in left)
