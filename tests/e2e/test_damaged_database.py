"""A SQLite database that is damaged or may not be written: the server refuses to start and leaves it as it is.

What is damaged in a way that no start can see is answered with an error by the requests that meet it.
"""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import subprocess

import conftest
import pytest
from databases import SqliteFile
from disks import new_disk  # noqa: F401  (a fixture)
from servers import Api, clean_environment
from writers import ARTIFACTS, Connection

pytestmark = [
    conftest.on_sqlite,
    pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises"),
]

PAGE = 4096
METRICS = 12


@pytest.fixture(autouse=True)
def only_on_sqlite(backend):
    pass


@pytest.fixture(scope="module")
def intact(tmp_path_factory):
    """A database with some megabytes, whose server stopped."""
    conftest.need_oxflow()
    folder = tmp_path_factory.mktemp("intact")
    database = SqliteFile(folder / "mlflow.db")
    server = conftest.Oxflow(folder, database).start()
    api = Api(server.url)
    run = api.run("0")
    for number in range(METRICS):
        points = [{"key": f"m{number}", "value": i, "timestamp": i, "step": i} for i in range(900)]
        api.post("runs/log-batch", run_id=run, metrics=points)
    server.stop()
    assert not (folder / "mlflow.db-wal").exists()
    return database.path


@pytest.fixture(scope="module")
def left_open(tmp_path_factory):
    """A folder with a database whose server was killed: its newest writes are in the journal only."""
    conftest.need_oxflow()
    folder = tmp_path_factory.mktemp("left-open")
    database = SqliteFile(folder / "mlflow.db")
    server = conftest.Oxflow(folder, database).start()
    api = Api(server.url)
    run = api.run("0", run_name="the only one")
    for number in range(METRICS):
        points = [{"key": f"m{number}", "value": i, "timestamp": i, "step": i} for i in range(900)]
        api.post("runs/log-batch", run_id=run, metrics=points)
    # All that was written so far goes into the file.
    assert database.query("PRAGMA wal_checkpoint(PASSIVE)")[0][0] == 0
    api.post("runs/set-tag", run_id=run, key="k", value="in the journal")
    server.kill()
    assert (folder / "mlflow.db-wal").stat().st_size > 0
    return folder


def holds_data(path):
    """All but the index of a journal, which SQLite makes anew, and a journal with nothing in it."""
    return path.is_file() and not path.name.endswith("-shm") and not (path.name.endswith("-wal") and not path.stat().st_size)


def state(folder):
    """What is there, to the last byte."""
    files = [path for path in sorted(folder.rglob("*")) if holds_data(path)]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def refused(folder, *words):
    """Starts the server on `mlflow.db`, which must not start, and must say why, and change nothing."""
    before = state(folder)
    path = folder / "mlflow.db"
    command = [os.environ["OXFLOW_BIN"], "server", "--port", "0", "--backend-store-uri", f"sqlite:///{path}"]
    done = subprocess.run(command, cwd="/", env=clean_environment(), capture_output=True, text=True, timeout=20)
    text = done.stdout + done.stderr
    assert done.returncode == 1, (done.returncode, text)
    lines = done.stderr.splitlines()
    for line in lines:
        # Nothing that is said goes on in a second line.
        assert not line or line.startswith(("error: ", "caused by: ", "hint: ", "{")), text
    assert len([line for line in lines if line.startswith("error: ")]) == 1, text
    assert len([line for line in lines if line.startswith("hint: ")]) == 1, text
    assert str(path) in text and "panicked" not in text, text
    for word in words:
        assert word in text, text
    assert state(folder) == before, f"the refused database was changed:\n{text}"


def copied(intact, folder):
    folder.mkdir(exist_ok=True)
    return shutil.copy(intact, folder / "mlflow.db")


def overwrite(path, offset, content):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(content)


@pytest.mark.parametrize(
    "offset, content",
    [(0, b"\xff" * 100), (0, bytes(PAGE)), (100, b"\xff" * 3000), (16, b"\x00\x03")],
    ids=["no header", "a first page of zeros", "no schema", "an odd page size"],
)
def test_a_beginning_that_is_overwritten(intact, tmp_path, offset, content):
    path = copied(intact, tmp_path)
    overwrite(path, offset, content)
    refused(tmp_path, "caused by: ")


@pytest.mark.parametrize("size", [PAGE, 10 * PAGE + 7, -PAGE])
def test_an_end_that_is_missing(intact, tmp_path, size):
    path = copied(intact, tmp_path)
    os.truncate(path, size if size > 0 else os.path.getsize(path) + size)
    refused(tmp_path, "caused by: ")


def test_a_file_of_something_else(tmp_path):
    (tmp_path / "mlflow.db").write_text("a text, and no database\n" * 1000)
    refused(tmp_path, "file is not a database")


@pytest.mark.parametrize("size", [1, 50, 511])
def test_the_first_bytes_of_a_database(intact, tmp_path, size):
    """SQLite would take them for an empty one."""
    os.truncate(copied(intact, tmp_path), size)
    refused(tmp_path, "damaged", f"{size} bytes")


def test_a_database_of_something_else(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER)")
        connection.commit()
    refused(tmp_path, "customers")


def test_a_database_of_another_version_of_mlflow(intact, tmp_path):
    """Which is upgraded when its owner says so."""
    with contextlib.closing(sqlite3.connect(copied(intact, tmp_path))) as connection:
        # How MLflow leaves its own.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("UPDATE alembic_version SET version_num = '0123456789ab'")
        connection.commit()
    refused(tmp_path, "0123456789ab")


def only_files_of_the_database(left_open, folder):
    for path in left_open.glob("mlflow.db*"):
        shutil.copy(path, folder)
    return folder / "mlflow.db"


def starts_with_all(new_oxflow, path):
    """The server has what is in the file and what is in its journal."""
    server = new_oxflow(database=SqliteFile(path)).start()
    run = Api(server.url).post("runs/search", experiment_ids=["0"])["runs"][0]
    tags = {tag["key"]: tag["value"] for tag in run["data"]["tags"]}
    assert (run["info"]["run_name"], tags["k"]) == ("the only one", "in the journal")


def test_damage_beside_a_journal(left_open, tmp_path, new_oxflow):
    """A database that was not closed is read through at start. Its journal stays, and counts once the damage is repaired."""
    path = only_files_of_the_database(left_open, tmp_path)
    whole = path.read_bytes()
    overwrite(path, len(whole) // 2 // PAGE * PAGE, b"\xff" * (2 * PAGE))
    refused(tmp_path, "damaged")
    path.write_bytes(whole)
    starts_with_all(new_oxflow, path)


@pytest.mark.parametrize("what", ["missing", "empty", "a byte"])
def test_a_journal_without_its_database(left_open, tmp_path, new_oxflow, what):
    path = only_files_of_the_database(left_open, tmp_path)
    whole = path.read_bytes()
    if what == "missing":
        path.unlink()
    else:
        path.write_bytes(whole[:1] if what == "a byte" else b"")
    refused(tmp_path, "damaged")
    path.write_bytes(whole)
    starts_with_all(new_oxflow, path)


def test_an_empty_file_is_a_new_database(tmp_path, new_oxflow):
    """As SQLite sees it."""
    (tmp_path / "mlflow.db").touch()
    server = new_oxflow(database=SqliteFile(tmp_path / "mlflow.db")).start()
    Api(server.url).run("0")


def test_a_folder_in_its_place(tmp_path):
    (tmp_path / "mlflow.db").mkdir()
    (tmp_path / "mlflow.db" / "a file").write_text("x")
    refused(tmp_path, "unable to open database file")


@pytest.mark.parametrize("junk", [b"\xff", b"\0"], ids=["ones", "zeros"])
def test_pages_in_the_middle_are_missed_by_whoever_reads_them(intact, tmp_path, new_oxflow, junk):
    """A database that was closed is not read through at start. A request that meets the damage is told so, others are served."""
    path = copied(intact, tmp_path / "damaged")
    size = os.path.getsize(path)
    overwrite(path, size // 2 // PAGE * PAGE, junk * (size // 4 // PAGE * PAGE))
    damaged = hashlib.sha256(open(path, "rb").read()).hexdigest()
    server = new_oxflow("damaged", database=SqliteFile(path)).start()
    connection = Connection(server.url)
    found = connection.send("POST", "runs/search", {"experiment_ids": ["0"]})
    statuses = []
    if found[0] == 200:
        run = found[1]["runs"][0]["info"]["run_id"]
        for number in range(METRICS):
            asked = {"run_id": run, "metric_key": f"m{number}", "max_results": 25000}
            statuses.append(connection.send("GET", "metrics/get-history", asked))
    for status, answer in [found, *statuses]:
        text = str(answer)
        assert status in (200, 500, 503), (status, text[:500])
        if status != 200:
            assert answer["error_code"] and answer["message"], text
            assert str(path) not in text and "SELECT" not in text and "sqlite" not in text.lower(), text
    assert any(status != 200 for status, _ in [found, *statuses]), "nothing met the damage"
    assert connection.send("GET", "/health")[0] == 200
    assert server.stop() == 0
    assert "panicked" not in server.log_file().read_text()
    assert hashlib.sha256(open(path, "rb").read()).hexdigest() == damaged


def test_a_database_that_may_only_be_read(intact, new_disk):
    disk = new_disk()
    shutil.copy(intact, disk.folder / "mlflow.db")
    disk.read_only()
    refused(disk.folder, "could not open the database file")


def test_a_folder_in_which_no_database_can_be_made(new_disk):
    disk = new_disk()
    disk.read_only()
    refused(disk.folder, "could not open the database file")


def only_reads(server, run):
    """Reads are answered, and every write is told why it is not done."""
    connection = Connection(server.url)
    assert connection.send("GET", "runs/get", {"run_id": run})[0] == 200
    assert connection.send("POST", "runs/search", {"experiment_ids": ["0"]})[0] == 200
    for path, fields in [
        ("runs/set-tag", {"run_id": run, "key": "k", "value": "v"}),
        ("runs/log-metric", {"run_id": run, "key": "m", "value": 1, "timestamp": 1, "step": 1}),
        ("experiments/create", {"name": "not to be"}),
        ("registered-models/create", {"name": "not to be"}),
    ]:
        status, answer = connection.send("POST", path, fields)
        assert status == 503 and answer["error_code"] == "TEMPORARILY_UNAVAILABLE", (path, status, answer)
        assert answer["message"] == "database is read-only", answer
    assert connection.send("GET", "/health")[0] == 200


def test_a_database_that_may_only_be_read_after_kill_9(new_disk, new_oxflow):
    """Its journal is beside it: what is in it is read, and written to the database when that is possible again."""
    disk = new_disk()
    server = new_oxflow(database=SqliteFile(disk.folder / "mlflow.db")).start()
    run = Api(server.url).run("0")
    server.kill()
    assert (disk.folder / "mlflow.db-wal").stat().st_size > 0
    disk.read_only()
    before = state(disk.folder)
    server.start()
    only_reads(server, run)
    assert server.stop() == 0
    assert state(disk.folder) == before
    disk.read_only(False)
    server.start()
    Api(server.url).post("runs/set-tag", run_id=run, key="k", value="v")


def test_artifacts_that_may_only_be_read(new_disk, new_oxflow):
    """Are served; a new one is refused."""
    disk = new_disk()
    server = new_oxflow()
    server.artifacts = disk.folder / "artifacts"
    server.start()
    connection = Connection(server.url)
    path = f"{ARTIFACTS}/0/file.bin"
    assert connection.send("PUT", path, b"there")[0] == 200
    disk.read_only()
    status, answer = connection.send("PUT", path, b"new")
    assert (status, answer["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE"), (status, answer)
    assert answer["message"] == "the artifact store is read-only", answer
    assert connection.send("GET", path) == (200, b"there")
    disk.read_only(False)
    assert connection.send("PUT", path, b"newer")[0] == 200
    assert connection.send("GET", path) == (200, b"newer")
