"""TLS in the server, asked by real clients: a whole day, who is turned away, new certificates, health checks."""

import http.client
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time

import conftest
import pytest
from certificates import Authority
from servers import Api, clean_environment

pytestmark = [
    conftest.on_sqlite,
    pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises"),
]

DEADLINE_SECONDS = 30


class Setup:
    """A server's certificate, and an authority of which clients must have one."""

    def __init__(self, folder):
        self.authority = Authority(folder, "authority")
        self.people = Authority(folder, "people")
        self.certificate, self.key = self.authority.issue_to_files("server")
        self.ada = self.people.issue_to_one_file("ada")
        self.flags = ["--tls-cert", str(self.certificate), "--tls-key", str(self.key)]
        self.mutual_flags = [*self.flags, "--tls-client-ca", str(self.people.file)]
        self.known = {"verify": str(self.authority.file)}
        self.mutual = {**self.known, "cert": str(self.ada)}
        # For MLflow's clients.
        self.trust = {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(self.authority.file)}
        self.identity = {"MLFLOW_TRACKING_CLIENT_CERT_PATH": str(self.ada)}


@pytest.fixture
def setup(tmp_path):
    folder = tmp_path / "certificates"
    folder.mkdir()
    return Setup(folder)


@pytest.mark.parametrize("version", ["1.30.0", "3.17.2"])
def test_a_day_over_tls_with_a_certificate_of_ones_own(new_oxflow, setup, version):
    server = new_oxflow(flags=setup.mutual_flags, tls=setup.mutual).start()
    assert server.url.startswith("https://")
    python = conftest.client_python(version)
    said = conftest.run_script(
        python, conftest.HERE / "everyday", server.url, "values", "artifacts", "registered_models", **setup.trust, **setup.identity
    )
    assert said.count("ok ") >= 3 and "skipped" not in said


ASK = "import mlflow; print('answered', mlflow.MlflowClient().search_experiments()[0].name)"


@pytest.mark.parametrize(
    ("has_trust", "has_identity", "reasons"),
    [
        (True, True, None),
        (False, True, ["CERTIFICATE_VERIFY_FAILED"]),
        # Python may be told by the alert or by the end of the connection, whichever it meets first.
        (True, False, ["CERTIFICATE_REQUIRED", "Connection aborted", "EOF occurred"]),
    ],
)
def test_who_lacks_a_certificate_is_turned_away(new_oxflow, setup, has_trust, has_identity, reasons):
    server = new_oxflow(flags=setup.mutual_flags, tls=setup.mutual).start()
    variables = {**(setup.trust if has_trust else {}), **(setup.identity if has_identity else {})}
    done = subprocess.run(
        [conftest.client_python("3.17.2"), "-c", ASK],
        env=clean_environment(MLFLOW_TRACKING_URI=server.url, MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", **variables),
        capture_output=True,
        text=True,
        timeout=120,
    )
    if reasons is None:
        assert "answered Default" in done.stdout, done.stderr[-3000:]
    else:
        assert done.returncode != 0
        assert any(reason in done.stderr for reason in reasons), done.stderr[-3000:]


def test_a_renewed_certificate_needs_no_restart(new_oxflow, setup):
    server = new_oxflow(flags=setup.flags, tls=setup.known).start()
    port = int(server.url.rpartition(":")[2])
    shown = lambda: ssl.get_server_certificate(("127.0.0.1", port))  # noqa: E731
    assert shown() == setup.certificate.read_text()
    for is_signalled in (True, False):
        setup.authority.issue_to_files("server")
        renewed = setup.certificate.read_text()
        if is_signalled:
            server.process.send_signal(signal.SIGHUP)
        until(lambda: shown() == renewed, "the server shows the renewed certificate")
    assert "SIGHUP: reading the TLS files again" in server.log()
    setup.key.write_text("no key")
    server.process.send_signal(signal.SIGHUP)
    until(lambda: "new connections get the certificate of before" in server.log(), "the log names the broken file")
    assert shown() == renewed


def until(is_so, what):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"not within {DEADLINE_SECONDS} s: {what}"


def healthcheck(*flags, **variables):
    return subprocess.run(
        [os.environ["OXFLOW_BIN"], "healthcheck", *flags],
        env=clean_environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_health_checks_over_tls(new_oxflow, setup):
    server = new_oxflow(flags=setup.mutual_flags, tls=setup.mutual).start()
    own = {"OXFLOW_TLS_CERT": str(setup.certificate), "MLFLOW_PORT": server.url.rpartition(":")[2]}
    insecure = {"MLFLOW_TRACKING_INSECURE_TLS": "true"}
    for flags, variables, code, says in [
        # The check of a container, with the server's variables: no name in a certificate is 127.0.0.1 in general.
        ((), {**own, **setup.identity}, 0, ""),
        (("--url", server.url), {**setup.trust, **setup.identity}, 0, ""),
        (("--url", server.url), {**insecure, **setup.identity}, 0, ""),
        (("--url", server.url), setup.identity, 1, "UnknownIssuer"),
        (("--url", server.url), setup.trust, 1, "certificate required"),
        (("--url", server.url.replace("https", "http")), {}, 1, "status 400"),
    ]:
        done = healthcheck(*flags, **variables)
        assert done.returncode == code and says.lower() in done.stderr.lower().replace("certificaterequired", "certificate required"), (
            flags,
            variables,
            done,
        )


def test_health_checks_over_a_unix_socket(new_oxflow, tmp_path, backend):
    path = tmp_path / "oxflow.sock"
    server = new_oxflow(flags=["--uds", str(path)])
    server.folder.mkdir(parents=True, exist_ok=True)
    with open(tmp_path / "server.log", "wb") as log:
        process = subprocess.Popen(server.command(), cwd=server.folder, env=server.environment(), stdout=log, stderr=log)
    try:
        until(lambda: healthcheck("--url", f"unix:{path}").returncode == 0, "the server answers at its socket")
        assert healthcheck(OXFLOW_UDS=str(path)).returncode == 0
        with socket.socket(socket.AF_UNIX) as stream:
            stream.connect(str(path))
            connection = http.client.HTTPConnection("localhost")
            connection.sock = stream
            connection.request("GET", "/version")
            assert connection.getresponse().read() == b"3.17.2"
        process.terminate()
        assert process.wait(DEADLINE_SECONDS) == 0, (tmp_path / "server.log").read_text()
        assert not pathlib.Path(path).exists()
    finally:
        process.kill()
        process.wait()
    done = healthcheck("--url", f"unix:{path}")
    assert done.returncode == 1 and "could not connect to the unix socket" in done.stderr


def test_the_demo_fills_a_server_with_tls_and_a_login(new_oxflow, setup):
    password = "correct horse battery"
    variables = {
        "MLFLOW_AUTH_ADMIN_USERNAME": "root",
        "MLFLOW_AUTH_ADMIN_PASSWORD": password,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "s" * 32,
    }
    server = new_oxflow(flags=[*setup.flags, "--auth", "basic"], variables=variables, tls=setup.known).start()
    api = Api(server.url)
    api.session.trust_env = False
    api.session.verify, api.session.auth = setup.known["verify"], ("root", password)
    login = {"MLFLOW_TRACKING_USERNAME": "root", "MLFLOW_TRACKING_PASSWORD": password}

    def demo(*flags, **variables):
        command = [os.environ["OXFLOW_BIN"], "demo", "--tracking-uri", server.url, *flags]
        # Who works with a server did not ask for it to be filled.
        environment = clean_environment(MLFLOW_TRACKING_URI="http://127.0.0.1:1", **variables)
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)

    for variables, reason in [
        (login, "MLFLOW_TRACKING_SERVER_CERT_PATH"),
        (setup.trust, "MLFLOW_TRACKING_USERNAME"),
        ({**setup.trust, **login, "MLFLOW_TRACKING_PASSWORD": "wrong"}, "status 401"),
    ]:
        refused = demo(**variables)
        assert refused.returncode == 1 and reason in refused.stderr and password not in refused.stderr, refused.stderr
    assert [found["name"] for found in api.post("experiments/search", max_results=100)["experiments"]] == ["Default"]
    filled = demo(**setup.trust, **login)
    assert filled.returncode == 0 and f"runs in 6 experiments: {server.url}" in filled.stdout, filled.stderr
    # Everything that is sent in ways of its own is there: files, and a logged model that is ready.
    experiment = api.get("experiments/get-by-name", experiment_name="vision/resnet")["experiment"]["experiment_id"]
    runs = api.post("runs/search", experiment_ids=[experiment], max_results=5)["runs"]
    assert any(api.get("artifacts/list", run_id=run["info"]["run_id"]).get("files") for run in runs)
    models = api.post("logged-models/search", experiment_ids=[experiment], max_results=5)["models"]
    assert models and all(model["info"]["status"] == "LOGGED_MODEL_READY" for model in models)
    assert demo(**setup.trust, **login).returncode == 1
