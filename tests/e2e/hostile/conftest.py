"""The servers that are attacked: one of each kind for all rows."""

import pathlib
import socket
import time
import urllib.parse

import conftest
import pytest
from databases import PostgresDatabase, SqliteFile, shared_cluster
from hostile import raw
from hostile.rows import MODEL, RUN
from servers import Api, Oxflow
from test_login import ADMIN, Person, Users

MIB = 2**20


# Of a single request, over what the server has before it. security.md, section 9.
ONE_REQUEST = 128 * MIB
# Of everything, over what a server that was never asked anything has: before each row, and when all is over.
AFTERWARDS = 64 * MIB
# What is waited for before a row, so that nothing that was freed is measured with it. Caches of the database are about 15 MiB.
CALM = 32 * MIB


def settled(server):
    """What an idle server has: what it took to start, to hash a password for one, is given back a second later."""
    deadline, least = time.monotonic() + 2, server.memory("VmRSS")
    while time.monotonic() < deadline:
        least = min(least, server.memory("VmRSS"))
        time.sleep(0.05)
    return least


class Victim:
    """A server under attack, with a run and a model that requests may name."""

    def __init__(self, server, kind):
        self.server = server
        self.kind = kind
        self.has_login = has_login = kind == "login"
        self.address = ("127.0.0.1", urllib.parse.urlsplit(server.url).port)
        self.api = Person(server.url, ADMIN) if has_login else Api(server.url)
        if has_login:
            # A token costs no hash of a password.
            secret = self.api.post("/api/oxflow/v1/tokens", name="watch")["secret"]
            self.api.session.auth = None
            self.api.session.headers["Authorization"] = f"Bearer {secret}"
        self.run = self.api.run("0", run_name="kept")
        self.model = self.api.post("logged-models", experiment_id="0", name="kept")["model"]["info"]["model_id"]
        self.api.post("registered-models/create", name="kept")
        self.api.call("PUT", f"/api/2.0/mlflow-artifacts/artifacts/0/{self.run}/artifacts/kept.txt", data=b"0123456789")
        self.ids = {RUN.encode(): self.run.encode(), MODEL.encode(): self.model.encode()}
        assert self.well_within(5) is None
        self.idle = settled(server)
        self.highest = (0, None)
        self.log_read = 0

    def begin(self, row):
        """Makes VmHWM and the log begin anew: proc(5), clear_refs."""
        self.new_lines()
        self.row = row
        self.limit = ONE_REQUEST
        self.before = self.over_idle(CALM)
        assert self.before <= AFTERWARDS, f"the server kept {self.before / MIB:.0f} MiB of an earlier row"
        pathlib.Path(f"/proc/{self.server.process.pid}/clear_refs").write_text("5")

    def well_within(self, seconds):
        """None if a new connection is answered by then, else what is wrong."""
        try:
            health = raw.ask(self.address, "GET", "/health", seconds=seconds)
            if health is None or health.status != 200:
                return f"/health: {health}"
            kind, body = "application/json", b'{"experiment_ids":["0"],"max_results":5}'
            headers = [f"Content-Type: {kind}"]
            if self.has_login:
                headers.append(f"Authorization: {self.api.session.headers['Authorization']}")
            found = raw.ask(self.address, "POST", "/api/2.0/mlflow/runs/search", body, headers, seconds)
            if found is None or found.status != 200:
                return f"runs/search: {found}"
        except (OSError, AssertionError) as error:
            return repr(error)
        return None

    def check_health(self):
        """What has to hold after each row."""
        assert self.server.process.poll() is None, f"the server is gone:\n{self.server.log()}"
        wrong = self.well_within(1)
        assert wrong is None, f"the server did not answer a good request within 1 s: {wrong}"
        over = self.server.memory("VmHWM") - self.idle - self.before
        if self.limit == ONE_REQUEST:
            self.highest = max((over, self.row), self.highest)
        assert over <= self.limit, f"the server had {over / MIB:.0f} MiB more than before"
        for line in self.new_lines():
            assert "panicked" not in line, line

    def over_idle(self, wanted):
        """What the server has more than when idle, once it has so little. What was freed goes back to the system a second later."""
        deadline = time.monotonic() + 10
        while (over := self.server.memory("VmRSS") - self.idle) > wanted and time.monotonic() < deadline:
            time.sleep(0.02)
        return over

    def new_lines(self):
        """What the server has logged since the last call."""
        with open(self.server.log_file(), "rb") as log:
            log.seek(self.log_read)
            lines = log.read()
            self.log_read += len(lines)
        return lines.decode(errors="replace").splitlines()

    def check_calm(self):
        """What has to hold after everything."""
        over = self.over_idle(AFTERWARDS)
        most, row = self.highest
        print(
            f"{self.kind}: idle {self.idle / MIB:.0f} MiB, {most / MIB:.0f} MiB more at the most ({row}), "
            f"{over / MIB:.0f} MiB more at the end"
        )
        assert over <= AFTERWARDS, f"the server {self.kind} kept {over / MIB:.0f} MiB"
        kept = self.api.get("runs/get", run_id=self.run)["run"]["info"]
        assert (kept["run_name"], kept["lifecycle_stage"]) == ("kept", "active")
        path = f"/api/2.0/mlflow-artifacts/artifacts/0/{self.run}/artifacts/kept.txt"
        assert self.api.call("GET", path).content == b"0123456789"


@pytest.fixture(scope="session")
def victims(tmp_path_factory):
    """Makes the servers when they are first asked for; all must be calm and stop cleanly at the end."""
    conftest.need_oxflow()
    if not conftest.is_real_oxflow():
        pytest.skip("what only Oxflow promises")
    made, databases = {}, []

    def make(kind):
        if kind in made:
            return made[kind]
        folder = tmp_path_factory.mktemp(kind)
        if kind == "postgres":
            if shared_cluster() is None:
                pytest.skip("OXFLOW_TEST_POSTGRES does not name a PostgreSQL; tools/postgres runs a command with one")
            databases.append(PostgresDatabase(shared_cluster()))
        else:
            databases.append(SqliteFile(folder / "mlflow.db"))
        flags, variables = [], {}
        if kind == "login":
            flags, variables = ["--app-name", "basic-auth"], Users(folder / "users").variables
        server = Oxflow(folder, databases[-1], flags=flags, variables=variables).start()
        made[kind] = Victim(server, kind)
        return made[kind]

    yield make
    try:
        for victim in made.values():
            victim.check_calm()
    finally:
        codes = [victim.server.stop() for victim in made.values()]
        for database in databases:
            database.drop()
    assert codes == [0] * len(codes), "exit codes after SIGTERM"


@pytest.fixture
def victim(request, victims):
    """The server that the test names by a parameter, else one on SQLite."""
    victim = victims(getattr(request, "param", "sqlite"))
    victim.begin(request.node.name)
    yield victim
    victim.check_health()


@pytest.fixture
def listener():
    """A port at which nobody may connect."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        yield listener
        with pytest.raises(BlockingIOError):
            listener.accept()
