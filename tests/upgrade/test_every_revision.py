"""From every revision between MLflow 1.30 and 3.17.2: `oxflow db upgrade` leaves the database that MLflow's own upgrade leaves.

MLflow makes a database of the revision, `rows.py` fills every table, one copy is upgraded by each program, and schema and
rows are compared. Runs on the Python that has MLflow 3.17.2:

    OXFLOW_BIN=target/ci/oxflow tools/postgres .venvs/py317/bin/python -m pytest tests/upgrade
"""

import os
import pathlib
import shutil
import sqlite3
import subprocess

import pytest
import sqlalchemy
from alembic import command
from alembic.script import ScriptDirectory
from mlflow.store.db import utils
from mlflow.store.tracking.dbmodels.initial_models import Base

import rows
import schema

OLDEST = "97727af70f4d"
# Heads of releases: 1.30 and 2.0, 2.11, 2.22, 3.0, 3.6. The others are one step apart.
RELEASES = [OLDEST, "acf3f17fdcc7", "0584bdc529eb", "bda7b8c39065", "bf29a5ff90ea"]

CHAIN = [script.revision for script in ScriptDirectory.from_config(utils._get_alembic_config("")).walk_revisions()][::-1]
UPGRADED = CHAIN[CHAIN.index(OLDEST) :]


class Sqlite:
    """A SQLite file."""

    def __init__(self, folder, name):
        self.folder = folder
        self.path = folder / f"{name}.db"
        self.uri = self.url = f"sqlite:///{self.path}"

    def copy(self, name):
        other = Sqlite(self.folder, name)
        shutil.copy(self.path, other.path)
        return other

    def schema(self):
        return schema.sqlite_schema(self.path)

    def run(self, sql):
        connection = sqlite3.connect(self.path)
        connection.executescript(sql)
        connection.close()

    def drop(self):
        self.path.unlink()


class Postgresql:
    """A PostgreSQL database in the server of the tests."""

    def __init__(self, server, name, like=None):
        self.server = server
        self.name = f"oxflow_upgrade_{os.getpid()}_{name}"
        address, _, options = server.partition("?")
        self.uri = address.rsplit("/", 1)[0] + "/" + self.name + (f"?{options}" if options else "")
        self.url = self.uri.replace("postgresql://", "postgresql+psycopg2://", 1)
        self.administer(f"DROP DATABASE IF EXISTS {self.name}")
        self.administer(f"CREATE DATABASE {self.name}" + (f" TEMPLATE {like}" if like else ""))

    def administer(self, sql):
        import psycopg2

        connection = psycopg2.connect(self.server)
        connection.autocommit = True
        connection.cursor().execute(sql)
        connection.close()

    def copy(self, name):
        return Postgresql(self.server, name, like=self.name)

    def schema(self):
        import psycopg2

        connection = psycopg2.connect(self.uri)
        found = schema.postgresql_schema(connection)
        connection.close()
        return found

    def run(self, sql):
        import psycopg2

        connection = psycopg2.connect(self.uri)
        connection.cursor().execute(sql)
        connection.commit()
        connection.close()

    def drop(self):
        # Not WITH (FORCE): that is refused while autovacuum works in the database.
        self.administer(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}' AND usename IS NOT NULL"
        )
        self.administer(f"DROP DATABASE {self.name}")


def engine_of(database):
    return sqlalchemy.create_engine(database.url, poolclass=sqlalchemy.pool.NullPool)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def databases(request, tmp_path_factory):
    """An empty database of every revision, made by MLflow as the tests ask for them."""
    if request.param == "sqlite":
        first = Sqlite(tmp_path_factory.mktemp("revisions"), "first")
    elif not os.environ.get("OXFLOW_TEST_POSTGRES"):
        pytest.skip("OXFLOW_TEST_POSTGRES does not name a PostgreSQL; tools/postgres runs a command with one")
    else:
        first = Postgresql(os.environ["OXFLOW_TEST_POSTGRES"], "first")
    Base.metadata.create_all(engine_of(first))
    made = {}

    def at(revision):
        if revision not in made:
            earlier = [known for known in made if CHAIN.index(known) < CHAIN.index(revision)]
            nearest = max(earlier, key=CHAIN.index, default=None)
            made[revision] = (made[nearest] if nearest else first).copy(f"at_{revision}")
            command.upgrade(utils._get_alembic_config(made[revision].url), revision)
        return made[revision]

    yield at
    for database in [first, *made.values()]:
        database.drop()


def oxflow(*line):
    program = os.environ.get("OXFLOW_BIN") or pytest.skip("OXFLOW_BIN does not name the program")
    return subprocess.run([program, "db", *line], capture_output=True, text=True, timeout=120)


def upgrade_by_oxflow(database):
    done = oxflow("upgrade", database.uri)
    assert done.returncode == 0, done.stderr


def upgrade_by_mlflow(database):
    utils._upgrade_db(engine_of(database))


@pytest.mark.parametrize("revision", UPGRADED)
def test_an_upgrade_is_that_of_mlflow(revision, databases):
    ours = databases(revision).copy("ours")
    rows.fill(engine_of(ours))
    theirs = ours.copy("theirs")
    try:
        upgrade_by_oxflow(ours)
        upgrade_by_mlflow(theirs)
        assert schema.difference(ours.schema(), theirs.schema()) == ""
        our_rows, their_rows = rows.contents(engine_of(ours)), rows.contents(engine_of(theirs))
        assert set(our_rows) == set(their_rows)
        for table in their_rows:
            assert our_rows[table] == their_rows[table], table
        assert our_rows["alembic_version"] == [{"version_num": CHAIN[-1]}]
        assert oxflow("check", ours.uri).returncode == 0
    finally:
        ours.drop()
        theirs.drop()


def test_a_new_database_is_an_upgraded_one(databases):
    upgraded = databases(OLDEST).copy("upgraded")
    new = upgraded.copy("new")
    try:
        if isinstance(new, Sqlite):
            new.path.unlink()
        else:
            new.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        assert "created the schema" in oxflow("upgrade", new.uri).stdout
        upgrade_by_oxflow(upgraded)
        assert schema.difference(new.schema(), upgraded.schema()) == ""
    finally:
        upgraded.drop()
        new.drop()


@pytest.mark.parametrize("revision", CHAIN[: CHAIN.index(OLDEST)])
def test_what_is_older_is_refused_and_left_alone(revision, databases):
    if CHAIN.index(revision) % 6:
        pytest.skip("every sixth is enough")
    old = databases(revision).copy("old")
    before = old.schema()
    done = oxflow("upgrade", old.uri)
    assert done.returncode == 1 and "older than MLflow 1.30" in done.stderr and "mlflow db upgrade" in done.stderr
    assert old.schema() == before
    old.drop()


def test_an_unknown_revision_is_refused_and_left_alone(databases):
    newer = databases(RELEASES[-1]).copy("newer")
    newer.run("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    before = newer.schema()
    done = oxflow("upgrade", newer.uri)
    assert done.returncode == 1 and "ffffffffffff" in done.stderr
    assert newer.schema() == before
    newer.drop()


def test_an_upgrade_that_fails_changes_nothing(databases):
    broken = databases("b7e2c1a4d9f3").copy("broken")
    rows.fill(engine_of(broken))
    # MLflow refuses this, too: a span says more than there is a column for.
    broken.run("""UPDATE spans SET dimension_attributes = '{"other": 1}' WHERE span_id = 'span 1'""")
    theirs = broken.copy("theirs")
    before = broken.schema(), rows.contents(engine_of(broken))
    done = oxflow("upgrade", broken.uri)
    assert done.returncode == 1 and "dimension_attributes" in done.stderr
    assert (broken.schema(), rows.contents(engine_of(broken))) == before
    with pytest.raises(RuntimeError, match="dimension_attributes"):
        upgrade_by_mlflow(theirs)
    broken.drop()
    theirs.drop()


def test_what_mlflow_filled_ahead_of_time_is_kept(databases):
    from mlflow.store.db import trace_analytics

    ahead = databases("b7e2c1a4d9f3").copy("ahead")
    rows.fill(engine_of(ahead))
    with engine_of(ahead).begin() as connection:
        trace_analytics.ensure_analytics_columns(connection)
    ahead.run("UPDATE trace_info SET trace_name = 'stale', input_tokens = 99 WHERE request_id LIKE 'tr-odd-%'")
    theirs = ahead.copy("theirs")
    upgrade_by_oxflow(ahead)
    upgrade_by_mlflow(theirs)
    assert schema.difference(ahead.schema(), theirs.schema()) == ""
    assert rows.contents(engine_of(ahead)) == rows.contents(engine_of(theirs))
    ahead.drop()
    theirs.drop()


def test_replicas_that_upgrade_together_upgrade_once(databases):
    shared = databases(OLDEST).copy("shared")
    rows.fill(engine_of(shared))
    theirs = shared.copy("theirs")
    program = os.environ.get("OXFLOW_BIN") or pytest.skip("OXFLOW_BIN does not name the program")
    replicas = [
        subprocess.Popen([program, "db", "upgrade", shared.uri], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(5)
    ]
    said = [replica.communicate(timeout=120) for replica in replicas]
    assert [replica.returncode for replica in replicas] == [0] * 5, said
    assert sum("upgraded the database" in out for out, _ in said) == 1
    upgrade_by_mlflow(theirs)
    assert schema.difference(shared.schema(), theirs.schema()) == ""
    shared.drop()
    theirs.drop()


def test_what_others_added_to_a_sqlite_file_stays(tmp_path, databases):
    file = databases(OLDEST).copy("with_extras")
    if not isinstance(file, Sqlite):
        file.drop()
        pytest.skip("PostgreSQL changes tables in place")
    rows.fill(engine_of(file))
    file.run(
        """CREATE INDEX my_index ON params (value);
           CREATE TABLE my_log (key TEXT);
           CREATE TRIGGER my_trigger AFTER INSERT ON tags BEGIN INSERT INTO my_log VALUES (NEW.key); END;
           CREATE VIEW my_view AS SELECT name FROM experiments;"""
    )
    upgrade_by_oxflow(file)
    found = file.schema()
    assert {("index", "my_index"), ("trigger", "my_trigger"), ("view", "my_view"), ("table", "my_log")} <= set(found)
    with_column = databases(OLDEST).copy("with_column")
    with_column.run("ALTER TABLE tags ADD COLUMN mine TEXT")
    done = oxflow("upgrade", with_column.uri)
    assert done.returncode == 1 and "`tags.mine`" in done.stderr
    assert "mine text" in with_column.schema()["table", "tags"]["columns"]
    file.drop()
    with_column.drop()


def test_a_backup_is_the_database_before(databases):
    database = databases(OLDEST).copy("backed_up")
    rows.fill(engine_of(database))
    if isinstance(database, Postgresql):
        done = oxflow("upgrade", "--backup-before-migrate", database.uri)
        assert done.returncode == 1 and "pg_dump" in done.stderr
        database.drop()
        return
    before = database.schema(), rows.contents(engine_of(database))
    done = oxflow("upgrade", "--backup-before-migrate", database.uri)
    assert done.returncode == 0, done.stderr
    copy = Sqlite(database.folder, "copy")
    copy.path = pathlib.Path(done.stdout.splitlines()[0].removeprefix("backup").strip())
    copy.url = f"sqlite:///{copy.path}"
    assert copy.path.name.startswith(f"backed_up.db.backup-{OLDEST}-")
    assert (copy.schema(), rows.contents(engine_of(copy))) == before
    assert "backup" not in oxflow("upgrade", "--backup-before-migrate", database.uri).stdout
    database.drop()
