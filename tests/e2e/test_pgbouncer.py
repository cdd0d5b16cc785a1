"""PgBouncer in transaction mode between Oxflow and PostgreSQL: a connection to it is a different one of PostgreSQL's in
every transaction, and a statement that one client has prepared is there for the next one."""

import concurrent.futures
import contextlib
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time

import conftest
import psycopg2
import pytest
from databases import PostgresDatabase, shared_cluster
from servers import Api, free_port
from test_replicas import check_everyday

pytestmark = conftest.on_postgres

POOL_SIZE = 3


class PgBouncer:
    """A PgBouncer in front of one database, with fewer connections than Oxflow's."""

    def __init__(self, database):
        self.database = database
        self.program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
        if not self.program:
            pytest.skip("pgbouncer is missing; tools/system postgres installs it on Debian")
        # Like PostgreSQL it does not run as root.
        self.user = None
        if os.getuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            self.user = "postgres" if "postgres" in names else "nobody"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="oxflow-e2e-pgbouncer."))
        self.log = self.folder / "log"

    def start(self):
        cluster = self.database.cluster
        server = f"host={cluster.parts.hostname} port={cluster.parts.port} dbname={self.database.name}"
        deadline = time.monotonic() + 30
        while True:
            port = free_port()
            (self.folder / "pgb.ini").write_text(
                f"""[databases]
mlflow = {server} user={cluster.parts.username} password={cluster.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {POOL_SIZE}
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
"""
            )
            if self.user:
                shutil.chown(self.folder, self.user)
                shutil.chown(self.folder / "pgb.ini", self.user)
            as_user = (
                {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}
            )
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(
                    [self.program, "pgb.ini"],
                    cwd=self.folder,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    **as_user,
                )
            self.uri = f"postgresql://oxflow:not-checked@127.0.0.1:{port}/mlflow"
            while self.process.poll() is None:
                with contextlib.suppress(psycopg2.OperationalError):
                    psycopg2.connect(self.uri).close()
                    return self
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.02)
            # Another process took the port in between: once more, with another one.
            assert time.monotonic() < deadline, self.log.read_text()

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)


@pytest.fixture
def pgbouncer(backend):
    made = []

    def make(database):
        made.append(PgBouncer(database))
        return made[-1].start()

    yield make
    for bouncer in made:
        bouncer.stop()


def server_log():
    """The log of the shared PostgreSQL, if it is one that tools/postgres has made."""
    authority = shared_cluster().authority
    return pathlib.Path(authority).with_name("log") if authority else None


@pytest.mark.parametrize("prepared", ["auto", "off"])
def test_pgbouncer_in_transaction_mode(new_oxflow, database_of, pgbouncer, prepared):
    database = database_of("bounced")
    bouncer = pgbouncer(database)
    flags = ["--pg-prepared", prepared] if conftest.is_real_oxflow() else []
    # The first one makes the tables through PgBouncer; the second one's statements meet those of the first.
    servers = [new_oxflow("bounced", database, flags=flags, uri=bouncer.uri).start() for _ in range(2)]
    check_everyday(servers[0].url)

    experiment = Api(servers[0].url).experiment("many at once")

    def client(number):
        api = Api(servers[number % 2].url)
        run = api.run(experiment, run_name=str(number))
        for step in range(30):
            api.post("runs/log-metric", run_id=run, key="m", value=step, timestamp=step, step=step)
            api.post(
                "runs/log-batch",
                run_id=run,
                metrics=[{"key": "b", "value": i, "timestamp": i, "step": step * 100 + i} for i in range(20)],
                tags=[{"key": f"t{step}", "value": "v"}],
            )
            api.get("runs/get", run_id=run)
            api.post("runs/search", experiment_ids=[experiment], filter="tags.t1 = 'v'", max_results=5)
        assert len(api.get("metrics/get-history", run_id=run, metric_key="b")["metrics"]) == 600

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(client, number) for number in range(16)]:
            done.result()
    for server in servers:
        assert "prepared statement" not in server.log_file().read_text()
    if prepared == "off" and server_log():
        lines = [line for line in server_log().read_text().splitlines() if f"@{database.name} " in line]
        assert [line for line in lines if "prepared statement" in line] == []
