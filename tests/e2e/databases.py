"""The databases that the servers under test keep their data in, and what is in them: schema and rows."""

import contextlib
import os
import pathlib
import re
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse
import uuid

import psycopg2

ROOT = pathlib.Path(__file__).parent.parent.parent


def without_wording(sql):
    """The text of a function or trigger without what its messages say and how it is indented."""
    return re.sub(r"\s+", " ", re.sub(r"'[^']*'", "'…'", sql)).strip()


class SqliteFile:
    kind = "sqlite"

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.uri = f"sqlite:///{self.path}"

    def query(self, text):
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(text).fetchall()

    def execute(self, text):
        with contextlib.closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(text)

    def tables(self):
        """Oxflow's own tables and indexes begin with oxflow_."""
        names = self.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [name for (name,) in names if not name.startswith(("sqlite_", "oxflow_"))]

    def schema(self):
        """Tables with columns, keys and indexes, as SQLite sees them."""
        tables = {name: self._table(name) for name in self.tables()}
        others = self.query(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') AND name NOT LIKE 'oxflow_%'"
        )
        return {**tables, "(triggers and views)": {name: without_wording(sql) for name, sql in others}}

    def _table(self, name):
        indexes = {}
        for _, index, unique, origin, partial in self.query(f'PRAGMA index_list("{name}")'):
            if index.startswith("oxflow_"):
                continue
            columns = [row[1:] for row in self.query(f'PRAGMA index_xinfo("{index}")')]
            # The names of automatic indexes carry a running number.
            label = index if origin == "c" else f"{origin} {[column[1] for column in columns]}"
            indexes[label] = (unique, origin, partial, columns)
        columns = [row[1:] for row in self.query(f'PRAGMA table_xinfo("{name}")')]
        text = self.query(f"SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '{name}'")[0][0]
        checks = re.findall(r"CHECK\s*\((?:[^()]|\([^()]*\))*\)", text, re.I)
        return {
            "columns": columns,
            "foreign keys": sorted(
                tuple(map(str, row[2:])) for row in self.query(f'PRAGMA foreign_key_list("{name}")')
            ),
            "names of constraints": sorted(re.findall(r'CONSTRAINT\s+"?(\w+)"?', text, re.I)),
            "indexes": indexes,
            "checks": sorted(re.sub(r'[\s"`()]+', "", text).lower() for text in checks),
        }

    def rows(self):
        """Every row of every table, each table in the order of its rows' text."""
        return {name: sorted(self.query(f'SELECT * FROM "{name}"'), key=repr) for name in self.tables()}

    def load(self, text):
        """Runs a dump."""
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(text)

    def drop(self):
        pass  # goes with the folder of the test


class PostgresDatabase:
    kind = "postgres"

    def __init__(self, cluster):
        self.cluster = cluster
        self.name = f"e2e_{uuid.uuid4().hex[:16]}"
        self.uri = cluster.uri_of(self.name)
        cluster.execute(f"CREATE DATABASE {self.name}")

    def query(self, text, *values):
        with contextlib.closing(psycopg2.connect(self.uri)) as connection, connection.cursor() as cursor:
            cursor.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def execute(self, text):
        """Statements that are committed together."""
        with contextlib.closing(psycopg2.connect(self.uri)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(text)

    def tables(self):
        """Oxflow's own tables and indexes begin with oxflow_."""
        names = self.query(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
        )
        return [name for (name,) in names if not name.startswith("oxflow_")]

    def schema(self):
        """Tables with columns, keys and indexes, sequences, triggers with their functions, as the catalog has them."""
        tables = {name: self._table(name) for name in self.tables()}
        sequences = self.query(
            """SELECT s.sequencename, s.data_type::text, s.start_value, s.min_value, s.max_value, s.increment_by, s.cycle,
                      d.refobjid::regclass::text, a.attname, d.deptype::text
                 FROM pg_sequences s
                 LEFT JOIN pg_depend d ON d.objid = (quote_ident(s.schemaname) || '.' || quote_ident(s.sequencename))::regclass
                      AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass
                 LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                WHERE s.schemaname = 'public'
                ORDER BY 1"""
        )
        functions = self.query(
            "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        others = self.query(
            """SELECT relkind::text, relname FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'p', 'i', 'S', 't') ORDER BY 1, 2"""
        )
        types = self.query(
            """SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
                ORDER BY 1"""
        )
        ours = lambda rows: [row for row in rows if not any(str(value).startswith("oxflow_") for value in row)]
        return {
            **tables,
            "(the rest)": {
                "sequences": ours(sequences),
                "functions": [(name, without_wording(sql)) for name, sql in ours(functions)],
                "views and others": ours(others),
                "types": ours(types),
            },
        }

    def _table(self, name):
        columns = self.query(
            """SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
                      a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid), co.collname
                 FROM pg_attribute a
                 LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                 LEFT JOIN pg_collation co ON co.oid = a.attcollation
                WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY a.attnum""",
            f'public."{name}"',
        )
        constraints = self.query(
            """SELECT conname, contype::text, pg_get_constraintdef(oid), condeferrable, condeferred, convalidated
                 FROM pg_constraint WHERE conrelid = %s::regclass ORDER BY conname""",
            f'public."{name}"',
        )
        indexes = self.query(
            """SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered, i.indisreplident
                 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE i.indrelid = %s::regclass ORDER BY c.relname""",
            f'public."{name}"',
        )
        triggers = self.query(
            """SELECT tgname, pg_get_triggerdef(oid), tgenabled::text
                 FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname""",
            f'public."{name}"',
        )
        return {
            "columns": columns,
            "constraints": constraints,
            "indexes": [row for row in indexes if not row[0].startswith("oxflow_")],
            "triggers": [row for row in triggers if not row[0].startswith("oxflow_")],
        }

    def rows(self):
        """Every row of every table, and where the sequences stand."""
        rows = {name: sorted(self.query(f'SELECT * FROM public."{name}"'), key=repr) for name in self.tables()}
        sequences = self.query(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
        )
        return {**rows, "(sequences)": [row for row in sequences if not row[0].startswith("oxflow_")]}

    def load(self, text):
        """Runs a dump."""
        self.execute(text)

    def drop(self):
        self.cluster.drop(self.name)


class Cluster:
    """A PostgreSQL server, by the URI of a role that may create databases."""

    def __init__(self, uri, authority=None, sockets=None):
        self.uri = uri
        self.authority = authority
        self.sockets = sockets
        self.parts = urllib.parse.urlsplit(uri)

    @property
    def password(self):
        return urllib.parse.unquote(self.parts.password or "")

    def uri_of(self, database, user=None, password=None, host=None, **options):
        """The URI of a database of this cluster; user and password are percent-encoded here."""
        user = urllib.parse.quote(user or self.parts.username, safe="")
        password = urllib.parse.quote(self.password if password is None else password, safe="")
        place = f"{host or self.parts.hostname}:{self.parts.port or 5432}"
        return urllib.parse.urlunsplit(
            ("postgresql", f"{user}:{password}@{place}", f"/{database}", urllib.parse.urlencode(options), "")
        )

    def drop(self, name):
        """Drops a database that connections of ours may still be open to.

        Not WITH (FORCE): that is refused while autovacuum works in the database, whose process is a superuser's.
        Without it PostgreSQL stops autovacuum by itself.
        """
        self.cut(name)
        self.execute(f"DROP DATABASE IF EXISTS {name}")

    def cut(self, name, share=1.0):
        """Ends some or all of the connections of users to a database, in the middle of a transaction too."""
        self.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = %s AND usename IS NOT NULL AND pid <> pg_backend_pid() AND random() < %s""",
            name,
            share,
        )

    def execute(self, text, *values):
        """One statement, outside of a transaction."""
        with contextlib.closing(psycopg2.connect(self.uri)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(text, values or None)
                return cursor.fetchall() if cursor.description else []


class OwnCluster(Cluster):
    """A cluster for one test, that it may stop and start. Writes are durable."""

    def __init__(self, folder=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="oxflow-e2e-postgres."))
        self._tool("new", OXFLOW_TEST_PG_FSYNC="on")
        settings = dict(line.split("=", 1) for line in (self.folder / "env").read_text().splitlines())
        super().__init__(
            settings["OXFLOW_TEST_POSTGRES"],
            settings["OXFLOW_TEST_POSTGRES_CA"],
            settings["OXFLOW_TEST_POSTGRES_SOCKETS"],
        )

    def _tool(self, action, *arguments, **extra):
        # Not through pipes: the server would hold them open.
        log = self.folder.with_suffix(".log")
        with open(log, "ab") as output:
            code = subprocess.call(
                [str(ROOT / "tools" / "postgres-cluster"), action, str(self.folder), *arguments],
                env={**os.environ, **extra},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        assert code == 0, f"postgres-cluster {action}:\n{log.read_text()[-4000:]}"

    def stop(self, mode="fast"):
        self._tool("stop", mode)

    def start(self):
        self._tool("start")

    def is_running(self):
        """Whether it takes connections, once it has come to rest: after a crash it first tries to recover by itself."""
        deadline = time.monotonic() + 30
        while (self.folder / "data" / "postmaster.pid").exists() and time.monotonic() < deadline:
            with contextlib.suppress(psycopg2.OperationalError):
                self.execute("SELECT 1")
                return True
            time.sleep(0.05)
        return False

    def remove(self):
        self._tool("remove")
        self.folder.with_suffix(".log").unlink(missing_ok=True)


def shared_cluster():
    """The cluster that tools/postgres started for the whole run, or None."""
    uri = os.environ.get("OXFLOW_TEST_POSTGRES")
    if not uri:
        return None
    return Cluster(uri, os.environ.get("OXFLOW_TEST_POSTGRES_CA"), os.environ.get("OXFLOW_TEST_POSTGRES_SOCKETS"))
