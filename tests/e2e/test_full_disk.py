"""The disk is full: whoever writes is told so, nothing acknowledged is lost, reads go on, and it works again without a restart.

The disks are small ones in memory (`disks.py`), so these tests need root; elsewhere they are skipped.
"""

import contextlib
import itertools
import os
import random
import sqlite3
import subprocess
import time

import conftest
import psycopg2
import pytest
import requests
from databases import OwnCluster, PostgresDatabase, SqliteFile
from disks import MIB, new_disk  # noqa: F401  (a fixture)
from history import check, temporary_files
from servers import Api
from test_login import ADMIN, ALICE, Users
from writers import ARTIFACTS, Connection, every, join, start_writers, wait_until

pytestmark = pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises")

SEED = random.randrange(10**6)
WRITERS = 4
# What a server that has space again is given to notice it: that of a database which was away.
RECOVERY_SECONDS = 5


def refusal(answer, place):
    status, said = answer
    assert status == 507 and said["error_code"] == "RESOURCE_EXHAUSTED", answer
    assert said["message"] == f"no space left on device ({place})", answer


@pytest.fixture
def disk(new_disk):
    return new_disk()


@conftest.on_sqlite
def test_the_artifact_store_is_full(disk, new_oxflow):
    """A file that does not fit is not there, the one before it is, and no part of it takes up space."""
    server = new_oxflow()
    server.artifacts = disk.folder / "artifacts"
    server.start()
    connection = Connection(server.url)
    path = f"{ARTIFACTS}/0/model.bin"
    assert connection.send("PUT", path, b"first" * 1000)[0] == 200
    free = disk.free()
    for size in [disk.free() + MIB, 40 * MIB]:
        for target in [path, f"{ARTIFACTS}/0/new/model.bin"]:
            refusal(Connection(server.url).send("PUT", target, os.urandom(size)), "artifact store")
            assert temporary_files(server.artifacts) == []
            assert disk.free() >= free - 64 * 1024, "a refused upload takes up space"
    assert connection.send("GET", path) == (200, b"first" * 1000)
    assert connection.send("GET", f"{ARTIFACTS}/0/new/model.bin")[0] == 404
    # Whole, and no byte left: not even a name in a folder.
    disk.fill()
    refusal(connection.send("PUT", path, b"second"), "artifact store")
    assert connection.send("GET", path) == (200, b"first" * 1000)
    run = Api(server.url).run("0")
    upload = f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=up.txt"
    refusal(connection.send("POST", upload, b"more"), "artifact store")
    # Deleting is what makes space, so it works.
    assert connection.send("DELETE", path)[0] == 200
    disk.clear()
    assert connection.send("PUT", path, b"third")[0] == 200
    assert connection.send("GET", path) == (200, b"third")
    assert temporary_files(server.artifacts) == []


@conftest.on_sqlite
def test_the_artifact_store_is_full_of_parts(new_disk, new_oxflow):
    """A part that does not fit is refused, and so is the whole while there is no space for it; the parts before stay good."""
    disk = new_disk(32 * MIB)
    server = new_oxflow(variables={"MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true"})
    server.artifacts = disk.folder / "artifacts"
    server.start()
    connection = Connection(server.url)
    mpu = "/api/2.0/mlflow-artifacts/mpu"
    status, begun = connection.send("POST", f"{mpu}/create/0", {"path": "model.bin", "num_parts": 3})
    assert status == 200, begun
    urls = [part["url"] for part in begun["credentials"]]
    contents = [os.urandom(5 * MIB), os.urandom(5 * MIB), os.urandom(MIB)]
    first = requests.put(urls[0], contents[0])
    assert first.ok, first.text
    disk.fill(leave=MIB)
    full = requests.put(urls[1], contents[1])
    refusal((full.status_code, full.json()), "artifact store")
    assert connection.send("GET", f"{ARTIFACTS}/0/model.bin")[0] == 404
    disk.clear()
    etags = [first.headers["etag"], *(requests.put(urls[i], contents[i]).headers["etag"] for i in [1, 2])]
    done = {
        "path": "model.bin",
        "upload_id": begun["upload_id"],
        "parts": [{"part_number": i + 1, "etag": etag} for i, etag in enumerate(etags)],
    }
    disk.fill()
    answer = connection.send("POST", f"{mpu}/complete/0", done)
    refusal(answer, "artifact store")
    assert connection.send("GET", f"{ARTIFACTS}/0/model.bin")[0] == 404
    disk.clear()
    assert connection.send("POST", f"{mpu}/complete/0", done)[0] == 200
    assert connection.send("GET", f"{ARTIFACTS}/0/model.bin") == (200, b"".join(contents))


def fill_and_clear(server, disk, leave=0):
    """Writers write until none of them can; somebody reads meanwhile; then there is space again."""
    print(f"seed {SEED}")
    writers = start_writers(server.url, WRITERS, seed=SEED, goes_on=True)
    wait_until(every(writers, lambda writer: writer.acknowledged > 20), "some writes of every client", 60)
    disk.fill(leave)
    wait_until(every(writers, lambda writer: len(writer.refused) > 5), "refusals of every client", 60)
    reads(server, writers)
    disk.clear()
    freed = time.monotonic()
    wait_until(
        every(writers, lambda writer: writer.last_success > freed), "a success of every client", RECOVERY_SECONDS
    )
    recovery = time.monotonic() - freed
    wait_until(every(writers, lambda writer: writer.acknowledged > 80), "some more writes of every client", 60)
    join(writers)
    refused = [answer for writer in writers for answer in writer.refused]
    statuses = sorted({(status, answer["message"]) for status, answer in refused})
    print(f"{sum(w.acknowledged for w in writers)} acknowledged, {len(refused)} refused, back in {recovery:.2f} s: {statuses}")
    return writers, refused


def reads(server, writers):
    connection = Connection(server.url)
    for writer in writers:
        run = writer.runs[0]
        assert connection.send("GET", "runs/get", {"run_id": run})[0] == 200
        history = {"run_id": run, "metric_key": "single"}
        assert connection.send("GET", "metrics/get-history", history)[0] == 200
        found = connection.send("POST", "runs/search", {"experiment_ids": [writer.home], "max_results": 100})
        assert found[0] == 200 and found[1]["runs"]
    assert connection.send("GET", "experiments/search", {"max_results": 100})[0] == 200
    assert connection.send("GET", "registered-models/search", {})[0] == 200
    assert connection.send("GET", "/health")[0] == 200


@conftest.on_sqlite
@pytest.mark.parametrize("leave", [0, 48 * 1024])
def test_the_database_is_full(disk, new_oxflow, leave):
    """Its file, its journal and the shared memory beside it are on the full disk; the artifacts are elsewhere."""
    server = new_oxflow(database=SqliteFile(disk.folder / "mlflow.db")).start()
    writers, refused = fill_and_clear(server, disk, leave)
    for answer in refused:
        refusal(answer, "database")
    check(server.url, writers)
    server.kill()
    server.start()
    check(server.url, writers)


@conftest.on_sqlite
def test_a_long_read_lets_the_journal_fill_the_disk(disk, new_oxflow):
    """While an old state is being read the journal only grows. Without the reader and with a little space it is used anew."""
    database = SqliteFile(disk.folder / "mlflow.db")
    server = new_oxflow(database=database).start()
    disk.fill(leave=8 * MIB)
    run = Api(server.url).run("0")
    connection = Connection(server.url)
    steps = itertools.count(step=500)

    def log():
        start = next(steps)
        points = [{"key": "m", "value": 1, "timestamp": 1, "step": start + i} for i in range(500)]
        return connection.send("POST", "runs/log-batch", {"run_id": run, "metrics": points})

    stored = 0
    with contextlib.closing(sqlite3.connect(database.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM metrics").fetchall()
        while (answer := log())[0] == 200:
            stored += 500
            assert stored < 10**6, "the disk does not fill up"
        refusal(answer, "database")
        assert connection.send("GET", "runs/get", {"run_id": run})[0] == 200
    assert database.query("SELECT count(*) FROM metrics") == [(stored,)]
    disk.clear()
    journal = disk.folder / "mlflow.db-wal"
    size = journal.stat().st_size
    for _ in range(20):
        assert log()[0] == 200
        stored += 500
    assert database.query("SELECT count(*) FROM metrics") == [(stored,)]
    print(f"{stored} points, the journal took {size} bytes, then {journal.stat().st_size}")
    assert journal.stat().st_size < size + 64 * 1024, "the journal goes on growing"


@conftest.on_sqlite
def test_the_users_database_is_full(disk, new_oxflow, tmp_path):
    users = Users(tmp_path / "users", uri=f"sqlite:///{disk.folder / 'users.db'}")
    server = new_oxflow(flags=["--app-name", "basic-auth"], variables=users.variables).start()
    admin = Connection(server.url, ADMIN)
    made = admin.send("POST", "users/create", {"username": ALICE[0], "password": ALICE[1]})
    assert made[0] == 200, made
    assert Connection(server.url, ALICE).send("POST", "experiments/create", {"name": "before"})[0] == 200
    disk.fill()
    n = 0
    while True:
        n += 1
        answer = admin.send("POST", "users/create", {"username": f"u{n}", "password": "a sentence for u 5"})
        if answer[0] != 200:
            break
    refusal(answer, "database")
    # Whoever is known gets in, with a first login too.
    for login in [ADMIN, ALICE]:
        assert Connection(server.url, login).send("GET", "experiments/get", {"experiment_id": "1"})[0] == 200
    disk.clear()
    assert admin.send("POST", "users/create", {"username": f"u{n}", "password": "a sentence for u 5"})[0] == 200


@pytest.fixture
def small_cluster(new_disk):
    """A PostgreSQL whose files are on a small disk."""
    disk = new_disk(192 * MIB)
    cluster = OwnCluster(disk.folder / "cluster")
    cluster.disk = disk
    yield cluster
    cluster.remove()


def clear_refusals(refused):
    """507 where PostgreSQL says that it has no space, 503 while it is gone because of it."""
    for status, answer in refused:
        if status == 507:
            refusal((status, answer), "database")
        else:
            assert status == 503 and answer["error_code"] == "TEMPORARILY_UNAVAILABLE", (status, answer)


@conftest.on_postgres
def test_postgres_has_no_space_for_rows(small_cluster, new_oxflow):
    server = new_oxflow(database=PostgresDatabase(small_cluster)).start()
    writers, refused = fill_and_clear(server, small_cluster.disk)
    assert any(status == 507 for status, _ in refused)
    clear_refusals(refused)
    check(server.url, writers)


@conftest.on_postgres
def test_postgres_has_no_space_for_its_log(new_disk, new_oxflow):
    """Without it PostgreSQL goes down, in the middle of commits. Started again when there is space, it has what was acknowledged."""
    disk = new_disk(64 * MIB)
    cluster = OwnCluster()
    try:
        cluster.stop()
        log = disk.folder / "pg_wal"
        subprocess.run(["cp", "-a", cluster.folder / "data" / "pg_wal", log], check=True)
        subprocess.run(["rm", "-r", cluster.folder / "data" / "pg_wal"], check=True)
        (cluster.folder / "data" / "pg_wal").symlink_to(log)
        cluster.start()
        server = new_oxflow(database=PostgresDatabase(cluster)).start()
        writers = start_writers(server.url, WRITERS, seed=SEED, goes_on=True)
        wait_until(every(writers, lambda writer: writer.acknowledged > 20), "some writes of every client", 60)
        noise = PostgresDatabase(cluster)
        disk.fill()
        # What was set aside of the log before is used up by a table of no interest.
        with contextlib.suppress(psycopg2.Error):
            while True:
                noise.execute("CREATE TABLE noise AS SELECT repeat('x', 100) FROM generate_series(1, 200000); DROP TABLE noise")
        wait_until(every(writers, lambda writer: len(writer.refused) > 5), "refusals of every client", 60)
        assert Connection(server.url).send("GET", "/health")[0] == 200
        disk.clear()
        if not cluster.is_running():
            cluster.start()
        freed = time.monotonic()
        wait_until(
            every(writers, lambda writer: writer.last_success > freed), "a success of every client", RECOVERY_SECONDS
        )
        print(f"back in {time.monotonic() - freed:.2f} s")
        join(writers)
        clear_refusals([answer for writer in writers for answer in writer.refused])
        check(server.url, writers)
    finally:
        cluster.remove()
