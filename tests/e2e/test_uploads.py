"""Uploads that end too early leave nothing, and whoever reads a file while it is replaced or deleted gets all of one."""

import concurrent.futures
import hashlib
import http.client
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import urllib.parse

import conftest
import pytest
from history import temporary_files
from servers import Api
from writers import ARTIFACTS, Connection, content_of, wait_until

pytestmark = conftest.on_sqlite

MIB = 1024 * 1024
# What is sent of an upload before it ends: nothing, less than a batch of the server's, and more.
SENT = [0, 1, 100_000, 3 * MIB]


@pytest.fixture(autouse=True)
def only_on_sqlite(backend):
    pass


class Upload:
    """A request with a body of which the test sends what it likes."""

    def __init__(self, server, target, framing, length=8 * MIB):
        address = urllib.parse.urlsplit(server.url)
        method, path = target
        self.is_chunked = framing == "chunked"
        self.socket = socket.create_connection((address.hostname, address.port), timeout=30)
        body = "transfer-encoding: chunked" if self.is_chunked else f"content-length: {length}"
        head = [f"{method} {path} HTTP/1.1", f"host: {address.netloc}", body, "expect: 100-continue"]
        self.socket.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        # The server asks for the body: from here on the upload is in its hands.
        self.received = self.socket.recv(4096)
        assert self.received.startswith(b"HTTP/1.1 100 "), self.received

    def send(self, content):
        if self.is_chunked and content:
            content = b"%x\r\n" % len(content) + content + b"\r\n"
        self.socket.sendall(content)

    def end(self, how):
        if how == "close":
            self.socket.close()
        elif how == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.close()
        elif how == "half":
            # The client says that nothing more comes, and waits for an answer.
            self.socket.shutdown(socket.SHUT_WR)
            self.answer = b"".join(iter(lambda: self.socket.recv(4096), b""))
            self.socket.close()
        elif how == "bad chunk":
            self.socket.sendall(b"ffffffffffffffffff\r\n")
            self.answer = b"".join(iter(lambda: self.socket.recv(4096), b""))
            self.socket.close()


def put(path):
    return "PUT", f"{ARTIFACTS}/{path}"


def upload_artifact(run, path):
    """As the pages of MLflow do it."""
    return "POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path={path}"


def is_gone(server):
    """No upload is under way any more: neither in the server's hands nor in its temporary folder."""
    wait_until(lambda: temporary_files(server.artifacts) == [], "the temporary file is removed", 10)


def cut_everywhere(server, target, read_path, framing, how):
    """Over nothing, then over a file that is there."""
    connection = Connection(server.url)
    folder, name = read_path.rsplit("/", 1)
    for before in [None, b"the one before" * 1000]:
        if before is not None:
            assert connection.send("PUT", f"{ARTIFACTS}/{read_path}", before)[0] == 200
        for size in SENT:
            upload = Upload(server, target, framing)
            upload.send(os.urandom(size))
            # What a page uploads is small, and is not written before it is whole.
            if size and target[0] == "PUT":
                wait_until(lambda: temporary_files(server.artifacts), "the server is storing it", 10)
            upload.end(how)
            if how in ("half", "bad chunk"):
                assert not upload.answer.startswith(b"HTTP/1.1 200"), upload.answer[:300]
                assert b" 500 " not in upload.answer[:20], upload.answer[:300]
            if conftest.is_real_oxflow():
                is_gone(server)
            status, content = connection.send("GET", f"{ARTIFACTS}/{read_path}")
            assert (status, content) == (200, before) if before is not None else status == 404, (status, content[:100])
            listed = connection.send("GET", ARTIFACTS, {"path": folder})[1].get("files", [])
            assert [file["path"] for file in listed] == ([name] if before is not None else [])


@pytest.mark.parametrize("how", ["close", "reset", "half"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_cut_put(oxflow, framing, how):
    cut_everywhere(oxflow, put("0/cut/file.bin"), "0/cut/file.bin", framing, how)


def test_a_put_with_a_broken_chunk(oxflow):
    cut_everywhere(oxflow, put("0/cut/file.bin"), "0/cut/file.bin", "chunked", "bad chunk")


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_cut_upload_of_a_page(oxflow, framing):
    run = Api(oxflow.url).run("0")
    where = Api(oxflow.url).get("runs/get", run_id=run)["run"]["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
    path = f"{where}/cut/file.bin"
    for how in ["close", "reset", "half"]:
        # To a path of its own each time: the first is always over nothing.
        target, file = upload_artifact(run, f"{how}/file.bin"), f"{where}/{how}/file.bin"
        cut_everywhere(oxflow, target, file, framing, how)
    assert Connection(oxflow.url).send("GET", f"{ARTIFACTS}/{path}")[0] == 404


CLIENT = """
import sys, urllib.parse, http.client
address = urllib.parse.urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(address.hostname, address.port)
connection.putrequest("PUT", sys.argv[2])
connection.putheader("content-length", str(2**40))
connection.endheaders()
while True:
    connection.send(bytes(2**20))
"""


def test_a_client_is_killed_while_it_uploads(oxflow):
    _, path = put("0/killed/file.bin")
    for signal_number in [signal.SIGKILL, signal.SIGTERM]:
        client = subprocess.Popen([sys.executable, "-c", CLIENT, oxflow.url, path])
        folder = oxflow.artifacts / ".oxflow-tmp"
        is_writing = lambda: any((folder / name).stat().st_size > 5 * MIB for name in temporary_files(oxflow.artifacts))
        wait_until(is_writing, "some of the upload has come", 30)
        client.send_signal(signal_number)
        client.wait()
        is_gone(oxflow)
        assert Connection(oxflow.url).send("GET", path)[0] == 404


@pytest.mark.slow
@pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises")
def test_an_upload_that_stalls(oxflow):
    """After 30 s without a byte: 408, and its file goes. The file of before is served all the while."""
    _, path = put("0/stalled/file.bin")
    assert Connection(oxflow.url).send("PUT", path, b"before")[0] == 200
    uploads = [Upload(oxflow, put("0/stalled/file.bin"), framing) for framing in ["length", "chunked"]]
    for upload in uploads:
        upload.send(os.urandom(MIB))
        upload.socket.settimeout(60)
    for upload in uploads:
        answer = b"".join(iter(lambda: upload.socket.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 408 "), answer[:300]
    is_gone(oxflow)
    assert Connection(oxflow.url).send("GET", path) == (200, b"before")


def test_many_put_one_path(oxflow):
    """Whoever reads meanwhile, and whoever reads at the end, gets one of the files, whole."""
    _, path = put("0/one/file.bin")
    sizes = [700_000, 300_001, 1_500_000, 64, 0, 900_000, 4 * MIB, 1]
    contents = [content_of(path, number, size) for number, size in enumerate(sizes)]
    known = {hashlib.sha256(content).digest() for content in contents}
    assert Connection(oxflow.url).send("PUT", path, contents[0])[0] == 200

    def write(number):
        connection = Connection(oxflow.url)
        for _ in range(15):
            assert connection.send("PUT", path, contents[number])[0] == 200

    def read():
        connection = Connection(oxflow.url)
        seen = set()
        while not done.is_set():
            status, content = connection.send("GET", path)
            assert status == 200 and hashlib.sha256(content).digest() in known, f"{status}, {len(content)} bytes of no file"
            seen.add(len(content))
        return seen

    done = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(len(sizes) + 2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for written in [pool.submit(write, number) for number in range(len(sizes))]:
                written.result()
        finally:
            done.set()
        seen = set.union(*[reader.result() for reader in readers])
    print(f"readers saw {len(seen)} of {len(sizes)} contents")
    assert temporary_files(oxflow.artifacts) == []
    listed = Connection(oxflow.url).send("GET", ARTIFACTS, {"path": "0/one"})[1]["files"]
    assert [file["path"] for file in listed] == ["file.bin"]


@pytest.mark.parametrize("what", ["PUT", "DELETE", "DELETE of the folder"])
def test_a_reader_finishes_with_the_old_content(oxflow, what):
    """The file is replaced or deleted after the reader got the first bytes of it, and much of it is still to be sent."""
    connection = Connection(oxflow.url)
    _, path = put("0/read/file.bin")
    old, new = content_of(path, 1, 64 * MIB), content_of(path, 2, 32 * MIB)
    assert connection.send("PUT", path, old)[0] == 200
    address = urllib.parse.urlsplit(oxflow.url)
    reader = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    reader.request("GET", path)
    answer = reader.getresponse()
    content = answer.read(1000)
    if what == "PUT":
        assert connection.send("PUT", path, new)[0] == 200
        assert connection.send("GET", path) == (200, new)
    else:
        gone = path if what == "DELETE" else path.rsplit("/", 1)[0]
        assert connection.send("DELETE", gone)[0] == 200
        assert connection.send("GET", path)[0] == 404
    content += answer.read()
    assert hashlib.sha256(content).digest() == hashlib.sha256(old).digest()
    reader.close()


def test_kill_9_during_an_upload(new_oxflow):
    """Nothing of it is seen, the one before stays; what is left is swept when it is an hour old."""
    server = new_oxflow().start()
    _, path = put("0/killed/file.bin")
    assert Connection(server.url).send("PUT", path, b"before")[0] == 200
    uploads = [Upload(server, put("0/killed/file.bin"), framing) for framing in ["length", "chunked"]]
    for upload in uploads:
        upload.send(os.urandom(3 * MIB))
    wait_until(lambda: len(temporary_files(server.artifacts)) == 2, "both are being stored", 10)
    server.kill()
    server.start()
    left = temporary_files(server.artifacts)
    assert len(left) == 2, "a file of a minute ago may be another server's"
    assert Connection(server.url).send("GET", path) == (200, b"before")
    top = Connection(server.url).send("GET", ARTIFACTS, {"path": ""})[1].get("files", [])
    assert [file["path"] for file in top] == ["0"]
    os.utime(server.artifacts / ".oxflow-tmp" / left[0], (0, 0))
    server.stop()
    server.start()
    assert temporary_files(server.artifacts) == left[1:]
