"""Artifacts in S3 and in Azure Blob Storage, through the server's proxy and past it, with the real clients.

`tools/object-stores` starts the stores; without it these tests are skipped.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import urllib.parse

import conftest
import pytest
import requests
from conftest import HERE, client_python
from disks import new_disk  # noqa: F401  (a fixture)
from servers import Api, clean_environment, free_port
from test_login import ADMIN, ALICE, Users, add
from writers import ARTIFACTS, wait_until

pytestmark = [
    conftest.on_sqlite,
    pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises"),
    pytest.mark.skipif("OXFLOW_TEST_S3" not in os.environ, reason="tools/object-stores runs a command with stores"),
]

MIB = 1024 * 1024
CLIENT = HERE / "object_stores_client.py"


@pytest.fixture(autouse=True)
def only_on_sqlite(backend):
    pass


class S3:
    name = "s3"

    def __init__(self, folder):
        self.root = f"s3://{os.environ['OXFLOW_TEST_S3_BUCKET']}/{folder}"
        self.variables = {
            "MLFLOW_S3_ENDPOINT_URL": os.environ["OXFLOW_TEST_S3"],
            "AWS_ACCESS_KEY_ID": "oxflow-key",
            "AWS_SECRET_ACCESS_KEY": "oxflow-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }


class Azure:
    name = "azure"

    def __init__(self, folder):
        container = os.environ["OXFLOW_TEST_AZURE_CONTAINER"]
        self.root = f"wasbs://{container}@devstoreaccount1.blob.core.windows.net/{folder}"
        self.variables = {"AZURE_STORAGE_CONNECTION_STRING": os.environ["OXFLOW_TEST_AZURE"]}


class Local:
    name = "local"

    def __init__(self, folder):
        self.root = None
        self.variables = {}


@pytest.fixture(params=[S3, Azure, Local], ids=lambda kind: kind.name)
def store(request, tmp_path):
    return request.param(f"{tmp_path.parent.name}-{tmp_path.name}".replace("_", "-"))


def start(new_oxflow, store, flags=(), **variables):
    server = new_oxflow(flags=list(flags), variables={**store.variables, **variables})
    if store.root:
        server.artifacts = store.root
    return server.start()


def day(client, url, folder, large_mib, **variables):
    """What a client does in a day with artifacts: object_stores_client.py."""
    environment = clean_environment(MLFLOW_TRACKING_URI=url, GIT_PYTHON_REFRESH="quiet", **variables)
    command = [client_python(client), str(CLIENT), str(folder), str(large_mib)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return done.stdout


class Peak:
    """How much memory the server took at most, in MiB over what it had."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        # Forgets the peak until now.
        pathlib.Path(f"/proc/{self.server.process.pid}/clear_refs").write_text("5")
        self.before = self.server.memory("VmRSS")
        return self

    def __exit__(self, *_):
        self.mib = (self.server.memory("VmHWM") - self.before) / MIB


@pytest.mark.parametrize("client", ["3.17.2", "2.11.3"])
def test_a_day_through_the_proxy(new_oxflow, store, client, tmp_path):
    server = start(new_oxflow, store)
    with Peak(server) as peak:
        out = day(client, server.url, tmp_path / "files", 40)
    print(out, f"{peak.mib:.1f} MiB at most")
    assert peak.mib < 64


@pytest.mark.parametrize("client", ["3.17.2", "2.11.3"])
def test_large_files_in_parts(new_oxflow, store, client, tmp_path):
    """The client sends the parts to the store itself, or to the server's own signed URLs, and reads them so, too."""
    server = start(new_oxflow, store, ["--access-log"])
    variables = {
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
        "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "true",
        "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(6 * MIB),
        "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(5 * MIB),
        "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": str(3 * MIB),
    }
    day(client, server.url, tmp_path / "files", 23, **variables)
    log = server.log_file().read_text()
    if store.name == "local":
        assert "mpu/part" in log
    assert "mpu/complete" in log


def test_what_the_server_offers(new_oxflow, store):
    def offers(**variables):
        server = start(new_oxflow, store, **variables)
        said = requests.get(server.url + "/api/3.0/mlflow/server-info").json()
        server.stop()
        return said["multipart_uploads_enabled"], said["multipart_downloads_enabled"]

    is_object_store = store.name != "local"
    assert offers() == (is_object_store, is_object_store)
    assert offers(MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD="true") == (True, True)


@pytest.mark.parametrize("store", [S3, Azure], ids=lambda kind: kind.name, indirect=True)
def test_a_day_past_the_server(new_oxflow, store, tmp_path):
    """The client reaches the store by itself; the server lists and shows what is there, for its pages."""
    server = new_oxflow(
        flags=["--default-artifact-root", store.root, "--no-serve-artifacts"], variables=store.variables
    ).start()
    out = day("3.17.2", server.url, tmp_path / "files", 12, **store.variables)
    run = re.search(r"run ([0-9a-f]{32})", out).group(1)
    listed = requests.get(f"{server.url}/api/2.0/mlflow/artifacts/list", {"run_id": run, "path": "many"}).json()
    assert len(listed["files"]) == 100, listed
    got = requests.get(f"{server.url}/get-artifact", {"run_id": run, "path": "many/0/7.txt"})
    assert (got.status_code, got.content) == (200, b"7"), got.text
    signed = requests.post(
        f"{server.url}/api/2.0/mlflow/artifacts/presigned-download-url", json={"run_id": run, "path": "many/0/7.txt"}
    ).json()
    assert signed["file_size"] == 1 and requests.get(signed["presigned_url"]).content == b"7"
    signed = requests.post(
        f"{server.url}/api/2.0/mlflow/artifacts/presigned-upload-url", json={"run_id": run, "path": "new.txt"}
    ).json()
    put = requests.put(signed["presigned_url"], b"new", headers={"x-ms-blob-type": "BlockBlob"})
    assert put.ok, put.text
    assert requests.get(f"{server.url}/get-artifact", {"run_id": run, "path": "new.txt"}).content == b"new"


def test_signed_urls_are_checked(new_oxflow):
    server = new_oxflow().start()
    path = f"{server.url}{ARTIFACTS}/0/a file.bin"
    assert requests.put(path, b"content").ok
    signed = requests.get(f"{server.url}/api/2.0/mlflow-artifacts/presigned/0/a file.bin").json()
    assert signed["file_size"] == 7 and signed["url"].startswith(server.url)
    assert requests.get(signed["url"]).content == b"content"
    assert requests.get(signed["url"], headers={"Range": "bytes=1-3"}).content == b"ont"
    for other in [
        signed["url"].replace("a%20file", "b%20file"),
        re.sub(r"expires=\d+", "expires=99999999999", signed["url"]),
        re.sub(r"expires=\d+", "expires=1", signed["url"]),
        re.sub(r"signature=..", "signature=zz", signed["url"]),
        re.sub(r"signature=.*", "", signed["url"]),
        signed["url"].split("?")[0],
    ]:
        answer = requests.get(other)
        assert (answer.status_code, answer.json()["error_code"]) == (403, "PERMISSION_DENIED"), (other, answer.text)
    begun = requests.post(
        f"{server.url}/api/2.0/mlflow-artifacts/mpu/create/0/deep", json={"path": "/home/me/w.bin", "num_parts": 2}
    ).json()
    urls = [part["url"] for part in begun["credentials"]]
    assert [part["part_number"] for part in begun["credentials"]] == [1, 2]
    assert requests.put(urls[0].replace("part_number=1", "part_number=2"), b"x").status_code == 403
    assert requests.put(urls[0].replace("w.bin", "v.bin"), b"x").status_code == 403
    etags = [requests.put(url, content).headers["etag"] for url, content in zip(urls, [b"one ", b"two"])]
    complete = f"{server.url}/api/2.0/mlflow-artifacts/mpu/complete/0/deep"
    parts = [{"part_number": i + 1, "etag": etag, "url": urls[i]} for i, etag in enumerate(etags)]
    wrong = requests.post(complete, json={"path": "other.bin", "upload_id": begun["upload_id"], "parts": parts})
    assert wrong.status_code == 404, wrong.text
    for fewer in [parts[1:], parts + parts[:1], [{**parts[0], "etag": "x"}, parts[1]]]:
        refused = requests.post(complete, json={"path": "w.bin", "upload_id": begun["upload_id"], "parts": fewer})
        assert refused.status_code == 400, refused.text
    done = requests.post(complete, json={"path": "w.bin", "upload_id": begun["upload_id"], "parts": parts})
    assert (done.status_code, done.json()) == (200, {}), done.text
    assert requests.get(f"{server.url}{ARTIFACTS}/0/deep/w.bin").content == b"one two"
    # A client whose answer was lost asks again, perhaps when somebody else has replaced the file.
    for content in [b"one two", b"newer"]:
        requests.put(f"{server.url}{ARTIFACTS}/0/deep/w.bin", content).raise_for_status()
        again = requests.post(complete, json={"path": "w.bin", "upload_id": begun["upload_id"], "parts": parts})
        assert (again.status_code, again.json()) == (200, {}), again.text
        fewer = requests.post(complete, json={"path": "w.bin", "upload_id": begun["upload_id"], "parts": parts[:1]})
        assert fewer.status_code == 400, fewer.text
        assert requests.put(urls[0], b"late").status_code == 404
        abort = requests.post(
            complete.replace("complete", "abort"), json={"path": "w.bin", "upload_id": begun["upload_id"]}
        )
        assert (abort.status_code, abort.json()) == (200, {}), abort.text
        assert requests.get(f"{server.url}{ARTIFACTS}/0/deep/w.bin").content == content


def test_signed_urls_work_on_a_server_with_a_login(new_oxflow, tmp_path):
    """Whoever may write gets URLs, and those carry the right; whoever may not gets none."""
    users = Users(tmp_path / "users")
    server = new_oxflow(flags=["--app-name", "basic-auth"], variables=users.variables).start()
    add(server, ALICE)
    create = f"{server.url}/api/2.0/mlflow-artifacts/mpu/create/0"
    body = {"path": "w.bin", "num_parts": 1}
    assert requests.post(create, json=body).status_code == 401
    assert requests.post(create, json=body, auth=ALICE).status_code == 403
    begun = requests.post(create, json=body, auth=ADMIN).json()
    put = requests.put(begun["credentials"][0]["url"], b"content")
    assert put.ok, put.text
    parts = [{"part_number": 1, "etag": put.headers["etag"]}]
    complete = create.replace("create", "complete")
    body = {"path": "w.bin", "upload_id": begun["upload_id"], "parts": parts}
    assert requests.post(complete, json=body).status_code == 401
    assert requests.post(complete, json=body, auth=ADMIN).ok
    presigned = f"{server.url}/api/2.0/mlflow-artifacts/presigned/0/w.bin"
    assert requests.get(presigned).status_code == 401
    assert requests.get(requests.get(presigned, auth=ADMIN).json()["url"]).content == b"content"


class OwnStore:
    """An S3 server of the test's own, which it may stop and start."""

    def __init__(self, folder):
        self.folder = folder / "own-s3"
        (self.folder / "own").mkdir(parents=True)
        self.port = free_port()
        self.process = None
        self.root = "s3://own/x"
        self.variables = {
            "MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "k",
            "AWS_SECRET_ACCESS_KEY": "s",
        }

    def start(self):
        binary = os.environ["OXFLOW_TEST_S3_SERVER"]
        command = [binary, "--host", "127.0.0.1", "--port", str(self.port), "--access-key", "k", "--secret-key", "s"]
        self.process = subprocess.Popen(
            [*command, str(self.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self.answers, "an answer of s3s-fs", 30)
        return self

    def answers(self):
        with contextlib.suppress(requests.RequestException):
            requests.get(f"http://127.0.0.1:{self.port}/", timeout=5)
            return True
        return False

    def stop(self):
        self.process.kill()
        self.process.wait()


def test_the_store_is_down_for_a_while(new_oxflow, tmp_path):
    own = OwnStore(tmp_path).start()
    try:
        server = start(new_oxflow, own)
        path = f"{server.url}{ARTIFACTS}/0/file.bin"
        assert requests.put(path, b"first").ok
        own.stop()
        for answer in [requests.put(path, b"second"), requests.get(path), requests.get(f"{server.url}{ARTIFACTS}?path=0")]:
            said = answer.json()
            assert (answer.status_code, said["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE"), answer.text
            assert "s3://own does not answer" in said["message"], said
        assert requests.get(server.url + "/health").ok
        own.start()
        assert requests.get(path).content == b"first"
        assert requests.put(path, b"third").ok and requests.get(path).content == b"third"
    finally:
        own.stop()


def test_the_disk_of_the_store_is_full(new_disk, new_oxflow):
    """What does not fit there is said and nowhere to be seen; it works again without a restart."""
    disk = new_disk(32 * MIB)
    own = OwnStore(disk.folder).start()
    try:
        server = start(new_oxflow, own)
        path = f"{server.url}{ARTIFACTS}/0/file.bin"
        assert requests.put(path, b"first").ok
        for size, target in [(1 * MIB, path), (40 * MIB, path), (40 * MIB, f"{server.url}{ARTIFACTS}/0/new.bin")]:
            disk.fill()
            answer = requests.put(target, bytes(size))
            said = answer.json()
            assert (answer.status_code, said["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE"), answer.text
            assert "s3://own does not answer" in said["message"], said
            assert requests.get(path).content == b"first"
            listed = requests.get(f"{server.url}{ARTIFACTS}?path=0").json()["files"]
            assert [file["path"] for file in listed] == ["file.bin"]
            disk.clear()
        assert requests.put(path, b"second").ok and requests.get(path).content == b"second"
    finally:
        own.stop()


def test_an_upload_that_is_cut_leaves_nothing(new_oxflow, store):
    server = start(new_oxflow, store)
    address = urllib.parse.urlsplit(server.url)
    for size in [100_000, 20 * MIB]:
        connection = http.client.HTTPConnection(address.hostname, address.port)
        connection.putrequest("PUT", f"{ARTIFACTS}/0/cut.bin")
        connection.putheader("content-length", str(size + 1))
        connection.endheaders()
        connection.send(bytes(size))
        connection.close()
    assert requests.put(f"{server.url}{ARTIFACTS}/0/whole.bin", b"x").ok
    files = requests.get(f"{server.url}{ARTIFACTS}?path=0").json()["files"]
    assert [file["path"] for file in files] == ["whole.bin"]


@pytest.mark.parametrize("store", [S3, Azure], ids=lambda kind: kind.name, indirect=True)
def test_folders_below_a_default_root_in_a_store_that_belong_to_nothing(new_oxflow, store):
    flags = ["--no-serve-artifacts", "--default-artifact-root", store.root]
    server = new_oxflow(flags=flags, variables=store.variables).start()
    api = Api(server.url)
    experiment = api.experiment("plain")
    run = api.run(experiment)
    orphan, used = "0123456789abcdef" * 2, "fedcba9876543210" * 2
    imported = api.run(experiment)
    location = f"{store.root}/{experiment}/{used}/artifacts"
    server.database.execute(f"UPDATE runs SET artifact_uri = '{location}' WHERE run_uuid = '{imported}'")
    # Another server on the same store, through which files come there.
    through = new_oxflow("through", variables=store.variables)
    through.artifacts = store.root
    through.start()

    def url(name):
        return f"{through.url}/api/2.0/mlflow-artifacts/artifacts/{experiment}/{name}/artifacts/a.txt"

    for name in [run, used, orphan, f"models/m-{orphan}"]:
        requests.put(url(name), data=b"x", timeout=30).raise_for_status()

    def orphans(*more):
        command = [os.environ["OXFLOW_BIN"], "gc", "--json", "--backend-store-uri", server.database.uri]
        command += ["--default-artifact-root", store.root, *more]
        environment = clean_environment(**store.variables)
        done = subprocess.run(command, cwd=server.folder, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["orphans"]

    expected = [f"{store.root}/{experiment}/{name}" for name in [orphan, f"models/m-{orphan}"]]
    assert orphans("--orphans") == expected
    assert orphans("--delete-orphans") == expected
    there = {name: requests.get(url(name), timeout=30).status_code for name in [run, used, orphan, f"models/m-{orphan}"]}
    assert there == {run: 200, used: 200, orphan: 404, f"models/m-{orphan}": 404}
    assert orphans("--orphans") == []
