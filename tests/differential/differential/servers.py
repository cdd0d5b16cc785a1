"""Starts a real `mlflow server` and Oxflow, each on an empty database, with the helpers of the end-to-end tests."""

import contextlib
import os
import pathlib
import sqlite3
import sys

E2E = pathlib.Path(__file__).parents[2] / "e2e"
sys.path.insert(0, str(E2E))

from databases import PostgresDatabase, SqliteFile, shared_cluster  # noqa: E402
from servers import Mlflow, Oxflow  # noqa: E402

from differential.answers import Side  # noqa: E402

# The first experiments of the two get these ids plus one: seven digits, so that they can be found in every text, and not
# the same, so that an id of the other server is a difference.
FIRST_IDS = {"mlflow": 7_310_000, "oxflow": 8_310_000}


def start_ids_at(database, number):
    row = f"({number}, 'ids start here', 'deleted', 'default')"
    insert = f"INSERT INTO experiments (experiment_id, name, lifecycle_stage, workspace) VALUES {row}"
    if database.kind == "sqlite":
        with contextlib.closing(sqlite3.connect(database.path, timeout=30)) as connection, connection:
            connection.execute(insert)
    else:
        database.execute(f"{insert}; SELECT setval('experiments_experiment_id_seq', {number})")


@contextlib.contextmanager
def both(folder, backend="sqlite"):
    """Two sides, ready for a Player."""
    folder = pathlib.Path(folder)
    databases = []
    for name in FIRST_IDS:
        databases.append(SqliteFile(folder / name / "mlflow.db") if backend == "sqlite" else PostgresDatabase(shared_cluster()))
    mlflow, oxflow = Mlflow(folder / "mlflow", databases[0]), Oxflow(folder / "oxflow", databases[1])
    if os.environ.get("OXFLOW_SERVER_COMMAND"):
        oxflow.start_seconds = mlflow.start_seconds
    try:
        mlflow.start()
        oxflow.start()
        for database, number in zip(databases, FIRST_IDS.values()):
            start_ids_at(database, number)
        yield Side("mlflow", mlflow.url), Side("oxflow", oxflow.url)
    finally:
        for server in (mlflow, oxflow):
            if server.process and server.process.poll() is None:
                server.kill()
        for database in databases:
            database.drop()
