"""`oxflow import`: file stores recorded from three versions of MLflow mean the same in the database."""

import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import time

import pytest
import requests
from conftest import ROOT, client_python, need_oxflow
from databases import SqliteFile
from servers import Oxflow, clean_environment

STORES = ROOT / "tests" / "filestore"
VERSIONS = ["1.30.0", "2.11.3", "3.17.2"]
LARGEST = 1.7976931348623157e308


@pytest.fixture
def folder(tmp_path):
    need_oxflow()
    if os.environ.get("OXFLOW_SERVER_COMMAND"):
        pytest.skip("`import` is a command of Oxflow's own")
    return tmp_path / "oxflow"


@pytest.fixture
def serve(folder):
    """Starts servers on the imported SQLite file. PostgreSQL is the subject of crates/oxflow/tests/import.rs."""
    made = []

    def start(*flags):
        server = Oxflow(folder, SqliteFile(folder / "mlflow.db"), flags=flags)
        made.append(server)
        return server.start()

    yield start
    for server in made:
        assert server.process.poll() is not None or server.stop() == 0, server.log()


def run_import(folder, source, *flags, code=0):
    folder.mkdir(exist_ok=True)
    command = [os.environ["OXFLOW_BIN"], "import", "--from-filestore", str(source), *flags]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", str(folder / "mlartifacts")]
    done = subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def counts(done):
    """The rows of the table: found, imported, already there, skipped."""
    rows = re.findall(r"^(\w[^\d\n]*?) +(\d+) +(\d+) +(\d+) +(\d+)$", done.stdout, re.M)
    return {name: tuple(map(int, numbers)) for name, *numbers in rows}


def ask(python, uri, *what):
    script = STORES / "answers.py"
    environment = clean_environment(MLFLOW_TRACKING_URI=uri)
    command = [python, str(script), uri, *what]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def recorded(version):
    return json.loads((STORES / version / "answers.json").read_text())


def expected(version, location="mlflow-artifacts:"):
    """What the file store said, as a database says it."""
    said = recorded(version)
    text = json.dumps(said).replace(f"file://{said['root']}", location)
    said = json.loads(text)
    for run in said["runs"].values():
        run["latest"] = {key: finite(value) for key, value in run["latest"].items()}
        for key, points in run["history"].items():
            # A file store loses the step of a point with a dataset, which its file has.
            steps = {0.7: 2} if key == "acc" else {}
            points = [[time, finite(value), steps.get(value, step)] for time, value, step in points]
            run["history"][key] = sorted(points, key=str)
        for field in ("dataset_inputs", "model_inputs", "model_outputs"):
            run.setdefault(field, [])
    return said


def finite(value):
    """The column holds no infinity; MLflow stores the largest number."""
    return {"inf": LARGEST, "-inf": -LARGEST}.get(value, value)


def found(answers):
    for run in answers["runs"].values():
        for key, points in run["history"].items():
            run["history"][key] = sorted(points, key=str)
    return answers


def compare(answers, expected, *parts):
    for part in parts:
        assert sorted(answers[part]) == sorted(expected[part]), part
        for key, one in expected[part].items():
            for field, value in one.items():
                assert answers[part][key].get(field) == value, (part, key, field)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_server_says_what_the_file_store_said(folder, version, serve):
    run_import(folder, STORES / version / "store")
    server = serve()
    answers = found(ask(client_python("3.17.2"), server.url, "tracking"))
    compare(answers, expected(version), "experiments", "runs", "logged_models")


@pytest.mark.parametrize("version", VERSIONS)
def test_mlflow_on_the_database_says_what_the_file_store_said(folder, version):
    run_import(folder, STORES / version / "store")
    answers = found(ask(client_python("3.17.2"), f"sqlite:///{folder}/mlflow.db"))
    compare(answers, expected(version), "experiments", "runs", "logged_models", "registered_models", "traces")


@pytest.mark.parametrize("how", ["copy", "link"])
def test_artifacts_come_along(folder, how, serve, tmp_path):
    source = tmp_path / "mlruns"
    shutil.copytree(STORES / "3.17.2" / "store", source)
    done = run_import(folder, source, "--artifacts", how)
    assert counts(done)["artifact files"][1] == 5
    files = [path for path in source.rglob("artifacts/**/*") if path.is_file()]
    links = {path.stat().st_nlink for path in files}
    assert links == ({2} if how == "link" else {1})
    server = serve()
    script = tmp_path / "download.py"
    script.write_text(
        "import sys, mlflow, pathlib\n"
        "runs = mlflow.search_runs(search_all_experiments=True, output_format='list')\n"
        "run = next(run for run in runs if run.info.run_name == 'full run')\n"
        "path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=sys.argv[1])\n"
        "for file in sorted(pathlib.Path(path).rglob('*.*')): print(file.name, file.read_text().strip())\n"
    )
    command = [client_python("3.17.2"), str(script), str(tmp_path / "downloaded")]
    environment = clean_environment(MLFLOW_TRACKING_URI=server.url)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ['deep.json {"a": 1}', "read me é.txt hello"], done.stderr


def test_kept_artifacts_keep_their_uris(folder):
    done = run_import(folder, STORES / "2.11.3" / "store", "--artifacts", "keep")
    assert "--artifact-root-allow" in done.stderr
    answers = found(ask(client_python("3.17.2"), f"sqlite:///{folder}/mlflow.db"))
    compare(answers, expected("2.11.3", "file:///srv/mlflow/mlruns"), "experiments", "runs", "registered_models")


def test_kept_artifacts_are_served_where_that_is_allowed(folder, serve, tmp_path):
    """On this machine a client reads them itself; the server shows them if it is told to."""
    source = tmp_path / "mlruns"
    shutil.copytree(STORES / "2.11.3" / "store", source)
    for meta in source.rglob("meta.yaml"):
        meta.write_text(meta.read_text().replace(recorded("2.11.3")["root"], str(source)))
    run_import(folder, source, "--artifacts", "keep")
    run_id = next(source.glob("*/*/metrics/loss")).parts[-3]
    for flags, status in [((), 400), (("--artifact-root-allow", str(source)), 200)]:
        server = serve(*flags)
        url = f"{server.url}/get-artifact?run_uuid={run_id}&path=model/data/deep.json"
        assert requests.get(url, timeout=30).status_code == status
        script = "import mlflow, sys; print(mlflow.artifacts.load_text(sys.argv[1]))"
        command = [client_python("3.17.2"), "-c", script, f"runs:/{run_id}/model/data/deep.json"]
        environment = clean_environment(MLFLOW_TRACKING_URI=server.url)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.stdout.strip() == '{"a": 1}', done.stderr
        assert server.stop() == 0


def test_a_second_import_adds_nothing(folder):
    first = counts(run_import(folder, STORES / "3.17.2" / "store"))
    second = counts(run_import(folder, STORES / "3.17.2" / "store"))
    assert first["runs"] == (7, 7, 0, 0) and second["runs"] == (7, 0, 7, 0)
    assert all(imported == 0 and skipped == 0 for _, imported, _, skipped in second.values()), second


def test_several_stores_share_a_database(folder):
    """The stores have names in common, and those of 1.30 and a fresh database ids."""
    run_import(folder, STORES / "2.11.3" / "store")
    refused = run_import(folder, STORES / "3.17.2" / "store", code=1)
    assert "nothing was imported" in refused.stderr and "`plain`" in refused.stderr and "`wine`" in refused.stderr
    skipped = counts(run_import(folder, STORES / "3.17.2" / "store", "--on-conflict", "skip"))
    assert skipped["experiments"] == (5, 0, 1, 4) and skipped["runs"] == (1, 1, 0, 0)
    renamed = counts(run_import(folder, STORES / "3.17.2" / "store", "--on-conflict", "rename"))
    assert renamed["experiments"] == (5, 4, 1, 0) and renamed["runs"] == (7, 6, 1, 0)
    merged = counts(run_import(folder, STORES / "1.30.0" / "store", "--on-conflict", "merge"))
    assert merged["experiments"] == (5, 0, 5, 0) and merged["runs"] == (7, 7, 0, 0)
    again = counts(run_import(folder, STORES / "3.17.2" / "store", "--on-conflict", "rename"))
    assert again["experiments"] == (5, 0, 5, 0) and again["runs"] == (7, 0, 7, 0)


def test_an_id_that_is_taken_is_replaced(folder, serve, tmp_path):
    """Ids of MLflow 1 are 1, 2, 3: in a database that is in use they are taken."""
    folder.mkdir()
    server = serve()
    script = tmp_path / "make.py"
    script.write_text("import mlflow\nfor i in range(4): mlflow.create_experiment(f'own {i}')\n")
    environment = clean_environment(MLFLOW_TRACKING_URI=server.url)
    subprocess.run([client_python("3.17.2"), str(script)], env=environment, check=True, timeout=120)
    done = run_import(folder, STORES / "1.30.0" / "store")
    assert "experiment 1 `plain` has the new id 5" in done.stderr
    answers = ask(client_python("3.17.2"), server.url, "tracking")
    assert answers["experiments"]["5"]["name"] == "plain"
    assert answers["experiments"]["5"]["artifact_location"] == "mlflow-artifacts:/5"
    runs = [run for run in answers["runs"].values() if run["experiment_id"] == "5"]
    assert len(runs) == 3
    assert all(run["artifact_uri"].startswith("mlflow-artifacts:/5/") for run in runs)
    assert counts(run_import(folder, STORES / "1.30.0" / "store"))["experiments"] == (5, 0, 5, 0)


def test_one_bad_file_costs_no_other(folder, tmp_path):
    source = tmp_path / "mlruns"
    shutil.copytree(STORES / "2.11.3" / "store", source)
    metric = next(source.glob("*/*/metrics/loss"))
    run = metric.parent.parent
    with metric.open("a") as file:
        file.write("17000 0.5 x\n1700000000099 0.125")
    (run / "metrics" / "not%a#key").write_text("1 2 3\n")
    (run / "params" / "binary").write_bytes(b"\xff\xfe")
    (run / "params" / "huge").write_text("é" * 9000)
    (run / "tags" / "outside").symlink_to("/etc/passwd")
    (run / "artifacts" / "outside").symlink_to("/etc")
    (source / "0" / "meta.yaml").write_text("name: [\n")
    broken = next(
        path for path in source.glob("*/*/meta.yaml") if path.parent.parent == run.parent and path.parent != run
    )
    broken.write_text(broken.read_text().replace("status: ", "status: x"))
    done = run_import(folder, source, code=1)
    rows = counts(done)
    assert rows["experiments"] == (5, 4, 0, 1)
    assert rows["runs"] == (6, 5, 0, 1)
    assert rows["metric points"][3] == 2
    relative = run.relative_to(source)
    for told in [
        f"{relative}/metrics/loss:7: the line is not",
        f"{relative}/metrics/loss:8: the file ends in the middle of a line",
        f"{relative}/metrics/not%a#key: not a key",
        f"{relative}/params/binary: the content is not UTF-8",
        f"{relative}/params/huge: the value is longer than the 8000 characters",
        f"{relative}/tags/outside: a symbolic link",
        f"{relative}/artifacts/outside: a symbolic link",
        "0/meta.yaml:1: not readable as YAML",
        f"{broken.parent.relative_to(source)}: `status` is `x",
    ]:
        assert told in done.stderr, (told, done.stderr)
    answers = ask(client_python("3.17.2"), f"sqlite:///{folder}/mlflow.db")
    stored = answers["runs"][run.name]
    assert len(stored["history"]["loss"]) == 6 and stored["params"]["huge"] == "é" * 8000
    assert "binary" not in stored["params"] and "outside" not in stored["tags"]
    assert not list(pathlib.Path(folder / "mlartifacts").rglob("passwd"))

    # What is mended comes with the next import, and the run is done.
    assert unfinished(folder / "mlflow.db") == 1
    good = "".join(metric.read_text().splitlines(keepends=True)[:6]) + "1700000000099 0.125 9\n"
    metric.write_text(good)
    (run / "metrics" / "not%a#key").unlink()
    (run / "params" / "binary").write_text("text")
    (run / "tags" / "outside").unlink()
    (run / "artifacts" / "outside").unlink()
    broken.write_text(broken.read_text().replace("status: x", "status: "))
    rows = counts(run_import(folder, source, code=1))
    assert rows["runs"] == (6, 1, 5, 0) and rows["metric points"][1] in (1, 2)
    assert unfinished(folder / "mlflow.db") == 0
    stored = ask(client_python("3.17.2"), f"sqlite:///{folder}/mlflow.db")["runs"][run.name]
    assert len(stored["history"]["loss"]) == 7 and stored["params"]["binary"] == "text"
    assert stored["latest"]["loss"] == 0.125


def test_an_import_that_was_killed_goes_on(folder, tmp_path):
    source = tmp_path / "mlruns"
    shutil.copytree(STORES / "2.11.3" / "store", source)
    metric = next(source.glob("*/*/metrics/loss"))
    lines = 300_000
    metric.write_text("".join(f"{1_700_000_000_000 + i} {i} {i}\n" for i in range(lines)))
    database = folder / "mlflow.db"
    folder.mkdir()
    command = [os.environ["OXFLOW_BIN"], "import", "--from-filestore", str(source)]
    command += ["--backend-store-uri", f"sqlite:///{database}", "--artifacts-destination", str(folder / "mlartifacts")]
    process = subprocess.Popen(command, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: unfinished(database), process)
    process.kill()
    process.communicate()
    assert unfinished(database)
    done = counts(run_import(folder, source))
    assert done["runs"][3] == 0 and 0 < done["metric points"][1] < lines
    assert not unfinished(database)
    assert (
        query(database, f"SELECT COUNT(*) FROM metrics WHERE key = 'loss' AND run_uuid = '{metric.parts[-3]}'") == lines
    )
    assert (
        query(database, f"SELECT step FROM latest_metrics WHERE key = 'loss' AND run_uuid = '{metric.parts[-3]}'")
        == lines - 1
    )


def unfinished(database):
    return query(database, "SELECT COUNT(*) FROM tags WHERE key = 'oxflow.import.unfinished'") or 0


def query(database, sql):
    try:
        with sqlite3.connect(database, timeout=10) as connection:
            return connection.execute(sql).fetchone()[0]
    except sqlite3.OperationalError:
        return None


def wait_until(is_so, process, seconds=60):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_is_no_file_store_is_refused(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    done = run_import(folder, tmp_path / "empty", code=1)
    assert "is no file store of MLflow" in done.stderr and "hint: " in done.stderr
    done = run_import(folder, tmp_path / "missing", code=1)
    assert "could not open the folder" in done.stderr
