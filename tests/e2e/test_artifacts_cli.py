"""`oxflow artifacts` beside the real client: what one uploads the other downloads, byte for byte; downloads that were cut
off go on; memory stays flat; a login, TLS, and models are found as the real client finds them."""

import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading

import conftest
import pytest
from certificates import Authority
from servers import Api, clean_environment
from writers import wait_until

pytestmark = [
    conftest.on_sqlite,
    pytest.mark.skipif(not os.environ.get("OXFLOW_BIN"), reason="OXFLOW_BIN does not name the oxflow binary"),
]

MIB = 1024 * 1024
LARGE_BYTES = 300 * MIB
# A command of its own needs about a third of that; one that held the file would need ten times as much.
MEMORY_BYTES = 40 * MIB

CLIENT_UP = "import mlflow, sys; mlflow.MlflowClient().log_artifacts(sys.argv[1], sys.argv[2], 'all')"
CLIENT_DOWN = """
import mlflow, sys
mlflow.artifacts.download_artifacts(run_id=sys.argv[1], artifact_path='all', dst_path=sys.argv[2])
"""
# `mlflow artifacts` for each of several lines; one process, as each takes seconds to start.
MLFLOW_COMMANDS = """
import json, sys
from click.testing import CliRunner
from mlflow.store.artifact.cli import commands
done = [CliRunner().invoke(commands, line) for line in json.loads(sys.argv[1])]
print(json.dumps([(each.exit_code, each.stdout) for each in done]))
"""
REGISTER = """
import mlflow, mlflow.pyfunc, sys
mlflow.set_experiment('models')
class Double(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input
with mlflow.start_run() as run:
    info = mlflow.pyfunc.log_model(name='double', python_model=Double(), registered_model_name='of doubles', pip_requirements=[])
mlflow.MlflowClient().set_registered_model_alias('of doubles', 'best', 1)
print('ids', run.info.run_id, info.model_id)
"""
DOWNLOAD_URI = """
import mlflow, sys
print('at', mlflow.artifacts.download_artifacts(artifact_uri=sys.argv[1], dst_path=sys.argv[2]))
"""


def command(url, *line, **variables):
    environment = clean_environment(MLFLOW_TRACKING_URI=url, MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", **variables)
    return subprocess.run([os.environ["OXFLOW_BIN"], "artifacts", *map(str, line)], env=environment, capture_output=True, text=True)


def run_command(url, *line, **variables):
    done = command(url, *line, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


# `ru_maxrss` of children is the largest of all of them, so each command gets a parent of its own.
MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print('peak', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=sys.stderr)
sys.exit(code)
"""


def peak_memory(url, *line):
    """Runs a command; the most memory that it had, in bytes."""
    environment = clean_environment(MLFLOW_TRACKING_URI=url)
    whole = [sys.executable, "-c", MEASURE, os.environ["OXFLOW_BIN"], "artifacts", *map(str, line)]
    done = subprocess.run(whole, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(re.search(r"^peak (\d+)$", done.stderr, re.M).group(1))


def client(url, script, *arguments, **variables):
    environment = clean_environment(MLFLOW_TRACKING_URI=url, **variables)
    line = [os.environ["OXFLOW_PY_317"], "-c", script, *map(str, arguments)]
    done = subprocess.run(line, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def write_noise(path, size):
    block = os.urandom(MIB)
    with open(path, "wb") as file:
        for number in range(size // MIB):
            file.write(block[:-8] + number.to_bytes(8, "big"))


def sums(folder):
    """Paths and digests of all files below a folder."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            with open(path, "rb") as file:
                found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    for number in range(1000):
        path = folder / f"part {number % 7}" / "ü" / f"{number:04}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if number == 0 else b'{"number": %d}' % number)
    write_noise(folder / "large.bin", LARGE_BYTES)
    return folder


@pytest.fixture
def run(api):
    return api.run("0")


def test_up_with_oxflow_and_down_with_the_real_client(oxflow, run, content, tmp_path, record_property):
    peak = peak_memory(oxflow.url, "log-artifacts", "-r", run, "-l", content, "-a", "all")
    client(oxflow.url, CLIENT_DOWN, run, tmp_path / "down")
    assert sums(tmp_path / "down" / "all") == sums(content)
    record_property("peak_bytes", peak)
    print(f"peak memory of the upload: {peak / MIB:.1f} MiB")
    assert peak < MEMORY_BYTES


def test_up_with_the_real_client_and_down_with_oxflow(oxflow, run, content, tmp_path, record_property):
    client(oxflow.url, CLIENT_UP, run, content)
    peak = peak_memory(oxflow.url, "download", "-r", run, "-a", "all", "-d", tmp_path / "down")
    assert sums(tmp_path / "down" / "all") == sums(content)
    record_property("peak_bytes", peak)
    print(f"peak memory of the download: {peak / MIB:.1f} MiB")
    assert peak < MEMORY_BYTES


class Cutter:
    """Passes connections on to a server; answers of more than so many bytes are cut there, until `is_cutting` is off."""

    def __init__(self, url, at):
        host, port = url.removeprefix("http://").split(":")
        self.target, self.at, self.is_cutting = (host, int(port)), at, True
        self.requests = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, socket.create_connection(self.target) as server:
            threading.Thread(target=self.upstream, args=(connection, server), daemon=True).start()
            passed = 0
            while piece := server.recv(65536):
                passed += len(piece)
                if self.is_cutting and passed > self.at:
                    # Closing alone would not end it: the other thread still reads from it.
                    connection.shutdown(socket.SHUT_RDWR)
                    server.shutdown(socket.SHUT_RDWR)
                    return
                try:
                    connection.sendall(piece)
                except OSError:
                    return

    def upstream(self, connection, server):
        try:
            while piece := connection.recv(65536):
                self.requests.append(piece.decode("latin-1").lower())
                server.sendall(piece)
        except OSError:
            pass


def test_a_download_that_was_cut_off_goes_on(new_oxflow, tmp_path):
    # Its own port is not the one that it is asked at.
    oxflow = new_oxflow(flags=["--allowed-hosts", "*"]).start()
    run = Api(oxflow.url).run("0")
    (tmp_path / "content").mkdir()
    write_noise(tmp_path / "content" / "large.bin", 60 * MIB)
    client(oxflow.url, CLIENT_UP, run, tmp_path / "content")
    cutter = Cutter(oxflow.url, 40 * MIB)
    line = ["download", "-r", run, "-a", "all/large.bin", "-d", tmp_path / "down"]
    broken = command(cutter.url, *line)
    assert broken.returncode == 1 and "connection" in broken.stderr, broken.stderr
    part = tmp_path / "down" / "large.bin.oxflow-part"
    length = part.stat().st_size
    assert 30 * MIB < length < 41 * MIB and not (tmp_path / "down" / "large.bin").exists()
    # From then on nothing of what is there is sent again: the rest is less than what is cut.
    run_command(cutter.url, *line)
    assert any(f"range: bytes={length}-" in request for request in cutter.requests)
    assert sums(tmp_path / "down") == sums(tmp_path / "content")

    # A file that changed meanwhile begins again.
    (tmp_path / "down" / "large.bin").unlink()
    assert command(cutter.url, *line).returncode == 1
    write_noise(tmp_path / "content" / "large.bin", 20 * MIB)
    client(oxflow.url, CLIENT_UP, run, tmp_path / "content")
    cutter.is_cutting = False
    run_command(cutter.url, *line)
    assert sums(tmp_path / "down") == sums(tmp_path / "content")


class Dam:
    """Passes connections on, until so many bytes have gone one way: then nothing more passes on those that carry many, until
    they are cut when `is_over` is set."""

    def __init__(self, url, at, downwards=False):
        host, port = url.removeprefix("http://").split(":")
        self.target, self.at, self.downwards = (host, int(port)), at, downwards
        self.passed, self.lock = 0, threading.Lock()
        self.asked_for = []
        self.is_full, self.is_over = threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        server = socket.create_connection(self.target)
        threading.Thread(target=self.pass_on, args=(connection, server, not self.downwards), daemon=True).start()
        self.pass_on(server, connection, self.downwards)

    def pass_on(self, source, target, is_counted):
        own, is_file = 0, True
        try:
            while piece := source.recv(65536):
                own += len(piece)
                if piece.startswith(b"GET "):
                    self.asked_for.append(piece.decode("latin-1").lower())
                # An abort passes, its head and its body, on whatever connection: one that has carried a part is used again.
                if piece.startswith((b"PUT ", b"POST ", b"DELETE ")):
                    is_file = piece.startswith(b"PUT ")
                if is_counted and is_file and own > MIB:
                    with self.lock:
                        self.passed += len(piece)
                    if self.passed > self.at:
                        self.is_full.set()
                        self.is_over.wait()
                        break
                target.sendall(piece)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def interrupted(dam, name, *line, url=None, **variables):
    """Runs a command, and sends it a signal when the dam is full; what it said last."""
    environment = clean_environment(MLFLOW_TRACKING_URI=url or dam.url, MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", **variables)
    process = subprocess.Popen(
        [os.environ["OXFLOW_BIN"], "artifacts", *map(str, line)], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert dam.is_full.wait(60), process.communicate(timeout=1)
    process.send_signal(name)
    _, said = process.communicate(timeout=60)
    dam.is_over.set()
    assert process.returncode == 130, said
    assert len(said.splitlines()) == 1, said
    return said


PART_SIZES = {"MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(8 * MIB), "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(5 * MIB)}


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_upload_leaves_no_parts(new_oxflow, tmp_path, name):
    flags, variables = ["--allowed-hosts", "*"], {"MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true"}
    server = new_oxflow(flags=flags, variables=variables).start()
    run = Api(server.url).run("0")
    folder = tmp_path / "content"
    folder.mkdir()
    write_noise(folder / "large.bin", 40 * MIB)
    (folder / "small.txt").write_text("x")
    dam = Dam(server.url, 12 * MIB)
    said = interrupted(dam, name, "log-artifacts", "-r", run, "-l", folder, **PART_SIZES, **variables)
    assert "1 of 2 files uploaded" in said and "the parts of `large.bin` that were sent are removed" in said, said
    artifacts = server.artifacts / "0" / run / "artifacts"
    assert [path.name for path in artifacts.iterdir()] == ["small.txt"]
    # Whose connection broke leaves nothing either, as soon as the server has seen it.
    own = server.artifacts / ".oxflow-tmp"
    wait_until(lambda: [path.name for path in own.iterdir()] == ["signing-key"], "no parts", 30)
    # Nothing stands in the way of the next.
    run_command(server.url, "log-artifacts", "-r", run, "-l", folder, **PART_SIZES, **variables)
    assert (artifacts / "large.bin").read_bytes() == (folder / "large.bin").read_bytes()


def test_an_interrupted_upload_leaves_no_parts_in_a_store(new_oxflow, tmp_path):
    if "OXFLOW_TEST_S3" not in os.environ:
        pytest.skip("tools/object-stores runs a command with stores")
    dam = Dam(os.environ["OXFLOW_TEST_S3"], 12 * MIB)
    server = new_oxflow(
        variables={
            "MLFLOW_S3_ENDPOINT_URL": dam.url,
            "AWS_ACCESS_KEY_ID": "oxflow-key",
            "AWS_SECRET_ACCESS_KEY": "oxflow-secret",
        },
        flags=["--access-log"],
    )
    server.artifacts = f"s3://{os.environ['OXFLOW_TEST_S3_BUCKET']}/{tmp_path.parent.name}-{tmp_path.name}"
    server.start()
    run = Api(server.url).run("0")
    write_noise(tmp_path / "large.bin", 40 * MIB)
    line = ["log-artifact", "-r", run, "-l", tmp_path / "large.bin"]
    said = interrupted(dam, signal.SIGINT, *line, url=server.url, **PART_SIZES)
    assert "0 of 1 files uploaded" in said and "are removed" in said, said
    steps = re.findall(r'"path":"/api/2.0/mlflow-artifacts/mpu/([a-z]+)[^}]*"status":(\d+)', server.log_file().read_text())
    assert steps == [("create", "200"), ("abort", "200")], server.log()
    assert json.loads(run_command(server.url, "list", "-r", run)) == []


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_download_goes_on_later(new_oxflow, tmp_path, name):
    server = new_oxflow(flags=["--allowed-hosts", "*"]).start()
    run = Api(server.url).run("0")
    folder = tmp_path / "content"
    folder.mkdir()
    write_noise(folder / "large.bin", 40 * MIB)
    (folder / "small.txt").write_text("x")
    run_command(server.url, "log-artifacts", "-r", run, "-l", folder)
    dam = Dam(server.url, 12 * MIB, downwards=True)
    said = interrupted(dam, name, "download", "-r", run, "-d", tmp_path / "down", "--jobs", "1")
    part = tmp_path / "down" / "large.bin.oxflow-part"
    assert "0 of 2 files downloaded" in said and f"the same command goes on with `{part}, " in said, said
    assert 5 * MIB < part.stat().st_size < 14 * MIB
    dam.at, length = 1000 * MIB, part.stat().st_size
    run_command(dam.url, "download", "-r", run, "-d", tmp_path / "down")
    assert any(f"range: bytes={length}-" in request for request in dam.asked_for)
    assert sums(tmp_path / "down") == sums(folder)


def test_an_interrupted_download_leaves_nothing_that_nobody_can_go_on_with(new_oxflow, tmp_path):
    server = new_oxflow(flags=["--allowed-hosts", "*"]).start()
    run = Api(server.url).run("0")
    write_noise(tmp_path / "large.bin", 3 * MIB)
    run_command(server.url, "log-artifact", "-r", run, "-l", tmp_path / "large.bin")

    # Without a tag nobody can tell later what these bytes were a part of.
    class Untagged(Dam):
        def pass_on(self, source, target, is_counted):
            if is_counted:
                source = Renaming(source, b"etag:", b"atag:")
            super().pass_on(source, target, is_counted)

    dam = Untagged(server.url, MIB // 2, downwards=True)
    said = interrupted(dam, signal.SIGINT, "download", "-r", run, "-d", tmp_path / "down")
    assert said.strip() == "interrupted: 0 of 1 files downloaded"
    assert list((tmp_path / "down").iterdir()) == []


class Renaming:
    """A socket on which another header comes than was sent."""

    def __init__(self, socket, old, new):
        self.socket, self.old, self.new = socket, old, new

    def recv(self, *arguments):
        return self.socket.recv(*arguments).replace(self.old, self.new)

    def shutdown(self, how):
        self.socket.shutdown(how)


def test_the_output_is_the_one_of_mlflow(oxflow, run, tmp_path):
    for name in ["a.txt", "d/e.txt", "d/ü \"q\".txt", "d/empty"]:
        path = tmp_path / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if name.endswith("empty") else b"text")
    run_command(oxflow.url, "log-artifacts", "-r", run, "-l", tmp_path / "content", "-a", "all")
    run_command(oxflow.url, "log-artifact", "-r", run, "-l", tmp_path / "content" / "a.txt")

    lines = [
        ["list", "-r", run],
        ["list", "-r", run, "-a", "all"],
        ["list", "-r", run, "-a", "all/d"],
        ["list", "-r", run, "-a", "missing"],
        ["list", "-r", run, "-a", "a.txt"],
        ["list", "-r", "missing"],
        ["list"],
        ["download", "-r", run, "-a", "all/d", "-d", "DIR"],
        ["download", "-r", run, "-a", "all/d/e.txt", "-d", "DIR"],
        ["download", "-r", run, "-d", "DIR"],
        ["download", "-u", f"runs:/{run}/all", "-d", "DIR"],
        ["download", "-u", f"mlflow-artifacts:/0/{run}/artifacts/all/d", "-d", "DIR"],
        ["download", "-r", run, "-a", "missing", "-d", "DIR"],
        ["download"],
        ["log-artifact", "-r", run, "-l", tmp_path / "missing"],
        ["log-artifact", "-r", run, "-l", tmp_path / "content" / "a.txt", "-a", "../x"],
    ]

    def places(kind):
        return [[str(tmp_path / f"{kind} {n}" if part == "DIR" else part) for part in line] for n, line in enumerate(lines)]

    theirs = json.loads(client(oxflow.url, MLFLOW_COMMANDS, json.dumps(places("theirs"))).rsplit("\n", 2)[-2])
    for number, (line, (code, out)) in enumerate(zip(places("ours"), theirs, strict=True)):
        done = command(oxflow.url, *line)
        ours, place = done.stdout.replace("ours", "theirs"), tmp_path / f"theirs {number}"
        assert (done.returncode, ours, sums(tmp_path / f"ours {number}")) == (code, out, sums(place)), (line, done.stderr)
    assert [code for code, _ in theirs] == [0] * 5 + [1, 2] + [0] * 5 + [1] * 4


def test_models_are_downloaded_as_by_the_real_client(oxflow, tmp_path):
    ids = re.search(r"^ids (\S+) (\S+)$", client(oxflow.url, REGISTER), re.M)
    run, model = ids.groups()
    for number, uri in enumerate([
        "models:/of doubles/1",
        "models:/of doubles@best",
        "models:/of doubles/latest",
        "models:/of doubles/1/MLmodel",
        f"models:/{model}",
        f"runs:/{run}/double",
        f"runs:/{run}/double/MLmodel",
    ]):
        theirs, ours = tmp_path / f"theirs{number}", tmp_path / f"ours{number}"
        place = re.search(r"^at (.*)$", client(oxflow.url, DOWNLOAD_URI, uri, theirs), re.M).group(1)
        printed = run_command(oxflow.url, "download", "-u", uri, "-d", ours).strip()
        assert os.path.relpath(printed, ours) == os.path.relpath(place, theirs), uri
        assert sums(ours) == sums(theirs) != {}, uri
    refused = command(oxflow.url, "download", "-u", "models:/of doubles@nobody", "-d", tmp_path / "none")
    assert refused.returncode == 1 and "alias `nobody`" in refused.stderr


def test_over_tls_with_a_certificate_and_a_login(new_oxflow, tmp_path):
    folder = tmp_path / "certificates"
    folder.mkdir()
    authority, people = Authority(folder, "authority"), Authority(folder, "people")
    certificate, key = authority.issue_to_files("server")
    ada = people.issue_to_one_file("ada")
    password = "correct horse battery"
    flags = ["--tls-cert", str(certificate), "--tls-key", str(key), "--tls-client-ca", str(people.file), "--auth", "basic"]
    variables = {"MLFLOW_AUTH_ADMIN_USERNAME": "root", "MLFLOW_AUTH_ADMIN_PASSWORD": password, "MLFLOW_FLASK_SERVER_SECRET_KEY": "s" * 32}
    tls = {"verify": str(authority.file), "cert": str(ada)}
    server = new_oxflow(flags=flags, variables=variables, tls=tls).start()
    api = Api(server.url)
    api.session.trust_env = False
    api.session.verify, api.session.cert, api.session.auth = str(authority.file), str(ada), ("root", password)
    run = api.run("0")
    write_noise(tmp_path / "f.bin", 5 * MIB)
    trust = {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(authority.file), "MLFLOW_TRACKING_CLIENT_CERT_PATH": str(ada)}
    login = {"MLFLOW_TRACKING_USERNAME": "root", "MLFLOW_TRACKING_PASSWORD": password}
    up = ["log-artifact", "-r", run, "-l", tmp_path / "f.bin"]
    run_command(server.url, *up, **trust, **login)
    run_command(server.url, "download", "-r", run, "-a", "f.bin", "-d", tmp_path / "down", **trust, **login)
    assert (tmp_path / "down" / "f.bin").read_bytes() == (tmp_path / "f.bin").read_bytes()
    insecure = {"MLFLOW_TRACKING_INSECURE_TLS": "true", "MLFLOW_TRACKING_CLIENT_CERT_PATH": str(ada)}
    run_command(server.url, "list", "-r", run, **insecure, **login)
    for wrong, hint in [
        ({**trust}, "MLFLOW_TRACKING_USERNAME"),
        ({**trust, **login, "MLFLOW_TRACKING_PASSWORD": "wrong"}, "401"),
        ({**login, "MLFLOW_TRACKING_CLIENT_CERT_PATH": str(ada)}, "MLFLOW_TRACKING_SERVER_CERT_PATH"),
        ({**login, "MLFLOW_TRACKING_SERVER_CERT_PATH": str(authority.file)}, "does not answer"),
    ]:
        refused = command(server.url, *up, **wrong)
        assert refused.returncode == 1 and hint in refused.stderr, (wrong.keys(), refused.stderr)


@pytest.mark.parametrize("store", ["folder", "s3"])
def test_large_files_go_in_parts(new_oxflow, tmp_path, store):
    variables = {"MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true"}
    server = new_oxflow(variables=variables)
    if store == "s3":
        if "OXFLOW_TEST_S3" not in os.environ:
            pytest.skip("tools/object-stores runs a command with stores")
        server.artifacts = f"s3://{os.environ['OXFLOW_TEST_S3_BUCKET']}/{tmp_path.parent.name}-{tmp_path.name}"
        server.variables |= {
            "MLFLOW_S3_ENDPOINT_URL": os.environ["OXFLOW_TEST_S3"],
            "AWS_ACCESS_KEY_ID": "oxflow-key",
            "AWS_SECRET_ACCESS_KEY": "oxflow-secret",
        }
    server.start()
    run = Api(server.url).run("0")
    small = {"MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(20 * MIB)}
    write_noise(tmp_path / "large ü.bin", 47 * MIB + 11)
    write_noise(tmp_path / "small.bin", MIB)
    for name in ["large ü.bin", "small.bin"]:
        run_command(server.url, "log-artifact", "-r", run, "-l", tmp_path / name, **small)
    run_command(server.url, "download", "-r", run, "-d", tmp_path / "down")
    for name in ["large ü.bin", "small.bin"]:
        assert (tmp_path / "down" / name).read_bytes() == (tmp_path / name).read_bytes()
    steps = re.findall(r'"path":"/api/2.0/mlflow-artifacts/mpu/([a-z]+)', server.log_file().read_text())
    parts = 5 if store == "folder" else 0
    assert sorted(steps) == ["complete", "create"] + ["part"] * parts


def test_a_real_mlflow_server(new_mlflow, tmp_path):
    """The largest part of the commands is MLflow's API, so they work with MLflow's own server."""
    server = new_mlflow(flags=["--allowed-hosts", "*"]).start()
    run = Api(server.url).run("0")
    content = tmp_path / "content"
    (content / "ü").mkdir(parents=True)
    for number in range(20):
        (content / "ü" / f"{number}.json").write_bytes(b"%d" % number)
    write_noise(content / "large.bin", 60 * MIB)
    run_command(server.url, "log-artifacts", "-r", run, "-l", content, "-a", "all", "--jobs", "8")
    cutter = Cutter(server.url, 40 * MIB)
    line = ["download", "-r", run, "-a", "all/large.bin", "-d", tmp_path / "down" / "all"]
    assert command(cutter.url, *line).returncode == 1
    run_command(cutter.url, *line)
    assert any("range: bytes=" in request for request in cutter.requests)
    run_command(server.url, "download", "-r", run, "-d", tmp_path / "down")
    assert sums(tmp_path / "down" / "all") == sums(content)
