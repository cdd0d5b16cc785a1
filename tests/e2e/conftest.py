"""What the end-to-end tests share. README.md lists the environment variables."""

import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from databases import PostgresDatabase, SqliteFile, shared_cluster
from servers import Api, Mlflow, Oxflow, clean_environment
from writers import end_all

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than half a minute")
    os.environ.setdefault("OXFLOW_PY_317", sys.executable)


def need_oxflow():
    if not os.environ.get("OXFLOW_BIN") and not os.environ.get("OXFLOW_SERVER_COMMAND"):
        pytest.skip("OXFLOW_BIN does not name the oxflow binary")


def is_real_oxflow():
    return not os.environ.get("OXFLOW_SERVER_COMMAND")


# For tests in which the database plays no part.
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("backend", ["postgres"], indirect=True)


@pytest.fixture(autouse=True)
def no_writers_left():
    """Clients that still write when a test fails would take the machine from the tests after it."""
    yield
    end_all()


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request):
    """A test that has a server runs twice, once on each kind of database, unless it says otherwise."""
    if request.param == "postgres" and shared_cluster() is None:
        pytest.skip("OXFLOW_TEST_POSTGRES does not name a PostgreSQL; tools/postgres runs a command with one")
    return request.param


@pytest.fixture
def cluster():
    """The PostgreSQL of this run, for tests that need nothing else of it than a database."""
    found = shared_cluster()
    if found is None:
        pytest.skip("OXFLOW_TEST_POSTGRES does not name a PostgreSQL; tools/postgres runs a command with one")
    return found


@pytest.fixture
def database_of(backend, tmp_path):
    """The database that belongs to a folder's name: servers on the same folder share it. Dropped after the test."""
    made = {}

    def make(folder):
        if folder not in made:
            made[folder] = (
                SqliteFile(tmp_path / folder / "mlflow.db")
                if backend == "sqlite"
                else PostgresDatabase(shared_cluster())
            )
        return made[folder]

    yield make
    for database in made.values():
        database.drop()


@pytest.fixture
def new_oxflow(tmp_path, database_of):
    """Makes Oxflow servers; those still running at the end must stop cleanly on SIGTERM."""
    need_oxflow()
    made = []

    def make(folder="oxflow", database=None, **rest):
        server = Oxflow(tmp_path / folder, database or database_of(folder), **rest)
        made.append(server)
        return server

    yield make
    for server in made:
        if server.process and server.process.poll() is None:
            code = server.stop()
            if is_real_oxflow():
                assert code == 0, f"exit code {code} after SIGTERM:\n{server.log()}"


@pytest.fixture
def oxflow(new_oxflow):
    return new_oxflow().start()


@pytest.fixture
def api(oxflow):
    return Api(oxflow.url)


@pytest.fixture
def new_mlflow(tmp_path, database_of):
    """Makes real `mlflow server`s, each on a folder of its own or on a given one."""
    made = []

    def make(folder="mlflow", database=None, **rest):
        server = Mlflow(tmp_path / folder, database or database_of(folder), **rest)
        made.append(server)
        return server

    yield make
    for server in made:
        if server.process and server.process.poll() is None:
            # Its own stop takes seconds, and how it ends is not our subject.
            server.kill()


# The clients of the matrix, with the variable that names a Python which has it.
CLIENTS = {
    "1.30.0": "OXFLOW_PY_130",
    "2.11.3": "OXFLOW_PY_211",
    "2.22.5": "OXFLOW_PY_222",
    "3.6.0": "OXFLOW_PY_36",
    "3.17.2": "OXFLOW_PY_317",
}


def client_python(version):
    """The Python that has the client of this version, or a skip that says which variable is missing."""
    name = CLIENTS[version]
    if not os.environ.get(name):
        pytest.skip(f"{name} does not name a Python with mlflow {version}")
    return os.environ[name]


def run_script(python, script, url, *arguments, seconds=300, **extra):
    """Runs a script as a user would, with only the tracking URI set. Returns what it printed."""
    done = start_script(python, script, url, *arguments, seconds=seconds, **extra)
    assert done.returncode == 0, f"{script} exited with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def start_script(python, script, url, *arguments, seconds=300, **extra):
    """The same for a script that may fail."""
    done = subprocess.run(
        [python, str(script), *arguments],
        env=clean_environment(MLFLOW_TRACKING_URI=url, **extra),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    print(done.stdout)
    return done
