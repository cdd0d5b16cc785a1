#!/usr/bin/env python3
"""Records databases of old MLflow versions: fixtures/<version>.sqlite.sql and fixtures/<version>.postgres.sql.

    tools/postgres <python with psycopg2 and requests> tests/upgrade/record.py VERSION=PYTHON…

as in 2.11.3=/path/to/venv/bin/python. Each PYTHON is a virtual environment with that mlflow and psycopg2-binary; 1.30.0 wants
Python 3.9 or 3.10 and 'sqlalchemy<2' 'numpy<2' 'pandas<2' 'setuptools<81', the others Python 3.10 or 3.11 and 'setuptools<81'.

Each database is made by that version's `mlflow server` and filled by content.py through that version's client. Ids and times are
new with every recording. pg_dump must be in PATH or in the folder that `tools/postgres-cluster find` prints.
"""

import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from databases import PostgresDatabase, SqliteFile, shared_cluster
from servers import Mlflow, clean_environment, for_sqlalchemy, free_port


class OldMlflow(Mlflow):
    """An `mlflow server` of another version, which puts no path of this machine into its database."""

    def __init__(self, python, *arguments):
        super().__init__(*arguments)
        self.python = pathlib.Path(python)

    def command(self):
        self.port = free_port()
        command = [str(self.python.with_name("mlflow")), "server", "--workers", "1", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--backend-store-uri", for_sqlalchemy(self.uri)]
        command += ["--serve-artifacts", "--artifacts-destination", str(self.artifacts)]
        return [*command, "--default-artifact-root", "mlflow-artifacts:/"]

    def environment(self):
        # Old versions look for gunicorn in PATH.
        return clean_environment(PATH=f"{self.python.parent}:{os.environ['PATH']}")


def dump_sqlite(database):
    with sqlite3.connect(database.path) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def dump_postgres(database):
    programs = subprocess.check_output([str(ROOT / "tools" / "postgres-cluster"), "find"], text=True).strip()
    command = [
        f"{programs}/pg_dump",
        "--no-owner",
        "--no-privileges",
        "--inserts",
        "--rows-per-insert=50",
        database.uri,
    ]
    text = subprocess.check_output(command, text=True)
    # psql's own commands and the settings of one server version do not belong in it: any driver can run the rest.
    dropped = re.compile(r"^(--.*|\\(un)?restrict .*|SET .*;|)$")
    return "\n".join(line for line in keep_values(text.splitlines(), dropped)) + "\n"


def keep_values(lines, dropped):
    """Without the lines that are dropped, but never from within a quoted value."""
    inside = False
    for line in lines:
        if not inside and dropped.match(line):
            continue
        inside ^= line.count("'") % 2 == 1
        yield line


def record(version, python):
    for kind, dump in [("sqlite", dump_sqlite), ("postgres", dump_postgres)]:
        with tempfile.TemporaryDirectory() as folder:
            database = SqliteFile(f"{folder}/mlflow.db") if kind == "sqlite" else PostgresDatabase(shared_cluster())
            server = OldMlflow(python, folder, database).start()
            try:
                subprocess.run(
                    [python, "-", for_sqlalchemy(database.uri)],
                    input=(HERE / "content.py").read_text(),
                    text=True,
                    env=clean_environment(MLFLOW_TRACKING_URI=server.url),
                    cwd=folder,
                    check=True,
                )
            finally:
                server.stop()
            text = dump(database)
            database.drop()
            for secret in {folder, str(ROOT), os.path.expanduser("~"), str(pathlib.Path(python).parent.parent)}:
                assert secret not in text, f"{secret} would be in the fixture of {version}"
            target = HERE / "fixtures" / f"{version}.{kind}.sql"
            target.write_text(text)
            print(f"{target.name}: {len(text)} bytes")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        record(*argument.split("=", 1))
