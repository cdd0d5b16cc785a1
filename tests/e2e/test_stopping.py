"""SIGTERM: what the server has taken it finishes, answers and keeps; what it has not taken it does not do."""

import os
import random
import signal
import socket
import time
import urllib.parse

import conftest
import pytest
from history import check, temporary_files
from servers import Api
from test_login import ADMIN, ALICE, Users, add
from test_uploads import Upload, put
from writers import ARTIFACTS, Connection, Outcome, every, join, start_writers, wait_until

SEED = random.randrange(10**6)
MIB = 1024 * 1024
ROUNDS = 5


def drain(server, login=None, reader=None):
    print(f"seed {SEED}")
    everybody = []
    for number in range(ROUNDS):
        writers = start_writers(server.url, 8, f"s{number}", login, SEED)
        wait_until(every(writers, lambda writer: writer.acknowledged > 10), "some writes of every client", 60)
        code = server.stop()
        join(writers)
        everybody += writers
        if conftest.is_real_oxflow():
            assert code == 0
            assert [answer for writer in writers for answer in writer.refused] == []
            assert "every request was answered" in server.log()
            # Whatever was carried out has been answered.
            for request in (request for writer in writers for request in writer.history):
                if request.outcome is Outcome.UNKNOWN:
                    request.outcome = Outcome.REFUSED
        server.start()
        check(server.url, writers, f"s{number} ", login=reader)
        assert temporary_files(server.artifacts) == []
    check(server.url, everybody, login=reader)
    print(f"{ROUNDS} stops, {sum(w.acknowledged for w in everybody)} acknowledged")


def test_writes_in_flight_are_answered_before_the_server_stops(new_oxflow, backend):
    drain(new_oxflow().start())


@pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises")
def test_writes_of_users_are_answered_before_the_server_stops(new_oxflow, backend, database_of, tmp_path):
    users = Users(tmp_path / "users", uri=None if backend == "sqlite" else database_of("users").uri)
    server = new_oxflow(flags=["--app-name", "basic-auth"], variables=users.variables).start()
    add(server, ALICE)
    drain(server, ALICE, ADMIN)


def accepts(server):
    address = urllib.parse.urlsplit(server.url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=2).close()
        return True
    except OSError:
        return False


def begin_json(server, content, sent):
    """A request with a JSON body of which only the beginning is sent."""
    address = urllib.parse.urlsplit(server.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=30)
    head = ["POST /api/2.0/mlflow/experiments/create HTTP/1.1", f"host: {address.netloc}", "expect: 100-continue"]
    head += ["content-type: application/json", f"content-length: {len(content)}"]
    connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
    assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
    connection.sendall(content[:sent])
    return connection


def rest_of(connection):
    return b"".join(iter(lambda: connection.recv(65536), b""))


@conftest.on_sqlite
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_requests_in_flight_are_finished(oxflow, framing):
    """An upload and a request of which half has come; connections that wait for nothing are closed at once."""
    half = os.urandom(4 * MIB)
    idle = Connection(oxflow.url)
    assert idle.send("GET", "/health")[0] == 200
    upload = Upload(oxflow, put("0/in-flight.bin"), framing, 2 * len(half))
    upload.send(half)
    body = b'{"name": "half of it"}'
    request = begin_json(oxflow, body, 7)
    oxflow.terminate()
    wait_until(lambda: not accepts(oxflow), "no new connections are taken", 10)
    if conftest.is_real_oxflow():
        assert idle.connection.sock.recv(1) == b"", "an idle connection stays open"
    assert oxflow.process.poll() is None, "the server stopped although requests were in flight"
    request.sendall(body[7:])
    answer = rest_of(request)
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:500]
    upload.send(half)
    if upload.is_chunked:
        upload.socket.sendall(b"0\r\n\r\n")
    answer = rest_of(upload.socket)
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:500]
    code = oxflow.wait(30)
    if conftest.is_real_oxflow():
        assert code == 0
    assert (oxflow.artifacts / "0" / "in-flight.bin").read_bytes() == half + half
    oxflow.start()
    Api(oxflow.url).get("experiments/get-by-name", experiment_name="half of it")


@pytest.mark.slow
@conftest.on_sqlite
@pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises")
def test_a_head_that_never_ends_does_not_keep_the_server(oxflow):
    """No request yet: once it has had the 15 s of every head its connection is closed, and the server ends."""
    address = urllib.parse.urlsplit(oxflow.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=30)
    connection.sendall(b"GET /health HTTP/1.1\r\nhost: ")
    assert Connection(oxflow.url).send("GET", "/health")[0] == 200
    oxflow.terminate()
    answer = rest_of(connection)
    assert not answer.startswith(b"HTTP/1.1 2"), answer
    assert oxflow.wait(30) == 0


@conftest.on_sqlite
@pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises")
def test_what_takes_longer_than_its_grace_is_cut_off(new_oxflow):
    server = new_oxflow(flags=["--shutdown-grace", "200ms"]).start()
    _, path = put("0/file.bin")
    assert Connection(server.url).send("PUT", path, b"before")[0] == 200
    upload = Upload(server, put("0/file.bin"), "length")
    upload.send(os.urandom(MIB))
    request = begin_json(server, b'{"name": "half of it"}', 7)
    server.terminate()
    # That not everything was finished shows in the exit code and in the log.
    assert server.wait(30) == 1
    assert "some requests were cut off" in server.log()
    assert not rest_of(request).startswith(b"HTTP/1.1 200")
    server.start()
    assert Connection(server.url).send("GET", path) == (200, b"before")
    Api(server.url).call("GET", "experiments/get-by-name", params={"experiment_name": "half of it"}, status=404)


@conftest.on_sqlite
@pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises")
@pytest.mark.parametrize("second", ["SIGTERM", "SIGINT"])
def test_a_second_signal_ends_the_server_at_once(oxflow, second):
    api = Api(oxflow.url)
    run = api.run("0")
    upload = Upload(oxflow, put("0/file.bin"), "length")
    upload.send(os.urandom(MIB))
    oxflow.terminate()
    wait_until(lambda: not accepts(oxflow), "no new connections are taken", 10)
    assert oxflow.process.poll() is None
    # Two at nearly the same time are one request to stop, so it is sent until it counts.
    deadline = time.monotonic() + 10
    while oxflow.process.poll() is None:
        assert time.monotonic() < deadline, "the second signal did not end it"
        oxflow.process.send_signal(getattr(signal, second))
        time.sleep(0.05)
    assert oxflow.process.returncode == 1
    assert "stopping at once" in oxflow.log()
    oxflow.start()
    assert Api(oxflow.url).get("runs/get", run_id=run)["run"]["info"]["run_id"] == run
    assert Connection(oxflow.url).send("GET", f"{ARTIFACTS}/0/file.bin")[0] == 404
