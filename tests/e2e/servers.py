"""Starts and stops the servers the tests talk to. Only processes started here are ever signalled."""

import contextlib
import os
import pathlib
import random
import re
import shlex
import signal
import socket
import subprocess
import threading
import time

import requests

START_SECONDS = 30
MLFLOW_START_SECONDS = 180


def free_port():
    """Below those that the system gives to connections: until a server listens, any of these may be taken."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", random.randrange(15000, 32000)))
            return listener.getsockname()[1]


def clean_environment(**extra):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "OXFLOW_", "PG"))}
    return {**kept, **extra}


def for_sqlalchemy(uri):
    """Without a driver's name SQLAlchemy 2.1 wants psycopg 3, older ones want psycopg2, which is what is installed."""
    return uri.replace("postgresql://", "postgresql+psycopg2://", 1)


class Server:
    """A server process on a database and a folder: its artifacts are in `<folder>/mlartifacts`."""

    def __init__(self, folder, database, flags=(), uri=None, variables=None, tls=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database = database
        # Differs from the database's own where something stands in between.
        self.uri = uri or database.uri
        self.flags = list(flags)
        self.variables = variables or {}
        # What `requests` needs to ask an HTTPS server: `verify` and `cert`.
        self.tls = tls or {}
        self.artifacts = self.folder / "mlartifacts"
        self.process = None
        self.url = None
        self.lines = []

    def command(self):
        raise NotImplementedError

    def environment(self):
        return clean_environment(**self.variables)

    def start(self):
        self.lines, self.url = [], None
        self.process = subprocess.Popen(
            self.command(),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=open(self.log_file(), "ab"),
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read_lines, args=(self.process,), daemon=True).start()
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server exited with {self.process.returncode} at start:\n{self.log()}")
            url = self.find_url()
            if url:
                with contextlib.suppress(requests.RequestException):
                    if requests.get(url + "/health", timeout=5, **self.tls).status_code == 200:
                        self.url = url
                        return self
            time.sleep(0.02)
        self.kill()
        raise AssertionError(f"the server did not answer /health within {self.start_seconds} s:\n{self.log()}")

    def _read_lines(self, process):
        for line in process.stdout:
            self.lines.append(line)

    def find_url(self):
        for line in list(self.lines):
            found = re.search(r"https?://127\.0\.0\.1:(\d+)", line)
            if found and found.group(1) != "0":
                return found.group(0)
        return None

    def log_file(self):
        return self.folder / f"{type(self).__name__.lower()}.{id(self)}.log"

    def log(self):
        return ("".join(self.lines) + self.log_file().read_text(errors="replace"))[-4000:]

    def stop(self, seconds=30):
        """SIGTERM; returns the exit code."""
        self.terminate()
        return self.wait(seconds)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds=30):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not stop within {seconds} s of SIGTERM:\n{self.log()}")

    def kill(self):
        """SIGKILL to the process (and what it started)."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def memory(self, field):
        """`VmHWM` (peak) or `VmRSS` of the server process, in bytes."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M).group(1)) * 1024


class Oxflow(Server):
    start_seconds = MLFLOW_START_SECONDS if os.environ.get("OXFLOW_SERVER_COMMAND") else START_SECONDS

    def command(self):
        override = os.environ.get("OXFLOW_SERVER_COMMAND")
        if override:
            self.port = free_port()
            values = {"port": self.port, "store": for_sqlalchemy(self.uri), "artifacts": str(self.artifacts)}
            return [part.format(**values) for part in shlex.split(override)]
        binary = os.environ["OXFLOW_BIN"]
        command = [binary, "server", "--host", "127.0.0.1", "--port", "0", "--backend-store-uri", self.uri]
        return [*command, "--artifacts-destination", str(self.artifacts), *self.flags]

    def find_url(self):
        if os.environ.get("OXFLOW_SERVER_COMMAND"):
            return f"http://127.0.0.1:{self.port}"
        return super().find_url()


class Mlflow(Server):
    """A real `mlflow server`, run by the Python of OXFLOW_PY_317."""

    start_seconds = MLFLOW_START_SECONDS

    def environment(self):
        # Its jobs run in eight processes that each import all of MLflow: more than everything a test does. None needs them.
        return {**super().environment(), "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}

    def command(self):
        self.port = free_port()
        command = [os.environ["OXFLOW_PY_317"], "-m", "mlflow", "server", "--workers", "1"]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--backend-store-uri", for_sqlalchemy(self.uri), "--artifacts-destination", str(self.artifacts)]
        return command + self.flags

    def find_url(self):
        return f"http://127.0.0.1:{self.port}"

    def terminate(self):
        # It runs a supervisor and workers; the supervisor alone may leave workers behind.
        os.killpg(self.process.pid, signal.SIGTERM)


class Api:
    """The REST API of a server, for tests that need no client. Raises on any status that is not 200."""

    def __init__(self, url):
        self.url = url
        self.session = requests.Session()

    def call(self, method, path, *, status=200, timeout=60, **rest):
        if not path.startswith("/"):
            path = "/api/2.0/mlflow/" + path
        answer = self.session.request(method, self.url + path, timeout=timeout, **rest)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def get(self, path, /, **fields):
        return self.call("GET", path, params=fields).json()

    def post(self, path, /, **fields):
        return self.call("POST", path, json=fields).json()

    def experiment(self, name):
        return self.post("experiments/create", name=name)["experiment_id"]

    def run(self, experiment, **fields):
        return self.post("runs/create", experiment_id=experiment, **fields)["run"]["info"]["run_id"]
