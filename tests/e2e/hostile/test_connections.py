"""Connections that are slow, half open, many, or never read. Nobody waits here for a time limit to pass: what is checked is
that others are served meanwhile, and that nothing is left afterwards."""

import base64
import contextlib
import json
import os
import pathlib
import select
import socket
import struct
import time

import pytest
from hostile import raw
from hostile.raw import connect, request
from hostile.rows import API, FILES, HEALTH, JSON

MIB = 2**20

# As many connections as one address may have. security.md, section 9.
PER_ADDRESS = 512

BODY = b'{"experiment_ids":["0"]}'
SEARCH = request("POST", f"{API}/runs/search", JSON, body=BODY, close=False)

on_both = pytest.mark.parametrize("victim", ["sqlite", "login"], indirect=True)


def wait_until(condition, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        time.sleep(0.02)


def descriptors(victim):
    return len(os.listdir(f"/proc/{victim.server.process.pid}/fd"))


@pytest.fixture
def nothing_left(victim):
    """The server closes what it opened."""
    before = descriptors(victim)
    yield
    wait_until(lambda: descriptors(victim) <= before + 8, f"{before} open files as before, there are more")


def reset(connection):
    """Closes with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def is_over(connection):
    """Whether the server closes, after an answer or without one."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


@on_both
def test_a_header_that_comes_byte_by_byte_is_a_header(victim, nothing_left):
    answers = raw.exchange(victim.address, (bytes([byte]) for byte in HEALTH))
    assert [answer.status for answer in answers] == [200]


@on_both
@pytest.mark.parametrize("cut", [0, 1, 10, len(SEARCH) // 2, len(SEARCH) - len(BODY), len(SEARCH) - 1])
def test_headers_that_stop_somewhere_hold_nobody_up(victim, nothing_left, cut):
    with contextlib.ExitStack() as open_ones:
        for _ in range(100):
            connection = open_ones.enter_context(connect(victim.address))
            connection.sendall(SEARCH[:cut])
        assert victim.well_within(1) is None


@on_both
@pytest.mark.parametrize("end", ["FIN", "RST", "half"])
@pytest.mark.parametrize("cut", [0, 1, 20, len(SEARCH) - len(BODY), len(SEARCH) - 1])
def test_a_connection_may_end_anywhere(victim, nothing_left, cut, end):
    for _ in range(20):
        connection = connect(victim.address)
        connection.sendall(SEARCH[:cut])
        if end == "RST":
            reset(connection)
        elif end == "FIN":
            connection.close()
        else:
            connection.shutdown(socket.SHUT_WR)
            assert is_over(connection)
            connection.close()


@pytest.mark.parametrize("end", [reset, socket.socket.close])
def test_an_upload_that_breaks_off_leaves_no_file(victim, nothing_left, end):
    root = victim.server.folder / "mlartifacts"
    for number in range(20):
        connection = connect(victim.address)
        head = request("PUT", f"{FILES}/artifacts/0/broken{number}", f"Content-Length: {8 * MIB}", length=False, close=False)
        connection.sendall(head + bytes(MIB))
        end(connection)
    wait_until(lambda: not list((root / ".oxflow-tmp").glob("*")), "no temporary file")
    assert not list(root.rglob("broken*"))


def test_uploads_that_stall_hold_nobody_up(victim, nothing_left):
    root = victim.server.folder / "mlartifacts"
    with contextlib.ExitStack() as open_ones:
        for number in range(100):
            connection = open_ones.enter_context(connect(victim.address))
            head = request("PUT", f"{FILES}/artifacts/0/stalled{number}", "Content-Length: 100000", length=False, close=False)
            connection.sendall(head + b"x")
        assert victim.well_within(1) is None
        payload = request("PUT", f"{FILES}/artifacts/0/meanwhile", body=b"x")
        assert raw.exchange(victim.address, payload)[0].status == 200
        raw.exchange(victim.address, request("DELETE", f"{FILES}/artifacts/0/meanwhile"))
    wait_until(lambda: not list((root / ".oxflow-tmp").glob("*")), "no temporary file")
    assert not list(root.rglob("stalled*"))


def test_nobody_is_asked_for_a_body_before_a_login(victims):
    victim = victims("login")
    for length in ("Content-Length: 33000000", "Content-Length: 100000000", "Transfer-Encoding: chunked"):
        for method, path in (("POST", f"{API}/runs/search"), ("PUT", f"{FILES}/artifacts/0/x"), ("POST", "/graphql"), ("POST", "/unknown")):
            with connect(victim.address) as connection:
                connection.sendall(request(method, path, JSON, length, length=False, close=False))
                assert connection.recv(100).startswith(b"HTTP/1.1 401 "), path


@pytest.mark.parametrize("how", ["announced", "expected", "chunked", "in a text"])
def test_a_body_over_32_mib_is_413(victim, how):
    path = f"{API}/runs/search"
    if how == "announced":
        payload = request("POST", path, JSON, f"Content-Length: {32 * MIB + 1}", length=False)
    elif how == "expected":
        payload = request("POST", path, JSON, "Expect: 100-continue", f"Content-Length: {33 * MIB}", length=False)
    elif how == "chunked":
        payload = blocks(request("POST", path, JSON, "Transfer-Encoding: chunked", length=False), 33)
    else:
        payload = blocks(request("POST", path, JSON, "Transfer-Encoding: chunked", length=False) + b'6\r\n{"a":"\r\n', 33)
    answer = raw.exchange(victim.address, payload)[0]
    told = json.loads(answer.body)
    assert (answer.status, told["error_code"]) == (413, "RESOURCE_EXHAUSTED") and str(32 * MIB) in told["message"]


def blocks(head, count):
    yield head
    for _ in range(count):
        yield b"100000\r\n" + b" " * MIB + b"\r\n"
    yield b"0\r\n\r\n"


def test_300_mib_of_bodies_at_once_are_refused_beyond_256(victim, nothing_left):
    """Ten bodies of 30 MiB, each but for its last MiB."""
    victim.limit += 256 * MIB
    size = 30 * MIB
    head = request("POST", f"{API}/runs/search", JSON, f"Content-Length: {size}", length=False)
    with contextlib.ExitStack() as open_ones:
        connections = []
        for _ in range(10):
            connection = open_ones.enter_context(connect(victim.address))
            connections.append(connection)
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(head)
                for _ in range(size // MIB - 1):
                    connection.sendall(b" " * MIB)
        answered, _, _ = select.select(connections, [], [], 10)
        assert answered, "more than 256 MiB of bodies were taken"
        for connection in answered:
            assert connection.recv(65536).startswith(b"HTTP/1.1 503 ")
        assert victim.well_within(1) is None
    # What they held is there again.
    good = request("POST", f"{API}/runs/search", JSON, body=b"{}" + b" " * size)
    wait_until(lambda: raw.exchange(victim.address, good)[0].status == 200, "the memory to be there again")


def test_whoever_does_not_read_is_not_held_in_memory(victim, nothing_left):
    path = f"{FILES}/artifacts/0/large"
    assert raw.exchange(victim.address, request("PUT", path, body=bytes(64 * MIB)))[0].status == 200
    before = victim.server.memory("VmRSS")
    with contextlib.ExitStack() as open_ones:
        for _ in range(60):
            connection = open_ones.enter_context(connect(victim.address, receive_bytes=4096))
            connection.sendall(request("GET", path))
        for _ in range(60):
            connection = open_ones.enter_context(connect(victim.address, receive_bytes=4096))
            connection.sendall(request("GET", path, close=False) * 50)
        assert victim.well_within(1) is None
        assert victim.server.memory("VmRSS") - before < 128 * MIB, "buffered for who does not read"
    assert raw.exchange(victim.address, request("DELETE", path))[0].status == 200


@pytest.mark.parametrize("victim", ["login"], indirect=True)
def test_wrong_passwords_from_many_addresses_take_little_memory(victim, nothing_left):
    """Every address is new, so none has to wait; each hash takes 19 MiB, but few are made at a time."""
    for first in range(6):
        with contextlib.ExitStack() as open_ones:
            connections = []
            for last in range(10):
                connection = open_ones.enter_context(connect(victim.address, source=f"127.0.{first + 1}.{last + 1}"))
                secret = base64.b64encode(f"nobody-{first}-{last}:wrong".encode()).decode()
                connection.sendall(request("GET", f"{API}/experiments/search?max_results=1", f"Authorization: Basic {secret}"))
                connections.append(connection)
            for connection in connections:
                assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")


@on_both
def test_ten_thousand_requests_at_once_on_one_connection(victim, nothing_left):
    """The reading side closes without having read them; then one reads them all."""
    payload = request("GET", "/health", close=False) * 10_000
    with connect(victim.address) as connection:
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while payload:
                connection.send(payload)
    answers = raw.exchange(victim.address, payload + HEALTH, seconds=30)
    assert [answer.status for answer in answers] == [200] * 10_001


def test_two_thousand_quick_connections(victim, nothing_left):
    for number in range(2000):
        connection = connect(victim.address)
        if number % 3 == 0:
            connection.sendall(b"GET /")
        (reset if number % 2 else socket.socket.close)(connection)
    wait_until(lambda: victim.well_within(1) is None, "a good answer")


@on_both
def test_a_600th_connection_of_an_address_is_refused_and_places_come_back(victim, nothing_left):
    with contextlib.ExitStack() as open_ones:
        connections = []
        for _ in range(600):
            connections.append(open_ones.enter_context(connect(victim.address)))
        for connection in connections:
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(request("GET", "/health", close=False))
        served = sum(is_served(connection) for connection in connections)
        # Some of the places may still be those of tests before.
        assert PER_ADDRESS - 32 <= served <= PER_ADDRESS
    wait_until(lambda: victim.well_within(1) is None, "places for good requests")


def is_served(connection):
    try:
        return connection.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def test_files_planted_by_uploads_do_not_pile_up(victim):
    assert not list(pathlib.Path(victim.server.folder, "mlartifacts", ".oxflow-tmp").glob("*"))
