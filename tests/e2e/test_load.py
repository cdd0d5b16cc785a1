"""Many clients at once, large artifacts, and stopping in the middle of work."""

import concurrent.futures
import hashlib
import http.client
import os
import socket
import threading
import time
import urllib.parse

import conftest
import pytest
import requests
from servers import Api

GIB = 1024**3
BLOCK = 1024 * 1024


def test_sixteen_clients_log_single_metrics(oxflow, api):
    experiment = api.experiment("sixteen")
    runs = [api.run(experiment, run_name=f"r{number}") for number in range(16)]
    shared = api.run(experiment, run_name="shared")

    def client(number):
        own = Api(oxflow.url)
        for step in range(100):
            own.post("runs/log-metric", run_id=runs[number], key="m", value=step / 7, timestamp=step, step=step)
            own.post("runs/log-metric", run_id=shared, key="m", value=step, timestamp=step, step=step * 16 + number)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(client, number) for number in range(16)]:
            done.result()
    for run in runs:
        history = api.get("metrics/get-history", run_id=run, metric_key="m")["metrics"]
        assert [(point["step"], point["value"]) for point in history] == [(step, step / 7) for step in range(100)]
    history = api.get("metrics/get-history", run_id=shared, metric_key="m")["metrics"]
    assert sorted(point["step"] for point in history) == list(range(1600))
    latest = api.get("runs/get", run_id=shared)["run"]["data"]["metrics"][0]
    assert (latest["step"], latest["value"]) == (99 * 16 + 15, 99.0)


def upload_blocks(address, path, count):
    """PUTs `count` blocks of pseudo-random bytes without holding them; returns the status and their hash."""
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=600)
    connection.putrequest("PUT", path)
    connection.putheader("content-length", str(count * BLOCK))
    connection.endheaders()
    base, sent = os.urandom(BLOCK), hashlib.sha256()
    for number in range(count):
        block = number.to_bytes(8, "big") + base[8:]
        sent.update(block)
        connection.send(block)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, sent.hexdigest()


@pytest.mark.slow
@conftest.on_sqlite
def test_a_gibibyte_goes_through_in_constant_memory(oxflow, api):
    path = "/api/2.0/mlflow-artifacts/artifacts/0/large.bin"
    # A first small file, so that what is set up once is not counted.
    api.call("PUT", path, data=b"x" * BLOCK)
    api.call("GET", path)
    before = oxflow.memory("VmHWM")
    started = time.monotonic()
    status, sent = upload_blocks(urllib.parse.urlsplit(oxflow.url), path, GIB // BLOCK)
    assert status == 200
    up = time.monotonic() - started
    after_upload = oxflow.memory("VmHWM")
    assert (oxflow.artifacts / "0" / "large.bin").stat().st_size == GIB

    received, started = hashlib.sha256(), time.monotonic()
    with requests.get(oxflow.url + path, stream=True, timeout=600) as answer:
        assert answer.status_code == 200 and answer.headers["content-length"] == str(GIB)
        for block in answer.iter_content(BLOCK):
            received.update(block)
    down = time.monotonic() - started
    after_download = oxflow.memory("VmHWM")
    print(
        f"up {up:.1f} s, down {down:.1f} s, peak {before / 2**20:.0f} -> {after_upload / 2**20:.0f} -> {after_download / 2**20:.0f} MiB"
    )
    assert received.hexdigest() == sent
    api.call("DELETE", path)
    if conftest.is_real_oxflow():
        assert after_download - before < 32 * 2**20, "the server's peak memory grew with the size of the artifact"


@conftest.on_sqlite
def test_an_upload_in_flight_is_finished_before_the_server_stops(oxflow):
    address = urllib.parse.urlsplit(oxflow.url)
    half = os.urandom(4 * BLOCK)
    head = [
        "PUT /api/2.0/mlflow-artifacts/artifacts/0/in-flight.bin HTTP/1.1",
        f"host: {address.netloc}",
        f"content-length: {2 * len(half)}",
        "expect: 100-continue",
        "connection: close",
    ]
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        # The server asks for the body: from here on the upload is in its hands.
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        connection.sendall(half)
        oxflow.terminate()
        wait_until(lambda: not accepts(address), "no new connections are taken")
        assert oxflow.process.poll() is None, "the server stopped although an upload was in flight"
        connection.sendall(half)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:500]
    code = oxflow.wait(30)
    if conftest.is_real_oxflow():
        assert code == 0
    assert (oxflow.artifacts / "0" / "in-flight.bin").read_bytes() == half + half


def accepts(address):
    try:
        socket.create_connection((address.hostname, address.port), timeout=2).close()
        return True
    except OSError:
        return False


def wait_until(condition, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        time.sleep(0.02)


@conftest.on_sqlite
def test_a_broken_upload_leaves_nothing_behind(oxflow, api):
    address = urllib.parse.urlsplit(oxflow.url)
    path = "/api/2.0/mlflow-artifacts/artifacts/0/broken/half.bin"
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    connection.putrequest("PUT", path)
    connection.putheader("content-length", str(8 * BLOCK))
    connection.endheaders()
    connection.send(os.urandom(BLOCK))
    connection.close()
    # Nothing to wait for that a client could see: the file must not be there, now or later.
    for _ in range(20):
        assert requests.get(oxflow.url + path, timeout=10).status_code == 404
        time.sleep(0.05)
    listed = api.get("/api/2.0/mlflow-artifacts/artifacts", path="0/broken").get("files", [])
    assert listed == []


def test_writes_in_flight_are_answered_before_the_server_stops(oxflow, api):
    """Every request that the server took is answered and stored; later ones are refused, not lost half-way."""
    experiment = api.experiment("stopping")
    run = api.run(experiment)
    acknowledged, unclear = set(), []

    def write(number):
        own = Api(oxflow.url)
        for step in range(10_000):
            try:
                own.post("runs/log-metric", run_id=run, key=f"m{number}", value=step, timestamp=step, step=step)
            except requests.RequestException:
                return
            except AssertionError as error:
                unclear.append(str(error))
                return
            acknowledged.add((number, step))

    threads = [threading.Thread(target=write, args=(number,), daemon=True) for number in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(acknowledged) > 40, "some writes", seconds=30)
    code = oxflow.stop()
    for thread in threads:
        thread.join(30)
    if conftest.is_real_oxflow():
        assert code == 0
        assert unclear == []
    oxflow.start()
    api = Api(oxflow.url)
    for number in range(4):
        stored = {
            point["step"]
            for point in api.get("metrics/get-history", run_id=run, metric_key=f"m{number}").get("metrics", [])
        }
        assert {step for who, step in acknowledged if who == number} <= stored
