"""Many clients at once, and large artifacts."""

import concurrent.futures
import hashlib
import http.client
import os
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
