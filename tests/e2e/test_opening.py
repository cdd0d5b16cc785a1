"""A database that does not open says why, in one line, and what to do; one that opens may be named in every way."""

import contextlib
import os
import secrets
import socket
import subprocess
import threading
import urllib.parse

import conftest
import pytest
from databases import PostgresDatabase, shared_cluster
from servers import Api, clean_environment, free_port

pytestmark = [
    conftest.on_postgres,
    pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises"),
]


@pytest.fixture(autouse=True)
def only_on_postgres(backend):
    pass


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A database that has its tables."""
    conftest.need_oxflow()
    if shared_cluster() is None:
        pytest.skip("OXFLOW_TEST_POSTGRES does not name a PostgreSQL; tools/postgres runs a command with one")
    database = PostgresDatabase(shared_cluster())
    server = conftest.Oxflow(tmp_path_factory.mktemp("opened"), database).start()
    server.stop()
    yield database
    database.drop()


@pytest.fixture
def new_role(cluster):
    """Makes roles; they and what they own or may do go after the test."""
    made = []

    def make(password, database, grants=()):
        name = f"e2e_{secrets.token_hex(6)}"
        # As a member of it, the role of the tests may take away again what it was granted.
        cluster.execute(f"CREATE ROLE {name} LOGIN PASSWORD %s ROLE {cluster.parts.username}", password)
        made.append((name, database))
        for grant in grants:
            database.execute(f"{grant} TO {name}")
        return name

    yield make
    for name, database in made:
        database.execute(f"DROP OWNED BY {name}")
        cluster.execute(f"DROP ROLE {name}")


def refused(tmp_path, uri, *words, secret=None, **variables):
    """Starts the server, which must not start: exit code 1, one error, a hint, all words, and no password."""
    command = [os.environ["OXFLOW_BIN"], "server", "--host", "127.0.0.1", "--port", "0", "--backend-store-uri", uri]
    done = subprocess.run(
        command, cwd=tmp_path, env=clean_environment(**variables), capture_output=True, text=True, timeout=60
    )
    text = done.stdout + done.stderr
    assert done.returncode == 1, (done.returncode, text)
    lines = done.stderr.splitlines()
    assert len([line for line in lines if line.startswith("error: ")]) == 1, text
    assert len([line for line in lines if line.startswith("hint: ")]) == 1, text
    for password in filter(None, [secret, urllib.parse.urlsplit(uri).password]):
        assert password not in text, text
    lower = text.lower()
    for word in words:
        assert word.lower() in lower, f"{word!r} is missing in:\n{text}"
    assert "panicked" not in lower and "backtrace" not in lower, text
    return text


@pytest.mark.parametrize(
    "uri, word",
    [
        ("postgresql://ada:se/cret@127.0.0.1:1/db", "postgresql"),
        ("postgresql://ada:se@cret@127.0.0.1:1/db", "%40"),
        ("postgresql://ada:geheim-7@127.0.0.1:70000/db", "port"),
        ("postgresql://ada:geheim-7@127.0.0.1:1/db?sslmode=perhaps", "sslmode"),
        ("postgresql://ada:geheim-7@127.0.0.1:1/db?no_such_option=1", "no_such_option"),
        ("mssql://ada:geheim-7@127.0.0.1:1/db", "mssql"),
    ],
)
def test_a_bad_uri(tmp_path, uri, word):
    text = refused(tmp_path, uri, word)
    assert "cret" not in text and "geheim" not in text, text


def test_an_unknown_host(tmp_path):
    refused(tmp_path, "postgresql://ada:geheim-7@no-such-host.invalid:5432/db", "no-such-host.invalid")


def test_nobody_listens(tmp_path):
    refused(tmp_path, f"postgresql://ada:geheim-7@127.0.0.1:{free_port()}/db", "refused", "127.0.0.1")


def test_a_wrong_password(tmp_path, cluster, opened):
    uri = cluster.uri_of(opened.name, password="geheim-7")
    refused(tmp_path, uri, "password", "oxflow", secret=cluster.password)


def test_no_password(tmp_path, cluster, opened):
    parts = cluster.parts
    uri = f"postgresql://{parts.username}@127.0.0.1:{parts.port}/{opened.name}"
    refused(tmp_path, uri, "password", HOME=str(tmp_path))


def test_an_unknown_user(tmp_path, cluster, opened):
    refused(tmp_path, cluster.uri_of(opened.name, user="nobody_at_all", password="geheim-7"), "nobody_at_all")


def test_a_missing_database(tmp_path, cluster):
    refused(tmp_path, cluster.uri_of("not_there"), "not_there", "createdb")


def test_another_revision(tmp_path, database_of):
    database = database_of("other")
    database.execute("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)")
    database.execute(
        "INSERT INTO alembic_version VALUES ('acf3f17fdcc7'); CREATE TABLE experiments (experiment_id int)"
    )
    refused(tmp_path, database.uri, "acf3f17fdcc7", "dc11669786a5", "oxflow db upgrade")
    assert database.query("SELECT version_num FROM alembic_version") == [("acf3f17fdcc7",)]


def test_a_database_of_something_else(tmp_path, database_of):
    """Its tables are left alone."""
    database = database_of("foreign")
    database.execute("CREATE TABLE customers (id int)")
    refused(tmp_path, database.uri, "postgresql")
    assert database.tables() == ["customers"]


@pytest.mark.parametrize(
    "rights",
    [
        [],
        ["SELECT ON ALL TABLES"],
        ["SELECT, INSERT ON ALL TABLES", "USAGE ON ALL SEQUENCES"],
        ["SELECT, INSERT, UPDATE, DELETE ON ALL TABLES"],
    ],
)
def test_a_user_who_may_not_write_everything(tmp_path, cluster, opened, new_role, rights):
    password = "nicht-alles-7"
    role = new_role(password, opened, [f"GRANT {right} IN SCHEMA public" for right in rights])
    refused(tmp_path, cluster.uri_of(opened.name, role, password), "GRANT", role)


def test_a_user_who_may_make_no_tables(tmp_path, cluster, database_of, new_role):
    """An empty database that belongs to someone else."""
    database = database_of("empty")
    password = "nichts-7"
    role = new_role(password, database)
    refused(tmp_path, cluster.uri_of(database.name, role, password), "permission denied")


# TLS: the cluster's certificate is for `localhost`, signed by an authority of its own.


def with_tls(cluster, database, mode, host="localhost", user=None, **options):
    return cluster.uri_of(database.name, host=host, user=user, sslmode=mode, **options)


@contextlib.contextmanager
def server_without_tls():
    """What PostgreSQL without TLS answers to a client that asks for it: one letter, N."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(8)
                        connection.sendall(b"N")
                        connection.recv(1024)

        threading.Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]


def test_a_server_without_tls(tmp_path):
    with server_without_tls() as port:
        refused(tmp_path, f"postgresql://ada:geheim-7@127.0.0.1:{port}/db?sslmode=require", "TLS", "sslmode")


def test_a_server_that_insists_on_tls(tmp_path, cluster, opened):
    refused(tmp_path, with_tls(cluster, opened, "disable", user="only_tls"), "pg_hba.conf", "sslmode=require")


def test_a_server_that_refuses_tls(tmp_path, cluster, opened):
    refused(tmp_path, with_tls(cluster, opened, "require", user="only_plain"), "pg_hba.conf")


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full", "require"])
def test_a_certificate_of_an_unknown_authority(tmp_path, cluster, opened, mode):
    other = tmp_path / "other.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + ["-keyout", tmp_path / "other.key", "-out", other, "-subj", "/CN=Another authority", "-days", "2"],
        check=True,
        capture_output=True,
    )
    refused(tmp_path, with_tls(cluster, opened, mode, sslrootcert=other), "certificate", "sslrootcert")


def test_an_authority_that_no_system_knows(tmp_path, cluster, opened):
    """Without sslrootcert the authorities of the system count."""
    refused(tmp_path, with_tls(cluster, opened, "verify-full"), "certificate", "sslrootcert", HOME=str(tmp_path))


def test_a_certificate_of_another_host(tmp_path, cluster, opened):
    uri = with_tls(cluster, opened, "verify-full", host="127.0.0.1", sslrootcert=cluster.authority)
    refused(tmp_path, uri, "certificate", "verify-full")


def test_a_certificate_file_that_is_missing(tmp_path, cluster, opened):
    refused(tmp_path, with_tls(cluster, opened, "verify-full", sslrootcert="/not/there.crt"), "/not/there.crt")


# What opens.


def answers(new_oxflow, database, uri, uses_tls=None, **variables):
    """The server starts with this URI, works, and never shows the password."""
    server = new_oxflow("opened", database, uri=uri, variables=variables).start()
    assert Api(server.url).get("experiments/get", experiment_id="0")["experiment"]["name"] == "Default"
    if uses_tls is not None:
        sessions = database.query(
            """SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                WHERE datname = current_database() AND application_name LIKE 'oxflow %'"""
        )
        assert {row[0] for row in sessions} == {uses_tls}
    server.stop()
    printed = server.log_file().read_text() + "".join(server.lines)
    assert database.cluster.password not in printed
    assert database.name in printed


@pytest.mark.parametrize(
    "mode, uses_tls",
    [("disable", False), ("prefer", True), ("require", True), ("verify-ca", True), ("verify-full", True)],
)
def test_every_sslmode(new_oxflow, cluster, opened, mode, uses_tls):
    options = {"sslrootcert": cluster.authority} if mode.startswith("verify") else {}
    answers(new_oxflow, opened, with_tls(cluster, opened, mode, **options), uses_tls)


def test_verify_ca_does_not_look_at_the_host(new_oxflow, cluster, opened):
    uri = with_tls(cluster, opened, "verify-ca", host="127.0.0.1", sslrootcert=cluster.authority)
    answers(new_oxflow, opened, uri, True)


def test_everything_from_variables(new_oxflow, cluster, opened):
    parts = cluster.parts
    variables = {
        "PGHOST": "localhost",
        "PGPORT": str(parts.port),
        "PGDATABASE": opened.name,
        "PGUSER": parts.username,
        "PGPASSWORD": cluster.password,
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": cluster.authority,
    }
    for uri in ["postgresql://", "postgresql+psycopg2://", "postgres://", "postgresql+psycopg://"]:
        answers(new_oxflow, opened, uri, True, **variables)


def test_parts_from_variables(new_oxflow, cluster, opened, tmp_path):
    parts = cluster.parts
    port, user, password = str(parts.port), parts.username, cluster.password
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"# a comment\nelsewhere:*:*:*:wrong\n127.0.0.1:{port}:*:{user}:{password}\n")
    passfile.chmod(0o600)
    answers(new_oxflow, opened, f"postgresql://{user}:{password}@/{opened.name}", PGHOST="127.0.0.1", PGPORT=port)
    answers(new_oxflow, opened, f"postgresql://127.0.0.1/{opened.name}", PGPORT=port, PGUSER=user, PGPASSWORD=password)
    answers(
        new_oxflow, opened, f"postgresql://{user}@127.0.0.1:{port}", PGDATABASE=opened.name, PGPASSFILE=str(passfile)
    )
    # What the URI says wins.
    answers(new_oxflow, opened, opened.uri, PGHOST="no-such-host.invalid", PGPORT="1", PGUSER="x", PGPASSWORD="wrong")


def test_options_that_other_drivers_know(new_oxflow, cluster, opened):
    options = {"application_name": "oxflow", "connect_timeout": "5", "options": "-c search_path=public"}
    uri = cluster.uri_of(opened.name, **options)
    # A space is a plus to SQLAlchemy, and %20 to libpq.
    assert "-c+search_path" in uri
    answers(new_oxflow, opened, uri)
    answers(new_oxflow, opened, uri.replace("+", "%20"))


def test_a_password_with_every_character(new_oxflow, cluster, opened, new_role):
    password = "a@b/c:d%e?f#g&h=i j+k'l\"m\\ü"
    rights = ["SELECT, INSERT, UPDATE, DELETE ON ALL TABLES", "USAGE ON ALL SEQUENCES"]
    role = new_role(password, opened, [f"GRANT {right} IN SCHEMA public" for right in rights])
    answers(new_oxflow, opened, cluster.uri_of(opened.name, role, password))


def test_a_unix_socket(new_oxflow, cluster, opened):
    parts = cluster.parts
    login, folder = f"{parts.username}:{cluster.password}", urllib.parse.quote(cluster.sockets, safe="")
    answers(new_oxflow, opened, f"postgresql://{login}@/{opened.name}?host={folder}&port={parts.port}", False)
    answers(new_oxflow, opened, f"postgresql://{login}@{folder}:{parts.port}/{opened.name}", False)
    answers(
        new_oxflow,
        opened,
        f"postgresql://{login}@/{opened.name}",
        False,
        PGHOST=cluster.sockets,
        PGPORT=str(parts.port),
    )
